//! Lines of JSON: a walk over the members of each line that looks no further than it must.
//!
//! Keys are known by their path, such as `.request.headers.If-None-Match`; whoever writes names of
//! its own gives them by `--map`. A value that is a list counts by its first member. Nothing is
//! decoded here: values are slices of the line.

use std::collections::BTreeSet;

use memchr::memchr3;

use crate::field::{Columns, Field, Fields};
use crate::hashed::Hashed;
use crate::scan::{Prefix, position_of_either};

/// Keys and their fields.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    /// Fields by the hashes of their paths.
    fields: Hashed<u32, Field>,
    /// Members of a usual line, in its order.
    usual: Vec<Usual>,
    /// Columns whose keys are there in each line, or would be if they had a value.
    pub(crate) columns: Columns,
}

/// Deepest member that is read.
const DEEPEST: usize = 16;

/// Keys that products write, in lower case.
const KNOWN: &[(&str, Field)] = &[
    // nginx, as most people write it, and as `--print-format nginx` does.
    (".time", Field::Time),
    (".time_local", Field::Time),
    (".time_iso8601", Field::Time),
    (".timestamp", Field::Time),
    (".@timestamp", Field::Time),
    (".msec", Field::Time),
    (".ts", Field::Time),
    (".remote_addr", Field::Address),
    (".address", Field::Address),
    (".client", Field::Address),
    (".client_ip", Field::Address),
    (".remote_ip", Field::Address),
    (".peer", Field::Peer),
    (".remote_port", Field::Connection),
    (".connection", Field::Connection),
    (".request", Field::Request),
    (".request_method", Field::Method),
    (".method", Field::Method),
    (".request_uri", Field::Target),
    (".target", Field::Target),
    (".uri", Field::Target),
    (".path", Field::Target),
    (".url", Field::Target),
    (".args", Field::Query),
    (".query", Field::Query),
    (".status", Field::Status),
    (".status_code", Field::Status),
    (".body_bytes_sent", Field::Bytes),
    (".bytes_sent", Field::Bytes),
    (".bytes", Field::Bytes),
    (".upstream_addr", Field::Upstream),
    (".upstream", Field::Upstream),
    (".host", Field::Host),
    (".http_host", Field::Host),
    (".server_name", Field::Host),
    (".http_x_forwarded_for", Field::Forwarded),
    (".x_forwarded_for", Field::Forwarded),
    (".http_user_agent", Field::Agent),
    (".user_agent", Field::Agent),
    (".agent", Field::Agent),
    (".http_if_none_match", Field::NoneMatch),
    (".if_none_match", Field::NoneMatch),
    (".if-none-match", Field::NoneMatch),
    (".http_if_modified_since", Field::ModifiedSince),
    (".if_modified_since", Field::ModifiedSince),
    (".if-modified-since", Field::ModifiedSince),
    (".sent_http_etag", Field::Tag),
    (".upstream_http_etag", Field::Tag),
    (".etag", Field::Tag),
    (".sent_http_last_modified", Field::LastModified),
    (".last_modified", Field::LastModified),
    (".last-modified", Field::LastModified),
    (".sent_http_content_encoding", Field::Coding),
    (".content_encoding", Field::Coding),
    (".content-encoding", Field::Coding),
    (".sent_http_content_length", Field::Length),
    (".content_length", Field::Length),
    (".content-length", Field::Length),
    // Caddy.
    (".request.remote_ip", Field::Address),
    (".request.remote_port", Field::Connection),
    (".request.method", Field::Method),
    (".request.uri", Field::Target),
    (".request.host", Field::Host),
    (".request.headers.if-none-match", Field::NoneMatch),
    (".request.headers.if-modified-since", Field::ModifiedSince),
    (".request.headers.user-agent", Field::Agent),
    (".request.headers.x-forwarded-for", Field::Forwarded),
    (".size", Field::Bytes),
    (".resp_headers.x-upstream", Field::Upstream),
    (".resp_headers.etag", Field::Tag),
    (".resp_headers.last-modified", Field::LastModified),
    (".resp_headers.content-encoding", Field::Coding),
    (".resp_headers.content-length", Field::Length),
    // Traefik.
    (".startutc", Field::Time),
    (".clienthost", Field::Address),
    (".clientport", Field::Connection),
    (".requestmethod", Field::Method),
    (".requestpath", Field::Target),
    (".requesthost", Field::Host),
    (".downstreamstatus", Field::Status),
    (".downstreamcontentsize", Field::Bytes),
    (".serviceaddr", Field::Upstream),
    (".request_if-none-match", Field::NoneMatch),
    (".request_if-modified-since", Field::ModifiedSince),
    (".request_user-agent", Field::Agent),
    (".downstream_etag", Field::Tag),
    (".downstream_last-modified", Field::LastModified),
    (".downstream_content-encoding", Field::Coding),
    (".downstream_content-length", Field::Length),
    // Envoy and Istio.
    (".start_time", Field::Time),
    (".response_code", Field::Status),
    (".upstream_host", Field::Upstream),
    (".authority", Field::Host),
    (".x-envoy-origin-path", Field::Target),
    (".downstream_remote_address", Field::Peer),
    (".connection_id", Field::Connection),
    // The load balancer of Google Cloud.
    (".httprequest.requestmethod", Field::Method),
    (".httprequest.requesturl", Field::Target),
    (".httprequest.status", Field::Status),
    (".httprequest.responsesize", Field::Bytes),
    (".httprequest.useragent", Field::Agent),
    (".httprequest.remoteip", Field::Address),
    (".httprequest.serverip", Field::Upstream),
];

