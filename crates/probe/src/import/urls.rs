//! Exchanges of a capture by URL: one of them is judged, the others stand beside it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use findings::evidence::{
    Connection, Digests, Evidence, EvidenceSource, Method, ObservedExchange, ObservedResponse,
};

use super::bounds::Samples;
use super::{Captured, ImportError};

/// Most other URLs that are kept: a page loads hundreds.
const MOST_OTHERS: usize = 256;

/// Exchanges by URL, the URL polled most often first.
pub(super) struct ByUrl {
    urls: Vec<(String, Vec<Captured>)>,
}

impl ByUrl {
    pub(super) fn of(all: Vec<Captured>) -> Self {
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut urls: Vec<(String, Vec<Captured>)> = Vec::new();
        for one in all {
            let place = *places.entry(one.url.clone()).or_insert_with(|| {
                urls.push((one.url.clone(), Vec::new()));
                urls.len() - 1
            });
            urls[place].1.push(one);
        }
        // Of equals the first: the order is kept.
        urls.sort_by_key(|(_, all)| Reverse(all.iter().filter(|one| one.is_poll()).count()));
        Self { urls }
    }

    /// Number of URLs besides the first.
    pub(super) fn others(&self) -> usize {
        self.urls.len().saturating_sub(1)
    }

    /// Evidence about the first, with that about the others.
    pub(super) fn evidence(
        self,
        samples: &Samples,
        source: EvidenceSource,
    ) -> Result<Evidence, ImportError> {
        let mut urls = self.urls.into_iter();
        let (url, all) =
            urls.next().ok_or_else(|| ImportError::NothingThere("any URL".to_owned()))?;
        let mut evidence = of_one(url, all, source, Some(samples));
        // Contents of the others are compared by their hashes alone.
        let others = urls.take(MOST_OTHERS).map(|(url, all)| of_one(url, all, source, None));
        evidence.others = others.collect();
        Ok(evidence)
    }
}

impl Captured {
    /// Reports whether it is a poll: one that was answered 404 or failed is none.
    fn is_poll(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|answer| [200, 304].contains(&answer.status))
    }
}

/// Takes `HEAD` for `GET` where nothing else was asked, as in most that is pasted: the fields are the
/// same, and there is no content to be missed. False where it is not so.
fn take_heads(all: &mut [Captured]) -> bool {
    let is_heads = all.iter().all(|one| one.asked.method == Method::Head);
    for one in all.iter_mut().filter(|_| is_heads) {
        one.asked.method = Method::Get;
    }
    is_heads
}

fn of_one(
    url: String,
    mut all: Vec<Captured>,
    source: EvidenceSource,
    samples: Option<&Samples>,
) -> Evidence {
    let mut evidence = Evidence { target: url, source, ..Evidence::default() };
    if take_heads(&mut all) {
        let heads = "missing: GETs; judged are the fields that HEAD got, which should be the same";
        evidence.notes.push(heads.to_owned());
    }
    for (at, one) in (0..).zip(all) {
        let Captured { is_kept, asked, outcome, .. } = one;
        if let Ok(ObservedResponse { content, .. }) = &outcome
            && let Some(Digests { sha256, .. }) = content.decoded
            && let Some(sample) = samples.and_then(|samples| samples.get(&sha256))
        {
            evidence.keep_sample(sha256, sample);
        }
        evidence.observations.push(ObservedExchange {
            // Only the order counts: a paste has no times.
            at: Duration::from_millis(at),
            lane: 0,
            connection: if is_kept { Connection::Kept } else { Connection::Fresh },
            asked,
            outcome,
        });
    }
    evidence
}
