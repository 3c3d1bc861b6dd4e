//! The account of a log: for each path what was asked and answered, and for each client its last
//! answer, from events in the order of their lines.
//!
//! Counts are exact. What is compared with an earlier answer needs that answer, and the table of them
//! is bounded, as is the number of paths.

pub(crate) mod clients;
pub(crate) mod course;
pub(crate) mod path;
pub(crate) mod tags;
pub(crate) mod turns;

use crate::agent::Family;
use crate::field::Columns;
use crate::hashed::Hashed;
use crate::line::{Condition, Event, Kind};

use clients::{Client, Clients};
use course::Course;
use path::{Details, Path};

/// Paths that are told apart at most; those with fewest requests are counted together.
const MOST_PATHS: usize = 1 << 16;
/// Paths of which more than counts is kept.
const MOST_DETAILED: usize = 1 << 12;
/// Polls of clients that had an answer before, from which on a path is worth more than counts.
const WORTH_DETAILS: u64 = 4;
/// Servers that are told apart.
const MOST_UPSTREAMS: usize = 4_096;

/// Lines whose entries are brought near at once.
const AT_ONCE: usize = 128;

/// Account of one log, or of several that belong together.
#[derive(Debug)]
pub struct Account {
    pub(crate) columns: Columns,
    pub(crate) paths: Vec<Path>,
    index: Hashed<u64, u32>,
    detailed: usize,
    /// Requests for paths that are not told apart.
    pub(crate) others: Path,
    pub(crate) known: Clients,
    upstreams: Hashed<u32, u16>,
    /// Names of servers; their number less one is the index.
    pub(crate) upstream_names: Vec<Box<[u8]>>,
    /// Moments of the first and the last line.
    pub(crate) times: Option<(i64, i64)>,
    /// All polls over time.
    pub(crate) course: Course,
    /// The same by the hour, and by several in logs of many days.
    pub(crate) hours: Course,
    /// Seconds that each client table entry counts from.
    base: i64,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            columns: Columns::default(),
            paths: Vec::new(),
            index: Hashed::default(),
            detailed: 0,
            others: Path::default(),
            known: Clients::default(),
            upstreams: Hashed::default(),
            upstream_names: Vec::new(),
            times: None,
            course: Course::default(),
            hours: Course::of_width(3_600),
            base: 0,
        }
    }
}

impl Account {
    /// Name of a server: its own where that is no address, else the place of its first answer.
    pub(crate) fn server_name(&self, number: u16) -> String {
        let name = self.upstream_names.get(usize::from(number).wrapping_sub(1));
        let name = name.map(|name| String::from_utf8_lossy(name));
        let is_name = |name: &str| {
            let is_word = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
            name.chars().all(is_word) && name.chars().any(|c| c.is_ascii_alphabetic())
        };
        match name {
            Some(name) if is_name(&name) => name.into_owned(),
            _ => format!("r{number}"),
        }
    }

    /// Takes lines into account.
    pub(crate) fn add_all(&mut self, events: &[Event], block: &[u8]) {
        for near in events.chunks(AT_ONCE) {
            let polls = near.iter().filter(|event| event.kind == Kind::Poll);
            self.known.warm(polls.map(key));
            for event in near {
                self.add(event, block);
            }
        }
    }

    /// Takes one line into account.
    pub(crate) fn add(&mut self, event: &Event, block: &[u8]) {
        let time = self.time(event);
        let upstream = self.upstream(event, block);
        let Some(place) = self.place(event, block) else {
            self.others.count(event, upstream);
            return;
        };
        let path = &mut self.paths[place as usize];
        path.count(event, upstream);
        // Those who keep nothing on purpose say nothing about revalidation.
        if event.kind != Kind::Poll || event.family == Family::Bot {
            return;
        }
        let hour = self.hours.at(time);
        hour.polls += 1;
        hour.not_modified += u64::from(event.status == 304);
        let bucket = self.course.at(time);
        bucket.polls += 1;
        bucket.not_modified += u64::from(event.status == 304);
        let key = key(event);
        let (client, is_known, evicted) = self.known.entry(key);
        if let Some(evicted) = evicted {
            self.paths[evicted.path as usize].fold(&evicted);
        }
        let path = &mut self.paths[place as usize];
        client.path = place;
        let poll = Poll { event, block, time, upstream };
        if is_known {
            let is_repeated = path.again(client, event);
            bucket.repeated += u64::from(is_repeated);
            if path.details.is_none()
                && path.again >= WORTH_DETAILS
                && self.detailed < MOST_DETAILED
            {
                self.detailed += 1;
                path.details = Some(Box::default());
            }
        }
        if let Some(details) = &mut path.details {
            details.add(&poll, client, is_known, self.columns);
        }
        client.learn(&poll, self.base);
    }

