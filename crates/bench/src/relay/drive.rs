//! One thread of the relay: waits for sockets, and does for each what its part demands.

use std::io::{self, Read as _, Write as _};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

/// How often a thread without work looks whether it should end.
const STOP_CHECK: Duration = Duration::from_millis(50);

const BUFFER_BYTES: usize = 16 * 1024;

/// Lengths of the messages in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) request: usize,
    pub(super) response: usize,
}

/// What arriving bytes mean to the end of a connection.
#[derive(Clone, Copy, Debug)]
enum End {
    /// So many bytes of the response have come.
    Generator { received: usize },
    /// They go out at this other end.
    Relay { peer: usize },
    /// So many bytes of the request have come.
    Echo { received: usize },
}

/// The ends of connections that one thread serves.
#[derive(Debug)]
pub(super) struct Drive {
    poll: Poll,
    ends: Vec<(TcpStream, End)>,
    sizes: Sizes,
    message: Vec<u8>,
    /// Since they were last told to everybody.
    exchanges: u64,
}

impl Drive {
    pub(super) fn new(sizes: Sizes) -> io::Result<Self> {
        let message = vec![b'x'; sizes.request.max(sizes.response)];
        Ok(Self { poll: Poll::new()?, ends: Vec::new(), sizes, message, exchanges: 0 })
    }

    pub(super) fn add_generator(&mut self, stream: TcpStream) -> io::Result<()> {
        self.add(stream, End::Generator { received: 0 })
    }

    pub(super) fn add_echo(&mut self, stream: TcpStream) -> io::Result<()> {
        self.add(stream, End::Echo { received: 0 })
    }

    pub(super) fn add_relay(&mut self, front: TcpStream, back: TcpStream) -> io::Result<()> {
        let index = self.ends.len();
        self.add(front, End::Relay { peer: index + 1 })?;
        self.add(back, End::Relay { peer: index })
    }

    fn add(&mut self, mut stream: TcpStream, end: End) -> io::Result<()> {
        let token = Token(self.ends.len());
        self.poll.registry().register(&mut stream, token, Interest::READABLE)?;
        self.ends.push((stream, end));
        Ok(())
    }

    /// Exchanges until told to stop; adds the responses that come back to `total`.
    pub(super) fn run(mut self, stop: &AtomicBool, total: &AtomicU64) -> io::Result<()> {
        let request = &self.message[..self.sizes.request];
        for (stream, end) in &mut self.ends {
            if matches!(end, End::Generator { .. }) {
                stream.write_all(request)?;
            }
        }
        let (mut events, mut buffer) = (Events::with_capacity(256), vec![0; BUFFER_BYTES]);
        while !stop.load(Ordering::Relaxed) {
            match self.poll.poll(&mut events, Some(STOP_CHECK)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                polled => polled?,
            }
            for event in &events {
                self.drain(event.token().0, &mut buffer)?;
            }
            total.fetch_add(std::mem::take(&mut self.exchanges), Ordering::Relaxed);
        }
        Ok(())
    }

    /// Reads until there is nothing left. A read that does not fill the buffer says so (epoll(7)),
    /// which saves the one that would only tell that it would block.
    fn drain(&mut self, index: usize, buffer: &mut [u8]) -> io::Result<()> {
        loop {
            let length = match self.ends[index].0.read(buffer) {
                // The thread at the other end has been told to stop and is gone.
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if is_gone(&error) => return Ok(()),
                Err(error) => return Err(error),
            };
            match self.arrived(index, &buffer[..length]) {
                Err(error) if is_gone(&error) => return Ok(()),
                arrived => arrived?,
            }
            if length < buffer.len() {
                return Ok(());
            }
        }
    }

    fn arrived(&mut self, index: usize, bytes: &[u8]) -> io::Result<()> {
        let Self { ends, sizes, message, exchanges, .. } = self;
        let (stream, end) = &mut ends[index];
        // A message and its answer fit into the buffers of a socket, so that writing all of it
        // never has to wait.
        match end {
            End::Relay { peer } => {
                let peer = *peer;
                ends[peer].0.write_all(bytes)
            }
            End::Echo { received } => {
                *received += bytes.len();
                if *received < sizes.request {
                    return Ok(());
                }
                *received -= sizes.request;
                stream.write_all(&message[..sizes.response])
            }
            End::Generator { received } => {
                *received += bytes.len();
                if *received < sizes.response {
                    return Ok(());
                }
                *received -= sizes.response;
                *exchanges += 1;
                stream.write_all(&message[..sizes.request])
            }
        }
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
}
