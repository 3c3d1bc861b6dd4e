//! `node-local-tag` from tags: one content size, several tags that take turns, each good at the server
//! that issued it alone.

use std::collections::{BTreeMap, BTreeSet};

use findings::log::LogJudgement;
use findings::tags;
use measure::record::Severity;

use super::{Judged, PathJudgement, Subject, of_all};
use crate::account::tags::{TagSeen, Tags};
use crate::tag;

pub(super) const NAME: &str = "node-local-tag";

/// Answers with a tag that had been replaced before, from which on it is no accident.
const RETURNS: u64 = 6;
/// Seconds from which on two tags that take turns are no rollout.
const ROLLOUT: i64 = 15 * 60;

pub(super) fn judge(subject: &Subject<'_>) -> Option<Judged> {
    let all = &subject.details.tags;
    if all.returned < RETURNS {
        return None;
    }
    let group = group(all)?;
    let (since, until) = all.returns.uncontradicted()?;
    // Servers that pass from one tag to the next are in a rollout.
    if are_shared(&group) {
        return None;
    }
    let (honoured, lost) = off_diagonal(all);
    let has_upstreams = group.iter().all(|seen| !seen.upstreams.is_empty());
    if has_upstreams && (honoured * 10 > lost || same_issuer_lost(all) * 4 > lost) {
        return open("with something of the request, because servers lose their own tags as well");
    }
    let bytes = group.first()?.size;
    let texts: Vec<Vec<u8>> = group.iter().map(|seen| tag::plain(&seen.text)).collect();
    let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    let reading = tags::read(&texts, bytes);
    let servers: usize = group.iter().map(|seen| seen.upstreams.len()).sum();
    // Two releases look the same while they run side by side.
    let is_short = until - since < ROLLOUT;
    if group.len() == 2 && (is_short || !has_upstreams || servers > 2) {
        return open("of the servers, or of two releases side by side: a log of more time tells");
    }
    // Files have one tag for all who ask; anything else might follow the request.
    let is_of_file = ["inode", "mtime"].contains(&reading.cause) && is_mutual(all, &group);
    if !has_upstreams && !is_of_file {
        return open(
            "of the servers, or with something of the request: a column for the server that \
             answered tells",
        );
    }
    let title = format!("{} tags of one size take turns", group.len());
    let mut shown: Vec<_> = group.iter().map(|seen| shown(subject, seen)).collect();
    shown.sort_unstable();
    let matrix = has_upstreams.then(|| matrix(all, honoured, lost)).flatten();
    let confidence = if group.len() == 2 { 0.8 } else { 0.97 };
    let judgement = LogJudgement::new(Severity::Bad, confidence, title)
        .because(reading.cause)
        .with(reading.explanation)
        .with(shown.join("   "))
        .with_all(matrix)
        .with(format!(
            "{} carried a tag that another one had replaced before",
            text::counted(all.returned, "answer")
        ));
    Some(Judged::Found(PathJudgement { name: NAME, judgement, since: Some(since) }))
}

#[expect(clippy::unnecessary_wraps, reason = "it ends a judge")]
fn open(how: &str) -> Option<Judged> {
    Some(Judged::Open(format!("several tags of one size take turns: {how}")))
}

/// The largest set of tags each of which was replaced by each other in the end, within one resource;
/// of two the one that was in use later.
fn group(all: &Tags) -> Option<Vec<&TagSeen>> {
    let keys: Vec<u64> = all.all.keys().copied().collect();
    let reached: BTreeMap<u64, BTreeSet<u64>> =
        keys.iter().map(|key| (*key, reachable(all, *key))).collect();
    let has = |from: u64, to: u64| reached.get(&from).is_some_and(|keys| keys.contains(&to));
    let groups = keys.iter().map(|one| {
        let members = keys.iter().filter(|other| has(*one, **other) && has(**other, *one));
        members.filter_map(|key| all.all.get(key)).collect::<Vec<_>>()
    });
    let order = |group: &Vec<&TagSeen>| {
        (group.len(), group.iter().map(|seen| seen.last).max(), group.first().map(|seen| seen.key))
    };
    groups.filter(|group| group.len() >= 2).max_by(|one, other| order(one).cmp(&order(other)))
}

/// Tags that took the place of one, of what took its place, and so on.
fn reachable(all: &Tags, from: u64) -> BTreeSet<u64> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(one) = open.pop() {
        for (_, to) in all.edges.keys().filter(|(from, _)| *from == one) {
            if reached.insert(*to) {
                open.push(*to);
            }
        }
    }
    reached
}

/// Reports whether each of the tags took the place of each other, at once.
fn is_mutual(all: &Tags, group: &[&TagSeen]) -> bool {
    let pairs = group.iter().flat_map(|one| group.iter().map(move |other| (one.key, other.key)));
    pairs.filter(|(one, other)| one != other).all(|pair| all.edges.contains_key(&pair))
}

/// Reports whether a server sent more than one of the tags.
fn are_shared(group: &[&TagSeen]) -> bool {
    let servers: Vec<u16> = group.iter().flat_map(|seen| seen.upstreams.iter().copied()).collect();
    let different: BTreeSet<u16> = servers.iter().copied().collect();
    different.len() < servers.len()
}

/// 304s and 200s of servers that did not issue the tag.
fn off_diagonal(all: &Tags) -> (u64, u64) {
    let others = all.matrix.iter().filter(|((issuer, answerer), _)| issuer != answerer);
    others.fold((0, 0), |(kept, lost), (_, counts)| (kept + counts[0], lost + counts[1]))
}

/// 200s of servers that issued the tag themselves.
fn same_issuer_lost(all: &Tags) -> u64 {
    let own = all.matrix.iter().filter(|((issuer, answerer), _)| issuer == answerer);
    own.map(|(_, counts)| counts[1]).sum()
}

/// `None` where no client met the server of its tag again.
fn matrix(all: &Tags, honoured: u64, lost: u64) -> Option<String> {
    let own = all.matrix.iter().filter(|((issuer, answerer), _)| issuer == answerer);
    let (kept, all_own) = own
        .fold((0, 0), |(kept, all), (_, counts)| (kept + counts[0], all + counts[0] + counts[1]));
    (all_own > 0).then(|| {
        format!(
            "304s from the server that issued the tag: {}; from the others: {}",
            of_all(kept, all_own, "poll"),
            of_all(honoured, honoured + lost, "poll"),
        )
    })
}

fn shown(subject: &Subject<'_>, seen: &TagSeen) -> String {
    let text = findings::shown(&tag::plain(&seen.text));
    match seen.upstreams[..] {
        [] => format!("{text} × {}", seen.issued),
        [one] => {
            format!("{} {text} × {}", subject.account.server_name(one), seen.issued)
        }
        _ => format!("{text} × {} from {} servers", seen.issued, seen.upstreams.len()),
    }
}
