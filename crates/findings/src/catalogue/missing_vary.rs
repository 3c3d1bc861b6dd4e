//! `missing-vary`: codings negotiated without `Vary`.

use super::cache_answering::sign;
use crate::evidence::EvidenceSource;
use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::view::{FullResponse, View};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("missing_vary.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let unasked = unasked(view);
    if let Some(refused) = refused(view) {
        return Some(refused.with_all(unasked));
    }
    match silent(view) {
        Some(silent) => Some(silent.with_all(unasked)),
        None => unasked.map(|sentence| {
            let title = "clients that name no coding get a compressed response";
            Judgement::new(Severity::Info, 0.9, title).because("unasked").with(sentence)
        }),
    }
}

/// Compressed responses to requests that accept no coding: a cache hands on what another client asked
/// for, or some of several servers always compress.
fn refused(view: &View<'_>) -> Option<Judgement> {
    let refuses = |seen: &&FullResponse<'_>| {
        let asked = &seen.exchange.asked;
        match asked.accept_encoding {
            Some(_) => !asked.accepts_compression(),
            // A log that has the request line has this field as well.
            None => {
                view.evidence.source == EvidenceSource::Wire && asked.fields.get("host").is_some()
            }
        }
    };
    let asked: Vec<_> = view.full.iter().filter(refuses).collect();
    // A server may compress where no coding is named (RFC 9110 §12.5.3); a cache then hands on what
    // another client asked for.
    let is_handed = |seen: &&&FullResponse<'_>| {
        seen.is_coded()
            && (seen.exchange.asked.accept_encoding.is_some() || sign(seen.answer).is_some())
    };
    let coded: Vec<_> = asked.iter().filter(is_handed).collect();
    let first = coded.first()?;
    let sign = coded.iter().find_map(|seen| sign(seen.answer));
    let is_mixed = coded.len() < asked.len();
    // A server that compresses whatever is asked is another matter, and known to its clients.
    if !is_mixed && sign.is_none() {
        return None;
    }
    let what = of_all(coded.len(), asked.len(), "answer");
    let (severity, cause, title) = match (sign.is_some(), is_mixed) {
        (true, true) => (
            Severity::Bad,
            "cached",
            "a cache gives compressed responses to clients that did not ask for them",
        ),
        (true, false) => (
            Severity::Warn,
            "cached",
            "a cache gives compressed responses to all clients, whatever they accept",
        ),
        _ => (
            Severity::Bad,
            "refused",
            "some answers are compressed, though the request accepts none",
        ),
    };
    let vary = first.answer.fields.list("vary");
    let vary = if vary.contains("accept-encoding") {
        "Vary names Accept-Encoding, and the cache does not go by it"
    } else {
        "Vary does not name Accept-Encoding"
    };
    let apart = "a cache that leaves no mark, or one replica that always compresses: they cannot be told \
                 apart";
    let judgement = Judgement::new(severity, 0.9, title).because(cause);
    let coding = shown(first.coding.as_bytes());
    let judgement = judgement.with(format!("{coding} to requests that accept none: {what}"));
    Some(match sign {
        Some(sign) => judgement.with(format!("out of a cache ({sign}): {vary}")),
        None => judgement.with(apart),
    })
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
    use crate::evidence::Evidence;
    use crate::fixture::{check, evidence};

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
    fn a_cache_that_hands_on_what_another_client_asked_for_is_found() {
        let coded = "200; ETag: \"x\"; Vary: Accept-Encoding; Content-Encoding: gzip";
        let plain = "4 × -> 200; ETag: \"x\" | hello\n";
        let title = "a cache gives compressed responses to clients that did not ask for them";
        let handed = format!("2 × -> {coded}; Age: 7 | hello");
        check(&kind(), &format!("{plain}{handed}"), Some((Severity::Bad, title)));
        let title = "a cache gives compressed responses to all clients, whatever they accept";
        check(&kind(), &handed, Some((Severity::Warn, title)));
        let title = "some answers are compressed, though the request accepts none";
        check(&kind(), &format!("{plain}2 × -> {coded} | hello"), Some((Severity::Bad, title)));
        // Where none is named a server may choose.
        let log = |text: &str| {
            let text = text.replace("× ", "× Host: a; Accept-Encoding: - ");
            Evidence { source: EvidenceSource::Wire, ..evidence(&text) }
        };
        let none = format!("{plain}2 × -> {coded} | hello");
        assert!(refused(&View::of(&log(&none))).is_none());
        assert!(refused(&View::of(&log(&format!("{plain}{handed}")))).is_some());
        // Asked for.
        let asked = handed.replace("× ", "× Accept-Encoding: gzip, br ");
        check(&kind(), &format!("{plain}{asked}"), None);
        let all = handed.replace("× ", "× Accept-Encoding: * ");
        check(&kind(), &format!("{plain}{all}"), None);
    }

    #[test]
    fn content_that_is_always_compressed_is_not_negotiated() {
        check(&kind(), "2 × -> 200; Content-Encoding: gzip | hello", None);
    }
}
