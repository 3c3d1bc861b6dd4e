//! `weakened-in-transit`: weak only when compressed.

use std::collections::BTreeSet;

use crate::evidence::is_weak;
use crate::kind::{FindingKind, Judgement, Severity, shown};
use crate::view::View;

pub(super) const KIND: FindingKind = FindingKind {
    code: "ETL020",
    name: "weakened-in-transit",
    says: "The tag is strong without compression and weak with it: whoever compresses weakens it. \
           That is right, as long as a replayed weak tag still gets a 304.",
    experiment: "Tags with and without compression are compared; the weak one is replayed with the \
                 same Accept-Encoding.",
    limits: "Who weakens cannot be told from outside: the server itself (nginx) or a gateway \
             (HAProxy, Cloudflare).",
    causes: "compression by nginx, HAProxy or a CDN; broken where the origin compares octets \
             instead of the opaque part",
    fix: "nothing, while it is info; otherwise let the origin use weak comparison: ignore W/ on \
          both sides of If-None-Match",
    section: "RFC 9110 §8.8.3.2",
    exchanges: Some(judge),
    ..FindingKind::BLANK
};

/// Reports whether tags are strong without compression and weak with it.
pub(super) fn is_weakened(view: &View<'_>) -> bool {
    let weakness = |coded: bool| -> BTreeSet<bool> {
        let seen = view.full.iter().filter(|seen| seen.is_coded() == coded);
        seen.filter_map(|seen| seen.tag).map(is_weak).collect()
    };
    weakness(false) == BTreeSet::from([false]) && weakness(true) == BTreeSet::from([true])
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    if !is_weakened(view) {
        return None;
    }
    let tally = view.tag_tally(true);
    let refused = tally.honoured == 0 && tally.ignored >= 2;
    let plain_works = view.tag_tally(false).honoured > 0;
    let tag = view.coded_tag()?;
    let (severity, title) = if refused && plain_works {
        (Severity::Bad, "weak only when compressed, and the weak tag never gets a 304")
    } else {
        (Severity::Info, "weak only when compressed: an intermediary's doing")
    };
    let replays = format!("{} replayed with compression: {}", shown(tag), tally.got_304());
    Some(Judgement::new(severity, 0.95, title).with(replays))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::check;

    #[test]
    fn a_tag_that_is_weak_only_when_compressed_is_found() {
        let weakened = r#"
            2 × -> 200; ETag: "x" | hello
            2 × If-None-Match: "x" -> 304; ETag: "x"
            2 × Accept-Encoding: gzip -> 200; ETag: W/"x"; Content-Encoding: gzip | hello
        "#;
        let honoured = r#"2 × If-None-Match: W/"x"; Accept-Encoding: gzip -> 304; ETag: W/"x""#;
        let title = "weak only when compressed: an intermediary's doing";
        check(&KIND, &[weakened, honoured].concat(), Some((Severity::Info, title)));
        let refused = r#"
            2 × If-None-Match: W/"x"; Accept-Encoding: gzip -> 200; ETag: W/"x"; Content-Encoding: gzip | hello
        "#;
        let title = "weak only when compressed, and the weak tag never gets a 304";
        check(&KIND, &[weakened, refused].concat(), Some((Severity::Bad, title)));
    }

    #[test]
    fn a_tag_that_is_always_weak_is_not() {
        let weak = r#"
            2 × -> 200; ETag: W/"x" | hello
            2 × Accept-Encoding: gzip -> 200; ETag: W/"x"; Content-Encoding: gzip | hello
        "#;
        check(&KIND, weak, None);
    }
}
