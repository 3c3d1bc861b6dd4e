//! `node-local-tag` from tags: one content size, several tags that take turns, each good at the server
//! that issued it alone.

use std::collections::BTreeSet;

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
    let (honoured, lost) = off_diagonal(all);
    let has_upstreams = !all.matrix.is_empty();
    // Servers that pass from one tag to the next are in a rollout.
    if are_shared(&group) {
        return None;
    }
    if has_upstreams && (honoured * 10 > lost || same_issuer_lost(all) * 4 > lost) {
        let sentence = "several tags of one size take turns, and not with the servers that answer: \
                        the content may follow something of the request; `etag-lab check URL` tells";
        return Some(Judged::Open(sentence.to_owned()));
    }
    let bytes = group.iter().map(|seen| seen.size).next().unwrap_or(0);
    let texts: Vec<Vec<u8>> = group.iter().map(|seen| tag::plain(&seen.text)).collect();
    let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    let reading = tags::read(&texts, bytes);
    if group.len() < 3 && until - since < ROLLOUT {
        let sentence = "two tags of one size take turns; two releases during a rollout look the \
                        same, unless a log of more than 15 minutes shows it";
        return Some(Judged::Open(sentence.to_owned()));
    }
    // Files have one tag for all who ask; anything else might follow the request.
    let is_of_file = ["inode", "mtime"].contains(&reading.cause);
    if !has_upstreams && !is_of_file {
        let sentence = "several tags of one size take turns: of the servers, or with something of \
                        the request; the log has no server behind the gateway that would tell";
        return Some(Judged::Open(sentence.to_owned()));
    }
    let title = format!("{} tags of one size take turns", group.len());
    let shown: Vec<_> = group.iter().map(|seen| shown(subject, seen)).collect();
    let matrix = has_upstreams.then(|| matrix(all, honoured, lost));
    let judgement = LogJudgement::new(Severity::Bad, 0.97, title)
        .because(reading.cause)
        .with(reading.explanation)
        .with(shown.join("   "))
        .with_all(matrix)
        .with(format!(
            "{} answers carried a tag that another one had replaced before",
            text::count(all.returned)
        ));
    Some(Judged::Found(PathJudgement { name: NAME, judgement, since: Some(since) }))
}

/// The largest set of tags that replaced one another in both directions, within one resource.
fn group(all: &Tags) -> Option<Vec<&TagSeen>> {
    let is_mutual = |one: u64, other: u64| {
        all.edges.contains_key(&(one, other)) && all.edges.contains_key(&(other, one))
    };
    let mut starts: Vec<_> = all
        .edges
        .iter()
        .filter(|((from, to), _)| from < to && is_mutual(*from, *to))
        .map(|((from, to), edge)| (edge.last, edge.count, *from, *to))
        .collect();
    starts.sort_unstable();
    let mut best: Vec<u64> = Vec::new();
    for (.., from, to) in starts.into_iter().rev().take(64) {
        let mut group = vec![from, to];
        for other in all.all.keys() {
            if !group.contains(other) && group.iter().all(|member| is_mutual(*member, *other)) {
                group.push(*other);
            }
        }
        if group.len() > best.len() {
            best = group;
        }
    }
    best.sort_by_key(|key| all.all.get(key).map(|seen| seen.text.clone()));
    let seen: Vec<_> = best.iter().filter_map(|key| all.all.get(key)).collect();
    (seen.len() >= 2).then_some(seen)
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

fn matrix(all: &Tags, honoured: u64, lost: u64) -> String {
    let own = all.matrix.iter().filter(|((issuer, answerer), _)| issuer == answerer);
    let (kept, all_own) = own
        .fold((0, 0), |(kept, all), (_, counts)| (kept + counts[0], all + counts[0] + counts[1]));
    format!(
        "304s from the server that issued the tag: {}; from the others: {}",
        of_all(kept, all_own, "poll"),
        of_all(honoured, honoured + lost, "poll"),
    )
}

fn shown(subject: &Subject<'_>, seen: &TagSeen) -> String {
    let text = findings::shown(&tag::plain(&seen.text));
    match seen.upstreams[..] {
        [] => format!("{text} × {}", seen.issued),
        [one] => {
            format!("{} {text} × {}", crate::summary::server(subject.account, one), seen.issued)
        }
        _ => format!("{text} × {} from {} servers", seen.issued, seen.upstreams.len()),
    }
}
