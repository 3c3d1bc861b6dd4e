//! Fields between client, cache and origin: those that stay at their hop, directives, and what
//! `http-cache-semantics` is given to read.

use std::time::{Duration, SystemTime};

use http::header::{
    AGE, CACHE_CONTROL, CONNECTION, DATE, EXPECT, EXPIRES, HOST, LAST_MODIFIED, PRAGMA, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, Uri, request, response};
use semantics::HttpDate;
use semantics::freshness::{delta_seconds, directives};
use server::date;

// Beside those that `Connection` names (RFC 9110 §7.6.1).
const OF_ONE_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("proxy-authenticate"),
    HeaderName::from_static("proxy-authentication-info"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Removes what is meant for the next hop alone.
pub(crate) fn keep_end_to_end(fields: &mut HeaderMap) {
    let named = |line: &HeaderValue| {
        let names = line.as_bytes().split(|&octet| octet == b',').map(<[u8]>::trim_ascii);
        names.filter_map(|name| HeaderName::from_bytes(name).ok()).collect::<Vec<_>>()
    };
    // What is named may not be what a message needs to reach its target.
    let mut named: Vec<_> = fields.get_all(CONNECTION).iter().flat_map(named).collect();
    named.retain(|name| *name != HOST);
    for name in OF_ONE_HOP.iter().chain(&named) {
        fields.remove(name);
    }
}

/// Makes a request one of the cache's own: to the path at the origin, over the next hop.
pub(crate) fn forward(head: &mut request::Parts) {
    keep_end_to_end(&mut head.headers);
    // It was obeyed when the content was read.
    head.headers.remove(EXPECT);
    head.headers.append(VIA, HeaderValue::from_static("1.1 etag-lab-cache"));
    if let Some(host) = head.uri.authority().and_then(|host| host.as_str().parse().ok()) {
        head.headers.insert(HOST, host);
        let path = head.uri.path_and_query().cloned();
        head.uri = path.map_or_else(|| Uri::from_static("/"), Uri::from);
    }
}

/// The request as a stored response is selected by it: each field in one line, directives as the crate
/// reads them.
pub(crate) fn selecting(request: &request::Parts) -> request::Parts {
    let mut joined = request.clone();
    for name in request.headers.keys() {
        let lines: Vec<_> =
            request.headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
        if lines.len() > 1
            && let Ok(line) = HeaderValue::from_bytes(&lines.join(&b", "[..]))
        {
            joined.headers.insert(name, line);
        }
    }
    Directives::read(&request.headers).write(&mut joined.headers);
    joined
}

/// The directives of a message, the first of each name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Directives(Vec<(String, Option<String>)>);

impl Directives {
    pub(crate) fn read(fields: &HeaderMap) -> Self {
        let mut read = Self::default();
        for line in fields.get_all(CACHE_CONTROL) {
            for (name, argument) in directives(line.as_bytes()) {
                let name = String::from_utf8_lossy(name).to_ascii_lowercase();
                if !name.is_empty() && !read.has(&name) {
                    let argument = argument.map(|it| String::from_utf8_lossy(it).into_owned());
                    read.0.push((name, argument));
                }
            }
        }
        read
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// The argument as a time; none at all where it is no number, which is the careful reading.
    pub(crate) fn seconds(&self, name: &str) -> Option<Duration> {
        let (_, argument) = self.0.iter().find(|(known, _)| known == name)?;
        let seconds = argument.as_ref().and_then(|argument| delta_seconds(argument.as_bytes()));
        Some(Duration::from_secs(seconds.unwrap_or(0).into()))
    }

    /// True if a stale response must not be used, whatever else allows it (RFC 9111 §4.2.4).
    pub(crate) fn forbid_stale(&self) -> bool {
        ["no-cache", "must-revalidate", "proxy-revalidate"].iter().any(|name| self.has(name))
    }

    /// True if a client wants another response than any that may be used.
    pub(crate) fn ask_for_more(&self, fields: &HeaderMap) -> bool {
        let is_no_cache = |value: &HeaderValue| value.as_bytes() == b"no-cache";
        ["no-cache", "max-age", "min-fresh"].iter().any(|name| self.has(name))
            || self.0.is_empty() && fields.get(PRAGMA).is_some_and(is_no_cache)
    }

    /// Writes them in the one line that the crate reads without mistakes: it knows no capitals, takes
    /// a comma in quotes for the end, and compares `proxy-revalidate` with no time.
    fn write(&self, fields: &mut HeaderMap) {
        fields.remove(CACHE_CONTROL);
        let line = |(name, _): &(String, _)| match name.as_str() {
            "max-age" | "s-maxage" | "min-fresh" => {
                format!("{name}={}", self.seconds(name).unwrap_or_default().as_secs())
            }
            "max-stale" => match self.0.iter().find(|(known, _)| known == name) {
                Some((_, Some(_))) => {
                    format!("{name}={}", self.seconds(name).unwrap_or_default().as_secs())
                }
                _ => name.clone(),
            },
            "proxy-revalidate" => "must-revalidate".to_owned(),
            _ => name.clone(),
        };
        let mut lines: Vec<_> = self.0.iter().map(line).collect();
        // A shared lifetime forbids stale use as well (§5.2.2.10).
        if self.has("s-maxage") {
            lines.push("must-revalidate".to_owned());
        }
        if let Ok(line) = HeaderValue::try_from(lines.join(", "))
            && !lines.is_empty()
        {
            fields.insert(CACHE_CONTROL, line);
        }
    }
}

/// The head of a response as the crate is given it: dates moved from the clock of the origin to that of
/// the cache, `now`, which in a run shows the time of its rounds, and the age on arrival in `Age`.
pub(crate) fn translated(head: &response::Parts, now: SystemTime) -> Response<()> {
    let mut translated = Response::new(());
    *translated.status_mut() = head.status;
    let fields = translated.headers_mut();
    fields.clone_from(&head.headers);
    Directives::read(&head.headers).write(fields);
    let dated = |name| HttpDate::parse(head.headers.get(name)?.as_bytes()).ok();
    let arrived = date::now();
    let sent = dated(DATE).unwrap_or(arrived);
    let apparent = arrived.unix_seconds().saturating_sub(sent.unix_seconds());
    fields.insert(AGE, apparent.max(age(&head.headers)).into());
    let Ok(here) = HttpDate::try_from(now) else { return translated };
    fields.insert(DATE, date::field(here));
    let here = here.unix_seconds();
    for name in [EXPIRES, LAST_MODIFIED].into_iter().filter(|name| head.headers.contains_key(name))
    {
        let date = dated(name.clone());
        let moved =
            date.map(|date| (here + date.unix_seconds()).saturating_sub(sent.unix_seconds()));
        let moved = moved.and_then(|moved| HttpDate::from_unix_seconds(moved).ok());
        // The crate accepts dates that are none, and they lie in the past (§5.3).
        fields.insert(name, moved.map_or(HeaderValue::from_static("0"), date::field));
    }
    translated
}

/// Of a list the first member counts; an invalid one is ignored (RFC 9111 §5.1).
fn age(fields: &HeaderMap) -> u64 {
    let line = fields.get(AGE).map_or(&b""[..], HeaderValue::as_bytes);
    let first = line.split(|&octet| octet == b',').next().unwrap_or_default();
    delta_seconds(first.trim_ascii()).unwrap_or(0).into()
}
