//! The experiments. Each counts its own requests in the evidence and names the next one, if any.

mod further;
mod memory;

use std::collections::BTreeSet;

use super::{Limits, Step};
use findings::contents::{self, Flow};
use findings::evidence::{
    Connection, Lane, NOBODYS, ObservedExchange, ObservedRequest, ObservedResponse, opaque,
};
use findings::view::{FullResponse, Trial, TrialOutcome, View};

/// One experiment: its next request, or `None` when it is over.
pub(super) type Experiment = fn(&View<'_>, Limits) -> Option<Step>;

/// In the order of what they decide: the question of the tags first.
pub(super) const ALL: &[Experiment] = &[
    without_condition,
    memory::replay_earlier,
    look,
    |view, limits| replay(view, limits, "identity", [5, 3]),
    replay_where_ignored,
    |view, limits| list(view, limits, "identity"),
    replay_until_met,
    further::strangers_tag,
    look_with_gzip,
    |view, limits| replay(view, limits, "gzip", [3, 2]),
    list_with_gzip,
    further::strangers_tag_with_suffix,
    |view, limits| ask(view, limits, 1, plain("br")),
    replay_with_br,
    |view, limits| ask(view, limits, unless_told(view, 1, 0), plain("zstd")),
    |view, limits| replay(view, limits, "zstd", [1, 0]),
    further::without_coding,
    date,
    further::date_long_past,
    further::later_date,
    strangers_tag_with_date,
    tag_with_date_long_past,
    tag_with_its_date,
    any,
    further::head,
    further::if_range,
    further::cors,
    vary,
    kept,
    more,
    past_caches,
];

/// Tags longer than this are not sent back: servers refuse such requests.
const LONGEST_TAG: usize = 2_000;
/// All tags of one list together.
const LONGEST_LIST: usize = 4_000;
/// Requests that replay tags one by one where there are several, or several ways to the target.
const MOST_REPLAYS: usize = 10;
/// Requests after which one odd replica in ten would have shown itself with about 98 %; some of them
/// show nothing of replicas.
const THOROUGH: usize = 44;

const LANGUAGE: (&str, &str) = ("accept-language", "de, fr;q=0.5");
/// A telephone, for which servers often have a page of its own.
const AGENT: (&str, &str) = (
    "user-agent",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
     Version/17.5 Mobile/15E148 Safari/604.1",
);

/// Values that browsers send and a check does not.
const OTHER_VALUES: [(&str, &str); 4] = [
    ("accept", "text/html,application/xhtml+xml"),
    LANGUAGE,
    AGENT,
    ("origin", "https://etag-lab.example"),
];

/// A date before every web server.
const LONG_PAST: &[u8] = b"Sat, 01 Jan 2000 00:00:00 GMT";

fn look(view: &View<'_>, limits: Limits) -> Option<Step> {
    // Each backend is asked more than once, to see whether what it sends changes by itself; of many
    // each is asked once, because they share the budget.
    let wanted = match limits.lanes {
        1 => 8,
        lanes @ 2..=6 => 3 * lanes,
        lanes @ 7..=12 => 2 * lanes,
        lanes => lanes,
    };
    ask(view, limits, wanted, plain("identity"))
}

/// Looks until a tag comes back, where tags only followed one another.
pub(super) fn look_for_return(view: &View<'_>, limits: Limits) -> Option<Step> {
    let is_open =
        contents::may_tags_return(view) && view.evidence.observations.len() < super::PATIENT;
    is_open.then(|| fresh(0, limits, plain("identity")))
}

/// Asks without a condition where conditions got something odd: only the difference tells.
fn without_condition(view: &View<'_>, limits: Limits) -> Option<Step> {
    let last = view.evidence.observations.iter().rev();
    let odd = last.take_while(|seen| {
        let is_odd = seen.outcome.as_ref().is_ok_and(|answer| match answer.status {
            200 => answer.content.decoded.is_some_and(|content| content.bytes == 0),
            304 | 429 | 503 => false,
            _ => true,
        });
        is_odd && !seen.asked.is_plain()
    });
    (odd.count() >= 2).then(|| fresh(0, limits, plain("identity")))
}

/// The tag again where one replay of several was ignored: once may be chance, twice is a replica.
fn replay_where_ignored(view: &View<'_>, limits: Limits) -> Option<Step> {
    let tally = view.tag_tally(false);
    let tags = tags(view, "identity");
    let [tag] = tags.as_slice() else { return None };
    let asked = ObservedRequest { none_match: vec![tag.clone()], ..plain("identity") };
    let is_open = tally.ignored == 1 && tally.honoured > 0 && limits.lanes == 1;
    ask(view, limits, if is_open { MOST_REPLAYS + 4 } else { 0 }, asked)
}

/// Each tag of this coding alone: so often when there is one, at most so often when there are
/// several.
fn replay(view: &View<'_>, limits: Limits, coding: &str, times: [usize; 2]) -> Option<Step> {
    let tags = tags(view, coding);
    let (times, most) = match (limits.lanes, tags.len()) {
        (1, 1) => (times[0], 1),
        (1, several) => {
            let times = times[1].min((MOST_REPLAYS / several.max(1)).max(2));
            (times, if coding == "identity" { 4 } else { 2 })
        }
        (lanes, _) => (lanes, (2 * MOST_REPLAYS / lanes).clamp(1, 5)),
    };
    let mut sendable = tags.into_iter().filter(|tag| tag.len() <= LONGEST_TAG).take(most);
    sendable.find_map(|tag| {
        ask(view, limits, times, ObservedRequest { none_match: vec![tag], ..plain(coding) })
    })
}

/// Once, and again where it was refused: browsers ask for `br` first.
fn replay_with_br(view: &View<'_>, limits: Limits) -> Option<Step> {
    let refused = view.by_tag.iter().filter(|trial| {
        trial.outcome == TrialOutcome::Ignored
            && trial.asked.accept_encoding.as_deref() == Some("br")
    });
    replay(view, limits, "br", [1 + refused.count().min(1), 0])
}

fn list_with_gzip(view: &View<'_>, limits: Limits) -> Option<Step> {
    if tags(view, "gzip").len() < 2 { None } else { list(view, limits, "gzip") }
}

/// All tags of this coding in one field, until a server answers that could have matched.
fn list(view: &View<'_>, limits: Limits, coding: &str) -> Option<Step> {
    let none_match = list_of(tags(view, coding))?;
    let is_list = |asked: &ObservedRequest| {
        asked.none_match.len() > 1
            && asked.modified_since.is_none()
            && asked.accept_encoding.as_deref() == Some(coding)
    };
    let done = count(view, is_list);
    // A list that is missed decides nothing: none of its tags was the current one.
    let decided = view.by_list.iter().filter(|trial| {
        is_list(trial.asked)
            && matches!(trial.outcome, TrialOutcome::Honoured | TrialOutcome::Ignored)
    });
    let wanted = if limits.lanes == 1 { 2 } else { limits.lanes };
    (decided.count() < wanted && done < wanted + 2)
        .then(|| fresh(done, limits, ObservedRequest { none_match, ..plain(coding) }))
}

/// The tags between two that nobody issued.
fn list_of(tags: Vec<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    let mut bytes = 0;
    let sendable = tags.into_iter().rev().take_while(|tag| {
        bytes += tag.len() + 2;
        bytes <= LONGEST_LIST
    });
    let mut members: Vec<_> = sendable.collect();
    if members.is_empty() {
        return None;
    }
    // A server that compares the field as one string, or its beginning, cannot match by accident.
    members.insert(0, NOBODYS[0].to_vec());
    members.push(NOBODYS[1].to_vec());
    Some(members)
}

fn replay_until_met(view: &View<'_>, limits: Limits) -> Option<Step> {
    // A list that gets a 200 with one of its tags: are lists not understood, or conditionals
    // ignored? Only a tag alone that meets its own replica shows it, and among many replicas that
    // takes patience.
    let (single, list) = (View::tally(&view.by_tag), View::tally(&view.by_list));
    let open = single.matching() == 0 && list.ignored > 0 && list.honoured == 0;
    let tag = tags(view, "identity").into_iter().find(|tag| tag.len() <= LONGEST_TAG)?;
    let asked = ObservedRequest { none_match: vec![tag], ..plain("identity") };
    (open && limits.lanes == 1 && view.evidence.observations.len() < super::ENOUGH)
        .then(|| fresh(0, limits, asked))
}

fn look_with_gzip(view: &View<'_>, limits: Limits) -> Option<Step> {
    let wanted = match limits.lanes {
        1 if view.is_told() && !view.full.iter().any(FullResponse::is_coded) => 2,
        1 => 3,
        lanes => lanes,
    };
    ask(view, limits, wanted, plain("gzip"))
}

fn date(view: &View<'_>, limits: Limits) -> Option<Step> {
    let mut dates = dates(view);
    // Without tags three 304s are needed to call it healthy.
    let least = if view.full.iter().any(|seen| seen.tag.is_some()) { 2 } else { 3 };
    let (times, most) = match (limits.lanes, dates.len()) {
        (1, 1) => (least, 1),
        // After a change only the last one gets a 304.
        (1, _) if contents::flow(view) == Flow::Moments => {
            dates.reverse();
            (3, 1)
        }
        (1, _) => (2, 2),
        (lanes, _) => (lanes.max(least), (MOST_REPLAYS / lanes).clamp(1, 3)),
    };
    dates.into_iter().take(most).find_map(|date| {
        let asked = ObservedRequest { modified_since: Some(date), ..plain("identity") };
        ask(view, limits, times, asked)
    })
}

fn strangers_tag_with_date(view: &View<'_>, limits: Limits) -> Option<Step> {
    let date = dates(view).pop()?;
    tags(view, "identity").pop()?;
    both(view, limits, vec![NOBODYS[0].to_vec()], date, 1)
}

fn tag_with_date_long_past(view: &View<'_>, limits: Limits) -> Option<Step> {
    dates(view).pop()?;
    // A cache takes the date for a reason to ask the origin anew, and some lose what they keep when they
    // do: nobody but a check sends this, and --backend asks without the cache.
    if view.full.iter().any(FullResponse::is_stored) && !view.evidence.lanes.iter().all(is_named) {
        return None;
    }
    both(view, limits, known(view)?, LONG_PAST.to_vec(), 1)
}

fn is_named(lane: &Lane) -> bool {
    lane.is_backend
}

fn tag_with_its_date(view: &View<'_>, limits: Limits) -> Option<Step> {
    let plain = view.full.iter().filter(|seen| !seen.is_coded());
    let mut tagged = plain.filter_map(|seen| Some((seen.tag?, seen)));
    let (tag, seen) = tagged.find(|(tag, _)| tag.len() <= LONGEST_TAG)?;
    let date = seen.answer.last_modified()?;
    // As browsers send them: what a server does with it is never left out.
    both(view, limits, vec![tag.to_vec()], date.to_vec(), 2)
}

fn both(
    view: &View<'_>,
    limits: Limits,
    tags: Vec<Vec<u8>>,
    date: Vec<u8>,
    times: usize,
) -> Option<Step> {
    let asked =
        ObservedRequest { none_match: tags, modified_since: Some(date), ..plain("identity") };
    // A list grows while tags are found, so that its first member has to identify it.
    let done = count(view, |seen| {
        seen.modified_since == asked.modified_since
            && seen.none_match.first() == asked.none_match.first()
    });
    (done < times.max(if limits.lanes == 1 { 0 } else { limits.lanes.min(4) }))
        .then(|| fresh(done, limits, asked))
}

fn known(view: &View<'_>) -> Option<Vec<Vec<u8>>> {
    // One tag when there is one, else the whole list: the answer must be able to match.
    let tags = tags(view, "identity");
    if tags.len() == 1 {
        Some(tags).filter(|tags| tags[0].len() <= LONGEST_TAG)
    } else {
        list_of(tags)
    }
}

fn any(view: &View<'_>, limits: Limits) -> Option<Step> {
    tags(view, "identity").pop()?;
    let asked = ObservedRequest { any: true, ..plain("identity") };
    // An error may be chance, or a replica's.
    let is_error = further::answers(view, &asked).any(|answer| answer.status >= 400);
    ask(view, limits, if is_error { 2 } else { 1 }, asked)
}

/// Another value of a field that `Vary` names, where one can be made up.
fn vary(view: &View<'_>, limits: Limits) -> Option<Step> {
    // Replicas that differ would be taken for the field's doing; what changed once stands between
    // the answers before and after.
    if view.is_told() && contents::flow(view) != Flow::Moments {
        return None;
    }
    let named = view.named_by_vary();
    let is_named = |name: &str| named.iter().any(|known| known == name);
    let with = |fields: &[(&str, &str)]| ObservedRequest {
        fields: fields.iter().copied().collect(),
        ..plain("identity")
    };
    let values = OTHER_VALUES.iter().filter(|(name, _)| is_named(name));
    let first = values.take(2).find_map(|other| ask(view, limits, 1, with(&[*other])));
    // Programs look at these whether or not `Vary` says so: at both in one request, and where that made a
    // difference, at each by itself, and again.
    let silent: Vec<_> =
        [LANGUAGE, AGENT].into_iter().filter(|(name, _)| !is_named(name)).collect();
    if first.is_some() || silent.is_empty() {
        return first;
    }
    let together = with(&silent);
    let is_one = |asked: &ObservedRequest, is_unlike: fn(&View<'_>, &ObservedResponse) -> bool| {
        !further::answers(view, asked).any(|answer| is_unlike(view, answer))
    };
    if is_one(&together, |view, answer| {
        is_other_content(view, answer) || is_other_tag(view, answer)
    }) {
        return ask(view, limits, 1, together);
    }
    silent.iter().find_map(|one| {
        let asked = with(&[*one]);
        ask(view, limits, if is_one(&asked, is_other_content) { 1 } else { 2 }, asked)
    })
}

/// Reports whether an answer has a content that no usual one has.
fn is_other_content(view: &View<'_>, answer: &ObservedResponse) -> bool {
    let own = answer.content.decoded;
    answer.status == 200 && own.is_some() && view.full.iter().all(|seen| seen.digests() != own)
}

/// The same of its tag.
fn is_other_tag(view: &View<'_>, answer: &ObservedResponse) -> bool {
    let own = answer.tag().map(opaque);
    answer.status == 200
        && own.is_some()
        && view.full.iter().all(|seen| seen.tag.map(opaque) != own)
}

/// Past the caches that were seen, at the end: what they keep may have been replaced long ago.
fn past_caches(view: &View<'_>, limits: Limits) -> Option<Step> {
    /// Requests in each coding: what a cache keeps shows one replica again and again.
    const TIMES: [(&str, usize); 2] = [("identity", 6), ("gzip", 4)];
    if !view.full.iter().any(FullResponse::is_stored) {
        return None;
    }
    TIMES.into_iter().find_map(|(coding, times)| {
        let fields = [("cache-control", "no-cache")].into_iter().collect();
        let asked = ObservedRequest { fields, ..plain(coding) };
        let mut past = view.full.iter().filter(|seen| seen.exchange.asked == asked);
        // Many caches answer these as well, and then they show nothing new.
        let is_kept_back = past.by_ref().take(2).filter(|seen| seen.is_stored()).count() == 2;
        let is_coded = coding == "identity" || view.full.iter().any(FullResponse::is_coded);
        let times = if is_kept_back || limits.lanes > 1 { times.min(2) } else { times };
        ask(view, limits, if is_coded { times } else { 0 }, asked)
    })
}

fn kept(view: &View<'_>, limits: Limits) -> Option<Step> {
    // Layer-4 balancers pin a kept connection to one replica.
    let (connection, asked) = (Connection::Kept, plain("identity"));
    let done = view.evidence.observations.iter().filter(|seen| seen.connection == connection);
    let is_over = limits.lanes == 1 && view.evidence.observations.len() >= THOROUGH;
    (done.count() < 2 && !is_over).then_some(Step { lane: 0, connection, asked })
}

/// Questions still open: contents that differ, the number of replicas, or one odd replica in ten.
fn more(view: &View<'_>, limits: Limits) -> Option<Step> {
    let total = view.evidence.observations.len();
    let plain_looks = count(view, ObservedRequest::is_plain);
    if contents::flow(view) != Flow::Steady {
        // A tag of nobody shows a content as well, and whether any tag gets a 304.
        let tagged = tags(view, "identity").pop().filter(|_| total.is_multiple_of(3));
        let none_match = tagged.map(|_| NOBODYS[0].to_vec()).into_iter().collect();
        let asked = ObservedRequest { none_match, ..plain("identity") };
        return (plain_looks < 30).then(|| fresh(total, limits, asked));
    }
    // Past a cache more is learnt than of it.
    if limits.lanes > 1 || view.full.iter().any(FullResponse::is_stored) {
        return None;
    }
    let tags = tags(view, "identity");
    let dates = dates(view);
    let asked = match (tags.as_slice(), dates.as_slice()) {
        ([_, _, ..], _) => plain("identity"),
        ([tag], _) if tag.len() <= LONGEST_TAG => {
            // Every other time as browsers send it, beside its own date.
            let date = dates.first().filter(|_| dates.len() == 1 && total.is_multiple_of(2));
            let modified_since = date.cloned();
            ObservedRequest { none_match: vec![tag.clone()], modified_since, ..plain("identity") }
        }
        ([], [date]) => ObservedRequest { modified_since: Some(date.clone()), ..plain("identity") },
        _ => return None,
    };
    // Where no replay ever gets a 304, another one shows nothing.
    let pointless = |trials: &[Trial<'_>]| {
        let tally = View::tally(trials);
        tally.total() >= 3 && tally.honoured == 0
    };
    if !asked.is_plain()
        && pointless(&view.by_tag)
        && (pointless(&view.by_date) || !tags.is_empty())
    {
        return None;
    }
    (total < THOROUGH).then(|| fresh(total, limits, asked))
}

/// The different tags of plain or compressed responses, in the order of their appearance.
fn tags(view: &View<'_>, coding: &str) -> Vec<Vec<u8>> {
    let mut known = BTreeSet::new();
    // Without compression every response to an accepting request is plain: nothing to try twice.
    let of_coding = view.full.iter().filter(|seen| seen.coding == coding);
    let tags = of_coding.filter_map(|seen| seen.tag);
    tags.filter(|tag| known.insert(opaque(tag).to_vec())).map(<[u8]>::to_vec).collect()
}

fn dates(view: &View<'_>) -> Vec<Vec<u8>> {
    let mut known = BTreeSet::new();
    let plain = view.full.iter().filter(|seen| !seen.is_coded());
    let dates = plain.filter_map(|seen| seen.answer.last_modified());
    dates.filter(|date| known.insert(date.to_vec())).map(<[u8]>::to_vec).collect()
}

/// A request without preconditions that accepts this coding.
pub(crate) fn plain(coding: &str) -> ObservedRequest {
    ObservedRequest { accept_encoding: Some(coding.to_owned()), ..ObservedRequest::default() }
}

/// Number of requests, less where tags or contents are known to differ: what is left to learn then
/// is worth less.
fn unless_told(view: &View<'_>, usual: usize, told: usize) -> usize {
    if view.is_told() { told } else { usual }
}

/// This request, until it was made so often on connections of its own.
fn ask(view: &View<'_>, limits: Limits, times: usize, asked: ObservedRequest) -> Option<Step> {
    let done = count(view, |seen| *seen == asked);
    (done < times).then(|| fresh(done, limits, asked))
}

fn fresh(done: usize, limits: Limits, asked: ObservedRequest) -> Step {
    Step { lane: done % limits.lanes.max(1), connection: Connection::Fresh, asked }
}

fn count(view: &View<'_>, is_it: impl Fn(&ObservedRequest) -> bool) -> usize {
    let is_fresh = |seen: &&ObservedExchange| seen.connection == Connection::Fresh;
    view.evidence.observations.iter().filter(is_fresh).filter(|seen| is_it(&seen.asked)).count()
}
