//! Differences between several tags for one content: the parts that differ, and what they are.

use semantics::HttpDate;

use super::Specimen;
use super::cause::{Cause, Difference, OF_NOW, length, span};
use super::form::{are_lighttpd, form, part_of_content};
use super::guess::guessed;
use super::mixed::mixed;
use super::moment::{time, written};
use super::opaque::{are_dated_apart, as_opaque};
use super::parts::{Meaning, Parts, agrees};

/// Compares two or more different tags of one content.
pub(crate) fn compare(specimens: &[Specimen<'_>]) -> Difference {
    let specimens = &without_clock(specimens);
    by_quotes(specimens)
        .or_else(|| by_release(specimens))
        .or_else(|| mixed(specimens))
        .or_else(|| by_guess(specimens))
        .or_else(|| beside_a_hash(specimens))
        .or_else(|| by_parts(specimens))
        .unwrap_or_else(|| as_opaque(specimens))
}

/// Reports whether a tag is a time and `Last-Modified` is another one, which no file has.
pub(crate) fn is_of_other_time(tag: &Specimen<'_>) -> bool {
    is_of_date(tag) == Some(false)
}

/// Reports whether a tag is the time that `Last-Modified` is.
pub(crate) fn is_of_modification(tag: &Specimen<'_>) -> bool {
    is_of_date(tag) == Some(true)
}

/// `None` where the tag is no time alone, or no date came with it.
fn is_of_date(tag: &Specimen<'_>) -> Option<bool> {
    tag.facts.last_modified?;
    match Parts::of(tag)?.meanings.as_slice() {
        [Meaning::Time { seconds, unit }] => Some(agrees(*seconds, *unit, &tag.facts)),
        _ => None,
    }
}

/// The same tags without `Last-Modified` where it is the time of each response.
fn without_clock<'a>(specimens: &[Specimen<'a>]) -> Vec<Specimen<'a>> {
    let mut all = specimens.to_vec();
    if specimens.iter().all(|tag| tag.facts.is_dated_by_clock()) {
        for tag in &mut all {
            tag.facts.last_modified = None;
        }
    }
    all
}

