//! `node-local-tag`: one content, several tags.

mod course;
mod in_run;

use std::collections::BTreeSet;

use self::course::{
    IN_CLUMPS, RARE_TAG, comes_back, from_time_to_time, in_time, is_in_clumps, is_in_turns,
    is_rare, sequence,
};
use super::{date_implausible, tag_shared_across_urls};
use crate::contents::{self, Flow};
use crate::evidence::{Connection, opaque};
use crate::kind::{FindingKind, Judgement, Severity, shown};
use crate::memory::Recall;
use crate::tag_form::{Cause, Difference, compare, is_of_modification, is_of_other_time};
use crate::view::{ContentKey, FullResponse, Tags, View};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("node_local_tag.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run::judge), ..FindingKind::read(words) }
}

pub(super) fn judge(view: &View<'_>) -> Option<Judgement> {
    // One server that was restarted, or deployed to, while it was looked at.
    if Recall::of(view).is_some_and(|recall| recall.renewal().is_some()) {
        return None;
    }
    let groups = view.tags_by_content();
    let judged = groups.into_iter().filter(|(_, tags)| tags.len() > 1);
    let weight = |key: &ContentKey, tags: &Tags<'_, '_>| {
        let responses: usize = tags.values().map(Vec::len).sum();
        (matches!(key, ContentKey::Known(_)), tags.len(), responses)
    };
    match judged.max_by_key(|((_, key), tags)| weight(key, tags)) {
        Some(((_, key), tags)) => of_one_content(view, key, &tags),
        None => of_unordered(view),
    }
}

fn of_one_content(view: &View<'_>, key: ContentKey, tags: &Tags<'_, '_>) -> Option<Judgement> {
    let responses: usize = tags.values().map(Vec::len).sum();
    let presumed = matches!(key, ContentKey::Presumed(_));
    let returns = comes_back(view, tags);
    // Equal lengths alone do not make equal contents; a tag that comes back nearly does.
    // Nor does a tag that was replaced while a client went on sending it, or that of a release.
    let is_one_kind = !presumed || are_of_one_kind(tags);
    let is_explained =
        view.explained.outdated.is_some() || tag_shared_across_urls::is_of_release(view);
    if !is_one_kind || (!returns && (presumed || is_explained)) {
        return None;
    }
    let difference = of_all_contents(view, tags, difference(tags, returns));
    let every = tags.len() == responses && responses >= 6;
    // With several ways to the target a tag that does not return may belong to one of them.
    let is_of_no_way =
        view.evidence.lanes.len() == 1 || tags.values().any(|seen| is_of_several(seen));
    // Few responses may have met a replica each, unless the content was replaced as well, or a cache
    // keeps what it was given.
    let is_cached = view.full.iter().any(|seen| seen.is_copy);
    let is_over = responses >= 6 || is_cached || contents::flow(view) == Flow::Moments;
    // So few looks behind a cache tell replicas from first answers of processes no more.
    let sequence = sequence(view, tags);
    let is_hidden = is_cached && responses < HIDDEN && !is_in_turns(&sequence);
    // A tag that goes with the clock belongs to the moment, whatever way it came by.
    let is_clock = date_implausible::is_clock(view) && difference.cause == Cause::Mtime;
    let is_rare = is_rare(view, tags) && is_of_no_way && difference.cause != Cause::Mtime;
    let once =
        ((!returns || is_hidden) && is_of_no_way && is_over || is_clock || is_rare) && !every;
    let title = match (every, once) {
        (true, _) => {
            let which =
                if is_of_compression(view, tags) { "compressed response" } else { "response" };
            format!("every {which} has a tag of its own: {responses} tags, one content")
        }
        (_, true) => "the tag changed while the content stayed the same".to_owned(),
        _ => format!("one content, {} tags", tags.len()),
    };
    let tally = View::tally(&view.by_tag);
    // Where every replay met the replica of its tag, clients do so as well, unless it is replaced again
    // and again meanwhile.
    let in_clumps = returns && !once && is_in_clumps(&sequence);
    let is_replaced = once && tags.len() > 2 || in_clumps;
    let is_kept = tally.honoured >= 8 && tally.missed == 0 && !is_replaced;
    let severity = if is_kept { Severity::Warn } else { Severity::Bad };
    // Turns among more replicas than there were requests look like it, but their files tell: by a
    // time that is Last-Modified, and not by a number that might be an inode.
    let every = every && difference.cause != Cause::Mtime && (tally.honoured == 0 || is_cached);
    let of_files = match difference.cause {
        Cause::Inode => difference.is_read,
        cause => [Cause::Mtime, Cause::Path, Cause::Compressed].contains(&cause),
    };
    let cause = match (every, once) {
        (true, _) => per_response(view, tags, difference),
        _ if is_clock => Difference::new(
            Cause::Process,
            "the tag goes with Last-Modified, which is the time of the response",
        ),
        (_, true) if difference.is_made_of_now() => difference,
        // They came back, and few answers show it.
        (_, true) if !of_files && is_cached && contents::comes_back(sequence.iter()) => {
            Difference::guessed(
                Cause::Unknown,
                "tags came back after one another, in few answers that no cache sent once more",
            )
        }
        // Time explains it: nothing is known of processes.
        (_, true) if !of_files => in_time(&sequence),
        _ => difference,
    };
    let is_open = every && !cause.is_read;
    let confidence = match (presumed, once || !cause.is_read) {
        _ if is_open => 0.6,
        (true, _) => 0.7,
        (_, true) => 0.8,
        _ => 0.99,
    };
    let length_alone = "the content was not seen whole: its length is the same, and tags come back \
                        after others";
    let hidden = "a cache hides the servers, so that replicas cannot be told apart from moments: \
                  ask past it, or name each with --backend";
    let open = (once && !returns && !is_rare && !cause.is_made_of_now())
        .then(|| from_time_to_time(&sequence));
    let judgement = Judgement::new(severity, confidence, title)
        .because(cause.cause.name())
        .with_all(presumed.then_some(length_alone))
        .with(cause.explanation)
        .with(listed(view, tags))
        .with_all(open.flatten())
        .with_all(view.mark_of_replica().filter(|_| returns).map(|name| kept_by_cookie(&name)))
        .with_all(in_clumps.then_some(IN_CLUMPS))
        .with_all(is_rare.then_some(RARE_TAG))
        .with_all(is_hidden.then_some(hidden));
    Some(judgement.with_all(replays(view)).with_all(cause.cause.gives_away()))
}

