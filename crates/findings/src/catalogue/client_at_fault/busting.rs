//! URLs made new for each request, so that no cache ever has a tag to send back.

use std::collections::{BTreeMap, BTreeSet};

use text::secret::masked_url;

use crate::evidence::{Evidence, ObservedExchange};
use crate::kind::{Judgement, Severity, shown};
use crate::view::{HABIT, View};

/// Names that such a parameter has: others may mean something to the server (`since`, `from`, `id`).
const NAMES: [&str; 24] = [
    "",
    "_",
    "__",
    "_t",
    "t",
    "_ts",
    "ts",
    "time",
    "timestamp",
    "_timestamp",
    "cb",
    "_cb",
    "_dc",
    "r",
    "_r",
    "rnd",
    "rand",
    "random",
    "bust",
    "cachebust",
    "cachebuster",
    "cache",
    "nocache",
    "now",
];

/// Polls of URLs that differ in one value of the query alone, the time or a number drawn at random, and
/// got one validator.
pub(super) fn judge(view: &View<'_>) -> Option<Judgement> {
    let mut groups: BTreeMap<(String, &str), Vec<&Evidence>> = BTreeMap::new();
    for evidence in [view.evidence].into_iter().chain(&view.evidence.others) {
        if let Some(key) = without_moment(&evidence.target) {
            groups.entry(key).or_default().push(evidence);
        }
    }
    let ((url, name), all) = groups.into_iter().max_by_key(|(_, all)| all.len())?;
    let validators: Option<BTreeSet<_>> = all.iter().map(|one| validator(one)).collect();
    let validators = validators.filter(|it| it.len() == 1 && all.len() > HABIT)?;
    let named = if name.is_empty() {
        "the query".to_owned()
    } else {
        format!("`{}`", shown(name.as_bytes()))
    };
    let title =
        "the client makes a URL of its own for each request: no cache has a tag to send back";
    let url = shown(masked_url(&url).as_bytes());
    let count = all.len();
    Some(
        Judgement::new(Severity::Bad, 0.9, title)
            .because("cache-busting")
            .with(format!("{url}: {count} URLs differ in {named} alone, a time or a random number"))
            .with(format!("all of them got {}", shown(validators.first()?))),
    )
}

/// The validator that a URL was given, if none of its requests had a condition.
fn validator(evidence: &Evidence) -> Option<&[u8]> {
    let plain = |seen: &&ObservedExchange| seen.asked.is_whole_get() && seen.asked.is_plain();
    if !evidence.observations.iter().all(|seen| plain(&seen)) {
        return None;
    }
    let answer = evidence.observations.first()?.outcome.as_ref().ok()?;
    let given = answer.tag().or_else(|| answer.last_modified());
    given.filter(|_| answer.status == 200)
}

/// The URL with `…` for the one value that is a moment or drawn at random, and the parameter's name.
fn without_moment(url: &str) -> Option<(String, &str)> {
    let (path, query) = url.split_once('?')?;
    let parts: Vec<_> = query.split('&').collect();
    let mut found = parts.iter().enumerate().filter_map(|(at, part)| {
        let (name, value) = part.split_once('=').unwrap_or(("", part));
        let is_known = NAMES.contains(&name.to_ascii_lowercase().as_str());
        (is_known && (is_moment(value) || is_random(value))).then_some((at, name))
    });
    let (at, name) = found.next()?;
    let dots = if name.is_empty() { "…".to_owned() } else { format!("{name}=…") };
    let kept = parts.iter().enumerate();
    let kept: Vec<_> =
        kept.map(|(own, part)| if own == at { dots.as_str() } else { part }).collect();
    Some((format!("{path}?{}", kept.join("&")), name))
}

/// Reports whether a value counts seconds or milliseconds since 1970, from 2001 to 2100.
fn is_moment(value: &str) -> bool {
    let Ok(number) = value.parse::<u64>() else { return false };
    [1, 1_000].iter().any(|unit| (1_000_000_000 * unit..4_102_444_800 * unit).contains(&number))
}

/// Reports whether a value is a fraction as `Math.random()` gives it.
fn is_random(value: &str) -> bool {
    let digits = value.strip_prefix("0.").unwrap_or_default();
    digits.len() > 8 && digits.bytes().all(|byte| byte.is_ascii_digit())
}
