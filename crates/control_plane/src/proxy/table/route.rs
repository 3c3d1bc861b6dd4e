//! One route: a JSON object with an `id`, perhaps a `zone`, and members that only its users
//! understand.
//!
//! Reads no file and no socket.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::canonical::{self, Members};

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
}

/// A route in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub(super) id: String,
    pub(super) zone: Option<String>,
    pub(super) content: Bytes,
}

#[derive(Deserialize)]
struct RoutesDocument<'a> {
    #[serde(borrow)]
    routes: Vec<&'a RawValue>,
}

impl Route {
    /// Reads one JSON object; `name` is its `id` where it says none itself.
    pub fn parse(json: &[u8], name: Option<&str>) -> Result<Self, RouteError> {
        Self::of(serde_json::from_slice(json)?, name)
    }

    /// Reads a document `{"routes":[…]}`; other members of it mean nothing.
    pub fn parse_all(json: &[u8]) -> Result<Vec<Self>, RouteError> {
        let document: RoutesDocument<'_> = serde_json::from_slice(json)?;
        document.routes.into_iter().map(|route| Self::of(route, None)).collect()
    }

    /// Identity within its zone.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The zone it is for; `None` means every zone.
    pub fn zone(&self) -> Option<&str> {
        self.zone.as_deref()
    }

    /// Its canonical JSON.
    pub fn content(&self) -> &Bytes {
        &self.content
    }

    /// Id and zone, which no two routes of a table share.
    pub(crate) fn place(&self) -> (&str, Option<&str>) {
        (&self.id, self.zone.as_deref())
    }

    fn of(value: &RawValue, name: Option<&str>) -> Result<Self, RouteError> {
        let mut members: Members<'_> = serde_json::from_str(value.get())?;
        let id = string(&members, "id")?.or_else(|| name.map(str::to_owned));
        let id = id.ok_or(RouteError::Unnamed)?;
        let zone = string(&members, "zone")?;
        let spelled = serde_json::value::to_raw_value(&id)?;
        members.insert("id".to_owned(), &spelled);
        let mut content = Vec::with_capacity(value.get().len());
        canonical::object(&members, &mut content, canonical::write)?;
        Ok(Self { id, zone, content: content.into() })
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

    fn content(json: &str, name: Option<&str>) -> Result<String, String> {
        let route = Route::parse(json.as_bytes(), name).map_err(|error| error.to_string())?;
        Ok(String::from_utf8_lossy(&route.content).into_owned())
    }

    #[test]
    fn a_route_is_named_by_itself_or_else_by_where_it_stands() {
        assert_eq!(content(r#"{"to":1,"id":"a"}"#, Some("b")), Ok(r#"{"id":"a","to":1}"#.into()));
        assert_eq!(content(r#"{"to":1}"#, Some("b\"")), Ok(r#"{"id":"b\"","to":1}"#.into()));
        assert_eq!(content("{}", None), Err("it has no `id`".into()));
    }

    #[test]
    fn a_zone_is_a_name_or_absent() {
        let zone = |json: &str| Route::parse(json.as_bytes(), None).map(|route| route.zone);
        assert!(matches!(zone(r#"{"id":"a","zone":"z/ü"}"#), Ok(Some(zone)) if zone == "z/ü"));
        assert!(matches!(zone(r#"{"id":"a","zone":null}"#), Ok(None)));
        for bad in [r#"{"id":"a","zone":""}"#, r#"{"id":"a","zone":7}"#] {
            assert!(matches!(zone(bad), Err(RouteError::Name("zone"))), "{bad}");
        }
        assert!(matches!(zone(r#"{"id":1}"#), Err(RouteError::Name("id"))));
    }

    #[test]
    fn what_is_no_object_is_no_route() {
        for bad in ["", "[]", "1", "{\"id\":\"a\"", "{\"id\":\"a\"}}", "\u{fffd}"] {
            assert!(
                matches!(Route::parse(bad.as_bytes(), None), Err(RouteError::Json(_))),
                "{bad}"
            );
        }
    }
}