/// What a cookie that marks the replica does for those that send it back.
fn kept_by_cookie(name: &str) -> String {
    format!(
        "each tag goes with one value of the cookie {name}: clients that send it back may stay with one \
         replica, and programs that keep no cookies do not; check with -H 'Cookie: {name}=…'"
    )
}

/// The difference, unless a tag of another content contradicts it: a deployment that writes a file
/// starts the processes in the same second.
fn of_all_contents(view: &View<'_>, tags: &Tags<'_, '_>, difference: Difference) -> Difference {
    let mut own = tags.values().flatten().filter_map(|seen| seen.specimen());
    let mut all = view.full.iter().filter_map(FullResponse::specimen);
    let is_time = own.all(|tag| is_of_modification(&tag));
    if difference.cause == Cause::Mtime && is_time && all.any(|tag| is_of_other_time(&tag)) {
        let explanation = "made of a time that is Last-Modified for one content and not for another: \
                           the start of each process?";
        return Difference::new(Cause::Process, explanation);
    }
    difference
}

/// Reports whether responses name one language and one type.
fn are_of_one_kind(tags: &Tags<'_, '_>) -> bool {
    let named = |seen: &&FullResponse<'_>| {
        ["content-language", "content-type"].map(|name| seen.answer.fields.list(name))
    };
    tags.values().flatten().map(named).collect::<BTreeSet<_>>().len() < 2
}

/// Responses of servers behind a cache below which chance and first answers look like replicas.
const HIDDEN: usize = 12;

