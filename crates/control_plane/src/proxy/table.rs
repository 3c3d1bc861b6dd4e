//! The table: routes in canonical order, one strong tag for all of them, one for each zone and one
//! for each route.
//!
//! Pure: the same routes, in whatever order they came, give the same bytes and the same tags on
//! every instance, so that instances agree on tags without talking. Numbers keep the digits that they
//! came with, because a machine's number would change some. A route without a zone stands in every
//! zone, unless the zone has one with its id. Tables of all zones are bounded together: a document of
//! megabytes could otherwise ask for one of terabytes.
//!
//! Held as the bytes that are served, and some sixteen more for each route: a route is a range of the
//! whole, and the table of a zone is put together when it is asked for ([`Table::listing`]).

mod canonical;
mod left_out;
mod order;
mod route;
mod slices;

use bytes::Bytes;
use semantics::EntityTag;
use sha2::{Digest as _, Sha256};

pub(crate) use canonical::Members;
pub use left_out::LeftOut;
use order::Groups;
pub use route::{Route, RouteError, Routes};
use slices::{Slices, partition};

/// Name under which the routes that name no zone are found beside the zones.
pub const NO_ZONE: &str = "-";

// For a table with all its zones.
const MAX_BYTES: usize = 512 * 1024 * 1024;

const SMALL_BYTES: usize = 64 * 1024;
const SMALL_ROUTES: usize = 1_000;

const OPENING: &[u8] = b"{\"routes\":[";
const CLOSING: &[u8] = b"]}";

/// Reason why routes make no table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The tables of all zones together are larger than is reasonable.
    #[error("the tables of all zones hold more than {MAX_BYTES} bytes")]
    TooLarge,
}

/// A table, from which everything that is served of it is made.
#[derive(Debug)]
pub struct Table {
    /// `{"routes":[…]}` in canonical JSON, sorted by id and zone.
    content: Bytes,
    entity_tag: EntityTag,
    /// End of each route in the content.
    ends: Vec<u32>,
    ids: Slices,
    /// For each route the number of its zone in order, counted from 1; 0 is none.
    zones: Vec<u32>,
    names: Slices,
    /// Routes of each zone; those of 0 stand in every zone.
    members: Groups,
    left_out: LeftOut,
}

/// Some of the routes as one content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// `{"routes":[…]}` in canonical JSON, sorted by id; or one route.
    pub content: Bytes,
    /// Number of its routes.
    pub routes: usize,
}

/// A part of a table that has a content of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// All routes.
    Whole,
    /// The table of a zone, by number; 0 is that of the routes without one.
    Zone(u32),
    /// One route, by number.
    Route(u32),
}

impl Table {
    /// Sorts the routes and tags them.
    ///
    /// The table of a zone holds its own routes and those that name no zone; of two with one id its
    /// own counts. [`NO_ZONE`] holds those that name none, if there are any. Of routes that cannot be
    /// told apart, all but the first are left out.
    pub fn compile(routes: Routes) -> Result<Self, TableError> {
        let Routes { contents, ids, mut zones, names, mut left_out } = routes;
        let names = order::ranked(names, &mut zones);
        let mut order = order::sorted(&ids, &zones);
        let place = |route: u32| (ids.get(route as usize), zones[route as usize]);
        order.dedup_by(|later, first| {
            let is_twice = place(*later) == place(*first);
            if is_twice {
                let id = String::from_utf8_lossy(ids.get(*later as usize));
                left_out.add(format_args!("{id:?}"), "another route of its zone has this id");
            }
            is_twice
        });
        check_size(&contents, &zones, names.len())?;
        Ok(Self { left_out: *left_out, ..Self::of(&order, &contents, &ids, &zones, names) })
    }

    fn of(order: &[u32], contents: &Slices, ids: &Slices, zones: &[u32], names: Slices) -> Self {
        let all = || order.iter().map(|route| *route as usize);
        let bytes: usize = all().map(|route| contents.get(route).len() + 1).sum();
        let mut ends = Vec::with_capacity(order.len());
        let mut content = Vec::with_capacity(OPENING.len() + bytes + CLOSING.len());
        write_listing(all().map(|route| contents.get(route)), &mut content, |end| {
            ends.push(u32::try_from(end).expect("a table holds less than 4 GiB"));
        });
        let zones: Vec<_> = all().map(|route| zones[route]).collect();
        Self {
            entity_tag: entity_tag(&content),
            content: content.into(),
            ends,
            ids: ids.picked(all()),
            members: Groups::of(&zones, names.len() + 1),
            zones,
            names,
            left_out: LeftOut::default(),
        }
    }

    /// The tag of the whole table.
    pub fn entity_tag(&self) -> &EntityTag {
        &self.entity_tag
    }