    /// What the clients in the table say, beside what those say that made room.
    pub(crate) fn settle(&self) -> Vec<turns::Keys> {
        let mut keys: Vec<_> = self.paths.iter().map(|path| path.keys.clone()).collect();
        for client in self.known.iter() {
            keys[client.path as usize].fold(client);
        }
        keys
    }

    fn time(&mut self, event: &Event) -> i64 {
        let last = self.times.map_or(0, |(_, last)| last);
        let time = event.time.unwrap_or(last);
        if event.time.is_some() {
            if self.times.is_none() {
                self.base = time - 1;
            }
            let (first, last) = self.times.unwrap_or((time, time));
            self.times = Some((first.min(time), last.max(time)));
        }
        time
    }

    fn upstream(&mut self, event: &Event, block: &[u8]) -> u16 {
        if event.upstream == 0 {
            return 0;
        }
        if let Some(known) = self.upstreams.get(&event.upstream) {
            return *known;
        }
        if self.upstream_names.len() == MOST_UPSTREAMS {
            return 0;
        }
        self.upstream_names.push(event.upstream_text.text(block).into());
        let number = self.upstream_names.len() as u16;
        self.upstreams.insert(event.upstream, number);
        number
    }

    fn place(&mut self, event: &Event, block: &[u8]) -> Option<u32> {
        if let Some(place) = self.index.get(&event.path) {
            return Some(*place);
        }
        if self.paths.len() == MOST_PATHS {
            return None;
        }
        let place = self.paths.len() as u32;
        self.paths.push(Path::of(event.host_text.text(block), event.path_text.text(block)));
        self.index.insert(event.path, place);
        Some(place)
    }
}

/// Key of a client for a resource.
fn key(event: &Event) -> u64 {
    event.client ^ event.resource.rotate_left(32)
}

/// Poll with what the account knows of it.
pub(crate) struct Poll<'a> {
    pub(crate) event: &'a Event,
    pub(crate) block: &'a [u8],
    pub(crate) time: i64,
    pub(crate) upstream: u16,
}

impl Client {
    /// Remembers the answer.
    fn learn(&mut self, poll: &Poll<'_>, base: i64) {
        let event = poll.event;
        let seen = (poll.time - base).max(0) as u32;
        if self.seen != 0 {
            let interval = seen.abs_diff(self.seen).min(u32::from(u16::MAX)) as u16;
            let is_equal = interval.abs_diff(self.interval) <= (self.interval / 10).max(1);
            // Intervals below a few seconds are not seen in whole ones.
            let is_regular = is_equal && interval >= 5;
            self.regular = if is_regular { self.regular.saturating_add(1) } else { 0 };
            self.interval = interval;
        }
        self.seen = seen;
        self.connection = event.connection;
        self.sent = match event.condition {
            Condition::Without => 0,
            _ => event.sent as u32,
        };
        if event.status == 200 {
            self.size = size(event);
            self.tag = event.tag as u32;
            (self.before, self.issuer) = (self.issuer, poll.upstream);
        }
    }
}

/// Size of a 200, never 0.
pub(crate) fn size(event: &Event) -> u32 {
    (event.bytes as u32).max(1)
}

/// Details of a path, for tests and judges.
impl Details {
    pub(crate) fn has_tags(&self) -> bool {
        !self.tags.all.is_empty()
    }
}
