//! Habits of one client over many requests: it never asks with a condition, has its cache off, or makes
//! up dates.

use std::collections::{BTreeMap, BTreeSet};

use semantics::HttpDate;

use crate::evidence::{EvidenceSource, FieldLines, ObservedExchange, ObservedResponse};
use crate::explanation::client;
use crate::kind::{Judgement, Severity, of_all, shown};
use crate::view::View;

type Seen<'a> = (&'a ObservedExchange, &'a ObservedResponse);

/// Requests that a habit needs at least.
const HABIT: usize = 3;

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
        .find_map(invented_date)
        .or_else(|| clients().find_map(|seen| without_condition(view.evidence.source, seen)))
}

/// A client that was given one tag several times and never sent it.
fn without_condition(source: EvidenceSource, seen: &[Seen<'_>]) -> Option<Judgement> {
    let is_plain = |(seen, answer): &Seen<'_>| seen.asked.is_plain() && answer.status == 200;
    if !seen.iter().all(is_plain) || seen.iter().any(|(_, answer)| is_forbidden(answer)) {
        return None;
    }
    // Asked again, and answered with what it had been given before.
    let is_again = |pair: &&[Seen<'_>]| {
        let tags = (pair[0].1.tag(), pair[1].1.tag());
        tags.0.is_some() && tags.0 == tags.1
    };
    let again = seen.windows(2).filter(is_again).count();
    let last = seen.last()?;
    if again < HABIT {
        return None;
    }
    let is_off = |(seen, _): &&Seen<'_>| is_cache_off(&seen.asked.fields);
    let off = seen.iter().filter(is_off).count();
    if off == seen.len() {
        return Some(cache_off(last, off));
    }
    (off == 0 && !is_by_hand(source, &last.0.asked.fields)).then(|| never(last, again))
}

fn never(&(seen, answer): &Seen<'_>, again: usize) -> Judgement {
    let title = "the client never sends the tag that it is given";
    let tag = shown(answer.tag().unwrap_or_default());
    let exposed = answer.fields.list("access-control-expose-headers");
    let is_readable = exposed.split(',').any(|name| ["etag", "*"].contains(&name.trim()));
    let is_foreign = seen.asked.fields.get("origin").is_some()
        && answer.fields.get("access-control-allow-origin").is_some();
    let cors = "across origins a script cannot read the tag: Access-Control-Expose-Headers does not \
                name ETag";
    let given = format!("was given {tag} and asked again without it: {again} times");
    Judgement::new(Severity::Bad, 0.8, title)
        .because("never-conditional")
        .with(given)
        .with_all((is_foreign && !is_readable).then_some(cors))
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

/// A client that sends a date of its own.
fn invented_date(seen: &[Seen<'_>]) -> Option<Judgement> {
    let invented = invented(seen)?;
    let (last, answer) = invented.last()?;
    let full = invented.iter().filter(|(_, answer)| answer.status == 200).count();
    let severity = if full > 0 { Severity::Bad } else { Severity::Warn };
    let sent = shown(last.asked.modified_since.as_deref().unwrap_or_default());
    let issued = shown(answer.last_modified().unwrap_or(b"another date"));
    let harm = if full > 0 {
        format!("full 200 all the same: {}", of_all(full, invented.len(), "request"))
    } else {
        "content with an older date, a rollback say, would not be noticed".to_owned()
    };
    Some(
        Judgement::new(severity, 0.85, "the client sends dates that no answer carried")
            .because("invented-date")
            .with(format!("sent {sent}, was given {issued}"))
            .with(harm),
    )
}

/// Requests with a date alone that no answer carried, where it is a habit.
fn invented<'a>(seen: &[Seen<'a>]) -> Option<Vec<Seen<'a>>> {
    let date = |answer: &ObservedResponse, name: &str| parsed(answer.fields.get(name)?);
    let named = |(_, answer): &Seen<'_>| [date(answer, "last-modified"), date(answer, "date")];
    let known: BTreeSet<_> = seen.iter().flat_map(named).flatten().collect();
    // A client that was given none has nothing better.
    let given = seen.iter().position(|(_, answer)| answer.last_modified().is_some())?;
    let is_invented = |(seen, _): &&Seen<'_>| {
        let sent = seen.asked.modified_since.as_deref().and_then(parsed);
        seen.asked.none_match.is_empty() && sent.is_some_and(|sent| !known.contains(&sent))
    };
    let invented: Vec<_> = seen[given + 1..].iter().filter(is_invented).copied().collect();
    let different: BTreeSet<_> =
        invented.iter().map(|(seen, _)| &seen.asked.modified_since).collect();
    // One date may be that of a response before the capture began.
    (different.len() >= HABIT).then_some(invented)
}

fn parsed(date: &[u8]) -> Option<u64> {
    Some(HttpDate::parse(date).ok()?.unix_seconds())
}

/// Reports whether the answer must not be stored, so that there is nothing to send.
fn is_forbidden(answer: &ObservedResponse) -> bool {
    answer.fields.list("cache-control").split(',').any(|part| part.trim() == "no-store")
}

/// Reports whether a request asks past all caches.
fn is_cache_off(fields: &FieldLines) -> bool {
    let control = fields.list("cache-control");
    let is_off = |part: &str| ["no-cache", "no-store"].contains(&part.trim());
    control.split(',').any(is_off) || fields.list("pragma").contains("no-cache")
}

/// Reports whether a person typed the request into a program that has no cache.
fn is_by_hand(source: EvidenceSource, fields: &FieldLines) -> bool {
    let agent = fields.list("user-agent");
    let is_tool = ["curl/", "wget/", "httpie/"].iter().any(|name| agent.starts_with(name));
    is_tool || (agent.is_empty() && source == EvidenceSource::Wire)
}
