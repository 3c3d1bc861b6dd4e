//! Routes as Ingress-like objects, and the list of them.
//!
//! Pure: the same routes at the same version are the same bytes, so that whoever knows the routes
//! knows the answer.

use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

// The proxy reads the label by which it is written here.
pub(crate) const ZONE_LABEL: &str = "topology.kubernetes.io/zone";

/// All routes of a moment.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct RouteList {
    /// The `resourceVersion` of the list: another one after each change.
    pub version: String,
    /// JSON objects with `id`, `zone` and `spec`, in the order in which they are listed.
    pub routes: Vec<Value>,
}

/// Something among the routes that is none.
#[derive(Debug, Error)]
#[error("`{0}` is not a route: it needs the texts `id` and `zone`")]
pub struct NotARoute(String);

/// The list as it is sent; `zone` leaves out the objects of other zones.
pub fn list(snapshot: &RouteList, zone: Option<&str>) -> Result<Vec<u8>, NotARoute> {
    let mut items = Vec::new();
    for route in &snapshot.routes {
        let object = object(route).ok_or_else(|| NotARoute(shortened(route)))?;
        if zone.is_none_or(|zone| object["metadata"]["namespace"] == zone) {
            items.push(object);
        }
    }
    let list = json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressList",
        "metadata": {"resourceVersion": snapshot.version},
        "items": items,
    });
    Ok(list.to_string().into_bytes())
}

fn object(route: &Value) -> Option<Value> {
    let (id, zone) = (route.get("id")?.as_str()?, route.get("zone")?.as_str()?);
    // An id with its zone before it is the name of that object as a proxy would put it.
    let name = id.strip_prefix(zone).and_then(|rest| rest.strip_prefix('/')).unwrap_or(id);
    Some(json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"namespace": zone, "name": name, "labels": {ZONE_LABEL: zone}},
        "spec": route.get("spec").unwrap_or(&Value::Null),
    }))
}

fn shortened(route: &Value) -> String {
    route.to_string().chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(routes: &Value) -> RouteList {
        let routes = routes.as_array().cloned().unwrap_or_default();
        RouteList { version: "7".to_owned(), routes }
    }

    fn listed(snapshot: &RouteList, zone: Option<&str>) -> Value {
        let list = list(snapshot, zone).expect("these are routes");
        serde_json::from_slice(&list).expect("a list is JSON")
    }

    #[test]
    fn a_route_becomes_an_object_in_the_namespace_of_its_zone() {
        let routes = json!([{"id": "east/a", "zone": "east", "spec": {"weight": 3}}, {"id": "b", "zone": "west"}]);
        let all = listed(&snapshot(&routes), None);
        assert_eq!(all["metadata"]["resourceVersion"], "7");
        assert_eq!(all["items"].as_array().map(Vec::len), Some(2));
        let labels = json!({ZONE_LABEL: "east"});
        let metadata = json!({"namespace": "east", "name": "a", "labels": labels});
        assert_eq!(all["items"][0]["metadata"], metadata);
        assert_eq!(all["items"][0]["spec"], json!({"weight": 3}));
        let west = listed(&snapshot(&routes), Some("west"));
        assert_eq!(west["items"].as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn what_has_no_id_or_zone_is_named() {
        let error = list(&snapshot(&json!([{"zone": "east"}])), None).expect_err("there is no id");
        assert_eq!(
            error.to_string(),
            "`{\"zone\":\"east\"}` is not a route: it needs the texts `id` and `zone`"
        );
    }
}
