//! Tags on their way between replicas and clients, in every coding and through the balancer's edge.
//!
//! The edge's own code changes them; nothing is compressed for it.

use std::collections::HashMap;

use balancer::edge::{Candidate, accepts_gzip, forbids_transform};
use balancer::{Edge, EdgeEntry};
use semantics::EntityTag;

use scenario::{Resource, Setup};

/// A tag by number; equal numbers compare equal weakly.
pub(super) type Tag = u32;

/// The tags of one replica's content for one kind of client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// The tag that the replica compares with what such a client sends.
    pub(super) at_replica: Tag,
    /// The tag that such a client gets; `None` when the edge takes it away.
    pub(super) at_client: Option<Tag>,
}

/// All tags that occur, numbered, and the edge between clients and replicas.
pub(super) struct ThroughEdge<'a> {
    edge: Option<&'static Edge>,
    resource: &'a Resource,
    /// `Accept-Encoding` of the client `k % len`; `None` sends none.
    accepted: Vec<Option<&'a str>>,
    tags: HashMap<Vec<u8>, Tag>,
    opaque: Vec<Vec<u8>>,
    /// Of tags in requests, what the replica sees, as far as it was asked for.
    at_replica: HashMap<Tag, Tag>,
}

impl<'a> ThroughEdge<'a> {
    pub(super) fn new(setup: &'a Setup, resource: &'a Resource) -> Self {
        let entries = setup.fields.accept_encoding.iter().map(|entry| Some(entry.as_str()));
        let nothing = setup.fields.accept_encoding.is_empty().then_some(None);
        Self {
            edge: setup.edge.edge.as_ref(),
            resource,
            accepted: entries.chain(nothing).collect(),
            tags: HashMap::new(),
            opaque: Vec::new(),
            at_replica: HashMap::new(),
        }
    }

    pub(super) fn switch(&mut self, edge: &'static EdgeEntry) {
        self.edge = edge.edge.as_ref();
        self.at_replica.clear();
    }

    /// The number of a tag by its field value.
    fn number(&mut self, value: &[u8]) -> Tag {
        let opaque = value.strip_prefix(b"W/").unwrap_or(value);
        *self.tags.entry(opaque.to_vec()).or_insert_with(|| {
            self.opaque.push(opaque.to_vec());
            self.opaque.len() as Tag - 1
        })
    }

    /// The forms of a replica's tag for content of this length, by kind of client.
    pub(super) fn shown(&mut self, tag: &EntityTag, length: usize) -> Vec<Shown> {
        (0..self.accepted.len()).map(|kind| self.shown_to(kind, tag, length)).collect()
    }

    /// The kind of this client: clients differ in their `Accept-Encoding` only.
    pub(super) fn kind(&self, client: u32) -> usize {
        client as usize % self.accepted.len()
    }

    fn shown_to(&mut self, kind: usize, tag: &EntityTag, length: usize) -> Shown {
        let accepted = self.accepted[kind].map(str::as_bytes);
        let hidden = self.edge.is_some_and(|edge| edge.hides_codings);
        let at_replica = accepted.filter(|_| !hidden);
        let offer = self.resource.codings.iter().copied();
        let coding = semantics::coding::preferred(at_replica.into_iter(), offer);
        let of_variant = coding.map_or_else(|| tag.clone(), |coding| tag.coded(coding));
        let candidate = self.candidate(length, coding.is_some());
        let wants_gzip = accepts_gzip(accepted.into_iter());
        let at_client = match self.edge.filter(|edge| wants_gzip && candidate.is_codable(edge)) {
            Some(edge) => (edge.coded_tag)(of_variant.as_bytes()),
            None => Some(of_variant.as_bytes().to_vec()),
        };
        Shown {
            at_replica: self.number(of_variant.as_bytes()),
            at_client: at_client.map(|tag| self.number(&tag)),
        }
    }

    /// A full response, before any edge.
    fn candidate(&self, length: usize, is_coded: bool) -> Candidate<'a> {
        let cache_control = self.resource.cache_control.as_deref().unwrap_or_default();
        Candidate {
            status: 200,
            length: Some(length as u64),
            content_type: self.resource.content_type.as_bytes(),
            is_coded,
            is_partial: false,
            keeps_form: forbids_transform(cache_control.as_bytes()),
        }
    }

    /// The tag that a replica gets if a client sends this one in `If-None-Match`.
    pub(super) fn at_replica(&mut self, sent: Tag) -> Tag {
        let Some(edge) = self.edge else { return sent };
        // Millions of virtual polls send the same few tags.
        if let Some(&known) = self.at_replica.get(&sent) {
            return known;
        }
        let known = (edge.replica_tag)(&self.opaque[sent as usize]);
        let known = known.map_or(sent, |tag| self.number(&tag));
        self.at_replica.insert(sent, known);
        known
    }
}
