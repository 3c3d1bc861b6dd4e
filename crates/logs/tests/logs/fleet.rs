//! A fleet behind a gateway that logs, and its clients, played in virtual time: everything that a log
//! may be the log of is known here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use etag_lab_logs::input::{Job, read};
use etag_lab_logs::{Summary, Wish};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;

/// Way in which replicas make their tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TagOf {
    Content,
    /// Content and replica: a salt, a counter, an inode.
    Replica,
    /// Time and size of each replica's own copy, as nginx writes them.
    Copy,
    /// The release alone, while the content differs by replica.
    Constant,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    Random,
    RoundRobin,
    Sticky,
}

/// What clients do with the tag of their last 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    SendsIt,
    NeverSends,
    SendsTheFirst,
    LosesQuotes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    /// Depth 1.
    Combined,
    /// Depth 1 with the server that answered.
    Upstream,
    /// Depth 2.
    Json,
    /// Depth 2 without the server that answered.
    JsonAlone,
}

pub(crate) const UPSTREAM: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status \
                                   $body_bytes_sent \"$http_referer\" \"$http_user_agent\" \
                                   up=$upstream_addr";

#[derive(Clone, Debug)]
pub(crate) struct Fleet {
    pub(crate) seed: u64,
    pub(crate) notation: Notation,
    pub(crate) tags: TagOf,
    pub(crate) policy: Policy,
    pub(crate) replicas: u32,
    /// Second from which on there are as many; one before.
    pub(crate) scaled_out_at: i64,
    pub(crate) clients: u32,
    pub(crate) polls: u32,
    pub(crate) interval: i64,
    /// Clients behind one address, with one agent.
    pub(crate) behind_one: u32,
    /// Polls after which a client begins with an empty cache; 0 for never.
    pub(crate) forgets_after: u32,
    pub(crate) habit: Habit,
    /// Replicas that ignore conditions, from the last one on.
    pub(crate) ignoring: u32,
    /// The gateway appends `-gzip` to tags, and does not take it off.
    pub(crate) suffixes: bool,
    /// Seconds at which a release begins, those that it takes, and growth of the content in bytes.
    pub(crate) releases: Vec<(i64, i64, i64)>,
    /// Other traffic: bots, HEAD, ranges, POST, errors, users with contents of their own.
    pub(crate) has_others: bool,
}

impl Default for Fleet {
    fn default() -> Self {
        Self {
            seed: 1,
            notation: Notation::Json,
            tags: TagOf::Content,
            policy: Policy::Random,
            replicas: 3,
            scaled_out_at: 0,
            clients: 10,
            polls: 60,
            interval: 30,
            behind_one: 1,
            forgets_after: 0,
            habit: Habit::SendsIt,
            ignoring: 0,
            suffixes: false,
            releases: Vec::new(),
            has_others: false,
        }
    }
}

/// Second of the first request: 2026-11-30T12:00:00Z.
pub(crate) const BEGIN: i64 = 1_796_040_000;
const SIZE: i64 = 8_192;

struct Line<'a> {
    time: i64,
    address: String,
    connection: u64,
    agent: &'a str,
    method: &'a str,
    target: String,
    status: u16,
    bytes: i64,
    replica: u32,
    sent: String,
    tag: String,
}

#[derive(Clone, Default)]
struct Stored {
    tag: String,
    first: String,
    polls: u32,
    connection: u64,
    pinned: u32,
}

impl Fleet {
    /// The log.
    pub(crate) fn log(&self) -> String {
        let mut random = Pcg64::seed_from_u64(self.seed);
        let mut moments: Vec<(i64, u32)> = Vec::new();
        for client in 0..self.clients {
            let offset = random.random_range(0..self.interval.max(1));
            let jitter = (self.interval / 20).max(0);
            for poll in 0..self.polls {
                let jitter = if jitter > 0 { random.random_range(0..=jitter) } else { 0 };
                moments.push((offset + i64::from(poll) * self.interval + jitter, client));
            }
        }
        moments.sort_unstable();
        let mut stored: BTreeMap<u32, Stored> = BTreeMap::new();
        let mut log = String::new();
        for (turn, (second, client)) in moments.into_iter().enumerate() {
            let kept = stored.entry(client).or_default();
            let line = self.poll(&mut random, turn as u32, second, client, kept);
            self.write(&mut log, &line);
            if self.has_others {
                self.other(&mut random, &mut log, second);
            }
        }
        log
    }

