//! Field lines that make a request conditional, and the comparison of a 304 with them.
//!
//! Validators are opaque (RFC 9110 §8.8.3) and sent back byte for byte (§13.1.3). Works on heads in
//! memory, so that a model in virtual time calls the very code of the clients.

use std::rc::Rc;

use crate::habit::Habit;
use crate::head;
use crate::load::{Validate, Validators};
use crate::response::PollResponse;

const IF_NONE_MATCH: &[u8] = b"if-none-match: ";
const IF_MODIFIED_SINCE: &[u8] = b"if-modified-since: ";
const CRLF: &[u8] = b"\r\n";

/// The field lines with the validators of recent responses.
///
/// Clients that hold the same validators share one copy. Only a few are remembered: a server with a
/// new tag per response must not make this grow.
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
    pub(crate) fn of(
        &mut self,
        response: &PollResponse<'_>,
        validators: Validators,
    ) -> Option<Rc<[u8]>> {
        self.scratch.clear();
        let tag = response.entity_tag.filter(|_| !response.hides_tag);
        write_as(validators.habit, &mut self.scratch, (tag, response.head), validators.validate);
        if self.scratch.is_empty() {
            return None;
        }
        let lines = self.scratch.as_slice();
        if let Some(known) = self.shared.iter().flatten().find(|known| known.as_ref() == lines) {
            return Some(Rc::clone(known));
        }
        let fresh: Rc<[u8]> = lines.into();
        self.shared[self.next] = Some(Rc::clone(&fresh));
        self.next = (self.next + 1) % self.shared.len();
        Some(fresh)
    }
}

/// Appends the field lines that send back the tag and the date of a response with this head.
pub fn write(out: &mut Vec<u8>, entity_tag: Option<&[u8]>, head: &[u8], validate: Validate) {
    let mut line = |name: &[u8], value: &[u8]| {
        for part in [name, value, CRLF] {
            out.extend_from_slice(part);
        }
    };
    if let Some(tag) = entity_tag.filter(|_| validate.by_tag()) {
        line(IF_NONE_MATCH, tag);
    }
    if validate.by_date()
        && let Some(modified) = head::value(head, "last-modified")
    {
        line(IF_MODIFIED_SINCE, modified);
    }
}

/// The same as clients of this habit send them.
fn write_as(
    habit: Habit,
    out: &mut Vec<u8>,
    (entity_tag, head): (Option<&[u8]>, &[u8]),
    validate: Validate,
) {
    match habit {
        Habit::Cache | Habit::Heuristic | Habit::CacheFirst | Habit::LosesContent => {
            write(out, entity_tag, head, validate);
        }
        Habit::NoStore | Habit::CacheOff => {}
        Habit::StripsQuotes => {
            let bare = entity_tag.map(|tag| opaque(tag).trim_ascii());
            let bare = bare.map(|tag| tag.strip_prefix(b"\"").unwrap_or(tag));
            let bare = bare.map(|tag| tag.strip_suffix(b"\"").unwrap_or(tag));
            write(out, bare, head, validate);
        }
        // The time at which it was answered: that of its own clock.
        Habit::InventsDate => {
            if let Some(now) = head::value(head, "date") {
                out.extend_from_slice(&[IF_MODIFIED_SINCE, now, CRLF].concat());
            }
        }
    }
}

/// True if a 304 with this tag and head is about the response that these conditions belong to
/// (RFC 9111 §4.3.4): by the same tag if it carries a strong one, else by any validator.
pub fn identify(conditions: &[u8], entity_tag: Option<&[u8]>, head: &[u8]) -> bool {
    let modified = head::value(head, "last-modified");
    match (entity_tag, validator(conditions, IF_NONE_MATCH)) {
        (Some(tag), Some(stored)) if tag.starts_with(b"W/") => opaque(tag) == opaque(stored),
        (Some(tag), Some(stored)) => tag == stored,
        _ => modified.is_some() && modified == validator(conditions, IF_MODIFIED_SINCE),
    }
}

fn validator<'a>(conditions: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut lines = conditions.split(|&byte| byte == b'\n');
    let value = lines.find_map(|line| line.strip_prefix(name))?;
    Some(value.strip_suffix(b"\r").unwrap_or(value))
}

fn opaque(entity_tag: &[u8]) -> &[u8] {
    entity_tag.strip_prefix(b"W/").unwrap_or(entity_tag)
}

#[cfg(test)]
mod tests {
    use measure::ContentCoding;
    use truth::ContentId;

    use super::*;

    fn response<'a>(head: &'a [u8], entity_tag: Option<&'a [u8]>) -> PollResponse<'a> {
        PollResponse {
            status: 200,
            head,
            entity_tag,
            declaration: None,
            content: ContentId::of(b""),
            coding: ContentCoding::Identity,
            octets: 0,
            hides_tag: false,
        }
    }

    fn conditions(recent: &mut RecentConditions, validate: Validate, tag: &str) -> Rc<[u8]> {
        let head = b"HTTP/1.1 200 OK\r\nLast-Modified: Tuesday, 06-Jan-26 12:00:00 GMT\r\n\r\n";
        let response = response(head, Some(tag.as_bytes()));
        recent.of(&response, validate.into()).expect("it has both validators")
    }

    #[test]
    fn validators_are_sent_back_as_they_came() {
        let sent = |validate| {
            let lines = conditions(&mut RecentConditions::default(), validate, "W/\"a b\"");
            String::from_utf8_lossy(&lines).into_owned()
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
        let first = conditions(&mut recent, Validate::EntityTag, "\"1\"");
        let again = conditions(&mut recent, Validate::EntityTag, "\"1\"");
        assert!(Rc::ptr_eq(&first, &again));
        drop(again);
        for n in 0..1_000 {
            conditions(&mut recent, Validate::EntityTag, &format!("\"{n}x\""));
        }
        assert_eq!(Rc::strong_count(&first), 1);
    }

    #[test]
    fn only_a_304_with_the_stored_validator_is_about_the_stored_response() {
        let mut recent = RecentConditions::default();
        let strong = conditions(&mut recent, Validate::EntityTag, "\"1\"");
        let by_date = conditions(&mut recent, Validate::LastModified, "\"1\"");
        let identifies = |conditions: &[u8], head: &str, tag: Option<&str>| {
            identify(conditions, tag.map(str::as_bytes), head.as_bytes())
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
