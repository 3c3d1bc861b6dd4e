//! `cache-answering`: a cache or CDN answered, not the origin.

use super::conditionals_ignored;
use crate::evidence::ObservedResponse;
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
    let title = if hits.len() == all {
        "a cache answered every request, not the origin".to_owned()
    } else {
        format!("a cache answered {}", of_all(hits.len(), all, "request"))
    };
    Some(Judgement::new(Severity::Info, 0.9, title).with(first.clone()))
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
