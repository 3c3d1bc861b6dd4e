//! Clients whose server dies under them: with the last known good content nobody loses its table,
//! and the naive client is seen to. Counted in polls and kills; no time decides anything.
#![cfg(target_os = "linux")]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use client::cadence::{Cadence, Rounds};
use client::{Caching, Load, Meter, Milestone, OnError, PollMethod, PollOutcome, PollTarget};
use rustix::process::Signal;
use tokio::sync::oneshot;

use crate::support::http::serve_in_turn;
use crate::support::process::{PATIENCE, Running};
use crate::support::served::{accepting, start_on_a_free_port};
use crate::support::{ended, etag_lab, eventually, json_of, output_of, results, run_json};

const CLIENTS: u32 = 200;
const KILLS: u64 = 25;

/// As many polls as let every client make at least one that began after they were asked for: in
/// lock-step the clients take turns, and one poll may be under way already.
const EVERYBODY: u64 = 1 + CLIENTS as u64;

#[test]
fn nobody_loses_the_last_known_good_table_to_25_kills() {
    let outcome = poll_through_kills(OnError::Keep);
    let tables = outcome.tally.tables;
    assert_eq!((tables.held_at_end, tables.lost), (CLIENTS.into(), 0), "{tables:?}");
    assert!(tables.kept_through_errors >= KILLS * u64::from(CLIENTS), "{tables:?}");
    assert!(tables.longest_unconfirmed_us > 0);
    assert_takes(&outcome, 1);
}

#[test]
fn the_naive_client_loses_its_table_to_each_of_25_kills() {
    let outcome = poll_through_kills(OnError::Drop);
    let tables = outcome.tally.tables;
    let lost = KILLS * u64::from(CLIENTS);
    assert_eq!((tables.held_at_end, tables.lost), (CLIENTS.into(), lost), "{tables:?}");
    assert_eq!(tables.kept_through_errors, 0);
    assert_takes(&outcome, KILLS + 1);
}

/// Each client took the one content that there is so many times, and never any other.
fn assert_takes(outcome: &PollOutcome<Infallible>, times: u64) {
    let takes = &outcome.changes;
    assert_eq!((takes.len() as u64, outcome.tally.tables.loads), (times * 200, times * 200));
    assert!(takes.iter().all(|take| take.content == takes[0].content), "complete content only");
    let of_one = takes.iter().filter(|take| take.poller == CLIENTS - 1).count();
    assert_eq!(of_one as u64, times);
}

/// Polls a replica that is killed and started again; every client polls before each kill, between
/// kill and start, and after the last start.
fn poll_through_kills(on_error: OnError) -> PollOutcome<Infallible> {
    let (mut replica, address) = start_on_a_free_port(replica_at);
    let meter = Arc::new(Meter::default());
    let (stop, stopped) = oneshot::channel();
    let polls = start_polls(address, on_error, Arc::clone(&meter), stopped);
    for _ in 0..KILLS {
        await_polls(&meter, &polls);
        replica.signal(Signal::KILL);
        replica.wait();
        await_polls(&meter, &polls);
        replica = Running::start(&mut replica_at(address));
        assert!(accepting(&mut replica, address), "{}", replica.stderr());
    }
    await_polls(&meter, &polls);
    stop.send(()).expect("clients poll until they are told to stop");
    polls.join().expect("clients stop")
}

fn replica_at(address: SocketAddr) -> std::process::Command {
    let mut command = etag_lab();
    command.args(["replica", "--size", "256", "--listen", &address.to_string()]);
    command
}

fn start_polls(
    address: SocketAddr,
    on_error: OnError,
    meter: Arc<Meter>,
    stopped: oneshot::Receiver<()>,
) -> JoinHandle<PollOutcome<Infallible>> {
    let load = Load {
        share: client::cadence::Share::ALL,
        rounds: Rounds { clients: CLIENTS, polls: 1_000_000_000 },
        cadence: Cadence::Lockstep,
        seed: 1,
        connections: CLIENTS,
        timeout: PATIENCE,
        identify_clients: false,
        capture: None,
        caching: Caching::default(),
        on_error,
        obey_poll_interval: false,
        writing: None,
        method: PollMethod::Get,
        log_changes: true,
    };
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let target = PollTarget::new(address, "/api/config");
        let nothing_happens = async |_| Ok(Milestone::default());
        let stop = async { stopped.await.expect("the test tells when") };
        let polls = client::poll(&target, &load, &[], nothing_happens, &meter, stop);
        runtime.expect("a runtime").block_on(polls)
    })
}

/// Waits until every client has made a poll that had not begun before.
fn await_polls(meter: &Meter, polls: &JoinHandle<PollOutcome<Infallible>>) {
    let polled = || meter.polls.load(Ordering::Relaxed);
    let enough = polled() + EVERYBODY;
    eventually("a poll of every client", PATIENCE, || {
        assert!(!polls.is_finished(), "clients poll until they are told to stop");
        (polled() >= enough).then_some(())
    });
}

