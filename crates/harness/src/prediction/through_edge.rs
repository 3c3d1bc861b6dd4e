//! How the tags of replicas look to clients, and those of clients to replicas, through the
//! balancer's edge: by the edge's own code, without compressing anything.

use std::collections::HashMap;

use balancer::edge::{Candidate, accepts_gzip, forbids_transform};
use balancer::{Edge, EdgeEntry};

use crate::scenario::{Resource, Setup};

/// A tag by number; equal numbers compare equal weakly.
pub(super) type Tag = u32;

/// Every tag that occurs, and what the edge makes of it.
pub(super) struct ThroughEdge<'a> {
    edge: Option<&'static dyn Edge>,
    resource: &'a Resource,
    /// Whether the client `k % len` accepts gzip.
    accepts: Vec<bool>,
    tags: HashMap<Vec<u8>, Tag>,
    opaque: Vec<Vec<u8>>,
    /// Of tags in requests, what the replica sees, as far as it was asked for.
    at_replica: HashMap<Tag, Tag>,
}

impl<'a> ThroughEdge<'a> {
    pub(super) fn new(setup: &Setup, resource: &'a Resource) -> Self {
        let accepts = |entry: &String| accepts_gzip(std::iter::once(entry.as_bytes()));
        Self {
            edge: setup.edge.edge,
            resource,
            accepts: setup.accept_encoding.iter().map(accepts).collect(),
            tags: HashMap::new(),
            opaque: Vec::new(),
            at_replica: HashMap::new(),
        }
    }

    /// Another edge takes its place.
    pub(super) fn switch(&mut self, edge: &'static EdgeEntry) {
        self.edge = edge.edge;
        self.at_replica.clear();
    }

    /// The number of a tag by its field value.
    pub(super) fn number(&mut self, value: &[u8]) -> Tag {
        let opaque = value.strip_prefix(b"W/").unwrap_or(value);
        if let Some(&known) = self.tags.get(opaque) {
            return known;
        }
        let fresh = self.opaque.len() as Tag;
        self.tags.insert(opaque.to_vec(), fresh);
        self.opaque.push(opaque.to_vec());
        fresh
    }

    /// The tag under which content of this length leaves for clients that accept gzip.
    pub(super) fn coded(&mut self, value: &[u8], length: usize) -> Option<Tag> {
        let candidate = Candidate {
            status: 200,
            length: Some(length as u64),
            content_type: self.resource.content_type.as_bytes(),
            is_coded: false,
            is_partial: false,
            keeps_form: self
                .resource
                .cache_control
                .as_ref()
                .is_some_and(|value| forbids_transform(value.as_bytes())),
        };
        match self.edge.filter(|edge| candidate.is_codable(*edge)) {
            Some(edge) => edge.coded_tag(value).map(|tag| self.number(&tag)),
            None => Some(self.number(value)),
        }
    }

    /// Whether this client gets coded content.
    pub(super) fn is_coded_for(&self, client: u32) -> bool {
        let entries = self.accepts.len();
        entries > 0 && self.accepts[client as usize % entries]
    }

    /// What a replica sees of a tag in `If-None-Match`.
    pub(super) fn at_replica(&mut self, sent: Tag) -> Tag {
        let Some(edge) = self.edge else { return sent };
        if let Some(&known) = self.at_replica.get(&sent) {
            return known;
        }
        let known = edge.replica_tag(&self.opaque[sent as usize]);
        let known = known.map_or(sent, |tag| self.number(&tag));
        self.at_replica.insert(sent, known);
        known
    }
}
