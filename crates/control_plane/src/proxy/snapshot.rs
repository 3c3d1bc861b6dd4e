//! Everything that is served of one table.
//!
//! The whole table is made ready to be sent when it changes. A part of it is made when somebody first
//! asks for it, and from then on ahead of each change, so that answering costs a few reference counts:
//! a table of a million routes, each with a tag, a coding and a ready 304 of its own, would weigh many
//! times what it says. What a change leaves as it was is taken over. gzip is offered where it saves
//! something; `Vary` is sent always, because it may save something after the next change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderName, HeaderValue};
use semantics::{Coding, EntityTag, HttpDate, RequestFields};
use server::representation::{self, Representation, Tag, Variant};
use server::{Description, Selected, Stamp, date};
use tokio::sync::OnceCell;
use truth::ReplicaId;

use crate::proxy::table::{Listing, Part, Table, entity_tag};
use crate::proxy::target::RequestTarget;

// Each ready route takes a kilobyte or so. Whoever asks for more of them one by one waits for one to be
// compressed, which takes as long as a request.
const MOST_ROUTES: usize = 65_536;

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
    table: Arc<Table>,
    declared_by: Option<ReplicaId>,
    pub(crate) whole: Arc<Representation>,
    parts: Mutex<Parts>,
}

/// Parts that somebody has asked for.
#[derive(Debug, Default)]
struct Parts {
    zones: HashMap<u32, MadePart>,
    routes: HashMap<u32, MadePart>,
}

/// A part, once it is made: by one of those who ask, however many they are.
type MadePart = Arc<OnceCell<Arc<Representation>>>;

