//! `inconclusive`: not enough evidence; no data never passes.

use std::collections::BTreeMap;

use text::secret::masked_url;

use super::contrary::contrary;
use crate::catalogue::polls_failed;
use crate::contents::{self, Flow};
use crate::evidence::{EvidenceSource, Method, ObservedExchange, ObservedResponse};
use crate::kind::{FindingKind, Judgement, Severity, shown};
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    FindingKind::read(include_str!("inconclusive.toml"))
}

/// Exchanges that a healthy verdict needs at least: of two replicas that are chosen at random, eight
/// show both in 127 of 128 runs. How likely a rarer one was met, its confidence says.
const EXCHANGES: usize = 8;
/// 304s that it needs at least. A floor and no probability: one or two may be of a single replica.
const NOT_MODIFIED: usize = 3;

pub(super) fn judgement(missing: Vec<String>) -> Judgement {
    Judgement::new(Severity::Info, 1.0, "not enough evidence to tell").with_all(missing)
}

/// Evidence missing for a healthy verdict, and what to try, one sentence each.
pub(crate) fn missing(view: &View<'_>) -> Vec<String> {
    let mut missing = too_little(view);
    missing.extend(unexplained(view));
    missing.extend(contrary(view));
    missing
}

/// The same, whatever was found: who has found a fault has a reason for lost replays.
pub(crate) fn too_little(view: &View<'_>) -> Vec<String> {
    let mut missing = Vec::new();
    let observations = &view.evidence.observations;
    if observations.is_empty() {
        return vec!["there is not one exchange to judge".to_owned()];
    }
    missing.extend(failing(view));
    let draws = view.full.len() + view.not_modified().count();
    // Nothing was judged, and the reason is known: counts would only repeat it.
    if draws == 0 && !missing.is_empty() {
        return missing;
    }
    missing.extend(turns_unseen(view));
    if draws < EXCHANGES {
        let is_refused = view.answered().any(|(_, answer)| [429, 503].contains(&answer.status));
        let more = match view.evidence.source {
            // What was refused the budget does not change.
            EvidenceSource::Live if is_refused => "check again later, or with a lower --rate",
            EvidenceSource::Live => "allow more requests with --budget",
            _ => "capture more polls of the same URL",
        };
        missing.push(format!(
            "{} for the content {} answered 200 or 304, {EXCHANGES} are needed: {more}",
            text::counted(draws as u64, "exchange"),
            if draws == 1 { "was" } else { "were" }
        ));
    }
    // No 304 can be judged without the content that it stands for.
    if view.full.is_empty() {
        missing.push(no_content(view));
    }
    let replays = view.not_modified().filter(|(seen, _)| !seen.asked.is_plain());
    if replays.count() < NOT_MODIFIED {
        missing.push(no_304(view));
    }
    missing
}

/// Tags that take turns where no content was seen, so that either may be at fault.
fn turns_unseen(view: &View<'_>) -> Option<String> {
    let heads = || view.unusual().filter(|(seen, _)| seen.asked.method == Method::Head);
    let is_unseen = view.full.iter().all(|seen| seen.key.is_none());
    let full = view.full.iter().map(|seen| seen.answer);
    let tags = full.chain(heads().map(|(_, answer)| answer)).filter_map(ObservedResponse::tag);
    let tags: Vec<_> = tags.collect();
    let is_it = is_unseen && contents::comes_back(tags.iter()) && contents::standing(&tags) > 1;
    is_it.then(|| {
        "several tags take turns at one URL, and no content was seen: replicas that send one content \
         have tags of their own, or replicas send several contents; capture GETs with their contents to \
         see which"
            .to_owned()
    })
}

/// Answers that cannot be judged, and exchanges without one, where there are more than a few.
pub(crate) fn failing(view: &View<'_>) -> Vec<String> {
    let observations = view.evidence.before_writes();
    let failures: Vec<_> =
        observations.iter().filter_map(|seen| seen.outcome.as_ref().err()).collect();
    let failed = failures.first().filter(|_| is_a_habit(failures.len(), view.original()));
    let failed = failed.map(|first| {
        let (failed, all) = (failures.len(), observations.len());
        format!("{failed} of {all} exchanges failed: {first}")
    });
    other_statuses(view).into_iter().chain(failed).collect()
}

