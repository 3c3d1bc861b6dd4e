//! Exchanges of one poll: one, and another for the rest of a download in which the client hung up.
//!
//! Stores nothing and judges nothing.

use std::time::Instant;

use measure::{ErrorReason, ExchangeBytes};
use truth::CLIENT_FIELD;

use super::SharedRun;
use crate::connection::{BufferedResponse, PollConnection};
use crate::poller::Poller;
use crate::resume::{RestRequest, WantedPart};

pub(super) struct Fetch<'a> {
    pub(super) shared: &'a SharedRun,
    pub(super) client: u32,
    pub(super) poller: &'a Poller,
    pub(super) started: Instant,
}

pub(super) struct FetchResult {
    pub(super) result: Result<BufferedResponse, ErrorReason>,
    /// Request of the last exchange, if it was the second.
    pub(super) rest: Option<RestRequest>,
    pub(super) last: ExchangeBytes,
    pub(super) total: ExchangeBytes,
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
            let instrumentation = self.write(request, rest.as_ref());
            let exchange = connection.exchange(&self.shared.peer, request, &part, self.started);
            let (mut result, mut last) = exchange.await;
            last.instrumentation += instrumentation;
            total.request += last.request;
            total.response_fields += last.response_fields;
            total.response_content += last.response_content;
            total.instrumentation += last.instrumentation;
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