/// Keys below which a product writes every field of a message, so that a field that is not there was
/// not sent.
const WHOLE: [(&str, &[Field]); 2] = [
    (".request.headers", &[Field::NoneMatch, Field::ModifiedSince, Field::Agent]),
    (".resp_headers", &[Field::Tag, Field::LastModified, Field::Coding, Field::Length]),
];

const ROOT: u32 = 0x811c_9dc5;

/// A path grows by one octet; letters count in lower case.
fn grown(path: u32, octet: u8) -> u32 {
    (path ^ u32::from(octet.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
}

fn hashed(path: &str) -> u32 {
    path.bytes().fold(ROOT, grown)
}

/// Key of a member, as it stands in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    /// Hash of its path.
    path: u32,
    /// Field that it is known for.
    field: Option<Field>,
}

impl Keys {
    /// The keys that are known, and before them those of the user: field, and the path of its key.
    pub(crate) fn of(mapped: &[(Field, String)]) -> Self {
        let own = mapped.iter().map(|(field, path)| {
            let path = path.strip_prefix("$").unwrap_or(path);
            let path = if path.starts_with('.') { path.to_owned() } else { format!(".{path}") };
            (hashed(&path), *field)
        });
        let is_mapped = |field: &Field| mapped.iter().any(|(own, _)| own == field);
        let known = KNOWN.iter().filter(|(_, field)| !is_mapped(field));
        let known = known.map(|(path, field)| (hashed(path), *field));
        let mut fields = Hashed::default();
        for (path, field) in own.chain(known) {
            fields.entry(path).or_insert(field);
        }
        Self { fields, usual: Vec::new(), columns: Columns::default() }
    }

    /// Learns from some lines which keys there are, and in which order: the columns are theirs.
    pub(crate) fn learn(&mut self, lines: &[&[u8]]) {
        let mut learned = Learned { keys: self, seen: BTreeSet::new(), of_line: Vec::new() };
        let mut usual = Vec::new();
        for line in lines {
            learned.of_line.clear();
            if walk(line, &mut learned) && learned.of_line.len() > usual.len() {
                usual.clone_from(&learned.of_line);
            }
        }
        let seen = learned.seen;
        for (path, field) in &self.fields {
            if seen.contains(path) {
                self.columns.add(*field);
            }
        }
        for (_, fields) in WHOLE.iter().filter(|(whole, _)| seen.contains(&hashed(whole))) {
            fields.iter().for_each(|field| self.columns.add(*field));
        }
        // A key that comes now and then, such as a field of few requests, may come later.
        let is_kept = |field: Field| !matches!(field, Field::Time | Field::Address | Field::Bytes);
        self.fields.retain(|path, field| seen.contains(path) || is_kept(*field));
        self.usual = usual;
    }

    /// Takes a line apart; false if it is no object.
    pub(crate) fn split<'a>(&self, line: &'a [u8], fields: &mut Fields<'a>) -> bool {
        walk(line, &mut Split { keys: self, next: 0, fields })
    }

    /// The key of a member with this name, in the object of this path.
    fn key(&self, parent: u32, name: &[u8]) -> Key {
        let path = name.iter().copied().fold(grown(parent, b'.'), grown);
        Key { path, field: self.fields.get(&path).copied() }
    }
}

