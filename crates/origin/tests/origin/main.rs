//! The replica: over real sockets, and the protocol of its shared tags in every order of its steps.

mod served;
mod shared_protocol;
mod support;
