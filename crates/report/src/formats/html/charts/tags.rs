//! Tags by replica: a row for each tag, a column for each replica.
//!
//! A table in itself, so there is no picture. The letter in a cell names a content: two rows
//! with one letter are two tags for the same bytes, two letters in one row are one tag for two.

use std::collections::{BTreeMap, BTreeSet};

use measure::record::{ArmRecord, ReplicaRecord};

use super::{Chart, Figure, Subject};
use crate::formats::html::markup::{Element, words};
use crate::formats::html::tables::{column, row_heading, scrolling};
use crate::quantity::NOTHING;
use text::{counted, visible};

// A server may have a new tag for every response.
const MOST_TAGS: usize = 12;

const MOST_REPLICAS: usize = 16;

const BROAD: usize = 4;

const READING: &str = "A letter is a content, and says that this replica sent this tag \
    for it. Replicas that agree fill the row. A row with a single letter is a tag that only its \
    own replica knows.";

pub(super) fn chart(subjects: &[Subject<'_>]) -> Option<Chart> {
    let letters = Letters::of(subjects);
    let tagged = |subject: &Subject<'_>| subject.arm.replicas.iter().any(|r| !tags(r).is_empty());
    subjects.iter().any(tagged).then(|| {
        let figures = subjects.iter().map(|subject| matrix(subject, &letters)).collect();
        let replicas = subjects.iter().map(|subject| subject.arm.replicas.len()).max();
        let room = if replicas > Some(BROAD) { "broad" } else { "" };
        Chart { room, ..Chart::new("Which replica sends which tag", READING, figures) }
    })
}

// Tags of a replica with their contents; old records have only the tags.
fn tags(replica: &ReplicaRecord) -> Vec<(&str, Option<&str>)> {
    if replica.sightings.is_empty() {
        return replica.entity_tags.iter().map(|tag| (tag.as_str(), None)).collect();
    }
    replica.sightings.iter().map(|s| (s.entity_tag.as_str(), s.content.as_deref())).collect()
}

/// A letter for each content, in the order in which they were seen, the same in all arms.
struct Letters<'a>(Vec<&'a str>);

impl<'a> Letters<'a> {
    fn of(subjects: &[Subject<'a>]) -> Self {
        let mut contents = Vec::new();
        let replicas = subjects.iter().flat_map(|subject| &subject.arm.replicas);
        for (_, content) in replicas.flat_map(tags) {
            contents.extend(content.filter(|content| !contents.contains(content)));
        }
        Self(contents)
    }

    /// `A` to `Z`, then numbers.
    fn letter(&self, content: &str) -> String {
        let index = self.0.iter().position(|known| *known == content).unwrap_or(0);
        match u8::try_from(index) {
            Ok(index @ 0..26) => char::from(b'A' + index).to_string(),
            _ => (index + 1).to_string(),
        }
    }
}

struct TagRow<'a> {
    tag: &'a str,
    cells: BTreeMap<usize, BTreeSet<Option<&'a str>>>,
}

impl<'a> TagRow<'a> {
    fn all(arm: &'a ArmRecord) -> Vec<Self> {
        let mut rows: Vec<Self> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, replica) in arm.replicas.iter().enumerate() {
            for (tag, content) in tags(replica) {
                let at = *places.entry(tag).or_insert(rows.len());
                if at == rows.len() {
                    rows.push(TagRow { tag, cells: BTreeMap::new() });
                }
                rows[at].cells.entry(index).or_default().insert(content);
            }
        }
        rows
    }

    fn contents(&self) -> BTreeSet<&'a str> {
        self.cells.values().flatten().flatten().copied().collect()
    }
}

