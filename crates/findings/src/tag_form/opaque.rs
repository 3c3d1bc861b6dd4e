//! Tags that cannot be taken apart: what their form, and the dates beside them, tell of the cause.
//! Claims no cause where several explain what was seen.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::{Cause, Difference, span};
use super::form::{are_lighttpd, form, hash_of_content, name_of_hash};
use super::lighttpd::leaves_inode_out;
use super::{Facts, Specimen};

/// Tags that cannot be taken apart: their form, and whether the dates differ with them.
pub(super) fn as_opaque(specimens: &[Specimen<'_>]) -> Difference {
    let name = shared_form(specimens);
    if let Some(difference) = of_coded(specimens) {
        return difference;
    }
    let dates = dates_by_tag(specimens);
    let all_dated = dates.values().all(|dates| !dates.is_empty());
    let all: BTreeSet<_> = dates.values().flatten().collect();
    if are_dated_apart(specimens) {
        let times: Vec<_> = all.iter().map(|seconds| **seconds as f64).collect();
        return with_dates(specimens, &name, &span(&times));
    }
    let same_date = all_dated && all.len() == 1;
    if are_lighttpd(specimens) && (same_date || all.is_empty()) {
        return of_lighttpd(specimens, &name);
    }
    let of_content = |tag: &Specimen<'_>| hash_of_content(tag.base(), &tag.facts).is_some();
    let hashes = specimens.iter().filter(|tag| of_content(tag)).count();
    if hashes > 0 && name != "UUID" {
        let which = if hashes == specimens.len() {
            "each is a hash of the content, made in another way"
        } else {
            "one tag is a hash of the content, others are not"
        };
        let explanation = format!("{which}: replicas run different software");
        return Difference::new(Cause::Unknown, explanation);
    }
    without_a_date(specimens, &name, same_date)
}

/// Form of the tags. One of several that reads as a time is none.
fn shared_form(specimens: &[Specimen<'_>]) -> String {
    let mut forms: BTreeSet<_> = specimens.iter().map(form).collect();
    if forms.len() > 1 {
        forms.retain(|form| form != "a time");
    }
    forms.into_iter().next().unwrap_or_default()
}

/// Reports whether each tag comes with a date of its own.
pub(super) fn are_dated_apart(specimens: &[Specimen<'_>]) -> bool {
    let dates = dates_by_tag(specimens);
    let all: BTreeSet<_> = dates.values().flatten().collect();
    let all_dated = dates.values().all(|dates| !dates.is_empty());
    all_dated && dates.len() == all.len() && all.len() > 1
}

/// Tags that tell nothing, and whose dates tell nothing either.
fn without_a_date(specimens: &[Specimen<'_>], name: &str, dated: bool) -> Difference {
    if name == "UUID" {
        return Difference::new(Cause::Process, "random UUIDs");
    }
    let is_opaque = matches!(name, "opaque" | "empty");
    // A server of files hashes what the file system says, and shows a date of whole seconds.
    let of_files = specimens.iter().all(|tag| tag.facts.has_ranges);
    if dated && (of_files || is_opaque) {
        let explanation = format!(
            "{name}: no hash of the bytes sent; Last-Modified is the same, so that an inode, a \
             fraction of a second of the modification time, or something of each process (salt, \
             seed, start time) is mixed in"
        );
        return Difference::new(Cause::Unknown, explanation);
    }
    let explanation = if is_opaque {
        "opaque tags that depend on something other than the content, most likely a salt, a seed, a \
         start time, or a host name; without a date beside them an inode or a modification time is \
         not excluded"
            .to_owned()
    } else {
        format!(
            "{name}, but no hash of the bytes sent: something of each process (salt, seed, start \
             time, order of unordered data) is mixed in"
        )
    };
    Difference::guessed(Cause::Process, explanation)
}

/// Hashes as lighttpd makes them, while nothing else differs that it puts into them.
fn of_lighttpd(specimens: &[Specimen<'_>], name: &str) -> Difference {
    let dated = specimens.iter().all(|tag| tag.facts.last_modified.is_some());
    let explanation = if dated {
        format!("{name}: size and Last-Modified agree, so the inode differs")
    } else {
        format!("{name}: the inode differs, or the modification time")
    };
    let named = specimens.iter().all(|tag| tag.facts.server.contains("lighttpd"));
    let is_read = dated && (named || leaves_inode_out(specimens) == Some(false));
    Difference { is_read, ..Difference::new(Cause::Inode, explanation) }
}

/// Tags that are hashes of the compressed bytes, which differ while the content does not.
fn of_coded(specimens: &[Specimen<'_>]) -> Option<Difference> {
    let is_hash = |tag: &Specimen<'_>| {
        let facts = Facts { content: tag.facts.coded, ..Facts::default() };
        name_of_hash(tag.base(), &facts).is_some()
    };
    specimens.iter().all(is_hash).then(|| {
        let explanation = "each tag is a hash of the compressed bytes, and these differ while the \
                           content does not: another level or library, a time in the head of gzip, \
                           random padding; make the tag before compressing";
        Difference::new(Cause::Compressed, explanation)
    })
}

/// Tags that tell nothing, each with a date of its own.
fn with_dates(specimens: &[Specimen<'_>], name: &str, apart: &str) -> Difference {
    let is_large = |tag: &Specimen<'_>| tag.base().len() > LONGEST_CHECKSUM;
    let (cause, explanation) = match leaves_inode_out(specimens) {
        Some(true) => (Cause::Mtime, format!("modification times {apart} apart, no inode")),
        Some(false) => (
            Cause::Inode,
            format!("made with the inode; modification times are {apart} apart as well"),
        ),
        None if name == "UUID" => (Cause::Process, "random".to_owned()),
        None if specimens.iter().any(is_large) => (
            Cause::Unknown,
            format!(
                "no hash of the bytes sent; Last-Modified differs as well, {apart} apart, so that \
                 either the modification time or something of each process (salt, seed, start \
                 time) is mixed in"
            ),
        ),
        None => (Cause::Mtime, format!("the tag changes with Last-Modified, {apart} apart")),
    };
    Difference::new(cause, format!("{name}: {explanation}"))
}

// Servers of files make checksums of at most so many characters of a modification time; what is
// longer is as likely a hash with a salt.
const LONGEST_CHECKSUM: usize = 16;

fn dates_by_tag<'a>(specimens: &[Specimen<'a>]) -> BTreeMap<&'a [u8], BTreeSet<u64>> {
    let mut dates: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for specimen in specimens {
        let of_tag = dates.entry(specimen.opaque).or_default();
        of_tag.extend(specimen.facts.last_modified.map(semantics::HttpDate::unix_seconds));
    }
    dates
}
