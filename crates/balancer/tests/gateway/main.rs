//! The gateway over real sockets, between raw clients and raw replicas.

mod edges;
mod failing;
mod fixture;
mod forwarding;
mod limits;
mod stopping;
mod streaming;
