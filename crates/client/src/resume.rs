//! Downloads that break in the middle: the place where the client hangs up, the request for the
//! rest, and the check that a 206 is that rest (RFC 9110 §14, §15.3.7).
//!
//! Decides nothing about verdicts; moves no octets.

use std::rc::Rc;

use measure::{ContentCoding, ErrorReason, Observation, Resume};
use truth::{Content, Declaration};
use wire::framing::Framing;
use wire::head::decimal;

use crate::content::{ContentSink, Decoder};
use crate::head::{self, PollHead};
use crate::response::PollResponse;

/// A connection that breaks in the middle of every download.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interruption {
    /// Share of the content after which the client hangs up, inside `0.0..1.0`.
    pub at: f64,
    /// Tags with which it resumes.
    pub if_range: IfRange,
}

/// Tags that a client sends as `If-Range`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IfRange {
    /// Any tag: the naive client, against RFC 9110 §13.1.5, so that the server is seen to refuse.
    #[default]
    Any,
    /// Strong tags only; where there is none, the download starts again without a range.
    StrongOnly,
}

impl IfRange {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Any, Self::StrongOnly];

    /// As it is written in a scenario and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::StrongOnly => "strong-only",
        }
    }

    pub(crate) fn allows(self, entity_tag: &[u8]) -> bool {
        self == Self::Any || !entity_tag.starts_with(b"W/")
    }
}

#[derive(Debug)]
pub(crate) enum WantedPart {
    Whole,
    /// This share of its content, if it is a 200 with a length.
    Share(f64),
    /// The rest of the content that began like this; all of it, if the response is no 206.
    Rest(Box<ContentSink>),
}

impl WantedPart {
    /// Octets of content after which the client hangs up; at least one, and never all.
    pub(crate) fn cut_after(&self, head: &PollHead) -> Option<u64> {
        match (self, head.message.status, head.message.framing) {
            // Rounding must leave something on both sides, whatever the share.
            (Self::Share(share), 200, Framing::Length(length @ 2..)) => {
                Some(((length as f64 * share) as u64).clamp(1, length - 1))
            }
            _ => None,
        }
    }

