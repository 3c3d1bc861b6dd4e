//! Routes as objects of the Kubernetes API: a list of Ingresses, or of whatever has a `spec`.
//!
//! The API gives no validators with a list, so each poll brings all of it. Its `resourceVersion`
//! moves with every write to the cluster, and an API restored from a backup shows old ones again, so
//! it is not taken for the answer to "is this what I hold?": equal bytes are. Watches nothing: one
//! poll more or less is no burden to the API, and a poll cannot miss an event.

use std::collections::BTreeMap;

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use semantics::HttpDate;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::{Fetched, Modified, UpstreamError, aside, get};
use crate::proxy::table::{RouteError, Routes};
use crate::source::ZONE_LABEL;
use text::excerpt;
use tokio::time::Instant;
use wire::json::{JsonClient, JsonResponse};

// Annotations of the tools that write objects say nothing about routing.
const TOOLS: &str = "kubectl.kubernetes.io/";

#[derive(Debug)]
pub(super) struct Kubernetes {
    client: JsonClient,
    held: Option<HeldList>,
    fetched: Option<HeldList>,
}

/// Digest and date of a list.
type HeldList = ([u8; 32], Option<HttpDate>);

impl Kubernetes {
    pub(super) fn new(client: JsonClient) -> Self {
        Self { client, held: None, fetched: None }
    }

    pub(super) async fn fetch(&mut self, deadline: Instant) -> Result<Fetched, UpstreamError> {
        self.fetched = None;
        let JsonResponse { status, content, .. } =
            get(&mut self.client, HeaderMap::new(), deadline).await?;
        if status != StatusCode::OK {
            return Err(UpstreamError::Status(status.as_u16()));
        }
        let held = self.held.map(|(digest, _)| digest);
        let news = aside(move || {
            let digest = Sha256::digest(&content).into();
            // Equal bytes are the one sign of an unchanged list that a restored API cannot fake.
            if held == Some(digest) {
                return Ok(None);
            }
            read(&content).map(|list| Some((digest, list)))
        });
        let Some((digest, (routes, modified))) = news.await? else { return Ok(Fetched::Unchanged) };
        self.fetched = Some((digest, modified));
        Ok(Fetched::Routes(routes))
    }

    pub(super) fn keep(&mut self) {
        self.held = self.fetched.take().or(self.held);
    }

    /// The latest time in any object.
    pub(super) fn modified(&self) -> Option<Modified> {
        let (_, date) = self.held?;
        // It stays where it is when an object is deleted, so it answers no condition.
        date.map(|date| Modified { date, moves: false })
    }
}

#[derive(Deserialize)]
struct List<'a> {
    metadata: ListMetadata,
    #[serde(borrow)]
    items: Option<Vec<Object<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListMetadata {
    resource_version: String,
    r#continue: Option<String>,
}

#[derive(Deserialize)]
struct Object<'a> {
    metadata: ObjectMetadata,
    #[serde(borrow)]
    spec: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ObjectMetadata {
    name: String,
    namespace: Option<String>,
    labels: Option<BTreeMap<String, String>>,
    annotations: Option<BTreeMap<String, String>>,
    creation_timestamp: Option<String>,
    managed_fields: Option<Vec<ManagedFields>>,
}

#[derive(Deserialize)]
struct ManagedFields {
    time: Option<String>,
}

fn read(list: &[u8]) -> Result<(Routes, Option<HttpDate>), UpstreamError> {
    let malformed = |error: &dyn std::fmt::Display| {
        UpstreamError::Malformed(excerpt(&format!("list of objects: {error}")))
    };
    let list: List<'_> = serde_json::from_slice(list).map_err(|error| malformed(&error))?;
    if list.metadata.resource_version.is_empty() {
        return Err(malformed(&"its resourceVersion is empty"));
    }
    if list.metadata.r#continue.is_some_and(|more| !more.is_empty()) {
        return Err(malformed(&"it is only a page: ask without `limit`"));
    }
    let items = list.items.unwrap_or_default();
    let modified = items.iter().filter_map(|item| item.metadata.modified()).max();
    let mut routes = Routes::default();
    for item in items {
        let place = format!("the object {:?}", item.metadata.name);
        let pushed = push(item, &mut routes);
        routes.or_leave_out(place, pushed).map_err(|error| malformed(&error))?;
    }
    Ok((routes, modified))
}