/// Several contents that hold the same things in another order, and tags that follow the order.
fn of_unordered(view: &View<'_>) -> Option<Judgement> {
    let mut tags = Tags::new();
    for seen in view.full.iter().filter(|seen| !seen.is_coded()) {
        tags.entry(opaque(seen.tag?)).or_default().push(seen);
    }
    (tags.len() > 1 && contents::are_reordered(view)).then(|| {
        let title = format!("one content in several orders, {} tags", tags.len());
        let place = contents::place(view).map_or(0, |place| place.offset);
        Judgement::new(Severity::Bad, 0.95, title)
            .because(Cause::UnorderedContent.name())
            .with(format!(
                "the contents hold the same in another order, from byte {place} on: data without \
                 an order is written as it happens to lie in memory"
            ))
            .with(listed(view, &tags))
            .with_all(replays(view))
    })
}

/// Reports whether compressed responses have such tags, and plain ones have one.
fn is_of_compression(view: &View<'_>, tags: &Tags<'_, '_>) -> bool {
    let plain = view.full.iter().filter(|seen| !seen.is_coded()).filter_map(|seen| seen.tag);
    let is_coded = tags.values().flatten().all(|seen| seen.is_coded());
    is_coded && plain.map(opaque).collect::<BTreeSet<_>>().len() == 1
}

fn difference(tags: &Tags<'_, '_>, is_lasting: bool) -> Difference {
    // One for each pair of tag and date: the others tell nothing more.
    let mut known = BTreeSet::new();
    let seen = tags.values().flatten().copied();
    let different = seen.filter(|seen| known.insert((seen.tag, seen.answer.last_modified())));
    let mut specimens: Vec<_> = different.filter_map(FullResponse::specimen).collect();
    let mut firsts: Vec<_> = tags.values().filter_map(|seen| seen.first()?.specimen()).collect();
    for specimen in specimens.iter_mut().chain(&mut firsts) {
        specimen.facts.is_lasting = is_lasting;
    }
    let difference = compare(&firsts);
    // Dates may differ under one tag as well: then they do not explain the tags.
    let thorough = compare(&specimens);
    if thorough.cause == difference.cause { difference } else { thorough }
}

fn per_response(view: &View<'_>, tags: &Tags<'_, '_>, difference: Difference) -> Difference {
    if difference.is_made_of_now() || difference.cause == Cause::Compressed {
        return difference;
    }
    if let Some(session) = view.session() {
        let name = session.name;
        let explanation = format!(
            "no tag was ever seen twice, and each response starts a session of its own (Set-Cookie: \
             {name}): the tag may be made of the session, so that clients that send its cookie back \
             are served well; check with -H 'Cookie: {name}=…' to tell"
        );
        return Difference::guessed(Cause::Unknown, explanation);
    }
    let kept = tags.values().flatten().any(|seen| seen.exchange.connection == Connection::Kept);
    let where_ = if kept { ", on a kept connection as well" } else { "" };
    let explanation = format!(
        "no tag was ever seen twice{where_}: it is new in each response (a random value, \
         the time, or a counter of requests)"
    );
    Difference::new(Cause::Process, explanation)
}

/// Reports whether responses came by several ways to the target.
fn is_of_several(seen: &[&FullResponse<'_>]) -> bool {
    seen.iter().any(|one| one.exchange.lane != seen[0].exchange.lane)
}

fn listed(view: &View<'_>, tags: &Tags<'_, '_>) -> String {
    const MOST: usize = 6;
    let lanes = &view.evidence.lanes;
    let one = |seen: &Vec<&FullResponse<'_>>| {
        let first = seen.first()?;
        let lane = lanes.get(first.exchange.lane).filter(|_| lanes.len() > 1);
        let at = lane.map(|lane| format!(" at {}", lane.name)).unwrap_or_default();
        Some(format!("{} × {}{at}", shown(first.tag?), seen.len()))
    };
    let mut shown: Vec<_> = tags.values().take(MOST).filter_map(one).collect();
    if tags.len() > MOST {
        shown.push(format!("{} more", tags.len() - MOST));
    }
    shown.join("   ")
}

