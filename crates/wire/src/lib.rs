//! The client side of HTTP: each rule of the wire in one place.
//!
//! ```text
//! url ─► proxy ─► dial ─► tls ─► head ─► framing ─► coding
//!                  └──────────── json (all of it, on hyper)
//! ```
//!
//! - [`url`]: `http` and `https` URLs, redirects, fixed addresses, request fields.
//! - [`proxy`]: proxies from the environment, and tunnels through them.
//! - [`dial`]: name resolution and TCP; [`tls`]: encryption and verification.
//! - [`head`], [`framing`]: parsers over byte slices. The caller keeps its buffers and its socket.
//! - [`coding`]: content codings, with a limit on the decoded size.
//! - [`json`]: small requests to one server, for APIs whose wire format is not the subject.
//!
//! - [`secret_file`]: credentials that are kept in files.
//!
//! Errors quote the user's values with credentials masked; the code that prints them makes hidden
//! characters visible. Nothing here knows tags, verdicts or findings.

pub mod coding;
pub mod dial;
pub mod framing;
pub mod head;
pub mod json;
pub mod proxy;
pub mod secret_file;
pub mod tls;
pub mod url;
