//! Applies an edge to the heads of an exchange, after the gateway has translated them.
//!
//! Works on the finished heads instead of hooks in the translation: an exchange with an edge costs
//! another look at them, and one without an edge a load and a comparison. What an edge does to
//! fields is in its own file; here is what coded content means for the framing.

use crate::coder::Coder;
use crate::edge::{Edge, GzipLevel, MessageHead};
use crate::wire::{Addressee, ResponseHead};

/// Request of an exchange, which its edge needs again when the response arrives.
pub(crate) struct EdgeRequest {
    edge: &'static Edge,
    /// As the client sent it.
    request: MessageHead,
}

impl EdgeRequest {
    /// Keeps the finished head of a request, and changes it as the edge does.
    pub(crate) fn of(edge: &'static Edge, forwarded: &mut Vec<u8>) -> Self {
        let request = MessageHead::from(forwarded.clone());
        let mut changed = MessageHead::from(std::mem::take(forwarded));
        (edge.inbound)(&mut changed);
        *forwarded = changed.into_bytes();
        Self { edge, request }
    }

    /// Changes the head of the response in `reply` as the edge does; the coder through which the
    /// content is to go, where it is to be coded.
    pub(crate) fn recode(
        &self,
        reply: &mut Vec<u8>,
        head: &mut ResponseHead,
        addressee: &Addressee<'_>,
    ) -> Option<Box<Coder>> {
        let mut response = MessageHead::from(std::mem::take(reply));
        let level = (self.edge.outbound)(&self.request, &mut response);
        let coder = level.and_then(|level| frame(&mut response, head, addressee, level));
        *reply = response.into_bytes();
        coder
    }
}

/// Frames content that is to be coded, so that its length is not known; nothing codes the content
/// of a response to HEAD, which has none.
fn frame(
    response: &mut MessageHead,
    head: &mut ResponseHead,
    addressee: &Addressee<'_>,
    level: GzipLevel,
) -> Option<Box<Coder>> {
    response.remove("content-length");
    response.remove("transfer-encoding");
    if addressee.head {
        return None;
    }
    // HTTP/1.0 knows no chunks: coded content of unknown length ends with the connection there.
    let chunked = addressee.minor > 0;
    let keep_alive = head.keep_alive && chunked;
    if chunked {
        response.add("transfer-encoding", b"chunked");
    }
    if !keep_alive {
        response.set("connection", b"close");
    }
    (head.keep_alive, head.decode) = (keep_alive, !chunked);
    Some(Box::new(Coder::new(level, chunked)))
}
