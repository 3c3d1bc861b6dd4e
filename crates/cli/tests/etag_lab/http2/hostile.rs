//! Servers that misuse HTTP/2: each misdeed is an error with a reason, and nothing hangs or grows.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::process::Running;
use crate::support::{ended, poll_json, stderr};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;
const END_STREAM: u8 = 1;
/// `:status: 200`, packed.
const OK: &[u8] = &[0x88];

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Answer to a request: writes to the connection for the stream of this number, the first being 1.
type Act = dyn Fn(&mut TcpStream, u32) -> io::Result<()> + Send + Sync;

/// A server that begins with its settings and does this at each request.
fn server(
    settings: &'static [u8],
    act: impl Fn(&mut TcpStream, u32) -> io::Result<()> + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
    let address = listener.local_addr().expect("bound");
    let act: Arc<Act> = Arc::new(act);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let act = Arc::clone(&act);
            // An error is the end of the connection.
            std::thread::spawn(move || serve(stream, settings, &*act));
        }
    });
    address
}

fn serve(mut stream: TcpStream, settings: &[u8], act: &Act) -> io::Result<()> {
    stream.read_exact(&mut [0; 24])?;
    stream.write_all(&frame(SETTINGS, 0, 0, settings))?;
    loop {
        let mut header = [0; 9];
        stream.read_exact(&mut header)?;
        let [_, a, b, kind, flags, number @ ..] = header;
        let mut payload = vec![0; usize::from(u16::from_be_bytes([a, b]))];
        stream.read_exact(&mut payload)?;
        match kind {
            SETTINGS if flags == 0 => stream.write_all(&frame(SETTINGS, 1, 0, &[]))?,
            HEADERS => act(&mut stream, u32::from_be_bytes(number))?,
            _ => {}
        }
    }
}

/// Checks that all polls fail for one reason, soon.
fn check(address: SocketAddr, why: &str) {
    let begun = Instant::now();
    let args = ["poll", &format!("http://{address}/"), "--http2", "--timeout", "2s", "--no-save"];
    let output = ended(&[&args[..], &["--clients", "2", "--polls", "2"]].concat(), 3);
    let said = stderr(&output);
    assert!(said.contains(&format!("({why})")), "{why}: {said}");
    assert!(begun.elapsed() < Duration::from_secs(60), "{why}: {:?}", begun.elapsed());
}

/// Writes without end, for as long as anybody reads.
fn flood(stream: &mut TcpStream, frames: &[u8]) -> io::Result<()> {
    let many = frames.repeat(1_000);
    loop {
        stream.write_all(&many)?;
    }
}

#[test]
fn streams_and_connections_that_are_ended_are_errors() {
    for (code, why) in [
        (1, "HTTP/2: the server reset the stream"),
        (7, "HTTP/2: the server refused the stream"),
        (11, "HTTP/2: the server asks for less (ENHANCE_YOUR_CALM)"),
        (13, "HTTP/2: the server asks for HTTP/1.1"),
    ] {
        let reset = move |stream: &mut TcpStream, number| {
            stream.write_all(&frame(RST_STREAM, 0, number, &[0, 0, 0, code]))
        };
        check(server(&[], reset), why);
    }
    for (code, why) in [
        (0, "HTTP/2: the server ended the connection (GOAWAY)"),
        (2, "HTTP/2: the server ended the connection, and says that it is faulty (GOAWAY)"),
    ] {
        let end = move |stream: &mut TcpStream, _| {
            stream.write_all(&frame(GOAWAY, 0, 0, &[0, 0, 0, 0, 0, 0, 0, code]))
        };
        check(server(&[], end), why);
    }
    let close = |_: &mut TcpStream, _| Err(io::ErrorKind::ConnectionReset.into());
    check(server(&[], close), "closed without a response");
}

