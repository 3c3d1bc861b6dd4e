//! The product whose form a tag has, in a few words, from what its source code prints.
//!
//! A form is a hint and no proof: anybody may print two hexadecimal numbers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use semantics::HttpDate;

use super::guess::guessed;
use super::hashes::{is_spelled, name_among};
use super::moment::Unit::{Calendar, FileTime, Micros, Millis, Nanos, Seconds, Ticks};
use super::parts::Meaning::{Large, Plain, Size, Time, Word};
use super::parts::{Parts, agrees};
use super::products::{CLOUD_STORAGE, JETTY};
use super::{Facts, Specimen};
use crate::evidence::Digests;

/// Name of a tag's form: `nginx form (mtime-size)`, `sha256-like`, `opaque`.
pub(crate) fn form(specimen: &Specimen<'_>) -> String {
    let (base, facts) = (specimen.base(), &specimen.facts);
    let known = hash_of_content(base, facts)
        .or_else(|| is_uuid(base).then(|| "UUID".to_owned()))
        .or_else(|| guessed(specimen).map(|guess| guess.form.to_owned()))
        .or_else(|| numbers(specimen))
        .or_else(|| express_body(specimen))
        .or_else(|| part_of_content(base, facts))
        .or_else(|| of_nothing(base, facts))
        .or_else(|| looks(base).map(str::to_owned));
    known.unwrap_or_else(|| if base.is_empty() { "empty" } else { "opaque" }.to_owned())
}

/// The hash of the content that the tag is, or a cut of it.
pub(crate) fn hash_of_content(base: &str, facts: &Facts<'_>) -> Option<String> {
    let next = || next_js(base, facts);
    let name = name_of_hash(base, facts).or_else(next)?;
    Some(format!("{name} of the content, verified"))
}

/// The same for a part of the tag that stands beside something else.
pub(crate) fn part_of_content(base: &str, facts: &Facts<'_>) -> Option<String> {
    let parts = base.split(['-', ':', '/', '_', '.', ';', ',', '~']);
    let name = parts.filter(|part| *part != base).find_map(|part| name_of_hash(part, facts))?;
    Some(format!("{name} of the content, verified, with something else"))
}

