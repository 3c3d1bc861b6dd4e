//! Exchanges as they were on the wire, kept word for word beside what they meant.
//!
//! A log to be looked at: nothing is counted from it, and what was kept is bounded.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use truth::{ContentId, ReplicaId};

use crate::exchange::{ErrorReason, ExchangeBytes};
use crate::verdict::Verdict;

/// The log of one arm.
#[derive(Clone, Debug)]
pub struct ArmTranscript {
    /// Name of the arm in its record.
    pub arm: String,
    /// What went over the wire.
    pub transcript: Transcript,
}

/// Exchanges in the order in which they began.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// When the first poll was due; each exchange is timed from here.
    pub started: SystemTime,
    /// Those that were kept: the first ones to end.
    pub exchanges: Vec<WireExchange>,
    /// Later ones, beyond the limit.
    pub left_out: u64,
}

/// One request and what came back.
#[derive(Clone, Debug)]
pub struct WireExchange {
    /// Which logical client asked, from 0.
    pub client: u32,
    /// Which request of this client it was, from 1.
    pub number: u32,
    /// Request line and field lines, with the empty line.
    pub request: Vec<u8>,
    /// Status line and field lines, with the empty line and with interim responses before it;
    /// empty when no complete head came.
    pub response_head: Vec<u8>,
    /// The content, without transfer coding; `None` when it is too large to keep, and when there
    /// is none or not all of it came.
    pub content: Option<Arc<[u8]>>,
    /// Identity of the octets that came, of a 206 with those that had come before; `None` when
    /// none came, or not all that were due.
    pub octets: Option<ContentId>,
    /// What the replica held when it sent its tag, where that is known.
    pub tagged_content: Option<ContentId>,
    /// What the client holds after it, and shows.
    pub held: Option<ContentId>,
    /// What it meant; `None` where the client hung up on purpose after the octets that came: its
    /// next exchange asks for the rest, and says what the poll meant.
    pub verdict: Option<Verdict>,
    /// Why it failed; `Some` exactly when the verdict is `Error`.
    pub error: Option<ErrorReason>,
    /// Who answered, where somebody declared it.
    pub replica: Option<ReplicaId>,
    /// What travelled.
    pub bytes: ExchangeBytes,
    /// Which connection carried it.
    pub connection: WireConnection,
    /// When it took place.
    pub timing: WireTiming,
}

/// The connection of one exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WireConnection {
    /// The client's end and the server's; `None` when none was opened.
    pub ends: Option<(SocketAddr, SocketAddr)>,
    /// Whether an earlier exchange had opened it.
    pub reused: bool,
}

/// The course of one exchange. Phases that were not reached take no time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WireTiming {
    /// From [`Transcript::started`] to the start of the exchange.
    pub started: Duration,
    /// Opening a connection; `None` when one was there.
    pub connect: Option<Duration>,
    /// Writing the request.
    pub send: Duration,
    /// From the last byte written to the first byte read.
    pub wait: Duration,
    /// From the first byte read to the last.
    pub receive: Duration,
}
