//! The members of one `If-Match` or `If-None-Match` field line (RFC 9110 §13.1).
//!
//! Lenient where the RFC leaves it open: a malformed member is passed over and the others still
//! count. Does not know `*`, which is a field value of its own and no member of a list.

use crate::entity_tag::EntityTagRef;
use crate::ows;

/// Iterates over the tags of a field line, first to last, in time linear in its length.
///
/// A comma between quotes belongs to the tag; a backslash escapes nothing. Where a quote is
/// never closed, or something other than a comma follows the closing one, the quotes cannot be
/// trusted, so that member ends at its first comma: `"open, "x"` still holds `"x"`.
pub(crate) struct TagList<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for TagList<'a> {
    type Item = EntityTagRef<'a>;

    fn next(&mut self) -> Option<EntityTagRef<'a>> {
        while !self.0.is_empty() {
            let (member, rest) = self.0.split_at(member_end(self.0));
            self.0 = rest.get(1..).unwrap_or_default();
            // A malformed member costs a client nothing: it did name what it has in the others.
            if let Some(tag) = EntityTagRef::split(ows::trim(member)) {
                return Some(tag);
            }
        }
        None
    }
}

/// End of the first member: a comma, or the end of the list.
fn member_end(list: &[u8]) -> usize {
    quoted_member_end(list)
        .or_else(|| list.iter().position(|&octet| octet == b','))
        .unwrap_or(list.len())
}

/// End of the first member, if it holds one pair of quotes and nothing after it.
fn quoted_member_end(list: &[u8]) -> Option<usize> {
    let opening = list.iter().position(|octet| matches!(octet, b'"' | b','))?;
    let (b'"', quoted) = list[opening..].split_first()? else {
        return None;
    };
    let closing = quoted.iter().position(|&octet| octet == b'"')?;
    let after = &quoted[closing + 1..];
    let white_space = ows::leading(after);
    let end = opening + 1 + closing + 1 + white_space;
    matches!(after.get(white_space), None | Some(b',')).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(list: &str, expected: &[&str]) {
        let tags: Vec<_> = TagList(list.as_bytes()).collect();
        let expected: Vec<_> =
            expected.iter().filter_map(|tag| EntityTagRef::split(tag.as_bytes())).collect();
        assert_eq!(tags, expected, "{list}");
    }

    #[test]
    fn members_stand_between_commas_and_white_space() {
        check(r#""a""#, &[r#""a""#]);
        check("\"a\",W/\"b\" ,\t\"\"", &[r#""a""#, r#"W/"b""#, r#""""#]);
    }

    #[test]
    fn empty_members_are_passed_over() {
        check(r#", ,"a",, ,"b","#, &[r#""a""#, r#""b""#]);
        check("", &[]);
        check(" \t,", &[]);
    }

    #[test]
    fn a_comma_between_quotes_belongs_to_the_tag() {
        check(r#""a,b","c""#, &[r#""a,b""#, r#""c""#]);
        check(r#"",",W/",""#, &[r#"",""#, r#"W/",""#]);
    }

    #[test]
    fn a_backslash_escapes_nothing() {
        check(r#""a\","b""#, &[r#""a\""#, r#""b""#]);
    }

    #[test]
    fn malformed_members_leave_the_others_standing() {
        for malformed in ["a", "*", "W/", "W/a", r#"w/"c,d""#, r#"W/ "c""#, r#"a"c,d""#, "'c'"] {
            let (a, b) = (r#""a""#, r#""b""#);
            check(&format!("{malformed},{a}"), &[a]);
            check(&format!("{a}, {malformed}, {b}"), &[a, b]);
            check(&format!("{a},{malformed}"), &[a]);
        }
    }

    #[test]
    fn quotes_that_cannot_be_trusted_end_at_the_first_comma() {
        check(r#""open, "a", "b""#, &[r#""a""#, r#""b""#]);
        check(r#""a", "open"#, &[r#""a""#]);
        check(r#""a"b, "c""#, &[r#""c""#]);
        check(r#"""#, &[]);
    }
}
