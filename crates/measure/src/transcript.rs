//! Exchanges as they were on the wire, kept word for word beside what they meant.
//!
//! A log to be looked at: nothing is counted from it, and what was kept is bounded.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use truth::{ContentId, ReplicaId};

use crate::exchange::{ErrorReason, ExchangeBytes};
use crate::verdict::Verdict;
use crate::writes::WriteVerdict;

/// The log of one arm.
#[derive(Clone, Debug)]
pub struct ArmTranscript {
    /// Name of the arm in its record.
    pub arm: String,
    /// The exchanges on the wire.
    pub transcript: Transcript,
}

/// Exchanges in the order in which they began.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// Time at which the first poll was due; exchanges are timed from here.
    pub started: SystemTime,
    /// Those that were kept: the first ones to end.
    pub exchanges: Vec<WireExchange>,
    /// Later ones, beyond the limit.
    pub left_out: u64,
    /// First write of all writers that went wrong, whatever the limit.
    pub wrong_write: Option<WrongWrite>,
}

/// A write that was refused although nobody else had written, or that was accepted over one that its writer
/// had not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongWrite {
    /// Number of the writer, from 0.
    pub writer: u32,
    /// Round of polls after which it was made, from 0.
    pub round: u32,
    /// Meaning of it.
    pub verdict: WriteVerdict,
    /// Tag in its If-Match, if it had one.
    pub if_match: Option<Vec<u8>>,
    /// The replica from which its writer had read, if it was declared.
    pub read_from: Option<ReplicaId>,
    /// The replica that answered, if it was declared.
    pub answered_by: Option<ReplicaId>,
    /// Status of the answer.
    pub status: u16,
}

/// One request and what came back.
#[derive(Clone, Debug)]
pub struct WireExchange {
    /// Number of the logical client, from 0.
    pub client: u32,
    /// Number of the request within its client, from 1.
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
    /// Content of the replica when it sent its tag, if known.
    pub tagged_content: Option<ContentId>,
    /// Content of the client afterwards.
    pub held: Option<ContentId>,
    /// Verdict on the poll; `None` where the client hung up on purpose after the octets that came: its
    /// next exchange asks for the rest and carries the verdict.
    pub verdict: Option<Verdict>,
    /// Reason of a failure; `Some` exactly when the verdict is `Error`.
    pub error: Option<ErrorReason>,
    /// The replica that answered, if it was declared.
    pub replica: Option<ReplicaId>,
    /// Bytes on the socket.
    pub bytes: ExchangeBytes,
    /// Connection that carried it.
    pub connection: WireConnection,
    /// Times of its phases.
    pub timing: WireTiming,
}

/// The connection of one exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WireConnection {
    /// The client's end and the server's; `None` when none was opened.
    pub ends: Option<(SocketAddr, SocketAddr)>,
    /// True when an earlier exchange had opened it.
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
