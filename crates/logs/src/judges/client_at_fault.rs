//! `client-at-fault`: clients that never send what they are given, go on sending an old tag, or send it
//! without its quotes.

use findings::log::LogJudgement;
use measure::record::Severity;

use super::{Judged, PathJudgement, Subject, of_all};

pub(super) const NAME: &str = "client-at-fault";

/// Requests from which on it is no accident.
const LEAST: u64 = 8;

pub(super) fn judge(subject: &Subject<'_>) -> Option<Judged> {
    let (judgement, since) =
        mangled(subject).or_else(|| outdated(subject)).or_else(|| silent(subject))?;
    Some(Judged::Found(PathJudgement { name: NAME, judgement, since }))
}

type Told = Option<(LogJudgement, Option<i64>)>;

fn mangled(subject: &Subject<'_>) -> Told {
    let all = &subject.details.tags;
    if all.mangled < LEAST {
        return None;
    }
    let title = "the client sends the tag without its quotes, which matches nothing";
    let judgement = LogJudgement::new(Severity::Bad, 0.95, title)
        .because("mangled")
        .with(format!("sent {}", findings::shown(&all.mangled_text)))
        .with(format!(
            "full 200 all the same: {}",
            of_all(all.mangled, all.conditional, "request")
        ));
    Some((judgement, None))
}

fn outdated(subject: &Subject<'_>) -> Told {
    let all = &subject.details.tags;
    // Where conditions are ignored or tags take turns, clients are not to blame.
    let is_server = all.plain.ignored + all.returned > 0;
    if all.outdated == 0 || is_server {
        return None;
    }
    let title = "clients go on sending a tag that was replaced";
    let judgement =
        LogJudgement::new(Severity::Bad, 0.85, title).because("outdated").with(format!(
            "{} sent one tag at least three times more after it had been replaced",
            text::counted(all.outdated, "client")
        ));
    Some((judgement, None))
}

fn silent(subject: &Subject<'_>) -> Told {
    let all = &subject.details.tags;
    let polls = all.again_without + all.again_with;
    let is_habit = all.silent > 0 && all.again_without >= LEAST && all.again_with * 20 <= polls;
    if !is_habit || subject.path.not_modified * 20 > subject.path.polls {
        return None;
    }
    let title = "clients never send the tag that they are given";
    let judgement = LogJudgement::new(Severity::Bad, 0.9, title)
        .because("never-conditional")
        .with(format!(
            "{} of clients that had a tag came without If-None-Match",
            of_all(all.again_without, polls, "poll")
        ))
        .with("as this log sees it: a gateway before it that takes the field out looks the same");
    Some((judgement, all.silence.uncontradicted().map(|(since, _)| since)))
}