fn replays(view: &View<'_>) -> impl Iterator<Item = String> {
    let tally = View::tally(&view.by_tag);
    let share = 100.0 * tally.honoured as f64 / tally.total() as f64;
    let alone = format!("replayed alone, {} ({share:.0} %)", tally.got_304());
    let list = "all tags in one If-None-Match get a 304: conditionals work, the tags are at fault";
    let list = (View::tally(&view.by_list).honoured > 0).then(|| list.to_owned());
    (tally.total() > 0).then_some(alone).into_iter().chain(list)
}

#[cfg(test)]
mod tests {
    use measure::Verdict::{FirstFetch, NeedlessTransfer, Validated};

    use super::*;
    use crate::Check;
    use crate::fixture::{check, evidence, judge};
    use crate::run::evidence::Validator;
    use crate::run::fixture::{self as run, exchange};

    #[test]
    fn several_tags_for_one_content_are_node_local() {
        let fleet = r#"
            4 × -> 200; ETag: "41" | hello
            4 × -> 200; ETag: "18" | hello
            If-None-Match: "41" -> 304; ETag: "41"
            If-None-Match: "41" -> 200; ETag: "18" | hello
            -> 200; ETag: "41" | hello
        "#;
        check(&kind(), fleet, Some((Severity::Bad, "one content, 2 tags")));
        let judgement = judge(&kind(), &evidence(fleet)).expect("it is node-local");
        assert_eq!(judgement.cause, Some("process"));
        assert_eq!(judgement.evidence[2], "replayed alone, 1 of 2 got a 304 (50 %)");
    }

    #[test]
    fn tags_of_other_contents_and_of_other_codings_are_not() {
        let contents = r#"
            2 × -> 200; ETag: "41" | hello
            2 × -> 200; ETag: "42" | world
        "#;
        check(&kind(), contents, None);
        let codings = r#"
            2 × -> 200; ETag: "x" | hello
            2 × Accept-Encoding: gzip -> 200; ETag: "x-gzip"; Content-Encoding: gzip | hello
        "#;
        check(&kind(), codings, None);
        let weakened = r#"
            -> 200; ETag: "x" | hello
            -> 200; ETag: W/"x" | hello
        "#;
        check(&kind(), weakened, None);
    }

    #[test]
    fn contents_that_replicas_of_the_lab_declare_are_told_apart_without_being_seen() {
        let change = r#"
            3 × -> 200; ETag: "1"; Lab-Replica: 1/AAAAAAAA.0; Content-Length: 5 | …
            3 × -> 200; ETag: "2"; Lab-Replica: 1/BBBBBBBB.1; Content-Length: 5 | …
            3 × -> 200; ETag: "1"; Lab-Replica: 2/AAAAAAAA.0; Content-Length: 5 | …
        "#;
        check(&kind(), change, None);
        let fleet = change.replace("BBBBBBBB.1", "AAAAAAAA.0");
        check(&kind(), &fleet, Some((Severity::Bad, "one content, 2 tags")));
    }

    /// Cause and first sentence of what is found.
    #[track_caller]
    fn explained(exchanges: &str, cause: &str, beginning: &str) {
        let found = judge(&kind(), &evidence(exchanges)).expect("several tags");
        let (cause, first) = ((found.cause, Some(cause)), &found.evidence[0]);
        assert!(cause.0 == cause.1 && first.starts_with(beginning), "{cause:?} {first}");
    }

    #[test]
    fn replicas_of_which_each_keeps_a_memo_are_told_by_turns_past_it() {
        let pair = |state: &str, before: &str| {
            format!(
                "{before} -> 200; ETag: W/4261259059894974731; X-FastAPI-Cache: {state} | hello\n\
                 {before} -> 200; ETag: W/7677413710408469047; X-FastAPI-Cache: {state} | hello\n"
            )
        };
        let fleet = [
            pair("MISS", ""),
            pair("HIT", "").repeat(4),
            pair("MISS", "Cache-Control: no-cache").repeat(3),
        ];
        let found = judge(&kind(), &evidence(&fleet.concat())).expect("two tags");
        assert_eq!(found.title, "one content, 2 tags");
        assert_eq!(found.cause, Some("process"), "{:?}", found.evidence);
        assert!(!found.evidence.concat().contains("follow one another"), "{:?}", found.evidence);
        let few = [pair("MISS", ""), pair("HIT", "").repeat(4), pair("MISS", "").repeat(2)];
        let found = judge(&kind(), &evidence(&few.concat())).expect("two tags");
        assert!(!found.evidence.concat().contains("follow one another"), "{:?}", found.evidence);
    }

