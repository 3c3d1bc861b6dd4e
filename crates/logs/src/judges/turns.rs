//! `node-local-tag` without a tag: a client gets 304s of the server that sent its last 200, and full 200s
//! of one size of every other.
//!
//! Other things look like it and are held against it: a client that is moved when a release comes (it
//! does not come back), a rollout (some servers agree), a client that begins with an empty cache
//! whenever it connects (it would get 200s of the same server as well), a key that is shared.

use std::collections::BTreeSet;

use findings::log::LogJudgement;
use measure::record::Severity;

use super::{Judged, PathJudgement, Subject, node_local, of_all};

/// Seconds from which on the contrast of two servers is no rollout.
const ROLLOUT: i64 = 15 * 60;

pub(super) fn judge(subject: &Subject<'_>) -> Option<Judged> {
    let turned = &subject.details.turned;
    // Tags say it better.
    if subject.details.has_tags() || turned.other[1] < 12 {
        return None;
    }
    let keys = subject.keys;
    // A cell that had a 304 since is no longer dark.
    let dark: Vec<_> = turned.cells.iter().filter(|(_, [lost, _])| *lost >= 3).collect();
    let light = turned.cells.values().filter(|[lost, kept]| *lost < 3 && *kept > 0).count();
    let servers: BTreeSet<u16> = dark.iter().flat_map(|((one, other), _)| [*one, *other]).collect();
    let replicas = servers.len() as u64;
    if replicas < 2 || light * 10 > dark.len() {
        return None;
    }
    if keys.apart * 20 < keys.alike * 19 || keys.alike * 20 > keys.apart + keys.alike {
        return None;
    }
    if keys.apart * 3 < keys.apart + keys.mixed {
        return Some(Judged::Open(shared(keys.mixed, keys.apart + keys.mixed)));
    }
    let same = keys.same_304 + keys.same_200;
    let all = same + keys.other_200;
    // Without it: clients that are told apart badly, or begin anew with each connection.
    let is_clear = keys.other_200 >= 12 * (replicas - 1)
        && keys.same_200 * (replicas - 1) * 4 <= keys.other_200
        && same * 10 <= all * 7
        && keys.returns >= 6
        && keys.same_304 >= 12
        && turned.moved * 10 <= turned.other[1];
    let (first, last) = turned.course.uncontradicted()?;
    if !is_clear || (replicas == 2 && last - first < ROLLOUT) {
        return None;
    }
    let title = "304s come from the server that sent the last 200, and from no other";
    let mixed = (keys.mixed > 0).then(|| shared(keys.mixed, keys.mixed + keys.apart));
    let judgement = LogJudgement::new(Severity::Bad, 0.9, title)
        .because("unknown")
        .with(format!(
            "304s from the server of the last 200: {}; from the others: {}",
            of_all(keys.same_304, same, "poll"),
            of_all(0, keys.other_200, "poll"),
        ))
        .with(format!(
            "on {}, with 200s of one size, by {}",
            text::counted(replicas, "server"),
            text::counted(keys.apart, "client")
        ))
        .with_all(mixed)
        .with("contents are taken for equal by their sizes: the log has no tags");
    Some(Judged::Found(PathJudgement { name: node_local::NAME, judgement, since: Some(first) }))
}

fn shared(mixed: u64, all: u64) -> String {
    format!(
        "behind {} there are several clients, which are left out",
        of_all(mixed, all, "client key")
    )
}
