//! The list over HTTP: whole each time, as it is at that moment, without a validator, and counted.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use etag_lab_control_plane::source::{LIST_PATH, RouteStore, SourceState, zone_path};
use http::HeaderMap;
use serde_json::{Value, json};
use server::stdio::Messages;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use wire::json::{JsonClient, JsonError};

const PATIENCE: Duration = Duration::from_secs(60);

fn write(path: &Path, version: &str, routes: &Value) -> std::io::Result<()> {
    std::fs::write(path, json!({"version": version, "routes": routes}).to_string())
}

async fn get(client: &mut JsonClient, path: &str) -> Result<(u16, Bytes), JsonError> {
    let response = client.get(path, HeaderMap::new()).await?;
    Ok((response.status.as_u16(), response.content))
}

fn names(list: &[u8]) -> Vec<String> {
    let list: Value = serde_json::from_slice(list).expect("a list is JSON");
    let items = list["items"].as_array().expect("a list has items");
    let name = |item: &Value| item["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    items.iter().map(name).collect()
}

#[tokio::test]
async fn every_request_is_answered_with_what_the_file_holds_now_and_counted()
-> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("routes.json");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut client = JsonClient::at(listener.local_addr()?, PATIENCE);
    let state = Arc::new(SourceState::new(RouteStore::File(file.clone())));
    let (stop, stopped) = oneshot::channel::<()>();
    let serving =
        tokio::spawn(etag_lab_control_plane::source::serve(listener, Arc::clone(&state), async {
            stopped.await.unwrap_or_default();
        }));

    let (status, _) = get(&mut client, LIST_PATH).await?;
    assert_eq!(status, 500, "there is no file yet");
    write(&file, "1", &json!([{"id": "a", "zone": "x"}, {"id": "b", "zone": "y"}]))?;
    let (status, all) = get(&mut client, LIST_PATH).await?;
    assert_eq!((status, names(&all)), (200, vec!["a".to_owned(), "b".to_owned()]));
    let (_, of_zone) = get(&mut client, &zone_path("y")).await?;
    assert_eq!(names(&of_zone), ["b"]);
    write(&file, "2", &json!([{"id": "c", "zone": "x"}]))?;
    let (_, changed) = get(&mut client, LIST_PATH).await?;
    assert_eq!(names(&changed), ["c"]);

    let counts = state.counts();
    let content = all.len() + of_zone.len() + changed.len();
    assert_eq!((counts.requests, counts.content_bytes), (4, content as u64));
    let (_, metrics) = get(&mut client, "/metrics").await?;
    let metrics = String::from_utf8_lossy(&metrics).into_owned();
    assert!(metrics.contains("\netag_lab_source_requests_total 4\n"), "{metrics}");

    stop.send(()).map_err(|()| "it ended before it was told to")?;
    drop(client);
    serving.await?;
    Ok(())
}

#[tokio::test]
async fn orders_are_answered_one_by_one_and_what_is_none_is_named()
-> Result<(), Box<dyn std::error::Error>> {
    let state = Arc::new(SourceState::new(RouteStore::File("nowhere".into())));
    let orders = b"{\"counts\":{}}\n\n{\"count\":{}}\n".as_slice();
    let mut reports = Vec::new();
    etag_lab_control_plane::source::obey(Messages::from(orders), &mut reports, state).await?;
    let reports = String::from_utf8(reports)?;
    let lines: Vec<_> = reports.lines().collect();
    assert_eq!(lines[0], r#"{"counts":{"requests":0,"content_bytes":0}}"#);
    assert!(lines[1].starts_with(r#"{"failed":{"reason":"order not understood"#), "{}", lines[1]);
    assert_eq!(lines.len(), 2);
    Ok(())
}
