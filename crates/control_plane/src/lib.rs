//! A control plane for a fleet of data-plane clients, as its parts: the proxy that polls the source of a
//! configuration once for all of them, and the sources that it polls.
//!
//! - [`proxy`]: the proxy with an `ETag` cache;
//! - [`etcd`]: one client of etcd for both, and for the harness, which writes routes;
//! - [`source`]: a stand-in for the Kubernetes API, over a file or over etcd.

pub mod etcd;
pub mod proxy;
pub mod source;
