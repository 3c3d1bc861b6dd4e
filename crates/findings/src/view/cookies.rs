//! Cookies that responses set: a session for each request, or a mark of the replica that answered.
//! Names may be shown, values never.

use std::collections::{BTreeMap, BTreeSet};

use super::{FullResponse, View};
use crate::evidence::{Fingerprint, ObservedResponse, opaque};
use crate::kind::shown;

/// Responses that tell a session for each of them from a few marks of replicas.
const ENOUGH: usize = 6;

/// A cookie with a new value in each response, as whoever sends none back is given.
pub(crate) struct Session {
    /// Its name, to be shown.
    pub(crate) name: String,
    /// True if its value stands in the content.
    pub(crate) is_in_content: bool,
}

impl View<'_> {
    /// The session that each response starts.
    pub(crate) fn session(&self) -> Option<Session> {
        // Who sends cookies has a session already.
        if self.evidence.given.iter().any(|name| name == "cookie") {
            return None;
        }
        let seen: Vec<_> = self.full.iter().filter(|seen| !seen.is_copy).collect();
        let names = cookies(seen.first()?.answer).map(|(name, _)| name);
        let mut sessions = names.filter_map(|name| {
            let values: Vec<_> = seen.iter().filter_map(|one| value(one.answer, name)).collect();
            let distinct: BTreeSet<_> = values.iter().collect();
            let is_new = values.len() == seen.len() && distinct.len() == values.len();
            (is_new && seen.len() >= ENOUGH).then(|| Session {
                name: shown(name),
                is_in_content: seen.iter().any(|one| self.has(one, name)),
            })
        });
        let first = sessions.next()?;
        Some(
            sessions
                .find(|one| one.is_in_content)
                .filter(|_| !first.is_in_content)
                .unwrap_or(first),
        )
    }

    fn has(&self, seen: &FullResponse<'_>, name: &[u8]) -> bool {
        const SHORTEST: usize = 8;
        let content = |it: Fingerprint| self.evidence.samples.get(&it);
        let sample = seen.digests().and_then(|it| content(it.sha256));
        let value = value(seen.answer, name).filter(|value| value.len() >= SHORTEST);
        sample
            .zip(value)
            .is_some_and(|(sample, value)| sample.windows(value.len()).any(|part| part == value))
    }

    /// Name of a cookie of which each tag has a value of its own, as balancers mark a replica with.
    pub(crate) fn mark_of_replica(&self) -> Option<String> {
        let seen: Vec<_> = self.full.iter().filter(|seen| !seen.is_copy).collect();
        let mut names = cookies(seen.first()?.answer).map(|(name, _)| name);
        let goes_with_tags = |name: &&[u8]| {
            let mut pairs = BTreeMap::<&[u8], BTreeSet<&[u8]>>::new();
            for one in &seen {
                let (Some(tag), Some(value)) = (one.tag, value(one.answer, name)) else {
                    return false;
                };
                pairs.entry(value).or_default().insert(opaque(tag));
            }
            let all: BTreeSet<_> = pairs.values().flatten().collect();
            (2..=seen.len() / 2).contains(&pairs.len())
                && all.len() > 1
                && pairs.values().all(|tags| tags.len() == 1)
        };
        names.find(goes_with_tags).map(shown)
    }
}

/// Names and values of the cookies that a response sets.
fn cookies(answer: &ObservedResponse) -> impl Iterator<Item = (&[u8], &[u8])> {
    let lines = answer.fields.iter().filter(|(name, _)| *name == "set-cookie");
    lines.filter_map(|(_, line)| {
        let pair = line.split(|byte| *byte == b';').next()?;
        let at = pair.iter().position(|byte| *byte == b'=')?;
        Some((pair[..at].trim_ascii(), pair[at + 1..].trim_ascii()))
    })
}

fn value<'a>(answer: &'a ObservedResponse, name: &[u8]) -> Option<&'a [u8]> {
    cookies(answer).find(|(own, _)| *own == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use crate::Check;
    use crate::check::Finding;
    use crate::fixture::evidence;

    #[track_caller]
    fn first(exchanges: &str, name: &str, cause: Option<&str>, says: &str) -> Finding {
        let found = Check::of(&evidence(exchanges)).findings.swap_remove(0);
        assert_eq!((found.kind.name.as_str(), found.cause), (name, cause));
        let is_said = found.evidence.iter().any(|line| line.contains(says));
        assert!(is_said && !found.evidence.concat().contains("secret"), "{:?}", found.evidence);
        found
    }

    fn each(line: impl Fn(usize) -> String) -> String {
        (0..9).map(line).collect()
    }

    #[test]
    fn a_tag_for_each_session_is_told_from_one_for_each_response() {
        let of = |at| format!("-> 200; ETag: \"h{at}\"; Set-Cookie: SID=secret-{at} | hello\n");
        let says = "starts a session of its own (Set-Cookie: SID)";
        let found = first(&each(of), "node-local-tag", Some("unknown"), says);
        assert!(found.confidence < 0.7 && found.evidence.concat().contains("-H 'Cookie: SID=…'"));
        // One cookie for all is no session of each.
        let one = |at| format!("-> 200; ETag: \"h{at}\"; Set-Cookie: SID=secret | hello\n");
        first(&each(one), "node-local-tag", Some("process"), "no tag was ever seen twice");
    }

    #[test]
    fn a_session_that_stands_in_the_content_is_the_cause_of_its_changes() {
        let of = |at| {
            format!("-> 200; ETag: \"h{at}\"; Set-Cookie: SID=secret-{at} | go to secret-{at}\n")
        };
        let says = "its value stands in the content";
        first(&each(of), "content-changing", Some("session"), says);
        let token = |at| format!("-> 200; Set-Cookie: SID=secret-{at} | token {at}\n");
        let says = "starts a session of its own (Set-Cookie: SID)";
        first(&each(token), "no-validator", None, "without a validator");
        let tagged = |at| token(at).replace("200;", &format!("200; ETag: \"{at}\";"));
        first(&each(tagged), "content-changing", None, says);
    }

    #[test]
    fn a_cookie_that_marks_the_replica_keeps_clients_with_one() {
        let of = |at: usize| {
            let replica = at % 2;
            format!("-> 200; ETag: \"r{replica}\"; Set-Cookie: SRV=s{replica} | hello\n")
        };
        let says = "each tag goes with one value of the cookie SRV";
        first(&each(of), "node-local-tag", Some("process"), says);
    }
}
