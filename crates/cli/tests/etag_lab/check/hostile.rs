//! Servers that mean no good: they cost bounded time and memory, and nothing they say acts.

use std::io::{Read as _, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::support::{etag_lab, stdout};

/// Address space in KiB: a program of this size starts, one that gathers endless content does not
/// go on for long.
const MEMORY_KIB: u32 = 600_000;
/// Every check here ends within this time on a busy machine; most within a second.
const TIME: Duration = Duration::from_secs(40);

/// Serves until the test program ends; what is written after the peer has gone is no concern.
fn serve(
    answer: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
    let address = listener.local_addr().expect("a bound socket has an address");
    let answer = std::sync::Arc::new(answer);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let answer = std::sync::Arc::clone(&answer);
            std::thread::spawn(move || {
                let mut request = [0; 16 * 1024];
                let _ = stream.read(&mut request).and_then(|_| answer(&mut stream));
            });
        }
    });
    address
}

fn check(address: SocketAddr, args: &[&str]) -> Output {
    let started = Instant::now();
    let program = etag_lab().get_program().to_owned();
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("ulimit -v {MEMORY_KIB}; exec \"$0\" \"$@\""))
        .arg(program)
        .args(["check", &format!("http://{address}/"), "--rate", "0", "--timeout", "500ms"])
        .args(args)
        .env("NO_COLOR", "1");
    let output = command.output().expect("a shell starts");
    assert!(started.elapsed() < TIME, "{:?}", started.elapsed());
    assert!(output.status.code().is_some(), "{output:?}");
    output
}

/// The exit code, after making sure that nothing that was printed acts on a terminal.
fn code(output: &Output) -> Option<i32> {
    for stream in [&output.stdout, &output.stderr] {
        let text = std::str::from_utf8(stream).expect("what is printed is UTF-8");
        let acts = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}');
        assert!(!text.contains(acts), "{text:?}");
    }
    output.status.code()
}

#[test]
fn who_never_answers_or_answers_garbage_is_named_as_such() {
    let silent = serve(|stream| {
        let mut rest = [0; 1];
        stream.read(&mut rest).map(|_| ())
    });
    assert_eq!(code(&check(silent, &[])), Some(3));
    for garbage in
        [&b"SSH-2.0-OpenSSH_9.2\r\n\r\n"[..], b"\x1b]0;x\x07\r\n\r\n", b"", b"HTTP/1.1 2"]
    {
        let address = serve(move |stream| stream.write_all(garbage));
        assert_eq!(code(&check(address, &[])), Some(3), "{garbage:?}");
    }
}

#[test]
fn endless_heads_contents_and_drops_end_at_their_limits() {
    let endless_head = serve(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
        loop {
            stream.write_all(b"X-Field: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")?;
        }
    });
    assert_eq!(code(&check(endless_head, &[])), Some(3));
    let endless_content = serve(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nETag: \"a\"\r\n\r\n")?;
        loop {
            stream.write_all(&[b'x'; 8 * 1024])?;
        }
    });
    // The head alone is evidence: its tag was sent, and content came all the same.
    assert_eq!(code(&check(endless_content, &["--max-content", "1000000"])), Some(1));
    let drops = serve(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")?;
        loop {
            stream.write_all(b"x")?;
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(code(&check(drops, &[])), Some(3));
    let huge = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n";
    assert_eq!(code(&check(serve(|stream| stream.write_all(huge)), &[])), Some(3));
}

#[test]
fn a_gzip_bomb_is_not_unpacked() {
    // 40 MB of zeros, made by the very coder that users have; the check reads 8 MiB at most.
    let made = Command::new("sh").arg("-c").arg("head -c 40000000 /dev/zero | gzip -9").output();
    let bomb = made.expect("a shell starts").stdout;
    let address = serve(move |stream| {
        let head = format!(
            "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n",
            bomb.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&bomb))
    });
    let output = check(address, &[]);
    assert!(matches!(code(&output), Some(1 | 4)), "{output:?}");
}

#[test]
fn escapes_and_markup_in_tags_are_text_in_every_format() {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nServer: \xc2\x9b31m<b>|\r\nETag: \"\xe2\x80\xae|<img \
        src=x>](javascript:1)\xc2\x9b2J`**&\"\r\nX-Cache: HIT\r\nContent-Length: 2\r\n\
        Connection: close\r\n\r\n{}";
    let address = serve(|stream| stream.write_all(HEAD));
    for format in ["text", "markdown", "json", "junit"] {
        let output = check(address, &["--format", format]);
        assert_eq!(code(&output), Some(1), "{format}: {output:?}");
        let text = stdout(&output);
        if format == "markdown" {
            assert!(!text.contains("<img") || text.contains("\\<img"), "{text}");
            assert!(!text.replace("\\]", "").contains("](javascript"), "{text}");
        }
        if format == "junit" {
            assert!(!text.contains("<img") && !text.contains("<b>"), "{text}");
        }
    }
}

#[test]
fn a_tag_of_64_kib_is_shortened_and_not_sent_back() {
    let tag = "a".repeat(64 * 1024);
    let head = format!(
        "HTTP/1.1 200 OK\r\nETag: \"{tag}\"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"
    );
    let address = serve(move |stream| stream.write_all(head.as_bytes()));
    let output = check(address, &[]);
    assert_eq!(code(&output), Some(4), "{output:?}");
    let text = stdout(&output);
    assert!(text.contains("(65538 bytes)") && text.len() < 10_000, "{text}");
}

#[test]
fn redirects_are_reported_and_followed_only_when_asked_and_not_for_ever() {
    let address = serve(|stream| {
        stream.write_all(
            b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        )
    });
    let output = check(address, &[]);
    assert_eq!(code(&output), Some(4));
    assert!(stdout(&output).contains("302 to /again"), "{output:?}");
    assert_eq!(code(&check(address, &["--follow"])), Some(4));
    let elsewhere = serve(|stream| {
        stream.write_all(
            b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
        )
    });
    assert_eq!(code(&check(elsewhere, &["--follow"])), Some(4));
}
