//! What one logical client remembers between polls: a value of a few dozen bytes.
//!
//! Not a task and not a connection, so that a million of them are possible. Sends nothing.

use std::rc::Rc;
use std::time::Duration;

use measure::ContentCoding;
use truth::Content;

use crate::caching::Validate;
use crate::connection::Received;
use crate::fields;
use crate::freshness::{Lifetime, Moment};
use crate::poll_interval::Pace;

const IF_NONE_MATCH: &[u8] = b"if-none-match: ";
const IF_MODIFIED_SINCE: &[u8] = b"if-modified-since: ";
const CRLF: &[u8] = b"\r\n";

/// One client's stored response, reduced to what revalidation needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Poller {
    /// The field lines that make its request conditional, ready to be sent. The validators in them
    /// are never interpreted (RFC 9110 §8.8.3) nor written anew (§13.1.3).
    conditions: Option<Rc<[u8]>>,
    /// What is stored; committed only after complete content.
    pub(crate) held: Option<Content>,
    /// How long it is fresh; `None` where clients do not ask.
    lifetime: Option<Box<Lifetime>>,
    /// In which form what is stored came.
    pub(crate) coding: ContentCoding,
    /// Changes that had reached every replica when this client last polled.
    pub(crate) changes_seen: u32,
    /// When the server wants to be polled again.
    pub(crate) pace: Pace,
    /// When a response last brought or confirmed what is stored, in microseconds of the run.
    confirmed_us: u64,
    /// Polls have failed since.
    failing: bool,
}

impl Poller {
    /// The conditional field lines of the next request; empty when it is unconditional.
    pub(crate) fn conditions(&self) -> &[u8] {
        self.conditions.as_deref().unwrap_or_default()
    }

    /// Whether the stored response may be used without asking at `clock`.
    pub(crate) fn is_fresh(&self, clock: Duration) -> bool {
        self.lifetime.as_ref().is_some_and(|lifetime| lifetime.is_fresh(clock))
    }

    /// Stores a response whose content is complete, with the lines that will revalidate it.
    pub(crate) fn store(
        &mut self,
        held: Option<Content>,
        coding: ContentCoding,
        conditions: Option<Rc<[u8]>>,
    ) {
        (self.held, self.coding, self.conditions) = (held, coding, conditions);
    }

    /// Takes over what a 304 says of the content that is stored. Neither a 304 without validator
    /// nor one with a foreign validator changes the stored one (RFC 9111 §4.3.4).
    pub(crate) fn validated(&mut self, held: Option<Content>) {
        self.held = held;
    }

    /// Notes that a response has come at `at` for which the client had waited; returns how long it
    /// had gone on with what it had because polls failed, if they did.
    pub(crate) fn confirm(&mut self, at: Duration) -> Option<Duration> {
        let unconfirmed = self.failing.then(|| self.unconfirmed(at));
        (self.confirmed_us, self.failing) = (micros(at), false);
        unconfirmed
    }

    /// Goes on with what is stored although a poll has failed at `at`; returns for how long nobody
    /// has confirmed it.
    pub(crate) fn go_on_unconfirmed(&mut self, at: Duration) -> Duration {
        self.failing = true;
        self.unconfirmed(at)
    }

    /// Forgets what is stored, and with it all that would revalidate it.
    pub(crate) fn forget(&mut self) {
        (self.conditions, self.held, self.lifetime, self.failing) = (None, None, None, false);
    }

    fn unconfirmed(&self, at: Duration) -> Duration {
        Duration::from_micros(micros(at).saturating_sub(self.confirmed_us))
    }

    /// Notes until when the response just stored or validated is fresh; `moment` is its arrival.
    pub(crate) fn note_lifetime(
        &mut self,
        not_modified: bool,
        received: &Received<'_>,
        moment: Moment,
    ) {
        let carried = Lifetime::read(received.head);
        if !not_modified {
            if carried.may_be_stored() {
                **self.lifetime.get_or_insert_default() = carried.starting(moment);
            } else {
                self.forget();
            }
        } else if self.is_identified_by(received)
            && let Some(stored) = &mut self.lifetime
        {
            **stored = stored.renewed_by(&carried, moment);
        }
    }

    /// Whether a 304 speaks of the response that is stored (RFC 9111 §4.3.4): by the very tag if
    /// it carries a strong one, else by any validator.
    fn is_identified_by(&self, received: &Received<'_>) -> bool {
        let modified = fields::value(received.head, "last-modified");
        match (received.entity_tag, self.validator(IF_NONE_MATCH)) {
            (Some(tag), Some(stored)) if tag.starts_with(b"W/") => opaque(tag) == opaque(stored),
            (Some(tag), Some(stored)) => tag == stored,
            _ => modified.is_some() && modified == self.validator(IF_MODIFIED_SINCE),
        }
    }

    fn validator(&self, name: &[u8]) -> Option<&[u8]> {
        let lines = self.conditions().split(|&byte| byte == b'\n');
        lines
            .filter_map(|line| line.strip_prefix(name))
            .map(|value| value.strip_suffix(b"\r").unwrap_or(value))
            .next()
    }
}