    #[test]
    fn a_date_in_another_form_is_that_of_the_file() {
        let of = |second: u32, minute: u32| {
            format!(
                "3 × -> 200; ETag: 1790000{second}.0; \
                 Last-Modified: Mon, 21 Sep 2026 14:{minute}:20 -0000 | hello\n"
            )
        };
        let fleet = [of(180, 16), of(360, 19), of(180, 16), of(360, 19)].concat();
        explained(&fleet, "mtime", "a time: modification times 3 min apart");
    }

    #[test]
    fn a_hash_that_looks_like_another_time_says_nothing_of_start_times() {
        // lighttpd's hashes of size and time, one of which is a plausible second.
        let of = |tag: &str, second: u32| {
            format!(
                "3 × -> 200; Server: lighttpd/1.4.69; ETag: \"{tag}\"; \
                 Last-Modified: Thu, 01 Jan 2026 00:00:{second:02} GMT | hello\n"
            )
        };
        let fleet = [of("1796072400", 1), of("303958391", 9), of("1796072400", 1)].concat();
        let found = judge(&kind(), &evidence(&fleet)).expect("two tags");
        assert_ne!(found.cause, Some("process"), "{:?}", found.evidence);
    }

    #[test]
    fn a_tag_that_is_met_seldom_may_be_of_first_answers() {
        let seldom = r#"
            8 × -> 200; ETag: "5d41402abc4b2a76b9719d911017c592" | hello
            -> 200; ETag: "0123402abc4b2a76b9719d9110170123" | hello
            6 × If-None-Match: "5d41402abc4b2a76b9719d911017c592" -> 304
            -> 200; ETag: "0123402abc4b2a76b9719d9110170123" | hello
            2 × If-None-Match: "0123402abc4b2a76b9719d9110170123" -> 200; ETag: "5d41402abc4b2a76b9719d911017c592" | hello
        "#;
        let found = judge(&kind(), &evidence(seldom)).expect("two tags");
        assert!(found.title.starts_with("the tag changed while"), "{}", found.title);
        assert!(found.evidence.iter().any(|line| line == RARE_TAG), "{:?}", found.evidence);
        // Who sends it back and gets a 304 has met a replica again.
        let met = r#"If-None-Match: "0123402abc4b2a76b9719d9110170123" -> 304"#;
        check(&kind(), &[seldom, met].concat(), Some((Severity::Bad, "one content, 2 tags")));
    }

    /// Tags as letters, in the order of the responses.
    fn met(tags: &str) -> String {
        let line = |tag| format!("-> 200; ETag: \"{tag}9c7a9{tag}\" | hello\n");
        tags.chars().map(line).collect()
    }

    #[test]
    fn workers_that_take_connections_in_clumps_are_no_moments() {
        let clumps = met("eaaaaaaaabbbbbbbbbbaaaaaaccccccc");
        check(&kind(), &clumps, Some((Severity::Bad, "one content, 4 tags")));
        let found = judge(&kind(), &evidence(&clumps)).expect("four tags");
        assert!(found.evidence.iter().any(|line| line == IN_CLUMPS), "{:?}", found.evidence);
        assert!(!found.evidence.iter().any(|line| line.contains("no tag came back")));
        // What was replaced again and again.
        let title = "the tag changed while the content stayed the same";
        check(&kind(), &met("aaaaaaaabbbbbbbbbbbbcccccccc"), Some((Severity::Bad, title)));
    }

