//! Several hosts on one machine: network namespaces, each with an address of its own, joined by a bridge.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use super::{LOADS, counts, merge, output, start, warning};
use crate::support::process::PATIENCE;
use crate::support::served::Served;
use crate::support::{assert_code, at_home, etag_lab, eventually, json_of, require, skip, stdout};

static MADE: AtomicU32 = AtomicU32::new(0);

/// Hosts `10.77.N.1`, `.2`, …; gone with this value.
struct Hosts {
    name: String,
    count: u32,
    network: u8,
}

impl Hosts {
    /// Makes them; `None` where the machine does not allow it: then the test is to return.
    fn new(count: u32) -> Option<Self> {
        require("ip")?;
        // Tests run side by side, and names of links have 15 letters.
        let id = std::process::id() * 2 + MADE.fetch_add(1, Ordering::SeqCst);
        let hosts =
            Self { name: format!("el{}", id % 1_000_000), count, network: (id % 250) as u8 };
        let bridge = &hosts.name;
        let made =
            ip(&format!("link add {bridge} type bridge")) && ip(&format!("link set {bridge} up"));
        let made = made && (1..=count).all(|number| hosts.add(number));
        if !made {
            skip("network namespaces");
            return None;
        }
        Some(hosts)
    }

    fn add(&self, number: u32) -> bool {
        let (bridge, namespace) = (&self.name, self.namespace(number));
        let (outer, inner) = (format!("{bridge}o{number}"), format!("{bridge}i{number}"));
        ip(&format!("netns add {namespace}"))
            && ip(&format!("link add {outer} type veth peer name {inner}"))
            && ip(&format!("link set {outer} master {bridge} up"))
            && ip(&format!("link set {inner} netns {namespace}"))
            && ip(&format!("-n {namespace} addr add {}/24 dev {inner}", self.address(number)))
            && ip(&format!("-n {namespace} link set {inner} up"))
            && ip(&format!("-n {namespace} link set lo up"))
    }

    fn namespace(&self, number: u32) -> String {
        format!("{}n{number}", self.name)
    }

    fn address(&self, number: u32) -> String {
        format!("10.77.{}.{number}", self.network)
    }

    /// The program on one of the hosts.
    fn program(&self, number: u32) -> Command {
        let mut command = at_home("ip");
        command.args(["netns", "exec", &self.namespace(number)]).arg(etag_lab().get_program());
        command
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for number in 1..=self.count {
            ip(&format!("netns del {}", self.namespace(number)));
        }
        ip(&format!("link del {}", self.name));
    }
}

fn ip(arguments: &str) -> bool {
    let ended = Command::new("ip").args(arguments.split(' ')).output();
    ended.is_ok_and(|output| output.status.success())
}

#[test]
fn three_hosts_poll_a_fourth_like_one_process_and_begin_within_five_milliseconds() {
    let Some(hosts) = Hosts::new(4) else { return };
    let server = format!("{}:9000", hosts.address(4));
    let _replica = Served::started_by(hosts.program(4).args(["replica", "--listen", &server]));
    let url = format!("http://{server}/api/config");
    let mut apart = Vec::new();
    // A machine that runs other tests as well may let any process wait for longer.
    for load in LOADS.into_iter().cycle().take(8) {
        let whole = output(start(
            hosts.program(1).args(["poll", &url, "--no-save", "--format", "json"]).args(load),
        ));
        assert_code(&whole, 0);
        let records = from_hosts(&hosts, &url, load);
        let (sum, _) = merge(&records, 0);
        assert_eq!(counts(&sum), counts(&json_of(&whole)), "{load:?}");
        apart.push(starts_apart(&records));
        if apart.len() > 1 && apart.last() < Some(&5_000) {
            return;
        }
    }
    panic!("starts are apart, in µs: {apart:?}");
}

/// The records of three shards, each on a host of its own.
fn from_hosts(hosts: &Hosts, url: &str, load: &[&str]) -> Vec<String> {
    let barrier = format!("{}:9100", hosts.address(1));
    let shards = (0..3_u32).map(|part| {
        let mut command = hosts.program(part + 1);
        command.args(["poll", url, "--no-save", "--format", "json", "--barrier", &barrier]);
        command.args(["--shard", &format!("{part}/3")]).args(load);
        start(&mut command)
    });
    let shards: Vec<_> = shards.collect();
    let ended = shards.into_iter().map(output).inspect(|output| assert_code(output, 0));
    ended.map(|output| stdout(&output).to_owned()).collect()
}

/// Time from the first start to the last, in microseconds of the one clock that all of them have.
fn starts_apart(records: &[String]) -> u64 {
    let start = |record: &String| {
        let record: Value = serde_json::from_str(record).expect("a record");
        record["arms"][0]["window"]["from_us"].as_u64().expect("a time")
    };
    let starts: Vec<_> = records.iter().map(start).collect();
    starts.iter().max().zip(starts.iter().min()).map_or(0, |(last, first)| last - first)
}

#[test]
fn a_shard_that_is_killed_on_its_host_is_missing_and_named() {
    let Some(hosts) = Hosts::new(4) else { return };
    let server = format!("{}:9000", hosts.address(4));
    let replica = Served::started_by(hosts.program(4).args(["replica", "--listen", &server]));
    let url = format!("http://{server}/api/config");
    let load = ["--clients", "6", "--polls", "5", "--cadence", "open-loop", "--interval", "300ms"];
    let barrier = format!("{}:9100", hosts.address(1));
    let shards = [0, 1, 2].map(|part| {
        let mut command = hosts.program(part + 1);
        command.args(["poll", &url, "--no-save", "--format", "json", "--barrier", &barrier]);
        command.args(["--shard", &format!("{part}/3")]).args(load);
        start(&mut command)
    });
    let [zero, mut one, two] = shards;
    eventually("shard 1 to poll", PATIENCE, || {
        let sockets = Command::new("ip")
            .args(["netns", "exec", &hosts.namespace(2), "cat", "/proc/net/tcp"])
            .output();
        let sockets = String::from_utf8_lossy(&sockets.ok()?.stdout).into_owned();
        // Established, to port 9000 of the server.
        sockets.lines().any(|line| line.contains(":2328 01 ")).then_some(())
    });
    one.kill().expect("it runs");
    let killed = output(one);
    assert_eq!(stdout(&killed), "");
    let records = [zero, two].map(output).map(|output| stdout(&output).to_owned());
    let (sum, _) = merge(&records, 4);
    assert_eq!(sum["partial"], true);
    assert_eq!(warning(&sum)["evidence"], "no record of shard 1");
    drop(replica);
}