    /// Entries of the source that are no route of this table.
    pub fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// Number of the routes.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All routes, sorted by id and zone.
    pub fn routes(&self) -> impl Iterator<Item = Route<'_>> {
        (0..self.len()).map(|number| self.route(number))
    }

    /// The table of the zone with this name.
    pub fn zone(&self, name: &str) -> Option<Part> {
        let number = if name == NO_ZONE {
            (!self.members.get(0).is_empty()).then_some(0)
        } else {
            self.names.find(name.as_bytes()).map(|number| number + 1)
        };
        number.map(|number| Part::Zone(numbered(number)))
    }

    /// One route as the table of the zone with this name holds it.
    pub fn route_of(&self, zone: &str, id: &str) -> Option<Part> {
        let Part::Zone(zone) = self.zone(zone)? else { return None };
        self.find(id, zone).or_else(|| self.find(id, 0))
    }

    /// Name of a zone, or id and name of the zone of a route.
    pub(crate) fn name(&self, part: Part) -> (&str, &str) {
        match part {
            Part::Whole => ("", ""),
            Part::Zone(zone) => (self.zone_name(zone).unwrap_or(NO_ZONE), ""),
            Part::Route(route) => {
                let route = self.route(route as usize);
                (route.zone.unwrap_or(NO_ZONE), route.id)
            }
        }
    }

    /// True if a part is put together and compressed at once, in a millisecond or two.
    pub(crate) fn is_small(&self, part: Part) -> bool {
        match part {
            Part::Whole => self.content.len() <= SMALL_BYTES,
            Part::Route(route) => self.range(route as usize).len() <= SMALL_BYTES,
            // Many are not even counted.
            Part::Zone(zone) => {
                let routes = self.members.get(0).len() + self.members.get(zone as usize).len();
                routes <= SMALL_ROUTES && self.zone_bytes(zone) <= SMALL_BYTES
            }
        }
    }

    /// The content of a part, put together for the caller: it shares no memory with that of another,
    /// except where it is the same.
    pub fn listing(&self, part: Part) -> Listing {
        match part {
            Part::Whole => Listing { content: self.content.clone(), routes: self.len() },
            Part::Route(route) => {
                // A range of the whole would keep all of it as long as the route stays the same.
                let content = Bytes::copy_from_slice(self.route(route as usize).content);
                Listing { content, routes: 1 }
            }
            Part::Zone(zone) => self.zone_listing(zone),
        }
    }

    fn zone_listing(&self, zone: u32) -> Listing {
        let routes = self.listed(zone).count();
        if routes == self.len() {
            return self.listing(Part::Whole);
        }
        let bytes = OPENING.len() + self.zone_bytes(zone) + CLOSING.len();
        let mut content = Vec::with_capacity(bytes);
        let routes_of = self.listed(zone).map(|route| &self.content[self.range(route)]);
        write_listing(routes_of, &mut content, |_| ());
        Listing { content: content.into(), routes }
    }

    fn zone_bytes(&self, zone: u32) -> usize {
        self.listed(zone).map(|route| self.range(route).len() + 1).sum()
    }

    /// Numbers of the routes of a zone and of those of every zone, in order.
    fn listed(&self, zone: u32) -> impl Iterator<Item = usize> {
        // Those without a zone are sorted before those with one: of two with one id, the second.
        let own = if zone == 0 { &[] } else { self.members.get(zone as usize) };
        let mut both = order::merged(self.members.get(0), own).peekable();
        std::iter::from_fn(move || {
            let first = both.next()?;
            let is_same = |next: &usize| self.ids.get(*next) == self.ids.get(first);
            Some(both.next_if(is_same).unwrap_or(first))
        })
    }

    fn route(&self, number: usize) -> Route<'_> {
        let id = str::from_utf8(self.ids.get(number)).expect("an id was text");
        let content = &self.content[self.range(number)];
        Route { id, zone: self.zone_name(self.zones[number]), content }
    }

    fn zone_name(&self, zone: u32) -> Option<&str> {
        let name = self.names.get((zone as usize).checked_sub(1)?);
        Some(str::from_utf8(name).expect("a zone was text"))
    }

    fn range(&self, route: usize) -> std::ops::Range<usize> {
        // Behind the comma.
        let start = route.checked_sub(1).map_or(OPENING.len(), |before| self.end(before) + 1);
        start..self.end(route)
    }

    fn end(&self, route: usize) -> usize {
        self.ends[route] as usize
    }

    fn find(&self, id: &str, zone: u32) -> Option<Part> {
        let place = |number: usize| (self.ids.get(number), self.zones[number]);
        let wanted = (id.as_bytes(), zone);
        let at = partition(self.len(), |number| place(number) < wanted);
        (at < self.len() && place(at) == wanted).then(|| Part::Route(numbered(at)))
    }
}

/// Appends `{"routes":[…]}`; calls `ended` with the end of each route.
fn write_listing<'a>(
    routes: impl Iterator<Item = &'a [u8]>,
    to: &mut Vec<u8>,
    mut ended: impl FnMut(usize),
) {
    to.extend_from_slice(OPENING);
    for (number, route) in routes.enumerate() {
        if number > 0 {
            to.push(b',');
        }
        to.extend_from_slice(route);
        ended(to.len());
    }
    to.extend_from_slice(CLOSING);
}

