//! The list that clients of a control plane polled before there was a proxy: Ingress-like objects,
//! as the Kubernetes API gives it, over a file or over etcd.
//!
//! ```text
//! GET /apis/networking.k8s.io/v1/ingresses                     all objects
//! GET /apis/networking.k8s.io/v1/namespaces/ZONE/ingresses     those of one zone
//! GET /metrics                                                 what it has been asked so far
//! ```
//!
//! Each answer is a full 200, read and written anew, with a `resourceVersion` inside and no
//! validator outside: so no client of it can revalidate. It knows no watch, no paging and no other
//! resource.

mod control;
mod object;
mod serve;
mod store;

pub use control::{SourceCounts, SourceOrder, SourceReport, obey};
pub use object::{NotARoute, RouteList, list};
pub use serve::{SourceState, serve};
pub use store::{RouteStore, RouteStoreError};

/// Path of all objects.
pub const LIST_PATH: &str = "/apis/networking.k8s.io/v1/ingresses";

/// Path of the objects of one zone, which is their namespace.
pub fn zone_path(zone: &str) -> String {
    format!("/apis/networking.k8s.io/v1/namespaces/{zone}/ingresses")
}
