//! `cache-answering`: a cache or CDN answered, not the origin.

use std::time::Duration;

use super::conditionals_ignored;
use crate::evidence::{ObservedExchange, ObservedResponse};
use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("cache_answering.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    // A cache that ignores conditions is said where that is said.
    if conditionals_ignored::judge(view).is_some_and(|it| it.cause == Some("cache")) {
        return None;
    }
    let all = view.answered().count();
    let hits: Vec<_> = view.answered().filter_map(|(_, answer)| sign(answer)).collect();
    let first = hits.first()?;
    let stale = stale(view);
    let title = if let Some((Severity::Warn, _)) = stale {
        "a cache sends what is stale, beyond the lifetime that the response allows".to_owned()
    } else if hits.len() == all {
        "a cache answered every request, not the origin".to_owned()
    } else {
        format!("a cache answered {}", of_all(hits.len(), all, "request"))
    };
    let judgement = Judgement::new(Severity::Info, 0.9, title).with(first.clone());
    Some(match stale {
        Some((severity, sentence)) => {
            Judgement { severity, ..judgement }.because("stale").with(sentence)
        }
        None => judgement,
    })
}

/// An answer of a cache whose age is beyond what its lifetime allows.
struct Beyond {
    at: Duration,
    age: u64,
    allowed: u64,
    /// True if the lifetime is one for shared caches, or is not to be overstepped.
    is_strict: bool,
    /// True if the request asked for what the server has now.
    was_asked: bool,
}

/// Answers that a cache sends although they allow it no more.
fn stale(view: &View<'_>) -> Option<(Severity, String)> {
    let all = || view.answered().chain(view.unusual());
    let mut beyond: Vec<_> = all().filter_map(|(seen, answer)| beyond(seen, answer)).collect();
    beyond.sort_by_key(|one| one.at);
    let usual = beyond.iter().filter(|one| !one.was_asked).count();
    let last = beyond.last().filter(|_| usual > 1)?;
    if beyond.iter().all(|one| one.age <= one.allowed + TOLERATED_SECONDS) && !is_lasting(&beyond) {
        return None;
    }
    let (age, allowed) = (last.age, last.allowed);
    let is_strict = beyond.iter().any(|one| one.is_strict) || allowed < TOLERATED_SECONDS;
    let severity = if is_strict { Severity::Warn } else { Severity::Info };
    let asked = beyond.iter().any(|one| one.was_asked);
    let asked = if asked { ", not even where the request says no-cache" } else { "" };
    let sentence = format!(
        "what it sends is stale: Age is {age} s, and Cache-Control allows {allowed} s; it keeps it by a \
         rule of its own, or does not revalidate{asked}, so that a change may reach nobody: {}",
        of_all(usual, view.answered().count(), "response")
    );
    Some((severity, sentence))
}

/// Clocks, and the time on the way.
const TOLERATED_SECONDS: u64 = 60;

/// Reports whether one stored response went on being sent, and grew older, for longer than it takes to
/// fetch another in the background, as caches do that allow themselves some seconds of grace.
fn is_lasting(beyond: &[Beyond]) -> bool {
    const SECONDS: u64 = 4;
    let ages =
        beyond.first().zip(beyond.last()).map(|(first, last)| last.age - first.age.min(last.age));
    ages.is_some_and(|grown| grown >= SECONDS) && beyond.is_sorted_by_key(|one| one.age)
}

/// A lifetime of 0 is how sites write that browsers are to ask, while they purge the cache themselves.
fn beyond(seen: &ObservedExchange, answer: &ObservedResponse) -> Option<Beyond> {
    sign(answer)?;
    let control = answer.fields.list("cache-control");
    let age: u64 = answer.fields.text("age")?.trim().parse().ok()?;
    let seconds = |name: &str| {
        let mut parts = control.split(',').map(str::trim);
        parts.find_map(|part| part.strip_prefix(name)?.parse::<u64>().ok())
    };
    let shared = seconds("s-maxage=");
    let allowed = shared.or_else(|| seconds("max-age=")).filter(|it| *it > 0)?;
    (age > allowed && !control.contains("stale-")).then(|| Beyond {
        at: seen.at,
        age,
        allowed,
        is_strict: shared.is_some() || control.contains("-revalidate"),
        was_asked: seen.asked.asks_past_caches(),
    })
}

/// Reports whether a cache is in front, whatever it answered: Varnish compares tags on misses too.
pub(super) fn is_behind_one(view: &View<'_>) -> bool {
    let is_one = |answer: &ObservedResponse| {
        sign(answer).is_some() || answer.fields.get("x-varnish").is_some()
    };
    view.answered().any(|(_, answer)| is_one(answer))
}

