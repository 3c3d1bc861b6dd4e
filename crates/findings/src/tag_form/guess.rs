//! Hashes and mixtures of a modification time: they hide what they are made of, unless one can guess
//! it.
//!
//! The seconds are those of Last-Modified, and copies that are deployed have whole seconds or
//! milliseconds. Says nothing of hashes with a finer fraction, or with an inode.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use md5::{Digest as _, Md5};
use semantics::HttpDate;
use sha1::Sha1;
use sha2::Sha256;

use super::Specimen;
use super::hashes::is_spelled;
use super::moment::written;

/// A tag whose making was guessed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Guess {
    /// Name of its form in reports.
    pub(super) form: &'static str,
    /// The modification time of which it is made, in seconds.
    pub(super) seconds: f64,
}

/// The modification time of which a tag is a hash.
pub(super) fn guessed(specimen: &Specimen<'_>) -> Option<Guess> {
    let facts = specimen.facts;
    let (base, size) = (specimen.base(), facts.content?.bytes);
    if let Some(guess) = aspnet_core(base, size) {
        return Some(guess);
    }
    let date = facts.last_modified?;
    let of_millis = starlette(base, size, date).or_else(|| deno(base, size, date));
    of_millis.or_else(|| whole_seconds(base, size, date))
}

/// ASP.NET Core's tag of a file: its time in whole seconds as Windows counts them, xor its size.
fn aspnet_core(base: &str, size: u64) -> Option<Guess> {
    const UNITS_PER_S: u64 = 10_000_000;
    /// 2001 and 2100: the others of ten million numbers that fit are hardly ever between.
    const TIMES: std::ops::Range<u64> = 12_600_000_000..15_800_000_000;
    let time = u64::from_str_radix(base, 16).ok()? ^ size;
    let seconds = time / UNITS_PER_S;
    (time.is_multiple_of(UNITS_PER_S) && TIMES.contains(&seconds)).then(|| Guess {
        form: "ASP.NET Core form for files (mtime xor size)",
        seconds: (seconds - UNIX_IN_WINDOWS) as f64,
    })
}

/// Seconds from 1601 to 1970.
const UNIX_IN_WINDOWS: u64 = 11_644_473_600;

/// Starlette's tag of a file: MD5 of its modification time and size, as Python prints them.
fn starlette(base: &str, size: u64, date: HttpDate) -> Option<Guess> {
    let tag = u128::from_str_radix(base, 16).ok().filter(|_| base.len() == 32)?;
    let hash = |time: &f64| Md5::digest(format!("{time:?}-{size}")).into();
    let seconds = millis(date).find(|time| u128::from_be_bytes(hash(time)) == tag)?;
    Some(Guess { form: "Starlette form for files (md5 of mtime and size)", seconds })
}

/// Deno's tag of a file: the size, and SHA-256 of the date as JavaScript prints it, cut.
fn deno(base: &str, size: u64, date: HttpDate) -> Option<Guess> {
    let (length, hash) = base.split_once('-')?;
    let is_it = hash.len() == 27 && u64::from_str_radix(length, 16) == Ok(size);
    let of_time = |time: &f64| STANDARD_NO_PAD.encode(Sha256::digest(iso(*time)));
    let mut times = millis(date).filter(|_| is_it);
    let seconds = times.find(|time| of_time(time).starts_with(hash))?;
    Some(Guess { form: "Deno form for files (size and sha256 of mtime)", seconds })
}

/// A hash of the date in whole seconds, alone or with the size, as people write it by hand.
fn whole_seconds(base: &str, size: u64, date: HttpDate) -> Option<Guess> {
    let seconds = date.unix_seconds();
    let http = date.to_string();
    let texts = [
        http.trim_end_matches(" GMT").to_owned(),
        http.clone(),
        iso(seconds as f64),
        seconds.to_string(),
        format!("{seconds}.0"),
        format!("{seconds}000"),
    ];
    let is = |text: &str| {
        [&Md5::digest(text)[..], &Sha1::digest(text)[..], &Sha256::digest(text)[..]]
            .iter()
            .any(|hash| is_spelled(base, hash))
    };
    let of_date = texts[..2].iter().any(|text| is(text));
    let with_size = |text: &String| {
        ["-", "", ":", "_", "|"].iter().any(|between| {
            is(&format!("{text}{between}{size}")) || is(&format!("{size}{between}{text}"))
        })
    };
    let form = if of_date {
        "WordPress form (md5 of Last-Modified)"
    } else if texts.iter().any(|text| is(text) || with_size(text)) {
        "a hash of mtime, or of mtime and size"
    } else {
        return None;
    };
    Some(Guess { form, seconds: seconds as f64 })
}

/// `2014-10-06T20:33:45.250Z`.
fn iso(time: f64) -> String {
    let millis = ((time - time.floor()) * 1_000.0).round() as u32;
    format!("{}.{millis:03}Z", written(time).replace(' ', "T"))
}

fn millis(date: HttpDate) -> impl Iterator<Item = f64> {
    (0..1_000_u32).map(move |millis| date.unix_seconds() as f64 + f64::from(millis) / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Digests;
    use crate::tag_form::Facts;

    fn check(tag: &str, expected: Option<(&str, f64)>) {
        let facts = Facts {
            content: Some(Digests::of(&[b'x'; 612])),
            last_modified: HttpDate::from_unix_seconds(1_700_000_007).ok(),
            ..Facts::default()
        };
        let guess = guessed(&Specimen { opaque: tag.as_bytes(), facts });
        assert_eq!(guess.map(|guess| (guess.form, guess.seconds)), expected, "{tag}");
    }

    #[test]
    fn whole_seconds_and_milliseconds_are_found_and_nothing_else() {
        // `hashlib.md5(b"1700000007.0-612").hexdigest()`, and the same with .25 and .123456.
        let form = "Starlette form for files (md5 of mtime and size)";
        check("e5f89438a06f37c8657f922421ee6470", Some((form, 1_700_000_007.0)));
        check("11ca51581b1a482c3ca51f9a979e7f3f", Some((form, 1_700_000_007.25)));
        check("9d6b5756452e6d9a015fcd2834239a07", None);
        check("abab", None);
    }

    #[test]
    fn forms_of_other_programs_are_guessed() {
        let seconds = 1_700_000_007.0;
        check(
            "43849507773d10077403925e45fe5278",
            Some(("WordPress form (md5 of Last-Modified)", seconds)),
        );
        check(
            "f687dde7514aa9897fc42911a632b0b2dd06cc5e",
            Some(("a hash of mtime, or of mtime and size", seconds)),
        );
        // Hexadecimal of 11644473600 + 1700000007 seconds in units of 100 ns, xor 612.
        let aspnet = "ASP.NET Core form for files (mtime xor size)";
        check("1da1747ca991fe4", Some((aspnet, seconds)));
        check("1da1747ca991fe5", None);
        let deno = "Deno form for files (size and sha256 of mtime)";
        check("264-/RyBbL6Co3qPAzqqGNBsD2zuvsT", Some((deno, 1_700_000_007.25)));
    }
}
