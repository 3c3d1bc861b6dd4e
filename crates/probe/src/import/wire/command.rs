//! Command lines of curl, `HTTPie` and wget: what a request was, where only its answer is printed.
//!
//! Reads the options that make a request and passes over the others. A paste does not show the value
//! of a shell's variable: a request whose condition holds one is not known.

mod curl;
mod httpie;
mod wget;
mod words;

use ::wire::url::Url;
use base64::Engine as _;
use findings::evidence::FieldLines;
use words::{Word, program, words};

use super::line::field;

/// Request that a command makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) fields: FieldLines,
}

impl Request {
    /// What wget asks where no option says otherwise.
    pub(super) fn of_wget() -> Self {
        let fields = [("accept-encoding", "identity")].into_iter().collect();
        Self { method: "GET".to_owned(), url: String::new(), fields }
    }
}

/// Command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    /// One for each URL that it names.
    pub(super) requests: Vec<Request>,
    pub(super) manner: Manner,
}

/// Manner in which a command asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Manner {
    /// True if it follows redirects.
    pub(super) follows: bool,
    /// True if a loop repeats it.
    pub(super) repeats: bool,
    pub(super) showing: Showing,
}

/// Part of a request that a paste shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Showing {
    #[default]
    Whole,
    /// All but the date of the file that it saved before.
    NoFile,
    /// Not enough to know what it asks.
    Hidden,
}

/// True of a line that calls one of the programs.
pub(super) fn is_command(line: &str) -> bool {
    // Content has no such words, most often.
    ["curl", "http", "wget"].iter().any(|name| line.contains(name)) && program(line).is_some()
}

/// Reads a whole line; `None` of any other text, and of a command that names no URL.
pub(super) fn command(line: &str) -> Option<Command> {
    let program = program(line)?;
    let words = words(program.arguments);
    let draft = match program.name {
        "curl" | "curl.exe" => curl::draft(&words),
        "wget" | "wget.exe" => wget::draft(&words),
        name => httpie::draft(name, &words),
    }?;
    draft.command(program.repeats)
}

/// True of a line that goes on in the next one, in one of three shells.
pub(super) fn goes_on(line: &str) -> bool {
    let line = line.trim_end();
    [" \\", " ^", " `"].iter().any(|end| line.ends_with(end)) || line == "\\"
}

/// Options read so far.
#[derive(Default)]
struct Draft {
    method: Option<String>,
    urls: Vec<Word>,
    fields: Vec<(String, String)>,
    /// Query that is added to each URL.
    query: String,
    /// Method that an option implies.
    implied: Option<&'static str>,
    follows: bool,
    is_hidden: bool,
    dates_by_file: bool,
}

impl Draft {
    /// Adds a field line `NAME: VALUE`.
    fn line(&mut self, word: &Word) {
        let Some((name, value)) = field(word.text.trim()) else { return };
        self.set(name, value, word.is_hidden);
    }

    fn set(&mut self, name: &str, value: &str, is_hidden: bool) {
        let name = name.to_ascii_lowercase();
        // A variable is as good as any other value where only its being equal counts.
        self.is_hidden |= is_hidden && DECIDING.contains(&name.as_str());
        self.fields.retain(|(known, _)| *known != name);
        // A name without a value takes the field out.
        if !value.is_empty() {
            self.fields.push((name, value.to_owned()));
        }
    }

    /// Adds a field unless there is one.
    fn preset(&mut self, name: &str, value: &str) {
        if self.fields.iter().all(|(known, _)| known != name) {
            self.fields.push((name.to_owned(), value.to_owned()));
        }
    }

    fn credentials(&mut self, user: &Word) {
        let coded = base64::engine::general_purpose::STANDARD.encode(&user.text);
        self.set("authorization", &format!("Basic {coded}"), user.is_hidden);
    }

    fn command(self, repeats: bool) -> Option<Command> {
        let implied = self.implied.unwrap_or("GET");
        let method = self.method.unwrap_or_else(|| implied.to_owned());
        let is_hidden = self.is_hidden || (repeats && self.urls.iter().any(|url| url.is_hidden));
        let fields: FieldLines = self.fields.iter().map(|(name, value)| (name, value)).collect();
        let url = |word: &Word| Some(url(&word.text)? + &self.query);
        let request = |url| Request { method: method.clone(), url, fields: fields.clone() };
        let requests: Vec<_> = self.urls.iter().filter_map(url).map(request).collect();
        let showing = match (is_hidden, self.dates_by_file) {
            (true, _) => Showing::Hidden,
            (false, true) => Showing::NoFile,
            (false, false) => Showing::Whole,
        };
        let manner = Manner { follows: self.follows, repeats, showing };
        (!requests.is_empty()).then_some(Command { requests, manner })
    }
}

/// Fields on which the answer to a condition depends.
const DECIDING: [&str; 6] =
    ["if-none-match", "if-modified-since", "if-match", "range", "if-range", "accept-encoding"];

