//! Ranges of bytes that a request asks for (RFC 9110 §14.1 and §14.2), and the condition of
//! `If-Range` (§13.1.5).
//!
//! Pure; allocates nothing but the list of parts that it selects. Bytes are those of the selected
//! representation, content coding included.

use crate::entity_tag::EntityTagRef;
use crate::http_date::HttpDate;
use crate::ows;
use crate::preconditions::{FieldName, Method, RequestFields, Validators};

/// More satisfiable ranges than that are answered with the whole content.
pub const MAX_PARTS: usize = 16;

/// Consecutive bytes of a content; both positions exist in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// Position of the first byte, counted from 0.
    pub first: u64,
    /// Position of the last byte, at least `first`.
    pub last: u64,
}

/// The part of the content to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of it, with 200.
    Whole,
    /// These parts, with 206: at least one and at most [`MAX_PARTS`], in the order requested; no
    /// two overlap.
    Parts(Vec<ByteRange>),
    /// Nothing, with 416: none of the ranges touches the content.
    Unsatisfiable,
}

/// Selects the part of a content of `length` bytes that a request asks for.
///
/// `Range` is for GET, and is ignored where it is on several lines, names another unit than
/// `bytes` (in any case), is malformed in any member, or where `If-Range` does not hold.
/// Ranges that lie beyond the end are passed over; a last position beyond it means the end.
/// Ranges that overlap, and more than [`MAX_PARTS`] of them, are answered with the whole (§14.2
/// allows to ignore both): no client that wants each byte once asks like that.
///
/// `current.entity_tag` has to match strongly. `current.last_modified` must be `None` where it is
/// not a strong validator (§8.8.2.2), and has to be the very date.
pub fn select(
    method: Method,
    fields: &impl RequestFields,
    current: &Validators<'_>,
    length: u64,
) -> Selection {
    let asked = if method == Method::Get { only(fields.lines(FieldName::Range)) } else { None };
    match asked.and_then(range_set) {
        Some(set) if if_range(fields, current) => satisfiable(set, length),
        _ => Selection::Whole,
    }
}

// Which of two lines is meant nobody can know, and without the field the answer is right in any case.
fn only<'a>(mut lines: impl Iterator<Item = &'a [u8]>) -> Option<&'a [u8]> {
    let line = lines.next()?;
    if lines.next().is_some() { None } else { Some(line) }
}

/// True when the stored part belongs to the current representation, and when the field is absent.
fn if_range(fields: &impl RequestFields, current: &Validators<'_>) -> bool {
    let mut lines = fields.lines(FieldName::IfRange).peekable();
    if lines.peek().is_none() {
        return true;
    }
    let Some(validator) = only(lines).map(ows::trim) else {
        return false;
    };
    if let Some(tag) = EntityTagRef::split(validator) {
        return current.entity_tag.is_some_and(|current| tag.strong_eq(current.borrowed()));
    }
    let date = HttpDate::parse(validator).ok();
    date.is_some() && date == current.last_modified
}

/// The list after `bytes=`, if it has a member and all are well-formed.
fn range_set(field_value: &[u8]) -> Option<&[u8]> {
    let (unit, set) = ows::trim(field_value).split_at_checked(b"bytes=".len())?;
    let is_valid = unit.eq_ignore_ascii_case(b"bytes=")
        && members(set).all(|member| Spec::parse(member).is_some())
        && members(set).next().is_some();
    is_valid.then_some(set)
}

// Empty members of a list are passed over (§5.6.1.2).
fn members(set: &[u8]) -> impl Iterator<Item = &[u8]> {
    set.split(|&octet| octet == b',').map(ows::trim).filter(|member| !member.is_empty())
}

fn satisfiable(set: &[u8], length: u64) -> Selection {
    let specs = || members(set).filter_map(Spec::parse);
    if length == 0 && specs().any(|spec| matches!(spec, Spec::Suffix { length: 1.. })) {
        // Satisfiable, and yet there is no way to say it in a Content-Range.
        return Selection::Whole;
    }
    let mut parts: Vec<ByteRange> = Vec::new();
    for range in specs().filter_map(|spec| spec.within(length)) {
        // Coalescing what overlaps would only serve clients that nobody wrote.
        let overlaps = |other: &ByteRange| range.first <= other.last && other.first <= range.last;
        if parts.len() == MAX_PARTS || parts.iter().any(overlaps) {
            return Selection::Whole;
        }
        parts.push(range);
    }
    if parts.is_empty() { Selection::Unsatisfiable } else { Selection::Parts(parts) }
}

/// One member of a range set (§14.1.1). Positions that no content reaches may be cut to the
/// largest number: they lie beyond the end all the same.
#[derive(Clone, Copy, Debug)]
enum Spec {
    /// `5-9` or `5-`.
    From { first: u64, last: Option<u64> },
    /// `-5`.
    Suffix { length: u64 },
}

impl Spec {
    fn parse(member: &[u8]) -> Option<Self> {
        let dash = member.iter().position(|&octet| octet == b'-')?;
        let (first, last) = (&member[..dash], &member[dash + 1..]);
        if first.is_empty() {
            return Some(Self::Suffix { length: number(last)? });
        }
        // Compared as written: numbers that are cut to 64 bits would look equal.
        let is_inverted = !last.is_empty() && significant(last) < significant(first);
        let first = number(first)?;
        let last = if last.is_empty() { None } else { Some(number(last)?) };
        (!is_inverted).then_some(Self::From { first, last })
    }

    fn within(self, length: u64) -> Option<ByteRange> {
        let end = length.checked_sub(1)?;
        match self {
            Self::From { first, .. } if first > end => None,
            Self::From { first, last } => {
                Some(ByteRange { first, last: last.map_or(end, |last| last.min(end)) })
            }
            Self::Suffix { length: 0 } => None,
            Self::Suffix { length: suffix } => {
                Some(ByteRange { first: length.saturating_sub(suffix), last: end })
            }
        }
    }
}

/// A key that compares as the number does, for numbers of any size.
fn significant(digits: &[u8]) -> (usize, &[u8]) {
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    (digits.len() - zeros, &digits[zeros..])
}

fn number(digits: &[u8]) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| {
        digits.iter().fold(0_u64, |number, digit| {
            number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
        })
    })
}
