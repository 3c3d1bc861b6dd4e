//! Exchanges of one poll: one, and another for the rest of a download in which the client hung up.
//!
//! Stores nothing and judges nothing.

use std::time::Instant;

use truth::CLIENT_FIELD;

use super::log;
use crate::connection::{BufferedResponse, FailedExchange, PollConnection, Traffic};
use crate::poller::Poller;
use crate::resume::{RestRequest, WantedPart};
use crate::shared::SharedRun;

/// Request of a poll, and the client that makes it.
pub(super) struct Fetch<'a> {
    pub(super) shared: &'a SharedRun,
    /// Number of the client.
    pub(super) client: u32,
    pub(super) poller: &'a Poller,
    /// Start of the poll, with all its exchanges.
    pub(super) started: Instant,
}

/// Result of the exchanges of a poll.
pub(super) struct FetchResult {
    /// Response of the last exchange.
    pub(super) result: Result<BufferedResponse, FailedExchange>,
    /// Request of the last exchange, if it was the second.
    pub(super) rest: Option<RestRequest>,
    /// Bytes of the last exchange.
    pub(super) last: Traffic,
    /// Bytes of all of them.
    pub(super) total: Traffic,
}

impl Fetch<'_> {
    /// Makes the exchanges over a connection; leaves the last request in `request`.
    pub(super) async fn over(
        &self,
        connection: &mut PollConnection,
        request: &mut Vec<u8>,
    ) -> FetchResult {
        let addresses = self.shared.target.addresses();
        let mut part = WantedPart::first(self.shared.load.caching.interruption);
        let (mut rest, mut total) = (None, Traffic::default());
        loop {
            // Each exchange is written anew into one buffer, so that a poll allocates nothing.
            let instrumentation = self.write(request, rest.as_ref());
            let mut result = connection.exchange(addresses, request, &part, self.started).await;
            let last = Traffic { instrumentation, ..Traffic::default() }.plus(traffic_of(&result));
            total = total.plus(last);
            let Some((missing, wanted)) = self.missing(connection, request, &mut result, last)
            else {
                return FetchResult { result, rest, last, total };
            };
            (rest, part) = (Some(missing), wanted);
        }
    }

    /// The request for the rest; `None` when the client did not hang up.
    fn missing(
        &self,
        connection: &PollConnection,
        request: &[u8],
        result: &mut Result<BufferedResponse, FailedExchange>,
        traffic: Traffic,
    ) -> Option<(RestRequest, WantedPart)> {
        let buffered = result.as_mut().ok()?;
        let broken = buffered.broken.take()?;
        let caching = &self.shared.load.caching;
        let if_range = caching.interruption?.if_range;
        let response = connection.response(buffered);
        let conditions = self.shared.conditions.borrow_mut().of(&response, caching.validate);
        // The next exchange overwrites what the tap has recorded.
        if let (Some(recorder), Some(tap)) = (&self.shared.recorder, connection.tap()) {
            let held = self.poller.held.map(|content| content.id);
            let meaning = log::broken_off(&response, held, traffic);
            recorder.borrow_mut().keep(self.client, request, tap, meaning);
        }
        Some(RestRequest::of(&response, broken, if_range, conditions))
    }

    /// Writes a request for what is missing, or for all unless the client has it. Returns the
    /// number of its bytes that only the lab adds.
    fn write(&self, request: &mut Vec<u8>, rest: Option<&RestRequest>) -> u64 {
        let Self { shared, client, .. } = self;
        request.clear();
        let resource = shared.target.resource(*client);
        request.extend_from_slice(shared.target.request_line(resource));
        request.extend_from_slice(shared.target.fields());
        request.extend_from_slice(shared.target.accept_encoding(*client));
        let mut instrumentation = 0;
        if shared.load.identify_clients {
            let line = format!("{CLIENT_FIELD}: {client}\r\n");
            request.extend_from_slice(line.as_bytes());
            instrumentation = line.len() as u64;
        }
        match rest {
            None => request.extend_from_slice(self.poller.conditions()),
            Some(rest) => rest.write(request),
        }
        request.extend_from_slice(b"\r\n");
        instrumentation
    }
}

fn traffic_of(result: &Result<BufferedResponse, FailedExchange>) -> Traffic {
    match result {
        Ok(buffered) => buffered.traffic,
        Err(failed) => failed.traffic,
    }
}
