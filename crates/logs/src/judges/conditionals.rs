//! `conditionals-ignored`, `suffix-not-understood` and `precedence-wrong`: a request names the very tag
//! that comes back with a full 200.

use findings::log::LogJudgement;
use measure::record::Severity;

use super::{Judged, PathJudgement, Subject, of_all};
use crate::account::tags::{Matched, Tags};

pub(super) const IGNORED: &str = "conditionals-ignored";
pub(super) const SUFFIX: &str = "suffix-not-understood";
pub(super) const PRECEDENCE: &str = "precedence-wrong";

/// Full 200s from which on it is no accident, and their share.
const LOST: u64 = 5;

pub(super) fn judge(subject: &Subject<'_>) -> Option<Judged> {
    let all = &subject.details.tags;
    let since = all.course.uncontradicted().map(|(since, _)| since);
    let (name, judgement) =
        suffixed(all).or_else(|| beside_date(all)).or_else(|| ignored(subject))?;
    Some(Judged::Found(PathJudgement { name, judgement, since }))
}

fn is_lost(matched: Matched) -> bool {
    matched.ignored >= LOST && matched.ignored * 5 >= matched.all()
}

fn suffixed(all: &Tags) -> Option<(&'static str, LogJudgement)> {
    let suffixed = all.suffixed;
    // Plain tags that are ignored as well have nothing to do with a suffix.
    if !is_lost(suffixed) || suffixed.honoured > 0 || is_lost(all.plain) {
        return None;
    }
    let title = "a tag with the suffix of a coding comes back and never gets a 304";
    let plain = all.plain.all();
    let (confidence, plain) = if plain > 0 {
        (
            0.97,
            format!("without a suffix {} got a 304", of_all(all.plain.honoured, plain, "replay")),
        )
    } else {
        let line = "no tag without a suffix was replayed: that all conditions are ignored would look \
                    the same";
        (0.8, line.to_owned())
    };
    let replays = of_all(suffixed.ignored, suffixed.all(), "replay");
    let judgement = LogJudgement::new(Severity::Bad, confidence, title)
        .with(format!("{replays} of the tag with the suffix got a full 200 with that tag"))
        .with(plain);
    Some((SUFFIX, judgement))
}

fn beside_date(all: &Tags) -> Option<(&'static str, LogJudgement)> {
    let (beside, plain) = (all.beside_date, all.plain);
    let alone = Matched {
        honoured: plain.honoured.saturating_sub(beside.honoured),
        ignored: plain.ignored.saturating_sub(beside.ignored),
    };
    // With a date that differs it is lost, and without one it is not.
    if !is_lost(beside) || beside.honoured > 0 || alone.ignored > 0 || alone.honoured < LOST {
        return None;
    }
    let title = "a date beside the right tag decides, and should not";
    let judgement = LogJudgement::new(Severity::Warn, 0.95, title)
        .because("full")
        .with(format!("with another date {} got a full 200", all_of(beside.ignored, "replay")))
        .with(format!("without one {} got a 304", all_of(alone.honoured, "replay")));
    Some((PRECEDENCE, judgement))
}

fn all_of(count: u64, noun: &str) -> String {
    format!("all {}", text::counted(count, noun))
}

fn ignored(subject: &Subject<'_>) -> Option<(&'static str, LogJudgement)> {
    let all = &subject.details.tags;
    let plain = Matched {
        honoured: all.plain.honoured + all.suffixed.honoured,
        ignored: all.plain.ignored + all.suffixed.ignored,
    };
    let some: Vec<_> = all.by_upstream.iter().filter(|(_, matched)| is_lost(**matched)).collect();
    if !is_lost(plain) && some.is_empty() {
        return None;
    }
    let is_partial = some.len() < all.by_upstream.len() && !some.is_empty();
    let servers = is_partial.then(|| {
        let name = |number: u16| subject.account.server_name(number);
        let names: Vec<_> = some.iter().map(|(number, _)| name(**number)).collect();
        format!(
            "only from {} of {} servers: {}",
            some.len(),
            all.by_upstream.len(),
            names.join(", ")
        )
    });
    let title = "a request that names the current tag gets a full 200";
    let judgement = LogJudgement::new(Severity::Bad, 0.97, title)
        .with(format!(
            "{} with the tag of the answer got a full 200",
            of_all(plain.ignored, plain.all(), "request")
        ))
        .with_all(servers);
    Some((IGNORED, judgement))
}
