//! The product whose form a tag has, in a few words, from what its source code prints.
//!
//! A form is a hint and no proof: anybody may print two hexadecimal numbers.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::parts::Meaning::{Large, Plain, Size, Time};
use super::parts::Unit::{FileTime, Micros, Millis, Nanos, Seconds};
use super::parts::{Parts, is_modification, time};
use super::starlette::{STARLETTE, starlette};
use super::{Facts, Specimen};
use crate::evidence::{Digests, hex};

/// Name of a tag's form: `nginx form (mtime-size)`, `sha256-like`, `opaque`.
pub(crate) fn form(specimen: &Specimen<'_>) -> String {
    let base = specimen.base();
    let known = hash_of_content(base, specimen.facts.content)
        .or_else(|| is_uuid(base).then(|| "UUID".to_owned()))
        .or_else(|| starlette(specimen).map(|_| STARLETTE.to_owned()))
        .or_else(|| numbers(specimen))
        .or_else(|| express_body(specimen))
        .or_else(|| part_of_content(base, specimen.facts.content))
        .or_else(|| caddy(specimen).map(|_| "Caddy form (mtime and size in base 36)".to_owned()))
        .or_else(|| looks(base).map(str::to_owned));
    known.unwrap_or_else(|| if base.is_empty() { "empty" } else { "opaque" }.to_owned())
}

/// The hash of the content that the tag is, or the beginning of it.
pub(crate) fn hash_of_content(base: &str, content: Option<Digests>) -> Option<String> {
    Some(format!("{} of the content, verified", name_of_hash(base, content?)?))
}

/// The same for a part of the tag that stands beside something else.
pub(crate) fn part_of_content(base: &str, content: Option<Digests>) -> Option<String> {
    let parts = base.split(['-', ':', '/', '_', '.', ';', ',', '~']);
    let name = parts.filter(|part| *part != base).find_map(|part| name_of_hash(part, content?))?;
    Some(format!("{name} of the content, verified, with something else"))
}

fn name_of_hash(text: &str, content: Digests) -> Option<&'static str> {
    let hashes: [(&str, &[u8]); 3] =
        [("md5", &content.md5), ("sha1", &content.sha1), ("sha256", &content.sha256)];
    let is = |hash: &[u8]| {
        let lower = text.to_ascii_lowercase();
        let hexadecimal = text.len() >= SURE && hex(hash).starts_with(&lower);
        // Spring prints a zero before an MD5.
        let spring = text.len() == 33 && lower.strip_prefix('0') == Some(&hex(hash));
        let base64 = text.len() >= SURE
            && [STANDARD.encode(hash), URL_SAFE_NO_PAD.encode(hash)]
                .iter()
                .any(|whole| whole.starts_with(text.trim_end_matches('=')));
        hexadecimal || spring || base64
    };
    hashes.iter().find(|(_, hash)| is(hash)).map(|(name, _)| *name)
}

/// Characters of a hash that do not agree by chance.
const SURE: usize = 8;

fn numbers(specimen: &Specimen<'_>) -> Option<String> {
    let parts = Parts::of(specimen)?;
    let hex = parts.radix == 16;
    let httpd = specimen.facts.server.contains("apache");
    let name = match (parts.meanings.as_slice(), parts.separators.as_str()) {
        ([Time { unit: Seconds, .. }, Size], "-") if hex => "nginx form (mtime-size)",
        ([Size, Time { unit: Micros, .. }], "-") if hex => "httpd form (size-mtime)",
        ([_, Size, Time { unit: Micros, .. }], "--") if hex => "httpd form (inode-size-mtime)",
        ([_, Time { unit: Micros, .. }], "-") if hex => "httpd form (inode-mtime)",
        ([Time { unit: Micros, .. }], _) if hex => "httpd form (mtime)",
        ([_, Size], "-") if hex && httpd => "httpd form (inode-size)",
        ([Plain(_)], _) if httpd => "httpd form (inode)",
        ([Size, Time { unit: Millis, .. }], "-") if hex => "Express form for files (size-mtime)",
        ([Size, Time { unit: Millis, .. }], "-") => "Tomcat form (size-mtime)",
        ([Time { .. }, Size, _], "--") => "Werkzeug form (mtime-size-path)",
        ([_, Size, Time { .. }], "--") => "WEBrick form (inode-size-mtime)",
        ([_, Size, Time { .. }, _], ":::") => "actix form (inode:size:mtime:nanoseconds)",
        ([Time { unit: FileTime, .. }, _], ":") => "IIS form (filetime:change)",
        ([Time { unit: Nanos, .. }, Size], "-") => "aiohttp form (mtime-size)",
        (meanings, _) if parts.has_size() && parts.has_time() && meanings.len() <= 4 => {
            "file form (size and mtime)"
        }
        ([Large, Plain(_)], "-") if parts.texts[0].len() == 32 => "S3 multipart form (md5-parts)",
        ([Plain(_) | Time { .. }], _) if is_lighttpd(specimen) => {
            "lighttpd form (32-bit hash of inode, size, mtime)"
        }
        ([Size], _) => "the size alone",
        // Eight random hexadecimal digits are a time more often than not.
        ([Time { seconds, unit: Seconds }], _)
            if hex && !is_modification(*seconds, &specimen.facts) =>
        {
            return None;
        }
        ([Time { .. }, ..], _) => "a time",
        ([Plain(number)], _) if *number < 10_000_000 && !hex => "counter-like",
        _ => return None,
    };
    Some(name.to_owned())
}

