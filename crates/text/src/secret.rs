//! Credentials, masked wherever text is stored or printed: in URLs, commands, request fields and
//! lines of files. The program itself goes on with the true value.
//!
//! A credential is known by its place (before the `@` of a URL, after `-H 'Name:`), by the name
//! beside it (`token=`, `API_KEY=`, `--password`), or by its look (a JWT, `ghp_…`, a long random
//! word). In doubt a value is masked: a masked one can be typed again, a published one has to be
//! revoked. References such as `$TOKEN` stay, since they hold nothing.

mod found;
mod names;

pub use names::{is_harmless_field, is_secret_name};

use found::{Expected, found};

/// Sign in the place of a credential.
pub const MASK: &str = "…";

/// A command, an argument or a URL, with [`MASK`] in the place of each credential.
pub fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut kept = 0;
    for range in found(text) {
        masked.extend([&text[kept..range.start], MASK]);
        kept = range.end;
    }
    masked.push_str(&text[kept..]);
    masked
}

/// A text that was given as a URL and may be none, so that nothing is assumed of it but its last
/// `@`.
pub fn masked_url(text: &str) -> String {
    let Some((before, rest)) = text.rsplit_once('@') else { return masked(text) };
    if !before.contains(char::is_whitespace) {
        return masked(text);
    }
    let scheme = before.split_once("://").map(|(scheme, _)| scheme);
    let scheme = scheme.filter(|scheme| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let scheme = scheme.map_or_else(String::new, |scheme| format!("{scheme}://"));
    format!("{scheme}{MASK}@{}", masked(rest))
}

/// A URL for the name of a file: without any value of its query. Other text stays as it is.
pub fn without_query_values(url: &str) -> String {
    let url = masked_url(url);
    let Some((path, query)) = url.split_once(['?', '#']).filter(|_| url.contains("://")) else {
        return url;
    };
    let names = query.split(['&', ';', '?', '#']).filter_map(|pair| pair.split_once('='));
    names.fold(path.to_owned(), |name, (next, _)| format!("{name}-{next}"))
}

/// A request field `Name: value`: the value stays where the name is a harmless one.
pub fn masked_field(line: &str) -> String {
    match line.split_once(':') {
        Some((name, _)) if is_harmless_field(name.trim()) => line.to_owned(),
        Some((name, _)) => format!("{name}: {MASK}"),
        // Without a colon it may be the value alone.
        None => MASK.to_owned(),
    }
}

/// Value of a field in a message that was received or sent.
pub fn masked_value<'a>(name: &str, value: &'a str) -> &'a str {
    if is_secret_name(name) { MASK } else { value }
}

/// Arguments of a command line, each masked by itself and by the flag before it.
pub fn masked_arguments(arguments: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut flag = None;
    let masked = arguments.into_iter().map(|argument| {
        let before = flag.take().filter(|_| !argument.starts_with('-'));
        let masked = masked_argument(before, &argument);
        let takes_value = argument.starts_with('-') && !argument.contains('=');
        flag = takes_value.then(|| Expected::after(&argument)).flatten();
        masked
    });
    masked.collect()
}

fn masked_argument(before: Option<Expected>, argument: &str) -> String {
    if let Some(expected) = before {
        return expected.masked(argument);
    }
    if let Some((name, value)) = argument.split_once('=').filter(|(name, _)| name.starts_with('-'))
        && let Some(expected) = Expected::after(name)
    {
        return format!("{name}={}", expected.masked(value));
    }
    match argument.strip_prefix("-H") {
        Some(field) if !field.is_empty() => format!("-H{}", masked_field(field)),
        _ => masked(argument),
    }
}

/// Lines with an asterisk in the place of each octet of a credential, so that every offset keeps
/// its meaning.
pub fn covered(lines: &str) -> String {
    let mut covered = String::with_capacity(lines.len());
    // Each line by itself: an apostrophe in a comment opens no quotes.
    for line in lines.split_inclusive('\n') {
        let mut kept = 0;
        for range in found(line) {
            covered.push_str(&line[kept..range.start]);
            covered.push_str(&"*".repeat(range.len()));
            kept = range.end;
        }
        covered.push_str(&line[kept..]);
    }
    covered
}

/// A credential that is kept in memory: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(MASK)
    }
}

#[cfg(test)]
mod tests;
