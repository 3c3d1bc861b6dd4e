//! A reader of HTTP archives that takes nothing but HAR 1.2, written from the specification and
//! not from the writer: every field of <http://www.softwareishard.com/blog/har-12-spec/> with its
//! type, whether it is optional, and what it says about values. Custom fields must start with an
//! underscore.

use serde_json::Value;

/// Objects of the specification with their fields and the types of these; a field may be missing
/// where a `?` follows its name, and is a list where a `*` follows its type.
const OBJECTS: [(&str, &str); 13] = [
    ("document", "log:log"),
    ("log", "version:string creator:program browser?:program pages?:page* entries:entry*"),
    ("program", "name:string version:string"),
    ("page", "startedDateTime:moment id:string title:string pageTimings:page-timings"),
    ("page-timings", "onContentLoad?:number onLoad?:number"),
    (
        "entry",
        "pageref?:string startedDateTime:moment time:number request:request response:response \
         cache:cache timings:timings serverIPAddress?:address connection?:string",
    ),
    (
        "request",
        "method:string url:string httpVersion:string cookies:cookie* headers:field* \
         queryString:field* postData?:any headersSize:size-or-minus-1 bodySize:size-or-minus-1",
    ),
    (
        "response",
        "status:size statusText:string httpVersion:string cookies:cookie* headers:field* \
         content:content redirectURL:string headersSize:size-or-minus-1 bodySize:size-or-minus-1",
    ),
    (
        "cookie",
        "name:string value:string path?:string domain?:string expires?:moment httpOnly?:boolean \
         secure?:boolean",
    ),
    ("field", "name:string value:string"),
    ("content", "size:size compression?:number mimeType:string text?:string encoding?:string"),
    ("cache", "beforeRequest?:any afterRequest?:any"),
    (
        "timings",
        "blocked?:time-or-minus-1 dns?:time-or-minus-1 connect?:time-or-minus-1 send:time \
         wait:time receive:time ssl?:time-or-minus-1",
    ),
];

/// The entries of an archive, or the first thing that is wrong with it.
pub(crate) fn read(text: &str) -> Result<Vec<Value>, String> {
    let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    check(&document, "document")?;
    let log = &document["log"];
    if log["version"] != "1.2" {
        return Err(format!("version {}", log["version"]));
    }
    let pages: Vec<_> = list(&log["pages"]).iter().map(|page| &page["id"]).collect();
    for entry in list(&log["entries"]) {
        check_times(entry)?;
        check_content(&entry["response"])?;
        if entry.get("pageref").is_some_and(|page| !pages.contains(&page)) {
            return Err(format!("no page {}", entry["pageref"]));
        }
    }
    Ok(list(&log["entries"]).to_vec())
}

/// Members of a list; none where there is no list.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn check(value: &Value, kind: &str) -> Result<(), String> {
    let text = value.as_str().unwrap_or_default();
    let is_right = match kind {
        "any" => true,
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "size" => value.is_u64(),
        "size-or-minus-1" => value.as_i64().is_some_and(|size| size >= -1),
        "time" => value.as_f64().is_some_and(|time| time >= 0.0),
        "time-or-minus-1" => value == -1 || value == -1.0 || check(value, "time").is_ok(),
        "moment" => text.parse::<jiff::Timestamp>().is_ok(),
        "address" => text.parse::<std::net::IpAddr>().is_ok(),
        _ if kind.ends_with('*') => {
            let members = value.as_array().ok_or_else(|| format!("{value} is no list"))?;
            return members.iter().try_for_each(|member| check(member, kind.trim_end_matches('*')));
        }
        _ => return check_object(value, kind),
    };
    if is_right { Ok(()) } else { Err(format!("{value} is no {kind}")) }
}

fn check_object(value: &Value, kind: &str) -> Result<(), String> {
    let (_, fields) = OBJECTS.iter().find(|(name, _)| *name == kind).expect("one of the objects");
    let object = value.as_object().ok_or_else(|| format!("{value} is no {kind}"))?;
    let mut unknown: Vec<_> = object.keys().filter(|name| !name.starts_with('_')).collect();
    for field in fields.split(' ').chain(["comment?:string"]) {
        let (name, kind_of_field) = field.split_once(':').expect("a field has a type");
        let known = name.trim_end_matches('?');
        match object.get(known) {
            Some(value) => check(value, kind_of_field)?,
            None if known == name => return Err(format!("a {kind} without {name}")),
            None => {}
        }
        unknown.retain(|name| *name != known);
    }
    if unknown.is_empty() { Ok(()) } else { Err(format!("a {kind} with {unknown:?}")) }
}

fn check_times(entry: &Value) -> Result<(), String> {
    let parts = ["blocked", "dns", "connect", "send", "wait", "receive"];
    let known = parts.iter().filter_map(|part| entry["timings"][part].as_f64());
    let sum: f64 = known.filter(|time| *time >= 0.0).sum();
    let is_sum = entry["time"].as_f64().is_some_and(|time| (sum - time).abs() <= 1e-6);
    if is_sum { Ok(()) } else { Err(format!("time {} is not the sum, {sum}", entry["time"])) }
}

fn check_content(response: &Value) -> Result<(), String> {
    if response["status"] == 304 && response["bodySize"] != 0 {
        return Err("content in a 304".to_owned());
    }
    let content = &response["content"];
    match (content["text"].as_str(), content["encoding"].as_str()) {
        (Some(text), None) if content["size"] != text.len() => {
            Err(format!("{} octets of text, size {}", text.len(), content["size"]))
        }
        (_, Some(other)) if other != "base64" => Err(format!("encoding {other}")),
        (None, Some(_)) => Err("an encoding of nothing".to_owned()),
        _ => Ok(()),
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
    assert_eq!(read(minimal).map(|entries| entries.len()), Ok(1));
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