/// Member of a usual line.
#[derive(Clone, Debug)]
struct Usual {
    parent: u32,
    /// Its name with the quote behind it.
    name: Prefix,
    key: Key,
}

/// Looks of a walk at the members of a line.
trait Look<'a> {
    /// The key whose name the rest of the line begins with, and the length of the name; `None` if it
    /// does not end.
    fn key(&mut self, parent: u32, rest: &'a [u8]) -> Option<(Key, usize)>;
    /// A value, without the quotes of a string; empty of an object and of a list.
    fn value(&mut self, key: Key, value: &'a [u8]);
}

/// Look at the first lines.
struct Learned<'k> {
    keys: &'k Keys,
    /// Paths that have values.
    seen: BTreeSet<u32>,
    of_line: Vec<Usual>,
}

impl<'a> Look<'a> for Learned<'_> {
    fn key(&mut self, parent: u32, rest: &'a [u8]) -> Option<(Key, usize)> {
        let length = end_of_string(rest)?;
        let key = self.keys.key(parent, &rest[..length]);
        self.of_line.push(Usual { parent, name: Prefix::of(&rest[..=length]), key });
        Some((key, length))
    }

    fn value(&mut self, key: Key, _: &'a [u8]) {
        self.seen.insert(key.path);
    }
}

/// Look at a line for its fields.
struct Split<'k, 'a, 'f> {
    keys: &'k Keys,
    /// Member of a usual line that comes next.
    next: usize,
    fields: &'f mut Fields<'a>,
}

/// Members of a usual line that may be missing in a row.
const AHEAD: usize = 4;

impl<'a> Look<'a> for Split<'_, 'a, '_> {
    fn key(&mut self, parent: u32, rest: &'a [u8]) -> Option<(Key, usize)> {
        // Most lines have the members of the usual one in its order, which one comparison shows.
        let coming = self.keys.usual[self.next..].iter().take(AHEAD);
        let is_next = |usual: &Usual| usual.parent == parent && usual.name.begins(rest);
        for (skipped, usual) in coming.enumerate() {
            if is_next(usual) {
                self.next += skipped + 1;
                return Some((usual.key, usual.name.text().len() - 1));
            }
        }
        let length = end_of_string(rest)?;
        Some((self.keys.key(parent, &rest[..length]), length))
    }

    fn value(&mut self, key: Key, value: &'a [u8]) {
        // The first key that has a value wins.
        if let Some(field) = key.field
            && self.fields.get(field).is_empty()
        {
            self.fields.set(field, value);
        }
    }
}

