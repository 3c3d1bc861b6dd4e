//! A cache that keeps a response without the tag that it got with it.

use crate::kind::{Judgement, Severity, of_all};
use crate::view::{FullResponse, View};

/// Judgement where what comes out of a cache has no tag, and what the cache fetched has one.
pub(super) fn judge(view: &View<'_>, judged: &[&FullResponse<'_>]) -> Option<Judgement> {
    let (stored, fetched): (Vec<_>, Vec<_>) = judged.iter().copied().partition(|it| it.is_stored());
    let is_one = fetched.iter().all(|one| one.key.is_some() && one.key == fetched[0].key);
    let is_it = stored.len() > 1
        && !fetched.is_empty()
        && is_one
        && fetched.iter().all(|one| one.tag.is_some())
        && stored.iter().all(|one| one.tag.is_none() && one.key == fetched[0].key);
    let losses = losses(judged);
    if !is_it || losses == 0 {
        return None;
    }
    let is_bare = stored.iter().any(|one| one.is_bare());
    let severity = if is_bare { Severity::Bad } else { Severity::Warn };
    let title = "what comes out of the cache has no ETag, and what it fetches has one";
    let without = of_all(stored.len(), stored.len(), "response");
    let with = of_all(fetched.len(), fetched.len(), "response");
    let tally = View::tally(&view.by_tag);
    let replays = || format!("the tag of the others, replayed: {}", tally.got_304());
    let judgement = Judgement::new(severity, if losses > 1 { 0.95 } else { 0.8 }, title);
    Some(
        judgement
            .because("cache")
            .with(format!("out of the cache, without a tag: {without}; fetched, with one: {with}"))
            .with_all((tally.total() > 0).then(replays))
            .with_all((!is_bare).then_some(DATE_STAYS))
            .with_all((losses == 1).then_some(DOUBT)),
    )
}

const DATE_STAYS: &str = "Last-Modified stays, so clients can still revalidate by date";

const DOUBT: &str = "it was seen once: a cache that keeps an answer of a server without tags would look \
                     the same";

/// Number of times that a response was fetched with a tag, and then came out of the cache without.
fn losses(judged: &[&FullResponse<'_>]) -> usize {
    let plain = || judged.iter().filter(|seen| !seen.is_copy || seen.is_stored());
    let pairs = plain().zip(plain().skip(1));
    pairs.filter(|(one, next)| !one.is_stored() && next.is_stored()).count()
}

#[cfg(test)]
mod tests {
    use crate::Check;
    use crate::fixture::evidence;

    #[track_caller]
    fn names(exchanges: &str, expected: &[&str]) {
        let check = Check::of(&evidence(exchanges));
        let names: Vec<_> = check.findings.iter().map(|one| one.kind.name.as_str()).collect();
        assert_eq!(names, expected, "{:?}", check.findings);
    }

    const LOST: &str = r#"
        -> 200; ETag: "x"; X-Cache: MISS from a | hello
        7 × -> 200; Age: 1; X-Cache: HIT from a | hello
        5 × If-None-Match: "x" -> 304; ETag: "x"; X-Cache: REVALIDATE from a
        3 × If-None-Match: "nobody" -> 200; ETag: "x"; X-Cache: MISS from a | hello
        2 × Accept-Encoding: gzip -> 200; Age: 1; X-Cache: HIT from a | hello
        2 × HEAD -> 200; Age: 1; X-Cache: HIT from a
        3 × -> 200; Age: 3; X-Cache: HIT from a | hello
        8 × If-None-Match: "x" -> 304; ETag: "x"; X-Cache: REVALIDATE from a
    "#;

    #[test]
    fn a_cache_that_loses_the_tag_is_told_from_first_answers() {
        names(LOST, &["no-validator", "cache-answering"]);
        let check = Check::of(&evidence(LOST));
        assert_eq!(check.findings[0].cause, Some("cache"));
        let first = "out of the cache, without a tag: 12 of 12 responses; fetched, with one: 4 of 4 \
                     responses";
        assert_eq!(check.findings[0].evidence[0], first);
        // The cache was filled before the check began.
        let filled = LOST.replacen("-> 200; ETag: \"x\"; X-Cache: MISS from a | hello", "", 1);
        names(&filled, &["no-validator", "cache-answering"]);
        // A date stays, by which clients may ask.
        let date = "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT";
        let dated = LOST.replace("X-Cache:", &format!("{date}; X-Cache:"));
        let check = Check::of(&evidence(&dated));
        assert_eq!(check.findings[0].cause, Some("cache"), "{:?}", check.findings);
    }

    #[test]
    fn first_answers_that_a_cache_kept_and_caches_that_keep_tags_are_not() {
        let early = r#"
            -> 200; X-Cache: MISS | hello
            3 × -> 200; Age: 1; X-Cache: HIT | hello
            -> 200; ETag: "x"; X-Cache: MISS | hello
            8 × -> 200; ETag: "x"; Age: 1; X-Cache: HIT | hello
            8 × If-None-Match: "x" -> 304; ETag: "x"
        "#;
        let check = Check::of(&evidence(early));
        assert!(
            check.findings.iter().all(|one| one.cause != Some("cache")),
            "{:?}",
            check.findings
        );
        let kept = LOST.replace("Age:", "ETag: \"x\"; Age:");
        names(&kept, &["healthy", "cache-answering"]);
    }
}
