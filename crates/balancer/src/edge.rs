//! Edges: the changes that a layer between clients and replicas makes to the fields of messages,
//! be they tags, dates, codings or anything else.
//!
//! Pure: no socket, no clock, no compression, so that a model in virtual time calls the very code
//! that the gateway runs.

mod gzip;
mod head;
mod tags;

pub(crate) use gzip::Gzip;
pub use head::MessageHead;
pub(crate) use tags::{each_replica_tag, with_suffix, without_suffix};

/// Level of gzip, `1..=9`.
pub type GzipLevel = u32;

/// Behaviour of one kind of layer, as two functions of heads.
///
/// The framing of a message is the gateway's: an edge leaves `Content-Length`, `Transfer-Encoding`
/// and `Connection` as they are.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// Changes a request on its way to a replica.
    pub inbound: fn(request: &mut MessageHead),
    /// Changes a response on its way to the client that sent `request`; returns the level at which
    /// the content is to be coded, where the fields now say so.
    pub outbound: fn(request: &MessageHead, response: &mut MessageHead) -> Option<GzipLevel>,
}

impl Edge {
    /// Changes nothing; entries say where they differ.
    pub(crate) const PASSING: Self = Self { inbound: |_| {}, outbound: |_, _| None };

    /// True if content is coded that clients accept coded and replicas send as it is.
    pub fn codes(&self) -> bool {
        let request = b"GET / HTTP/1.1\r\naccept-encoding: gzip\r\n\r\n";
        // Of unknown length, which for all edges is long enough.
        let response = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n";
        let mut response = MessageHead::from(response.to_vec());
        (self.outbound)(&request.to_vec().into(), &mut response).is_some()
    }
}

/// An edge as users meet it.
#[derive(Debug)]
pub struct EdgeEntry {
    /// Name in scenarios and on the command line, in kebab-case, unique.
    pub name: &'static str,
    /// Its behaviour, in one sentence.
    pub summary: &'static str,
    /// Products that do this by default; each is another name for the edge.
    pub products: &'static [&'static str],
    /// The effect that clients notice, in one fragment.
    pub effect: &'static str,
    /// The edge itself; `None` costs an exchange nothing but the look at it.
    pub edge: Option<Edge>,
}

// By name alone: the addresses of functions say nothing about what they do.
impl PartialEq for EdgeEntry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for EdgeEntry {}
