//! Tags of one path, where the log has those of requests and of responses: who issued each, what it
//! was good for, and which took the place of which.

use super::Poll;
use super::clients::Client;
use super::course::Course;
use crate::agent::Family;
use crate::hashed::Hashed;
use crate::line::Condition;
use crate::tag;

/// Tags of one path at most, and pairs of them.
const MOST_TAGS: usize = 128;
const MOST_EDGES: usize = 512;
/// Repetitions from which on something is a habit.
const HABIT: u8 = 3;

/// A tag of one resource.
#[derive(Clone, Debug)]
pub(crate) struct TagSeen {
    pub(crate) key: u64,
    pub(crate) text: Box<[u8]>,
    pub(crate) resource: u64,
    pub(crate) size: u64,
    pub(crate) issued: u64,
    pub(crate) last: i64,
    /// Servers that sent it.
    pub(crate) upstreams: Vec<u16>,
    /// True once another tag of the same size took its place.
    pub(crate) was_replaced: bool,
    /// Content-Length without a coding, and how often it was seen.
    pub(crate) lengths: Vec<(u64, u64)>,
}

impl TagSeen {
    fn add_upstream(&mut self, upstream: u16) {
        if upstream != 0 && !self.upstreams.contains(&upstream) && self.upstreams.len() < 8 {
            self.upstreams.push(upstream);
        }
    }
}

/// Times that one tag took the place of another of the same size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) count: u64,
    pub(crate) last: i64,
}

/// Answers to requests that named the very tag of the answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Matched {
    pub(crate) honoured: u64,
    pub(crate) ignored: u64,
}

impl Matched {
    fn add(&mut self, is_honoured: bool) {
        if is_honoured { self.honoured += 1 } else { self.ignored += 1 }
    }

    pub(crate) fn all(self) -> u64 {
        self.honoured + self.ignored
    }
}

/// Everything about the tags of one path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tags {
    pub(crate) all: Hashed<u64, TagSeen>,
    pub(crate) edges: Hashed<(u64, u64), Edge>,
    /// Tags and pairs that were given up for newer ones.
    pub(crate) forgotten: u64,
    /// By issuer, where a tag has one alone, and answerer: 304s and 200s.
    pub(crate) matrix: std::collections::BTreeMap<(u16, u16), [u64; 2]>,
    /// Requests with a tag.
    pub(crate) conditional: u64,
    /// 304s among them.
    pub(crate) not_modified: u64,
    /// Tags without a suffix of a coding, and with one.
    pub(crate) plain: Matched,
    pub(crate) suffixed: Matched,
    /// Of the ignored ones those with a date that is not the one of the answer, and without.
    pub(crate) beside_date: Matched,
    /// By server that answered.
    pub(crate) by_upstream: std::collections::BTreeMap<u16, Matched>,
    /// Lost and kept are those of matching tags.
    pub(crate) course: Course,
    /// Answers whose tag was replaced by one that it had replaced itself.
    pub(crate) returned: u64,
    pub(crate) returns: Course,
    /// Other answers with another tag and the same size.
    pub(crate) replaced: u64,
    /// Answers with another size.
    pub(crate) changed: u64,
    /// Polls of known clients without a tag, and with one.
    pub(crate) again_without: u64,
    pub(crate) again_with: u64,
    /// Clients that did something three times in a row.
    pub(crate) silent: u64,
    pub(crate) outdated: u64,
    /// Requests with a tag that had lost its quotes.
    pub(crate) mangled: u64,
    pub(crate) mangled_text: Box<[u8]>,
    pub(crate) silence: Course,
}

impl Tags {
    pub(super) fn add(&mut self, poll: &Poll<'_>, client: &mut Client, is_known: bool) {
        let event = poll.event;
        if event.status == 200 && event.tag != 0 {
            self.issue(poll);
        }
        self.habits(poll, client, is_known);
        match (event.condition, event.status) {
            (Condition::Without, _) => return,
            (_, 304) => self.not_modified += 1,
            _ => {}
        }
        self.conditional += 1;
        self.by_issuer(poll);
        match event.condition {
            Condition::Matches => self.matched(poll),
            Condition::Differs if event.status == 200 && event.tag != 0 => self.replace(poll),
            Condition::Differs | Condition::Without => {}
        }
    }

    fn issue(&mut self, poll: &Poll<'_>) {
        let event = poll.event;
        if self.all.len() >= MOST_TAGS && !self.all.contains_key(&key(event.resource, event.tag)) {
            self.forget();
        }
        let size = event.length.unwrap_or(event.bytes);
        let key = key(event.resource, event.tag);
        let seen = self.all.entry(key).or_insert_with(|| TagSeen {
            key,
            text: event.tag_text.text(poll.block).into(),
            resource: event.resource,
            size,
            issued: 0,
            last: poll.time,
            upstreams: Vec::new(),
            was_replaced: false,
            lengths: Vec::new(),
        });
        seen.issued += 1;
        seen.last = seen.last.max(poll.time);
        seen.size = size;
        seen.add_upstream(poll.upstream);
        if let Some(length) = event.length.filter(|_| event.coding == 0) {
            let known = seen.lengths.iter().position(|(known, _)| *known == length);
            match known {
                Some(known) => seen.lengths[known].1 += 1,
                None if seen.lengths.len() < 8 => seen.lengths.push((length, 1)),
                None => {}
            }
        }
    }

