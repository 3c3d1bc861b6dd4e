//! Lists of entity tags: `If-Match` and `If-None-Match` alone.
//!
//! The model compares the text of a member with the two ways to write the current tag.

use etag_lab_semantics::{Decision, EntityTag, FieldName, Method, Validators, evaluate};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::cases::config;
use super::lines::{Lines, Text, trimmed};
use super::near::near;

/// A tag in a form that needs no parser.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    pub(crate) weak: bool,
    pub(crate) opaque: String,
}

impl Tag {
    pub(crate) fn text(&self) -> Text {
        let weak = if self.weak { "W/" } else { "" };
        format!("{weak}\"{}\"", self.opaque).into()
    }

    pub(crate) fn parsed(&self) -> EntityTag {
        EntityTag::parse(&self.text()).expect("the model has valid tags")
    }
}

/// True if lines of a field name the representation that has this tag, or none; `None` where
/// there are no lines. RFC 9110 §13.1.1, §13.1.2.
pub(crate) fn named(lines: &[Text], tag: Option<&Tag>, strongly: bool) -> Option<bool> {
    match (lines, tag) {
        ([], _) => None,
        ([line], _) if trimmed(line) == b"*" => Some(true),
        (_, None) => Some(false),
        (lines, Some(tag)) => {
            let mut members = lines.iter().flat_map(|line| members(line));
            Some(members.any(|member| is(tag, member, strongly)))
        }
    }
}

fn is(tag: &Tag, member: &[u8], strongly: bool) -> bool {
    let (strong, weak) = (format!("\"{}\"", tag.opaque), format!("W/\"{}\"", tag.opaque));
    if strongly {
        !tag.weak && member == strong.as_bytes()
    } else {
        member == strong.as_bytes() || member == weak.as_bytes()
    }
}

/// The members of a list: each ends at the first comma (or at the end) before which there is
/// exactly one pair of quotes, closed, with nothing but white space after it. Where there is no
/// such comma, or no quote before the first one, it ends at the first.
fn members(line: &[u8]) -> Vec<&[u8]> {
    let mut members = Vec::new();
    let mut rest = line;
    loop {
        let ends = (0..=rest.len()).filter(|&at| at == rest.len() || rest[at] == b',');
        let ends: Vec<_> = ends.collect();
        let first = ends[0];
        let is_quoted = rest[..first].contains(&b'"');
        let quoted = ends.iter().copied().find(|&end| is_one_pair(&rest[..end]));
        let end = if is_quoted { quoted.unwrap_or(first) } else { first };
        members.push(trimmed(&rest[..end]));
        if end == rest.len() {
            return members;
        }
        rest = &rest[end + 1..];
    }
}

fn is_one_pair(member: &[u8]) -> bool {
    let between_quotes: Vec<_> = member.split(|&octet| octet == b'"').collect();
    matches!(between_quotes[..], [_, _, after] if trimmed(after).is_empty())
}

/// Few letters, so that matches are as frequent as misses.
pub(crate) fn tag() -> impl Strategy<Value = Tag> {
    let opaque = prop_oneof![3 => "[ab]?", 1 => r"[ab,\\*/W']{0,4}"];
    (any::<bool>(), opaque).prop_map(|(weak, opaque)| Tag { weak, opaque })
}

/// Nearly a list of tags.
pub(crate) fn list() -> impl Strategy<Value = Text> {
    let separator = select(&[",", ", ", " ,\t", ",,", ", ,"][..]);
    let malformed = r#"[ab*/ ]{0,3}|(w/|x|W/ |W/W/)"[ab,]{0,3}"|"[ab,]{0,2} [ab, ]{0,2}""#;
    let member = prop_oneof![5 => tag().prop_map(|tag| tag.text().0), 1 => malformed.prop_map(String::into_bytes)];
    let valid = (vec(member, 0..5), separator)
        .prop_map(|(members, separator)| Text(members.join(separator.as_bytes())));
    prop_oneof![
        9 => near(valid, b"\"\"\",,W/*\\ \tabw'"),
        1 => near(Just(Text(b"*".to_vec())), b"* ,\"a"),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_list_of_tags_is_read_as_the_model_reads_it(
        lines in vec(list(), 1..4),
        current in tag(),
    ) {
        let tag = current.parsed();
        let validators = Validators { entity_tag: Some(&tag), last_modified: None };
        let decide = |name| {
            evaluate(Method::Get, &Lines::of(name, &lines), Some(&validators), None)
        };
        let named = |strongly| named(&lines, Some(&current), strongly) == Some(true);
        let weakly = if named(false) { Decision::NotModified } else { Decision::Proceed };
        let strongly = if named(true) { Decision::Proceed } else { Decision::PreconditionFailed };
        prop_assert_eq!(decide(FieldName::IfNoneMatch), weakly);
        prop_assert_eq!(decide(FieldName::IfMatch), strongly);
    }
}
