//! Lines of JSON: a walk over the members of each line that looks no further than it must.
//!
//! Keys are known by their path, such as `.request.headers.If-None-Match`; whoever writes names of
//! its own gives them by `--map`. A value that is a list counts by its first member. Nothing is
//! decoded here: values are slices of the line.

use memchr::{memchr2, memchr3};

use crate::field::{Columns, Field, Fields};

/// Keys and their fields.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    /// Paths by their hash, few enough to be looked through.
    known: Vec<(u32, Field)>,
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
        let known = own.chain(known.map(|(path, field)| (hashed(path), *field))).collect();
        Self { known, columns: Columns::default() }
    }

    /// Learns from some lines which keys there are: only those are looked for from now on.
    pub(crate) fn learn(&mut self, lines: &[&[u8]]) {
        let mut used = vec![false; self.known.len()];
        let mut columns = Columns::default();
        for line in lines {
            let mut found = |path: u32, _: &[u8]| {
                for (index, (known, field)) in self.known.iter().enumerate() {
                    if *known == path {
                        used[index] = true;
                        columns.add(*field);
                    }
                }
                for (whole, fields) in WHOLE {
                    if hashed(whole) == path {
                        for field in fields {
                            columns.add(*field);
                        }
                    }
                }
            };
            walk(line, &mut found);
        }
        // A key that comes now and then, such as a field of few requests, may come later.
        let is_kept = |field: Field| !matches!(field, Field::Time | Field::Address | Field::Bytes);
        let mut index = 0;
        self.known.retain(|(_, field)| {
            index += 1;
            used[index - 1] || is_kept(*field)
        });
        self.columns = columns;
    }

    /// Takes a line apart; false if it is no object.
    pub(crate) fn split<'a>(&self, line: &'a [u8], fields: &mut Fields<'a>) -> bool {
        walk(line, &mut |path, value| {
            for (known, field) in &self.known {
                if *known == path {
                    // The first key that has a value wins.
                    if fields.get(*field).is_empty() {
                        fields.set(*field, value);
                    }
                    return;
                }
            }
        })
    }
}

/// Calls back for each member with the hash of its path and its value, without the quotes of a
/// string; of an object or a list with an empty one. False if the line is no whole object.
fn walk<'a>(line: &'a [u8], found: &mut impl FnMut(u32, &'a [u8])) -> bool {
    let mut paths = [ROOT; DEEPEST];
    let mut is_list = [false; DEEPEST];
    let mut depth = 0;
    let mut at = match line.iter().position(|byte| !byte.is_ascii_whitespace()) {
        Some(at) if line[at] == b'{' => at + 1,
        _ => return false,
    };
    // Path of the member whose value comes next.
    let mut path = ROOT;
    let mut is_value = false;
    while let Some(byte) = line.get(at) {
        at += 1;
        match byte {
            b'"' => {
                let Some(end) = end_of_string(line, at) else { return false };
                let text = &line[at..end];
                at = end + 1;
                if is_value || is_list[depth] {
                    found(path, text);
                    is_value = false;
                } else {
                    path = text.iter().copied().fold(grown(paths[depth], b'.'), grown);
                }
            }
            b':' => is_value = true,
            b',' => is_value = false,
            b'{' | b'[' => {
                depth += 1;
                if depth == DEEPEST {
                    return false;
                }
                found(path, &[]);
                (paths[depth], is_list[depth], is_value) = (path, *byte == b'[', false);
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
                    found(path, text);
                }
                is_value = false;
            }
        }
    }
    false
}

fn end_of_string(line: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr2(b'"', b'\\', line.get(at..)?)?;
        if line[at] == b'"' {
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