/// `{"annotations":…,"id":"NAMESPACE/NAME","spec":…,"zone":…}`: not the status, which others write
/// all the time, and none of the bookkeeping.
fn push(object: Object<'_>, routes: &mut Routes) -> Result<(), RouteError> {
    let Object { metadata, spec } = object;
    let id = match &metadata.namespace {
        Some(namespace) => format!("{namespace}/{}", metadata.name),
        None => metadata.name,
    };
    let annotations = metadata.annotations.unwrap_or_default().into_iter();
    let annotations: BTreeMap<_, _> =
        annotations.filter(|(name, _)| !name.starts_with(TOOLS)).collect();
    let zone = metadata.labels.unwrap_or_default().remove(ZONE_LABEL);
    let shape = Shape { annotations, spec, zone: zone.filter(|zone| !zone.is_empty()) };
    routes.push(&serde_json::to_vec(&shape)?, Some(&id))
}

#[derive(serde::Serialize)]
struct Shape<'a> {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spec: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
}

impl ObjectMetadata {
    fn modified(&self) -> Option<HttpDate> {
        let managed = self.managed_fields.iter().flatten().filter_map(|by| by.time.as_deref());
        let times = managed.chain(self.creation_timestamp.as_deref());
        let seconds = |time: &str| time.parse::<Timestamp>().ok().map(Timestamp::as_second);
        let latest = times.filter_map(seconds).max()?;
        HttpDate::from_unix_seconds(u64::try_from(latest).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"{
        "kind": "IngressList", "apiVersion": "networking.k8s.io/v1",
        "metadata": {"resourceVersion": "12345"},
        "items": [
            {"metadata": {"name": "shop", "namespace": "prod", "uid": "u", "resourceVersion": "7",
                "creationTimestamp": "2026-01-02T03:04:05Z",
                "labels": {"topology.kubernetes.io/zone": "eu-1a"},
                "annotations": {"filter": "x", "kubectl.kubernetes.io/last-applied": "{}"},
                "managedFields": [{"manager": "kubectl", "time": "2026-01-02T03:04:06Z"}]},
             "spec": {"rules": []}, "status": {"loadBalancer": {}}},
            {"metadata": {"name": "node"}, "spec": {}}
        ]}"#;

    #[test]
    fn an_object_is_a_route_without_what_others_write_into_it() -> Result<(), UpstreamError> {
        let (routes, modified) = read(LIST.as_bytes())?;
        let texts: Vec<_> = routes.contents().map(String::from_utf8_lossy).collect();
        assert_eq!(
            texts,
            [
                r#"{"annotations":{"filter":"x"},"id":"prod/shop","spec":{"rules":[]},"zone":"eu-1a"}"#,
                r#"{"id":"node","spec":{}}"#,
            ]
        );
        let latest: Timestamp = "2026-01-02T03:04:06Z".parse().expect("it is a time");
        let latest = HttpDate::from_unix_seconds(latest.as_second().cast_unsigned());
        assert_eq!(modified, latest.ok());
        Ok(())
    }

    #[test]
    fn an_empty_list_has_no_routes_and_no_date() {
        for items in ["", r#","items":null"#, r#","items":[]"#] {
            let list = format!(r#"{{"metadata":{{"resourceVersion":"1"}}{items}}}"#);
            let read = read(list.as_bytes());
            assert!(matches!(&read, Ok((routes, None)) if routes.is_empty()), "{read:?}");
        }
    }

    #[test]
    fn what_is_not_the_whole_list_is_malformed() {
        for bad in [
            r#"{"items":[]}"#,
            r#"{"metadata":{"resourceVersion":""},"items":[]}"#,
            r#"{"metadata":{"resourceVersion":"1","continue":"x"},"items":[]}"#,
            r#"{"metadata":{"resourceVersion":"1"},"items":[{"spec":{}}]}"#,
            r#"{"kind":"Status","status":"Failure"}"#,
            &LIST[..LIST.len() - 2],
        ] {
            assert!(matches!(read(bad.as_bytes()), Err(UpstreamError::Malformed(_))), "{bad}");
        }
    }
}