/// The field that shows that a response came out of a cache.
pub(crate) fn sign(answer: &ObservedResponse) -> Option<String> {
    let fields = &answer.fields;
    let named = |name: &str| {
        let value = fields.list(name);
        format!("{name}: {}", shown(value.as_bytes()))
    };
    // Varnish names the request that filled the cache beside the one that it answers.
    let varnish = fields.list("x-varnish");
    if varnish.split_whitespace().count() > 1 {
        return Some(named("x-varnish"));
    }
    let hit = fields.iter().find(|(name, value)| {
        let value = String::from_utf8_lossy(value).to_ascii_lowercase();
        name.contains("cache")
            && *name != "cache-control"
            && value.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "hit")
    });
    if let Some((name, _)) = hit {
        return Some(named(&shown(name.as_bytes())));
    }
    let missed = !varnish.is_empty()
        || fields.iter().any(|(name, value)| {
            name.starts_with("x-cache") && value.to_ascii_lowercase().starts_with(b"miss")
        });
    let age = fields.get("age").filter(|_| !missed || fields.list("age") != "0")?;
    (!age.is_empty()).then(|| named("age"))
}

/// Reports whether a cache says that it had the response before it was asked for.
pub(crate) fn is_stored(answer: &ObservedResponse) -> bool {
    // One that is fetched now has the age 0.
    sign(answer).is_some_and(|sign| sign != "age: 0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::check;

    #[test]
    fn a_cache_that_sends_what_is_stale_is_told() {
        let of = |age: u64, control: &str| {
            format!("3 × -> 200; Age: {age}; X-Cache: HIT; Cache-Control: {control} | hello")
        };
        let title = "a cache answered every request, not the origin";
        let severe = |age, control: &str| {
            let found =
                crate::fixture::judge(&kind(), &crate::fixture::evidence(&of(age, control)));
            found.map(|found| (found.severity, found.cause))
        };
        let must = "public, max-age=60, must-revalidate";
        assert_eq!(severe(5_400, must), Some((Severity::Warn, Some("stale"))));
        assert_eq!(severe(5_400, "max-age=60"), Some((Severity::Info, Some("stale"))));
        for (age, control) in [
            (60, must),
            (5_400, "max-age=0, must-revalidate"),
            (5_400, "max-age=60, s-maxage=86400"),
            (5_400, "max-age=60, stale-while-revalidate=86400"),
        ] {
            assert_eq!(severe(age, control), Some((Severity::Info, None)), "{age} {control}");
        }
        check(&kind(), &of(1, must), Some((Severity::Info, title)));
    }

    #[test]
    fn a_cache_that_never_revalidates_is_told_from_one_with_some_grace() {
        let of = |ages: &[u64]| -> String {
            let one = |age: &u64| {
                format!(
                    "-> 200; ETag: \"x\"; Age: {age}; Cache-Control: public, max-age=2 | hello\n"
                )
            };
            ages.iter().map(one).collect()
        };
        let severe = |exchanges: &str| {
            let found = crate::fixture::judge(&kind(), &crate::fixture::evidence(exchanges));
            found.map(|found| (found.severity, found.cause))
        };
        let never = of(&[1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(severe(&never), Some((Severity::Warn, Some("stale"))));
        let asked = format!("{never}Cache-Control: no-cache {}", of(&[9]));
        let found = crate::fixture::judge(&kind(), &crate::fixture::evidence(&asked));
        let found = found.expect("it is stale");
        assert!(found.evidence[1].contains("says no-cache"), "{:?}", found.evidence);
        // One is sent once more while another is fetched.
        let grace = of(&[1, 2, 3, 1, 2, 3, 4, 1, 2, 3]);
        assert_eq!(severe(&grace), Some((Severity::Info, None)));
        let swr = never.replace("max-age=2", "max-age=2, stale-while-revalidate=9");
        assert_eq!(severe(&swr), Some((Severity::Info, None)));
    }

    #[test]
    fn fields_of_caches_that_answered_are_found() {
        let hit = Some((Severity::Info, "a cache answered every request, not the origin"));
        for (field, expected) in [
            ("Age: 12", hit),
            ("X-Cache: HIT from edge", hit),
            ("Cache-Status: edge;hit", hit),
            ("X-Varnish: 32770 5", hit),
            ("X-Varnish: 32770; Age: 0", None),
            ("X-Cache: MISS from edge", None),
            ("Cache-Control: max-age=60", None),
        ] {
            check(&kind(), &format!("2 × -> 200; {field} | hello"), expected);
        }
    }
}
