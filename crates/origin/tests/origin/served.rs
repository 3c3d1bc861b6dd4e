//! A replica over real sockets: what stands on the wire, byte by byte.
//!
//! `support` starts the replicas and is their client. Of these,
//! `conformance` is a table: what each section of the RFCs asks for, row by row.

mod changes;
mod coded;
mod conformance;
mod contract;
mod control;
mod framing;
mod parts;
mod shared;
mod writing;
