//! The same requests to a replica of the lab, to nginx and to Apache httpd: what differs, and why.
//!
//! Fails where a replica does what the RFC forbids, where `crates/origin/README.md` does not justify a
//! difference, and where one that it justifies is gone. `requests.txt` has the requests.
//! `cargo test -p etag-lab --test etag_lab reference:: -- --nocapture` prints every answer that differs.

mod exchange;
mod lanes;
mod ledger;
mod observed;
mod row;
mod rows;
mod servers;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use self::exchange::ask;
use self::ledger::{Difference, Observed, Peer, Rows};
use self::row::{Current, Row};
use crate::support;
use crate::support::http::Answer;

/// Answers of a server to every row, in their order. `writable` is the server, or one like it,
/// for those rows that change the resource, and `restore` undoes what they did.
fn answers(server: SocketAddr, writable: SocketAddr, restore: impl Fn()) -> Vec<Answer> {
    let unchanged = current(server);
    let read = |row: &Row| ask(server, &row.bytes(&unchanged), row.is_head()).unwrap_or_default();
    let write = |row: &Row| {
        restore();
        ask(writable, &row.bytes(&current(writable)), false).unwrap_or_default()
    };
    rows::reads().map(read).chain(rows::puts().map(write)).collect()
}

fn plain(server: SocketAddr, fields: &str) -> Answer {
    let lines = "GET /api/config HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n";
    let answer = ask(server, format!("{lines}{fields}\r\n").as_bytes(), false);
    answer.expect("the server answers a plain request")
}

/// Validators of the resource as a server gives them.
fn current(server: SocketAddr) -> Current {
    let tag = |answer: &Answer| answer.field("etag").expect("the server has tags").to_owned();
    let (identity, gzip) = (plain(server, ""), plain(server, "Accept-Encoding: gzip\r\n"));
    let modified = identity.field("last-modified").expect("the server has dates");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set");
    Current {
        tag: tag(&identity),
        gzip_tag: tag(&gzip),
        modified: row::seconds(modified),
        length: identity.content.len(),
        now: now.as_secs(),
    }
}

/// Answers of a replica, and its content as it is and compressed.
fn ours() -> ([Vec<u8>; 2], Vec<Answer>) {
    let content = servers::write_resource();
    let (replica, writable) = (servers::replica(), servers::writable_replica());
    let gzip = plain(replica.address, "Accept-Encoding: gzip\r\n").content;
    let answers = answers(replica.address, writable.address, || ());
    ([content, gzip], answers)
}

fn restore() {
    servers::write_resource();
}

#[test]
fn a_replica_does_what_the_rfc_plainly_requires() {
    let (variants, answers) = ours();
    let mut faults = Vec::new();
    for (row, answer) in rows::all().zip(&answers) {
        let Row { name, section, allowed, .. } = row;
        if !allowed.is_empty() && !allowed.contains(&answer.status) {
            faults.push(format!("{name}: {} where {section} allows {allowed:?}", answer.status));
        }
        if let Some(fault) = observed::fault(answer, &variants, row) {
            faults.push(format!("{name}: {} with {fault}", answer.status));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_difference_from_nginx_is_justified_and_still_there() {
    let Some(program) = support::require("nginx") else { return };
    let (_, ours) = ours();
    let (_nginx, address) = servers::nginx(&program);
    check(Peer::Nginx, &program, &ours, &answers(address, address, restore));
}

#[test]
fn every_difference_from_apache_is_justified_and_still_there() {
    let Some(program) = support::require("apache2") else { return };
    let (_, ours) = ours();
    let (_apache, address) = servers::apache(&program, false);
    let (_writable, writable) = servers::apache(&program, true);
    check(Peer::Apache, &program, &ours, &answers(address, writable, restore));
}

#[expect(clippy::print_stdout, reason = "the table is what a reader of the test wants to see")]
fn check(peer: Peer, program: &Path, ours: &[Answer], theirs: &[Answer]) {
    let mut observed = Observed::new();
    for (row, (ours, theirs)) in rows::all().zip(ours.iter().zip(theirs)) {
        let pairs = observed::differences(ours, theirs, row);
        observed.extend(pairs.into_iter().map(|pair| (row.name, pair)));
    }
    for (row, (ours, theirs)) in &observed {
        println!("{:<8} {row:<32} {theirs:<24} ours: {ours}", peer.name());
    }
    let problems = ledger::audit(peer, &observed, &listed().1);
    // Another version may answer otherwise, which the list neither knows nor denies.
    if !problems.is_empty() && !servers::version(program).contains(peer.version()) {
        return support::skip(peer.version());
    }
    assert!(problems.is_empty(), "{}:\n{problems}", peer.name());
}

#[test]
fn rows_have_names_of_their_own_and_differences_name_rows() {
    let names: HashSet<_> = rows::all().map(|row| row.name).collect();
    assert_eq!(names.len(), rows::all().count());
    assert!(names.len() >= 150, "{}", names.len());
    for Difference { rows, .. } in listed().1 {
        let Rows::Named(listed) = rows else { continue };
        for name in listed {
            assert!(names.contains(name.as_str()), "{name}");
        }
    }
}

/// The section of the architecture page about differences, and those that it lists.
fn listed() -> (String, Vec<Difference>) {
    let path = support::workspace().join("crates/origin/README.md");
    let page = std::fs::read_to_string(&path).expect("the project has an architecture page");
    let (_, rest) = page.split_once("<!-- differences -->\n").expect("the section has a beginning");
    let (section, _) = rest.split_once("<!-- end of differences -->").expect("and an end");
    (section.to_owned(), ledger::listed(section))
}

#[test]
fn the_architecture_page_sums_the_differences_up() {
    let (section, listed) = listed();
    let plain = rows::all().filter(|row| !row.allowed.is_empty()).count();
    let [nginx, apache] =
        [Peer::Nginx, Peer::Apache].map(|peer| ledger::failed(peer, &listed, rows::all()));
    let expected = format!(
        "{} requests, for {plain} of which the RFC plainly requires or rules out a status. A \
         replica fails none of them, nginx {nginx}, Apache {apache}.",
        rows::all().count(),
    );
    assert_eq!(ledger::one_line(section.trim_start()), expected);
}
