//! Archives in the shapes in which browsers, recorders and proxies save them.
//!
//! Each recorder writes the same polls of a healthy and of a broken fleet in its own way. The shapes
//! are those of real archives (Playwright's and mitmproxy's were recorded) and of the programs'
//! sources, cut down to what is read or could mislead.

use base64::Engine as _;
use etag_lab_probe::import::har;
use findings::Check;
use serde_json::{Value, json};

const URL: &str = "https://api.example.test/config";
const CONTENT: &str = r#"{"flags":["a","b","c"]}"#;

/// A poll: the tag that was sent, the status on the wire, the tag that came.
type Poll = (Option<&'static str>, u16, &'static str);

const HEALTHY: [Poll; 9] = {
    let mut polls: [Poll; 9] = [(Some("\"a1\""), 304, "\"a1\""); 9];
    polls[0] = (None, 200, "\"a1\"");
    polls
};

const BROKEN: [Poll; 9] = [
    (None, 200, "\"41\""),
    (Some("\"41\""), 200, "\"18\""),
    (Some("\"18\""), 200, "\"7\""),
    (Some("\"7\""), 200, "\"41\""),
    (Some("\"41\""), 304, "\"41\""),
    (Some("\"41\""), 200, "\"7\""),
    (Some("\"7\""), 200, "\"18\""),
    (Some("\"18\""), 304, "\"18\""),
    (Some("\"18\""), 200, "\"41\""),
];

/// A recorder: what it calls itself, and how it writes a poll.
struct Recorder {
    name: &'static str,
    entry: fn(&Poll) -> Value,
}

const RECORDERS: [Recorder; 6] = [
    Recorder { name: "WebInspector", entry: chrome },
    Recorder { name: "Firefox", entry: firefox },
    Recorder { name: "WebKit Web Inspector", entry: safari },
    Recorder { name: "Playwright", entry: playwright },
    Recorder { name: "mitmproxy", entry: mitmproxy },
    Recorder { name: "Charles Proxy", entry: charles },
];

/// Lower-case names and pseudo-fields of HTTP/2; a 304 has the stored content.
fn chrome(poll: &Poll) -> Value {
    let mut entry =
        entry(poll, "http/2.0", poll.1, &json!({"size": CONTENT.len(), "text": CONTENT}));
    entry["request"]["headers"].as_array_mut().expect("a list").extend([
        json!({"name": ":method", "value": "GET"}),
        json!({"name": ":path", "value": "/config"}),
    ]);
    entry["connection"] = "443".into();
    entry["_connectionId"] = "17".into();
    entry["_resourceType"] = "fetch".into();
    entry["response"]["bodySize"] = if poll.1 == 304 { 0 } else { CONTENT.len() }.into();
    entry["response"]["_transferSize"] = 163.into();
    entry["response"]["_fetchedViaServiceWorker"] = false.into();
    if poll.1 == 200 {
        entry["response"]["_transferSize"] = (163 + CONTENT.len()).into();
    }
    entry
}

/// Sizes that are not known, and a cache that says so.
fn firefox(poll: &Poll) -> Value {
    let mut entry = entry(
        poll,
        "HTTP/2",
        poll.1,
        &json!({"size": CONTENT.len(), "text": CONTENT,
        "mimeType": "application/json", "comment": ""}),
    );
    entry["connection"] = "443".into();
    entry["cache"] = json!({});
    entry["response"]["bodySize"] = (-1).into();
    entry["comment"] = "".into();
    entry
}

/// Base64, and the way the content came.
fn safari(poll: &Poll) -> Value {
    let text = base64::engine::general_purpose::STANDARD.encode(CONTENT);
    let content = json!({"size": CONTENT.len(), "encoding": "base64", "text": text});
    let mut entry = entry(poll, "HTTP/2", poll.1, &content);
    entry["_fetchType"] = "Network Load".into();
    entry["_priority"] = "high".into();
    entry["response"]["bodySize"] = (-1).into();
    entry
}

/// Answer as a page sees it: 200 and the content, though a 304 came without one.
fn playwright(poll: &Poll) -> Value {
    let content = json!({"size": CONTENT.len(), "mimeType": "application/json", "text": CONTENT,
        "compression": if poll.1 == 304 { CONTENT.len() } else { 0 }});
    let mut entry = entry(poll, "HTTP/1.1", 200, &content);
    let transferred = if poll.1 == 304 { 0 } else { CONTENT.len() };
    entry["response"]["bodySize"] = transferred.into();
    entry["response"]["headersSize"] = 181.into();
    entry["response"]["_transferSize"] = (181 + transferred).into();
    entry
}

