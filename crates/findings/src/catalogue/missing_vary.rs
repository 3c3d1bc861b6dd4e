//! `missing-vary`: codings negotiated without `Vary`.

use crate::evidence::EvidenceSource;
use crate::kind::{FindingKind, Judgement, Severity, of_all};
use crate::view::{FullResponse, View};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("missing_vary.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let unasked = unasked(view);
    match silent(view) {
        Some(silent) => Some(silent.with_all(unasked)),
        None => unasked.map(|sentence| {
            let title = "clients that name no coding get a compressed response";
            Judgement::new(Severity::Info, 0.9, title).because("unasked").with(sentence)
        }),
    }
}

/// Responses with a coding to requests that named none, where others are plain.
fn unasked(view: &View<'_>) -> Option<String> {
    // A browser always names some, and its capture may leave the field out.
    let is_silent = |seen: &&FullResponse<'_>| seen.exchange.asked.accept_encoding.is_none();
    let is_har = view.evidence.source == EvidenceSource::Har;
    let silent: Vec<_> = view.full.iter().filter(is_silent).collect();
    let coded = silent.iter().filter(|seen| seen.is_coded()).count();
    let first = silent.iter().find(|seen| seen.is_coded())?;
    let plain = view.full.iter().any(|seen| !seen.is_coded());
    let (coding, counts) = (&first.coding, of_all(coded, silent.len(), "response"));
    (plain && !is_har).then(|| format!("{coding} without Accept-Encoding in the request: {counts}"))
}

/// Codings that are negotiated, and responses that do not say so.
fn silent(view: &View<'_>) -> Option<Judgement> {
    let (coded, plain) = view.coded_and_plain();
    let says_so = |seen: &&&FullResponse<'_>| {
        let vary = seen.answer.fields.list("vary");
        vary.contains("accept-encoding") || vary.contains('*')
    };
    let silent = coded.iter().filter(|seen| !says_so(seen)).count();
    if plain.is_empty() || silent == 0 {
        return None;
    }
    // No shared cache keeps these, so that nobody is handed what another asked for.
    let private = coded.iter().all(|seen| {
        let control = seen.answer.fields.list("cache-control");
        control.contains("private") || control.contains("no-store")
    });
    let severity = if private { Severity::Info } else { Severity::Warn };
    let title = "codings are negotiated without Vary: Accept-Encoding";
    let without = of_all(silent, coded.len(), "compressed response");
    Some(
        Judgement::new(severity, 0.95, title)
            .because("silent")
            .with(format!("without it: {without}")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::check;

    #[test]
    fn codings_without_vary_are_found_where_a_shared_cache_may_keep_them() {
        let check = |fields: &str, expected| {
            let exchanges = format!(
                "-> 200; ETag: \"x\" | hello\n\
                 Accept-Encoding: gzip -> 200; Content-Encoding: gzip; {fields} | hello"
            );
            check(&kind(), &exchanges, expected);
        };
        let title = "codings are negotiated without Vary: Accept-Encoding";
        check("ETag: \"y\"", Some((Severity::Warn, title)));
        check("Cache-Control: private", Some((Severity::Info, title)));
        check("Vary: Origin, Accept-Encoding", None);
        check("Vary: *", None);
    }

    #[test]
    fn a_coding_that_nobody_named_is_worth_knowing() {
        let plain = "2 × -> 200; ETag: \"x\"; Vary: Accept-Encoding | hello\n";
        let coded = "200; ETag: \"y\"; Vary: Accept-Encoding; Content-Encoding: br | hello";
        let title = "clients that name no coding get a compressed response";
        let unasked = format!("{plain}Accept-Encoding: - -> {coded}");
        check(&kind(), &unasked, Some((Severity::Info, title)));
        // Named, plain, and compressed whatever is asked for.
        check(&kind(), &format!("{plain}Accept-Encoding: br -> {coded}"), None);
        check(&kind(), &format!("{plain}{}", plain.replace("2 ×", "2 × Accept-Encoding: -")), None);
        check(&kind(), &format!("2 × -> {coded}\nAccept-Encoding: - -> {coded}"), None);
    }

    #[test]
    fn content_that_is_always_compressed_is_not_negotiated() {
        check(&kind(), "2 × -> 200; Content-Encoding: gzip | hello", None);
    }
}
