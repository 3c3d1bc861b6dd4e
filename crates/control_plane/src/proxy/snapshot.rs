//! Everything that is served of one table, ready to be sent.
//!
//! Made when the table changes and not when it is asked for, so that answering costs a few reference
//! counts. What a change leaves as it was is taken over from the snapshot before.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::HeaderValue;
use semantics::{Coding, EntityTag, HttpDate};
use server::Prepared;
use truth::{Content, ContentId, Declaration, ReplicaId};

use crate::proxy::table::{Listing, NO_ZONE, Table, entity_tag};
use crate::proxy::target::Target;

/// One table as it is served.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) tag: EntityTag,
    pub(crate) routes: usize,
    pub(crate) resources: Arc<Resources>,
    pub(crate) dated: Option<Dated>,
}

/// When the table was modified, as it is said and as it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dated {
    pub(crate) field: HeaderValue,
    /// Answers conditions by date; `None` where the date does not tell every change.
    pub(crate) condition: Option<HttpDate>,
}

/// What can be asked for.
#[derive(Debug)]
pub(crate) struct Resources {
    pub(crate) whole: Arc<Resource>,
    zones: HashMap<Box<str>, Zone>,
}

#[derive(Debug)]
struct Zone {
    table: Arc<Resource>,
    /// Its own routes; those of every zone are those of [`NO_ZONE`].
    routes: HashMap<Box<str>, Arc<Resource>>,
}

/// One content in the codings on offer.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) identity: Variant,
    /// `None` where it would not be smaller.
    pub(crate) gzip: Option<Variant>,
    /// The value of `X-Count`.
    pub(crate) count: HeaderValue,
    /// The value of `Lab-Replica`. It speaks of the content before any coding.
    pub(crate) declaration: Option<HeaderValue>,
}

/// The content in one coding: what is sent, and what is validated.
#[derive(Debug)]
pub(crate) struct Variant {
    pub(crate) content: Bytes,
    pub(crate) length: HeaderValue,
    pub(crate) tag: EntityTag,
    pub(crate) tag_field: HeaderValue,
    /// The 304 that names the tag, from the first one on.
    pub(crate) not_modified: OnceLock<Prepared>,
}

impl Snapshot {
    /// What a target names that is made of the table.
    pub(crate) fn resource(&self, target: &Target<'_>) -> Option<&Arc<Resource>> {
        match target {
            Target::Table => Some(&self.resources.whole),
            Target::Zone(zone) => self.resources.zone(zone),
            Target::Route(zone, id) => self.resources.route(zone, id),
            _ => None,
        }
    }
}

impl Dated {
    pub(crate) fn new(date: HttpDate, counts: bool) -> Self {
        let field = HeaderValue::try_from(date.to_string()).expect("a date is ASCII");
        Self { field, condition: counts.then_some(date) }
    }
}

impl Resources {
    /// All of a table; takes over from `before` what did not change.
    pub(crate) fn new(
        table: &Table,
        before: Option<&Self>,
        declared_by: Option<ReplicaId>,
    ) -> Self {
        let whole = resource(table.whole(), before.map(|before| &before.whole), declared_by);
        let mut zones: HashMap<Box<str>, Zone> = table
            .zones()
            .map(|(name, listing)| {
                let known = before.and_then(|before| before.zones.get(name));
                let table = resource(listing, known.map(|zone| &zone.table), declared_by);
                (name.into(), Zone { table, routes: HashMap::new() })
            })
            .collect();
        for route in table.routes() {
            let zone = route.zone().unwrap_or(NO_ZONE);
            let known = before.and_then(|before| before.zones.get(zone)?.routes.get(route.id()));
            let content = route.content().clone();
            let listing = Listing { entity_tag: entity_tag(&content), content, routes: 1 };
            let made = resource(&listing, known, declared_by);
            let zone = zones.get_mut(zone).expect("a table knows the zones of its routes");
            zone.routes.insert(route.id().into(), made);
        }
        Self { whole, zones }
    }

    /// The table of a zone.
    pub(crate) fn zone(&self, name: &str) -> Option<&Arc<Resource>> {
        self.zones.get(name).map(|zone| &zone.table)
    }

    /// One route as the table of the zone holds it.
    pub(crate) fn route(&self, zone: &str, id: &str) -> Option<&Arc<Resource>> {
        let own = self.zones.get(zone)?.routes.get(id);
        own.or_else(|| self.zones.get(NO_ZONE)?.routes.get(id))
    }
}

