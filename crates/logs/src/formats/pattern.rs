//! Text formats as a compiled list: a field, then the text that ends it.
//!
//! A line is taken apart from left to right without looking back, so that the cost of a format is one
//! search for each of its fields.

use memchr::memchr;

use crate::field::{Columns, Field, Fields};

/// Format of a line of text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pattern {
    lead: Vec<u8>,
    parts: Vec<Part>,
    /// True if a backslash keeps a quote from ending its field.
    has_escapes: bool,
}

#[derive(Clone, Debug)]
struct Part {
    field: Option<Field>,
    /// Text behind the field; empty for the end of the line.
    until: Vec<u8>,
}

impl Pattern {
    /// Pattern from its pieces: text, and fields, of which those without a name are skipped.
    pub(crate) fn of(pieces: impl IntoIterator<Item = Piece>, has_escapes: bool) -> Self {
        let mut pattern = Self { has_escapes, ..Self::default() };
        for piece in pieces {
            match (piece, pattern.parts.last_mut()) {
                (Piece::Text(text), None) => pattern.lead.extend(text),
                (Piece::Text(text), Some(part)) => part.until.extend(text),
                (Piece::Field(field), _) => {
                    pattern.parts.push(Part { field, until: Vec::new() });
                }
            }
        }
        pattern
    }

    /// Columns that it has.
    pub(crate) fn columns(&self) -> Columns {
        let mut columns = Columns::default();
        self.parts.iter().filter_map(|part| part.field).for_each(|field| columns.add(field));
        columns
    }

    /// Number of fields and of octets around them: of two patterns that fit, the longer says more.
    pub(crate) fn detail(&self) -> usize {
        self.parts.len()
    }

    /// Takes a line apart; false if it has another form. What follows the last field stays unread.
    pub(crate) fn split<'a>(&self, line: &'a [u8], fields: &mut Fields<'a>) -> bool {
        let Some(mut rest) = line.strip_prefix(self.lead.as_slice()) else { return false };
        for part in &self.parts {
            let Some(end) = self.end(rest, &part.until) else { return false };
            let (value, after) = rest.split_at(end);
            if let Some(field) = part.field {
                fields.set(field, value);
            }
            rest = after.get(part.until.len()..).unwrap_or_default();
        }
        true
    }

    fn end(&self, rest: &[u8], until: &[u8]) -> Option<usize> {
        let Some((first, more)) = until.split_first() else { return Some(rest.len()) };
        let mut from = 0;
        loop {
            let at = from + position(*first, &rest[from..])?;
            let is_escaped = *first == b'"' && self.has_escapes && escapes(&rest[..at]) % 2 == 1;
            let is_end = match more {
                [] => true,
                // Most often there is one more, or two: a call would cost more than it compares.
                [next] => rest.get(at + 1) == Some(next),
                more => rest.get(at + 1) == more.first() && rest[at + 1..].starts_with(more),
            };
            if is_end && !is_escaped {
                return Some(at);
            }
            from = at + 1;
        }
    }
}

/// Place of an octet. Most fields are short: a look at each octet is faster there than a call.
fn position(octet: u8, text: &[u8]) -> Option<usize> {
    const NEAR: usize = 8;
    let (near, far) = text.split_at(text.len().min(NEAR));
    let is_near = near.iter().position(|one| *one == octet);
    is_near.or_else(|| memchr(octet, far).map(|at| near.len() + at))
}

/// Number of backslashes at the end.
fn escapes(text: &[u8]) -> usize {
    text.iter().rev().take_while(|byte| **byte == b'\\').count()
}

/// Piece of a format.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Text(Vec<u8>),
    Field(Option<Field>),
}

impl Piece {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.as_bytes().to_vec())
    }
}

/// Pieces of a format in our own notation: `<address> - <> [<time>]`, where `<>` is a field that is
/// skipped.
pub(crate) fn pieces(format: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for part in format.split_inclusive(['<', '>']) {
        match (part.strip_suffix('<'), part.strip_suffix('>')) {
            (Some(text), _) => pieces.push(Piece::text(text)),
            (None, Some(name)) => pieces.push(Piece::Field(Field::named(name))),
            (None, None) => pieces.push(Piece::text(part)),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: &str, line: &str, expected: Option<&[(Field, &str)]>) {
        let pattern = Pattern::of(pieces(format), true);
        let mut fields = Fields::none();
        let fits = pattern.split(line.as_bytes(), &mut fields);
        assert_eq!(fits, expected.is_some(), "{line}");
        for (field, value) in expected.unwrap_or_default() {
            assert_eq!(String::from_utf8_lossy(fields.get(*field)), *value, "{line}");
        }
    }

    #[test]
    fn fields_end_at_the_text_behind_them() {
        let format = "<address> - <> [<time>] \"<request>\" <status> <bytes> \"<>\" \"<agent>\"";
        check(
            format,
            r#"::1 - a b c [x y] "GET /\"x\" HTTP/1.1" 200 12 "-" "a \"quoted\" [agent]" more"#,
            Some(&[
                (Field::Address, "::1"),
                (Field::Time, "x y"),
                (Field::Request, r#"GET /\"x\" HTTP/1.1"#),
                (Field::Bytes, "12"),
                (Field::Agent, r#"a \"quoted\" [agent]"#),
            ]),
        );
        check(format, r#"1.1.1.1 - - [x] "GET / HTTP/1.1" 200"#, None);
        check(format, "", None);
        check("x=<status> y=<bytes>", "x=1 y=2", Some(&[(Field::Bytes, "2")]));
        check("x=<status> y=<bytes>", "y=1 y=2", None);
        check("<status>,<bytes>", "-,\"", Some(&[(Field::Status, ""), (Field::Bytes, "\"")]));
    }
}