/// Reports whether it may be one of lighttpd's hashes.
pub(crate) fn is_lighttpd(specimen: &Specimen<'_>) -> bool {
    // lighttpd prints 32 bits of a hash in decimal: by itself any large decimal number of a file
    // that is not the file's date.
    let number: u128 = specimen.base().parse().unwrap_or(0);
    let Facts { last_modified, server, .. } = specimen.facts;
    let dated = last_modified.is_some_and(|_| !is_modification(number as f64, &specimen.facts));
    (server.contains("lighttpd") || (dated && number > 10_000_000))
        && (10_000..=u128::from(u32::MAX)).contains(&number)
        && specimen.base().bytes().all(|byte| byte.is_ascii_digit())
}

/// `W/"len-base64(sha1)"`.
fn express_body(specimen: &Specimen<'_>) -> Option<String> {
    let (length, hash) = specimen.base().split_once('-')?;
    let bytes = u64::from_str_radix(length, 16).ok()?;
    let agrees = specimen.facts.content.is_none_or(|content| content.bytes == bytes);
    let is_hash = hash.len() == 27 && STANDARD_NO_PAD.decode(hash).is_ok();
    (agrees && is_hash).then(|| "Express form for bodies (length-sha1)".to_owned())
}

/// The modification time in a tag of Caddy: base 36 of the time, then base 36 of the size.
pub(crate) fn caddy(specimen: &Specimen<'_>) -> Option<f64> {
    let (base, size) = (specimen.base(), specimen.facts.content?.bytes);
    if base.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    // The shortest ending that is the size: Caddy writes no zeros before it.
    let mut endings = base.char_indices().rev();
    let (at, _) = endings.find(|(at, _)| u64::from_str_radix(&base[*at..], 36) == Ok(size))?;
    // Nanoseconds have twelve digits in our century: what is longer is no time.
    let number = u128::from_str_radix(&base[..at], 36).ok().filter(|_| at <= 14)?;
    let (seconds, unit) = time(number)?;
    matches!(unit, Seconds | Nanos).then_some(seconds)
}

/// Form that the shape alone suggests.
fn looks(base: &str) -> Option<&'static str> {
    let is_hex = !base.is_empty() && base.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_base64 = base.len() >= 16
        && base.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/_-=".contains(&byte));
    Some(match base.trim_end_matches('=').len() {
        32 if is_hex => "md5-like",
        33 if is_hex && base.starts_with('0') => "Spring form (0 and md5)",
        40 if is_hex => "sha1-like",
        56 | 64 if is_hex => "sha256-like",
        96 | 128 if is_hex => "sha512-like",
        8 | 16 if is_hex => "hash-like",
        22 if is_base64 => "md5-like (base64)",
        27 if is_base64 => "sha1-like (base64)",
        43 if is_base64 => "sha256-like (base64)",
        86 if is_base64 => "sha512-like (base64)",
        _ => return None,
    })
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use semantics::HttpDate;

    const CONTENT: [u8; 612] = [b'x'; 612];

    fn check(opaque: &str, server: &str, expected: &str) {
        let last_modified = HttpDate::from_unix_seconds(0x5f5e_1000).ok();
        let content = Some(Digests::of(&CONTENT));
        let facts = Facts { content, last_modified, server, ..Facts::default() };
        assert_eq!(form(&Specimen { opaque: opaque.as_bytes(), facts }), expected, "{opaque}");
    }

    #[test]
    fn forms_of_real_servers_are_recognised() {
        check("5f5e1000-264", "nginx", "nginx form (mtime-size)");
        check("264-5ae4a3c2d1e40", "apache", "httpd form (size-mtime)");
        check("1a2b3c-264-5ae4a3c2d1e40", "apache", "httpd form (inode-size-mtime)");
        check("1a2b3c-264-5ae4a3c2d1e40-gzip", "apache", "httpd form (inode-size-mtime)");
        check("1a2b3c", "apache/2.4", "httpd form (inode)");
        check("264-1749b1d5c80", "", "Express form for files (size-mtime)");
        check("612-1600000000000", "", "Tomcat form (size-mtime)");
        check("264-MlQ0BGLqCYOuKXnwaCPIL2ozpYE", "", "Express form for bodies (length-sha1)");
        check("1600000000.25-612-3735928559", "", "Werkzeug form (mtime-size-path)");
        check("1d682a24d8f2a00:0", "", "IIS form (filetime:change)");
        check("qgnt34h0", "", "Caddy form (mtime and size in base 36)");
        check("3735928559", "lighttpd/1.4", "lighttpd form (32-bit hash of inode, size, mtime)");
        check("9b2cf535f27731c974343645a3985328-7", "AmazonS3", "S3 multipart form (md5-parts)");
        check("41", "", "counter-like");
        check("00f1e2d3c4b5a697-41", "", "opaque");
        check("", "", "empty");
    }

    #[test]
    fn hashes_are_verified_when_they_are_of_the_content() {
        let digests = Digests::of(&CONTENT);
        check(&hex(&digests.md5), "", "md5 of the content, verified");
        check(&format!("0{}", hex(&digests.md5)), "", "md5 of the content, verified");
        check(&hex(&digests.sha256)[..32], "", "sha256 of the content, verified");
        check(&STANDARD.encode(digests.sha1), "", "sha1 of the content, verified");
        check(&"ab".repeat(16), "", "md5-like");
        check(&"ab".repeat(32), "", "sha256-like");
        check("2c624232-cc22-4bcd-9a9c-0a1b2c3d4e5f", "", "UUID");
    }
}
