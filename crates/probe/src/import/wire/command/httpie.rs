//! Options and items of `HTTPie`.

use std::fmt::Write as _;

use super::{Draft, Word, is_url};

/// Options that take a value.
const VALUED: [&str; 20] = [
    "-p",
    "--print",
    "-o",
    "--output",
    "-s",
    "--style",
    "-A",
    "--auth-type",
    "--session",
    "--session-read-only",
    "--proxy",
    "--verify",
    "--cert",
    "--cert-key",
    "--timeout",
    "--max-redirects",
    "--pretty",
    "--format-options",
    "--response-charset",
    "--ssl",
];

/// Reads what follows `http` or `https`: `[METHOD] URL [ITEM…]`.
pub(super) fn draft(name: &str, words: &[Word]) -> Option<Draft> {
    let mut draft = Draft::default();
    let mut words = words.iter();
    let mut is_asking = false;
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        match text {
            "-a" | "--auth" => {
                let user = words.next()?;
                draft.credentials(user);
            }
            "-F" | "--follow" => draft.follows = true,
            "-f" | "--form" | "-j" | "--json" => {}
            _ if VALUED.contains(&text) => _ = words.next(),
            _ if text.starts_with('-') => {}
            _ if is_asking => item(&mut draft, word),
            _ if is_method(text) && draft.method.is_none() => draft.method = Some(text.to_owned()),
            _ if is_url(text) => {
                is_asking = true;
                draft.urls.push(target(name, word));
            }
            // Prose that begins with the word.
            _ => return None,
        }
    }
    draft.preset("accept-encoding", "gzip, deflate");
    is_asking.then_some(draft)
}

fn is_method(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// URL that may lack scheme and host: `:8080/x`, `/x`.
fn target(name: &str, word: &Word) -> Word {
    let text = &word.text;
    let whole = match text.as_bytes() {
        _ if text.contains("://") => text.clone(),
        [b':', b'/', ..] => format!("{name}://localhost{}", &text[1..]),
        [b':' | b'/', ..] => format!("{name}://localhost{text}"),
        _ => format!("{name}://{text}"),
    };
    Word { text: whole, ..*word }
}

/// `Name:value`, `name==value`, or a part of a content.
fn item(draft: &mut Draft, word: &Word) {
    let text = word.text.as_str();
    let Some(at) = text.find([':', '=', '@']) else { return };
    let (name, rest) = text.split_at(at);
    if let Some(value) = rest.strip_prefix("==") {
        let mark = if draft.query.is_empty() { '?' } else { '&' };
        let _ = write!(draft.query, "{mark}{name}={value}");
    } else if let Some(value) = rest.strip_prefix(':').filter(|value| !value.starts_with('=')) {
        draft.set(name, value, word.is_hidden);
    } else {
        draft.implied = Some("POST");
    }
}
