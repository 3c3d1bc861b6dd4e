//! The client: it sends something else than it was given, or something that it was given long before.
//!
//! For captures only: a check sends back what it got. Several clients in one capture are told apart by
//! `User-Agent`, `Cookie` and `Authorization`, and by counting: who was refused once knows better.

mod mangling;

use std::collections::{BTreeMap, BTreeSet};

use super::Placed;
use crate::catalogue::cache_answering::is_stored;
use crate::evidence::ObservedRequest;
use crate::view::{strong, weak_eq};
pub(crate) use mangling::{Mangling, mangling};

/// Tag that was sent in another form than it was issued in, and so matched nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mangled<'a> {
    /// Among all requests.
    pub(crate) place: usize,
    pub(crate) sent: &'a [u8],
    /// The tag that it was made of, which the answer carries.
    pub(crate) issued: &'a [u8],
    pub(crate) how: Mangling,
}

/// Tag that a client goes on sending after it was given another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outdated<'a> {
    pub(crate) sent: &'a [u8],
    pub(crate) current: &'a [u8],
    /// Requests with the old one that were answered with the new one.
    pub(crate) times: usize,
    /// True if the client was given the other one before, and none ever carried this.
    pub(crate) is_never_given: bool,
}

/// Tags that were sent in another form. Those that are understood all the same do no harm.
pub(super) fn mangled<'a>(answered: &[Placed<'a>]) -> Vec<Mangled<'a>> {
    let issued: BTreeSet<_> = answered.iter().filter_map(|(.., it)| it.tag().map(strong)).collect();
    let of_one = |&(place, seen, answer): &Placed<'a>| {
        let [sent] = seen.asked.none_match.as_slice() else { return None };
        let current = answer.tag().filter(|_| answer.status == 200)?;
        // What was issued in just this form was not made of anything else.
        if issued.contains(strong(sent)) {
            return None;
        }
        Some(Mangled { place, sent, issued: current, how: mangling(sent, current)? })
    };
    let found: Vec<_> = answered.iter().filter_map(of_one).collect();
    // One may be an accident of whoever typed it.
    if found.len() < 2 { Vec::new() } else { found }
}

/// Fields that tell clients apart.
const OWN: [&str; 3] = ["user-agent", "cookie", "authorization"];

/// Client of a request, as far as it can be told.
pub(crate) fn client(asked: &ObservedRequest) -> [Option<&[u8]>; 3] {
    OWN.map(|name| asked.fields.get(name))
}

/// Tag that one client sends again and again though it gets another, always the same.
pub(super) fn outdated<'a>(
    answered: &[Placed<'a>],
    mangled: &[Mangled<'a>],
) -> Option<Outdated<'a>> {
    let mut clients: BTreeMap<_, Vec<&Placed<'a>>> = BTreeMap::new();
    let is_mangled = |place| mangled.binary_search_by_key(&place, |one| one.place).is_ok();
    for placed in answered.iter().filter(|(place, ..)| !is_mangled(*place)) {
        clients.entry(client(&placed.1.asked)).or_default().push(placed);
    }
    clients.values().find_map(|seen| of_client(seen))
}

/// Times that a tag must have been refused.
const REFUSALS: usize = 3;

