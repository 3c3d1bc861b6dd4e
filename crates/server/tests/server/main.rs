//! The server over real sockets.

mod lanes;