    fn poll(
        &self,
        random: &mut Pcg64,
        turn: u32,
        second: i64,
        client: u32,
        kept: &mut Stored,
    ) -> Line<'static> {
        if self.forgets_after > 0 && kept.polls.is_multiple_of(self.forgets_after) {
            *kept = Stored { polls: kept.polls, ..Stored::default() };
        }
        if kept.connection == 0 {
            kept.connection = random.random_range(1_024..1_000_000);
            kept.pinned = random.random_range(0..self.replicas);
        }
        kept.polls += 1;
        let replicas = if second < self.scaled_out_at { 1 } else { self.replicas };
        let replica = match self.policy {
            Policy::Random => random.random_range(0..replicas),
            Policy::RoundRobin => turn % replicas,
            Policy::Sticky => kept.pinned % replicas,
        };
        let (version, size) = self.content(second, replica);
        let tag = self.tag(version, size, replica);
        let sent = match self.habit {
            Habit::NeverSends => String::new(),
            Habit::SendsTheFirst => kept.first.clone(),
            Habit::LosesQuotes => kept.tag.trim_matches('"').to_owned(),
            Habit::SendsIt => kept.tag.clone(),
        };
        let ignores = replica + self.ignoring >= self.replicas && self.ignoring > 0;
        let unsuffixed = |tag: &str| tag.replace("-gzip\"", "\"");
        let is_known =
            !sent.is_empty() && sent == tag && !(self.suffixes && unsuffixed(&sent) != sent);
        let status = if is_known && !ignores { 304 } else { 200 };
        if status == 200 {
            kept.tag.clone_from(&tag);
            if kept.first.is_empty() {
                kept.first.clone_from(&tag);
            }
        }
        let place = client / self.behind_one;
        Line {
            time: BEGIN + second,
            address: format!("203.0.113.{}", place % 250),
            connection: kept.connection,
            agent: AGENTS[(place / 250) as usize % AGENTS.len()],
            method: "GET",
            target: "/api/config".to_owned(),
            status,
            bytes: if status == 304 { 0 } else { size },
            replica,
            sent,
            tag,
        }
    }

    /// Version and size of the content of a replica.
    fn content(&self, second: i64, replica: u32) -> (i64, i64) {
        let mut seen = (0, SIZE);
        for (version, (at, takes, growth)) in (1..).zip(&self.releases) {
            // One replica after the other.
            let own = at + takes * i64::from(replica + 1) / i64::from(self.replicas);
            if second >= own {
                seen = (version, seen.1 + growth);
            }
        }
        // Each replica shows its name in the content.
        if self.tags == TagOf::Constant { (seen.0, seen.1 + i64::from(replica) * 16) } else { seen }
    }

    fn tag(&self, version: i64, size: i64, replica: u32) -> String {
        let hash = |text: &str| {
            let mix = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
        };
        let opaque = match self.tags {
            TagOf::None => return String::new(),
            TagOf::Content => hash(&format!("{version}/{size}")),
            TagOf::Replica => hash(&format!("{version}/{size}/{replica}")),
            TagOf::Copy => {
                format!("{:x}-{size:x}", BEGIN - 9_000 + version * 600 + i64::from(replica) * 7)
            }
            TagOf::Constant => format!("release-{version}"),
        };
        if self.suffixes { format!("\"{opaque}-gzip\"") } else { format!("\"{opaque}\"") }
    }

    /// Traffic that says nothing.
    fn other(&self, random: &mut Pcg64, log: &mut String, second: i64) {
        let (size, tag) = (self.content(second, 0).1, "\"other\"".to_owned());
        let user: u32 = random.random_range(0..40);
        let base = Line {
            time: BEGIN + second,
            address: format!("198.51.100.{user}"),
            connection: u64::from(user) + 1,
            agent: AGENTS[0],
            method: "GET",
            target: "/api/config".to_owned(),
            status: 200,
            bytes: size,
            replica: random.random_range(0..self.replicas),
            sent: String::new(),
            tag: tag.clone(),
        };
        let line = match random.random_range(0..7) {
            0 => Line { agent: "Mozilla/5.0 (compatible; Googlebot/2.1)", ..base },
            1 => Line { method: "HEAD", bytes: 0, ..base },
            2 => Line { status: 206, bytes: 100, ..base },
            3 => Line { method: "POST", target: "/api/orders".to_owned(), ..base },
            4 => Line { status: 503, bytes: 120, tag: String::new(), ..base },
            5 => Line { agent: "kube-probe/1.29", target: "/healthz".to_owned(), bytes: 2, ..base },
            // Each user has a content of equal size, and a tag for it.
            _ => {
                let tag = format!("\"user-{user:04}\"");
                let is_again = random.random_bool(0.7);
                let (status, sent) =
                    if is_again { (304, tag.clone()) } else { (200, String::new()) };
                let bytes = if is_again { 0 } else { 512 };
                Line { target: "/api/me".to_owned(), status, bytes, sent, tag, ..base }
            }
        };
        self.write(log, &line);
    }

    fn write(&self, log: &mut String, line: &Line<'_>) {
        let time = jiff::Timestamp::from_second(line.time).expect("a moment").to_string();
        let clock = &time[11..19];
        let day = &time[8..10];
        let common = format!("{day}/Nov/2026:{clock} +0000");
        let Line { address, connection, agent, method, target, status, bytes, .. } = line;
        let upstream = format!("10.1.0.{}:8080", line.replica + 1);
        let json = |text: &str| text.replace('"', "\\\"");
        let combined = format!(
            "{address} - - [{common}] \"{method} {target} HTTP/1.1\" {status} {bytes} \"-\" \"{agent}\""
        );
        let result = match self.notation {
            Notation::Combined => writeln!(log, "{combined}"),
            Notation::Upstream => writeln!(log, "{combined} up={upstream}"),
            Notation::Json | Notation::JsonAlone => {
                let upstream = if self.notation == Notation::Json { upstream.as_str() } else { "" };
                writeln!(
                    log,
                    "{{\"time\":\"{time}\",\"address\":\"{address}\",\"connection\":\"{connection}\",\
                     \"host\":\"api.example.com\",\"request\":\"{method} {target} HTTP/1.1\",\
                     \"status\":\"{status}\",\"bytes\":\"{bytes}\",\"upstream\":\"{upstream}\",\
                     \"user_agent\":\"{agent}\",\"if_none_match\":\"{}\",\"etag\":\"{}\",\
                     \"content_encoding\":\"\",\"content_length\":\"{}\"}}",
                    json(&line.sent),
                    json(&line.tag),
                    if *status == 200 { bytes.to_string() } else { String::new() },
                )
            }
        };
        result.expect("a string takes everything");
    }

    /// Wish for the format of the log.
    fn wish(&self) -> Wish {
        let format = (self.notation == Notation::Upstream).then(|| UPSTREAM.to_owned());
        Wish { format, ..Wish::default() }
    }

    /// The log, judged.
    pub(crate) fn judged(&self) -> Summary {
        judged(&self.log(), self.wish())
    }
}

const AGENTS: [&str; 4] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Go-http-client/1.1",
    "okhttp/4.12.0",
    "python-requests/2.32.3",
];

/// A log, judged.
pub(crate) fn judged(log: &str, wish: Wish) -> Summary {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.log");
    write(&path, log.as_bytes());
    let job = Job { files: vec![path], wish, ..Job::default() };
    let reading = read(&job, &AtomicBool::new(false), &mut |_| {}).expect("a log");
    Summary::of(&reading.account, &reading.layouts, reading.lines)
}

/// Names of the findings with their causes: `node-local-tag (mtime)`.
pub(crate) fn names(summary: &Summary) -> Vec<String> {
    let name = |one: &etag_lab_logs::LogFinding| match one.finding.cause {
        Some(cause) => format!("{} ({cause})", one.finding.kind.name),
        None => one.finding.kind.name.clone(),
    };
    summary.findings.iter().map(name).collect()
}

#[expect(clippy::disallowed_methods, reason = "the logs that the crate reads are files")]
pub(crate) fn write(path: &Path, content: &[u8]) {
    std::fs::write(path, content).expect("a file can be written");
}
