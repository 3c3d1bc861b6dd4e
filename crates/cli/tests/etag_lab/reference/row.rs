//! One request of the shared list, and how its placeholders become what a server really sends.
//!
//! Knows no server and no answer but for the validators it is given.

/// A request that every server is sent.
pub(crate) struct Row {
    /// Unique, and how the documentation speaks of it.
    pub(crate) name: &'static str,
    /// Section of RFC 9110, or of another RFC where it says so.
    pub(crate) section: &'static str,
    request: Request,
    /// The statuses that the section allows; empty where it leaves the answer open.
    pub(crate) allowed: &'static [u16],
}

enum Request {
    /// Field lines stand one on each line; `Connection: close` follows them.
    Parts { line: &'static str, hosts: &'static str, fields: &'static str, content: &'static str },
    /// Everything, line ends included.
    Whole(&'static str),
}

const GET: &str = "GET /api/config HTTP/1.1";
const HOST: &str = "Host: lab";

/// A GET of the resource with these field lines.
pub(crate) const fn get(
    name: &'static str,
    section: &'static str,
    fields: &'static str,
    allowed: &'static [u16],
) -> Row {
    line(name, section, GET, fields, allowed)
}

/// A HEAD of the resource with these field lines.
pub(crate) const fn head(
    name: &'static str,
    section: &'static str,
    fields: &'static str,
    allowed: &'static [u16],
) -> Row {
    line(name, section, "HEAD /api/config HTTP/1.1", fields, allowed)
}

/// Any request line with these field lines.
pub(crate) const fn line(
    name: &'static str,
    section: &'static str,
    line: &'static str,
    fields: &'static str,
    allowed: &'static [u16],
) -> Row {
    let request = Request::Parts { line, hosts: HOST, fields, content: "" };
    Row { name, section, request, allowed }
}

/// Any request line with these lines instead of the one `Host`.
pub(crate) const fn hosts(
    name: &'static str,
    section: &'static str,
    line: &'static str,
    hosts: &'static str,
    allowed: &'static [u16],
) -> Row {
    let request = Request::Parts { line, hosts, fields: "", content: "" };
    Row { name, section, request, allowed }
}

/// A GET of the resource with these field lines and something after them.
pub(crate) const fn content(
    name: &'static str,
    section: &'static str,
    fields: &'static str,
    content: &'static str,
    allowed: &'static [u16],
) -> Row {
    let request = Request::Parts { line: GET, hosts: HOST, fields, content };
    Row { name, section, request, allowed }
}

/// A PUT of the resource with these field lines.
pub(crate) const fn put(
    name: &'static str,
    section: &'static str,
    fields: &'static str,
    allowed: &'static [u16],
) -> Row {
    let (line, hosts) = ("PUT /api/config HTTP/1.1", "Host: lab\nContent-Length: 12");
    let request = Request::Parts { line, hosts, fields, content: r#"{"put":"it"}"# };
    Row { name, section, request, allowed }
}

/// A request of which every octet matters.
pub(crate) const fn whole(
    name: &'static str,
    section: &'static str,
    request: &'static str,
    allowed: &'static [u16],
) -> Row {
    Row { name, section, request: Request::Whole(request), allowed }
}

impl Row {
    /// The octets for a server with these validators.
    pub(crate) fn bytes(&self, current: &Current) -> Vec<u8> {
        let text = match self.request {
            Request::Parts { line, hosts, fields, content } => {
                let lines = [line].into_iter().chain(hosts.split_terminator('\n'));
                let lines = lines.chain(fields.split_terminator('\n'));
                let lines = lines.chain(["Connection: close", ""]);
                lines.flat_map(|line| [line, "\r\n"]).chain([content]).collect()
            }
            Request::Whole(text) => text.to_owned(),
        };
        current.substituted(text).into_bytes()
    }

    /// Whether it asks to replace the resource.
    pub(crate) fn is_put(&self) -> bool {
        match self.request {
            Request::Parts { line, .. } => line.starts_with("PUT "),
            Request::Whole(_) => false,
        }
    }

    /// Whether the answer has no content whatever its fields say.
    pub(crate) fn is_head(&self) -> bool {
        match self.request {
            Request::Parts { line, .. } => line.starts_with("HEAD "),
            Request::Whole(_) => false,
        }
    }
}

/// What a server says about the resource, and the time.
pub(crate) struct Current {
    /// `ETag` of the identity coding.
    pub(crate) tag: String,
    /// `ETag` where gzip is accepted.
    pub(crate) gzip_tag: String,
    /// `Last-Modified`, in seconds since 1970.
    pub(crate) modified: u64,
    /// Length of the content in bytes.
    pub(crate) length: usize,
    /// In seconds since 1970.
    pub(crate) now: u64,
}

impl Current {
    fn substituted(&self, text: String) -> String {
        if !text.contains('{') {
            return text;
        }
        let opaque = self.tag.trim_start_matches("W/").trim_matches('"');
        let thousand =
            |member: &dyn Fn(usize) -> String| (0..1_000).map(member).collect::<Vec<_>>().join(",");
        let day = 86_400;
        let values = [
            ("{etag}", self.tag.clone()),
            ("{gzip-etag}", self.gzip_tag.clone()),
            ("{opaque}", opaque.to_owned()),
            ("{upper}", opaque.to_uppercase()),
            ("{cut}", opaque[..opaque.len() - 1].to_owned()),
            ("{lm}", imf(self.modified)),
            ("{lm-1s}", imf(self.modified - 1)),
            ("{lm+1s}", imf(self.modified + 1)),
            ("{lm-1d}", imf(self.modified - day)),
            ("{lm-lower}", imf(self.modified).to_lowercase()),
            ("{lm-bare}", imf(self.modified).replace(" GMT", "")),
            ("{lm-850}", written(self.modified, RFC_850)),
            ("{lm-850-1s}", written(self.modified - 1, RFC_850)),
            ("{lm-asctime}", written(self.modified, ASCTIME)),
            ("{lm-asctime-1s}", written(self.modified - 1, ASCTIME)),
            ("{lm-iso}", written(self.modified, "%Y-%m-%dT%H:%M:%SZ")),
            ("{lm-unix}", self.modified.to_string()),
            ("{lm-two-digits}", written(self.modified, "%a, %d %b %y %H:%M:%S GMT")),
            ("{now}", imf(self.now)),
            ("{tomorrow}", imf(self.now + day)),
            ("{850-in-49-years}", written(self.now + 49 * 365 * day, RFC_850)),
            ("{850-49-years-ago}", written(self.now - 49 * 365 * day, RFC_850)),
            ("{len}", self.length.to_string()),
            ("{last}", (self.length - 1).to_string()),
            ("{thousand-tags}", thousand(&|number| format!("\"{number}\""))),
            ("{thousand-ranges}", thousand(&|number| format!("{0}-{0}", 2 * number))),
            ("{hundred-times-everything}", vec!["0-"; 100].join(",")),
            ("{4k}", "x".repeat(4_000)),
            ("{200k}", "x".repeat(200_000)),
            ("{200-fields}", "X-Field: x\r\n".repeat(200)),
        ];
        let replace = |text: String, (name, value): &(&str, String)| text.replace(name, value);
        values.iter().fold(text, replace)
    }
}

const IMF_FIXDATE: &str = "%a, %d %b %Y %H:%M:%S GMT";
const RFC_850: &str = "%A, %d-%b-%y %H:%M:%S GMT";
const ASCTIME: &str = "%a %b %e %H:%M:%S %Y";

/// Seconds since 1970 of the value of a `Last-Modified`.
pub(crate) fn seconds(field_value: &str) -> u64 {
    let civil = jiff::civil::DateTime::strptime(IMF_FIXDATE, field_value);
    let time = civil.and_then(|civil| civil.to_zoned(jiff::tz::TimeZone::UTC));
    let time = time.unwrap_or_else(|error| panic!("{field_value}: {error}"));
    time.timestamp().as_second().cast_unsigned()
}

fn imf(seconds: u64) -> String {
    written(seconds, IMF_FIXDATE)
}

fn written(seconds: u64, format: &str) -> String {
    let time = jiff::Timestamp::from_second(seconds.cast_signed()).expect("no date is beyond 9999");
    time.strftime(format).to_string()
}
