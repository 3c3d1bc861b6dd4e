//! A replica over real sockets: what stands on the wire, byte by byte.
//!
//! `raw` is the client, `fleet` starts and stops replicas; the others hold facts.

mod changes;
mod conditional;
mod contract;
mod control;
mod fleet;
mod framing;
mod raw;

type Tested = Result<(), Box<dyn std::error::Error>>;