#[test]
fn floods_are_not_read_for_long() {
    let without_end = "HTTP/2: the server sends frames without end that are no response";
    let settings = |stream: &mut TcpStream, _| flood(stream, &frame(SETTINGS, 0, 0, &[]));
    check(server(&[], settings), without_end);
    let pings = |stream: &mut TcpStream, _| flood(stream, &frame(PING, 1, 0, &[0; 8]));
    check(server(&[], pings), without_end);
    let fields = |stream: &mut TcpStream, number| {
        stream.write_all(&frame(HEADERS, 0, number, OK))?;
        // Fields `a: b`, one after the other.
        flood(stream, &frame(CONTINUATION, 0, number, &[0, 1, b'a', 1, b'b'].repeat(200)))
    };
    check(server(&[], fields), "HTTP/2: the server sends more than a response may be");
}

#[test]
fn a_server_that_lets_nothing_through_costs_the_time_limit_and_no_more() {
    // It allows no stream at all.
    let address = server(&[0, 3, 0, 0, 0, 0], |_, _| Ok(()));
    check(address, "timed out");
    check(server(&[], |_, _| Ok(())), "timed out");
    // A head, and then nothing.
    let half =
        |stream: &mut TcpStream, number| stream.write_all(&frame(HEADERS, END_HEADERS, number, OK));
    check(server(&[], half), "timed out");
}

#[test]
fn what_breaks_the_rules_is_said_to_do_so() {
    let rules = "HTTP/2: the server breaks the rules of HTTP/2";
    let data_first = |stream: &mut TcpStream, number| {
        stream.write_all(&frame(DATA, END_STREAM, number, b"hello"))
    };
    check(server(&[], data_first), rules);
    let nobody = |stream: &mut TcpStream, _| {
        stream.write_all(&frame(HEADERS, END_HEADERS | END_STREAM, 9_999, OK))
    };
    check(server(&[], nobody), rules);
    // Content-Length: 3, packed, and five octets.
    let long = |stream: &mut TcpStream, number| {
        let head = [OK, &[0x0f, 0x0d, 1, b'3']].concat();
        stream.write_all(&frame(HEADERS, END_HEADERS, number, &head))?;
        stream.write_all(&frame(DATA, END_STREAM, number, b"hello"))
    };
    check(server(&[], long), rules);
}

#[test]
fn a_stream_that_is_reset_leaves_the_others_of_its_connection_alone() {
    let every_other = |stream: &mut TcpStream, number: u32| {
        if number % 4 == 3 {
            return stream.write_all(&frame(RST_STREAM, 0, number, &[0, 0, 0, 2]));
        }
        stream.write_all(&frame(HEADERS, END_HEADERS, number, OK))?;
        stream.write_all(&frame(DATA, END_STREAM, number, b"hello"))
    };
    let url = format!("http://{}/", server(&[], every_other));
    let record = poll_json(&[&url, "--http2", "--clients", "4", "--polls", "10"]);
    let arm = &record["arms"][0];
    assert_eq!((&arm["polls"], &arm["verdicts"]["error"]), (&40.into(), &20.into()), "{arm:#}");
    assert_eq!(arm["bytes"]["framing"]["connections"], 1);
    assert_eq!(arm["bytes"]["response_content"], 20 * 5);
    assert_eq!(arm["bytes"]["response_fields"], 20);
}

#[test]
#[cfg(target_os = "linux")]
fn content_without_end_is_given_up_at_the_time_limit_and_not_kept() {
    let endless = |stream: &mut TcpStream, number| {
        stream.write_all(&frame(HEADERS, END_HEADERS, number, OK))?;
        flood(stream, &frame(DATA, 0, number, &[b'x'; 1024]))
    };
    let url = format!("http://{}/", server(&[], endless));
    let mut command = crate::support::etag_lab();
    command.args(["poll", &url, "--http2", "--clients", "8", "--polls", "1", "--timeout", "2s"]);
    let mut lab = Running::start(command.args(["--cadence", "shuffled", "--no-save"]));
    let mut most = 0;
    while lab.ended().is_none() {
        most = most.max(lab.memory_kib("VmHWM").unwrap_or_default());
        std::thread::yield_now();
    }
    assert_eq!(lab.wait().code(), Some(3), "{}", lab.stderr());
    assert!((1..200 * 1024).contains(&most), "{most} KiB");
}
