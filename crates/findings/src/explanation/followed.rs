//! What was asked: tags or contents that go with a field of the request.

use std::collections::{BTreeMap, BTreeSet};

use super::Placed;
use crate::evidence::{ObservedExchange, opaque};
use crate::view::{ContentKey, FullResponse};

/// Fields that programs look at, whether or not `Vary` names them.
pub(crate) const LOOKED_AT: [&str; 6] =
    ["authorization", "cookie", "accept", "accept-language", "user-agent", "origin"];

/// Field of the requests with which tags or contents go.
#[derive(Clone, Debug)]
pub(crate) struct Followed<'a> {
    /// In lower case.
    pub(crate) field: String,
    /// Different values of it, its absence included.
    pub(crate) values: usize,
    /// Different tags, or contents where `of_content`.
    pub(crate) labels: usize,
    /// True if contents go with it, and not tags of one content.
    pub(crate) of_content: bool,
    /// True if `Vary` of the answers names it.
    pub(crate) is_in_vary: bool,
    /// The value in most requests.
    main: Option<&'a [u8]>,
}

impl Followed<'_> {
    /// Reports whether a request has the value that most have.
    pub(crate) fn is_main(&self, exchange: &ObservedExchange) -> bool {
        exchange.asked.fields.get(&self.field) == self.main
    }
}

/// What an answer shows of itself: the tag's opaque part, or a hash.
type Label<'a> = &'a [u8];
/// An answer: the exchange, what it shows.
type Shown<'a> = (&'a ObservedExchange, Label<'a>);

/// The first field that explains several tags of one content, or else several contents.
pub(super) fn find<'a>(answered: &[Placed<'a>], full: &[FullResponse<'a>]) -> Option<Followed<'a>> {
    let vary = named_by_vary(full);
    let fields = || vary.iter().map(String::as_str).chain(LOOKED_AT);
    // A check sends the same fields each time.
    let varies = |field: &&str| {
        let values = full.iter().map(|seen| seen.exchange.asked.fields.get(field));
        values.collect::<BTreeSet<_>>().len() > 1
    };
    let fields: Vec<_> = fields().filter(varies).collect();
    if fields.is_empty() {
        return None;
    }
    let by = |shown: &[Shown<'a>], of_content: bool| {
        fields.iter().find_map(|field| {
            let is_in_vary = vary.iter().any(|named| named == field);
            follows(shown, field).map(|found| Followed { of_content, is_in_vary, ..found })
        })
    };
    let tags = tags_of_one_content(answered, full);
    by(&tags, false).or_else(|| by(&contents(full), true))
}

/// The fields that `Vary` names, without the coding, which is looked at by itself.
pub(crate) fn named_by_vary(full: &[FullResponse<'_>]) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    let mut lists: Vec<_> = full.iter().map(|seen| seen.answer.fields.list("vary")).collect();
    lists.sort_unstable();
    lists.dedup();
    for name in lists.iter().flat_map(|list| list.split(',')).map(str::trim) {
        if !["", "*", "accept-encoding"].contains(&name) && !named.iter().any(|known| known == name)
        {
            named.push(name.to_owned());
        }
    }
    named
}

fn follows<'a>(shown: &[Shown<'a>], field: &str) -> Option<Followed<'a>> {
    let mut labels: BTreeMap<Option<&'a [u8]>, (Label<'a>, usize)> = BTreeMap::new();
    for (exchange, label) in shown {
        let value = exchange.asked.fields.get(field);
        let (known, count) = labels.entry(value).or_insert((*label, 0));
        if known != label {
            return None;
        }
        *count += 1;
    }
    let different: BTreeSet<_> = labels.values().map(|(label, _)| label).collect();
    // A value of its own in each request explains nothing: so would the moment.
    let again = labels.values().filter(|(_, count)| *count > 1).count();
    (different.len() > 1 && again > 1).then(|| Followed {
        field: field.to_owned(),
        values: labels.len(),
        labels: different.len(),
        of_content: false,
        is_in_vary: false,
        main: labels.iter().max_by_key(|(_, (_, count))| *count).and_then(|(value, _)| *value),
    })
}

/// The tags of the content that has most of them in one coding, 304s to these included.
fn tags_of_one_content<'a>(answered: &[Placed<'a>], full: &[FullResponse<'a>]) -> Vec<Shown<'a>> {
    let mut groups: BTreeMap<(&str, ContentKey), Vec<(&FullResponse<'a>, Label<'a>)>> =
        BTreeMap::new();
    for seen in full {
        if let (Some(key), Some(tag)) = (seen.key, seen.tag) {
            groups.entry((&seen.coding, key)).or_default().push((seen, opaque(tag)));
        }
    }
    let count = |of: &[(&FullResponse<'_>, Label<'_>)]| {
        of.iter().map(|(_, tag)| *tag).collect::<BTreeSet<_>>().len()
    };
    let Some(group) = groups.into_values().max_by_key(|of| count(of)) else { return Vec::new() };
    let tags: BTreeSet<_> = group.iter().map(|(_, tag)| *tag).collect();
    let notes = answered.iter().filter_map(|(_, seen, answer)| {
        let [sent] = seen.asked.none_match.as_slice() else { return None };
        let sent = opaque(sent);
        (answer.status == 304 && tags.contains(sent)).then_some((*seen, sent))
    });
    group.iter().map(|(seen, tag)| (seen.exchange, *tag)).chain(notes).collect()
}

fn contents<'a>(full: &[FullResponse<'a>]) -> Vec<Shown<'a>> {
    let known = full.iter().filter_map(|seen| {
        let content = seen.answer.content.decoded.as_ref()?;
        Some((seen.exchange, content.sha256.as_slice()))
    });
    known.collect()
}