    #[test]
    fn several_changes_are_bad_whatever_replays_met() {
        let lucky = |tag: char| {
            let tag = format!("{tag}9c7a9{tag}");
            format!(
                "4 × -> 200; ETag: \"{tag}\" | hello\n4 × If-None-Match: \"{tag}\" -> 304; ETag: \"{tag}\"\n"
            )
        };
        let title = "the tag changed while the content stayed the same";
        let twice: String = "ab".chars().map(lucky).collect();
        check(&kind(), &twice, Some((Severity::Warn, title)));
        let thrice: String = "abc".chars().map(lucky).collect();
        check(&kind(), &thrice, Some((Severity::Bad, title)));
        // Whoever meets two in turns sends each to the other, sooner or later.
        let clumps: String = "aba".chars().map(lucky).collect();
        check(&kind(), &clumps, Some((Severity::Bad, "one content, 2 tags")));
    }

    #[test]
    fn numbers_that_follow_one_another_are_told_apart() {
        let row = |tags: &[u32]| -> String {
            let lines = tags.iter().map(|tag| format!("5 × -> 200; ETag: \"v3-{tag}\" | hello"));
            lines.collect::<Vec<_>>().join("\n")
        };
        explained(&row(&[88, 89, 90]), "unknown", "a number that rises while the content stays");
        explained(&row(&[959, 960, 958]), "process", "neighbouring numbers, and a lower one came");
        explained(&row(&[959, 71_960, 58]), "unknown", "the tags follow one another in time");
        // Each replay may meet the worker that is awake: the tag of the one before is lost all the same.
        let honoured = |tag| format!("4 × If-None-Match: \"v3-{tag}\" -> 304\n");
        let clumps = [row(&[88]), honoured(88), row(&[89]), honoured(89), row(&[90])].join("\n");
        let found = judge(&kind(), &evidence(&clumps)).expect("several tags");
        assert_eq!(found.severity, Severity::Bad);
        let clock = |second: u32| {
            format!(
                "5 × -> 200; Date: Mon, 30 Nov 2026 21:00:{second:02} GMT; \
                 ETag: \"{}\" | hello\n",
                1_796_072_400 + second
            )
        };
        let clock: String = (3..6).map(clock).collect();
        explained(&clock, "process", "made of the time of the response");
        // What the numbers tell, nothing else contradicts.
        for known in [row(&[88, 89, 90]), row(&[959, 960, 958]), clock] {
            let found = judge(&kind(), &evidence(&known)).expect("several tags");
            let other = found.evidence.iter().find(|line| line.contains("a restart"));
            assert_eq!(other, None, "{known}");
        }
    }

    #[test]
    fn numbers_that_each_had_one_span_have_a_lifetime() {
        let spans = |tags: &[u32]| -> String {
            let lines = tags.iter().map(|tag| format!("15 × -> 200; ETag: \"v1-{tag}\" | hello\n"));
            lines.collect()
        };
        let lifetime = "never again: the tag has a lifetime";
        let said = |exchanges: &str| {
            let found = judge(&kind(), &evidence(exchanges)).expect("several tags");
            found.evidence.iter().any(|line| line.contains(lifetime))
        };
        assert!(said(&spans(&[901, 902, 903])));
        assert!(!said(&spans(&[901, 903, 902])));
        assert!(!said(&spans(&[901, 902, 903, 901])), "it came back");
    }

    #[test]
    fn inodes_and_times_that_differ_are_both_to_be_mended() {
        let copies = r#"
            4 × -> 200; ETag: "7176801-1700000000-5"; Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT | hello
            4 × -> 200; ETag: "7176804-1700000097-5"; Last-Modified: Tue, 14 Nov 2023 22:14:57 GMT | hello
        "#;
        let found = Check::of(&evidence(&copies.repeat(2)));
        let finding = &found.findings[0];
        assert_eq!((finding.kind.name.as_str(), finding.cause), ("node-local-tag", Some("inode")));
        assert!(finding.evidence[0].contains("with an inode"), "{:?}", finding.evidence);
        let fix = finding.fix();
        assert!(fix.contains("inode out") && fix.contains("keep their times"), "{fix}");
    }

