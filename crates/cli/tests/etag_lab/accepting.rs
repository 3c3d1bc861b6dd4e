//! The four servers at the edge of what the system gives them: descriptors that run out, and clients
//! that have said everything.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Command;

use rustix::process::Signal;

use crate::support::http::Answer;
use crate::support::process::PATIENCE;
use crate::support::served::Served;
use crate::support::{Tested, eventually, home, require};

const ROUTES: &str = r#"{"version":"1","routes":[{"id":"a","zone":"z","spec":{}}]}"#;

/// The command lines of the four, and a target of each.
fn servers(replica: SocketAddr) -> [(String, &'static str); 4] {
    let routes = home().join("routes.json");
    std::fs::write(&routes, ROUTES).expect("the file can be written");
    let routes = routes.display();
    [
        ("replica".to_owned(), "/api/config"),
        (format!("balancer --replica http://{replica}"), "/api/config"),
        (format!("source --store file:{routes}"), "/apis/networking.k8s.io/v1/ingresses"),
        (format!("coalesce --upstream {routes}"), "/metrics"),
    ]
}

/// A server with so few descriptors.
fn start(sh: &std::path::Path, args: &str, descriptors: u32) -> Served {
    let program = env!("CARGO_BIN_EXE_etag-lab");
    let line = format!("ulimit -n {descriptors}; exec {program} {args} --listen 127.0.0.1:0");
    let mut command = Command::new(sh);
    Served::started_by(command.current_dir(home()).env("NO_COLOR", "1").args(["-c", &line]))
}

fn send(stream: &mut TcpStream, target: &str) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {target} HTTP/1.1\r\nHost: lab\r\n\r\n")
}

/// Reads one answer, and nothing after it.
fn read_one(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        stream.read_exact(&mut octet)?;
        head.extend(octet);
    }
    let answer = Answer::read(&head).expect("a head was read");
    let length = answer.field("content-length").and_then(|length| length.parse().ok());
    stream.read_exact(&mut vec![0; length.unwrap_or_default()])
}

/// Everything until the connection ends.
fn answer(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn a_client_that_has_closed_its_sending_side_is_answered() -> Tested {
    let replica = Served::start(&["replica"]);
    for (args, target) in servers(replica.address) {
        let server = Served::start(&args.split(' ').collect::<Vec<_>>());
        let mut client = TcpStream::connect(server.address)?;
        send(&mut client, target)?;
        read_one(&mut client)?;
        // Stopped until the client has closed its side, so that the server finds the request and the
        // end at once.
        server.process.signal(Signal::STOP);
        send(&mut client, target)?;
        client.shutdown(Shutdown::Write)?;
        server.process.signal(Signal::CONT);
        let answer = answer(&mut client)?;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{args}: {answer:?}");
    }
    Ok(())
}

#[test]
fn a_lack_of_descriptors_is_a_line_a_second_and_nobody_is_turned_away() -> Tested {
    let Some(sh) = require("sh") else { return Ok(()) };
    let replica = Served::start(&["replica"]);
    for (args, target) in servers(replica.address) {
        let server = start(&sh, &args, 20);
        let mut clients = Vec::new();
        for _ in 0..30 {
            clients.push(TcpStream::connect(server.address)?);
        }
        let lines = || {
            let said = server.process.stderr();
            let lines: Vec<_> =
                said.lines().filter(|line| line.contains("connections wait")).collect();
            (lines.len() >= 2).then(|| lines.last().copied().unwrap_or_default().to_owned())
        };
        let line = eventually("a second line in the log", PATIENCE, lines);
        let attempts = line.split("attempts=").nth(1).and_then(|rest| rest.split(' ').next());
        let attempts: u32 = attempts.unwrap_or_default().parse()?;
        assert!((10..=50).contains(&attempts), "{line}");
        let mut last = clients.pop().expect("there are thirty");
        drop(clients);
        send(&mut last, target)?;
        last.shutdown(Shutdown::Write)?;
        let answer = answer(&mut last)?;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{args}: {answer:?}");
    }
    Ok(())
}
