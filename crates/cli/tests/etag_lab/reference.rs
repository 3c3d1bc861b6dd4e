//! The same requests to a replica of the lab, to nginx and to Apache httpd: what differs, and why.
//!
//! Fails where a replica does what the RFC forbids, where a difference is not in the list of
//! justified ones, and where one in the list is gone. The list is what `crates/README.md` shows.
//! `cargo test -p etag-lab --test etag_lab reference:: -- --nocapture` prints every answer that differs.

mod exchange;
mod lanes;
mod ledger;
mod observed;
mod page;
mod reason;
mod reasons;
mod row;
mod rows;
mod servers;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use self::exchange::ask;
use self::ledger::Observed;
use self::reason::{Peer, Rows};
use self::row::{Current, Row};
use crate::support;
use crate::support::http::Answer;

/// What a server answers to every row, in their order. `writable` is the server, or one like it,
/// for those rows that change the resource, and `restore` undoes what they did.
fn answers(server: SocketAddr, writable: SocketAddr, restore: impl Fn()) -> Vec<Answer> {
    let unchanged = current(server);
    let read = |row: &Row| ask(server, &row.bytes(&unchanged), row.is_head()).unwrap_or_default();
    let write = |row: &Row| {
        restore();
        ask(writable, &row.bytes(&current(writable)), false).unwrap_or_default()
    };
    rows::reads().map(read).chain(rows::puts().iter().map(write)).collect()
}

fn plain(server: SocketAddr, fields: &str) -> Answer {
    let lines = "GET /api/config HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n";
    let answer = ask(server, format!("{lines}{fields}\r\n").as_bytes(), false);
    answer.expect("the server answers a plain request")
}

/// What a server says of the resource.
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

/// What a replica answers, and its content as it is and compressed.
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
    let problems = ledger::audit(peer, &observed, reasons::all());
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
    for listed in reasons::all().flat_map(|reason| reason.differences) {
        let Rows::Named(listed) = listed.rows else { continue };
        for name in listed {
            assert!(names.contains(name), "{name}");
        }
    }
}

/// With `REGENERATE` set, as `scripts/regenerate` does, it writes the section instead.
#[test]
fn the_architecture_page_names_every_difference() {
    let path = support::workspace().join("crates/README.md");
    let page = std::fs::read_to_string(&path).expect("the project has an architecture page");
    let (before, rest) = page.split_once(page::MARKS.0).expect("the section has a beginning");
    let (section, after) = rest.split_once(page::MARKS.1).expect("the section has an end");
    let rows: Vec<_> = rows::all().collect();
    let expected = page::section(&rows, reasons::SUBJECTS);
    if std::env::var_os("REGENERATE").is_some() {
        let page = [before, page::MARKS.0, &expected, page::MARKS.1, after].concat();
        std::fs::write(&path, page).expect("the architecture page can be written");
    } else {
        assert_eq!(section, expected, "scripts/regenerate writes it anew");
    }
}
