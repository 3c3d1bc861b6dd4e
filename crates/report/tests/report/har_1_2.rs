//! A reader of HTTP archives that takes nothing but HAR 1.2, written from the specification and
//! not from the writer: every field of <http://www.softwareishard.com/blog/har-12-spec/> with its
//! type, whether it is optional, and what it says about values. Custom fields must start with an
//! underscore.

#![allow(
    dead_code,
    clippy::struct_field_names,
    reason = "what is read is checked by being read, under the names of the specification"
)]

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::Value;

/// The archive, or the first thing that is wrong with it.
pub(crate) fn read(text: &str) -> Result<Log, String> {
    let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Har { log } =
        serde_json::from_value(without_custom(document)).map_err(|error| error.to_string())?;
    if log.version != "1.2" {
        return Err(format!("version {}", log.version));
    }
    let pages: Vec<_> = log.pages.iter().flatten().map(|page| page.id.as_str()).collect();
    for entry in &log.entries {
        entry.check(&pages)?;
    }
    Ok(log)
}

fn without_custom(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(name, _)| !name.starts_with('_'))
            .map(|(name, value)| (name, without_custom(value)))
            .collect(),
        Value::Array(values) => values.into_iter().map(without_custom).collect(),
        value => value,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Log {
    version: String,
    creator: Program,
    browser: Option<Program>,
    pages: Option<Vec<Page>>,
    pub(crate) entries: Vec<Entry>,
    comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    name: String,
    version: String,
    comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Page {
    started_date_time: Moment,
    id: String,
    title: String,
    page_timings: PageTimings,
    comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PageTimings {
    on_content_load: Option<f64>,
    on_load: Option<f64>,
    comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) pageref: Option<String>,
    pub(crate) started_date_time: Moment,
    time: f64,
    pub(crate) request: Request,
    pub(crate) response: Response,
    cache: Cache,
    timings: Timings,
    #[serde(rename = "serverIPAddress")]
    server_ip_address: Option<std::net::IpAddr>,
    connection: Option<String>,
    comment: Option<String>,
}

impl Entry {
    fn check(&self, pages: &[&str]) -> Result<(), String> {
        let Timings { blocked, dns, connect, send, wait, receive, .. } = self.timings;
        let optional = [blocked, dns, connect].into_iter().flatten();
        if optional.clone().any(|time| time < 0.0 && (time + 1.0).abs() > f64::EPSILON)
            || [send, wait, receive].iter().any(|time| *time < 0.0)
        {
            return Err("a negative time other than -1".to_owned());
        }
        let sum = optional.filter(|time| *time >= 0.0).sum::<f64>() + send + wait + receive;
        if (sum - self.time).abs() > 1e-6 {
            return Err(format!("time {} is not the sum of its parts, {sum}", self.time));
        }
        match &self.pageref {
            Some(page) if !pages.contains(&page.as_str()) => Err(format!("no page {page}")),
            _ => self.response.check(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) url: String,
    http_version: String,
    cookies: Vec<Cookie>,
    pub(crate) headers: Vec<Named>,
    pub(crate) query_string: Vec<Named>,
    post_data: Option<Value>,
    pub(crate) headers_size: i64,
    pub(crate) body_size: i64,
    comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Response {
    pub(crate) status: u16,
    status_text: String,
    http_version: String,
    cookies: Vec<Cookie>,
    pub(crate) headers: Vec<Named>,
    pub(crate) content: Content,
    #[serde(rename = "redirectURL")]
    redirect_url: String,
    pub(crate) headers_size: i64,
    pub(crate) body_size: i64,
    comment: Option<String>,
}

impl Response {
    fn check(&self) -> Result<(), String> {
        if self.headers_size < -1 || self.body_size < -1 {
            return Err("a negative size other than -1".to_owned());
        }
        if self.status == 304 && self.body_size != 0 {
            return Err("content in a 304".to_owned());
        }
        let Content { size, text, encoding, .. } = &self.content;
        match (text, encoding.as_deref()) {
            (Some(text), None) if text.len() as u64 != *size => {
                Err(format!("{} octets of text, size {size}", text.len()))
            }
            (_, Some(other)) if other != "base64" => Err(format!("encoding {other}")),
            (None, Some(_)) => Err("an encoding of nothing".to_owned()),
            _ => Ok(()),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Cookie {
    name: String,
    value: String,
    path: Option<String>,
    domain: Option<String>,
    expires: Option<Moment>,
    http_only: Option<bool>,
    secure: Option<bool>,
    comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Content {
    pub(crate) size: u64,
    compression: Option<i64>,
    mime_type: String,
    pub(crate) text: Option<String>,
    pub(crate) encoding: Option<String>,
    pub(crate) comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Cache {
    before_request: Option<Value>,
    after_request: Option<Value>,
    comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Timings {
    blocked: Option<f64>,
    dns: Option<f64>,
    connect: Option<f64>,
    send: f64,
    wait: f64,
    receive: f64,
    ssl: Option<f64>,
    comment: Option<String>,
}

/// ISO 8601 with milliseconds and time zone.
pub(crate) struct Moment(pub(crate) jiff::Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| D::Error::custom(format!("not a moment: {text}")))
    }
}

#[test]
fn the_reader_is_strict() {
    let minimal = r#"{"log": {"version": "1.2", "creator": {"name": "a", "version": "b", "_x": 1},
        "entries": [{"startedDateTime": "2026-11-21T13:32:34.707+01:00", "time": 3, "cache": {},
        "timings": {"send": 1, "wait": 1, "receive": 1, "dns": -1}, "request": {"method": "GET",
        "url": "http://a/", "httpVersion": "HTTP/1.1", "cookies": [], "headers": [],
        "queryString": [], "headersSize": -1, "bodySize": 0}, "response": {"status": 304,
        "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [], "headers": [],
        "content": {"size": 0, "mimeType": ""}, "redirectURL": "", "headersSize": 9,
        "bodySize": 0}}]}}"#;
    assert_eq!(read(minimal).map(|log| log.entries.len()), Ok(1));
    for (right, wrong) in [
        ("\"1.2\"", "\"1.1\""),
        ("\"_x\"", "\"x\""),
        ("\"time\": 3", "\"time\": 4"),
        ("\"dns\": -1", "\"dns\": -2"),
        ("\"cache\": {},", ""),
        ("\"cookies\": [],", ""),
        ("\"redirectURL\": \"\",", ""),
        ("2026-11-21T", "2026-11-21 at "),
        ("\"bodySize\": 0}}", "\"bodySize\": 5}}"),
        ("\"size\": 0", "\"size\": 1, \"text\": \"ab\""),
        ("\"time\":", "\"pageref\": \"p\", \"time\":"),
    ] {
        assert!(minimal.contains(right), "{right}");
        assert!(read(&minimal.replacen(right, wrong, 1)).is_err(), "{wrong}");
    }
}
