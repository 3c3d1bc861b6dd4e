//! `etag-lab poll` where it cannot poll. What it measures is compared with independent servers
//! in a test program of its own.

use std::net::TcpListener;

use crate::support::{ended, stderr, stdout};

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
fn what_cannot_be_polled_is_refused_with_a_way_out() {
    let mut complaints = String::new();
    for args in [
        &["https://example.org/api/config"][..],
        &["ftp://example.org/"],
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
