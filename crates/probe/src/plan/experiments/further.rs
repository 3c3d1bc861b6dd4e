//! Further experiments: each is made only where what was seen calls for it, and is repeated only
//! where its answer was wrong, or may be another replica's.

use findings::evidence::{
    Method, NOBODYS, ObservedRequest, ObservedResponse, holding, in_shape_of, is_weak,
};
use findings::view::{FullResponse, TrialOutcome, View};
use semantics::HttpDate;

use super::{LONGEST_TAG, Limits, OTHER_VALUES, Step, ask, count, plain, tags};

const YEAR_SECONDS: u64 = 365 * 24 * 3_600;
const HOUR_SECONDS: u64 = 3_600;

/// Least of a content that can be asked for.
const ONE_BYTE: &[u8] = b"bytes=0-0";

/// Tags that nobody issued: one that looks like no server's, then some in the shape of a real one.
pub(super) fn strangers_tag(view: &View<'_>, limits: Limits) -> Option<Step> {
    let tag = tags(view, "identity").pop()?;
    let alone = |tag: Vec<u8>, coding| ObservedRequest { none_match: vec![tag], ..plain(coding) };
    let first = ask(view, limits, lanes(limits), alone(NOBODYS[0].to_vec(), "identity"));
    if first.is_some() || view.is_told() || tag.len() > LONGEST_TAG {
        return first;
    }
    // One of the other strength may hold the real one as well.
    let other = if is_weak(&tag) { tag[2..].to_vec() } else { [b"W/", tag.as_slice()].concat() };
    let shape = in_shape_of(&tag).into_iter().map(|[first, _]| first);
    let mut shaped = shape.chain(holding(&other));
    shaped.find_map(|tag| ask(view, limits, 1, alone(tag, "identity")))
}

/// The same with the suffix of a coding, which some servers take for the whole tag.
pub(super) fn strangers_tag_with_suffix(view: &View<'_>, limits: Limits) -> Option<Step> {
    let plain_tags = tags(view, "identity");
    let coded = tags(view, "gzip").pop().filter(|tag| tag.len() <= LONGEST_TAG)?;
    // A tag that both codings share has none.
    if view.is_told() || plain_tags.iter().any(|tag| tag.len() >= coded.len()) {
        return None;
    }
    let [tag, _] = in_shape_of(&coded)?;
    ask(view, limits, 1, ObservedRequest { none_match: vec![tag], ..plain("gzip") })
}

/// What programs get that say nothing of codings, as most do that poll.
pub(super) fn without_coding(view: &View<'_>, limits: Limits) -> Option<Step> {
    let asked = ObservedRequest::default();
    ask(view, limits, usize::from(!view.is_told()), asked)
}

/// A date long before all that were seen, alone: its 304 would be false for good.
pub(super) fn date_long_past(view: &View<'_>, limits: Limits) -> Option<Step> {
    let earliest = view.full.iter().filter_map(FullResponse::date).min()?;
    let past = earliest.unix_seconds().checked_sub(YEAR_SECONDS)?;
    ask(view, limits, lanes(limits), since(past)?)
}

/// A date later than the only one, alone, where that one gets a 304.
pub(super) fn later_date(view: &View<'_>, limits: Limits) -> Option<Step> {
    let mut dated = view.full.iter().filter(|seen| !seen.is_coded());
    let first = dated.find(|seen| seen.date().is_some())?;
    let date = first.date()?.unix_seconds();
    let is_only = view.full.iter().all(|seen| seen.date() == first.date() || seen.is_coded());
    let outcomes = || view.by_date.iter().map(|trial| trial.outcome);
    let works = outcomes().any(|outcome| outcome == TrialOutcome::Honoured)
        && outcomes().all(|outcome| outcome == TrialOutcome::Honoured);
    // Servers may ignore a date in the future.
    let now = HttpDate::parse(first.answer.fields.get("date")?).ok()?.unix_seconds();
    let later = now.min(date + HOUR_SECONDS);
    let asked = since(later).filter(|_| later > date && is_only && works)?;
    ask(view, limits, usize::from(!view.is_told()), asked)
}

fn since(seconds: u64) -> Option<ObservedRequest> {
    let date = HttpDate::from_unix_seconds(seconds).ok()?.to_string().into_bytes();
    Some(ObservedRequest { modified_since: Some(date), ..plain("identity") })
}