    /// Makes room: of two tags the one that was seen later stays.
    fn forget(&mut self) {
        let mut times: Vec<_> = self.all.values().map(|seen| seen.last).collect();
        let middle = times.len() / 2;
        let (_, middle, _) = times.select_nth_unstable(middle);
        let middle = *middle;
        let before = self.all.len();
        self.all.retain(|_, seen| seen.last > middle);
        self.forgotten += (before - self.all.len()) as u64;
    }

    fn by_issuer(&mut self, poll: &Poll<'_>) {
        let event = poll.event;
        let known = self.all.get(&key(event.resource, event.sent));
        if let (Some([issuer]), true) = (known.map(|seen| &seen.upstreams[..]), poll.upstream != 0)
            && self.matrix.len() < 1_024
        {
            self.matrix.entry((*issuer, poll.upstream)).or_default()
                [usize::from(event.status != 304)] += 1;
        }
        // A server that answers 304 knows the tag as its own.
        if event.status == 304
            && let Some(seen) = self.all.get_mut(&key(event.resource, event.sent))
        {
            seen.add_upstream(poll.upstream);
        }
    }

    fn matched(&mut self, poll: &Poll<'_>) {
        let event = poll.event;
        let sent = event.sent_text.text(poll.block);
        let is_honoured = event.status == 304;
        // One quoted, and the other not: they are two tags, though some servers take them for one.
        if event.sent != 0
            && !tag::is_quoted(sent)
            && tag::is_quoted(event.tag_text.text(poll.block))
        {
            if !is_honoured {
                self.mangled += 1;
                self.mangled_text = sent.into();
            }
            return;
        }
        let text = String::from_utf8_lossy(tag::inner(sent));
        let is_suffixed = findings::tags::has_suffix(&text);
        let matched = if is_suffixed { &mut self.suffixed } else { &mut self.plain };
        matched.add(is_honoured);
        if event.date == Some(false) {
            self.beside_date.add(is_honoured);
        }
        if self.by_upstream.len() < 256 {
            self.by_upstream.entry(poll.upstream).or_default().add(is_honoured);
        }
        let bucket = self.course.at(poll.time);
        if is_honoured { bucket.kept += 1 } else { bucket.lost += 1 }
    }

    fn replace(&mut self, poll: &Poll<'_>) {
        let event = poll.event;
        let (from, to) = (key(event.resource, event.sent), key(event.resource, event.tag));
        let size = event.length.unwrap_or(event.bytes);
        let known = self.all.get(&from).filter(|_| event.sent != 0);
        let Some(known) = known else { return };
        // Some products count the fields, and with them the tag.
        let without_tag = |size: u64, tag: usize| size.checked_sub(tag as u64);
        let is_equal = known.size == size
            || (event.length.is_none()
                && without_tag(known.size, known.text.len())
                    == without_tag(size, event.tag_text.text(poll.block).len()));
        if !is_equal {
            self.changed += 1;
            return;
        }
        if self.edges.len() >= MOST_EDGES && !self.edges.contains_key(&(from, to)) {
            let all = &self.all;
            self.edges.retain(|(one, other), _| all.contains_key(one) && all.contains_key(other));
            if self.edges.len() >= MOST_EDGES {
                self.edges.clear();
            }
        }
        let edge = Edge { count: 0, last: poll.time };
        let edge = self.edges.entry((from, to)).or_insert(edge);
        edge.count += 1;
        edge.last = edge.last.max(poll.time);
        if let Some(known) = self.all.get_mut(&from) {
            known.was_replaced = true;
        }
        // What took the place of another, and lost it, is there again.
        if self.all.get(&to).is_some_and(|seen| seen.was_replaced) {
            self.returned += 1;
            self.returns.at(poll.time).lost += 1;
        } else {
            self.replaced += 1;
        }
    }

    /// Habits of single clients: several behind one address are no habit.
    fn habits(&mut self, poll: &Poll<'_>, client: &mut Client, is_known: bool) {
        let event = poll.event;
        if !is_known {
            return;
        }
        let is_conditional = event.condition != Condition::Without;
        if is_conditional {
            self.again_with += 1;
        } else {
            self.again_without += 1;
        }
        let is_connected = event.connection != 0 && event.connection == client.connection;
        let is_single = is_connected || client.regular >= HABIT;
        // A person who types commands has no cache.
        let is_program =
            matches!(event.family, Family::Browser | Family::Program | Family::Unknown);
        let has_tag = event.tag != 0 && event.tag as u32 == client.tag;
        if !is_conditional && event.status == 200 && has_tag && is_single && is_program {
            client.silent = client.silent.saturating_add(1);
            self.silent += u64::from(client.silent == HABIT);
            self.silence.at(poll.time).lost += 1;
        } else if is_conditional {
            client.silent = 0;
            self.silence.at(poll.time).kept += 1;
        }
        let is_outdated = event.condition == Condition::Differs
            && event.status == 200
            && event.sent as u32 == client.sent
            && client.tag != 0
            && client.tag != event.sent as u32
            && has_tag;
        if is_outdated && is_single {
            client.outdated = client.outdated.saturating_add(1);
            self.outdated += u64::from(client.outdated == HABIT);
        } else if is_conditional {
            client.outdated = 0;
        }
    }
}

fn key(resource: u64, tag: u64) -> u64 {
    resource ^ tag.rotate_left(21)
}
