//! Exchanges of one poll: one, and another for the rest of a download in which the client hung up, or
//! for the content after a HEAD that showed another one, or after a 304 about one that it has lost.
//!
//! Stores nothing and judges nothing.

use std::time::Instant;

use measure::{ErrorReason, ExchangeBytes};
use truth::CLIENT_FIELD;

use super::SharedRun;
use crate::connection::{BufferedResponse, PollConnection, Request, Verb};
use crate::habit::Habit;
use crate::load::{Load, PollMethod};
use crate::poller::Poller;
use crate::response::PollResponse;
use crate::resume::{RestRequest, WantedPart};
use crate::target::PollTarget;

pub(super) struct Fetch<'a> {
    pub(super) shared: &'a SharedRun,
    pub(super) client: u32,
    pub(super) poller: &'a Poller,
    pub(super) started: Instant,
}

pub(crate) struct FetchResult {
    pub(crate) result: Result<BufferedResponse, ErrorReason>,
    /// Request of the last exchange, if it was for the rest of a download.
    pub(crate) rest: Option<RestRequest>,
    /// Step of the poll that the last exchange was.
    pub(crate) step: PollStep,
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
        let mut step = PollStep::first(self.shared.load.method);
        loop {
            // Each exchange is written anew into one buffer, so that a poll allocates nothing.
            let shared = (&self.shared.target, &self.shared.load);
            let asked = (step, rest.as_ref());
            let instrumentation = write_request(shared, self.client, self.poller, request, asked);
            let asked = Request { octets: request, part: &part, verb: step.verb() };
            let exchange = connection.exchange(&self.shared.peer, asked, self.started);
            let (mut result, mut last) = exchange.await;
            last.instrumentation += instrumentation;
            total = sum(total, last);
            if self.has_to_fetch_anew(step, &result) {
                self.log_unjudged(connection, &result, last);
                step = PollStep::GetAnew;
                continue;
            }
            match self.missing(connection, &mut result, last) {
                Some((missing, wanted)) => (rest, part) = (Some(missing), wanted),
                None => return FetchResult { result, rest, step, last, total },
            }
        }
    }

    /// True if the content is still to be fetched: a HEAD shows that it is another one, or a 304 speaks of
    /// one that the client has lost.
    fn has_to_fetch_anew(
        &self,
        step: PollStep,
        result: &Result<BufferedResponse, ErrorReason>,
    ) -> bool {
        let status = result.as_ref().map_or(0, |buffered| buffered.head.message.status);
        let loses = self.shared.load.caching.habit == Habit::LosesContent;
        match step {
            PollStep::Head => status == 200 || status == 304 && loses,
            PollStep::Get => status == 304 && loses && !self.poller.conditions().is_empty(),
            PollStep::GetAnew => false,
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
        let conditions = self.shared.conditions.borrow_mut().of(&response, caching.validators());
        self.log(connection, &response, bytes);
        Some(RestRequest::of(&response, broken, if_range, conditions))
    }

    fn log_unjudged(
        &self,
        connection: &PollConnection,
        result: &Result<BufferedResponse, ErrorReason>,
        bytes: ExchangeBytes,
    ) {
        if let Ok(buffered) = result {
            self.log(connection, &connection.response(buffered), bytes);
        }
    }

    /// Keeps an exchange after which the poll goes on: the next one overwrites what the tap recorded.
    fn log(&self, connection: &PollConnection, response: &PollResponse<'_>, bytes: ExchangeBytes) {
        if let (Some(recorder), Some(tap)) = (&self.shared.recorder, connection.tap()) {
            let held = self.poller.held;
            recorder.borrow_mut().keep(self.client, tap, Some(response), None, held, bytes);
        }
    }
}

/// Step of a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PollStep {
    Get,
    Head,
    /// The content is fetched without a condition, whatever the client holds.
    GetAnew,
}

impl PollStep {
    pub(crate) fn first(method: PollMethod) -> Self {
        match method {
            PollMethod::Get => Self::Get,
            PollMethod::Head => Self::Head,
        }
    }

    fn verb(self) -> Verb {
        match self {
            Self::Get | Self::GetAnew => Verb::Get,
            Self::Head => Verb::Head,
        }
    }
}

/// Writes a request of this client for what is missing, or for all unless it has that. Returns the
/// number of its bytes that only the lab adds.
pub(crate) fn write_request(
    (target, load): (&PollTarget, &Load),
    client: u32,
    poller: &Poller,
    request: &mut Vec<u8>,
    (step, rest): (PollStep, Option<&RestRequest>),
) -> u64 {
    request.clear();
    target.write_request_line(step.verb(), target.resource(client), request);
    request.extend_from_slice(target.fields());
    request.extend_from_slice(target.accept_encoding(client));
    request.extend_from_slice(load.caching.habit.fields());
    target.origins().write(client, request);
    let mut instrumentation = 0;
    if load.identify_clients {
        let line = format!("{CLIENT_FIELD}: {client}\r\n");
        request.extend_from_slice(line.as_bytes());
        instrumentation = line.len() as u64;
    }
    match rest {
        None if step == PollStep::GetAnew => {}
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
