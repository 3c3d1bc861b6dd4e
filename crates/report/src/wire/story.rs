//! Selects the exchanges that show an arm's behaviour: one for each replica, all about the same content.
//!
//! A 304 that was wrong comes first, then content sent for nothing, then a 304 that was right;
//! where it can be, one client is followed from replica to replica.

use std::collections::{BTreeMap, BTreeSet};

use measure::{Transcript, Verdict, WireExchange};
use truth::{ContentId, ReplicaId};

use super::message;

/// A representation as a client asks for it: what it holds, and in which codings it wants it.
/// Two tags for one subject are one too many; another coding may well have another tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StorySubject<'a> {
    content: ContentId,
    accept_encoding: Option<&'a [u8]>,
}

impl<'a> StorySubject<'a> {
    /// Subject of this exchange; `None` when the client holds nothing after it.
    pub(super) fn of(exchange: &'a WireExchange) -> Option<Self> {
        let accept_encoding = message::value(&exchange.request, "accept-encoding");
        exchange.held.map(|content| Self { content, accept_encoding })
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Story<'a> {
    /// One for each replica, and one that no replica answered if there is one; as they happened.
    pub(super) exchanges: Vec<&'a WireExchange>,
    pub(super) subject: Option<StorySubject<'a>>,
}

/// True when the request carried a validator, a tag or a date.
fn is_conditional(exchange: &WireExchange) -> bool {
    message::fields(&exchange.request)
        .any(|field| field.is("if-none-match") || field.is("if-modified-since"))
}

impl<'a> Story<'a> {
    pub(super) fn of(transcript: &'a Transcript) -> Self {
        let exchanges = &transcript.exchanges;
        let subject = most_visited(exchanges, StorySubject::of);
        let about = |exchange: &&WireExchange| StorySubject::of(exchange) == subject;
        // One client followed from replica to replica is the story that a reader can check.
        let client = most_visited(exchanges.iter().filter(about), |exchange| Some(exchange.client));
        let mut best: BTreeMap<Option<ReplicaId>, (Rank, usize)> = BTreeMap::new();
        for (index, exchange) in exchanges.iter().enumerate() {
            let rank = Rank::of(exchange, subject, client);
            let chosen = best.entry(exchange.replica).or_insert((rank, index));
            if rank < chosen.0 {
                *chosen = (rank, index);
            }
        }
        let chosen: BTreeSet<_> = best.into_values().map(|(_, index)| index).collect();
        let exchanges = chosen.into_iter().map(|index| &exchanges[index]).collect();
        Self { exchanges, subject }
    }
}

/// Order in which exchanges are chosen; the least is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    kind: u8,
    by_another_client: bool,
}

impl Rank {
    fn of(exchange: &WireExchange, subject: Option<StorySubject<'_>>, client: Option<u32>) -> Self {
        let to_the_point = StorySubject::of(exchange) == subject;
        let kind = match exchange.verdict {
            // A wrong answer is worth showing even where it is about another content.
            Some(Verdict::FalseValidation) => 0,
            Some(Verdict::NeedlessTransfer) if to_the_point => 1,
            Some(Verdict::Validated | Verdict::Unverifiable) if to_the_point => 2,
            Some(Verdict::Error) => 5,
            None => 6,
            _ if is_conditional(exchange) => 3,
            _ => 4,
        };
        Self { kind, by_another_client: Some(exchange.client) != client }
    }
}

/// The key that was met again, unchanged, at the most replicas; the first of equals.
fn most_visited<'a, K: Ord + Copy>(
    exchanges: impl IntoIterator<Item = &'a WireExchange>,
    key: impl Fn(&'a WireExchange) -> Option<K>,
) -> Option<K> {
    let mut visited: BTreeMap<K, (usize, BTreeSet<Option<ReplicaId>>)> = BTreeMap::new();
    for (index, exchange) in exchanges.into_iter().enumerate() {
        if exchange.verdict.is_some_and(Verdict::is_unchanged) {
            let Some(key) = key(exchange) else { continue };
            let (_, replicas) = visited.entry(key).or_insert_with(|| (index, BTreeSet::new()));
            replicas.insert(exchange.replica);
        }
    }
    let most = visited
        .into_iter()
        // Of equals the first, so that the same run always shows the same exchanges.
        .max_by_key(|(_, (first, replicas))| (replicas.len(), std::cmp::Reverse(*first)));
    most.map(|(key, _)| key)
}
