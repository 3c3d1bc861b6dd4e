//! Entries for the log of a run, if one was asked for.

use truth::ContentId;

use crate::capture::LogEntry;
use crate::connection::Traffic;
use crate::judge::Judgement;
use crate::response::PollResponse;

/// Entry for the exchange that ended a poll.
pub(super) fn last(
    judgement: &Judgement,
    response: Option<&PollResponse<'_>>,
    traffic: Traffic,
) -> LogEntry {
    LogEntry {
        verdict: Some(judgement.verdict),
        error: judgement.error,
        replica: response.and_then(|r| r.declaration).map(|d| d.replica),
        // A 304 has no content, and the hash of nothing is not what it confirms.
        octets: response.filter(|r| r.octets > 0).map(|r| r.content),
        is_rest: response.is_some_and(|r| r.status == 206),
        tagged_content: judgement.tagged_content.map(|content| content.id),
        held: judgement.held.map(|content| content.id),
        bytes: traffic.into(),
    }
}

/// Entry for an exchange in which the client hung up; its poll goes on, and `held` is the content
/// that it still shows.
pub(super) fn broken_off(
    response: &PollResponse<'_>,
    held: Option<ContentId>,
    traffic: Traffic,
) -> LogEntry {
    LogEntry {
        verdict: None,
        error: None,
        replica: response.declaration.map(|declaration| declaration.replica),
        // The client threw the part away or will join it: it is no content on its own.
        octets: None,
        is_rest: false,
        tagged_content: response.declared().map(|content| content.id),
        held,
        bytes: traffic.into(),
    }
}
