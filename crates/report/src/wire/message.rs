//! The head of a message, taken apart into lines without losing an octet of them.
//!
//! Reads only what the client has accepted as HTTP/1.x; judges nothing.

use std::borrow::Cow;

use text::secret::{masked, masked_value};

/// One field line: name and value, without the white space around the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
}

impl Field<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

pub(super) fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split_inclusive(|&octet| octet == b'\n')
        .map(|line| line.strip_suffix(b"\n").unwrap_or(line))
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

pub(super) fn field(line: &[u8]) -> Option<Field<'_>> {
    let colon = line.iter().position(|&octet| octet == b':')?;
    Some(Field { name: &line[..colon], value: line[colon + 1..].trim_ascii() })
}

// The last message of `bytes`: a final response comes after the interim ones.
pub(super) fn last(bytes: &[u8]) -> &[u8] {
    let mut start = 0;
    let mut end = 0;
    for line in bytes.split_inclusive(|&octet| octet == b'\n') {
        end += line.len();
        if line.trim_ascii().is_empty() && end < bytes.len() {
            start = end;
        }
    }
    &bytes[start..]
}

/// The words of a start line: method, target, version, or version, status, reason.
pub(super) fn start_line(head: &[u8]) -> [&[u8]; 3] {
    let line = lines(head).next().unwrap_or_default();
    let mut words = line.splitn(3, |&octet| octet == b' ');
    [(); 3].map(|()| words.next().unwrap_or_default())
}

/// True of the head of a response with a part of the content.
pub(super) fn is_partial(head: &[u8]) -> bool {
    start_line(last(head))[1] == b"206"
}

pub(super) fn fields(head: &[u8]) -> impl Iterator<Item = Field<'_>> {
    lines(head).skip(1).filter_map(field)
}

pub(super) fn value<'a>(head: &'a [u8], name: &str) -> Option<&'a [u8]> {
    fields(head).find(|field| field.is(name)).map(|field| field.value)
}

/// UTF-8, or else each octet as the character of that number (ISO 8859-1, as browsers read
/// fields): no octet is lost.
pub(super) fn decoded(octets: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(octets) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => octets.iter().map(|&octet| char::from(octet)).collect::<String>().into(),
    }
}

/// Value of a field, or of a part of a start line, with credentials masked: a log is shown around.
pub(super) fn published<'a>(name: &str, value: Cow<'a, str>) -> Cow<'a, str> {
    match name.to_ascii_lowercase().as_str() {
        "location" | "content-location" | "link" | "referer" => masked(&value).into(),
        name if masked_value(name, "").is_empty() => value,
        name => masked_value(name, &value).to_owned().into(),
    }
}

/// One line of a head for a terminal, with credentials masked.
pub(super) fn published_line(line: &[u8]) -> String {
    match field(line).filter(|field| !field.name.contains(&b' ')) {
        None => masked(&shown(line)),
        Some(Field { name, value }) => {
            let (name, value) = (shown(name), shown(value));
            let published = published(&name, value.as_str().into());
            if published == value { shown(line) } else { format!("{name}: {published}") }
        }
    }
}

/// One line for a terminal: hidden characters and octets that are no UTF-8 are spelled out.
pub(super) fn shown(octets: &[u8]) -> String {
    octets.utf8_chunks().fold(String::new(), |mut text, chunk| {
        text.push_str(&text::visible(chunk.valid()));
        text.extend(chunk.invalid().iter().map(|octet| format!("\\x{octet:02x}")));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] =
        b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 Fine by me\r\nETag:  \"a:b\" \r\n\r\n";

    #[test]
    fn the_final_response_is_the_last_message() {
        let last = last(HEAD);
        assert_eq!(start_line(last), [&b"HTTP/1.1"[..], b"200", b"Fine by me"]);
        assert_eq!(value(last, "etag"), Some(&b"\"a:b\""[..]));
        assert_eq!(value(last, "link"), None);
        assert_eq!(lines(HEAD).count(), 6);
    }

    #[test]
    fn nothing_is_lost_and_nothing_acts() {
        assert_eq!(decoded(b"\xe9\xff"), "\u{e9}\u{ff}");
        assert_eq!(decoded("é".as_bytes()), "é");
        assert_eq!(shown(b"a\x1b[2J\xffb\xc3\xa9"), "a\\u{1b}[2J\\xffbé");
        assert_eq!(start_line(b""), [&b""[..], b"", b""]);
    }
}
