//! The document of a table, read element by element.

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::{RouteError, Routes};

/// Adds the routes of a document; `of` is written before the place of what is left out.
pub(super) fn read(json: &[u8], routes: &mut Routes, of: &str) -> Result<(), RouteError> {
    let mut reading = Reading { routes, of, refused: None };
    let mut json = serde_json::Deserializer::from_slice(json);
    let read = json.deserialize_map(DocumentVisitor(&mut reading)).and_then(|()| json.end());
    // The parser's own error only says that a route is refused.
    reading.refused.map_or(Ok(()), Err)?;
    Ok(read?)
}

/// A document as it is read, route by route, so that nothing of it is kept twice.
struct Reading<'r> {
    routes: &'r mut Routes,
    of: &'r str,
    /// Error of a route, which the parser's own errors cannot carry.
    refused: Option<RouteError>,
}

struct DocumentVisitor<'a, 'r>(&'a mut Reading<'r>);

impl<'de> Visitor<'de> for DocumentVisitor<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object with `routes`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut is_seen = false;
        while let Some(name) = map.next_key::<String>()? {
            if name != "routes" {
                map.next_value::<IgnoredAny>()?;
            } else if std::mem::replace(&mut is_seen, true) {
                return Err(A::Error::duplicate_field("routes"));
            } else {
                map.next_value_seed(RoutesSeed(self.0))?;
            }
        }
        if is_seen { Ok(()) } else { Err(A::Error::missing_field("routes")) }
    }
}

struct RoutesSeed<'a, 'r>(&'a mut Reading<'r>);

impl<'de> DeserializeSeed<'de> for RoutesSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RoutesSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of routes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let Reading { routes, of, .. } = &mut *self.0;
        for number in 1.. {
            let Some(element) = elements.next_element::<&RawValue>()? else { break };
            let pushed = routes.push_value(element, None);
            let place = format_args!("{of}route {number}");
            if let Err(error) = routes.or_leave_out(place, pushed) {
                self.0.refused = Some(error);
                return Err(A::Error::custom("a route is refused"));
            }
        }
        Ok(())
    }
}
