//! Differences of two answers, in words; and what no answer may do, whoever gives it.
//!
//! Fields and content are compared where the statuses are equal: another status has other fields.
//! Pages that explain an error are nobody's representation, and are not compared.

use super::row::Row;
use crate::support::http::Answer;

/// Behaviour of one server and of another, in the same few words for each request.
pub(crate) type Pair = (String, String);

/// Everything in which `theirs` differs from `ours`.
pub(crate) fn differences(ours: &Answer, theirs: &Answer, row: &Row) -> Vec<Pair> {
    if ours.status != theirs.status {
        return vec![(status(ours), status(theirs))];
    }
    let aspects: &[fn(&Answer, bool) -> String] = match ours.status {
        _ if row.is_put() => &[],
        200 => &[tag, vary, content],
        206 => &[tag, vary, range, content],
        304 => &[tag, vary],
        416 => &[range],
        _ => &[],
    };
    let is_head = row.is_head();
    let pairs = aspects.iter().map(|aspect| (aspect(ours, is_head), aspect(theirs, is_head)));
    pairs.filter(|(ours, theirs)| ours != theirs).collect()
}

fn status(answer: &Answer) -> String {
    match answer.status {
        0 => "no answer".to_owned(),
        status => status.to_string(),
    }
}

fn tag(answer: &Answer, _: bool) -> String {
    match answer.field("etag") {
        None => "no ETag",
        Some(tag) if tag.starts_with("W/") => "weak ETag",
        Some(_) => "strong ETag",
    }
    .to_owned()
}

fn vary(answer: &Answer, _: bool) -> String {
    if answer.field("vary").is_some() { "Vary" } else { "no Vary" }.to_owned()
}

/// Its length depends on who compressed, if it is that of a compressed content.
fn range(answer: &Answer, _: bool) -> String {
    match answer.field("content-range") {
        None => "no Content-Range".to_owned(),
        Some(value) if value.ends_with("/8192") => format!("Content-Range: {value}"),
        Some(_) => "Content-Range of the gzip coding".to_owned(),
    }
}

/// The length in bytes where it does not depend on who compressed.
fn content(answer: &Answer, is_head: bool) -> String {
    let coding = answer.field("content-encoding");
    let length = answer.field("content-length");
    match (coding, answer.parts().filter(|_| !is_head), length) {
        (Some(coding), _, _) => coding.to_owned(),
        (_, Some(parts), _) => format!("{} parts", parts.len()),
        (_, _, None) if is_head => "no length".to_owned(),
        (_, _, Some(length)) if is_head => format!("{length} bytes"),
        _ => format!("{} bytes", answer.content.len()),
    }
}

/// Fault of an answer whatever the request was: `None` if nothing is.
///
/// `variants` are the contents that there are: as it is, and compressed.
pub(crate) fn fault(answer: &Answer, variants: &[Vec<u8>], row: &Row) -> Option<&'static str> {
    let has = |name| answer.field(name).is_some();
    let has_content = !answer.content.is_empty();
    let is_of_one = |is_it: fn(&Answer, &[u8]) -> bool| variants.iter().any(|v| is_it(answer, v));
    match answer.status {
        0 => Some("no answer"),
        500.. if answer.status != 501 && answer.status != 505 => Some("a fault of the server"),
        204 | 304 if has_content => Some("content where none may be (6.4.1)"),
        _ if row.is_head() && has_content => Some("content where none may be (9.3.2)"),
        405 if !has("allow") => Some("no Allow (15.5.6)"),
        _ if row.is_put() => None,
        200 | 206 | 304 if !has("etag") => Some("no ETag (8.8.3, 15.3.7, 15.4.5)"),
        200 | 206 | 304 if !has("date") => Some("no Date (6.6.1)"),
        304 if has("content-encoding") || has("content-range") => {
            Some("a description of content (15.4.5)")
        }
        200 if !row.is_head() && !is_of_one(is_whole) => Some("content of nobody's"),
        206 if !is_of_one(are_parts) => Some("parts that are not what they claim (15.3.7)"),
        416 if !is_of_one(says_length) => Some("no length of the representation (15.5.17)"),
        _ => None,
    }
}

fn is_whole(answer: &Answer, variant: &[u8]) -> bool {
    answer.content == variant
}

/// True if each part is what its `Content-Range` says of the whole.
fn are_parts(answer: &Answer, variant: &[u8]) -> bool {
    let is_part = |range: &str, content: &[u8]| {
        let (span, length) = range.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = span.split_once('-')?;
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        let is_told = length == variant.len().to_string() && variant.get(first..=last)? == content;
        is_told.then_some(())
    };
    let Some(parts) = answer.parts() else {
        let range = answer.field("content-range").unwrap_or_default();
        return is_part(range, &answer.content).is_some();
    };
    answer.field("content-range").is_none()
        && parts.iter().all(|(range, content)| is_part(range, content).is_some())
}

fn says_length(answer: &Answer, variant: &[u8]) -> bool {
    answer.field("content-range") == Some(&format!("bytes */{}", variant.len()))
}