    pub(crate) fn decoder(&self, head: &PollHead) -> Result<Decoder, ErrorReason> {
        let framing = head.message.framing;
        match (self, head.message.status) {
            (Self::Rest(first), 206) => Decoder::continuing(framing, ContentSink::clone(first)),
            _ => Decoder::new(framing, head.fields.coding),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct BrokenDownload {
    first: Box<ContentSink>,
    octets: u64,
    length: u64,
}

impl BrokenDownload {
    pub(crate) fn of(head: &PollHead, decoder: Decoder) -> Option<Self> {
        let Framing::Length(length) = head.message.framing else { return None };
        let (octets, is_complete) = (decoder.octets(), decoder.is_complete());
        (!is_complete).then(|| Self { first: Box::new(decoder.into_sink()), octets, length })
    }
}

/// The second request of an interrupted download.
#[derive(Debug)]
pub(crate) struct RestRequest {
    /// Octet from which on the content is missing; `None` asks for the whole again.
    from: Option<u64>,
    length: u64,
    entity_tag: Option<Vec<u8>>,
    declared: Option<Declaration>,
    /// Coding of the first response; a 206 need not repeat it (RFC 9110 §15.3.7).
    pub(crate) coding: ContentCoding,
    /// The lines that revalidate the first response: a 206 need not repeat its validators.
    pub(crate) conditions: Option<Rc<[u8]>>,
}

impl RestRequest {
    /// The request after this response, in which the client hung up, and the part wanted of its
    /// answer.
    pub(crate) fn of(
        response: &PollResponse<'_>,
        broken: BrokenDownload,
        if_range: IfRange,
        conditions: Option<Rc<[u8]>>,
    ) -> (Self, WantedPart) {
        let BrokenDownload { first, octets, length } = broken;
        // Without a validator a range could belong to another content (§14.2): start again.
        let entity_tag = response.entity_tag.filter(|tag| if_range.allows(tag));
        let rest = Self {
            from: entity_tag.is_some().then_some(octets),
            length,
            entity_tag: entity_tag.map(<[u8]>::to_vec),
            declared: response.declaration,
            coding: response.coding,
            conditions,
        };
        let part = if rest.from.is_some() { WantedPart::Rest(first) } else { WantedPart::Whole };
        (rest, part)
    }

    pub(crate) fn write(&self, request: &mut Vec<u8>) {
        if let (Some(from), Some(tag)) = (self.from, &self.entity_tag) {
            request.extend_from_slice(format!("range: bytes={from}-\r\nif-range: ").as_bytes());
            request.extend_from_slice(tag);
            request.extend_from_slice(b"\r\n");
        }
    }

    /// Observation that this answer allows, and the way in which it completes the download.
    pub(crate) fn observe(
        &self,
        response: &PollResponse<'_>,
    ) -> Result<(Observation, Resume), ErrorReason> {
        let resume = self.outcome(response)?;
        let observed = match resume {
            Resume::Whole => response.observe(false)?,
            Resume::Partial => self.assembled(response)?,
        };
        Ok((observed, resume))
    }

    fn outcome(&self, response: &PollResponse<'_>) -> Result<Resume, ErrorReason> {
        match (response.status, self.from) {
            (200, _) => Ok(Resume::Whole),
            (206, Some(from)) if self.is_rest(from, response) => Ok(Resume::Partial),
            // Joined to the first part it would make a content that nobody ever had.
            (206, Some(_)) if !self.is_of_same_tag(response) => Err(ErrorReason::IfRangeIgnored),
            (206, Some(_)) => Err(ErrorReason::WrongRange),
            (status, _) => Err(ErrorReason::Status(status)),
        }
    }

    /// The content made of both parts, held against what either response declares.
    fn assembled(&self, response: &PollResponse<'_>) -> Result<Observation, ErrorReason> {
        let first = self.declared.and_then(|declaration| declaration.content);
        let known = [response.declared(), first].into_iter().flatten();
        if let Some(content) = known
            .clone()
            .find(|known| response.coding == ContentCoding::Other || known.id == response.content)
        {
            return Ok(Observation::Content(content));
        }
        let is_declared = known.count() > 0;
        let content = Content { id: response.content, edition: None };
        (!is_declared).then_some(Observation::Content(content)).ok_or(ErrorReason::Spliced)
    }

    /// Checks that a 206 is the range of the request, to its last octet, and of the same
    /// representation: another tag forbids joining the two (§15.3.7.3).
    fn is_rest(&self, from: u64, response: &PollResponse<'_>) -> bool {
        let range = head::value(response.head, "content-range").and_then(content_range);
        let last = self.length - 1;
        let covers = range.is_some_and(|(first, end, complete)| {
            (first, end) == (from, last) && complete.is_none_or(|complete| complete == self.length)
        });
        covers && self.is_of_same_tag(response) && response.octets == self.length - from
    }

    fn is_of_same_tag(&self, response: &PollResponse<'_>) -> bool {
        response.entity_tag.is_none_or(|tag| Some(tag) == self.entity_tag.as_deref())
    }
}

/// `bytes FIRST-LAST/COMPLETE`, where `*` is a length that is not known (§14.4).
fn content_range(value: &[u8]) -> Option<(u64, u64, Option<u64>)> {
    let (unit, range) = str::from_utf8(value).ok()?.split_once(' ')?;
    let (range, complete) = range.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let number = |digits: &str| decimal(digits.as_bytes());
    let complete = if complete == "*" { None } else { Some(number(complete)?) };
    unit.eq_ignore_ascii_case("bytes").then_some((number(first)?, number(last)?, complete))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_range_is_read_exactly() {
        let check = |value: &str, expected| assert_eq!(content_range(value.as_bytes()), expected);
        check("bytes 5-9/10", Some((5, 9, Some(10))));
        check("BYTES 5-9/*", Some((5, 9, None)));
        for value in [
            "",
            "bytes",
            "bytes */10",
            "bytes 5-9",
            "bytes 5-/10",
            "bytes +5-9/10",
            "bytes 5-9/-1",
            "bytes 5-99999999999999999999/10",
            "items 5-9/10",
        ] {
            check(value, None);
        }
    }

    #[test]
    fn a_cut_leaves_something_on_both_sides() {
        let cut = |length, share| {
            let head = format!("HTTP/1.1 200 x\r\nContent-Length: {length}\r\n\r\n");
            let head = crate::head::parse(head.as_bytes()).ok().flatten();
            WantedPart::Share(share).cut_after(&head.expect("a complete head"))
        };
        assert_eq!(
            (cut(8_192, 0.5), cut(10, 0.999), cut(10, 0.001)),
            (Some(4_096), Some(9), Some(1))
        );
        assert_eq!((cut(1, 0.5), cut(0, 0.5)), (None, None));
    }
}
