//! Keeps the exchanges of a poll for whoever asked for the log of a run.

use truth::ContentId;

use crate::capture::Meaning;
use crate::connection::{Arrived, Connection, Failure, Received, Traffic};
use crate::judge::Judged;
use crate::polling::Shared;

impl Shared {
    /// Keeps the exchange that ended a poll.
    pub(super) fn keep(
        &self,
        client: u32,
        request: &[u8],
        connection: &Connection,
        judged: &Judged,
        received: Option<&Received<'_>>,
        traffic: Traffic,
    ) {
        self.keep_with(client, request, connection, || Meaning {
            verdict: Some(judged.verdict),
            error: judged.error,
            replica: received.and_then(|r| r.declaration).map(|d| d.replica),
            octets: received.filter(|r| r.octets > 0).map(|r| r.content),
            is_rest: received.is_some_and(|r| r.status == 206),
            tagged_content: judged.tagged_content.map(|content| content.id),
            held: judged.held.map(|content| content.id),
            bytes: traffic.into(),
        });
    }

    /// Keeps an exchange in which the client hung up; its poll goes on, and `held` is what it
    /// still shows.
    pub(super) fn keep_begun(
        &self,
        client: u32,
        request: &[u8],
        connection: &Connection,
        result: &Result<Arrived, Failure>,
        held: Option<ContentId>,
        traffic: Traffic,
    ) {
        self.keep_with(client, request, connection, || {
            let arrived = result.as_ref().ok();
            let declaration = arrived.and_then(|arrived| connection.received(arrived).declaration);
            Meaning {
                verdict: None,
                error: None,
                replica: declaration.map(|declaration| declaration.replica),
                octets: None,
                is_rest: false,
                tagged_content: declaration.and_then(|d| d.content).map(|content| content.id),
                held,
                bytes: traffic.into(),
            }
        });
    }

    fn keep_with(
        &self,
        client: u32,
        request: &[u8],
        connection: &Connection,
        meaning: impl FnOnce() -> Meaning,
    ) {
        if let Some(recorder) = &self.recorder {
            let tap = connection.tap().expect("who records has taps");
            recorder.borrow_mut().keep(client, request, tap, meaning());
        }
    }
}
