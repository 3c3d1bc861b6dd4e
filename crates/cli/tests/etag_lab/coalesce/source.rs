//! A source that answers whatever a test wants, and tells what it was asked.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// Behaviour of the source.
#[derive(Clone, Debug)]
pub(crate) enum Behaviour {
    /// With these bytes, and closes.
    Bytes(Vec<u8>),
    /// With content that does not end.
    Endless,
    /// With fields that do not end.
    EndlessFields,
    /// Not at all.
    Silent,
}

/// A running source.
pub(crate) struct Source {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
}

struct State {
    behaviour: Mutex<Behaviour>,
    asked: Mutex<Vec<String>>,
}

impl Source {
    /// Serves until the test program ends.
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = State { behaviour: Mutex::new(behaviour), asked: Mutex::default() };
        let state = Arc::new(state);
        let serving = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&serving);
                // A client that went away is no concern of this server.
                std::thread::spawn(move || _ = state.answer(stream));
            }
        });
        Self { address, state }
    }

    /// Sets the behaviour from now on.
    pub(crate) fn become_(&self, behaviour: Behaviour) {
        *self.state.behaviour.lock().unwrap_or_else(PoisonError::into_inner) = behaviour;
    }

    /// The heads of all requests so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its address as a source of this kind.
    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}/table", self.address)
    }
}

impl State {
    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut request = Vec::new();
        let mut part = [0; 4096];
        while !request.windows(4).any(|window| window == b"\r\n\r\n") {
            match stream.read(&mut part)? {
                0 => return Ok(()),
                count => request.extend_from_slice(&part[..count]),
            }
        }
        let request = String::from_utf8_lossy(&request).into_owned();
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let behaviour = self.behaviour.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match behaviour {
            Behaviour::Bytes(bytes) => stream.write_all(&bytes),
            Behaviour::Silent => stream.read(&mut part).map(|_| ()),
            Behaviour::EndlessFields => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
                loop {
                    stream.write_all(&b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".repeat(100))?;
                }
            }
            Behaviour::Endless => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"routes\":[")?;
                loop {
                    stream.write_all(&[b' '; 16 * 1024])?;
                }
            }
        }
    }
}

/// A response with this status line and content.
pub(crate) fn response(status: &str, content: &str) -> Behaviour {
    with_fields(status, "", content)
}

/// The same with further field lines, each with its end.
pub(crate) fn with_fields(status: &str, fields: &str, content: &str) -> Behaviour {
    let length = content.len();
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n");
    Behaviour::Bytes(format!("{head}{fields}\r\n{content}").into_bytes())
}
