//! HTTP Archive 1.2: the form in which browsers' developer tools keep and open exchanges.
//!
//! Mirrors the specification (<http://www.softwareishard.com/blog/har-12-spec/>); custom fields
//! start with an underscore, as it demands.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use measure::{ArmTranscript, Verdict, WireExchange};
use serde_json::{Value, json};
use text::secret::masked;
use truth::REPLICA_FIELD;

use super::{WireLog, caption, message};

// Of all contents together: a content is repeated in every entry that brought it.
const MOST_CONTENT_BYTES: usize = 64 << 20;

pub(super) fn har(log: &WireLog<'_>) -> Value {
    let record = log.record;
    let mut room = MOST_CONTENT_BYTES;
    let mut entries = Vec::new();
    for arm in log.arms {
        let exchanges = &arm.transcript.exchanges;
        entries.extend(exchanges.iter().map(|exchange| entry(arm, exchange, &mut room)));
    }
    let left_out: u64 = log.arms.iter().map(|arm| arm.transcript.left_out).sum();
    let mut comment = record.command.clone();
    if left_out > 0 {
        comment = format!("{comment}; without the last {left_out} exchanges");
    }
    if record.partial {
        comment.push_str("; interrupted");
    }
    let pages: Vec<_> = log.arms.iter().map(|arm| page(log, arm)).collect();
    let creator = json!({ "name": "etag-lab", "version": record.tool.version });
    let mut har = json!({
        "log": { "version": "1.2", "creator": creator, "pages": pages, "comment": comment },
    });
    // Put in as they are: the macro would copy them, with all contents.
    har["log"]["entries"] = entries.into();
    har
}

// One arm: developer tools group the entries by page.
fn page(log: &WireLog<'_>, arm: &ArmTranscript) -> Value {
    let record = log.record.arms.iter().find(|record| record.name == arm.arm);
    let strategy = record.map_or("", |record| &record.strategy);
    json!({
        "startedDateTime": moment(arm.transcript.started),
        "id": arm.arm,
        "title": format!("{} · {} · {strategy}", log.record.scenario.name, arm.arm),
        "pageTimings": {},
    })
}

/// `room`: octets of content that the file may still take.
fn entry(arm: &ArmTranscript, exchange: &WireExchange, room: &mut usize) -> Value {
    let timing = &exchange.timing;
    let phases = [timing.connect.unwrap_or_default(), timing.send, timing.wait, timing.receive];
    let mut entry = json!({
        "pageref": arm.arm,
        "startedDateTime": moment(arm.transcript.started + timing.started),
        // The sum of the phases as they are shown, as the specification demands.
        "time": phases.iter().map(Duration::as_micros).sum::<u128>() as f64 / 1_000.0,
        "request": request(&exchange.request),
        "response": response(exchange, room),
        "cache": {},
        // In milliseconds; -1 is for what did not take place: the lab resolves no name, and its
        // requests wait for no connection.
        "timings": {
            "blocked": -1.0,
            "dns": -1.0,
            "connect": timing.connect.map_or(-1.0, millis),
            "send": millis(timing.send),
            "wait": millis(timing.wait),
            "receive": millis(timing.receive),
            "ssl": -1.0,
        },
        "comment": caption(exchange).join(" · "),
        "_arm": arm.arm,
        "_client": exchange.client + 1,
        "_request": exchange.number,
        "_replica": exchange.replica.map(|replica| replica.to_string()),
    });
    let ends = exchange.connection.ends;
    add(&mut entry, "serverIPAddress", ends.map(|(_, server)| server.ip().to_string()));
    add(&mut entry, "connection", ends.map(|(local, _)| local.port().to_string()));
    // Of a poll once, at its last exchange.
    add(&mut entry, "_verdict", exchange.verdict.map(Verdict::name));
    add(&mut entry, "_error", exchange.error.map(|reason| reason.to_string()));
    entry
}

/// Adds a field that is left out where there is nothing to say.
fn add(object: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object[name] = value.into();
    }
}

/// A name and its value in a query.
fn pair(text: &str) -> Value {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    json!({ "name": name, "value": value })
}

fn request(head: &[u8]) -> Value {
    let [method, target, version] = message::start_line(head).map(message::decoded);
    let target = masked(&target);
    let host = message::value(head, "host").map_or(Cow::Borrowed(""), message::decoded);
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter(|part| !part.is_empty()).map(pair);
    json!({
        "method": method,
        "url": format!("http://{host}{target}"),
        "httpVersion": version,
        "cookies": [],
        "headers": headers(head),
        "queryString": pairs.collect::<Vec<_>>(),
        "headersSize": size(head.len() as u64),
        // Polls are GET requests without content.
        "bodySize": 0,
    })
}

fn response(exchange: &WireExchange, room: &mut usize) -> Value {
    let head = message::last(&exchange.response_head);
    let [version, status, reason] = message::start_line(head);
    let came = !head.is_empty();
    let location = message::value(head, "location").map(message::decoded);
    let location = location.map(|location| message::published("location", location));
    let status: Option<u16> = str::from_utf8(status).ok().and_then(|code| code.parse().ok());
    json!({
        "status": status.unwrap_or(0),
        "statusText": message::decoded(reason),
        "httpVersion": message::decoded(version),
        "cookies": [],
        "headers": headers(head),
        "content": content(exchange, head, room),
        "redirectURL": location.unwrap_or_default(),
        "headersSize": if came { size(head.len() as u64) } else { -1 },
        "bodySize": if came { size(exchange.bytes.response_content) } else { -1 },
    })
}

fn content(exchange: &WireExchange, head: &[u8], room: &mut usize) -> Value {
    let size = exchange.bytes.response_content;
    let mime_type = message::value(head, "content-type").map(message::decoded);
    let mut content = json!({ "size": size, "mimeType": mime_type.unwrap_or("x-unknown".into()) });
    // A content that does not fit leaves its entry, so that sizes and verdicts are complete.
    let octets = exchange.content.as_deref().filter(|octets| octets.len() <= *room);
    match octets {
        _ if size == 0 => {}
        None if exchange.verdict.is_none() => {
            content["comment"] = "not kept: the client hung up in the middle of it".into();
        }
        None => content["comment"] = "not kept".into(),
        // The text of an archive is decoded, and these octets are not.
        Some(_) if message::value(head, "content-encoding").is_some() => {
            content["comment"] = "not kept: a content coding was applied; size is as coded".into();
        }
        Some(octets) => {
            *room -= octets.len();
            if let Ok(text) = str::from_utf8(octets) {
                content["text"] = text.into();
            } else {
                // HAR is JSON and cannot hold octets that are not text (RFC 8259 §8.1).
                content["text"] = STANDARD.encode(octets).into();
                content["encoding"] = "base64".into();
            }
        }
    }
    content
}

fn headers(head: &[u8]) -> Vec<Value> {
    let header = |field: message::Field<'_>| {
        let name = message::decoded(field.name);
        let value = message::published(&name, message::decoded(field.value));
        let mut header = json!({ "name": name, "value": value });
        if field.is(REPLICA_FIELD) {
            header["comment"] = "instrumentation, only the lab sends it".into();
        }
        header
    };
    message::fields(head).map(header).collect()
}

/// A number of bytes; -1 when it is not known.
fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(-1)
}

fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1_000.0
}

/// ISO 8601 in UTC, to the millisecond.
fn moment(time: SystemTime) -> String {
    let timestamp = jiff::Timestamp::try_from(time).unwrap_or_default();
    format!("{timestamp:.3}")
}
