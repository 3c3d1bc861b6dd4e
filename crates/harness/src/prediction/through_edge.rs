//! Heads of messages on their way between replicas and clients, through the balancer's edge.
//!
//! The edge's own code changes them, whatever it changes: a replica's response is put together with
//! the fields that an edge or a client reads, and what comes out is read as the client reads it. So an
//! edge needs no model. Nothing is compressed for it.

use std::collections::HashMap;

use balancer::{Edge, EdgeEntry, MessageHead};
use client::{Caching, conditions};
use semantics::{Coding, EntityTag, FreshnessFields, HttpDate};

use scenario::{Resource, Setup};

/// A tag by number; equal numbers compare equal weakly.
pub(super) type Tag = u32;

/// The field lines that make a request conditional, by number.
pub(super) type Conditions = u32;

/// Validators of the content that a replica has now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Current<'t> {
    /// Of the content as it is, or in a coding.
    pub(super) tag: Option<&'t EntityTag>,
    /// Seconds since 1970; `None` for replicas that send no dates.
    pub(super) date: Option<u64>,
    /// Bytes of the content.
    pub(super) length: usize,
}

/// One replica's content for one kind of client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// The tag that the replica compares with what such a client sends.
    tag: Option<Tag>,
    date: Option<u64>,
    /// What the full response makes the next request of such a client carry.
    pub(super) conditions: Option<Conditions>,
    /// Of the full response; nothing of it for clients that do not heed freshness.
    pub(super) freshness: FreshnessFields,
}

/// Conditions as they reach a replica.
#[derive(Clone, Copy, Debug)]
struct Asked {
    tag: Option<Tag>,
    since: Option<u64>,
}

/// The edge between clients and replicas, with everything that has passed it.
pub(super) struct ThroughEdge<'a> {
    edge: Option<&'static Edge>,
    caching: &'a Caching,
    resource: &'a Resource,
    /// `Accept-Encoding` of the client `k % len`; `None` sends none.
    accepted: Vec<Option<&'a str>>,
    tags: HashMap<Vec<u8>, Tag>,
    conditions: HashMap<Vec<u8>, Conditions>,
    /// The lines of each number, as clients send them.
    lines: Vec<Vec<u8>>,
    /// Conditions as replicas see them, as far as they were sent; the kinds of clients of one number
    /// side by side.
    asked: Vec<Option<Asked>>,
}

impl<'a> ThroughEdge<'a> {
    pub(super) fn new(setup: &'a Setup, resource: &'a Resource) -> Self {
        let entries = setup.fields.accept_encoding.iter().map(|entry| Some(entry.as_str()));
        let nothing = setup.fields.accept_encoding.is_empty().then_some(None);
        Self {
            edge: setup.edge.edge.as_ref(),
            caching: &setup.caching,
            resource,
            accepted: entries.chain(nothing).collect(),
            tags: HashMap::new(),
            conditions: HashMap::new(),
            lines: Vec::new(),
            asked: Vec::new(),
        }
    }

    pub(super) fn switch(&mut self, edge: &'static EdgeEntry) {
        self.edge = edge.edge.as_ref();
        self.asked.clear();
    }

    /// The forms of a replica's content, by kind of client.
    pub(super) fn shown(&mut self, current: Current<'_>) -> Vec<Shown> {
        (0..self.accepted.len()).map(|kind| self.shown_to(kind, current)).collect()
    }

    /// The kind of this client: clients differ in their `Accept-Encoding` only.
    pub(super) fn kind(&self, client: u32) -> usize {
        client as usize % self.accepted.len()
    }

    fn shown_to(&mut self, kind: usize, current: Current<'_>) -> Shown {
        let request = self.request(kind, &[]);
        let coding = self.coding(&self.inbound(&request));
        let tag = of_variant(current.tag, coding);
        let variant = Current { tag: tag.as_ref(), ..current };
        let full = self.outbound(&request, self.full(variant, coding));
        let freshness = self.freshness(&full);
        let mut lines = Vec::new();
        if freshness.may_be_stored() {
            let validate = self.caching.validate;
            conditions::write(&mut lines, full.value("etag"), full.as_bytes(), validate);
        }
        Shown {
            tag: tag.map(|tag| self.tag(tag.as_bytes())),
            date: current.date,
            conditions: (!lines.is_empty()).then(|| self.number(lines)),
            freshness,
        }
    }

    /// True if a replica that has this content answers such a request with a 304. With a tag, the
    /// date is not consulted (RFC 9110 §13.2.2).
    pub(super) fn validates(&mut self, kind: usize, sent: Conditions, shown: Shown) -> bool {
        let asked = self.asked(kind, sent);
        match asked.tag {
            Some(_) => asked.tag == shown.tag,
            None => asked.since.zip(shown.date).is_some_and(|(since, date)| date <= since),
        }
    }

