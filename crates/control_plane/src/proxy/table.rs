//! The table: routes in canonical order, one strong tag for all of them, one for each zone and one
//! for each route.
//!
//! Pure: the same routes, in whatever order they came, give the same bytes and the same tags on
//! every instance, so that instances agree on tags without talking. Numbers keep the digits that they
//! came with, because a machine's number would change some. A route without a zone stands in every
//! zone, unless the zone has one with its id. Tables of all zones are bounded together: a document of
//! megabytes could otherwise ask for one of terabytes.

mod canonical;
mod route;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use semantics::EntityTag;
use sha2::{Digest as _, Sha256};

pub(crate) use canonical::Members;
pub use route::{Route, RouteError};

/// Name under which the routes that name no zone are found beside the zones.
pub const NO_ZONE: &str = "-";

// For a table with all its zones.
const MAX_BYTES: usize = 512 * 1024 * 1024;

/// Reason why routes make no table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Two routes cannot be told apart.
    #[error("two routes have the id {0:?}")]
    Twice(String),
    /// A zone has the name that stands for none.
    #[error("the route {0:?} names the zone `-`, which stands for routes without one")]
    Reserved(String),
    /// The tables of all zones together are larger than is reasonable.
    #[error("the tables of all zones hold more than {MAX_BYTES} bytes")]
    TooLarge,
}

/// A table with everything that is served of it.
#[derive(Clone, Debug)]
pub struct Table {
    routes: Vec<Route>,
    whole: Listing,
    zones: BTreeMap<String, Listing>,
}

/// Some of the routes as one content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// `{"routes":[…]}` in canonical JSON, sorted by id.
    pub content: Bytes,
    /// Of that content.
    pub entity_tag: EntityTag,
    /// Number of its routes.
    pub routes: usize,
}

impl Table {
    /// Sorts the routes and tags them.
    ///
    /// The table of a zone holds its own routes and those that name no zone; of two with one id its
    /// own counts. [`NO_ZONE`] holds those that name none, if there are any.
    pub fn compile(mut routes: Vec<Route>) -> Result<Self, TableError> {
        routes.sort_unstable_by(|a, b| a.place().cmp(&b.place()));
        if let Some(pair) = routes.windows(2).find(|pair| pair[0].place() == pair[1].place()) {
            return Err(TableError::Twice(pair[0].id.clone()));
        }
        if let Some(route) = routes.iter().find(|route| route.zone() == Some(NO_ZONE)) {
            return Err(TableError::Reserved(route.id.clone()));
        }
        check_size(&routes)?;
        let whole = Listing::of(routes.iter());
        let zones = zones(&routes);
        Ok(Self { routes, whole, zones })
    }

    /// The whole table.
    pub fn whole(&self) -> &Listing {
        &self.whole
    }

    /// The table of each zone, by name.
    pub fn zones(&self) -> impl Iterator<Item = (&str, &Listing)> {
        self.zones.iter().map(|(name, listing)| (name.as_str(), listing))
    }

    /// All routes, sorted by id and zone.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }
}

impl Listing {
    fn of<'a>(routes: impl Iterator<Item = &'a Route>) -> Self {
        let mut content = b"{\"routes\":[".to_vec();
        let mut count = 0;
        for route in routes {
            if count > 0 {
                content.push(b',');
            }
            content.extend_from_slice(&route.content);
            count += 1;
        }
        content.extend_from_slice(b"]}");
        Self { entity_tag: entity_tag(&content), content: content.into(), routes: count }
    }
}

/// The strong tag of a content: the first 128 bits of its SHA-256, in hex.
pub fn entity_tag(content: &[u8]) -> EntityTag {
    let digest = Sha256::digest(content);
    let half: [u8; 16] = *digest.first_chunk().expect("a digest has 32 octets");
    EntityTag::strong(format!("{:032x}", u128::from_be_bytes(half)))
        .expect("hex digits may stand in a tag")
}

fn check_size(routes: &[Route]) -> Result<(), TableError> {
    let bytes_of = |is_in: fn(&&Route) -> bool| -> usize {
        routes.iter().filter(is_in).map(|route| route.content.len() + 1).sum()
    };
    let zones: BTreeSet<_> = routes.iter().map(|route| route.zone().unwrap_or(NO_ZONE)).collect();
    // Routes without a zone stand in the table of every zone.
    let everywhere = bytes_of(|route| route.zone.is_none());
    let all = bytes_of(|_| true) + everywhere.saturating_mul(zones.len());
    if all > MAX_BYTES { Err(TableError::TooLarge) } else { Ok(()) }
}

