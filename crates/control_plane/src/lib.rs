//! A control plane for a fleet of data-plane clients, as its parts: the proxy that polls the source of a
//! configuration once for all of them, and the sources that it polls.
//!
//! - [`proxy`]: the proxy with an `ETag` cache;
//! - [`source`]: a stand-in for the Kubernetes API, over a file or over etcd.

pub mod proxy;
pub mod source;
