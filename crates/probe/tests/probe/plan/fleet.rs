//! Fleets that are simulated: no socket, no clock, and a seed for what is chosen at random.
//! Knows nothing of what is found there.

use std::collections::BTreeSet;
use std::time::Duration;

use etag_lab_probe::plan::{Limits, Step, next};
use findings::evidence::{
    Connection, ContentSummary, Digests, Evidence, FieldLines, Lane, ObservedResponse,
};
use findings::evidence::{ObservedExchange, opaque};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// Choice of the replica that answers the next request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Choice {
    /// Any of them, each as likely as the others.
    Random,
    /// The first `share` of 100 requests, the others the rest, at random.
    Weighted { share: u32 },
    /// One after the other.
    InTurns,
    /// The first: nobody has a connection open when the next request comes, and the balancer takes
    /// the first of equals. Or it looks at the client's address.
    First,
    /// Workers of one server that share a socket: one takes so many, then the next.
    InClumps { of: usize },
}

/// Replicas with one content behind a balancer.
#[derive(Clone, Debug)]
pub(crate) struct Fleet {
    pub(crate) replicas: usize,
    pub(crate) choice: Choice,
    /// True if each replica has a tag of its own.
    pub(crate) local_tags: bool,
    /// Replicas, the last ones, that have another tag all the same.
    pub(crate) odd: usize,
    /// True if each has a `Last-Modified` of its own; `None` without any.
    pub(crate) local_dates: Option<bool>,
    /// True if responses are compressed on request, under a weak tag.
    pub(crate) compresses: bool,
}

impl Fleet {
    /// Replicas chosen at random, with a tag of their own and no date.
    pub(crate) fn broken(replicas: usize) -> Self {
        Self {
            replicas,
            choice: Choice::Random,
            local_tags: true,
            odd: 0,
            local_dates: None,
            compresses: false,
        }
    }

    /// The same with one tag.
    pub(crate) fn healthy(replicas: usize) -> Self {
        Self { local_tags: false, ..Self::broken(replicas) }
    }

    /// Result of a check with this budget.
    pub(crate) fn examined(&self, budget: usize, seed: u64) -> Evidence {
        self.examined_until(budget, seed, |_| false)
    }

    /// Result of a check that ends at `suffices`, which is asked how many replicas answered.
    pub(crate) fn examined_until(
        &self,
        budget: usize,
        seed: u64,
        suffices: impl Fn(usize) -> bool,
    ) -> Evidence {
        let lane = Lane { name: "balancer".to_owned(), is_backend: false };
        let mut evidence = Evidence { lanes: vec![lane], ..Evidence::default() };
        let limits = Limits { budget, lanes: 1 };
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut kept = None;
        let mut met = BTreeSet::new();
        let content = Digests::of(b"{}");
        while let Some(Step { lane, connection, asked }) = next(&evidence, limits) {
            let turn = evidence.observations.len();
            let fresh = self.chosen(turn, &mut random);
            let replica = match connection {
                Connection::Fresh => fresh,
                Connection::Kept => *kept.get_or_insert(fresh),
            };
            let step = Step { lane, connection, asked };
            let outcome = Ok(self.answer(replica, &step, content));
            let at = Duration::from_millis(turn as u64);
            let Step { asked, .. } = step;
            evidence.observations.push(ObservedExchange { at, lane, connection, asked, outcome });
            met.insert(replica);
            if suffices(met.len()) {
                break;
            }
        }
        evidence
    }

    fn chosen(&self, turn: usize, random: &mut Pcg64Mcg) -> usize {
        match self.choice {
            Choice::Random => random.random_range(0..self.replicas),
            Choice::Weighted { share } if random.random_range(0..100) < share => 0,
            Choice::Weighted { .. } => random.random_range(1..self.replicas),
            Choice::InTurns => turn % self.replicas,
            Choice::First => 0,
            Choice::InClumps { of } => turn / of % self.replicas,
        }
    }

    fn answer(&self, replica: usize, step: &Step, content: Digests) -> ObservedResponse {
        let own = self.local_tags || replica >= self.replicas - self.odd;
        let number = if own { replica * 11 + 3 } else { 1 };
        let tag = format!("\"{number}\"");
        let date = self.local_dates.map(|own| {
            format!("Tue, 14 Nov 2023 22:{:02}:00 GMT", if own { replica % 60 } else { 0 })
        });
        let asked = &step.asked;
        let matches = if asked.any || !asked.none_match.is_empty() {
            asked.any || asked.none_match.iter().any(|sent| opaque(sent) == opaque(tag.as_bytes()))
        } else {
            date.is_some() && asked.modified_since.as_deref() == date.as_ref().map(String::as_bytes)
        };
        let coded = self.compresses && asked.accept_encoding.as_deref() == Some("gzip");
        let mut fields = FieldLines::default();
        fields.push("etag", if coded { format!("W/{tag}") } else { tag }.as_bytes());
        if let Some(date) = date {
            fields.push("last-modified", date.as_bytes());
        }
        if self.compresses {
            fields.push("vary", b"Accept-Encoding");
        }
        if coded && !matches {
            fields.push("content-encoding", b"gzip");
        }
        ObservedResponse {
            version: "HTTP/1.1",
            status: if matches { 304 } else { 200 },
            fields,
            content: ContentSummary {
                coded_bytes: 2,
                decoded: (!matches).then_some(content),
                stray_bytes: 0,
                ..ContentSummary::default()
            },
        }
    }
}