/// Name of the hash function that makes this text of the content.
pub(super) fn name_of_hash(text: &str, facts: &Facts<'_>) -> Option<&'static str> {
    name_among(&facts.content?, text).or_else(|| facts.hashes?.name_of(text))
}

/// The hash of Next.js and the length behind it, both in base 36.
fn next_js(base: &str, facts: &Facts<'_>) -> Option<&'static str> {
    let (hash, length) = facts.hashes?.next()?;
    let is = |(at, _): (usize, char)| {
        let number = |text: &str| u64::from_str_radix(text, 36).ok();
        number(&base[..at]) == Some(hash) && number(&base[at..]) == Some(length as u64)
    };
    base.char_indices().skip(1).any(is).then_some("fnv1a-52 and length (Next.js form)")
}

/// A hash of no content at all, where there is some.
fn of_nothing(base: &str, facts: &Facts<'_>) -> Option<String> {
    let nothing = Digests::of(b"");
    let name = name_among(&nothing, base).filter(|_| facts.content.is_some_and(|it| it.bytes > 0));
    name.map(|name| format!("{name} of nothing, which is the same for every content"))
}

fn numbers(specimen: &Specimen<'_>) -> Option<String> {
    let parts = Parts::of(specimen)?;
    let name = match parts.separators.as_str() {
        JETTY => "Jetty form (mtime and size, mixed with a hash of the path)",
        CLOUD_STORAGE => "GCS form (generation and metageneration)",
        _ => {
            let all = parts.has_size() && parts.has_time() && parts.meanings.len() <= 4;
            let file = (all && parts.is_numeric()).then_some("file form (size and mtime)");
            let known = of_inert(&parts, specimen).or_else(|| of_files(&parts));
            known.or(file).or_else(|| of_httpd(&parts, specimen))?
        }
    };
    Some(name.to_owned())
}

/// The form of Express in a strong tag, which Express does not send for files.
fn of_inert(parts: &Parts<'_>, specimen: &Specimen<'_>) -> Option<&'static str> {
    let is_it = matches!(parts.meanings.as_slice(), [Size, Time { unit: Millis, .. }])
        && (parts.separators.as_str(), parts.radix) == ("-", 16);
    (is_it && specimen.facts.is_strong).then_some("hapi form for files (size-mtime)")
}

/// Forms of tags of files in which times and sizes stand.
fn of_files(parts: &Parts<'_>) -> Option<&'static str> {
    let hex = parts.radix == 16;
    Some(match (parts.meanings.as_slice(), parts.separators.as_str()) {
        ([Time { unit: Seconds, .. }, Size], "-") if parts.radix <= 16 => "nginx form (mtime-size)",
        ([Time { .. }, Size], "") if hex => "form of Go's WebDAV (mtime and size in hexadecimal)",
        ([Time { .. }, Size], "") => "Caddy form (mtime and size in base 36)",
        ([Time { .. }, Size], "-") if parts.radix == 36 => {
            "Caddy form from 2.8 (mtime-size in base 36)"
        }
        ([Size, Time { unit: Micros, .. }], "-") if hex => "httpd form (size-mtime)",
        ([_, Size, Time { unit: Micros, .. }], "--") if hex => "httpd form (inode-size-mtime)",
        ([_, Time { unit: Micros, .. }], "-") if hex => "httpd form (inode-mtime)",
        ([Time { unit: Micros, .. }], _) if hex => "httpd form (mtime)",
        ([Size, Time { unit: Millis, .. }], "-") if hex => "Express form for files (size-mtime)",
        ([Size, Time { unit: Millis, .. }], "-") => "Tomcat form (size-mtime)",
        ([_, Size, Time { unit: Calendar, .. }], _) => "http-server form (inode-size-time)",
        ([Word, Time { .. }, Size, _], "---") => "Werkzeug form (wzsdm-mtime-size-path)",
        ([Time { .. }, Size, _], "--") => "Werkzeug form (mtime-size-path)",
        ([_, Size, Time { .. }], "--") => "WEBrick form (inode-size-mtime)",
        ([_, _, Time { unit: Millis, .. }], "--") if !parts.has_size() => {
            "st form (device-inode-mtime)"
        }
        ([_, Size, Time { .. }, _], ":::") => "actix form (inode:size:mtime:nanoseconds)",
        ([Time { unit: FileTime, .. }, _], ":") => "IIS form (filetime:change)",
        ([Time { unit: Nanos, .. }, Size], "-") => "aiohttp form (mtime-size)",
        ([Time { unit: Ticks, .. }], _) if parts.texts[0].starts_with("0x") => {
            "Azure form (time of the last write)"
        }
        ([Large, Plain(_)], "-") if parts.texts[0].len() == 32 => "S3 multipart form (md5-parts)",
        _ => return None,
    })
}

/// Forms that a number alone has, or one that only the server's name explains.
fn of_httpd(parts: &Parts<'_>, specimen: &Specimen<'_>) -> Option<&'static str> {
    let hex = parts.radix == 16;
    let httpd = specimen.facts.server.contains("apache");
    Some(match (parts.meanings.as_slice(), parts.separators.as_str()) {
        ([_, Size], "-") if hex && httpd => "httpd form (inode-size)",
        // Digits alone are as likely a number that each process counts.
        ([Plain(_)], _) if hex && httpd => "httpd form (inode)",
        ([Plain(_) | Time { .. }], _) if is_lighttpd(specimen) => {
            "lighttpd form (32-bit hash of inode, size, mtime)"
        }
        ([Size], _) => "the size alone",
        // Eight random hexadecimal digits are a time more often than not.
        ([Time { seconds, unit: Seconds }], _)
            if hex && !agrees(*seconds, Seconds, &specimen.facts) =>
        {
            return None;
        }
        ([Time { .. }, ..], _) if parts.is_numeric() => "a time",
        ([Plain(number)], _) if *number < 10_000_000 && !hex => "counter-like",
        ([Word, Plain(number)], _) if *number < 10_000_000 && parts.radix == 10 => {
            "a name and a number, counter-like"
        }
        _ => return None,
    })
}

/// Reports whether it may be one of lighttpd's hashes.
pub(crate) fn is_lighttpd(specimen: &Specimen<'_>) -> bool {
    // lighttpd prints 32 bits of a hash in decimal: by itself any large decimal number of a file
    // that is not the file's date.
    let number: u128 = specimen.base().parse().unwrap_or(0);
    let Facts { last_modified, server, .. } = specimen.facts;
    let is_date = agrees(number as f64, Seconds, &specimen.facts);
    let dated = last_modified.is_some() && !is_date;
    // Without a date only who does not say another name.
    let perhaps = dated || (last_modified.is_none() && server.is_empty() && !is_start(specimen));
    // Of what it forwards, lighttpd makes no tag.
    let is_forwarded = last_modified.is_none() && is_recent(specimen);
    (server.contains("lighttpd") && !is_forwarded || (perhaps && number > 10_000_000))
        && (10_000..=u128::from(u32::MAX)).contains(&number)
        && specimen.base().bytes().all(|byte| byte.is_ascii_digit())
}

/// Reports whether all of them may be lighttpd's hashes, though some look like moments of these years:
/// of three hashes one in ten does, and of moments at which processes started all do.
pub(super) fn are_lighttpd(specimens: &[Specimen<'_>]) -> bool {
    specimens.iter().any(is_lighttpd)
        && specimens.iter().all(|specimen| is_lighttpd(specimen) || is_start(specimen))
}

/// Reports whether it is a moment at which a process may have started.
fn is_start(specimen: &Specimen<'_>) -> bool {
    let Facts { last_modified, server, .. } = specimen.facts;
    is_recent(specimen) && last_modified.is_none() && server.is_empty()
}

/// Reports whether it is a second within the time for which processes are up.
fn is_recent(specimen: &Specimen<'_>) -> bool {
    let number: u128 = specimen.base().parse().unwrap_or(0);
    let since = |date: HttpDate| u128::from(date.unix_seconds()).abs_diff(number);
    specimen.facts.date.is_some_and(|date| since(date) < LONGEST_UP)
}

/// Seconds for which a process may have been up.
const LONGEST_UP: u128 = 2 * 365 * 86_400;

/// `W/"len-base64(sha1)"`.
fn express_body(specimen: &Specimen<'_>) -> Option<String> {
    let (length, hash) = specimen.base().split_once('-')?;
    let bytes = u64::from_str_radix(length, 16).ok()?;
    let agrees = specimen.facts.content.is_none_or(|content| content.bytes == bytes);
    let is_hash = hash.len() == 27 && STANDARD_NO_PAD.decode(hash).is_ok();
    (agrees && is_hash).then(|| {
        let of_content = specimen.facts.content.is_some_and(|it| is_spelled(hash, &it.sha1));
        let proven = if of_content { ", verified" } else { "" };
        format!("Express form for bodies (length-sha1){proven}")
    })
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
    use base64::engine::general_purpose::STANDARD;

    use crate::evidence::hex;
    use crate::tag_form::Hashes;

    const CONTENT: [u8; 612] = [b'x'; 612];

    fn check_at(opaque: &str, server: &str, modified: u64, expected: &str) {
        let last_modified = HttpDate::from_unix_seconds(modified).ok();
        let content = Some(Digests::of(&CONTENT));
        let hashes = Hashes::of(&CONTENT);
        let hashes = Some(&hashes);
        let facts = Facts { content, hashes, last_modified, server, ..Facts::default() };
        assert_eq!(form(&Specimen { opaque: opaque.as_bytes(), facts }), expected, "{opaque}");
    }

    fn check(opaque: &str, server: &str, expected: &str) {
        check_at(opaque, server, 0x5f5e_1000, expected);
    }

    #[test]
    fn a_strong_tag_of_size_and_milliseconds_is_no_express_s() {
        let content = Some(Digests::of(&CONTENT));
        let facts = Facts { content, is_strong: true, ..Facts::default() };
        let tag = Specimen { opaque: b"264-1749b1d5c80", facts };
        assert_eq!(form(&tag), "hapi form for files (size-mtime)");
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
    fn forms_of_further_servers_are_recognised() {
        check_at("1-264", "nginx", 1, "nginx form (mtime-size)");
        check_at("264-f4240", "", 1, "httpd form (size-mtime)");
        check("c5m8nwuppfrp-h0", "caddy", "Caddy form from 2.8 (mtime-size in base 36)");
        check("4723-612-2020-09-13T12:26:40.000Z", "", "http-server form (inode-size-time)");
        check("wzsdm-1600000000-612-37359285", "", "Werkzeug form (wzsdm-mtime-size-path)");
        check("2049-4723-1600000000123", "", "st form (device-inode-mtime)");
        check("0x8D857E0441D8000", "windows-azure-blob", "Azure form (time of the last write)");
        check("20200913122640-612", "", "file form (size and mtime)");
        check("20200913142640-612", "", "file form (size and mtime)");
        check("v41", "", "a name and a number, counter-like");
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
        let blake3 = blake3::hash(&CONTENT).to_hex();
        check(&blake3[..32], "", "blake3 of the content, verified");
        let crc = crc32fast::hash(&CONTENT);
        check(&format!("{crc:x}"), "", "crc32 of the content, verified");
        check(&crc.to_string(), "", "crc32 of the content, verified");
        let nothing = "md5 of nothing, which is the same for every content";
        check("d41d8cd98f00b204e9800998ecf8427e", "", nothing);
    }
}