/// One text, which some write in quotes and others do not.
fn by_quotes(specimens: &[Specimen<'_>]) -> Option<Difference> {
    let first = specimens.first()?;
    specimens.iter().all(|tag| tag.opaque == first.opaque).then(|| {
        let explanation = "the same text, in quotes and without, which are two tags: replicas run \
                           different software";
        Difference::new(Cause::Unknown, explanation)
    })
}

/// Versions of releases: `2.3.1`, `v2.3.1+9f8e7d6`.
fn by_release(specimens: &[Specimen<'_>]) -> Option<Difference> {
    let is_version = |tag: &Specimen<'_>| {
        let tag = tag.base().trim_start_matches(['v', 'V']);
        let end = tag.find(['-', '+']).unwrap_or(tag.len());
        let numbers: Vec<_> = tag[..end].split('.').collect();
        let is_number = |text: &&str| {
            (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        numbers.len() == 3 && numbers.iter().all(is_number)
    };
    specimens.iter().all(is_version).then(|| {
        let explanation =
            "versions of releases: replicas run different releases of the same content";
        Difference::new(Cause::Unknown, explanation)
    })
}

/// Hashes of modification times.
fn by_guess(specimens: &[Specimen<'_>]) -> Option<Difference> {
    let guesses = specimens.iter().map(guessed).collect::<Option<Vec<_>>>()?;
    let times: Vec<_> = guesses.iter().map(|guess| guess.seconds).collect();
    let explanation =
        format!("{}: modification times {} apart", guesses.first()?.form, span(&times));
    Some(Difference::new(Cause::Mtime, explanation))
}

/// A hash of the content that is equal in all tags, and something beside it that is not.
fn beside_a_hash(specimens: &[Specimen<'_>]) -> Option<Difference> {
    let has_hash = |tag: &Specimen<'_>| part_of_content(tag.base(), &tag.facts).is_some();
    specimens.iter().all(has_hash).then(|| {
        let times = Compared::of(specimens).and_then(|compared| compared.by_time());
        let unnamed = || {
            let explanation = "a hash of the content is the same in all tags, and the rest of it \
                               differs: a name, number, time or salt of each process";
            Difference::new(Cause::Process, explanation)
        };
        let beside = |mut found: Difference| {
            found.explanation = format!("beside a hash of the content: {}", found.explanation);
            found
        };
        times.map_or_else(unnamed, beside)
    })
}

/// Tags that are parts of one shape: which positions differ?
fn by_parts(specimens: &[Specimen<'_>]) -> Option<Difference> {
    // lighttpd's hashes are numbers as well, and so are the moments at which processes started.
    let hashes = are_lighttpd(specimens) && !are_start_times(specimens);
    if hashes || specimens.iter().any(is_long_hash) {
        return None;
    }
    let compared = Compared::of(specimens)?;
    // A checksum of a path may look like a time.
    compared.by_path().or_else(|| compared.by_time()).or_else(|| compared.by_number())
}

/// Several tags of one shape beside each other.
struct Compared<'s, 'a> {
    specimens: &'s [Specimen<'a>],
    all: Vec<Parts<'a>>,
    name: String,
    /// Places that differ.
    differing: Vec<usize>,
}

impl<'s, 'a> Compared<'s, 'a> {
    fn of(specimens: &'s [Specimen<'a>]) -> Option<Self> {
        let all = specimens.iter().map(Parts::of).collect::<Option<Vec<_>>>()?;
        let first = all.first()?;
        let alike = all.iter().all(|parts| {
            parts.separators == first.separators && parts.texts.len() == first.texts.len()
        });
        if !alike {
            return None;
        }
        let differs = |at: &usize| {
            all.iter().any(|parts| {
                parts.texts[*at] != first.texts[*at] || parts.meanings[*at] != first.meanings[*at]
            })
        };
        let differing = (0..first.texts.len()).filter(differs).collect();
        // Now and then a number in hexadecimal has no letter, and the others tell what it is.
        let mut names = specimens.iter().map(form);
        let name = names.find(|name| name.contains("inode")).unwrap_or_else(|| form(&specimens[0]));
        Some(Self { specimens, all, name, differing })
    }

    /// Tags in which a time differs.
    fn by_time(&self) -> Option<Difference> {
        let times = self.differing.iter().find_map(|at| self.seconds(*at))?;
        let of_file = self.is_of_file(&times);
        // Random digits read as times lie decades apart.
        if !of_file && length(&times) > LONGEST_APART {
            return None;
        }
        let name = &self.name;
        let size = if self.all[0].has_size() { "same size, " } else { "" };
        let apart = span(&times);
        if self.differing.iter().any(|at| self.is_inode(*at)) {
            let differ = format!("inodes differ and modification times are {apart} apart");
            let name = if name.contains("inode") { "" } else { ", with an inode" };
            let name = format!("{}{name}", self.name);
            return Some(Difference::new(Cause::Inode, format!("{name}: {size}{differ}")));
        }
        if of_file {
            let explanation = format!("{name}: {size}modification times {apart} apart");
            return Some(Difference::new(Cause::Mtime, explanation));
        }
        Some(Difference::new(Cause::Process, self.of_moment(&times)))
    }

    /// The origin of times that are no file's.
    fn of_moment(&self, times: &[f64]) -> String {
        let first = written(times.iter().copied().fold(f64::MAX, f64::min));
        let apart = span(times);
        let now = |(tag, time): (&Specimen<'_>, &f64)| {
            let is_of = |date: HttpDate| (date.unix_seconds() as f64 - time).abs() <= 2.0;
            !tag.facts.is_lasting && tag.facts.date.is_some_and(is_of)
        };
        if self.specimens.iter().zip(times).all(now) {
            return format!("{OF_NOW}, {first} and {apart} later");
        }
        format!(
            "made of a time that is no modification time, {first} and others {apart} apart: the \
             start of each process?"
        )
    }

    /// Tags whose only difference is a number that is no time.
    fn by_number(&self) -> Option<Difference> {
        let name = &self.name;
        let index = *self.differing.first()?;
        if name.starts_with("S3") {
            let explanation = "S3 multipart form: uploaded in parts of different sizes";
            return Some(Difference::new(Cause::Unknown, explanation));
        }
        let inode = self.differing.iter().any(|at| self.is_inode(*at));
        if inode {
            let alone = if self.differing.len() == 1 { "only the" } else { "the" };
            return Some(Difference::new(Cause::Inode, format!("{name}: {alone} inode differs")));
        }
        // Only what else is known tells the cause of a number that stands alone.
        let alone = self.all[0].texts.len() == 1;
        if alone && !self.are_counters(index) {
            return None;
        }
        let explains = self.all.iter().all(|parts| parts.has_size() || parts.has_time());
        // A time in a notation that nobody knows here goes with the dates, and a counter does not.
        let counts = self.differing.iter().any(|at| self.are_counters(*at));
        if are_dated_apart(self.specimens) && !counts {
            return None;
        }
        if self.all.iter().any(|parts| parts.meanings[index] == Meaning::Word) {
            let explanation = format!("{name}: a part differs that is neither size nor time");
            return explains.then(|| Difference::new(Cause::Unknown, explanation));
        }
        Some(self.of_each_process(index))
    }

    /// Tags that depend on the place of the file, and on nothing else that differs.
    fn by_path(&self) -> Option<Difference> {
        // Werkzeug puts a checksum of the path behind time and size; Jetty mixes one into both.
        let last = self.all.first()?.texts.len() - 1;
        let is_werkzeug = self.name.starts_with("Werkzeug") && self.differing == [last];
        let is_jetty = self.name.starts_with("Jetty") && self.differing.is_empty();
        (is_werkzeug || is_jetty).then(|| {
            let explanation = format!(
                "{}: time and size agree, so that the path differs: the copies lie in different \
                 directories",
                self.name
            );
            Difference::new(Cause::Path, explanation)
        })
    }

    /// The state of a process from which a number may come.
    fn of_each_process(&self, index: usize) -> Difference {
        if self.name.starts_with("IIS") {
            let explanation =
                "IIS form: the change numbers differ, which each server counts itself";
            return Difference::new(Cause::Process, explanation);
        }
        if self.are_counters(index) {
            let explanation =
                "small numbers that differ: a counter of each process, its number, or its seconds";
            return Difference::new(Cause::Process, explanation);
        }
        let plain = |parts: &Parts<'_>| matches!(parts.meanings[index], Meaning::Plain(_));
        let explanation = if self.all.iter().all(plain) {
            "numbers that differ and are neither size nor time: state of each process"
        } else {
            "a large number that differs: a salt, nonce or seed of each process"
        };
        Difference::guessed(Cause::Process, explanation)
    }

    /// Reports whether the parts at this place are small numbers.
    fn are_counters(&self, index: usize) -> bool {
        let is_counter =
            |text: &str| text.len() <= 7 && text.bytes().all(|byte| byte.is_ascii_digit());
        self.all.iter().all(|parts| {
            matches!(parts.meanings[index], Meaning::Plain(_)) && is_counter(parts.texts[index])
        })
    }

    /// Reports whether the parts at this place are inodes.
    fn is_inode(&self, index: usize) -> bool {
        let behind = |parts: &Parts<'_>| {
            let rest = &parts.meanings[index + 1..];
            rest.iter().any(|part| matches!(part, Meaning::Size | Meaning::Time { .. }))
                && matches!(parts.meanings[index], Meaning::Plain(_) | Meaning::Large)
        };
        // An inode stands before the size and the time that explain the rest, or alone in httpd.
        let alone = index == 0 && self.is_named_for_inode();
        alone || (self.all.iter().all(behind) && self.are_of_files())
    }

    /// Reports whether it is files that the tags belong to: their time is in them, or beside a size.
    fn are_of_files(&self) -> bool {
        let of_file = |(tag, parts): (&Specimen<'_>, &Parts<'_>)| {
            let dated = parts.meanings.iter().any(|meaning| match meaning {
                Meaning::Time { seconds, unit } => agrees(*seconds, *unit, &tag.facts),
                _ => false,
            });
            dated || (parts.has_size() && tag.facts.last_modified.is_some())
        };
        self.is_named_for_inode() || self.specimens.iter().zip(&self.all).all(of_file)
    }

    fn is_named_for_inode(&self) -> bool {
        // A hash shows no inode.
        self.name.contains("inode") && !self.name.contains("hash")
    }

    fn seconds(&self, index: usize) -> Option<Vec<f64>> {
        let one = |parts: &Parts<'_>| match parts.meanings[index] {
            Meaning::Time { seconds, .. } => Some(seconds),
            _ => None,
        };
        self.all.iter().map(one).collect()
    }

    fn is_of_file(&self, times: &[f64]) -> bool {
        // A time is a file's when `Last-Modified` says so, or nothing contradicts it and a size
        // stands beside it.
        let dated = self.specimens.iter().all(|tag| tag.facts.last_modified.is_some());
        let agree = self.specimens.iter().zip(&self.all).all(|(tag, parts)| {
            parts.meanings.iter().any(|meaning| match meaning {
                Meaning::Time { seconds, unit } => {
                    times.contains(seconds) && agrees(*seconds, *unit, &tag.facts)
                }
                _ => false,
            })
        });
        let is_now = || self.of_moment(times).starts_with(OF_NOW);
        // Their forms have no size, and nobody else writes times so.
        let named = ["IIS", "Azure"].iter().any(|product| self.name.starts_with(product));
        let has_sizes = self.all.iter().all(Parts::has_size);
        agree || (!dated && (named || has_sizes) && !is_now())
    }
}

/// Reports whether the tags are moments in seconds, as close together as starts of processes are.
fn are_start_times(specimens: &[Specimen<'_>]) -> bool {
    const MONTH: f64 = 30.0 * 86_400.0;
    let moment = |tag: &Specimen<'_>| Some(time(tag.base().parse().ok()?, &tag.facts)?.0);
    let moments: Option<Vec<f64>> = specimens.iter().map(moment).collect();
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
mod tests;