fn zones(routes: &[Route]) -> BTreeMap<String, Listing> {
    let (everywhere, own): (Vec<_>, Vec<_>) = routes.iter().partition(|route| route.zone.is_none());
    // By zone first, so that the time is proportional to what comes out.
    let mut by_zone: BTreeMap<&str, BTreeMap<&str, &Route>> = BTreeMap::new();
    for route in own {
        by_zone.entry(route.zone().unwrap_or(NO_ZONE)).or_default().insert(&route.id, route);
    }
    if !everywhere.is_empty() {
        by_zone.entry(NO_ZONE).or_default();
    }
    let listing = |(name, mut routes): (&str, BTreeMap<&str, &Route>)| {
        for route in &everywhere {
            routes.entry(&route.id).or_insert(route);
        }
        (name.to_owned(), Listing::of(routes.into_values()))
    };
    by_zone.into_iter().map(listing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(json: &str) -> Result<Table, TableError> {
        Table::compile(Route::parse_all(json.as_bytes()).expect("these are routes"))
    }

    fn text(listing: &Listing) -> &str {
        std::str::from_utf8(&listing.content).expect("JSON is UTF-8")
    }

    fn zone(table: &Table, name: &str) -> Option<String> {
        table.zones().find(|(zone, _)| *zone == name).map(|(_, listing)| text(listing).to_owned())
    }

    #[test]
    fn order_and_white_space_of_the_source_do_not_count() -> Result<(), TableError> {
        let one = table(r#"{"routes":[{"id":"b","x":1,"a":2},{"id":"a"}]}"#)?;
        let two = table(r#"{ "v": 3, "routes" : [ {"id":"a"}, {"a":2, "x":1, "id":"b"} ] }"#)?;
        assert_eq!(text(one.whole()), r#"{"routes":[{"id":"a"},{"a":2,"id":"b","x":1}]}"#);
        assert_eq!(one.whole(), two.whole());
        assert!(!one.whole().entity_tag.is_weak());
        assert_eq!((one.whole().routes, one.routes().is_empty()), (2, false));
        Ok(())
    }

    #[test]
    fn the_empty_table_is_a_table() -> Result<(), TableError> {
        let empty = table(r#"{"routes":[]}"#)?;
        assert_eq!((text(empty.whole()), empty.routes().is_empty()), (r#"{"routes":[]}"#, true));
        assert_eq!(empty.zones().count(), 0);
        Ok(())
    }

    #[test]
    fn a_zone_has_its_own_routes_and_those_of_every_zone() -> Result<(), TableError> {
        let zoned = table(
            r#"{"routes":[{"id":"b","zone":"z"},{"id":"a"},{"id":"c","zone":"y"},{"id":"a","zone":"z"}]}"#,
        )?;
        let expected = r#"{"routes":[{"id":"a","zone":"z"},{"id":"b","zone":"z"}]}"#;
        assert_eq!(zone(&zoned, "z").as_deref(), Some(expected));
        let expected = r#"{"routes":[{"id":"a"},{"id":"c","zone":"y"}]}"#;
        assert_eq!(zone(&zoned, "y").as_deref(), Some(expected));
        assert_eq!(zone(&zoned, NO_ZONE).as_deref(), Some(r#"{"routes":[{"id":"a"}]}"#));
        assert_eq!(zone(&zoned, "x"), None);
        Ok(())
    }

    #[test]
    fn a_change_in_one_zone_leaves_the_tags_of_the_others() -> Result<(), TableError> {
        let before = table(r#"{"routes":[{"id":"a","zone":"y"},{"id":"b","zone":"z"}]}"#)?;
        let after = table(r#"{"routes":[{"id":"a","zone":"y"},{"id":"b","zone":"z","x":1}]}"#)?;
        assert_ne!(before.whole().entity_tag, after.whole().entity_tag);
        assert_eq!(zone(&before, "y"), zone(&after, "y"));
        assert_ne!(zone(&before, "z"), zone(&after, "z"));
        Ok(())
    }

    #[test]
    fn routes_that_cannot_be_told_apart_make_no_table() {
        for twice in [
            r#"{"routes":[{"id":"a"},{"id":"b"},{"id":"a","x":1}]}"#,
            r#"{"routes":[{"id":"a","zone":"z"},{"id":"a","zone":"z"}]}"#,
        ] {
            assert!(matches!(table(twice), Err(TableError::Twice(id)) if id == "a"), "{twice}");
        }
        let reserved = table(r#"{"routes":[{"id":"a","zone":"-"}]}"#);
        assert!(matches!(reserved, Err(TableError::Reserved(_))));
    }

    #[test]
    fn a_document_that_would_explode_makes_no_table() {
        let routes = (0..20_000).map(|n| format!(r#"{{"id":"{n}","zone":"{n}"}}"#));
        let wide = format!(r#"{{"id":"w","x":"{}"}}"#, "x".repeat(100_000));
        let routes = routes.chain([wide]).collect::<Vec<_>>().join(",");
        let table = table(&format!(r#"{{"routes":[{routes}]}}"#));
        assert!(matches!(table, Err(TableError::TooLarge)));
    }
}
