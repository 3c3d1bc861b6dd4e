//! Evidence that somebody else collected: captures of browsers and logs of curl.
//!
//! Makes no request. What a capture does not hold stays unknown, and the report says so. A capture is
//! read as a stream and within limits ([`bounds`]); of a content its hashes are kept and a beginning.

mod bounds;
mod har;
mod wire;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use bounds::Kept;
pub use har::har;
pub use wire::wire;

use text::secret::masked_url;

use findings::evidence::{
    Connection, Digests, Evidence, EvidenceSource, ExchangeFailure, ObservedExchange,
    ObservedRequest, ObservedResponse,
};

/// Reason why a capture cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// No HAR file.
    #[error("it is no HAR file: {0}")]
    NotHar(String),
    /// No log of curl.
    #[error("there is no request in it: lines that begin with `> GET ` are missing")]
    NotWire,
    /// Requests alone.
    #[error("no request in it was answered")]
    Unanswered,
    /// It cannot be read to its end.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// More than is reasonable.
    #[error("it holds more than {0}")]
    TooLarge(&'static str),
    /// Nothing that can be judged.
    #[error("it holds no GET request for {0}")]
    NothingThere(String),
}

/// An exchange, and the URL that it asked for.
struct Captured {
    url: String,
    /// True if the connection had carried an exchange before.
    is_kept: bool,
    asked: ObservedRequest,
    outcome: Result<ObservedResponse, ExchangeFailure>,
}

/// The exchanges with one URL: the one that is wanted, or the one polled most often.
fn evidence(captured: Kept<'_, Captured>, source: EvidenceSource) -> Result<Evidence, ImportError> {
    let Kept { wanted, all: captured, samples } = captured;
    // A request that was answered 404 or failed is none that a client polls.
    let mut counts: BTreeMap<&str, (usize, Reverse<usize>)> = BTreeMap::new();
    for (index, one) in captured.iter().enumerate() {
        let (polls, _) = counts.entry(&one.url).or_insert((0, Reverse(index)));
        let answer = one.outcome.as_ref();
        *polls += usize::from(answer.is_ok_and(|answer| [200, 304].contains(&answer.status)));
    }
    // Of equals the first, where `max_by_key` alone would take the last.
    let most = counts.iter().max_by_key(|(_, count)| **count).map(|(url, _)| (*url).to_owned());
    let others = counts.len().saturating_sub(1);
    let url = wanted.map(str::to_owned).or(most);
    let url = url.ok_or_else(|| ImportError::NothingThere("any URL".to_owned()))?;
    let mut evidence = Evidence { target: url.clone(), source, ..Evidence::default() };
    for (at, one) in (0..).zip(captured.into_iter().filter(|one| one.url == url)) {
        let Captured { is_kept, asked, outcome, .. } = one;
        if let Ok(ObservedResponse { content, .. }) = &outcome
            && let Some(Digests { sha256, .. }) = content.decoded
            && let Some(sample) = samples.get(&sha256)
        {
            evidence.keep_sample(sha256, sample);
        }
        evidence.observations.push(ObservedExchange {
            // Only the order counts: a log of curl has no times.
            at: Duration::from_millis(at),
            lane: 0,
            connection: if is_kept { Connection::Kept } else { Connection::Fresh },
            asked,
            outcome,
        });
    }
    if evidence.observations.is_empty() {
        let url = findings::shown(masked_url(&url).as_bytes());
        return Err(ImportError::NothingThere(url));
    }
    if others > 0 && wanted.is_none() {
        evidence.notes.push(format!(
            "judged the URL with most requests; {} in the file (name one after check to judge it)",
            text::counted(others as u64, "other URL")
        ));
    }
    let lacks_content =
        |answer: &ObservedResponse| answer.status == 304 || answer.content.decoded.is_none();
    if evidence.observations.iter().all(|seen| seen.outcome.as_ref().is_ok_and(lacks_content)) {
        let contents = "missing: contents, so that equal ones can only be presumed";
        evidence.notes.push(contents.to_owned());
    }
    evidence.notes.push(
        "missing: requests that were not made (without and with compression, each tag replayed, \
         lists, dates): check the URL itself for these"
            .to_owned(),
    );
    Ok(evidence)
}