fn of_client<'a>(seen: &[&Placed<'a>]) -> Option<Outdated<'a>> {
    let refused = |placed: &&&Placed<'a>| {
        let (_, seen, answer) = placed;
        let sent = seen.asked.none_match.first().map(Vec::as_slice);
        let tag = answer.tag().filter(|_| answer.status == 200 && seen.asked.none_match.len() == 1);
        Some((sent?, tag?)).filter(|(sent, tag)| !weak_eq(sent, tag))
    };
    let (sent, current) = seen.iter().rev().find_map(|placed| refused(&placed))?;
    let refusals = || seen.iter().filter(|placed| refused(placed) == Some((sent, current)));
    let carries =
        |(.., answer): &Placed<'a>, tag| answer.tag().is_some_and(|own| weak_eq(own, tag));
    // A tag that is issued or accepted again belongs to a replica, or to a content that is back, unless
    // a cache had it in store.
    let first = refusals().next()?.0;
    let later = || seen.iter().filter(|(place, ..)| *place >= first);
    let is_back = later().any(|placed| carries(placed, sent) && !is_stored(placed.2));
    // Others come and go: of those none is the one that it should send.
    let is_steady = later().filter(|(.., it)| it.status == 200).all(|it| carries(it, current));
    let before = seen.iter().filter(|(place, ..)| *place < first);
    let holders = before.clone().filter(|it| it.2.status == 200 && carries(it, sent)).count();
    let times = refusals().count();
    // What a client sends first it may hold since before the capture.
    let held = before.clone().any(|it| it.2.status == 200 && carries(it, current));
    let is_never_given = held && !seen.iter().any(|it| carries(it, sent));
    // As many clients as were given the tag may each have sent it once.
    let is_one = times >= holders + REFUSALS - 1;
    (!is_back && is_steady && times >= REFUSALS && is_one).then_some(Outdated {
        sent,
        current,
        times,
        is_never_given,
    })
}

#[cfg(test)]
mod tests {
    use crate::evidence::EvidenceSource;
    use crate::fixture::evidence;
    use crate::view::View;

    #[track_caller]
    fn check(exchanges: &str, mangled: usize, outdated: Option<usize>) {
        let mut evidence = evidence(exchanges);
        evidence.source = EvidenceSource::Wire;
        let view = View::of(&evidence);
        let times = view.explained.outdated.map(|it| it.times);
        assert_eq!((view.explained.mangled.len(), times), (mangled, outdated), "{exchanges}");
    }

    #[test]
    fn tags_in_another_form_are_the_client_s() {
        check(
            r#"
                -> 200; ETag: "5f-6a" | hello
                3 × If-None-Match: 5f-6a -> 200; ETag: "5f-6a" | hello
            "#,
            3,
            None,
        );
        // Understood all the same.
        check(
            r#"
                -> 200; ETag: "5f-6a" | hello
                3 × If-None-Match: 5f-6a -> 304; ETag: "5f-6a"
            "#,
            0,
            None,
        );
        // The server itself has no quotes.
        check(
            r"
                -> 200; ETag: 5f-6a | hello
                3 × If-None-Match: 5f-6a -> 200; ETag: 5f-6a | hello
            ",
            0,
            None,
        );
        // Weak and strong tags match each other.
        check(
            r#"
                -> 200; ETag: W/"5f-6a" | hello
                3 × If-None-Match: "5f-6a" -> 200; ETag: W/"5f-6a" | hello
            "#,
            0,
            None,
        );
    }

    #[test]
    fn a_tag_that_was_replaced_is_outdated_when_it_comes_again_and_again() {
        let given = "-> 200; ETag: \"a\" | hello\n";
        let refused = r#"If-None-Match: "a" -> 200; ETag: "b" | world"#;
        check(&format!("{given}5 × {refused}"), 0, Some(5));
        // Before the capture began.
        check(&format!("4 × {refused}"), 0, Some(4));
        // Three clients have each sent it once.
        check(&format!("3 × {given}3 × {refused}"), 0, None);
        check(&format!("{given}2 × {refused}"), 0, None);
        // A replica that is met again.
        check(&format!("{given}5 × {refused}\n{given}"), 0, None);
        check(&format!("{given}5 × {refused}\nIf-None-Match: \"a\" -> 304; ETag: \"a\""), 0, None);
        let kept =
            format!("{given}5 × {refused}\nIf-None-Match: \"a\" -> 304; ETag: \"a\"; Age: 50");
        check(&kept, 0, Some(5));
        // Different clients.
        let of_client =
            |name: &str| refused.replace("If-None", &format!("User-Agent: {name}; If-None"));
        let three = ["x", "y", "z"].map(of_client).join("\n");
        check(&format!("{given}{three}"), 0, None);
        // Each answer has a tag of its own.
        check(&format!("{given}{refused}\n{}", refused.replace("\"b\"", "\"c\"")), 0, None);
    }
}