/// Replays that got the content once more that their validator stood for, and no finding says why.
fn unexplained(view: &View<'_>) -> Option<String> {
    // Dates beside tags that work have a finding of their own.
    let dates = view.by_date.iter().filter(|_| !view.is_tagged());
    let replays: Vec<_> = view.by_tag.iter().chain(dates).collect();
    let lost = replays.iter().filter(|trial| trial.is_needless).count();
    (lost > 0).then(|| {
        format!(
            "{lost} of {} replays got a full 200 with the content that the client had, and no \
             reason was seen: name each replica with --backend",
            replays.len()
        )
    })
}

/// Reports whether a 503 says when to come back.
fn asks_to_wait(view: &View<'_>) -> bool {
    let mut refusals = view.answered().filter(|(_, answer)| answer.status == 503);
    refusals.any(|(_, answer)| answer.fields.get("retry-after").is_some())
}

/// Reports whether every 503 is Varnish's own, which names an hour to come back without being asked
/// to slow down: what it passes on keeps the `Server` of the origin.
fn is_of_varnish(view: &View<'_>) -> bool {
    let mut refusals = view.answered().filter(|(_, answer)| answer.status == 503);
    refusals.all(|(_, answer)| answer.fields.list("server").eq_ignore_ascii_case("varnish"))
}

/// Reports whether the user gave a field that proves who asks.
fn are_credentials_given(view: &View<'_>) -> bool {
    const PARTS: [&str; 4] = ["authorization", "cookie", "token", "api-key"];
    let given = view.evidence.given.iter().map(|name| name.to_ascii_lowercase());
    given.into_iter().any(|name| PARTS.iter().any(|part| name.contains(part)))
}

fn no_content(view: &View<'_>) -> String {
    let more = if view.evidence.source == EvidenceSource::Live {
        "ask for it once without a condition"
    } else {
        "capture a client that begins with an empty cache"
    };
    format!("no 200 with the content was seen, so that nothing is known of it: {more}")
}

fn no_304(view: &View<'_>) -> String {
    let is_plain = view.answered().all(|(seen, _)| seen.asked.is_plain());
    if is_plain && view.evidence.source != EvidenceSource::Live {
        if view.unusual().any(|(seen, _)| !seen.asked.is_plain()) {
            return "only HEAD and range requests carried a condition, which no content answers: \
                    capture a client that polls with GET"
                .to_owned();
        }
        if view.not_modified().next().is_some() {
            return "304s were seen, and not the requests that they answer: capture these as well"
                .to_owned();
        }
        return "no request carried If-None-Match or If-Modified-Since: capture a client that \
                polls twice, with its cache on"
            .to_owned();
    }
    match contents::flow(view) {
        Flow::EveryResponse | Flow::Moments => {
            "the content changed faster than it could be revalidated".to_owned()
        }
        _ if view.full.iter().any(|seen| seen.key.is_none()) => {
            "contents were not seen whole, so that a full 200 cannot be distinguished from a change: raise \
             --max-content, or capture with contents"
                .to_owned()
        }
        // What else was answered says what to do.
        _ if other_statuses(view).is_some() => {
            format!("too few responses with 200 or 304 to judge {NOT_MODIFIED} replays")
        }
        _ => {
            let few = view.not_modified().count();
            format!("only {few} of the {NOT_MODIFIED} replays needed got a 304")
        }
    }
}

/// Reports whether so many failures may be one replica's: what it would say is not known.
fn is_a_habit(failures: usize, all: usize) -> bool {
    // One alone among many is an accident.
    failures > 1 || (failures == 1 && all < 2 * EXCHANGES)
}

/// An exchange and its answer.
type Seen<'a> = (&'a ObservedExchange, &'a ObservedResponse);

/// Reports whether one of several ways gave an odd answer: each was asked a few times only.
fn is_of_one_way(view: &View<'_>, odd: &[Seen<'_>]) -> bool {
    let asked = |lane| view.evidence.observations.iter().filter(move |seen| seen.lane == lane);
    view.evidence.lanes.len() > 1
        && odd.iter().any(|(seen, _)| asked(seen.lane).count() < 2 * EXCHANGES)
}

/// Reports whether a status came to requests with a condition, and to no other.
fn comes_to_conditions(view: &View<'_>, status: u16) -> bool {
    let mut got = view.answered().filter(|(_, answer)| answer.status == status);
    !view.full.is_empty() && got.all(|(seen, _)| !seen.asked.is_plain())
}

