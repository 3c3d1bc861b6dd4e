//! An exchange through the gateway without sockets: the very code that translates heads, applies an
//! edge and codes content, over octets in memory.
//!
//! For a model in virtual time, whose replicas answer by a function call. Picks nobody: that is
//! [`Choice`](crate::Choice).

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicBool;

use truth::ReplicaId;

use crate::edge::Edge;
use crate::failure::Failure;
use crate::recoding::EdgeRequest;
use crate::wire::{
    Addressee, Answer, Method, RequestHead, declaration_line, translate_request,
    translate_response, write_reply,
};

/// A request on its way to a replica.
pub struct ForwardedRequest {
    /// As the replica gets it.
    pub octets: Vec<u8>,
    head: RequestHead,
    asked: Option<EdgeRequest>,
}

impl ForwardedRequest {
    /// A request without content of a client, behind an edge.
    ///
    /// # Panics
    ///
    /// If the octets are not the whole head of a request that a gateway forwards.
    pub fn of(edge: Option<&'static Edge>, request: &[u8]) -> Self {
        let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut octets = Vec::with_capacity(request.len() + 64);
        let (_, head) = translate_request(request, local, &mut octets)
            .expect("a client of the lab sends proper requests")
            .expect("the head is whole");
        let asked = edge.map(|edge| EdgeRequest::of(edge, &mut octets));
        Self { octets, head, asked }
    }

    /// The response of this replica as the client gets it.
    ///
    /// # Panics
    ///
    /// If the octets are not a whole response.
    pub fn delivered(&self, replica: ReplicaId, response: &[u8]) -> Vec<u8> {
        let declaration = declaration_line(replica);
        let addressee = Addressee {
            head: self.head.method == Method::Head,
            minor: self.head.minor,
            keep_alive: self.head.keep_alive,
            stopping: &AtomicBool::new(false),
            declaration: Some(&declaration),
        };
        let mut reply = Vec::with_capacity(response.len() + 64);
        let translated = translate_response(response, &addressee, &mut reply);
        let Ok(Some((length, Answer::Final(mut head)))) = translated else {
            panic!("a replica of the lab sends proper responses");
        };
        let coder =
            self.asked.as_ref().and_then(|asked| asked.recode(&mut reply, &mut head, &addressee));
        let content = &response[length..];
        match coder {
            Some(mut coder) => {
                coder.take(&mut head.content, content, &mut reply).expect("content is whole");
            }
            None => reply.extend_from_slice(content),
        }
        reply
    }

    /// The response of the gateway itself where no replica can be reached.
    pub fn unreachable(&self) -> Vec<u8> {
        let mut reply = Vec::new();
        let head = self.head.method == Method::Head;
        write_reply(&mut reply, Failure::Unsent.reply(), head, !self.head.keep_alive);
        reply
    }
}