    /// The freshness that a 304 to these conditions gives to what they belong to; `None` if it is
    /// about another response.
    pub(super) fn renewed(
        &self,
        kind: usize,
        sent: Conditions,
        current: Current<'_>,
    ) -> Option<FreshnessFields> {
        let lines = &self.lines[sent as usize];
        let request = self.request(kind, lines);
        let tag = of_variant(current.tag, self.coding(&self.inbound(&request)));
        let variant = Current { tag: tag.as_ref(), ..current };
        let confirming = self.outbound(&request, self.not_modified(variant));
        let identified =
            conditions::identify(lines, confirming.value("etag"), confirming.as_bytes());
        identified.then(|| self.freshness(&confirming))
    }

    fn asked(&mut self, kind: usize, sent: Conditions) -> Asked {
        // Millions of virtual polls send the same few conditions.
        let place = sent as usize * self.accepted.len() + kind;
        if let Some(&Some(known)) = self.asked.get(place) {
            return known;
        }
        let request = self.inbound(&self.request(kind, &self.lines[sent as usize]));
        let since = request.value("if-modified-since").map(HttpDate::parse);
        let asked = Asked {
            tag: request.value("if-none-match").map(|tag| self.tag(tag)),
            since: since.and_then(|date| Some(date.ok()?.unix_seconds())),
        };
        self.asked.resize(self.asked.len().max(place + 1), None);
        self.asked[place] = Some(asked);
        asked
    }

    fn inbound(&self, request: &MessageHead) -> MessageHead {
        let mut request = request.clone();
        if let Some(edge) = self.edge {
            (edge.inbound)(&mut request);
        }
        request
    }

    fn outbound(&self, request: &MessageHead, mut response: MessageHead) -> MessageHead {
        if let Some(edge) = self.edge {
            (edge.outbound)(request, &mut response);
        }
        response
    }

    fn request(&self, kind: usize, conditions: &[u8]) -> MessageHead {
        let mut head = b"GET / HTTP/1.1\r\n".to_vec();
        head.extend_from_slice(conditions);
        head.extend_from_slice(b"\r\n");
        let mut head = MessageHead::from(head);
        if let Some(accepted) = self.accepted[kind] {
            head.add("accept-encoding", accepted.as_bytes());
        }
        head
    }

    /// The coding that a replica chooses for this request.
    fn coding(&self, request: &MessageHead) -> Option<Coding> {
        let offer = self.resource.codings.iter().copied();
        semantics::coding::preferred(request.values("accept-encoding"), offer)
    }

    /// A replica's 200, as `server` puts it together.
    fn full(&self, variant: Current<'_>, coding: Option<Coding>) -> MessageHead {
        let mut head = MessageHead::from(b"HTTP/1.1 200 OK\r\n\r\n".to_vec());
        self.identify(&mut head, variant.tag);
        date(&mut head, variant);
        if let Some(coding) = coding {
            head.add("content-encoding", coding.as_str().as_bytes());
        }
        head.add("content-type", self.resource.content_type.as_bytes());
        head.add("accept-ranges", b"bytes");
        head.add("content-length", variant.length.to_string().as_bytes());
        head
    }

    /// A replica's 304: dated only where the date is all there is.
    fn not_modified(&self, variant: Current<'_>) -> MessageHead {
        let mut head = MessageHead::from(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec());
        self.identify(&mut head, variant.tag);
        if variant.tag.is_none() {
            date(&mut head, variant);
        }
        head
    }

    fn identify(&self, head: &mut MessageHead, tag: Option<&EntityTag>) {
        if let Some(tag) = tag {
            head.add("etag", tag.as_bytes());
        }
        if let Some(cache_control) = &self.resource.cache_control {
            head.add("cache-control", cache_control.as_bytes());
        }
        if !self.resource.codings.is_empty() {
            head.add("vary", b"Accept-Encoding");
        }
    }

    fn freshness(&self, response: &MessageHead) -> FreshnessFields {
        let heeded = self.caching.honour_freshness;
        if heeded { FreshnessFields::read(response.fields()) } else { FreshnessFields::default() }
    }

    /// The number of a tag by its field value.
    fn tag(&mut self, value: &[u8]) -> Tag {
        numbered(&mut self.tags, value.strip_prefix(b"W/").unwrap_or(value))
    }

    fn number(&mut self, lines: Vec<u8>) -> Conditions {
        let number = numbered(&mut self.conditions, &lines);
        if number as usize == self.lines.len() {
            self.lines.push(lines);
        }
        number
    }
}

fn of_variant(tag: Option<&EntityTag>, coding: Option<Coding>) -> Option<EntityTag> {
    tag.map(|tag| coding.map_or_else(|| tag.clone(), |coding| tag.coded(coding)))
}

fn date(head: &mut MessageHead, variant: Current<'_>) {
    let date = variant.date.and_then(|seconds| HttpDate::from_unix_seconds(seconds).ok());
    if let Some(date) = date {
        head.add("last-modified", date.to_string().as_bytes());
    }
}

fn numbered(known: &mut HashMap<Vec<u8>, u32>, value: &[u8]) -> u32 {
    let next = known.len() as u32;
    *known.entry(value.to_vec()).or_insert(next)
}
