//! Options of curl.

use super::{Draft, Word, is_url};

/// Short options that take a value, besides those that are read.
const VALUED: &str = "cCDEFhKmoPQtTUwyYz";

/// Long options whose value may look like a URL.
const LONG_VALUED: [&str; 28] = [
    "cacert",
    "cert",
    "config",
    "connect-timeout",
    "connect-to",
    "cookie-jar",
    "dns-servers",
    "doh-url",
    "dump-header",
    "etag-compare",
    "etag-save",
    "interface",
    "key",
    "max-time",
    "noproxy",
    "output",
    "preproxy",
    "proxy",
    "proxy-header",
    "resolve",
    "retry",
    "retry-delay",
    "socks5",
    "socks5-hostname",
    "stderr",
    "trace",
    "trace-ascii",
    "write-out",
];

pub(super) fn draft(words: &[Word]) -> Option<Draft> {
    let mut draft = Draft::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        if let Some(option) = text.strip_prefix("--") {
            let (name, own) = match option.split_once('=') {
                Some((name, value)) => (name, Some(Word { text: value.to_owned(), ..*word })),
                None => (option, None),
            };
            long(&mut draft, name, || own.or_else(|| words.next().cloned()));
        } else if let Some(letters) = text.strip_prefix('-') {
            short(&mut draft, letters, word.is_hidden, || words.next().cloned());
        } else if is_url(text) {
            draft.urls.push(word.clone());
        }
    }
    (!draft.urls.is_empty()).then_some(draft)
}

/// Letters behind one dash; what follows a letter that takes a value is its value.
fn short(draft: &mut Draft, letters: &str, is_hidden: bool, next: impl FnOnce() -> Option<Word>) {
    for (at, letter) in letters.char_indices() {
        let name = match letter {
            'I' | 'L' | 'G' => {
                flag(draft, letter);
                continue;
            }
            'H' => "header",
            'X' => "request",
            'A' => "user-agent",
            'e' => "referer",
            'b' => "cookie",
            'u' => "user",
            'r' => "range",
            'd' => "data",
            'F' | 'T' => "form",
            'z' => "time-cond",
            'x' => "proxy",
            'K' => "config",
            other if VALUED.contains(other) => "output",
            _ => continue,
        };
        let rest = &letters[at + letter.len_utf8()..];
        let own = (!rest.is_empty()).then(|| Word { text: rest.to_owned(), is_hidden });
        return long(draft, name, || own.or_else(next));
    }
}

fn flag(draft: &mut Draft, letter: char) {
    match letter {
        'I' => draft.implied = Some("HEAD"),
        'L' => draft.follows = true,
        // The data becomes a query.
        _ => draft.method = Some("GET".to_owned()),
    }
}

fn long(draft: &mut Draft, name: &str, value: impl FnOnce() -> Option<Word>) {
    match name {
        "head" => flag(draft, 'I'),
        "location" | "location-trusted" => flag(draft, 'L'),
        "get" => flag(draft, 'G'),
        "compressed" => draft.preset("accept-encoding", "deflate, gzip, br, zstd"),
        _ => {
            let takes_one = TAKING.contains(&name) || LONG_VALUED.contains(&name);
            let is_data = name.starts_with("data") || name.starts_with("form");
            if let Some(value) = (takes_one || is_data).then(value).flatten() {
                valued(draft, name, &value);
            }
        }
    }
}

/// Long options whose value is read.
const TAKING: [&str; 12] = [
    "header",
    "request",
    "user-agent",
    "referer",
    "cookie",
    "user",
    "range",
    "time-cond",
    "url",
    "json",
    "upload-file",
    "oauth2-bearer",
];

fn valued(draft: &mut Draft, name: &str, value: &Word) {
    let Word { text, is_hidden } = value;
    match name {
        "header" => draft.line(value),
        "request" => draft.method = Some(text.to_ascii_uppercase()),
        "user-agent" | "referer" | "cookie" => draft.set(name, text, *is_hidden),
        "user" => draft.credentials(value),
        "oauth2-bearer" => draft.set("authorization", &format!("Bearer {text}"), *is_hidden),
        "range" => draft.set(name, &format!("bytes={text}"), *is_hidden),
        "time-cond" => draft.set("if-modified-since", text, *is_hidden),
        "url" => draft.urls.push(value.clone()),
        // Files that are not shown.
        "etag-compare" | "config" => draft.is_hidden = true,
        "data" | "data-urlencode" | "data-raw" if draft.method.as_deref() == Some("GET") => {
            let mark = if draft.query.is_empty() { '?' } else { '&' };
            draft.query.push(mark);
            draft.query.push_str(text);
        }
        "upload-file" => draft.method = Some("PUT".to_owned()),
        _ if name.starts_with("data") || name.starts_with("form") || name == "json" => {
            draft.implied = Some("POST");
        }
        _ => {}
    }
}
