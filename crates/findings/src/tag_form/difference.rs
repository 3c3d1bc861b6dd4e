//! Differences between several tags for one content: the parts that differ, and what they are.

use super::Specimen;
use super::cause::{Cause, Difference, length, span};
use super::form::{caddy, form, is_lighttpd, part_of_content};
use super::mixed::mixed;
use super::opaque::as_opaque;
use super::parts::{Meaning, Parts, is_modification, time};
use super::starlette::{STARLETTE, starlette};

/// Compares two or more different tags of one content.
pub(crate) fn compare(specimens: &[Specimen<'_>]) -> Difference {
    mixed(specimens)
        .or_else(|| beside_a_hash(specimens))
        .or_else(|| by_parts(specimens))
        .or_else(|| by_time(specimens, "Caddy form: same size,", caddy))
        .or_else(|| by_time(specimens, &format!("{STARLETTE}:"), starlette))
        .unwrap_or_else(|| as_opaque(specimens))
}

/// A hash of the content that is equal in all tags, and something beside it that is not.
fn beside_a_hash(specimens: &[Specimen<'_>]) -> Option<Difference> {
    let has_hash = |tag: &Specimen<'_>| part_of_content(tag.base(), tag.facts.content).is_some();
    // A file's tag needs no hash, so that what stands beside one is a process's, even a time.
    specimens.iter().all(has_hash).then(|| {
        let explanation = "a hash of the content is the same in all tags, and the rest of it \
                           differs: a name, number, time or salt of each process";
        Difference::new(Cause::Process, explanation)
    })
}

/// Tags that are numbers of one shape: which positions differ?
fn by_parts(specimens: &[Specimen<'_>]) -> Option<Difference> {
    let all = specimens.iter().map(Parts::of).collect::<Option<Vec<_>>>()?;
    let first = all.first()?;
    let alike = all.iter().all(|parts| {
        parts.separators == first.separators && parts.texts.len() == first.texts.len()
    });
    // lighttpd's hashes are numbers as well, and so are the moments at which processes started.
    let hashes = specimens.iter().all(is_lighttpd) && !are_start_times(specimens);
    if !alike || hashes || specimens.iter().any(is_long_hash) {
        return None;
    }
    let name = form(&specimens[0]);
    let differs = |at: &usize| all.iter().any(|parts| parts.texts[*at] != first.texts[*at]);
    let differing = (0..first.texts.len()).filter(differs);
    let (times, others): (Vec<_>, Vec<_>) =
        differing.map(|at| (at, seconds(&all, at))).partition(|(_, seconds)| seconds.is_some());
    if let Some(times) = times.into_iter().find_map(|(_, seconds)| seconds) {
        let size = if first.has_size() { "same size, " } else { "" };
        let of_file = is_of_file(specimens, &all, &times);
        // Random digits read as times lie decades apart.
        if !of_file && length(&times) > LONGEST_APART {
            return None;
        }
        let apart = span(&times);
        let (cause, explanation) = if others.iter().any(|(at, _)| is_inode(&all, *at, &name)) {
            let differ = format!("inodes differ and modification times are {apart} apart");
            (Cause::Inode, format!("{name}: {size}{differ}"))
        } else if of_file {
            (Cause::Mtime, format!("{name}: {size}modification times {apart} apart"))
        } else {
            let explanation = format!(
                "a time in the tag, {apart} apart, that is no modification time: the start of a \
                 process, or the moment of generation"
            );
            (Cause::Process, explanation)
        };
        return Some(Difference::new(cause, explanation));
    }
    let (index, _) = others.first()?;
    Some(by_number(&name, &all, *index, others.len()))
}

/// Tags whose only difference is a number that is no time.
fn by_number(name: &str, all: &[Parts<'_>], index: usize, differing: usize) -> Difference {
    if name.starts_with("S3") {
        let explanation = "S3 multipart form: uploaded in parts of different sizes";
        return Difference::new(Cause::Unknown, explanation);
    }
    if is_inode(all, index, name) {
        let alone = if differing == 1 { "only the" } else { "the" };
        return Difference::new(Cause::Inode, format!("{name}: {alone} inode differs"));
    }
    Difference::new(Cause::Process, of_each_process(name, all, index))
}

/// The state of a process from which such a number may come.
fn of_each_process(name: &str, all: &[Parts<'_>], index: usize) -> &'static str {
    let is_counter = |text: &str| text.len() <= 7 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = all.iter().all(|parts| matches!(parts.meanings[index], Meaning::Plain(_)));
    if name.starts_with("IIS") {
        "IIS form: the change numbers differ, which each server counts itself"
    } else if is_plain && all.iter().all(|parts| is_counter(parts.texts[index])) {
        "small numbers that differ: a counter of each process"
    } else if is_plain {
        "numbers that differ and are neither size nor time: state of each process"
    } else {
        "a large number that differs: a salt, nonce or seed of each process"
    }
}

/// Reports whether this part is an inode.
fn is_inode(all: &[Parts<'_>], index: usize, name: &str) -> bool {
    // An inode stands first, before a size or a time that explain the rest, or alone in httpd.
    let file = all.iter().all(|parts| {
        let rest = &parts.meanings[1..];
        rest.iter().any(|part| matches!(part, Meaning::Size | Meaning::Time { .. }))
            && matches!(parts.meanings[0], Meaning::Plain(_) | Meaning::Large)
    });
    index == 0 && (file || name.contains("inode"))
}

fn seconds(all: &[Parts<'_>], index: usize) -> Option<Vec<f64>> {
    let one = |parts: &Parts<'_>| match parts.meanings[index] {
        Meaning::Time { seconds, .. } => Some(seconds),
        _ => None,
    };
    all.iter().map(one).collect()
}

fn is_of_file(specimens: &[Specimen<'_>], all: &[Parts<'_>], times: &[f64]) -> bool {
    // A time is a file's when `Last-Modified` says so, or nothing contradicts it and a size stands
    // beside it.
    let dated = specimens.iter().all(|tag| tag.facts.last_modified.is_some());
    let agree = specimens.iter().zip(times).all(|(tag, time)| is_modification(*time, &tag.facts));
    agree || (!dated && all.iter().all(Parts::has_size))
}

/// Tags whose modification time is written in the way of one product.
fn by_time(
    specimens: &[Specimen<'_>],
    form: &str,
    time: fn(&Specimen<'_>) -> Option<f64>,
) -> Option<Difference> {
    let times = specimens.iter().map(time).collect::<Option<Vec<_>>>()?;
    let explanation = format!("{form} modification times {} apart", span(&times));
    Some(Difference::new(Cause::Mtime, explanation))
}

/// Reports whether the tags are moments in seconds, as close together as starts of processes are.
fn are_start_times(specimens: &[Specimen<'_>]) -> bool {
    const MONTH: f64 = 30.0 * 86_400.0;
    let moments: Option<Vec<f64>> =
        specimens.iter().map(|tag| time(tag.base().parse().ok()?).map(|(at, _)| at)).collect();
    moments.is_some_and(|moments| length(&moments) < MONTH)
        && !specimens.iter().any(|tag| tag.facts.server.contains("lighttpd"))
}

fn is_long_hash(specimen: &Specimen<'_>) -> bool {
    // A run of hexadecimal digits as long as a hash, or a UUID, is no number to reason about.
    let base = specimen.base();
    let hyphens = base.bytes().filter(|byte| *byte == b'-').count();
    let one_run = base.bytes().all(|byte| byte.is_ascii_hexdigit());
    (base.len() == 36 && hyphens == 4)
        || (one_run && matches!(base.len(), 32 | 33 | 40 | 56 | 64 | 96 | 128))
}

/// Seconds between things of one fleet: replicas that started, files that were copied.
const LONGEST_APART: f64 = 3.0 * 365.0 * 86_400.0;

#[cfg(test)]
mod tests {
    use semantics::HttpDate;

    use super::*;
    use crate::evidence::{Digests, hex};
    use crate::tag_form::Facts;

    const CONTENT: [u8; 612] = [b'x'; 612];

    fn check(tags: [(&str, Option<u64>); 2], server: &str, cause: Cause, explanation: &str) {
        let specimens = tags.map(|(tag, date)| Specimen {
            opaque: tag.as_bytes(),
            facts: Facts {
                content: Some(Digests::of(&CONTENT)),
                last_modified: date.and_then(|date| HttpDate::from_unix_seconds(date).ok()),
                server,
                ..Facts::default()
            },
        });
        let difference = compare(&specimens);
        assert_eq!(difference.cause, cause, "{tags:?}: {difference:?}");
        assert!(difference.explanation.contains(explanation), "{tags:?}: {difference:?}");
    }

    const DAY: u64 = 1_600_000_000;

    #[test]
    fn a_hash_of_the_modification_time_is_told_where_it_can_be_guessed() {
        // `hashlib.md5(b"1600000000.0-612").hexdigest()`, and seven seconds later.
        let [one, two] = ["850cd664b59e60a17d35097c7a0b6efb", "ea2e8e624afa9ddc7ba534c07124ac56"];
        let dates = [Some(DAY), Some(DAY + 7)];
        check([(one, dates[0]), (two, dates[1])], "", Cause::Mtime, "Starlette form");
        check([("3f2a91c4", dates[0]), ("9b1c22aa", dates[1])], "", Cause::Mtime, "7 s apart");
    }

    #[test]
    fn files_are_told_apart_by_what_differs() {
        let (one, two) = (Some(DAY), Some(DAY + 12_300));
        check(
            [("5f5e1000-264", one), ("5f5e400c-264", two)],
            "nginx",
            Cause::Mtime,
            "nginx form (mtime-size): same size, modification times 3 h 25 min apart",
        );
        check(
            [("1a2b3c-264-5af3107a40000", one), ("1a2b4d-264-5af3107a40000", one)],
            "",
            Cause::Inode,
            "httpd form (inode-size-mtime): only the inode differs",
        );
        check(
            [("1a2b3c-264-5af3107a40000", one), ("1a2b3c-264-5af33e4c71b00", two)],
            "",
            Cause::Mtime,
            "modification times",
        );
        check([("1a2b3c", one), ("1a2b4d", one)], "apache", Cause::Inode, "only the inode differs");
        check(
            [("264-1749b1d5c80", None), ("264-1749b1d6068", None)],
            "",
            Cause::Mtime,
            "1 s apart",
        );
        check([("3735928559", one), ("1735928559", one)], "lighttpd/1.4", Cause::Inode, "inode");
        check([("3735928559", one), ("1735928559", two)], "lighttpd/1.4", Cause::Mtime, "3 h");
        check([("qgnt34h0", one), ("qgnt35h0", two)], "", Cause::Mtime, "Caddy form");
    }

    #[test]
    fn processes_are_recognised_by_counters_salts_and_start_times() {
        check([("41", None), ("18", None)], "", Cause::Process, "counter");
        check([("v-41", None), ("v-18", None)], "", Cause::Process, "opaque");
        check(
            [("00f1e2d3c4b5a697-41", None), ("a0f1e2d3c4b5a697-41", None)],
            "",
            Cause::Process,
            "salt",
        );
        check([("1600000000-5", None), ("1600000900-5", None)], "", Cause::Process, "15 min apart");
        let (one, two) = ("ab".repeat(32), "cd".repeat(32));
        check([(&one, None), (&two, None)], "", Cause::Process, "no hash of the bytes sent");
        check([(&one, Some(DAY)), (&two, Some(DAY))], "", Cause::Process, "no hash");
        check([(&one, Some(DAY)), (&two, Some(DAY + 7))], "", Cause::Unknown, "7 s apart");
        let hash = hex(&Digests::of(&CONTENT).sha256);
        let [a, b] = [format!("web-1-{}", &hash[..12]), format!("web-2-{}", &hash[..12])];
        check([(&a, None), (&b, None)], "", Cause::Process, "the rest of it differs");
        check([(&a, Some(DAY)), (&b, Some(DAY + 7))], "", Cause::Process, "rest of it");
        let md5 = hex(&Digests::of(&CONTENT).md5);
        check([(&hash, None), (&md5, None)], "", Cause::Unknown, "different software");
    }

    #[test]
    fn spans_have_at_most_two_units() {
        for (seconds, expected) in [
            (0.0, "less than a millisecond"),
            (0.25, "0.250 s"),
            (7.0, "7 s"),
            (12_300.0, "3 h 25 min"),
            (90_061.0, "1 d 1 h"),
            (86_400.0, "1 d"),
        ] {
            assert_eq!(span(&[1_000.0, 1_000.0 + seconds]), expected);
        }
    }
}