/// A URL with its scheme and its path, without credentials and fragment.
fn url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let rest = rest.split('#').next().unwrap_or(rest);
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let slash = if path.starts_with('/') { "" } else { "/" };
    let is_known = ["http", "https"].contains(&scheme.to_ascii_lowercase().as_str());
    (is_known && !host.is_empty())
        .then(|| format!("{}://{host}{slash}{path}", scheme.to_ascii_lowercase()))
}

/// URL that a redirect leads to.
pub(super) fn redirected(from: &str, location: &str) -> Option<String> {
    Some(Url::parse(from).ok()?.join(location).ok()?.to_string())
}

/// True of a word that can name a host and not an option or a sentence.
fn is_url(word: &str) -> bool {
    let begins =
        word.starts_with(|first: char| first.is_ascii_alphanumeric() || "[$:/".contains(first));
    let is_named = word.contains("://")
        || word.contains(['.', '/', ':'])
        || word.starts_with("localhost")
        || word.starts_with('$');
    begins && is_named && !word.ends_with([':', '.', ',']) && !word.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Method, URL and fields, or nothing.
    #[track_caller]
    fn check(line: &str, expected: Option<(&str, &str, &[&str])>) {
        let found = command(line);
        let request = found.as_ref().map(|found| &found.requests[0]);
        let found = request.map(|request| {
            let fields = request.fields.iter();
            let fields: Vec<_> = fields
                .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)))
                .collect();
            (request.method.clone(), request.url.clone(), fields)
        });
        let expected = expected.map(|(method, url, fields)| {
            let fields = fields.iter().map(|&field| field.to_owned()).collect();
            (method.to_owned(), url.to_owned(), fields)
        });
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn curl_s_options_are_read() {
        let url = "https://a.example/x";
        let tag = "if-none-match: \"a\"";
        check("curl -i -H 'If-None-Match: \"a\"' https://a.example/x", Some(("GET", url, &[tag])));
        check("curl -sIH 'If-None-Match: \"a\"' https://a.example/x", Some(("HEAD", url, &[tag])));
        check("curl --head -o /dev/null https://a.example/x#y", Some(("HEAD", url, &[])));
        check("curl -X DELETE https://a.example/x", Some(("DELETE", url, &[])));
        check("curl --request=PUT --url https://a.example/x", Some(("PUT", url, &[])));
        check("curl -d a=b https://a.example/x", Some(("POST", url, &[])));
        check("curl -G -d a=b https://a.example/x", Some(("GET", "https://a.example/x?a=b", &[])));
        check(
            "curl https://a.example/x --compressed -A me/1 -b c=d -r 0-9",
            Some((
                "GET",
                url,
                &[
                    "accept-encoding: deflate, gzip, br, zstd",
                    "user-agent: me/1",
                    "cookie: c=d",
                    "range: bytes=0-9",
                ],
            )),
        );
        check(
            "curl -u ada:secret -x http://proxy:3128 --resolve a.example:443:10.0.0.1 https://a.example/x",
            Some(("GET", url, &["authorization: Basic YWRhOnNlY3JldA=="])),
        );
        check("curl ada:secret@localhost:8080", Some(("GET", "http://localhost:8080/", &[])));
        check("curl -v", None);
        check("curl says so", None);
    }

    #[test]
    fn httpie_s_items_are_read() {
        let coding = "accept-encoding: gzip, deflate";
        let url = "http://a.example/x";
        check(
            "http a.example/x If-None-Match:'\"a\"'",
            Some(("GET", url, &["if-none-match: \"a\"", coding])),
        );
        check("http -v HEAD a.example/x", Some(("HEAD", url, &[coding])));
        check("https a.example/x", Some(("GET", "https://a.example/x", &[coding])));
        check("http :8080/x b==c", Some(("GET", "http://localhost:8080/x?b=c", &[coding])));
        check("http a.example/x b=c", Some(("POST", url, &[coding])));
        check("http requests are answered", None);
    }

    #[test]
    fn wget_s_options_are_read() {
        let coding = "accept-encoding: identity";
        let url = "http://a.example/x";
        check(
            "wget -S -O - --header='If-None-Match: \"a\"' http://a.example/x",
            Some(("GET", url, &["if-none-match: \"a\"", coding])),
        );
        check("wget --spider -S a.example/x", Some(("HEAD", url, &[coding])));
        check("wget --post-data a=b a.example/x", Some(("POST", url, &[coding])));
    }

    #[test]
    fn variables_hide_what_a_request_is_only_where_it_matters() {
        let is_hidden =
            |line: &str| command(line).expect("a command").manner.showing == Showing::Hidden;
        assert!(is_hidden("curl -H \"If-None-Match: $tag\" http://a/"));
        assert!(is_hidden("for n in 1 2; do curl \"http://a/?n=$n\"; done"));
        assert!(is_hidden("curl --etag-compare etag.txt http://a/"));
        assert!(!is_hidden("curl -H \"Authorization: Bearer $TOKEN\" http://a/"));
        assert!(!is_hidden("curl \"http://$HOST/\""));
    }
}
