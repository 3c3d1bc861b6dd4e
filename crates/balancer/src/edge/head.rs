//! Head of a message as an edge reads and changes it: complete, in the form in which it is sent on.
//!
//! The bytes themselves are searched and changed, instead of a list of fields that would have to be
//! made first: an edge looks at a few fields of a few hundred bytes.

use std::ops::Range;

/// Start line and field lines of a request or a response, in their order.
///
/// Names of fields are compared in any case; lines are not folded.
#[derive(Clone)]
pub struct MessageHead(Vec<u8>);

/// One field line, as places in the head.
struct FieldLine {
    /// Line end included.
    whole: Range<usize>,
    /// Without white space around it.
    value: Range<usize>,
}

/// Takes bytes that end with the empty line.
impl From<Vec<u8>> for MessageHead {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl MessageHead {
    /// Every byte, with the empty line at the end.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Status code of a response; 0 of a request.
    pub fn status(&self) -> u16 {
        let code = self.0.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3));
        code.and_then(|digits| str::from_utf8(digits).ok()?.parse().ok()).unwrap_or(0)
    }

    /// Name and value of each field line, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.0.split(|&byte| byte == b'\n').skip(1).filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            Some((&line[..colon], line[colon + 1..].trim_ascii()))
        })
    }

    /// The values of all field lines of this name.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let mut next = self.line_end(0);
        std::iter::from_fn(move || {
            let line = self.find(name, next)?;
            next = line.whole.end;
            Some(&self.0[line.value])
        })
    }

    /// The value of the first field line of this name.
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.values(name).next()
    }

    /// Adds a field line after the others.
    pub fn add(&mut self, name: &str, value: &[u8]) {
        self.0.truncate(self.0.len() - b"\r\n".len());
        for part in [name.as_bytes(), b": ", value, b"\r\n\r\n"] {
            self.0.extend_from_slice(part);
        }
    }

    /// Puts one field line in place of all of this name.
    pub fn set(&mut self, name: &str, value: &[u8]) {
        self.remove(name);
        self.add(name, value);
    }

    /// Takes out every field line of this name.
    pub fn remove(&mut self, name: &str) {
        self.replace(name, |_| None);
    }

    /// Gives each field line of this name another value; `None` takes the line out.
    pub fn replace(&mut self, name: &str, change: impl Fn(&[u8]) -> Option<Vec<u8>>) {
        let mut next = self.line_end(0);
        while let Some(line) = self.find(name, next) {
            let (end, before) = (line.whole.end, self.0.len());
            match change(&self.0[line.value.clone()]) {
                Some(value) => drop(self.0.splice(line.value, value)),
                None => drop(self.0.drain(line.whole)),
            }
            next = end + self.0.len() - before;
        }
    }

    /// The first field line of this name that begins at `start` or later, where a line begins.
    fn find(&self, name: &str, start: usize) -> Option<FieldLine> {
        let mut start = start;
        while start < self.0.len() {
            let end = self.line_end(start);
            // The name is compared before the line is taken apart: most lines have another.
            let colon = start + name.len();
            let is_named = self.0.get(colon) == Some(&b':')
                && self.0[start..colon].eq_ignore_ascii_case(name.as_bytes());
            if is_named {
                let value = self.0[colon + 1..end].trim_ascii_end();
                let value_end = colon + 1 + value.len();
                let value_start = value_end - value.trim_ascii_start().len();
                return Some(FieldLine { whole: start..end, value: value_start..value_end });
            }
            start = end;
        }
        None
    }

    /// The place after the end of the line that contains `place`.
    fn line_end(&self, place: usize) -> usize {
        let end = self.0[place..].iter().position(|&byte| byte == b'\n');
        end.map_or(self.0.len(), |end| place + end + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nvary:\r\nx:  1 , 2 \r\nVary: y\r\n\r\n";

    fn check(change: impl Fn(&mut MessageHead), expected: &str) {
        let mut head = MessageHead::from(HEAD.as_bytes().to_vec());
        change(&mut head);
        assert_eq!(String::from_utf8_lossy(head.as_bytes()), expected);
    }

    #[test]
    fn fields_are_found_in_any_case_and_without_white_space_around_their_values() {
        let head = MessageHead::from(HEAD.as_bytes().to_vec());
        assert_eq!((head.status(), head.fields().count()), (200, 4));
        assert_eq!(head.value("etag"), Some(&b"\"a\""[..]));
        assert_eq!(head.value("X"), Some(&b"1 , 2"[..]));
        assert_eq!(head.values("VARY").collect::<Vec<_>>(), [&b""[..], b"y"]);
        assert_eq!(head.value("y"), None);
    }

    #[test]
    fn every_line_of_a_name_is_changed_and_the_others_stay() {
        check(|head| head.remove("vary"), "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nx:  1 , 2 \r\n\r\n");
        check(|head| head.remove("missing"), HEAD);
        check(
            |head| head.replace("vary", |value| Some([value, b"z"].concat())),
            "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nvary:z\r\nx:  1 , 2 \r\nVary: yz\r\n\r\n",
        );
        check(
            |head| head.set("Vary", b"w"),
            "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nx:  1 , 2 \r\nVary: w\r\n\r\n",
        );
    }

    #[test]
    fn a_head_without_fields_and_one_of_a_request_can_be_changed_too() {
        let mut head = MessageHead::from(b"GET / HTTP/1.1\r\n\r\n".to_vec());
        head.remove("host");
        assert_eq!((head.status(), head.fields().count()), (0, 0));
        head.add("host", b"lab");
        assert_eq!(head.as_bytes(), b"GET / HTTP/1.1\r\nhost: lab\r\n\r\n");
    }
}
