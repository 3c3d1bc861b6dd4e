//! The page of metrics of `replica` and `balancer`: what was answered, at an address of its own.

use std::net::SocketAddr;

use crate::support::http::{ask, get};
use crate::support::process::PATIENCE;
use crate::support::served::{Served, balancer};
use crate::support::{eventually, output_of, stderr};

/// Address of the page of a server that was started with `--metrics`.
fn address(served: &Served) -> SocketAddr {
    let said = served.process.stderr();
    let after = said.split_once("metrics on http://").map(|(_, after)| after);
    let address = after.and_then(|after| after.split('/').next()?.parse().ok());
    address.unwrap_or_else(|| panic!("no address of metrics in {said}"))
}

fn page(served: &Served) -> String {
    let answer = ask(address(served), "GET /metrics", &[]).expect("it answers");
    assert_eq!(answer.field("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    String::from_utf8(answer.content).expect("metrics are UTF-8")
}

/// Waits for these lines: an answer is counted once it has been sent.
fn await_lines(served: &Served, lines: &[String]) {
    eventually(&format!("{lines:?}"), PATIENCE, || {
        let page = page(served);
        lines.iter().all(|line| page.lines().any(|known| known == line)).then_some(())
    });
}

#[test]
fn a_replica_counts_every_answer_by_path_and_status() {
    let replica = Served::start(&["replica", "--metrics", "127.0.0.1:0"]);
    let first = get(replica.address, &[]).expect("it answers");
    let size = first.content.len();
    let condition = format!("If-None-Match: {}", first.field("etag").expect("a tag"));
    // In the fast lane, and past it.
    for more in [&[][..], &["TE: trailers"]] {
        let fields = [&[condition.as_str()], more].concat();
        assert_eq!(get(replica.address, &fields).map(|answer| answer.status).ok(), Some(304));
    }
    ask(replica.address, "HEAD /api/config?token=hunter2", &[]).expect("it answers");
    ask(replica.address, "GET /missing", &["TE: trailers"]).expect("it answers");
    ask(replica.address, "POST /api/config", &["Content-Length: 0"]).expect("it answers");
    let of = |what: &str, status: u16, value: usize| {
        format!("etag_lab_replica_{what}_total{{path=\"/api/config\",status=\"{status}\"}} {value}")
    };
    await_lines(
        &replica,
        &[
            of("requests", 200, 2),
            of("requests", 304, 2),
            of("requests", 405, 1),
            of("conditional_requests", 200, 0),
            of("conditional_requests", 304, 2),
            of("content_bytes", 200, size),
            of("content_bytes", 304, 0),
            "etag_lab_replica_requests_total{path=\"other\",status=\"404\"} 1".to_owned(),
        ],
    );
    assert!(!page(&replica).contains("hunter2"));
}

#[test]
fn a_balancer_counts_by_upstream_too_and_what_it_answers_itself() {
    let replica = Served::start(&["replica", "--size", "100000"]);
    let nobody = crate::support::served::free_address();
    let gateway = balancer(
        &[replica.address, nobody],
        &["--metrics", "127.0.0.1:0", "--edge", "gzip-suffix"],
    );
    let first = get(gateway.address, &["Accept-Encoding: identity"]).expect("it answers");
    let condition = format!("if-none-match: {}", first.field("etag").expect("a tag"));
    let second = get(gateway.address, &[&condition]).expect("it answers");
    assert_eq!((first.status, second.status), (200, 304));
    let coded = get(gateway.address, &["Accept-Encoding: gzip"]).expect("it answers");
    assert_eq!(coded.field("content-encoding"), Some("gzip"));
    assert_eq!(
        ask(gateway.address, "GET nowhere", &[]).map(|answer| answer.status).ok(),
        Some(400)
    );
    let of = |what: &str, status: u16, value: usize| {
        let upstream = replica.address;
        format!(
            "etag_lab_balancer_{what}_total{{path=\"/api/config\",status=\"{status}\",\
             upstream=\"{upstream}\"}} {value}"
        )
    };
    await_lines(
        &gateway,
        &[
            of("requests", 200, 2),
            of("requests", 304, 1),
            of("conditional_requests", 304, 1),
            of("conditional_requests", 200, 0),
            of("content_bytes", 200, first.content.len() + coded.content.len()),
            "etag_lab_balancer_requests_total{path=\"other\",status=\"400\",upstream=\"\"} 1"
                .to_owned(),
        ],
    );
    drop(replica);
    assert_eq!(get(gateway.address, &[]).map(|answer| answer.status).ok(), Some(502));
    let line =
        "etag_lab_balancer_requests_total{path=\"/api/config\",status=\"502\",upstream=\"\"} 1";
    await_lines(&gateway, &[line.to_owned()]);
}

#[test]
fn the_page_is_at_its_own_address_alone_and_there_is_none_unless_asked_for() {
    let replica = Served::start(&["replica", "--metrics", "127.0.0.1:0"]);
    let status = |address, what| ask(address, what, &[]).expect("it answers").status;
    assert_eq!(status(replica.address, "GET /metrics"), 404);
    assert_eq!(status(address(&replica), "GET /api/config"), 404);
    assert_eq!(status(address(&replica), "POST /metrics"), 405);
    assert_eq!(status(address(&replica), "HEAD /metrics"), 200);
    let without = Served::start(&["replica"]);
    assert!(!without.process.stderr().contains("metrics"));
}

#[test]
fn an_address_that_is_taken_is_an_error_with_a_way_out() {
    let replica = Served::start(&["replica"]);
    let taken = replica.address.to_string();
    let output = output_of(&["replica", "--listen", "127.0.0.1:0", "--metrics", &taken]);
    assert_eq!(output.status.code(), Some(3));
    let said = stderr(&output);
    assert!(said.contains("take a free port with --metrics 127.0.0.1:0"), "{said}");
}
