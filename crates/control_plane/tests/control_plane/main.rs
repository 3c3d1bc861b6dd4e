//! The stand-in for the Kubernetes API over real sockets.

mod source;
