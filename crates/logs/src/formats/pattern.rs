//! Text formats as a compiled list: a field, then the text that ends it.
//!
//! A line is taken apart from left to right without looking back, so that the cost of a format is one
//! search for each of its fields. No text between them has a line break.

use crate::field::{Columns, Field, Fields};
use crate::scan::{Prefix, far_position_of_either, position, position_of_either};

use super::trimmed;

/// Format of a line of text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pattern {
    lead: Prefix,
    /// Parts before those that are mostly the same from line to line, these, and the ones behind them.
    before: Box<[Part]>,
    steady: Box<[Part]>,
    after: Box<[Part]>,
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
        let mut before: Vec<Part> = parts.into_iter().map(part).collect();
        let start = before.iter().position(Part::is_steady).unwrap_or(before.len());
        let mut steady = before.split_off(start);
        let end = steady.iter().position(|part| !part.is_steady()).unwrap_or(steady.len());
        let after = steady.split_off(end).into();
        let (before, steady) = (before.into(), steady.into());
        Self { lead: Prefix::of(&lead), before, steady, after }
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        self.before.iter().chain(&self.steady).chain(&self.after)
    }

    /// Columns that it has.
    pub(crate) fn columns(&self) -> Columns {
        let mut columns = Columns::default();
        self.parts().filter_map(|part| part.field).for_each(|field| columns.add(field));
        columns
    }

    /// Number of fields and of octets around them: of two patterns that fit, the longer says more.
    pub(crate) fn detail(&self) -> usize {
        self.parts().count()
    }

    /// Takes a line apart; false if it has another form. What follows the last field stays unread.
    pub(crate) fn split<'a>(&self, line: &'a [u8], fields: &mut Fields<'a>) -> bool {
        self.read(line, fields).is_ok()
    }

    /// Takes the first line of a text apart, and returns how far it was read; an error if it has another
    /// form. Neither is beyond its end.
    pub(crate) fn read<'a>(&self, text: &'a [u8], fields: &mut Fields<'a>) -> Result<usize, usize> {
        if !self.lead.begins(text) {
            return Err(0);
        }
        let start = read_parts(&self.before, text, self.lead.text().len(), fields)?;
        // What is known of the line before this one is known of the same text in this one.
        let end = if !fields.steady.is_empty() && text[start..].starts_with(fields.steady) {
            start + fields.steady.len()
        } else {
            fields.steady = &[];
            let end = read_parts(&self.steady, text, start, fields)?;
            fields.steady = &text[start..end];
            end
        };
        read_parts(&self.after, text, end, fields)
    }
}

/// Takes apart what begins at a place of a text; returns where it ends, or the place up to which the line
/// has another form.
#[inline]
fn read_parts<'a>(
    parts: &[Part],
    text: &'a [u8],
    mut at: usize,
    fields: &mut Fields<'a>,
) -> Result<usize, usize> {
    for part in parts {
        let rest = &text[at..];
        let end = part.end(rest).map_err(|end| at + end)?;
        if let Some(field) = part.field {
            fields.set(field, &rest[..end]);
        }
        at += end + part.until.text().len();
    }
    Ok(at)
}

impl Part {
    /// Reports whether its value is mostly that of the line before: a moment, and what nobody reads.
    fn is_steady(&self) -> bool {
        let is_usual = matches!(self.field, None | Some(Field::Time | Field::Day | Field::Clock));
        is_usual && !self.until.text().is_empty()
    }

    /// Length of the field at the beginning of a text; an error with the end of the line if what ends the
    /// field is not in it.
    #[inline]
    fn end(&self, rest: &[u8]) -> Result<usize, usize> {
        let until = self.until.text();
        let Some(first) = until.first() else {
            let end = position(b'\n', rest).unwrap_or(rest.len());
            return Ok(trimmed(&rest[..end]).len());
        };
        let mut from = 0;
        loop {
            // The end of the line is looked for on the way, instead of beforehand.
            let next = match first {
                b'"' => far_position_of_either(b'"', b'\n', &rest[from..]),
                first => position_of_either(*first, b'\n', &rest[from..]),
            };
            let at = from + next.ok_or(rest.len())?;
            if rest[at] == b'\n' {
                return Err(at);
            }
            let is_end = until.len() == 1 || self.until.begins(&rest[at..]);
            let is_escaped = self.has_escapes && at > 0 && rest[at - 1] == b'\\';
            if is_end && !(is_escaped && escapes(&rest[..at]) % 2 == 1) {
                return Ok(at);
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
    use rand::SeedableRng as _;
    use rand::seq::IndexedRandom as _;
    use rand_pcg::Pcg64Mcg;

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

    /// Whatever the lines before it were, and wherever it was cut.
    #[test]
    fn lines_of_a_text_are_read_as_each_by_itself() {
        let format = "<address> - <> [<time>] \"<request>\" <status> <bytes> \"<>\" \"<agent>\"";
        let pattern = Pattern::of(pieces(format), true);
        let parts: [&[&str]; 8] = [
            &["::1", "10.0.0.12", ""],
            &[" - - [x] \"", " - u [x] \"", " - - [y] \"", " - - [x\" ", "\""],
            &["GET / HTTP/1.1", "GET /a\\\"b HTTP/1.1", "", "a\\\\"],
            &["\" 200 ", "\" 304 ", "\" - ", "\\\" 200 "],
            &["0", "12345", "-"],
            &[" \"-\" \"", " \"https://www.example.org/docs\" \"", " "],
            &["", "curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox"],
            &["\"", "\" more", "", "\"\r"],
        ];
        let mut random = Pcg64Mcg::seed_from_u64(1);
        let mut line = || parts.map(|part| *part.choose(&mut random).expect("some")).concat();
        let text: String = (0..5_000).map(|_| line() + "\n").collect();
        let (mut rest, mut fields, mut fitting) = (text.as_bytes(), Fields::none(), 0);
        for line in text.split_terminator('\n') {
            let mut alone = Fields::none();
            let fits = pattern.split(line.as_bytes(), &mut alone);
            let read = pattern.read(rest, &mut fields);
            assert_eq!(read.is_ok(), fits, "{line}");
            assert!(read.unwrap_or_else(|end| end) <= line.len(), "{line}");
            if fits {
                fitting += 1;
                for (_, field) in crate::field::NAMES {
                    assert_eq!(fields.get(field), alone.get(field), "{line}");
                }
            }
            let end = memchr::memchr(b'\n', rest).expect("each line has an end");
            rest = &rest[end + 1..];
        }
        assert!((500..4_500).contains(&fitting), "{fitting}");
    }
}
