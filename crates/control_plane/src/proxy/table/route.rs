//! Routes as a source brings them: JSON objects with an `id`, perhaps a `zone`, and members that only
//! their users understand.
//!
//! Kept in canonical form, one behind the other, and never as objects of their own: a document of
//! many small routes would otherwise take a multiple of its size. Reads no file and no socket.

mod document;

use std::collections::HashMap;
use std::fmt::Display;

use serde_json::value::RawValue;

use super::NO_ZONE;
use super::canonical::{self, Members};
use super::left_out::LeftOut;
use super::slices::Slices;

/// Reason why something is no route.
#[derive(Debug, thiserror::Error)]
pub enum RouteError {
    /// No JSON object, or one that is nested too deep.
    #[error("not a JSON object: {0}")]
    Json(#[from] serde_json::Error),
    /// A member that has to be a string is none, or is empty.
    #[error("its `{0}` is not a string of one character or more")]
    Name(&'static str),
    /// It has no `id`, and nothing else names it.
    #[error("it has no `id`")]
    Unnamed,
    /// Its zone has the name that stands for none.
    #[error("it names the zone `-`, which stands for routes without one")]
    Reserved,
    /// All of them together are too large to be numbered.
    #[error("the routes hold more than 4 GiB")]
    TooLarge,
}

/// Routes in canonical form, in the order in which they came.
#[derive(Debug, Default)]
pub struct Routes {
    pub(super) contents: Slices,
    pub(super) ids: Slices,
    /// For each route the number of its zone, counted from 1; 0 is none.
    pub(super) zones: Vec<u32>,
    /// Numbers of the zones by name.
    pub(super) names: HashMap<Box<str>, u32>,
    /// Mostly nothing, so that it takes no room.
    pub(super) left_out: Box<LeftOut>,
}

/// A route of a table, or of several routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route<'a> {
    /// Identity within its zone.
    pub id: &'a str,
    /// The zone it is for; `None` means every zone.
    pub zone: Option<&'a str>,
    /// Its canonical JSON.
    pub content: &'a [u8],
}

impl Route<'_> {
    /// Id and zone, which no two routes of a table share.
    pub(crate) fn place(&self) -> (&str, Option<&str>) {
        (self.id, self.zone)
    }
}

impl Routes {
    /// Reads a document `{"routes":[…]}`; other members of it mean nothing, and what is no route in it
    /// is left out.
    pub fn parse(json: &[u8]) -> Result<Self, RouteError> {
        let mut routes = Self::default();
        routes.push_all(json, "")?;
        Ok(routes)
    }

    /// Adds the routes of a document `{"routes":[…]}`; `of` is written before the place of what is left
    /// out.
    pub fn push_all(&mut self, json: &[u8], of: &str) -> Result<(), RouteError> {
        // What is canonical is no longer than what is not.
        self.contents.reserve(json.len());
        document::read(json, self, of)
    }

    /// Adds one JSON object; `name` is its `id` where it says none itself.
    pub fn push(&mut self, json: &[u8], name: Option<&str>) -> Result<(), RouteError> {
        self.push_value(serde_json::from_slice(json)?, name)
    }

    /// Leaves out what is no route; `place` is where the source has it. What is too large is none of
    /// that: it is not known what would be missing.
    pub(crate) fn or_leave_out(
        &mut self,
        place: impl Display,
        pushed: Result<(), RouteError>,
    ) -> Result<(), RouteError> {
        match pushed {
            Err(error) if !matches!(error, RouteError::TooLarge) => {
                self.left_out.add(place, error);
                Ok(())
            }
            pushed => pushed,
        }
    }

    /// Entries that were left out.
    pub fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// Number of the routes.
    pub fn len(&self) -> usize {
        self.zones.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.zones.is_empty()
    }

    /// The canonical JSON of each.
    pub fn contents(&self) -> impl Iterator<Item = &[u8]> {
        self.contents.iter()
    }

    /// The id of each.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(|id| str::from_utf8(id).expect("an id was text"))
    }

    fn push_value(&mut self, value: &RawValue, name: Option<&str>) -> Result<(), RouteError> {
        let mut members: Members<'_> = serde_json::from_str(value.get())?;
        let own = string(&members, "id")?;
        let zone = string(&members, "zone")?;
        if zone.as_deref() == Some(NO_ZONE) {
            return Err(RouteError::Reserved);
        }
        let spelled;
        let id = match (&own, name) {
            (Some(id), _) => id,
            (None, Some(name)) => {
                spelled = serde_json::value::to_raw_value(name)?;
                members.insert("id".to_owned(), &spelled);
                name
            }
            (None, None) => return Err(RouteError::Unnamed),
        };
        let write = |to: &mut Vec<u8>| Ok(canonical::object(&members, to, canonical::write)?);
        self.contents.write(write)?;
        self.ids.push(id.as_bytes())?;
        let zone = zone.map_or(0, |zone| self.number_of(zone));
        self.zones.push(zone);
        Ok(())
    }

    fn number_of(&mut self, zone: String) -> u32 {
        if let Some(number) = self.names.get(zone.as_str()) {
            return *number;
        }
        let number = u32::try_from(self.names.len() + 1).expect("there are fewer than routes");
        self.names.insert(zone.into(), number);
        number
    }
}