/// A run does not last for half a million years.
fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn opaque(entity_tag: &[u8]) -> &[u8] {
    entity_tag.strip_prefix(b"W/").unwrap_or(entity_tag)
}

/// Lets clients that hold the same validators share one copy of their field lines.
///
/// Remembers only the latest few: a server with a new tag per response must not make it grow.
#[derive(Debug, Default)]
pub(crate) struct RecentConditions {
    shared: [Option<Rc<[u8]>>; 16],
    next: usize,
    /// The lines written last; used again and again, so that writing them allocates nothing.
    scratch: Vec<u8>,
}

impl RecentConditions {
    /// The field lines that send back the validators of this response, perhaps shared with other
    /// clients; `None` when it has none.
    pub(crate) fn of(&mut self, received: &Received<'_>, validate: Validate) -> Option<Rc<[u8]>> {
        self.write(received, validate);
        if self.scratch.is_empty() {
            return None;
        }
        let lines = self.scratch.as_slice();
        let known = self.shared.iter().flatten().find(|known| known.as_ref() == lines);
        if let Some(known) = known {
            return Some(Rc::clone(known));
        }
        let fresh: Rc<[u8]> = lines.into();
        self.shared[self.next] = Some(Rc::clone(&fresh));
        self.next = (self.next + 1) % self.shared.len();
        Some(fresh)
    }

    fn write(&mut self, received: &Received<'_>, validate: Validate) {
        self.scratch.clear();
        let mut line = |name: &[u8], value: &[u8]| {
            for part in [name, value, CRLF] {
                self.scratch.extend_from_slice(part);
            }
        };
        if let Some(tag) = received.entity_tag.filter(|_| validate.by_tag()) {
            line(IF_NONE_MATCH, tag);
        }
        if validate.by_date()
            && let Some(modified) = fields::value(received.head, "last-modified")
        {
            line(IF_MODIFIED_SINCE, modified);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truth::ContentId;

    fn received<'a>(head: &'a [u8], entity_tag: Option<&'a [u8]>) -> Received<'a> {
        Received {
            status: 200,
            head,
            entity_tag,
            declaration: None,
            content: ContentId::of(b""),
            coding: ContentCoding::Identity,
            octets: 0,
        }
    }

    fn stored(validate: Validate, recent: &mut RecentConditions, tag: &[u8]) -> Poller {
        let head = b"HTTP/1.1 200 OK\r\nLast-Modified: Tuesday, 06-Jan-26 12:00:00 GMT\r\n\r\n";
        let mut poller = Poller::default();
        poller.store(
            None,
            ContentCoding::Identity,
            recent.of(&received(head, Some(tag)), validate),
        );
        poller
    }

    #[test]
    fn a_poller_at_rest_is_within_its_budget() {
        assert!(size_of::<Poller>() <= 72, "{}", size_of::<Poller>());
    }

    #[test]
    fn validators_are_sent_back_as_they_came() {
        let sent = |validate| {
            let poller = stored(validate, &mut RecentConditions::default(), b"W/\"a b\"");
            String::from_utf8_lossy(poller.conditions()).into_owned()
        };
        let tag = "if-none-match: W/\"a b\"\r\n";
        let date = "if-modified-since: Tuesday, 06-Jan-26 12:00:00 GMT\r\n";
        assert_eq!(sent(Validate::EntityTag), tag);
        assert_eq!(sent(Validate::LastModified), date);
        assert_eq!(sent(Validate::Both), format!("{tag}{date}"));
    }

    #[test]
    fn equal_lines_are_shared_and_endless_new_ones_are_forgotten() {
        let mut recent = RecentConditions::default();
        let lines = |poller: Poller| poller.conditions.expect("a tag was stored");
        let first = lines(stored(Validate::EntityTag, &mut recent, b"\"1\""));
        let again = lines(stored(Validate::EntityTag, &mut recent, b"\"1\""));
        assert!(Rc::ptr_eq(&first, &again));
        drop(again);
        for n in 0..1_000 {
            stored(Validate::EntityTag, &mut recent, format!("\"{n}x\"").as_bytes());
        }
        assert_eq!(Rc::strong_count(&first), 1);
    }

    #[test]
    fn only_a_304_with_the_stored_validator_speaks_of_what_is_stored() {
        let mut recent = RecentConditions::default();
        let strong = stored(Validate::EntityTag, &mut recent, b"\"1\"");
        let by_date = stored(Validate::LastModified, &mut recent, b"\"1\"");
        let identifies = |poller: &Poller, head: &str, tag: Option<&str>| {
            poller.is_identified_by(&received(head.as_bytes(), tag.map(str::as_bytes)))
        };
        assert!(identifies(&strong, "", Some("\"1\"")));
        assert!(identifies(&strong, "", Some("W/\"1\"")));
        assert!(!identifies(&strong, "", Some("\"2\"")));
        assert!(!identifies(&strong, "", None));
        let head = "\r\nlast-modified: Tuesday, 06-Jan-26 12:00:00 GMT\r\n";
        assert!(identifies(&by_date, head, Some("\"1\"")));
        assert!(!identifies(&by_date, "\r\nlast-modified: now\r\n", None));
        assert!(!identifies(&by_date, "", None));
    }
}