/// Statuses that cannot be judged, when there are more than a few.
fn other_statuses(view: &View<'_>) -> Option<String> {
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    // What comes to a condition alone has a finding of its own.
    let explained = |place: &usize| {
        view.explained.misanswered.binary_search_by_key(place, |one| one.place).is_ok()
    };
    let others = view.placed().filter(|(place, ..)| !explained(place));
    let others = others.map(|(_, seen, answer)| (seen, answer));
    // What a server makes of HEAD, a range or a field is its own matter, unless it fails.
    let failed = view.unusual().filter(|(_, answer)| answer.status >= 500 && answer.status != 501);
    let is_odd = |(_, answer): &Seen<'_>| ![200, 304].contains(&answer.status);
    let odd: Vec<_> = others.filter(is_odd).chain(failed).collect();
    for (_, answer) in &odd {
        *counts.entry(answer.status).or_default() += 1;
    }
    let at_the_end = view.answered().last().is_some_and(|last| is_odd(&last));
    if !is_a_habit(odd.len(), view.original()) && !at_the_end && !is_of_one_way(view, &odd) {
        return None;
    }
    let (status, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    let hint = match status {
        301 | 302 | 303 | 307 | 308 if !view.full.is_empty() => {
            "others got the content, so that some replica redirects: ask each with --backend"
        }
        301 | 302 | 303 | 307 | 308 => "check the URL it points to, or add --follow",
        401 | 403 if are_credentials_given(view) => {
            "the credentials that were sent were refused, or did not arrive: a proxy between may take \
             Authorization out (Squid keeps it with `login=PASSTHRU`); ask the origin with --backend"
        }
        401 | 403 => "send credentials with -H 'Authorization: …'",
        404 | 410 if comes_to_conditions(view, status) => {
            "requests with a condition alone got it: ask once more without one, to see whether it is \
             still there"
        }
        404 | 410 => "is the path right?",
        400 if view.evidence.target.starts_with("http://") && view.full.is_empty() => {
            "does the port speak TLS? then try https://"
        }
        503 if is_of_varnish(view) => {
            "Varnish itself says so: most often the origin behind it does not answer (Backend fetch \
             failed); see whether that runs"
        }
        503 if !asks_to_wait(view) => "no server was there to answer, or it is overloaded",
        429 | 503 => "it asks to slow down: lower --rate, or come back later",
        500..=599 if polls_failed::end(view).is_some() => "nothing else came from then on",
        500..=599 if count < view.evidence.observations.len() => {
            "some replica fails, and what it would say is not known"
        }
        _ => "only 200 and 304 can be judged",
    };
    let target = odd.iter().find(|(_, answer)| answer.status == status);
    let location = target.and_then(|(_, answer)| answer.fields.get("location"));
    let location = location
        .map(|to| format!(" to {}", shown(masked_url(&String::from_utf8_lossy(to)).as_bytes())))
        .unwrap_or_default();
    Some(format!("status {status}{location} × {count}: {hint}"))
}

#[cfg(test)]
mod tests {
    use crate::Check;
    use crate::evidence::Evidence;
    use crate::fixture::evidence;

    #[track_caller]
    fn says(evidence: &Evidence, expected: &str) {
        let check = Check::of(evidence);
        assert!(check.is_inconclusive());
        assert!(check.findings[0].evidence[0].contains(expected), "{:?}", check.findings[0]);
    }

    #[test]
    fn a_503_that_varnish_made_itself_is_no_request_to_slow_down() {
        let own = "-> 503; Server: Varnish; X-Varnish: 2; Retry-After: 5 | Guru Meditation";
        says(&evidence(own), "status 503 × 1: Varnish itself says so");
        let passed_on = own.replace("Server: Varnish", "Server: nginx");
        says(&evidence(&passed_on), "it asks to slow down");
        says(&evidence("-> 503; Server: nginx"), "no server was there to answer");
    }

    #[test]
    fn who_sent_credentials_is_not_told_to_send_them() {
        for status in [401, 403] {
            let mut refused = evidence(&format!("3 × -> {status}"));
            says(&refused, "send credentials with -H");
            refused.given = vec!["accept".to_owned()];
            says(&refused, "send credentials with -H");
            for name in ["authorization", "Cookie", "x-api-key"] {
                refused.given = vec![name.to_owned()];
                says(&refused, "were refused, or did not arrive");
            }
        }
    }
}
