//! A tag that is the hash of nothing, where there is content.

use std::collections::BTreeSet;

use super::{full, listed};
use crate::evidence::{ObservedResponse, inner};
use crate::kind::{Judgement, Severity, shown};
use crate::view::View;

/// Hashes of the empty content: name, hexadecimal, base64 without padding.
const OF_NOTHING: [(&str, &str, &str); 13] = [
    ("MD5", "d41d8cd98f00b204e9800998ecf8427e", "1B2M2Y8AsgTpgAmY7PhCfg"),
    ("SHA-1", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "2jmj7l5rSw0yVb/vlWAYkK/YBwk"),
    (
        "SHA-256",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
    ),
    (
        "BLAKE3",
        "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        "rxNJufX5oaagQE3qNtzJSZvLJcmtwRK3zJqTyuQfMmI",
    ),
    ("FNV-1a", "cbf29ce484222325", "y/Kc5IQiIyU"),
    ("XXH3", "2d06800538d394c2", "LQaABTjTlMI"),
    ("XXH64", "ef46db3751d8e999", "70bbN1HY6Zk"),
    ("XXH3", "99aa06d3014798d86001c324468d497f", "maoG0wFHmNhgAcMkRo1Jfw"),
    ("CRC-32", "00000000", "AAAAAA"),
    ("Adler-32", "00000001", "AAAAAQ"),
    ("FNV-1a", "811c9dc5", "gRydxQ"),
    ("XXH32", "02cc5d05", "AsxdBQ"),
    (
        "SHA-512",
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f\
         63b931bd47417a81a538327af927da3e",
        "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg",
    ),
];

/// Shortest beginning of a hash that tells which one it is: as git cuts them.
const TELLING: usize = 7;

/// Digits of a hash that is long enough to be cut, or to stand beside something else.
const LONG: usize = 16;

/// The hash of nothing that a tag is, or of which it is made beside a length or a suffix.
fn of_nothing(tag: &[u8]) -> Option<&'static str> {
    let tag = String::from_utf8_lossy(inner(tag)).replace('_', "/");
    let whole = tag.trim_end_matches('=');
    let is_it = |part: &str, hex: &str, base64: &str| {
        let part = part.trim_end_matches('=');
        let lower = part.to_ascii_lowercase();
        let is_cut = part.len() >= TELLING && (hex.starts_with(&lower) || base64.starts_with(part));
        (is_cut && hex.len() >= LONG) || lower == hex || part == base64
    };
    // Short ones stand for nothing beside something else.
    let found = whole.split(['-', ':', '.', ';']).chain([whole]).find_map(|part| {
        let known = OF_NOTHING.iter().filter(|(_, hex, _)| hex.len() >= LONG || part == whole);
        known.clone().find(|(_, hex, base64)| is_it(part, hex, base64)).map(|(name, ..)| *name)
    });
    // Checksums of other lengths begin with zero.
    let is_zero = whole.len() >= LONG && whole.bytes().all(|byte| byte == b'0');
    found.or_else(|| is_zero.then_some("checksum"))
}

pub(super) fn judge(view: &View<'_>) -> Option<Judgement> {
    let full: Vec<_> = [view.evidence]
        .into_iter()
        .chain(&view.evidence.others)
        .flat_map(|evidence| full(evidence).map(move |answer| (evidence, answer)))
        .filter(|(_, answer)| has_content(answer) != Some(false))
        .collect();
    let is_one = |answer: &ObservedResponse| answer.tag().and_then(of_nothing);
    // One whose content is known to be there says most.
    let named = |is_known: bool| {
        let known = full.iter().filter(|(_, answer)| has_content(answer).is_some() == is_known);
        known.clone().find_map(|(_, it)| Some((is_one(it)?, it.tag()?)))
    };
    let is_seen = named(true).is_some();
    let (name, tag) = named(true).or_else(|| named(false))?;
    let of_it: Vec<_> = full.iter().filter(|(_, answer)| answer.tag() == Some(tag)).collect();
    let urls: BTreeSet<_> = of_it.iter().map(|(evidence, _)| evidence.target.as_str()).collect();
    let several = format!("so it is for {} URLs: {}", urls.len(), listed(urls.iter().copied()));
    let (severity, confidence, what, end) = if is_seen {
        (Severity::Bad, 0.95, "with content", "and there is content")
    } else {
        (
            Severity::Warn,
            0.7,
            "whose content was not seen",
            "which only an empty content should have",
        )
    };
    Some(
        Judgement::new(severity, confidence, format!("the tag is the {name} of nothing, {end}"))
            .because("empty-hash")
            .with(format!("{} {what} × {}", shown(tag), of_it.len()))
            .with("the content may change as it likes: a client that has the tag gets a 304")
            .with_all((urls.len() > 1).then_some(several)),
    )
}

/// Reports whether there is content; `None` where nothing of it was seen and no length was named.
fn has_content(answer: &ObservedResponse) -> Option<bool> {
    let known = answer.content.decoded.map(|content| content.bytes);
    let announced = || answer.fields.text("content-length").and_then(|length| length.parse().ok());
    // The length of a compressed one is that of its frame at least.
    let frame = if answer.coding() == "identity" { 0 } else { 32 };
    let seen = || Some(answer.content.coded_bytes).filter(|bytes| *bytes > 0);
    known.map(|bytes| bytes > 0).or_else(|| {
        let bytes: u64 = announced().or_else(seen)?;
        (bytes > frame).then_some(true).or((bytes == 0).then_some(false))
    })
}
