//! Places of credentials in a text that may be a command for the shell, a URL, JSON, or a line of
//! a file. Five searches, each for one way in which a credential is recognised; their results are
//! laid together.

use std::ops::Range;

use super::names::{
    is_harmless_field, is_marked, is_opaque, is_plain_value, is_secret_name, looks_secret,
};
use super::{MASK, masked, masked_field};

type Found = Vec<Range<usize>>;

/// Byte ranges of the credentials, in order and apart from each other.
pub(super) fn found(text: &str) -> Found {
    let quotes = quotes(text);
    let text = Scanned { text, bytes: text.as_bytes(), quotes: &quotes };
    let mut found =
        [text.by_flag(), text.by_name(), text.in_urls(), text.in_queries(), text.by_look()]
            .concat();
    // What is masked already stays as it is.
    found.retain(|range| !range.is_empty() && &text.text[range.clone()] != MASK);
    found.sort_by_key(|range| (range.start, range.end));
    let mut apart: Found = Vec::with_capacity(found.len());
    for range in found {
        match apart.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// Kind of value that a flag announces.
#[derive(Clone, Copy)]
pub(super) enum Expected {
    /// A credential.
    Secret,
    /// A request field.
    Field,
    /// `user:password`.
    User,
}

impl Expected {
    /// Kind of value after a flag, which has its dashes.
    pub(super) fn after(flag: &str) -> Option<Self> {
        let name = flag.strip_prefix('-')?.trim_start_matches('-');
        match name {
            "H" | "header" | "headers" | "proxy-header" => Some(Self::Field),
            "u" | "U" | "user" | "proxy-user" => Some(Self::User),
            name if is_secret_name(name) => Some(Self::Secret),
            _ => None,
        }
    }

    /// Range of the credential in the value.
    fn range(self, value: &str) -> Range<usize> {
        let colon = value.find(':');
        let after_colon = colon.map(|colon| {
            let rest = &value[colon + 1..];
            value.len() - rest.trim_start().len()..value.len()
        });
        match self {
            Self::Secret if is_plain_value(value) => 0..0,
            Self::Field if value.starts_with('@') => 0..0,
            Self::Field if colon.is_some_and(|at| is_harmless_field(value[..at].trim())) => 0..0,
            Self::Secret => 0..value.len(),
            Self::Field => after_colon.unwrap_or(0..value.len()),
            // `-u` is a switch of other programs, which no value with a colon follows.
            Self::User => after_colon.unwrap_or(0..0),
        }
    }

    pub(super) fn masked(self, value: &str) -> String {
        let range = self.range(value);
        match self {
            Self::Field => masked_field(value),
            _ if range.is_empty() => masked(value),
            _ => format!("{}{MASK}", &value[..range.start]),
        }
    }
}

/// For each octet, and the end, the quote that is open before it; 0 where there is none.
fn quotes(text: &str) -> Vec<u8> {
    let (mut open, mut escaped) = (0, false);
    let mut quotes = Vec::with_capacity(text.len() + 1);
    for byte in text.bytes() {
        quotes.push(open);
        match byte {
            _ if escaped => escaped = false,
            b'\\' if open != b'\'' => escaped = true,
            b'"' | b'\'' if open == 0 => open = byte,
            _ if byte == open => open = 0,
            _ => {}
        }
    }
    quotes.push(open);
    quotes
}

struct Scanned<'a> {
    text: &'a str,
    bytes: &'a [u8],
    quotes: &'a [u8],
}

impl Scanned<'_> {
    /// Values of flags, passwords before an `@`, and commands within quotes.
    fn by_flag(&self) -> Found {
        let mut found = Vec::new();
        let mut expected = None;
        for word in self.words() {
            let inner = self.without_quotes(word.clone());
            let value = &self.text[inner.clone()];
            let shift = |range: Range<usize>| range.start + inner.start..range.end + inner.start;
            // Another flag: the one before is a switch.
            if let Some(expected) = expected.take().filter(|_| !value.starts_with('-')) {
                found.push(shift(Expected::range(expected, value)));
                continue;
            }
            let is_whole = |c: char| !c.is_whitespace() && !"=:".contains(c);
            expected = Expected::after(value).filter(|_| value.chars().all(is_whole));
            if inner != word && value.contains(char::is_whitespace) {
                found.extend(self::found(value).into_iter().map(shift));
            }
            found.extend(self.attached(inner.clone()));
            found.extend(before_at(value).map(shift));
        }
        found
    }

    /// Value in the same word as its flag: `--token=x`, `-HName:x`.
    fn attached(&self, word: Range<usize>) -> Option<Range<usize>> {
        let text = &self.text[word.clone()];
        let (expected, length) = match text.split_once('=').filter(|_| text.starts_with('-')) {
            Some((flag, _)) if !text.starts_with("-H") => (Expected::after(flag)?, flag.len() + 1),
            _ => (text.starts_with("-H").then_some(Expected::Field)?, 2),
        };
        let value = self.without_quotes(word.start + length..word.end);
        let range = expected.range(&self.text[value.clone()]);
        Some(range.start + value.start..range.end + value.start)
    }

    /// Values beside a name: `NAME=value`, `name: value`, `"name": "value"`, `&name=value`.
    fn by_name(&self) -> Found {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        let names = self.runs(is_name);
        let secret = names.into_iter().filter(|name| is_secret_name(&self.text[name.clone()]));
        let values = secret.filter_map(|name| self.value_beside(&name));
        values.filter(|value| !is_plain_value(&self.text[value.clone()])).collect()
    }

    fn value_beside(&self, name: &Range<usize>) -> Option<Range<usize>> {
        let closing = self.skip(self.skip(name.end, b"\\"), b"\"'");
        let at = self.skip(closing, b" \t");
        let separator = *self.bytes.get(at).filter(|byte| b"=:".contains(byte))?;
        let next = self.bytes.get(at + 1).copied().unwrap_or_default();
        if next == separator || self.text[at..].starts_with("://") {
            return None;
        }
        let at = at + 1 + usize::from(next == b'=');
        // In a shell `NAME= command` sets nothing.
        let may_skip = separator == b':' || at > closing + 1;
        let start = if may_skip { self.skip(at, b" \t") } else { at };
        // JSON within double quotes.
        if self.text[start..].starts_with("\\\"") {
            return Some(start + 2..self.find(start + 2, b"\\\""));
        }
        if separator == b':' && closing == name.end && is_port(&self.text[start..]) {
            return None;
        }
        self.value_from(start, name.start, separator == b':' && start > at)
    }

    /// The value that begins here; one `of_field` may hold spaces.
    fn value_from(&self, start: usize, name: usize, of_field: bool) -> Option<Range<usize>> {
        let (first, open) = (*self.bytes.get(start)?, self.quotes[start]);
        if b"\"'".contains(&first) && first != open {
            let end = |at: &usize| self.bytes[*at] == first || self.bytes[*at] == b'\\';
            let end = (start + 1..self.bytes.len()).find(end).unwrap_or(self.bytes.len());
            // `'a'b` is one word of the shell.
            let next = self.bytes.get(end + 1).copied().unwrap_or(b' ');
            let goes_on =
                open == 0 && !next.is_ascii_whitespace() && !b",:;&|)}]<>".contains(&next);
            return Some(if goes_on { start..self.end_of_word(end, open) } else { start + 1..end });
        }
        if open != 0 {
            let closing = (start..self.bytes.len()).find(|&at| self.quotes[at + 1] != open);
            let closing = closing.unwrap_or(self.bytes.len());
            let is_whole = name > 0 && self.quotes[name - 1] != open;
            let one_word = !self.text[start..closing].contains(char::is_whitespace);
            if of_field || (is_whole && one_word) {
                return Some(start..closing);
            }
        }
        let end = if of_field { self.find(start, b";|\n") } else { self.end_of_word(start, open) };
        Some(start..end)
    }

    /// End of the word of a shell, or of the parameter of a query, that goes on here.
    fn end_of_word(&self, start: usize, open: u8) -> usize {
        let ends = |at: &usize| {
            let byte = self.bytes[*at];
            let is_outside = self.quotes[*at] == open;
            (is_outside && (byte.is_ascii_whitespace() || b";&|<>)`".contains(&byte)))
                || (open != 0 && byte == open)
        };
        let end = (start..self.bytes.len()).find(ends).unwrap_or(self.bytes.len());
        // The quote that closes the value is no part of it.
        let closes = end > start && end - 1 == start && b"\"'".contains(&self.bytes[start]);
        if closes { start } else { end }
    }

    /// User information, and credentials that no name is beside.
    fn in_urls(&self) -> Found {
        let mut found = Vec::new();
        for (at, _) in self.text.match_indices("://") {
            let start = at + 3;
            let end = self.find(start, b" \t\r\n\"'<>`");
            let authority = start..self.find(start, b"/?#").min(end);
            let last =
                |range: Range<usize>| self.text[range.clone()].rfind('@').map(|at| at + start);
            let user = last(authority.clone()).or_else(|| {
                // A password may hold what ends an authority; then no port precedes it.
                let host = &self.text[authority];
                let port = host.rsplit_once(':').filter(|_| !host.starts_with('['));
                let is_port = port.is_none_or(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
                if is_port && !host.is_empty() { None } else { last(start..end) }
            });
            found.extend(user.map(|user| start..user));
        }
        found
    }

    /// Values of queries, whatever their name, that are no words.
    fn in_queries(&self) -> Found {
        let begins = |byte: &u8| b"?&#;".contains(byte);
        let starts = (0..self.bytes.len()).filter(|&at| begins(&self.bytes[at]));
        let values = starts.filter_map(|at| {
            let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.[]".contains(byte);
            let length = self.bytes[at + 1..].iter().take_while(is_name).count();
            let equals = at + 1 + length;
            (length > 0 && self.bytes.get(equals) == Some(&b'=')).then_some(equals + 1)
        });
        let ends = b"?&#;|<>)`\"' \t\r\n";
        let values = values.map(|start| start..self.find(start, ends));
        values.filter(|value| is_opaque(&self.text[value.clone()])).collect()
    }

    /// Words that look like credentials. Parts of paths have to be marked ones: build systems put
    /// hashes into the names of folders.
    fn by_look(&self) -> Found {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        let mut words = self.runs(is_part);
        let is_slash = |at: Option<usize>| at.and_then(|at| self.bytes.get(at)) == Some(&b'/');
        words.retain(|word| {
            let in_path = is_slash(word.start.checked_sub(1)) || is_slash(Some(word.end));
            let word = &self.text[word.clone()];
            if in_path { is_marked(word) } else { looks_secret(word) }
        });
        words
    }

    /// Words as a shell separates them, quotes included.
    fn words(&self) -> Found {
        let mut words = Vec::new();
        let mut start = 0;
        for at in 0..=self.bytes.len() {
            let ends = self.bytes.get(at).is_none_or(|byte| {
                self.quotes[at] == 0 && (byte.is_ascii_whitespace() || b";&|()".contains(byte))
            });
            if ends {
                words.push(start..at);
                start = at + 1;
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }

    /// The range without the quotes around all of it.
    fn without_quotes(&self, word: Range<usize>) -> Range<usize> {
        if word.len() < 2 {
            return word;
        }
        let (first, last) = (self.bytes[word.start], word.end - 1);
        let is_quoted = b"\"'".contains(&first)
            && self.bytes[last] == first
            && (word.start + 1..=last).all(|at| self.quotes[at] == first);
        if is_quoted { word.start + 1..last } else { word }
    }

    /// Maximal stretches of such octets.
    fn runs(&self, is_part: impl Fn(u8) -> bool) -> Found {
        let mut runs: Found = Vec::new();
        for (at, _) in self.bytes.iter().enumerate().filter(|(_, byte)| is_part(**byte)) {
            match runs.last_mut() {
                Some(run) if run.end == at => run.end += 1,
                _ => runs.push(at..at + 1),
            }
        }
        runs
    }

    fn skip(&self, start: usize, skipped: &[u8]) -> usize {
        let rest = &self.bytes[start.min(self.bytes.len())..];
        start + rest.iter().take_while(|byte| skipped.contains(byte)).count()
    }

    fn find(&self, start: usize, ends: &[u8]) -> usize {
        let end = self.bytes[start..].iter().position(|byte| ends.contains(byte));
        end.map_or(self.bytes.len(), |end| start + end)
    }
}

/// A name before a colon and a number is a host with its port.
fn is_port(rest: &str) -> bool {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let next = rest.as_bytes().get(digits).copied().unwrap_or(b' ');
    (1..=5).contains(&digits) && (next.is_ascii_whitespace() || b"/:?#\"'".contains(&next))
}

/// `user:password` before an `@`, in a word that names no scheme.
fn before_at(word: &str) -> Option<Range<usize>> {
    let at = word.rfind('@').filter(|at| !word[at + 1..].starts_with("sha256:"))?;
    let start = word[..at].find('=').map_or(0, |equals| equals + 1);
    let before = &word[start..at];
    let (scheme, path) = before.split_once("://").unwrap_or((before, ""));
    // What has a scheme is searched as a URL; a scheme has no colon.
    let is_user = scheme.contains(':') && (!path.is_empty() || !scheme.contains('/'));
    is_user.then_some(start..at)
}