/// The wire, decoded; a 304 is empty.
fn mitmproxy(poll: &Poll) -> Value {
    let text = if poll.1 == 304 { "" } else { CONTENT };
    let content = json!({"size": text.len(), "compression": 0, "mimeType": "", "text": text});
    let mut entry = entry(poll, "HTTP/1.1", poll.1, &content);
    entry["response"]["bodySize"] = text.len().into();
    entry["serverIPAddress"] = "10.0.0.1".into();
    entry
}

/// No content, a status of its own, and an empty `encoding`.
fn charles(poll: &Poll) -> Value {
    let text = if poll.1 == 304 { Value::Null } else { CONTENT.into() };
    let mut entry =
        entry(poll, "HTTP/1.1", poll.1, &json!({"size": -1, "mimeType": "", "text": text}));
    entry["response"]["_charlesStatus"] = "COMPLETE".into();
    entry["response"]["bodySize"] = (-1).into();
    entry["connection"] = "51234".into();
    entry
}

fn entry((sent, _, tag): &Poll, version: &str, status: u16, content: &Value) -> Value {
    let lines: Vec<_> =
        sent.iter().map(|tag| json!({"name": "If-None-Match", "value": tag})).collect();
    json!({
        "startedDateTime": "2025-01-01T00:00:00.000Z", "time": 1.5, "cache": {}, "timings": {},
        "request": {"method": "GET", "url": URL, "httpVersion": version, "headers": lines,
            "cookies": [], "queryString": [], "headersSize": -1, "bodySize": 0},
        "response": {"status": status, "statusText": "", "httpVersion": version,
            "headers": [{"name": "etag", "value": tag}], "cookies": [], "content": content,
            "redirectURL": "", "headersSize": -1},
    })
}

fn check(recorder: &str, entries: &[Value]) -> Check {
    let log = json!({"log": {"version": "1.2", "creator": {"name": recorder, "version": "1"},
        "pages": [], "comment": "", "entries": entries}});
    let text = format!("\u{feff}{log:#}");
    Check::of(&har(text.as_bytes(), None).expect("it is an archive"))
}

#[test]
fn every_recorder_s_archive_tells_a_healthy_fleet_from_a_broken_one() {
    for Recorder { name, entry } in RECORDERS {
        for (polls, expected) in [(HEALTHY, "healthy"), (BROKEN, "node-local-tag")] {
            let entries: Vec<_> = polls.iter().map(entry).collect();
            let check = check(name, &entries);
            assert_eq!(check.findings[0].kind.name, expected, "{name}: {:#?}", check.findings);
            let not_modified = polls.iter().filter(|poll| poll.1 == 304).count();
            assert_eq!((check.not_modified, check.conditional), (not_modified, 8), "{name}");
        }
    }
}

#[test]
fn a_poll_that_the_browser_answered_itself_is_no_request() {
    let cached = |recorder: &str, mark: fn(&mut Value)| {
        let mut entries: Vec<_> = HEALTHY.iter().map(firefox).collect();
        let mut unasked = entry(&(None, 200, "\"other\""), "HTTP/2", 200, &json!({"size": 0}));
        mark(&mut unasked);
        entries.push(unasked);
        let check = check(recorder, &entries);
        assert_eq!(check.exchanges, 9, "{recorder}");
        assert!(check.notes.iter().any(|note| note.starts_with("1 further polls")), "{recorder}");
    };
    cached("WebInspector", |entry| entry["_fromCache"] = "memory".into());
    cached("WebInspector", |entry| entry["response"]["_fetchedViaServiceWorker"] = true.into());
    cached("Firefox", |entry| entry["cache"] = json!({"afterRequest": null}));
    cached("WebKit Web Inspector", |entry| entry["_fetchType"] = "Memory Cache".into());
}

#[test]
fn sizes_that_a_recorder_does_not_know_make_no_304() {
    // Zero everywhere is no size.
    let entries = BROKEN.iter().map(|(sent, _, tag)| {
        let mut entry = charles(&(*sent, 200, tag));
        entry["response"]["bodySize"] = 0.into();
        entry["response"]["content"]["size"] = CONTENT.len().into();
        entry
    });
    let check = check("some proxy", &entries.collect::<Vec<_>>());
    assert_eq!(check.not_modified, 0);
}

#[test]
fn a_capture_without_contents_is_judged_by_what_comes_back() {
    let bare = |poll: &Poll| {
        let mut entry = chrome(poll);
        entry["response"]["content"] = json!({"size": CONTENT.len(), "mimeType": ""});
        let lines = entry["response"]["headers"].as_array_mut().expect("a list");
        lines.push(json!({"name": "content-length", "value": CONTENT.len().to_string()}));
        entry
    };
    let check = check("WebInspector", &BROKEN.iter().map(bare).collect::<Vec<_>>());
    assert_eq!(check.findings[0].kind.name, "node-local-tag", "{:#?}", check.findings);
    assert!(check.findings[0].confidence < 0.9);
    assert!(check.notes.iter().any(|note| note.contains("missing: contents")), "{:?}", check.notes);
}
