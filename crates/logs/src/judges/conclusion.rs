//! The conclusion where nothing wrong was found: healthy, or what the log leaves open and what would
//! settle it.

use findings::Finding;
use findings::log::{LogJudgement, finding};
use measure::record::Severity;

use super::{LogFinding, of_all};
use crate::account::Account;
use crate::account::course::Course;
use crate::account::path::Path;
use crate::agent::Family;
use crate::moment;

/// Polls of known clients, and 304s among them, that a healthy verdict needs at least.
const AGAIN: u64 = 8;
const NOT_MODIFIED: u64 = 3;
/// Polls from which on a path is looked at by itself.
const POLLED: u64 = 20;
/// Sentences about single paths.
const MOST: usize = 3;

/// End of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conclusion {
    Wrong,
    Healthy,
    Open,
}

/// Adds the conclusion to the findings.
pub(crate) fn conclude(
    account: &Account,
    found: &mut Vec<LogFinding>,
    open: &[String],
) -> Conclusion {
    if found.iter().any(|one| one.finding.severity <= Severity::Warn) {
        return Conclusion::Wrong;
    }
    let missing = missing(account, open);
    let (conclusion, finding) = if missing.is_empty() {
        (Conclusion::Healthy, healthy(account))
    } else {
        let title = "cannot be told from this log";
        let judgement = LogJudgement::new(Severity::Info, 1.0, title).with_all(missing);
        (Conclusion::Open, finding("inconclusive", judgement, ""))
    };
    found.insert(0, LogFinding { finding, paths: Vec::new(), since: None });
    conclusion
}

fn sum(account: &Account, of: impl Fn(&Path) -> u64) -> u64 {
    account.paths.iter().map(of).sum()
}

fn healthy(account: &Account) -> Finding {
    let (kept, again) =
        (sum(account, |path| path.again_not_modified), sum(account, |path| path.again));
    let repeated = sum(account, |path| path.repeated);
    let title = "revalidation works: clients that have the content get 304s";
    let judgement = LogJudgement::new(Severity::Ok, 0.9, title)
        .with(format!("{} of clients that had a 200 before got a 304", of_all(kept, again, "poll")))
        .with(format!("{} got a 200 of the size that they had", of_all(repeated, again, "poll")));
    finding("healthy", judgement, "")
}

fn missing(account: &Account, open: &[String]) -> Vec<String> {
    let again = sum(account, |path| path.again);
    let kept = sum(account, |path| path.again_not_modified);
    let polls = sum(account, |path| path.polls);
    if polls == 0 {
        return vec!["no GET was answered with 200 or 304".to_owned()];
    }
    let mut missing: Vec<String> = open.iter().take(MOST).cloned().collect();
    if again < AGAIN {
        missing.push(format!(
            "{}: {AGAIN} are needed; give a log of more time",
            of_all(again, polls, "poll") + " came from clients that had a 200 before"
        ));
    } else if kept < NOT_MODIFIED {
        missing.push(format!(
            "{} of clients that had a 200 before got a 304: {}",
            of_all(kept, again, "poll"),
            if account.columns.have_tags() {
                "no reason is seen"
            } else {
                "clients that send no tag, and servers that ignore it, look the same"
            }
        ));
    }
    missing.extend(unexplained(account));
    if !missing.is_empty() && !account.columns.have_tags() {
        missing.push(
            "a log with If-None-Match, ETag and the server that answered tells more: `etag-lab logs \
             --print-format nginx` (haproxy, apache, caddy, …) prints its configuration"
                .to_owned(),
        );
    }
    missing
}

/// Paths whose clients get full 200s more often than not at all, and no finding says why.
fn unexplained(account: &Account) -> Vec<String> {
    // Content that changes looks the same, and so do bytes that count fields which differ.
    let is_lost = |path: &&Path| {
        let lost = path.again - path.again_not_modified;
        path.again >= POLLED && lost >= POLLED / 2 && lost * 4 > path.again
    };
    let mut lost: Vec<_> =
        account.paths.iter().filter(is_lost).filter(|path| !is_change(path)).collect();
    let bytes: u64 = lost.iter().map(|path| path.bytes).sum();
    let all = sum(account, |path| path.bytes) + account.others.bytes;
    if bytes * 20 < all {
        return Vec::new();
    }
    lost.sort_by_key(|path| std::cmp::Reverse((path.repeated_bytes, path.bytes)));
    let more = lost.len().saturating_sub(MOST);
    let mut sentences: Vec<_> = lost.into_iter().take(MOST).map(of_path).collect();
    let more = (more > 0).then(|| text::counted(more as u64, "more path"));
    sentences.extend(more.map(|more| format!("so it is with {more}")));
    sentences
}

/// Reports whether tags say that the content changed, though its size did not.
fn is_change(path: &Path) -> bool {
    path.details.as_deref().is_some_and(|details| {
        let tags = &details.tags;
        tags.again_with * 4 >= path.again * 3
            && tags.returned * 10 <= tags.replaced
            && tags.plain.ignored + tags.suffixed.ignored <= tags.conditional / 20
    })
}

fn of_path(path: &Path) -> String {
    let lost = path.again - path.again_not_modified;
    let (count, what) = if path.repeated * 2 >= lost {
        (path.repeated, "one of the same size again")
    } else {
        (lost, "another: it changed, or fields that differ are counted in its bytes")
    };
    let mut sentence = format!(
        "{}: {} of clients that had a 200 got {what}",
        path.name(),
        of_all(count, path.again, "poll")
    );
    let details = path.details.as_deref();
    if let Some(step) = details.and_then(|details| step(&details.course)) {
        sentence.extend(["; ", &step]);
    }
    let share = |family: Family| {
        let [all, kept] = path.of_family(family);
        (all >= 20).then(|| f64::from(kept) / f64::from(all))
    };
    let others = [Family::Tool, Family::Program].into_iter().filter_map(share).fold(0.0, f64::max);
    if share(Family::Browser).is_some_and(|share| share < 0.05) && others > 0.8 {
        sentence += "; browsers get no 304 and programs do: compression after the tag was made may \
                     be the cause";
    }
    if let Some(details) = details
        && details.tags.again_without > details.tags.again_with
    {
        sentence += "; they sent no If-None-Match: they may be several behind one address, which a \
                     column for the connection tells";
    }
    sentence
}

/// Step down of the 304 share that stays: `the 304 share fell from 96 % to 33 % at …`.
fn step(course: &Course) -> Option<String> {
    const ENOUGH: u64 = 30;
    let buckets: Vec<_> = course.buckets().collect();
    let sums = |part: &[(i64, &crate::account::course::Bucket)]| {
        part.iter().fold((0, 0), |(kept, all), (_, bucket)| {
            (kept + bucket.not_modified, all + bucket.polls)
        })
    };
    let split = |at: usize| {
        let ((kept, all), (kept_after, all_after)) = (sums(&buckets[..at]), sums(&buckets[at..]));
        if all < ENOUGH || all_after < ENOUGH {
            return None;
        }
        let (before, after) = (kept as f64 / all as f64, kept_after as f64 / all_after as f64);
        Some((before - after, before, after, buckets[at].0))
    };
    let best = (1..buckets.len()).filter_map(split).max_by(|one, other| one.0.total_cmp(&other.0));
    let (_, before, after, at) = best?;
    (before > 0.3 && after * 1.8 < before).then(|| {
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        format!(
            "the share of 304s fell from {} to {} at {}",
            percent(before),
            percent(after),
            moment::utc(at)
        )
    })
}
