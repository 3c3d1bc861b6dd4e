//! One request of the shared list: how a line of the file is read, and how its placeholders become
//! what a server really sends.
//!
//! Knows no server and no answer but for the validators it is given.

/// A request that every server is sent.
pub(crate) struct Row {
    /// Unique; the page names rows by it.
    pub(crate) name: &'static str,
    /// Section of RFC 9110, or of another RFC where it says so.
    pub(crate) section: &'static str,
    /// The statuses that the section allows; empty where it leaves the answer open.
    pub(crate) allowed: Vec<u16>,
    method: &'static str,
    message: String,
}

impl Row {
    /// Reads a line of `requests.txt`; `None` for an empty line or a comment.
    pub(crate) fn read(line: &'static str) -> Option<Self> {
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (name, rest) = column(line);
        let (section, rest) = column(rest);
        let (allowed, request) = column(rest);
        let allowed = allowed.split(' ').filter_map(|status| status.parse().ok()).collect();
        let (method, message) = message(request);
        Some(Self { name, section, allowed, method, message })
    }

    /// The octets for a server with these validators.
    pub(crate) fn bytes(&self, current: &Current) -> Vec<u8> {
        current.substituted(self.message.clone()).into_bytes()
    }

    /// True if it asks to replace the resource.
    pub(crate) fn is_put(&self) -> bool {
        self.method == "PUT"
    }

    /// True if the answer has no content whatever its fields say.
    pub(crate) fn is_head(&self) -> bool {
        self.method == "HEAD"
    }
}

/// The first column of a line, and what follows it.
fn column(line: &str) -> (&str, &str) {
    let (first, rest) = line.split_once("  ").expect("columns stand two spaces apart");
    (first, rest.trim_start_matches(' '))
}

/// The method and the whole message, with placeholders, of a request as the file writes it.
fn message(request: &'static str) -> (&'static str, String) {
    let (mut line, mut host, mut fields, mut content) = (String::new(), true, Vec::new(), "");
    let mut method = "GET";
    for part in request.split(" | ") {
        match part.split_once(' ') {
            Some(("=", whole)) => return ("GET", unescaped(whole)),
            Some((">", other)) => {
                (method, line) = (other.split(' ').next().unwrap_or_default(), unescaped(other));
            }
            Some(("<", after)) => content = after,
            _ if part == "no Host" => host = false,
            _ if part == "HEAD" => method = part,
            _ if part == "PUT" => {
                (method, content) = (part, r#"{"put":"it"}"#);
                fields.push("Content-Length: 12".to_owned());
            }
            _ if part == "-" => {}
            _ => fields.push(unescaped(part)),
        }
    }
    if line.is_empty() {
        line = format!("{method} /api/config HTTP/1.1");
    }
    let host = host.then(|| "Host: lab".to_owned());
    let lines = [line].into_iter().chain(host).chain(fields);
    let lines = lines.chain(["Connection: close".to_owned(), String::new()]);
    let head: String = lines.map(|line| line + "\r\n").collect();
    (method, head + &unescaped(content))
}

fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut octets = parts.next().unwrap_or_default().to_owned();
    while let Some(part) = parts.next() {
        let (octet, rest) = match part.split_at_checked(1) {
            Some(("n", rest)) => ('\n', rest),
            Some(("r", rest)) => ('\r', rest),
            Some(("t", rest)) => ('\t', rest),
            Some(("x", rest)) => {
                let octet = u8::from_str_radix(&rest[..2], 16).expect("two digits follow \\x");
                (char::from(octet), &rest[2..])
            }
            Some(_) => panic!("\\{part} is no escape"),
            // Two in a row are one.
            None => ('\\', parts.next().unwrap_or_default()),
        };
        octets.push(octet);
        octets += rest;
    }
    octets
}

/// Validators of the resource on a server, and the time.
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
