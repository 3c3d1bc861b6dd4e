//! Exchanges of one poll: one, and another for the rest of a download in which the client hung up.
//!
//! Stores nothing and judges nothing.

use std::time::Instant;

use measure::{ErrorReason, ExchangeBytes};
use truth::CLIENT_FIELD;

use super::SharedRun;
use crate::connection::{BufferedResponse, PollConnection, Request};
use crate::load::Load;
use crate::poller::Poller;
use crate::resume::{RestRequest, WantedPart};
use crate::target::{PollTarget, Verb};

pub(super) struct Fetch<'a> {
    pub(super) shared: &'a SharedRun,
    pub(super) client: u32,
    pub(super) poller: &'a Poller,
    pub(super) started: Instant,
}

pub(crate) struct FetchResult {
    pub(crate) result: Result<BufferedResponse, ErrorReason>,
    /// Request of the last exchange, if it was the second.
    pub(crate) rest: Option<RestRequest>,
    pub(crate) last: ExchangeBytes,
    pub(crate) total: ExchangeBytes,
}

impl Fetch<'_> {
    /// Makes the exchanges over a connection; leaves the last request in `request`.
    pub(super) async fn over(
        &self,
        connection: &mut PollConnection,
        request: &mut Vec<u8>,
    ) -> FetchResult {
        let interruption = self.shared.load.caching.interruption;
        let mut part = interruption.map_or(WantedPart::Whole, |cut| WantedPart::Share(cut.at));
        let (mut rest, mut total) = (None, ExchangeBytes::default());
        loop {
            // Each exchange is written anew into one buffer, so that a poll allocates nothing.
            let shared = (&self.shared.target, &self.shared.load);
            let instrumentation =
                write_request(shared, self.client, self.poller, request, rest.as_ref());
            let asked = Request { octets: request, part: &part, verb: Verb::Get };
            let exchange = connection.exchange(&self.shared.peer, asked, self.started);
            let (mut result, mut last) = exchange.await;
            last.instrumentation += instrumentation;
            total = sum(total, last);
            match self.missing(connection, &mut result, last) {
                Some((missing, wanted)) => (rest, part) = (Some(missing), wanted),
                None => return FetchResult { result, rest, last, total },
            }
        }
    }

    /// The request for the rest; `None` when the client did not hang up.
    fn missing(
        &self,
        connection: &PollConnection,
        result: &mut Result<BufferedResponse, ErrorReason>,
        bytes: ExchangeBytes,
    ) -> Option<(RestRequest, WantedPart)> {
        let buffered = result.as_mut().ok()?;
        let broken = buffered.broken.take()?;
        let caching = &self.shared.load.caching;
        let if_range = caching.interruption?.if_range;
        let response = connection.response(buffered);
        let conditions = self.shared.conditions.borrow_mut().of(&response, caching.validate);
        // The next exchange overwrites what the tap has recorded.
        if let (Some(recorder), Some(tap)) = (&self.shared.recorder, connection.tap()) {
            let (response, held) = (Some(&response), self.poller.held);
            recorder.borrow_mut().keep(self.client, tap, response, None, held, bytes);
        }
        Some(RestRequest::of(&response, broken, if_range, conditions))
    }
}

/// Writes a request of this client for what is missing, or for all unless it has that. Returns the
/// number of its bytes that only the lab adds.
pub(crate) fn write_request(
    (target, load): (&PollTarget, &Load),
    client: u32,
    poller: &Poller,
    request: &mut Vec<u8>,
    rest: Option<&RestRequest>,
) -> u64 {
    request.clear();
    target.write_request_line(Verb::Get, target.resource(client), request);
    request.extend_from_slice(target.fields());
    request.extend_from_slice(target.accept_encoding(client));
    let mut instrumentation = 0;
    if load.identify_clients {
        let line = format!("{CLIENT_FIELD}: {client}\r\n");
        request.extend_from_slice(line.as_bytes());
        instrumentation = line.len() as u64;
    }
    match rest {
        None => request.extend_from_slice(poller.conditions()),
        Some(rest) => rest.write(request),
    }
    request.extend_from_slice(b"\r\n");
    instrumentation
}

/// Bytes of two exchanges together.
pub(crate) fn sum(one: ExchangeBytes, other: ExchangeBytes) -> ExchangeBytes {
    ExchangeBytes {
        request: one.request + other.request,
        response_fields: one.response_fields + other.response_fields,
        response_content: one.response_content + other.response_content,
        instrumentation: one.instrumentation + other.instrumentation,
    }
}