fn resource(
    listing: &Listing,
    known: Option<&Arc<Resource>>,
    declared_by: Option<ReplicaId>,
) -> Arc<Resource> {
    match known.filter(|known| known.identity.content == listing.content) {
        Some(known) => Arc::clone(known),
        None => Arc::new(Resource::new(listing, declared_by)),
    }
}

impl Resource {
    fn new(listing: &Listing, declared_by: Option<ReplicaId>) -> Self {
        let Listing { content, entity_tag, routes } = listing;
        let encoded = gzip(content);
        let is_worth_it = encoded.len() < content.len();
        let coded = || Variant::new(encoded.into(), entity_tag.coded(Coding::Gzip));
        let declaration = declared_by.map(|replica| {
            let content = Content { id: ContentId::of(content), edition: None };
            let declaration = Declaration { replica, content: Some(content) };
            HeaderValue::try_from(declaration.to_string()).expect("a declaration is ASCII")
        });
        Self {
            identity: Variant::new(content.clone(), entity_tag.clone()),
            gzip: is_worth_it.then(coded),
            count: HeaderValue::from(*routes),
            declaration,
        }
    }
}

impl Variant {
    fn new(content: Bytes, tag: EntityTag) -> Self {
        let tag_field = HeaderValue::from_bytes(tag.as_bytes())
            .expect("octets of an entity tag may all stand in a field value");
        let length = HeaderValue::from(content.len());
        Self { length, content, tag, tag_field, not_modified: OnceLock::new() }
    }
}

/// Without a file name or a time, so that the same content gives the same bytes.
fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let written = encoder.write_all(content).and_then(|()| encoder.finish());
    written.expect("memory takes everything that is written to it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::table::Route;

    fn table(json: &str) -> Table {
        let routes = Route::parse_all(json.as_bytes()).expect("these are routes");
        Table::compile(routes).expect("they make a table")
    }

    #[test]
    fn what_did_not_change_is_taken_over() {
        let one = table(r#"{"routes":[{"id":"a","zone":"y"},{"id":"b","zone":"z"}]}"#);
        let two = table(r#"{"routes":[{"id":"a","zone":"y"},{"id":"b","zone":"z","x":1}]}"#);
        let one = Resources::new(&one, None, None);
        let two = Resources::new(&two, Some(&one), None);
        let same = |a: Option<&Arc<Resource>>, b: Option<&Arc<Resource>>| {
            Arc::ptr_eq(a.expect("it is there"), b.expect("it is there"))
        };
        assert!(
            same(one.zone("y"), two.zone("y")) && same(one.route("y", "a"), two.route("y", "a"))
        );
        assert!(
            !same(one.zone("z"), two.zone("z")) && !same(one.route("z", "b"), two.route("z", "b"))
        );
    }

    #[test]
    fn a_route_of_every_zone_is_found_in_each_unless_the_zone_has_its_own() {
        let table = table(r#"{"routes":[{"id":"a"},{"id":"b"},{"id":"a","zone":"z"}]}"#);
        let resources = Resources::new(&table, None, None);
        let found = |zone, id| {
            let found: &Arc<Resource> = resources.route(zone, id)?;
            Some(String::from_utf8_lossy(&found.identity.content).into_owned())
        };
        assert_eq!(found("z", "a").as_deref(), Some(r#"{"id":"a","zone":"z"}"#));
        assert_eq!(found("z", "b").as_deref(), Some(r#"{"id":"b"}"#));
        assert_eq!(found(NO_ZONE, "a").as_deref(), Some(r#"{"id":"a"}"#));
        assert_eq!((found("y", "a"), found("z", "c")), (None, None));
    }

    #[test]
    fn a_coding_that_does_not_save_anything_is_not_offered() {
        let small = Resources::new(&table(r#"{"routes":[]}"#), None, None);
        assert!(small.whole.gzip.is_none());
        let routes = (0..50).map(|n| format!(r#"{{"id":"route-{n}"}}"#)).collect::<Vec<_>>();
        let large = table(&format!(r#"{{"routes":[{}]}}"#, routes.join(",")));
        let large = Resources::new(&large, None, Some(ReplicaId(7)));
        let gzip = large.whole.gzip.as_ref().expect("it saves something");
        assert_eq!(gzip.tag, large.whole.identity.tag.coded(Coding::Gzip));
        assert_eq!(large.whole.count, "50");
        let id = ContentId::of(&large.whole.identity.content);
        let declared = large.whole.declaration.as_ref().map(HeaderValue::as_bytes);
        assert_eq!(declared, Some(format!("7/{id}").as_bytes()));
    }
}