/// Looks at each member of a line. False if the line is no whole object.
fn walk<'a>(line: &'a [u8], look: &mut impl Look<'a>) -> bool {
    const ROOT_KEY: Key = Key { path: ROOT, field: None };
    let mut parents = [ROOT_KEY; DEEPEST];
    let mut is_list = [false; DEEPEST];
    let mut depth = 0;
    let mut at = match line.iter().position(|byte| !byte.is_ascii_whitespace()) {
        Some(at) if line[at] == b'{' => at + 1,
        _ => return false,
    };
    // Key of the member whose value comes next.
    let mut key = ROOT_KEY;
    let mut is_value = false;
    while let Some(byte) = line.get(at) {
        at += 1;
        match byte {
            b'"' if is_value || is_list[depth] => {
                let rest = &line[at..];
                let Some(length) = end_of_string(rest) else { return false };
                look.value(key, &rest[..length]);
                is_value = false;
                at += length + 1;
            }
            b'"' => {
                let Some((next, length)) = look.key(parents[depth].path, &line[at..]) else {
                    return false;
                };
                key = next;
                at += length + 1;
            }
            b':' => is_value = true,
            b',' => is_value = false,
            b'{' | b'[' => {
                depth += 1;
                if depth == DEEPEST {
                    return false;
                }
                look.value(key, &[]);
                (parents[depth], is_list[depth], is_value) = (key, *byte == b'[', false);
            }
            b'}' | b']' if depth == 0 => return *byte == b'}',
            b'}' | b']' => {
                depth -= 1;
                is_value = false;
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => {
                let rest = &line[at..];
                let end = memchr3(b',', b'}', b']', rest).unwrap_or(rest.len());
                let text = line[at - 1..at + end].trim_ascii_end();
                at += end;
                if (is_value || is_list[depth]) && text != b"null" {
                    look.value(key, text);
                }
                is_value = false;
            }
        }
    }
    false
}

/// Length of the string that a text begins with, behind its first quote.
fn end_of_string(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += position_of_either(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(mapped: &[(Field, &str)], line: &str, expected: Option<&[(Field, &str)]>) {
        let mapped: Vec<_> = mapped.iter().map(|(field, path)| (*field, (*path).into())).collect();
        let mut keys = Keys::of(&mapped);
        keys.learn(&[line.as_bytes()]);
        let mut fields = Fields::none();
        assert_eq!(keys.split(line.as_bytes(), &mut fields), expected.is_some(), "{line}");
        for (field, value) in expected.unwrap_or_default() {
            assert_eq!(String::from_utf8_lossy(fields.get(*field)), *value, "{field:?}: {line}");
        }
    }

    #[test]
    fn members_are_found_by_their_paths() {
        let caddy = r#"{"level":"info","ts":1796042240.5,"request":{"remote_ip":"::1","method":"GET","uri":"/a\"b","headers":{"If-None-Match":["\"x\"","y"]}},"status":304,"size":0,"resp_headers":{"Etag":["\"x\""]}}"#;
        check(
            &[],
            caddy,
            Some(&[
                (Field::Time, "1796042240.5"),
                (Field::Address, "::1"),
                (Field::Target, r#"/a\"b"#),
                (Field::Status, "304"),
                (Field::NoneMatch, r#"\"x\""#),
                (Field::Tag, r#"\"x\""#),
            ]),
        );
        check(
            &[(Field::Status, ".response.code"), (Field::Tag, "x.y")],
            r#" { "response" : { "code" : 200 , "a":[1,{"b":2}] }, "status": "no", "x":{"y":"t"}, "etag":null }"#,
            Some(&[(Field::Status, "200"), (Field::Tag, "t")]),
        );
    }

    #[test]
    fn what_is_no_whole_object_is_no_line() {
        for line in ["", "[1]", "{\"a\":1", "{\"a", "x", "{\"a\\", &"{\"a\":[".repeat(99)] {
            check(&[], line, None);
        }
    }

    #[test]
    fn fields_that_a_product_writes_when_they_were_sent_are_columns() {
        let mut keys = Keys::of(&[]);
        keys.learn(&[br#"{"status":200,"request":{"headers":{}},"resp_headers":{}}"#]);
        assert!(keys.columns.have_tags());
    }
}