fn matrix(subject: &Subject<'_>, letters: &Letters<'_>) -> Figure {
    let mut rows = TagRow::all(subject.arm);
    // Tags for the same content are neighbours.
    rows.sort_by_cached_key(|row| row.contents().into_iter().map(|c| letters.letter(c)).min());
    let most = subject.arm.tags_for_same_content as u64;
    let about = match rows.len() {
        0 => "no tag was sent".to_owned(),
        _ => format!("{} for the same bytes", counted(most, "tag")),
    };
    let title = format!("{}: tags by replica", subject.name);
    let replicas = &subject.arm.replicas[..subject.arm.replicas.len().min(MOST_REPLICAS)];
    let name = |replica: &ReplicaRecord| match replica.id.as_str() {
        "-" => "unsigned".to_owned(),
        id => id.to_owned(),
    };
    let head = Element::new("tr")
        .child(column("tag", false))
        .children(replicas.iter().map(|replica| column(&name(replica), true)));
    let agreed = subject.arm.tags_for_same_content <= 1;
    let lines =
        rows.iter().take(MOST_TAGS).map(|row| line(row, replicas.len(), &rows, letters, agreed));
    let table = Element::new("table")
        .class("matrix")
        .child(Element::new("thead").child(head))
        .child(Element::new("tbody").children(lines));
    let table = (!rows.is_empty()).then(|| scrolling(&title, table));
    Figure::new(&subject.name, &about).below(table.into_iter().chain(left_out(rows.len(), subject)))
}

fn line(
    row: &TagRow<'_>,
    replicas: usize,
    rows: &[TagRow<'_>],
    letters: &Letters<'_>,
    agreed: bool,
) -> Element {
    let cell = |index: usize| {
        let Some(contents) = row.cells.get(&index) else { return words("td", "") };
        let known: Vec<_> = contents.iter().flatten().map(|c| letters.letter(c)).collect();
        let shown = if known.is_empty() { "●".to_owned() } else { known.join(" ") };
        words("td", &shown).class("sent")
    };
    let (judgement, tone, kind) = judgement(row, rows, letters, agreed);
    let tag = words("code", &shortened(row.tag)).with("title", visible(row.tag));
    // Below the tag and not in a column at the end, which would be out of sight where it is narrow.
    let meaning = words("span", &judgement).class(format!("meaning {tone}"));
    Element::new("tr")
        .class(kind)
        .child(row_heading("").child(tag).text(" ").child(meaning))
        .children((0..replicas).map(cell))
}

/// Judges whether this tag means one content and is the only one that does; returns words, their tone,
/// and the kind of row. Where all responses `agreed`, further tags are those of other codings, or
/// the weak form of the same.
fn judgement(
    row: &TagRow<'_>,
    rows: &[TagRow<'_>],
    letters: &Letters<'_>,
    agreed: bool,
) -> (String, &'static str, &'static str) {
    let contents = row.contents();
    let mut names: Vec<_> = contents.iter().map(|content| letters.letter(content)).collect();
    names.sort();
    let tags = rows.iter().filter(|other| !other.contents().is_disjoint(&contents)).count();
    match (&names[..], tags) {
        ([], _) => (NOTHING.to_owned(), "faint", "alike"),
        ([name], 1) => (format!("only tag for {name}"), "good", "alike"),
        ([name], _) if agreed => (format!("{name} in one coding or form"), "good", "alike"),
        ([name], tags) => (format!("1 of {tags} tags for {name}"), "bad", "apart"),
        _ => (format!("{} at once", names.join(" and ")), "bad", "clash"),
    }
}

// Long tags differ at their ends more often than in their middle.
fn shortened(tag: &str) -> String {
    let characters: Vec<char> = visible(tag).chars().collect();
    match characters.len() {
        0..=16 => characters.into_iter().collect(),
        length => {
            let ends = characters[..8].iter().chain(&['…']).chain(&characters[length - 6..]);
            ends.collect()
        }
    }
}

fn left_out(tags: usize, subject: &Subject<'_>) -> Option<Element> {
    let more = |number: usize, most: usize, noun: &str| {
        let rest = number.saturating_sub(most) as u64;
        (rest > 0).then(|| format!("{} more", counted(rest, noun)))
    };
    let replicas = more(subject.arm.replicas.len(), MOST_REPLICAS, "replica");
    let left: Vec<_> = more(tags, MOST_TAGS, "tag").into_iter().chain(replicas).collect();
    (!left.is_empty()).then(|| words("p", &format!("… and {}", left.join(", "))).class("note"))
}