/// `HEAD` twice, and twice more where it names another tag: chance may have met another replica.
pub(super) fn head(view: &View<'_>, limits: Limits) -> Option<Step> {
    let asked = ObservedRequest { method: Method::Head, ..plain("identity") };
    let answers: Vec<_> = answers(view, &asked).collect();
    let is_refused = |answer: &&ObservedResponse| [405, 501].contains(&answer.status);
    // One that is refused, or hangs, is not asked again.
    let is_over = answers.iter().any(is_refused)
        || answers.len() < count(view, |seen| *seen == asked)
        || view.full.is_empty()
        || view.is_told();
    let agrees = |answer: &&ObservedResponse| {
        let is_known = |tag| view.full.iter().any(|seen| seen.tag == Some(tag));
        answer.status == 200 && answer.tag().is_none_or(is_known)
    };
    let times = lanes(limits).max(2) + if answers.iter().all(agrees) { 0 } else { 2 };
    ask(view, limits, if is_over { 0 } else { times }, asked)
}

/// A range with a tag that nobody issued, which must get the whole, and where that gets a part, or
/// where the tag is weak, one with the tag itself.
pub(super) fn if_range(view: &View<'_>, limits: Limits) -> Option<Step> {
    let partial = |seen: &&FullResponse<'_>| {
        let is_long = seen.digests().is_some_and(|content| content.bytes > 1);
        is_long && !seen.is_coded() && seen.answer.fields.list("accept-ranges").contains("bytes")
    };
    let tag = view.full.iter().find(partial)?.tag?;
    if view.is_told() || tag.len() > LONGEST_TAG {
        return None;
    }
    let range = |if_range: &[u8]| ObservedRequest {
        range: Some(ONE_BYTE.to_vec()),
        if_range: Some(if_range.to_vec()),
        ..plain("identity")
    };
    let strangers = range(NOBODYS[0]);
    let is_part = answers(view, &strangers).any(|answer| answer.status == 206);
    let times = lanes(limits) + usize::from(is_part);
    let own = usize::from(is_part || is_weak(tag));
    ask(view, limits, times, strangers).or_else(|| ask(view, limits, own, range(tag)))
}

/// `Origin` where fields for other origins are seen: the 304 is compared with the 200.
pub(super) fn cors(view: &View<'_>, limits: Limits) -> Option<Step> {
    const ALLOWED: &str = "access-control-allow-origin";
    let allowed = || view.full.iter().filter_map(|seen| seen.answer.fields.text(ALLOWED));
    let is_lost = view.not_modified().any(|(_, answer)| answer.fields.get(ALLOWED).is_none());
    let is_named = view.named_by_vary().iter().any(|name| name == "origin");
    if view.is_told() || !(is_named || is_lost && allowed().next().is_some()) {
        return None;
    }
    let (_, made_up) = OTHER_VALUES.into_iter().find(|(name, _)| *name == "origin")?;
    let origin = allowed().find(|value| value.starts_with("http"));
    let origin = origin.unwrap_or_else(|| made_up.to_owned());
    let fields = [("origin", origin)].into_iter().collect();
    let first = ObservedRequest { fields, ..plain("identity") };
    let answer = answers(view, &first).find(|answer| answer.fields.get(ALLOWED).is_some());
    let validators = answer.map(|answer| (answer.tag(), answer.last_modified()));
    let again = validators.map(|(tag, date)| ObservedRequest {
        none_match: tag.map(<[u8]>::to_vec).into_iter().collect(),
        modified_since: date.filter(|_| tag.is_none()).map(<[u8]>::to_vec),
        ..first.clone()
    });
    let again = again.filter(|asked| !asked.is_plain());
    ask(view, limits, 1, first).or_else(|| ask(view, limits, 1, again?))
}

/// One request, or one for each of a few ways to the target.
fn lanes(limits: Limits) -> usize {
    limits.lanes.clamp(1, 4)
}

/// Answers to a request, made on connections of their own.
pub(super) fn answers<'a>(
    view: &View<'a>,
    asked: &ObservedRequest,
) -> impl Iterator<Item = &'a ObservedResponse> {
    let same = view.evidence.observations.iter().filter(move |seen| seen.asked == *asked);
    same.filter_map(|seen| seen.outcome.as_ref().ok())
}
