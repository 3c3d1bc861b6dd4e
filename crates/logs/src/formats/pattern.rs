//! Text formats as a compiled list: a field, then the text that ends it.
//!
//! A line is taken apart from left to right without looking back, so that the cost of a format is one
//! search for each of its fields.

use crate::field::{Columns, Field, Fields};
use crate::scan::{Prefix, position};

/// Format of a line of text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pattern {
    lead: Prefix,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
struct Part {
    field: Option<Field>,
    /// Text behind the field; empty for the end of the line.
    until: Prefix,
    /// True if a backslash keeps the quote behind it from ending the field.
    has_escapes: bool,
}

impl Pattern {
    /// Pattern from its pieces: text, and fields, of which those without a name are skipped.
    pub(crate) fn of(pieces: impl IntoIterator<Item = Piece>, has_escapes: bool) -> Self {
        let mut lead = Vec::new();
        let mut parts: Vec<(Option<Field>, Vec<u8>)> = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => {
                    parts.last_mut().map_or(&mut lead, |(_, until)| until).extend(text);
                }
                Piece::Field(field) => parts.push((field, Vec::new())),
            }
        }
        let part = |(field, until): (Option<Field>, Vec<u8>)| Part {
            field,
            has_escapes: has_escapes && until.first() == Some(&b'"'),
            until: Prefix::of(&until),
        };
        Self { lead: Prefix::of(&lead), parts: parts.into_iter().map(part).collect() }
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
        if !self.lead.begins(line) {
            return false;
        }
        let mut rest = &line[self.lead.text().len()..];
        for part in &self.parts {
            let Some(end) = part.end(rest) else { return false };
            if let Some(field) = part.field {
                fields.set(field, &rest[..end]);
            }
            rest = &rest[end + part.until.text().len()..];
        }
        true
    }
}

impl Part {
    /// Length of the field at the beginning of a text; `None` if what ends it is not there.
    fn end(&self, rest: &[u8]) -> Option<usize> {
        let until = self.until.text();
        let Some(first) = until.first() else { return Some(rest.len()) };
        let mut from = 0;
        loop {
            let at = from + position(*first, &rest[from..])?;
            let is_end = until.len() == 1 || self.until.begins(&rest[at..]);
            if is_end && !(self.has_escapes && escapes(&rest[..at]) % 2 == 1) {
                return Some(at);
            }
            from = at + 1;
        }
    }
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
