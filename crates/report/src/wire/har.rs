//! HTTP Archive 1.2: the form in which browsers' developer tools keep and open exchanges.
//!
//! Mirrors the specification (<http://www.softwareishard.com/blog/har-12-spec/>); custom fields
//! start with an underscore, as it demands.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use measure::{ArmTranscript, Verdict, WireExchange};
use serde::Serialize;
use text::secret::masked;
use truth::REPLICA_FIELD;

use super::{WireLog, caption, message};

// Of all contents together: a content is repeated in every entry that brought it.
const MOST_CONTENT_BYTES: usize = 64 << 20;

#[derive(Serialize)]
pub(super) struct Har<'a> {
    log: HarLog<'a>,
}

#[derive(Serialize)]
struct HarLog<'a> {
    version: &'static str,
    creator: Creator<'a>,
    pages: Vec<HarPage>,
    entries: Vec<HarEntry<'a>>,
    comment: String,
}

#[derive(Serialize)]
struct Creator<'a> {
    name: &'static str,
    version: &'a str,
}

// One arm: developer tools group the entries by page.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HarPage {
    started_date_time: String,
    id: String,
    title: String,
    #[serde(rename = "pageTimings")]
    timings: Empty,
}

/// An object that must be there, and has nothing to say.
#[derive(Serialize)]
struct Empty {}

impl<'a> Har<'a> {
    pub(super) fn of(log: &WireLog<'a>) -> Self {
        let record = log.record;
        let mut room = MOST_CONTENT_BYTES;
        let mut entries = Vec::new();
        for arm in log.arms {
            let exchanges = &arm.transcript.exchanges;
            entries.extend(exchanges.iter().map(|exchange| HarEntry::of(arm, exchange, &mut room)));
        }
        let left_out: u64 = log.arms.iter().map(|arm| arm.transcript.left_out).sum();
        let mut comment = record.command.clone();
        if left_out > 0 {
            comment = format!("{comment}; without the last {left_out} exchanges");
        }
        if record.partial {
            comment.push_str("; interrupted");
        }
        let creator = Creator { name: "etag-lab", version: &record.tool.version };
        let pages = log.arms.iter().map(|arm| HarPage::of(log, arm)).collect();
        Self { log: HarLog { version: "1.2", creator, pages, entries, comment } }
    }
}

impl HarPage {
    fn of(log: &WireLog<'_>, arm: &ArmTranscript) -> Self {
        let record = log.record.arms.iter().find(|record| record.name == arm.arm);
        let strategy = record.map_or("", |record| &record.strategy);
        Self {
            started_date_time: moment(arm.transcript.started),
            id: arm.arm.clone(),
            title: format!("{} · {} · {strategy}", log.record.scenario.name, arm.arm),
            timings: Empty {},
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HarEntry<'a> {
    pageref: &'a str,
    started_date_time: String,
    time: f64,
    request: HarRequest<'a>,
    response: HarResponse<'a>,
    cache: Empty,
    timings: Timings,
    #[serde(rename = "serverIPAddress", skip_serializing_if = "Option::is_none")]
    server_ip_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<String>,
    comment: String,
    #[serde(rename = "_arm")]
    arm: &'a str,
    #[serde(rename = "_client")]
    client: u32,
    #[serde(rename = "_request")]
    number: u32,
    #[serde(rename = "_replica")]
    replica: Option<String>,
    /// Of a poll once, at its last exchange.
    #[serde(rename = "_verdict", skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest<'a> {
    method: Cow<'a, str>,
    url: String,
    http_version: Cow<'a, str>,
    cookies: [(); 0],
    headers: Vec<Named<'a>>,
    query_string: Vec<Named<'a>>,
    headers_size: i64,
    body_size: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HarResponse<'a> {
    status: u16,
    status_text: Cow<'a, str>,
    http_version: Cow<'a, str>,
    cookies: [(); 0],
    headers: Vec<Named<'a>>,
    content: HarContent<'a>,
    #[serde(rename = "redirectURL")]
    redirect_url: Cow<'a, str>,
    headers_size: i64,
    body_size: i64,
}

#[derive(Serialize)]
struct Named<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HarContent<'a> {
    size: u64,
    mime_type: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'static str>,
}

/// In milliseconds; -1 is for what did not take place.
#[derive(Serialize)]
struct Timings {
    blocked: f64,
    dns: f64,
    connect: f64,
    send: f64,
    wait: f64,
    receive: f64,
    ssl: f64,
}

impl<'a> HarEntry<'a> {
    /// `room`: octets of content that the file may still take.
    fn of(arm: &'a ArmTranscript, exchange: &'a WireExchange, room: &mut usize) -> Self {
        let timing = &exchange.timing;
        let ends = exchange.connection.ends;
        Self {
            pageref: &arm.arm,
            started_date_time: moment(arm.transcript.started + timing.started),
            // The sum of the phases as they are shown, as the specification demands.
            time: [timing.connect.unwrap_or_default(), timing.send, timing.wait, timing.receive]
                .map(|phase| phase.as_micros())
                .iter()
                .sum::<u128>() as f64
                / 1_000.0,
            request: HarRequest::of(&exchange.request),
            response: HarResponse::of(exchange, room),
            cache: Empty {},
            timings: Timings {
                // The lab resolves no name, and its requests wait for no connection.
                blocked: -1.0,
                dns: -1.0,
                connect: timing.connect.map_or(-1.0, millis),
                send: millis(timing.send),
                wait: millis(timing.wait),
                receive: millis(timing.receive),
                ssl: -1.0,
            },
            server_ip_address: ends.map(|(_, server)| server.ip().to_string()),
            connection: ends.map(|(local, _)| local.port().to_string()),
            comment: caption(exchange).join(" · "),
            arm: &arm.arm,
            client: exchange.client + 1,
            number: exchange.number,
            replica: exchange.replica.map(|replica| replica.to_string()),
            verdict: exchange.verdict.map(Verdict::name),
            error: exchange.error.map(|reason| reason.to_string()),
        }
    }
}

impl<'a> HarRequest<'a> {
    fn of(head: &'a [u8]) -> Self {
        let [method, target, version] = message::start_line(head).map(message::decoded);
        let target = masked(&target);
        let host = message::value(head, "host").map_or(Cow::Borrowed(""), message::decoded);
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Named { name: name.to_owned().into(), value: value.to_owned().into(), comment: None }
        };
        Self {
            url: format!("http://{host}{target}"),
            query_string: query.split('&').filter(|part| !part.is_empty()).map(pair).collect(),
            method,
            http_version: version,
            cookies: [],
            headers: headers(head),
            headers_size: size(head.len() as u64),
            // Polls are GET requests without content.
            body_size: 0,
        }
    }
}

