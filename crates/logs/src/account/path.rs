//! Account of one path.

use text::secret::masked;

use super::clients::Client;
use super::course::Course;
use super::tags::Tags;
use super::turns::{Keys, Turned};
use super::{Poll, size};
use crate::agent::Family;
use crate::field::Columns;
use crate::line::{Event, Kind};

/// Servers of one path that are named at most.
const MOST_UPSTREAMS: usize = 64;

/// Counts of one path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    pub(crate) host: Box<[u8]>,
    pub(crate) text: Box<[u8]>,
    pub(crate) requests: u64,
    /// GETs that were answered 200 or 304, bots included.
    pub(crate) polls: u64,
    pub(crate) not_modified: u64,
    /// Bytes of all responses.
    pub(crate) bytes: u64,
    /// Polls of clients that had a 200 before.
    pub(crate) again: u64,
    /// 304s among them.
    pub(crate) again_not_modified: u64,
    /// 200s among them with the size of the one before.
    pub(crate) repeated: u64,
    pub(crate) repeated_bytes: u64,
    pub(crate) heads: u64,
    pub(crate) partial: u64,
    pub(crate) other: u64,
    /// By family: polls of clients that had a 200, and 304s among them.
    pub(crate) families: [[u32; 2]; 5],
    pub(crate) upstreams: Vec<u16>,
    /// Turns of the clients that made room for others.
    pub(crate) keys: Keys,
    pub(crate) details: Option<Box<Details>>,
}

impl Path {
    /// Host and path as they are shown: credentials masked.
    pub(crate) fn name(&self) -> String {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let name = format!("{}{}", text(&self.host), text(&self.text));
        // Some writers of JSON escape each slash.
        let name = name.replace("\\/", "/");
        if name.is_empty() { "(no path)".to_owned() } else { masked(&name) }
    }

    pub(super) fn of(host: &[u8], text: &[u8]) -> Self {
        Self { host: host.into(), text: text.into(), ..Self::default() }
    }

    pub(super) fn count(&mut self, event: &Event, upstream: u16) {
        self.requests += 1;
        self.bytes += event.bytes;
        match event.kind {
            Kind::Poll => {
                self.polls += 1;
                self.not_modified += u64::from(event.status == 304);
            }
            Kind::Head => self.heads += 1,
            Kind::Partial => self.partial += 1,
            Kind::OtherMethod | Kind::OtherStatus => self.other += 1,
        }
        if upstream != 0 && self.upstreams.last() != Some(&upstream) {
            let is_new = !self.upstreams.contains(&upstream);
            if is_new && self.upstreams.len() < MOST_UPSTREAMS {
                self.upstreams.push(upstream);
            }
        }
    }

    /// Counts a poll of a client that is known; true if it got the size that it had.
    pub(super) fn again(&mut self, client: &Client, event: &Event) -> bool {
        // It may hold the content of a 200 that no line shows.
        if client.size == 0 && event.status == 200 {
            return false;
        }
        let family = &mut self.families[event.family as usize];
        self.again += 1;
        family[0] += 1;
        if event.status == 304 {
            self.again_not_modified += 1;
            family[1] += 1;
            return false;
        }
        let is_repeated = client.size == size(event);
        if is_repeated {
            self.repeated += 1;
            self.repeated_bytes += event.bytes;
        }
        is_repeated
    }

    pub(super) fn fold(&mut self, client: &Client) {
        self.keys.fold(client);
    }

    /// Polls and 304s of a family.
    pub(crate) fn of_family(&self, family: Family) -> [u32; 2] {
        self.families[family as usize]
    }
}

/// More than counts, of a path that is polled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Details {
    pub(crate) course: Course,
    /// Polls of clients that met another server than before.
    pub(crate) turned: Turned,
    pub(crate) tags: Tags,
}

impl Details {
    pub(super) fn add(
        &mut self,
        poll: &Poll<'_>,
        client: &mut Client,
        is_known: bool,
        columns: Columns,
    ) {
        let event = poll.event;
        let bucket = self.course.at(poll.time);
        bucket.polls += 1;
        bucket.not_modified += u64::from(event.status == 304);
        let is_repeated = is_known && event.status == 200 && client.size == size(event);
        bucket.repeated += u64::from(is_repeated);
        if is_known && client.issuer != 0 && poll.upstream != 0 {
            self.turned.add(poll, client);
        }
        if columns.have_tags() {
            self.tags.add(poll, client, is_known);
        }
    }
}