/// The strong tag of a content: the first 128 bits of its SHA-256, in hex.
pub fn entity_tag(content: &[u8]) -> EntityTag {
    let digest = Sha256::digest(content);
    let half: [u8; 16] = *digest.first_chunk().expect("a digest has 32 octets");
    EntityTag::strong(format!("{:032x}", u128::from_be_bytes(half)))
        .expect("hex digits may stand in a tag")
}

fn check_size(contents: &Slices, zones: &[u32], names: usize) -> Result<(), TableError> {
    let bytes_of = |is_in: fn(u32) -> bool| -> usize {
        let routes = contents.iter().zip(zones).filter(|(_, zone)| is_in(**zone));
        routes.map(|(content, _)| content.len() + 1).sum()
    };
    // Routes without a zone stand in the table of every zone, and in one of their own.
    let everywhere = bytes_of(|zone| zone == 0);
    let tables = names + usize::from(everywhere > 0);
    let all = bytes_of(|_| true) + everywhere.saturating_mul(tables);
    if all > MAX_BYTES { Err(TableError::TooLarge) } else { Ok(()) }
}

fn numbered(index: usize) -> u32 {
    u32::try_from(index).expect("a table has fewer than 2³² routes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(json: &str) -> Result<Table, TableError> {
        Table::compile(Routes::parse(json.as_bytes()).expect("these are routes"))
    }

    fn text(table: &Table, part: Part) -> String {
        String::from_utf8_lossy(&table.listing(part).content).into_owned()
    }

    fn whole(table: &Table) -> String {
        text(table, Part::Whole)
    }

    fn zone(table: &Table, name: &str) -> Option<String> {
        table.zone(name).map(|part| text(table, part))
    }

    #[test]
    fn order_and_white_space_of_the_source_do_not_count() -> Result<(), TableError> {
        let one = table(r#"{"routes":[{"id":"b","x":1,"a":2},{"id":"a"}]}"#)?;
        let two = table(r#"{ "v": 3, "routes" : [ {"id":"a"}, {"a":2, "x":1, "id":"b"} ] }"#)?;
        assert_eq!(whole(&one), r#"{"routes":[{"id":"a"},{"a":2,"id":"b","x":1}]}"#);
        assert_eq!((whole(&one), one.entity_tag()), (whole(&two), two.entity_tag()));
        assert_eq!(*one.entity_tag(), entity_tag(whole(&one).as_bytes()));
        assert!(!one.entity_tag().is_weak());
        assert_eq!((one.listing(Part::Whole).routes, one.is_empty()), (2, false));
        Ok(())
    }

    #[test]
    fn the_empty_table_is_a_table() -> Result<(), TableError> {
        let empty = table(r#"{"routes":[]}"#)?;
        assert_eq!((whole(&empty).as_str(), empty.is_empty()), (r#"{"routes":[]}"#, true));
        assert_eq!((empty.zone(NO_ZONE), empty.route_of(NO_ZONE, "a")), (None, None));
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
        assert_ne!(before.entity_tag(), after.entity_tag());
        assert_eq!(zone(&before, "y"), zone(&after, "y"));
        assert_ne!(zone(&before, "z"), zone(&after, "z"));
        Ok(())
    }

    #[test]
    fn ids_are_in_the_order_of_their_octets() -> Result<(), TableError> {
        // More of them alike than one comparison of a key sees, escapes, and ends.
        let ids =
            ["", "0", "00000000", "00000000\u{0}", "000000001", "1", "\"", "\\", "é", "\u{7f}"];
        let ids: Vec<_> = ids.into_iter().map(|id| format!("route-{id}")).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        let routes: Vec<_> = ids.iter().map(|id| serde_json::json!({ "id": id })).collect();
        let table = table(&serde_json::json!({ "routes": routes }).to_string())?;
        assert_eq!(table.routes().map(|route| route.id).collect::<Vec<_>>(), sorted);
        for id in &ids {
            let found = table.route_of(NO_ZONE, id).expect("it is there");
            assert_eq!(text(&table, found), serde_json::json!({ "id": id }).to_string());
            assert_eq!(table.name(found), (NO_ZONE, id.as_str()));
        }
        Ok(())
    }

    #[test]
    fn of_routes_that_cannot_be_told_apart_the_first_stays() -> Result<(), TableError> {
        for (twice, stays) in [
            (
                r#"{"routes":[{"id":"a","x":2},{"id":"b"},{"id":"a","x":1}]}"#,
                r#"{"routes":[{"id":"a","x":2},{"id":"b"}]}"#,
            ),
            (
                r#"{"routes":[{"id":"a","zone":"z"},{"id":"a","x":1,"zone":"z"},{"id":"a"}]}"#,
                r#"{"routes":[{"id":"a"},{"id":"a","zone":"z"}]}"#,
            ),
        ] {
            let table = table(twice)?;
            assert_eq!(text(&table, Part::Whole), stays);
            let said = table.left_out().to_string();
            assert_eq!(said, "\"a\": another route of its zone has this id");
        }
        Ok(())
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