    #[test]
    fn a_tag_that_several_backends_change_at_once_belongs_to_the_moment() {
        let backends = r#"
            @1 -> 200; ETag: "a" | hello
            @2 -> 200; ETag: "a" | hello
            @1 -> 200; ETag: "b" | hello
            @2 -> 200; ETag: "b" | hello
            @1 -> 200; ETag: "c" | hello
            @2 -> 200; ETag: "c" | hello
        "#;
        let title = "the tag changed while the content stayed the same";
        check(&kind(), backends, Some((Severity::Bad, title)));
        let own = backends.replace("@2 -> 200; ETag: \"", "@2 -> 200; ETag: \"2");
        check(
            &kind(),
            &own,
            Some((Severity::Bad, "every response has a tag of its own: 6 tags, one content")),
        );
    }

    #[test]
    fn an_inode_is_named() {
        let fleet = r#"
            4 × -> 200; ETag: "1a2b-5-5ae4a3c2d1e40"; Server: Apache | hello
            4 × -> 200; ETag: "9c8d-5-5ae4a3c2d1e40"; Server: Apache | hello
        "#;
        let judgement = judge(&kind(), &evidence(fleet)).expect("it is node-local");
        assert_eq!(judgement.cause, Some("inode"));
        let audit = "for an audit: the tag tells anybody an inode of the file system";
        assert!(judgement.evidence.iter().any(|line| line == audit), "{:?}", judgement.evidence);
    }

    #[test]
    fn a_tag_of_each_response_is_no_inode() {
        let mut exchanges = String::new();
        for number in [48_213, 771, 90_412, 5_120, 33_377, 61_004, 1_988] {
            let tag = format!("-> 200; ETag: \"{number:x}-5-5ae4a3c2d1e40\"; Last-Modified: ");
            exchanges += &(tag + "Sat, 25 Jul 2020 20:03:29 GMT | hello\n");
        }
        let judgement = judge(&kind(), &evidence(&exchanges)).expect("it is node-local");
        assert_eq!(judgement.cause, Some("process"), "{:?}", judgement.evidence);
    }

    #[test]
    fn what_is_guessed_is_less_sure() {
        let fleet = |one: &str, two: &str| {
            let line = |tag: &str| format!("3 × -> 200; ETag: \"{tag}\" | hello\n");
            let exchanges = [line(one), line(two), line(one)].concat();
            judge(&kind(), &evidence(&exchanges)).expect("it is node-local").confidence
        };
        let (one, two) = ("ab".repeat(16), "cd".repeat(16));
        assert!(fleet(&one, &two) < 0.9 && fleet("41", "18") > 0.98);
    }

    #[test]
    fn runs_call_it_hidden_where_nobody_felt_it() {
        let (first, other) = (r#""41""#, r#""18""#);
        run::check(
            Validator::Tag,
            &[exchange(FirstFetch, 1, first, "a"), exchange(NeedlessTransfer, 2, other, "a")],
            &[("ETL001", Severity::Bad, r#"r1 "41"   r2 "18""#)],
        );
        run::check(
            Validator::Tag,
            &[
                exchange(FirstFetch, 1, first, "a"),
                exchange(FirstFetch, 2, other, "a"),
                exchange(Validated, 2, other, "a"),
            ],
            &[("ETL001", Severity::Warn, r#"r1 "41"   r2 "18""#)],
        );
    }

    #[test]
    fn one_of_several_hashes_may_look_like_the_start_of_a_process() {
        let one = |tag: &str| {
            format!("-> 200; Date: Mon, 30 Nov 2026 23:00:00 GMT; ETag: \"{tag}\" | hello\n")
        };
        let of = |tags: [&str; 3]| tags.map(one).concat().repeat(4);
        let cause =
            |tags| judge(&kind(), &evidence(&of(tags))).and_then(|judgement| judgement.cause);
        assert_eq!(cause(["1788137653", "479515860", "2930037527"]), Some("inode"));
        assert_eq!(cause(["1788137653", "1788137660", "1788137667"]), Some("process"));
    }
}
