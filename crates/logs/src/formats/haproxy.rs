//! `HAProxy`'s `option httplog`: a fixed head, the captured headers in braces, and the request in
//! quotes at the end.
//!
//! The configuration alone says which header a slot of the braces holds, and a log does not have it.
//! A slot that holds tags in the lines at the beginning is taken for them: of a request that is
//! If-None-Match, of a response `ETag`.

use memchr::memchr;

use super::pattern::{Pattern, pieces};
use crate::field::{Columns, Field, Fields};
use crate::tag;

/// The format, with what the slots hold.
#[derive(Clone, Debug)]
pub(crate) struct Haproxy {
    head: Pattern,
    none_match: Option<usize>,
    tag: Option<usize>,
    agent: Option<usize>,
}

const HEAD: &str = "<peer> [<time>] <> <upstream> <> <status> <bytes> <> <> <> <> <>";

impl Haproxy {
    pub(crate) fn learned(lines: &[&[u8]]) -> Self {
        // The last piece is the rest of the line.
        let head = Pattern::of(pieces(&format!("{HEAD} ")), false);
        let mut format = Self { head, none_match: None, tag: None, agent: None };
        let braces: Vec<_> = lines.iter().filter_map(|line| format.braces(line)).collect();
        let slot = |side: usize, is_meant: fn(&[u8]) -> bool| {
            let slots = (0..16).filter(|slot| {
                braces.iter().filter_map(|braces| nth(braces[side]?, *slot)).any(is_meant)
            });
            slots.min()
        };
        let is_tag = |value: &[u8]| {
            tag::is_quoted(value.split(|byte| *byte == b',').next().unwrap_or_default())
        };
        format.none_match = slot(0, is_tag);
        format.tag = slot(1, is_tag);
        format.agent =
            slot(0, |value| value.starts_with(b"Mozilla/") || value.starts_with(b"curl/"));
        format
    }

    pub(crate) fn columns(&self) -> Columns {
        let mut columns = self.head.columns();
        columns.add(Field::Request);
        let slots = [
            (self.none_match, Field::NoneMatch),
            (self.tag, Field::Tag),
            (self.agent, Field::Agent),
        ];
        for (_, field) in slots.iter().filter(|(slot, _)| slot.is_some()) {
            columns.add(*field);
        }
        columns
    }

    pub(crate) fn split<'a>(&self, line: &'a [u8], fields: &mut Fields<'a>) -> bool {
        let Some(line) = without_syslog(line) else { return false };
        if !self.head.split(line, fields) {
            return false;
        }
        let rest = behind_head(line);
        let Some(quote) = memchr(b'"', rest) else { return false };
        let request = &rest[quote + 1..];
        // The request is the last, and a line that was cut has no quote at its end.
        fields.set(Field::Request, request.strip_suffix(b"\"").unwrap_or(request));
        let upstream = fields.get(Field::Upstream);
        let has_port = memchr(b':', fields.get(Field::Peer)).is_some();
        if !has_port || memchr(b'/', upstream).is_none() {
            return false;
        }
        // Answered by HAProxy itself.
        if upstream.ends_with(b"/<NOSRV>") || upstream.ends_with(b"/<STATS>") {
            fields.set(Field::Upstream, &[]);
        }
        if quote > 1 && (self.none_match.is_some() || self.tag.is_some() || self.agent.is_some()) {
            let [request, response] = braces_of(&rest[..quote]);
            let slot = |side: Option<&'a [u8]>, slot: Option<usize>| nth(side?, slot?);
            fields.set(Field::NoneMatch, slot(request, self.none_match).unwrap_or_default());
            fields.set(Field::Tag, slot(response, self.tag).unwrap_or_default());
            fields.set(Field::Agent, slot(request, self.agent).unwrap_or_default());
        }
        true
    }

    fn braces<'a>(&self, line: &'a [u8]) -> Option<[Option<&'a [u8]>; 2]> {
        let line = without_syslog(line)?;
        let mut fields = Fields::none();
        let rest = self.head.split(line, &mut fields).then(|| behind_head(line))?;
        Some(braces_of(&rest[..memchr(b'"', rest)?]))
    }
}

/// What syslog writes before a line is skipped: the line begins with the word before its moment.
fn without_syslog(line: &[u8]) -> Option<&[u8]> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'[', line.get(from..)?)?;
        if line.get(at + 3) == Some(&b'/') && at > 0 {
            let before = &line[..at - 1];
            let start = memchr::memrchr(b' ', before).map_or(0, |space| space + 1);
            return Some(&line[start..]);
        }
        from = at + 1;
    }
}

/// The rest of a line behind its eleven words.
fn behind_head(line: &[u8]) -> &[u8] {
    let mut spaces = memchr::memchr_iter(b' ', line);
    spaces.nth(HEAD.matches(' ').count()).map_or(&[], |at| &line[at..])
}

/// The contents of the braces: those of the request, and those of the response.
///
/// With one pair it is the request's, unless nothing but a tag of a response is in it; a value cannot
/// hold a brace, because `HAProxy` encodes it.
fn braces_of(text: &[u8]) -> [Option<&[u8]>; 2] {
    let mut rest = text;
    let mut pairs = [None, None];
    for pair in &mut pairs {
        let Some(open) = memchr(b'{', rest) else { break };
        let Some(close) = memchr(b'}', &rest[open..]) else { break };
        *pair = Some(&rest[open + 1..open + close]);
        rest = &rest[open + close + 1..];
    }
    pairs
}

fn nth(slots: &[u8], index: usize) -> Option<&[u8]> {
    slots.split(|byte| *byte == b'|').nth(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {W/#22a#22|Mozilla/5.0} {#22b#22} "GET /index.html HTTP/1.1""#;

    fn split(line: &str) -> Option<Vec<String>> {
        let format = Haproxy::learned(&[LINE.as_bytes()]);
        let mut fields = Fields::none();
        let names = [
            Field::Peer,
            Field::Time,
            Field::Upstream,
            Field::Status,
            Field::Bytes,
            Field::Request,
            Field::NoneMatch,
            Field::Tag,
            Field::Agent,
        ];
        let fits = format.split(line.as_bytes(), &mut fields);
        let text = |field: Field| String::from_utf8_lossy(fields.get(field)).into_owned();
        fits.then(|| names.map(text).to_vec())
    }

    #[test]
    fn a_line_is_taken_apart_with_and_without_syslog_and_captures() {
        let head = ["10.0.1.2:33317", "06/Feb/2009:12:14:14.655", "static/srv1", "200", "2750"];
        let request = "GET /index.html HTTP/1.1";
        let whole = [&head[..], &[request, "W/#22a#22", "#22b#22", "Mozilla/5.0"]].concat();
        assert_eq!(split(LINE).expect("a line"), whole);
        assert_eq!(split(&LINE[LINE.find("10.0.1").expect("it")..]).expect("a line"), whole);
        let plain = LINE.replace(" {W/#22a#22|Mozilla/5.0} {#22b#22}", "");
        assert_eq!(split(&plain).expect("a line"), [&head[..], &[request, "", "", ""]].concat());
        assert!(split("10.0.1.2:1 [06/Feb/2009:12:14:14.655] http-in").is_none());
        assert!(split("").is_none());
    }
}
