//! Everything that is served of one table, ready to be sent.
//!
//! Made when the table changes and not when it is asked for, so that answering costs a few reference
//! counts. What a change leaves as it was is taken over from the snapshot before. gzip is offered where
//! it saves something; `Vary` is sent always, because it may save something after the next change.

use std::collections::HashMap;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use semantics::{Coding, EntityTag, HttpDate, RequestFields};
use server::representation::{self, Representation, Tag, Variant};
use server::{Description, Selected, Stamp, date};
use truth::ReplicaId;

use crate::proxy::table::{Listing, NO_ZONE, Table, entity_tag};
use crate::proxy::target::RequestTarget;

const COUNT_FIELD: HeaderName = HeaderName::from_static("x-count");

// It varies even where there is one coding only: the next table may be worth compressing.
static DESCRIPTION: Description = Description {
    content_type: HeaderValue::from_static("application/json"),
    cache_control: Some(HeaderValue::from_static("no-cache")),
    varies: true,
};

#[derive(Debug)]
pub(crate) struct ServedTable {
    pub(crate) tag: EntityTag,
    pub(crate) routes: usize,
    pub(crate) resources: Arc<Resources>,
    pub(crate) dated: Option<Dated>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dated {
    pub(crate) date: HttpDate,
    field: HeaderValue,
    /// Every change has moved it, so it may answer a condition.
    pub(crate) is_condition: bool,
}

/// Everything that clients can request of a table.
#[derive(Debug)]
pub(crate) struct Resources {
    pub(crate) whole: Arc<Representation>,
    zones: HashMap<Box<str>, Zone>,
}

#[derive(Debug)]
struct Zone {
    table: Arc<Representation>,
    /// Its own routes; those of every zone are those of [`NO_ZONE`].
    routes: HashMap<Box<str>, Arc<Representation>>,
}

impl ServedTable {
    pub(crate) fn resource(&self, target: &RequestTarget<'_>) -> Option<&Arc<Representation>> {
        match target {
            RequestTarget::Table => Some(&self.resources.whole),
            RequestTarget::Zone(zone) => self.resources.zone(zone),
            RequestTarget::Route(zone, id) => self.resources.route(zone, id),
            _ => None,
        }
    }

    pub(crate) fn select<'a>(
        &'a self,
        resource: &'a Representation,
        fields: &impl RequestFields,
    ) -> Selected<'a> {
        let stamp = self.dated.as_ref().map(|dated| Stamp {
            field: Some(&dated.field),
            date: dated.date,
            is_condition: dated.is_condition,
        });
        Selected::by(&DESCRIPTION, resource, stamp, fields)
    }
}

impl Dated {
    pub(crate) fn new(date: HttpDate, is_condition: bool) -> Self {
        Self { date, field: date::field(date), is_condition }
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

    pub(crate) fn zone(&self, name: &str) -> Option<&Arc<Representation>> {
        self.zones.get(name).map(|zone| &zone.table)
    }

    /// One route as the table of the zone holds it.
    pub(crate) fn route(&self, zone: &str, id: &str) -> Option<&Arc<Representation>> {
        let own = self.zones.get(zone)?.routes.get(id);
        own.or_else(|| self.zones.get(NO_ZONE)?.routes.get(id))
    }
}

fn resource(
    listing: &Listing,
    known: Option<&Arc<Representation>>,
    declared_by: Option<ReplicaId>,
) -> Arc<Representation> {
    // What a change leaves as it was is not compressed once more, and keeps its ready 304.
    if let Some(known) = known.filter(|known| known.identity.content == listing.content) {
        return Arc::clone(known);
    }
    let Listing { content, entity_tag, routes } = listing;
    let identity = Variant::identity(content.clone(), Some(Tag::new(entity_tag.clone())));
    let encoded = representation::gzip(content, 0);
    // A coding that saves nothing is not offered.
    let gzip =
        (encoded.len() < content.len()).then(|| identity.coded(Coding::Gzip, encoded.into()));
    Arc::new(Representation {
        coded: gzip.into_iter().collect(),
        declaration: declared_by
            .map(|replica| representation::declaration(replica, Some((content, None)))),
        further: (COUNT_FIELD, HeaderValue::from(*routes)),
        identity,
    })
}

#[cfg(test)]
mod tests {
    use truth::ContentId;

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
        let same = |a: Option<&Arc<Representation>>, b: Option<&Arc<Representation>>| {
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
            let found: &Arc<Representation> = resources.route(zone, id)?;
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
        assert!(small.whole.coded.is_empty());
        let routes = (0..50).map(|n| format!(r#"{{"id":"route-{n}"}}"#)).collect::<Vec<_>>();
        let large = table(&format!(r#"{{"routes":[{}]}}"#, routes.join(",")));
        let large = Resources::new(&large, None, Some(ReplicaId(7)));
        let gzip = large.whole.coded.first().expect("it saves something");
        let tag = |variant: &Variant| variant.tag.as_ref().map(|tag| tag.value.clone());
        let identity = tag(&large.whole.identity).expect("it has a tag");
        assert_eq!(tag(gzip), Some(identity.coded(Coding::Gzip)));
        assert_eq!(large.whole.further.1, "50");
        let id = ContentId::of(&large.whole.identity.content);
        let declared = large.whole.declaration.as_ref().map(HeaderValue::as_bytes);
        assert_eq!(declared, Some(format!("7/{id}").as_bytes()));
    }
}
