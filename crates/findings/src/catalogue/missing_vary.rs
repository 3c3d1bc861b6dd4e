//! `missing-vary`: codings negotiated without `Vary`.

use crate::kind::{FindingKind, Judgement, Severity, of_all};
use crate::view::{FullResponse, View};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("missing_vary.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
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
    Some(Judgement::new(severity, 0.95, title).with(format!("without it: {without}")))
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
    fn content_that_is_always_compressed_is_not_negotiated() {
        check(&kind(), "2 × -> 200; Content-Encoding: gzip | hello", None);
    }
}
