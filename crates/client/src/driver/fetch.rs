//! Fetches what one poll wants: one exchange, and another for the rest of a download in which the
//! client hung up.
//!
//! Stores nothing and judges nothing.

use std::time::Instant;

use truth::CLIENT_FIELD;

use crate::connection::{Arrived, Connection, Failure, Traffic};
use crate::poller::Poller;
use crate::polling::Shared;
use crate::resume::{Part, Rest};

/// What a poll sends, and for whom.
pub(super) struct Fetch<'a> {
    pub(super) shared: &'a Shared,
    /// Which client.
    pub(super) client: u32,
    pub(super) poller: &'a Poller,
    /// When the poll began, with all its exchanges.
    pub(super) started: Instant,
}

/// What came of it.
pub(super) struct Fetched {
    /// Of the last exchange.
    pub(super) result: Result<Arrived, Failure>,
    /// What the last exchange asked for, if it was the second.
    pub(super) rest: Option<Rest>,
    /// In the last exchange.
    pub(super) last: Traffic,
    /// In all of them.
    pub(super) total: Traffic,
}

impl Fetch<'_> {
    /// Over this connection; `request` is left as it was sent last.
    pub(super) async fn over(&self, connection: &mut Connection, request: &mut Vec<u8>) -> Fetched {
        let addresses = self.shared.target.addresses();
        let mut part = Part::first(self.shared.load.caching.interruption);
        let (mut rest, mut total) = (None, Traffic::default());
        loop {
            let instrumentation = self.write(request, rest.as_ref());
            let mut result = connection.exchange(addresses, request, &part, self.started).await;
            let last = Traffic { instrumentation, ..Traffic::default() }.plus(traffic_of(&result));
            total = total.plus(last);
            let Some((missing, wanted)) = self.missing(connection, &mut result) else {
                return Fetched { result, rest, last, total };
            };
            let held = self.poller.held.map(|content| content.id);
            self.shared.keep_begun(self.client, request, connection, &result, held, last);
            (rest, part) = (Some(missing), wanted);
        }
    }

    /// What is still to be asked for; `None` when the client did not hang up.
    fn missing(
        &self,
        connection: &Connection,
        result: &mut Result<Arrived, Failure>,
    ) -> Option<(Rest, Part)> {
        let arrived = result.as_mut().ok()?;
        let interrupted = arrived.interrupted.take()?;
        let caching = &self.shared.load.caching;
        let if_range = caching.interruption?.if_range;
        let received = connection.received(arrived);
        let conditions = self.shared.conditions.borrow_mut().of(&received, caching.validate);
        Some(Rest::of(&received, interrupted, if_range, conditions))
    }

    /// Writes a request for what is missing, or for all unless the client has it. Returns how many
    /// of its bytes only the lab adds.
    fn write(&self, request: &mut Vec<u8>, rest: Option<&Rest>) -> u64 {
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

fn traffic_of(result: &Result<Arrived, Failure>) -> Traffic {
    match result {
        Ok(arrived) => arrived.traffic,
        Err(failure) => failure.traffic,
    }
}