impl<'a> HarResponse<'a> {
    fn of(exchange: &'a WireExchange, room: &mut usize) -> Self {
        let head = message::last(&exchange.response_head);
        let [version, status, reason] = message::start_line(head);
        let came = !head.is_empty();
        let location = message::value(head, "location");
        Self {
            status: str::from_utf8(status).ok().and_then(|code| code.parse().ok()).unwrap_or(0),
            status_text: message::decoded(reason),
            http_version: message::decoded(version),
            cookies: [],
            headers: headers(head),
            content: HarContent::of(exchange, head, room),
            redirect_url: location.map_or(Cow::Borrowed(""), |location| {
                message::published("location", message::decoded(location))
            }),
            headers_size: if came { size(head.len() as u64) } else { -1 },
            body_size: if came { size(exchange.bytes.response_content) } else { -1 },
        }
    }
}

impl<'a> HarContent<'a> {
    fn of(exchange: &'a WireExchange, head: &'a [u8], room: &mut usize) -> Self {
        let size = exchange.bytes.response_content;
        let mime_type = message::value(head, "content-type");
        let mut content = Self {
            size,
            mime_type: mime_type.map_or(Cow::Borrowed("x-unknown"), message::decoded),
            text: None,
            encoding: None,
            comment: None,
        };
        // A content that does not fit leaves its entry, so that sizes and verdicts are complete.
        let octets = exchange.content.as_deref().filter(|octets| octets.len() <= *room);
        match octets {
            _ if size == 0 => {}
            None if exchange.verdict.is_none() => {
                content.comment = Some("not kept: the client hung up in the middle of it");
            }
            None => content.comment = Some("not kept"),
            // The text of an archive is decoded, and these octets are not.
            Some(_) if message::value(head, "content-encoding").is_some() => {
                content.comment = Some("not kept: a content coding was applied; size is as coded");
            }
            Some(octets) => {
                *room -= octets.len();
                (content.text, content.encoding) = match str::from_utf8(octets) {
                    Ok(text) => (Some(Cow::Borrowed(text)), None),
                    // HAR is JSON and cannot hold octets that are not text (RFC 8259 §8.1).
                    Err(_) => (Some(STANDARD.encode(octets).into()), Some("base64")),
                };
            }
        }
        content
    }
}

fn headers(head: &[u8]) -> Vec<Named<'_>> {
    let named = |field: message::Field<'_>| field.is(REPLICA_FIELD);
    message::fields(head)
        .map(|field| Named {
            name: message::decoded(field.name),
            value: message::published(&message::decoded(field.name), message::decoded(field.value)),
            comment: named(field).then_some("instrumentation, only the lab sends it"),
        })
        .collect()
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
