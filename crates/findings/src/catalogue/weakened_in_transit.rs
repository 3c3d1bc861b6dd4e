//! `weakened-in-transit`: weak only when compressed.

use std::collections::BTreeSet;

use crate::evidence::is_weak;
use crate::kind::{FindingKind, Judgement, Severity, shown};
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("weakened_in_transit.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

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
    let refused = tally.honoured == 0 && tally.ignored > 0;
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
        check(&kind(), &[weakened, honoured].concat(), Some((Severity::Info, title)));
        let refused = r#"
            2 × If-None-Match: W/"x"; Accept-Encoding: gzip -> 200; ETag: W/"x"; Content-Encoding: gzip | hello
        "#;
        let title = "weak only when compressed, and the weak tag never gets a 304";
        check(&kind(), &[weakened, refused].concat(), Some((Severity::Bad, title)));
    }

    #[test]
    fn a_tag_that_is_always_weak_is_not() {
        let weak = r#"
            2 × -> 200; ETag: W/"x" | hello
            2 × Accept-Encoding: gzip -> 200; ETag: W/"x"; Content-Encoding: gzip | hello
        "#;
        check(&kind(), weak, None);
    }
}