/// The member as a string; `None` where it is absent or null.
fn string(members: &Members<'_>, name: &'static str) -> Result<Option<String>, RouteError> {
    let Some(value) = members.get(name).filter(|value| value.get() != "null") else {
        return Ok(None);
    };
    match serde_json::from_str::<String>(value.get()) {
        Ok(text) if !text.is_empty() => Ok(Some(text)),
        _ => Err(RouteError::Name(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(json: &str, name: Option<&str>) -> Result<Routes, RouteError> {
        let mut routes = Routes::default();
        routes.push(json.as_bytes(), name)?;
        Ok(routes)
    }

    fn content(json: &str, name: Option<&str>) -> Result<String, String> {
        let routes = one(json, name).map_err(|error| error.to_string())?;
        Ok(routes.contents().map(String::from_utf8_lossy).collect())
    }

    #[test]
    fn a_route_is_named_by_itself_or_else_by_where_it_stands() {
        assert_eq!(content(r#"{"to":1,"id":"a"}"#, Some("b")), Ok(r#"{"id":"a","to":1}"#.into()));
        assert_eq!(content(r#"{"to":1}"#, Some("b\"")), Ok(r#"{"id":"b\"","to":1}"#.into()));
        assert_eq!(content(r#"{"to":1,"id":null}"#, Some("b")), Ok(r#"{"id":"b","to":1}"#.into()));
        assert_eq!(content(r#"{"id":"\u0061\/"}"#, None), Ok(r#"{"id":"a/"}"#.into()));
        assert_eq!(content("{}", None), Err("it has no `id`".into()));
    }

    #[test]
    fn a_zone_is_a_name_or_absent() {
        let zones = |json: &str| one(json, None).map(|routes| routes.names.into_keys().collect());
        let zones = |json: &str| zones(json).map(|zones: Vec<Box<str>>| zones.concat());
        assert!(matches!(zones(r#"{"id":"a","zone":"z/ü"}"#), Ok(zone) if zone == "z/ü"));
        assert!(matches!(zones(r#"{"id":"a","zone":null}"#), Ok(zone) if zone.is_empty()));
        for bad in [r#"{"id":"a","zone":""}"#, r#"{"id":"a","zone":7}"#] {
            assert!(matches!(zones(bad), Err(RouteError::Name("zone"))), "{bad}");
        }
        assert!(matches!(zones(r#"{"id":1}"#), Err(RouteError::Name("id"))));
    }

    #[test]
    fn what_is_no_object_is_no_route() {
        for bad in ["", "[]", "1", "{\"id\":\"a\"", "{\"id\":\"a\"}}", "\u{fffd}"] {
            assert!(matches!(one(bad, None), Err(RouteError::Json(_))), "{bad}");
        }
    }

    #[test]
    fn what_is_no_document_has_no_routes() {
        let parsed = |json: &str| Routes::parse(json.as_bytes()).map(|routes| routes.len());
        assert!(matches!(parsed(r#"{"v":[{}],"routes":[{"id":"a"}],"w":1} "#), Ok(1)));
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"routes":{}}"#,
            r#"{"routes":[{"id":"a"}]"#,
            r#"{"routes":[{"id":"a"},]}"#,
            r#"{"routes":[{"id":"a"}]}x"#,
            r#"{"routes":[],"routes":[]}"#,
        ] {
            assert!(matches!(parsed(bad), Err(RouteError::Json(_))), "{bad}");
        }
    }

    #[test]
    fn what_is_no_route_in_a_document_is_left_out() -> Result<(), RouteError> {
        let json = r#"{"routes":[1,{"id":"a"},{},{"id":"b","zone":"-"},{"id":"c","zone":7}]}"#;
        let routes = Routes::parse(json.as_bytes())?;
        assert_eq!(routes.ids().collect::<Vec<_>>(), ["a"]);
        let said = routes.left_out().to_string();
        for reason in [
            "route 1: not a JSON object",
            "route 3: it has no `id`",
            "route 4: it names the zone `-`",
            "route 5: its `zone` is not",
        ] {
            assert!(said.contains(reason), "{said}");
        }
        assert_eq!(routes.left_out().count(), 4);
        Ok(())
    }
}
