//! A replica over real sockets: what stands on the wire, byte by byte.
//!
//! `raw` is the client, `fleet` starts and stops replicas; the others hold facts. Of these,
//! `conformance` is a table: what each section of the RFCs asks for, row by row.

mod changes;
mod coded;
mod conditional;
mod conformance;
mod contract;
mod control;
mod fleet;
mod framing;
mod parts;
mod raw;
mod shared;
mod writing;

type Tested = Result<(), Box<dyn std::error::Error>>;
