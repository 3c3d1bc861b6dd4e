//! `etag-lab poll` where it cannot poll, and for how long. What it measures is compared with independent servers
//! in a test program of its own.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::support::served::Served;
use crate::support::{ended, json_of, output_of, stderr, stdout};

#[test]
fn an_address_where_nobody_listens_is_an_error_of_the_environment() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("it has an address").to_string();
    drop(listener);
    let url = format!("http://{address}/");
    let output = ended(&["poll", &url, "--polls", "2"], 3);
    assert_eq!(
        stderr(&output).replace(&address, "ADDRESS"),
        "error: no complete response from http://ADDRESS/ (connection refused)\n  \
         = help: is it running, and is the path right? try it with `curl -i`\n"
    );
    assert_eq!(stdout(&output), "", "a table of nothing but errors helps nobody");
}

#[test]
fn a_server_that_answers_otherwise_is_met_with_the_way_out() {
    for (answer, way_out) in [
        ("HTTP/1.1 401 Unauthorized", "-H 'Authorization: …'"),
        ("HTTP/1.1 404 Not Found", "is the path right?"),
        ("HTTP/1.1 429 Too Many Requests", "--interval 5s"),
        ("HTTP/1.1 302 Found", "the URL that it points to"),
        ("HTTP/1.1 400 Bad Request", "then try https://"),
        // An alert of TLS: unexpected message.
        ("\u{15}\u{3}\u{3}\0\u{2}\u{2}\n", "then try https://"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("it has an address"));
        let answer = format!("{answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.expect("a connection");
                // A head of this size comes in one piece; who has gone is asked no more.
                let _ = connection.read(&mut [0; 4096]);
                let _ = connection.write_all(answer.as_bytes());
            }
        });
        let poll = ended(&["poll", &url, "--polls", "2", "--clients", "1"], 3);
        assert!(stderr(&poll).contains(way_out), "{}", stderr(&poll));
        let check = output_of(&["check", &url, "--rate", "0"]);
        let said = format!("{}{}", stdout(&check), stderr(&check));
        let tls = "does the port speak TLS? then try https://";
        assert!(said.contains(tls) || !way_out.contains("https://"), "{said}");
    }
}

#[test]
fn what_cannot_be_polled_is_refused_with_a_way_out() {
    let mut complaints = String::new();
    for args in [
        &["ftp://example.org/"][..],
        &["https://127.0.0.1:9/", "--cacert", "nowhere.pem"],
        &["https://127.0.0.1:9/", "--resolve", "a:443"],
        &["https://127.0.0.1:9/", "--cert", "nowhere.pem"],
        &["example.org/api/config"],
        &["http://"],
        &["http://a b/"],
        &["\u{1b}[31mred"],
        &["http://127.0.0.1:9/", "--header", "no colon"],
        &["http://127.0.0.1:9/", "--header", "a: b\r\nc: d"],
        &["http://127.0.0.1:9/", "--accept-encoding", "gzip\r\nx: y"],
        &["http://127.0.0.1:9/", "--path", "/a", "--path", "b"],
        &["http://127.0.0.1:9/", "--path", "/a\r\nx: y"],
        &["http://127.0.0.1:9/", "--interval", "2s"],
        &["http://127.0.0.1:9/", "--cadence", "shuffled", "--jitter", "0.5"],
        &["http://127.0.0.1:9/", "--honour-freshness", "--interval", "2s", "--jitter", "0.5"],
        &["http://127.0.0.1:9/", "--if-range", "any"],
        &["http://127.0.0.1:9/", "--clients", "1000000", "--polls", "1000000"],
        &["http://127.0.0.1:9/", "--duration", "1s", "--polls", "3"],
    ] {
        let output = ended(&[&["poll"], args].concat(), 2);
        assert_eq!(stdout(&output), "");
        let complaint = stderr(&output);
        assert_eq!(complaint.matches("error: ").count(), 1, "{complaint}");
        assert!(complaint.contains("= help: "), "{complaint}");
        assert!(!complaint.contains(|c: char| c.is_control() && c != '\n'), "{complaint:?}");
        complaints.push_str(complaint);
    }
    insta::assert_snapshot!("poll_refused", complaints);
}

#[test]
fn a_time_ends_the_polls_in_place_of_their_number() {
    let replica = Served::start(&["replica"]);
    let poll = |args: &[&str]| {
        let poll = ["poll", &replica.url(), "--no-save", "--format", "json", "--clients", "4"];
        let record = json_of(&ended(&[&poll[..], args].concat(), 0));
        assert_eq!(record["partial"], false);
        assert_eq!(record["scenario"]["polls"], record["arms"][0]["polls"]);
        record["arms"][0]["polls"].as_u64().expect("a count is a number")
    };
    // In an open loop as many as there are intervals, so that a time is as exact as a number.
    let open_loop = ["--cadence", "open-loop", "--interval", "20ms"];
    assert_eq!(poll(&[&open_loop[..], &["--duration", "90ms"]].concat()), 4 * 5);
    assert!(poll(&["--duration", "50ms"]) > 4);
    assert!(poll(&["--duration", "50ms", "--cadence", "shuffled"]) > 4);
}

#[test]
fn a_credential_that_leaves_the_machine_unencrypted_is_warned_of() {
    let field = ["-H", "Authorization: Bearer abc"];
    let said = |url: &str| {
        let args = [&["poll", url, "--polls", "2", "--no-save"][..], &field].concat();
        stderr(&ended(&args, 3)).to_owned()
    };
    let warning = "warning: -H 'authorization: …' goes to nowhere.invalid in clear text; \
                   use https://\n";
    assert!(said("http://nowhere.invalid/").starts_with(warning));
    assert!(said("http://127.0.0.1:9/").starts_with("error: "));
}
