//! Replicas in this process and a client on a raw socket.

pub(crate) mod fleet;
pub(crate) mod raw;

/// The result of a test that fails with the first error it meets.
pub(crate) type Tested = Result<(), Box<dyn std::error::Error>>;
