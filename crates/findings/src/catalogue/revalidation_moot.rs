//! `revalidation-moot`: clients never come to revalidate.

use semantics::HttpDate;

use crate::evidence::FieldLines;
use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::view::{FullResponse, View};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("revalidation_moot.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

/// Freshness from which polls hardly ever revalidate.
const LONG_SECONDS: u64 = 3_600;

fn judge(view: &View<'_>) -> Option<Judgement> {
    let full = || view.full.iter();
    let control = |seen: &FullResponse<'_>| {
        format!("Cache-Control: {}", shown(seen.answer.fields.list("cache-control").as_bytes()))
    };
    if let Some(seen) = full().find(|seen| forbids(seen)) {
        let forbidding = full().filter(|seen| forbids(seen)).count();
        let title = if forbidding < view.full.len() {
            "no-store in some responses: these are not kept, and not revalidated"
        } else {
            "no-store: nothing is kept, so nothing is revalidated"
        };
        let some = (forbidding < view.full.len())
            .then(|| format!("no-store: {}", of_all(forbidding, view.full.len(), "200")));
        let judgement = Judgement::new(Severity::Warn, 0.95, title).with(control(seen));
        return Some(judgement.with_all(some));
    }
    if full().any(|seen| seen.answer.fields.list("vary").contains('*')) {
        let title = "Vary: * keeps caches from ever reusing a response";
        return Some(Judgement::new(Severity::Warn, 0.9, title).with("Vary: *"));
    }
    let freshness = full().map(|seen| (seen, fresh_seconds(&seen.answer.fields)));
    let (seen, seconds) = freshness.into_iter().find(|(_, seconds)| *seconds >= LONG_SECONDS)?;
    let title = format!("fresh for {}: clients do not ask", duration(seconds));
    Some(Judgement::new(Severity::Info, 0.9, title).with(control(seen)))
}

fn forbids(seen: &FullResponse<'_>) -> bool {
    seen.answer.fields.list("cache-control").split(',').any(|part| part.trim() == "no-store")
}

/// Freshness lifetime that a response gives itself, in seconds.
pub(super) fn fresh_seconds(fields: &FieldLines) -> u64 {
    let control = fields.list("cache-control");
    let mut directives = control.split(',').map(str::trim);
    if directives.clone().any(|directive| directive == "no-cache" || directive == "no-store") {
        return 0;
    }
    let age = directives
        .find_map(|directive| directive.strip_prefix("max-age=")?.trim_matches('"').parse().ok());
    age.or_else(|| {
        let expires = HttpDate::parse(fields.get("expires")?).ok()?.unix_seconds();
        let date = HttpDate::parse(fields.get("date")?).ok()?.unix_seconds();
        Some(expires.saturating_sub(date))
    })
    .unwrap_or(0)
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::check;

    #[test]
    fn responses_that_may_not_or_need_not_be_revalidated_are_found() {
        let check = |fields: &str, expected| {
            check(&kind(), &format!("2 × -> 200; ETag: \"x\"; {fields} | hello"), expected);
        };
        let title = "no-store: nothing is kept, so nothing is revalidated";
        check("Cache-Control: no-store", Some((Severity::Warn, title)));
        let title = "Vary: * keeps caches from ever reusing a response";
        check("Vary: *", Some((Severity::Warn, title)));
        let title = "fresh for 24 h: clients do not ask";
        check("Cache-Control: public, max-age=86400", Some((Severity::Info, title)));
        check("Cache-Control: no-cache", None);
        check("Cache-Control: max-age=60", None);
        check("Cache-Control: no-cache, max-age=86400", None);
    }
}
