//! Validators that a client sends back in a field that does not ask whether there is something new.

use std::collections::BTreeSet;

use crate::evidence::ObservedRequest;
use crate::kind::{Judgement, Severity, of_all, shown};
use crate::view::{HABIT, View, weak_eq};

/// Fields other than `If-None-Match` in which a request for the whole may carry a tag, and their meaning.
const FIELDS: [(&str, &str); 4] = [
    (
        "If-Match",
        "it asks for the content as long as it is still this one, so that no 304 can come",
    ),
    ("If-Range", "without Range it says nothing"),
    ("If-Modified-Since", "a date belongs there; a tag is ignored"),
    ("ETag", "it is a field of responses, and says nothing in a request"),
];

/// Tag that a request carries in one of these fields.
fn carried<'a>(asked: &'a ObservedRequest, name: &str) -> Option<&'a [u8]> {
    match name {
        "If-Match" => asked.matching.first().map(Vec::as_slice),
        "If-Range" => asked.if_range.as_deref(),
        "If-Modified-Since" => asked.modified_since.as_deref(),
        _ => asked.fields.get("etag"),
    }
}

/// A client that sends the tag it was given in the wrong field, and gets the content under this tag again.
pub(super) fn judge(view: &View<'_>) -> Option<Judgement> {
    let found = FIELDS.iter().filter_map(|(name, means)| Some((name, means, sent_in(view, name)?)));
    let (name, means, (sent, count)) = found.max_by_key(|(.., (_, count))| *count)?;
    let asked = of_all(count, view.answered().count(), "request");
    Some(
        Judgement::new(Severity::Bad, 0.9, format!("the client sends the tag back in {name}"))
            .because("wrong-field")
            .with(format!("sent {} in {name}, and not in If-None-Match: {asked}", shown(sent)))
            .with(format!("{name}: {means}")),
    )
}

/// Tag that came in this field alone and got nothing by it, and how often, where it is a habit.
fn sent_in<'a>(view: &View<'a>, name: &str) -> Option<(&'a [u8], usize)> {
    let mut issued: BTreeSet<&[u8]> = BTreeSet::new();
    let mut wrong = Vec::new();
    for (seen, answer) in view.answered() {
        let asks_rightly = !seen.asked.none_match.is_empty() || seen.asked.any;
        let sent = carried(&seen.asked, name).filter(|sent| !asks_rightly && issued.contains(sent));
        // A weak tag never matches in If-Match.
        let is_in_vain = |sent: &&[u8]| match answer.status {
            200 => answer.tag().is_some_and(|own| weak_eq(own, sent)),
            status => status == 412,
        };
        wrong.extend(sent.filter(is_in_vain));
        issued.extend(answer.tag().filter(|_| answer.status == 200));
    }
    (wrong.len() >= HABIT).then(|| (wrong[0], wrong.len()))
}
