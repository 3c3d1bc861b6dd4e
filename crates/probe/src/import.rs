//! Evidence that somebody else collected: captures of browsers, and what curl, `HTTPie` and wget print.
//!
//! Makes no request. What a capture does not hold stays unknown, and the report says so. A capture is
//! read as a stream and within limits ([`bounds`]); of a content its hashes are kept and a beginning.

mod asked;
mod bounds;
mod har;
mod left_out;
mod urls;
mod wire;

use asked::{asked, method};
use bounds::Kept;
pub use har::har;
use left_out::LeftOut;
use urls::ByUrl;
pub use wire::wire;

use text::secret::masked_url;

use findings::evidence::{
    Evidence, EvidenceSource, ExchangeFailure, ObservedRequest, ObservedResponse,
};

/// Reason why a capture cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// No HAR file.
    #[error("it is no HAR file: {0}")]
    NotHar(String),
    /// Nothing that curl, `HTTPie` or wget print.
    #[error("there is no HTTP exchange in it")]
    NotWire,
    /// Exchanges that cannot be judged, with the reasons.
    #[error("no exchange in it can be judged: {0}")]
    LeftOut(String),
    /// It cannot be read to its end.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// More than is reasonable.
    #[error("it holds more than {0}")]
    TooLarge(&'static str),
    /// Answers of a service worker alone.
    #[error(
        "a service worker of the page answered all {0} requests in it, and the server none: the client \
         is the one that never asks"
    )]
    ByWorker(usize),
    /// Nothing that can be judged.
    #[error("it holds no GET or HEAD request for {0}")]
    NothingThere(String),
}

/// An exchange, and the URL that it asked for.
struct Captured {
    url: String,
    /// True if nothing said whether it is `http` or `https`.
    is_scheme_guessed: bool,
    /// True if the connection had carried an exchange before.
    is_kept: bool,
    asked: ObservedRequest,
    outcome: Result<ObservedResponse, ExchangeFailure>,
}

/// The exchanges with one URL, the one that is wanted or the one polled most often, beside those with
/// others.
fn evidence(
    captured: Kept<'_, Captured>,
    left_out: &LeftOut,
    source: EvidenceSource,
) -> Result<Evidence, ImportError> {
    let Kept { wanted, all, samples } = captured;
    if all.is_empty() {
        return Err(nothing(wanted, left_out));
    }
    let urls = ByUrl::of(all);
    let others = urls.others() as u64;
    let mut evidence = urls.evidence(&samples, source)?;
    if others > 0 {
        evidence.notes.push(format!(
            "judged the URL with most requests; {} in the file (name one after check to judge it)",
            text::counted(others, "other URL")
        ));
    }
    evidence.notes.extend(left_out.note());
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

fn nothing(wanted: Option<&str>, left_out: &LeftOut) -> ImportError {
    match (wanted, left_out.note()) {
        (Some(url), _) => ImportError::NothingThere(findings::shown(masked_url(url).as_bytes())),
        (None, Some(_)) => ImportError::LeftOut(left_out.to_string()),
        (None, None) => ImportError::NothingThere("any URL".to_owned()),
    }
}
