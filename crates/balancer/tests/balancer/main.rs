//! The gateway over real sockets, between raw clients and raw replicas.

mod edges;
mod failing;
mod forwarding;
mod limits;
mod stopping;
mod streaming;
mod support;