const GOOD: &str =
    "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
const NOT_MODIFIED: &str = "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n";
const UNAVAILABLE: &str =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Three clients poll four times: served, refused twice, confirmed.
fn outage(client: &[&str]) -> String {
    let answers = [[GOOD; 3], [UNAVAILABLE; 3], [UNAVAILABLE; 3], [NOT_MODIFIED; 3]].concat();
    let url = format!("http://{}/routes", serve_in_turn(answers).0);
    let args = ["poll", &url, "--clients", "3", "--polls", "4", "--no-save"];
    let output = ended(&[&args, client].concat(), 1);
    String::from_utf8(output.stdout).expect("standard output is UTF-8")
}

/// Text of a line of a table behind its label.
fn row<'a>(table: &'a str, label: &str) -> Option<&'a str> {
    table.lines().find_map(|line| line.trim_start().strip_prefix(label)).map(str::trim)
}

#[test]
fn a_data_plane_is_told_what_became_of_its_tables() {
    let table = outage(&["--last-known-good"]);
    assert!(table.contains("content kept on errors"), "{table}");
    for (label, value) in [
        ("stored copies at the end", "3/3 clients"),
        ("stored copies lost", "0"),
        ("stored copies loaded", "3"),
        ("errors that left the copy", "6"),
    ] {
        assert_eq!(row(&table, label), Some(value), "{table}");
    }
    let longest = row(&table, "longest on an old copy").expect("polls failed");
    assert!(longest.ends_with(['s']), "{longest}");
}

#[test]
fn a_client_that_forgets_is_contrasted_and_who_does_not_ask_is_not_told() {
    let table = outage(&["--on-error", "drop", "--interval", "1s", "--honour-freshness"]);
    assert!(table.contains("content dropped on errors"), "{table}");
    assert_eq!(row(&table, "stored copies lost"), Some("3"), "{table}");
    assert_eq!(row(&table, "stored copies at the end"), Some("0/3 clients"), "{table}");
    let silent = outage(&[]);
    assert!(!silent.contains("copies"), "{silent}");
}

#[test]
fn ctrl_c_in_an_outage_shows_and_saves_what_became_of_the_tables() {
    let (address, served) = serve_in_turn([[GOOD; 3], [UNAVAILABLE; 3]].concat());
    let url = format!("http://{address}/routes");
    let endless =
        ["--polls", "1000000", "--cadence", "open-loop", "--interval", "20ms", "--jitter", "0"];
    // One connection at a time: the clients come in turn, and each of them is served once.
    let poll = ["poll", &url, "--clients", "3", "--connections", "1", "--last-known-good"];
    results();
    let mut lab = Running::start(etag_lab().args(poll).args(endless));
    served.join().expect("everything was answered, and nobody listens any more");
    lab.signal(Signal::INT);
    assert_eq!(lab.wait().code(), Some(130), "{}", lab.stderr());
    let table = lab.stdout();
    assert!(table.contains("PARTIAL"), "{table}");
    assert_eq!(row(&table, "stored copies at the end"), Some("3/3 clients"), "{table}");
    assert_eq!(row(&table, "stored copies lost"), Some("0"), "{table}");
    assert!(lab.stderr().contains("saved results/runs/"), "{}", lab.stderr());
}

#[test]
fn the_server_sets_the_pace_of_who_obeys() {
    let slow = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nPoll-Interval: 3000\r\nContent-Length: 5\r\n\
                Connection: close\r\n\r\nhello";
    let url = format!("http://{}/notes", serve_in_turn(vec![slow; 4]).0);
    let poll = ["poll", &url, "--clients", "2", "--polls", "6", "--no-save", "--interval", "1s"];
    let args = [&poll[..], &["--obey-poll-interval", "--format", "json"]].concat();
    let record = json_of(&output_of(&args));
    let arm = &record["arms"][0];
    assert_eq!((&arm["polls"], &arm["paused"]), (&4.into(), &8.into()), "{arm:#}");
    assert_eq!(record["scenario"]["interval_ms"], 1_000.0);
    assert_eq!(record["scenario"]["caching"]["obey_poll_interval"], true);
}

#[test]
fn clients_take_turns_in_further_paths() {
    let answers = vec![GOOD.to_owned(), GOOD.replace("hello", "world"), GOOD.to_owned()];
    let url = format!("http://{}/a", serve_in_turn(answers).0);
    let record =
        run_json(&["poll", &url, "--path", "/b", "--clients", "3", "--polls", "1", "--no-save"]);
    assert_eq!(record["scenario"]["further_paths"][0], "/b");
    // One tag on two resources is no fault.
    assert_eq!(record["arms"][0]["contents_for_same_tag"], 1, "{record:#}");
}