impl ServedTable {
    /// The part that a target names.
    pub(crate) fn part(&self, target: &RequestTarget<'_>) -> Option<Part> {
        let table = &self.resources.table;
        match target {
            RequestTarget::Table => Some(Part::Whole),
            RequestTarget::Zone(zone) => table.zone(zone),
            RequestTarget::Route(zone, id) => table.route_of(zone, id),
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
    /// All of a table; takes over from `before` what did not change, and what was asked for.
    pub(crate) fn new(
        table: Arc<Table>,
        before: Option<&Self>,
        declared_by: Option<ReplicaId>,
    ) -> Self {
        let known = before.map(|before| &before.whole);
        let whole = resource(table.listing(Part::Whole), known, declared_by);
        let new = Self { table, declared_by, whole, parts: Mutex::default() };
        if let Some(before) = before {
            new.take_over(before);
        }
        new
    }

    fn take_over(&self, before: &Self) {
        for (old, known) in before.made() {
            let (zone, id) = before.table.name(old);
            let part = match old {
                Part::Route(_) => self.table.route_of(zone, id),
                _ => self.table.zone(zone),
            };
            let Some(part) = part else { continue };
            let listing = self.table.listing(part);
            // Another route is made for the next one who asks for it; the table of a zone takes long.
            if matches!(part, Part::Zone(_)) || known.identity.content == listing.content {
                let made = resource(listing, Some(&known), self.declared_by);
                // Nobody else knows these cells yet.
                let _ = self.cell(part).set(made);
            }
        }
    }

    /// Parts that are made.
    fn made(&self) -> Vec<(Part, Arc<Representation>)> {
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let zones = parts.zones.iter().map(|(zone, made)| (Part::Zone(*zone), made));
        let routes = parts.routes.iter().map(|(route, made)| (Part::Route(*route), made));
        let made = zones.chain(routes);
        made.filter_map(|(part, made)| Some((part, Arc::clone(made.get()?)))).collect()
    }

    fn cell(&self, part: Part) -> MadePart {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let cell = match part {
            Part::Whole => return Arc::new(OnceCell::new_with(Some(Arc::clone(&self.whole)))),
            Part::Zone(zone) => parts.zones.entry(zone).or_default(),
            Part::Route(route) => {
                if parts.routes.len() >= MOST_ROUTES {
                    parts.routes.clear();
                }
                parts.routes.entry(route).or_default()
            }
        };
        Arc::clone(cell)
    }

    /// A part, if it is ready or can be made at once.
    pub(crate) fn ready(&self, part: Part) -> Option<Arc<Representation>> {
        if part == Part::Whole {
            return Some(Arc::clone(&self.whole));
        }
        let cell = self.cell(part);
        match cell.get() {
            Some(made) => Some(Arc::clone(made)),
            None => self.table.is_small(part).then(|| self.make(part, &cell)),
        }
    }

    /// A part, made on the spot if it has to be.
    pub(crate) fn get(&self, part: Part) -> Arc<Representation> {
        self.ready(part).unwrap_or_else(|| self.make(part, &self.cell(part)))
    }

    /// Makes a part beside the thread that answers, once for all who wait for it.
    pub(crate) async fn prepare(self: &Arc<Self>, part: Part) {
        let making = || async {
            let resources = Arc::clone(self);
            let make = move || resources.made_part(part);
            tokio::task::spawn_blocking(make).await.expect("a part of a table can be served")
        };
        self.cell(part).get_or_init(making).await;
    }

    fn make(&self, part: Part, cell: &MadePart) -> Arc<Representation> {
        let made = self.made_part(part);
        // Somebody else may have been faster, with the same.
        let _ = cell.set(Arc::clone(&made));
        made
    }

    fn made_part(&self, part: Part) -> Arc<Representation> {
        resource(self.table.listing(part), None, self.declared_by)
    }
}

fn resource(
    Listing { content, routes }: Listing,
    known: Option<&Arc<Representation>>,
    declared_by: Option<ReplicaId>,
) -> Arc<Representation> {
    // What a change leaves as it was is not compressed once more, and keeps its ready 304.
    if let Some(known) = known.filter(|known| known.identity.content == content) {
        return Arc::clone(known);
    }
    let identity = Variant::identity(content.clone(), Some(Tag::new(entity_tag(&content))));
    let encoded = representation::gzip(&content, 0);
    // A coding that saves nothing is not offered.
    let gzip =
        (encoded.len() < content.len()).then(|| identity.coded(Coding::Gzip, encoded.into()));
    Arc::new(Representation {
        coded: gzip.into_iter().collect(),
        declaration: declared_by
            .map(|replica| representation::declaration(replica, Some((&content, None)))),
        further: (COUNT_FIELD, HeaderValue::from(routes)),
        identity,
    })
}

#[cfg(test)]
mod tests {
    use truth::ContentId;

    use super::*;
    use crate::proxy::table::{NO_ZONE, Routes};

    fn table(json: &str) -> Arc<Table> {
        let routes = Routes::parse(json.as_bytes()).expect("these are routes");
        Arc::new(Table::compile(routes).expect("they make a table"))
    }

    fn resources(json: &str) -> Resources {
        Resources::new(table(json), None, None)
    }

    fn zone(resources: &Resources, name: &str) -> Arc<Representation> {
        resources.get(resources.table.zone(name).expect("it is there"))
    }

    fn route(resources: &Resources, zone: &str, id: &str) -> Option<Arc<Representation>> {
        resources.table.route_of(zone, id).map(|part| resources.get(part))
    }

    #[test]
    fn what_did_not_change_is_taken_over() {
        let one = resources(r#"{"routes":[{"id":"a","zone":"y"},{"id":"b","zone":"z"}]}"#);
        let ask = |of: &Resources| {
            let routes = [("y", "a"), ("z", "b")].map(|(zone, id)| route(of, zone, id));
            ([zone(of, "y"), zone(of, "z")], routes.map(|route| route.expect("it is there")))
        };
        let (zones, routes) = ask(&one);
        let two = r#"{"routes":[{"id":"0","zone":"x"},{"id":"a","zone":"y"},{"id":"b","zone":"z","x":1}]}"#;
        let two = Resources::new(table(two), Some(&one), None);
        // What was asked for is ready, but for the route that is another one.
        assert_eq!(two.made().len(), 3);
        let (new_zones, new_routes) = ask(&two);
        let same =
            |one: &[_; 2], other: &[_; 2]| [0, 1].map(|at| Arc::ptr_eq(&one[at], &other[at]));
        assert_eq!(same(&zones, &new_zones), [true, false]);
        assert_eq!(same(&routes, &new_routes), [true, false]);
        let three = Resources::new(table(r#"{"routes":[]}"#), Some(&two), None);
        assert!(three.made().is_empty());
    }

    #[test]
    fn a_route_of_every_zone_is_found_in_each_unless_the_zone_has_its_own() {
        let resources = resources(r#"{"routes":[{"id":"a"},{"id":"b"},{"id":"a","zone":"z"}]}"#);
        let found = |zone, id| {
            let found = route(&resources, zone, id)?;
            Some(String::from_utf8_lossy(&found.identity.content).into_owned())
        };
        assert_eq!(found("z", "a").as_deref(), Some(r#"{"id":"a","zone":"z"}"#));
        assert_eq!(found("z", "b").as_deref(), Some(r#"{"id":"b"}"#));
        assert_eq!(found(NO_ZONE, "a").as_deref(), Some(r#"{"id":"a"}"#));
        assert_eq!((found("y", "a"), found("z", "c")), (None, None));
    }

    #[test]
    fn a_coding_that_does_not_save_anything_is_not_offered() {
        assert!(resources(r#"{"routes":[]}"#).whole.coded.is_empty());
        let routes = (0..50).map(|n| format!(r#"{{"id":"route-{n}"}}"#)).collect::<Vec<_>>();
        let large = table(&format!(r#"{{"routes":[{}]}}"#, routes.join(",")));
        let large = Resources::new(large, None, Some(ReplicaId(7)));
        let gzip = large.whole.coded.first().expect("it saves something");
        let tag = |variant: &Variant| variant.tag.as_ref().map(|tag| tag.value.clone());
        let identity = tag(&large.whole.identity).expect("it has a tag");
        assert_eq!(tag(gzip), Some(identity.coded(Coding::Gzip)));
        assert_eq!(large.whole.further.1, "50");
        let id = ContentId::of(&large.whole.identity.content);
        let declared = large.whole.declaration.as_ref().map(HeaderValue::as_bytes);
        assert_eq!(declared, Some(format!("7/{id}").as_bytes()));
    }

    #[tokio::test]
    async fn a_large_part_is_made_aside_and_once() {
        let routes = (0..2_000).map(|n| format!(r#"{{"id":"{n}","zone":"z"}},{{"id":"{n}"}}"#));
        let routes = routes.collect::<Vec<_>>().join(",");
        let resources = Arc::new(resources(&format!(r#"{{"routes":[{routes}]}}"#)));
        let part = resources.table.zone("z").expect("it is there");
        assert!(resources.ready(part).is_none());
        tokio::join!(resources.prepare(part), resources.prepare(part));
        let made = resources.ready(part).expect("it is made");
        assert!(Arc::ptr_eq(&made, &resources.get(part)));
        assert_eq!(made.further.1, "2000");
    }

    #[test]
    fn ready_routes_are_not_kept_without_end() {
        let routes = (0..=MOST_ROUTES).map(|n| format!(r#"{{"id":"{n}"}}"#)).collect::<Vec<_>>();
        let resources = resources(&format!(r#"{{"routes":[{}]}}"#, routes.join(",")));
        for number in 0..=MOST_ROUTES {
            let _ = resources.cell(Part::Route(u32::try_from(number).expect("there are few")));
        }
        let parts = resources.parts.lock().expect("no panic");
        assert_eq!(parts.routes.len(), 1);
    }
}
