//! Habits of one client over many requests: it never asks with a condition, has its cache off, or sends
//! other dates than it was given.

use std::collections::BTreeMap;

use super::dates;
use crate::evidence::{
    EvidenceSource, FieldLines, ObservedExchange, ObservedRequest, ObservedResponse,
};
use crate::explanation::client;
use crate::kind::{Judgement, Severity, of_all, shown};
use crate::view::{HABIT, View};

pub(super) type Seen<'a> = (&'a ObservedExchange, &'a ObservedResponse);

pub(super) fn judge(view: &View<'_>) -> Option<Judgement> {
    // What a client asks in another way it has not stored, either.
    const WAYS: [&str; 3] = ["accept", "accept-language", "origin"];
    let mut clients: BTreeMap<_, Vec<Seen<'_>>> = BTreeMap::new();
    for seen in view.answered() {
        let asked = &seen.0.asked;
        let way = WAYS.map(|name| asked.fields.get(name));
        let key = (client(asked), way, asked.accept_encoding.as_deref());
        clients.entry(key).or_default().push(seen);
    }
    let clients = || clients.values().map(Vec::as_slice);
    clients()
        .find_map(dates::judge)
        .or_else(|| clients().find_map(|seen| without_condition(view.evidence.source, seen)))
}

/// A client that was given one tag, or one date where there is none, several times and never sent it.
fn without_condition(source: EvidenceSource, seen: &[Seen<'_>]) -> Option<Judgement> {
    let is_plain = |(seen, answer): &Seen<'_>| seen.asked.is_plain() && answer.status == 200;
    if !seen.iter().all(is_plain) || seen.iter().any(|(_, answer)| is_forbidden(answer)) {
        return None;
    }
    // Asked again, and answered with what it had been given before.
    let is_again = |pair: &&[Seen<'_>]| {
        let validators = (validator(pair[0].1), validator(pair[1].1));
        validators.0.is_some() && validators.0 == validators.1
    };
    let again = seen.windows(2).filter(is_again).count();
    let last = seen.last()?;
    if again < HABIT {
        return None;
    }
    let is_off = |(seen, _): &&Seen<'_>| is_cache_off(&seen.asked);
    let off = seen.iter().filter(is_off).count();
    // Other programs may say so in each request, and send a tag all the same.
    if off == seen.len() && is_of_browser(source, &last.0.asked.fields) {
        return Some(cache_off(last, off));
    }
    let is_one_way = off == 0 || off == seen.len();
    (is_one_way && !is_by_hand(source, &last.0.asked.fields)).then(|| never(last, again))
}

/// Validator that a client sends back first of all.
fn validator(answer: &ObservedResponse) -> Option<&[u8]> {
    answer.tag().or_else(|| answer.last_modified())
}

fn never(&(seen, answer): &Seen<'_>, again: usize) -> Judgement {
    let title = if answer.tag().is_some() {
        "the client never sends the tag that it is given"
    } else {
        "the client never sends the date that it is given"
    };
    let given = shown(validator(answer).unwrap_or_default());
    let exposed = answer.fields.list("access-control-expose-headers");
    let is_readable = exposed.split(',').any(|name| ["etag", "*"].contains(&name.trim()));
    let is_foreign = seen.asked.fields.get("origin").is_some()
        && answer.fields.get("access-control-allow-origin").is_some();
    let cors = "across origins a script cannot read the tag: Access-Control-Expose-Headers does not \
                name ETag";
    let given = format!("was given {given} and asked again without it: {again} times");
    Judgement::new(Severity::Bad, 0.8, title)
        .because("never-conditional")
        .with(given)
        .with_all((is_foreign && !is_readable && answer.tag().is_some()).then_some(cors))
}

fn cache_off((seen, _): &Seen<'_>, off: usize) -> Judgement {
    let name = if seen.asked.fields.get("pragma").is_some() { "Pragma" } else { "Cache-Control" };
    let said = format!(
        "{name} of {} says so: DevTools with \"Disable cache\", a forced reload, or fetch with \
         `cache: 'no-store'`",
        of_all(off, off, "request")
    );
    // The capture shows nothing of the server, which is no fault.
    Judgement::new(Severity::Info, 0.9, "the client has its cache off, and sends no tag")
        .because("cache-off")
        .with(said)
}

/// Reports whether the answer must not be stored, so that there is nothing to send.
fn is_forbidden(answer: &ObservedResponse) -> bool {
    answer.fields.list("cache-control").split(',').any(|part| part.trim() == "no-store")
}

/// Reports whether a request asks past all caches, its client's own included.
fn is_cache_off(asked: &ObservedRequest) -> bool {
    let control = asked.fields.list("cache-control");
    asked.asks_past_caches() || control.split(',').any(|part| part.trim() == "no-store")
}

/// Reports whether a browser asked, which says so where its own cache is off.
fn is_of_browser(source: EvidenceSource, fields: &FieldLines) -> bool {
    let agent = fields.list("user-agent");
    agent.starts_with("mozilla/") || (agent.is_empty() && source == EvidenceSource::Har)
}

/// Reports whether a person typed the request into a program that has no cache.
fn is_by_hand(source: EvidenceSource, fields: &FieldLines) -> bool {
    let agent = fields.list("user-agent");
    let is_tool = ["curl/", "wget/", "httpie/"].iter().any(|name| agent.starts_with(name));
    is_tool || (agent.is_empty() && source == EvidenceSource::Wire)
}
