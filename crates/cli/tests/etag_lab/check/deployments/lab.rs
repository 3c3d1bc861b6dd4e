//! The lab's own replicas, under every strategy of the catalogue and behind its edges.
//!
//! What must be found follows from the agreement that a strategy claims, never from its name.

use strategies::{
    Agreement, Deployed, Discrimination, Entry, FileMetadata, RepresentationFacts, STRATEGIES,
};

use super::{Deployment, HEALTHY, LOCAL, Stage, deployment};
use crate::check::servers::{copy, folder};
use crate::support::served::{Served, balancer, url};

pub(super) fn lab() -> Vec<Deployment> {
    let with_date = |entry| (!is_ahead(entry)).then(|| dated(entry));
    let apart = STRATEGIES.iter().flat_map(move |entry| [Some(undated(entry)), with_date(entry)]);
    let equal = STRATEGIES.iter().filter_map(equal_copies);
    apart.flatten().chain(equal).chain([stamped()]).chain(edges()).collect()
}

const DIFFERS: &[&str] = &["content-differs-per-replica"];
const NO_DATES: &[&str] = &["--no-last-modified"];

/// Copies made 7 s apart, and no `Last-Modified` that could tell.
fn undated(entry: &'static Entry) -> Deployment {
    let name = format!("lab, {}", entry.name);
    let one = deployment(name, &[], expected(entry, false), move || fleet(entry, 7_000, NO_DATES));
    with_cause(one, entry, false)
}

/// The same with dates, which differ whatever the tags do, unless something stamps the copies.
fn dated(entry: &'static Entry) -> Deployment {
    let name = format!("lab, {}, dated", entry.name);
    let one = deployment(name, &[], expected(entry, true), move || fleet(entry, 7_000, &[]));
    with_cause(one, entry, true).also(&["last-modified-differs"])
}

/// A strategy that reads a file and not its inode agrees where the copies are equally old.
fn equal_copies(entry: &'static Entry) -> Option<Deployment> {
    let reads_copy = entry.agreement == Agreement::SameFile && entry.deployed == Deployed::AsGiven;
    (reads_copy && !reads_inode(entry)).then(|| {
        let name = format!("lab, {}, copies equally old", entry.name);
        deployment(name, &[], HEALTHY, move || fleet(entry, 0, &[]))
    })
}

/// Three editions of one size under one stamp.
fn stamped() -> Deployment {
    let name = "lab, frozen-mtime, three editions";
    let expected = &["shared-tag-across-contents"];
    let editions = || {
        behind_balancer(
            three(|replica| {
                let seed = format!("--seed={replica}");
                start(&["--strategy=frozen-mtime", "--no-last-modified", &seed])
            }),
            &["--policy=random"],
        )
    };
    deployment(name, &[], expected, editions).also(DIFFERS)
}

fn edges() -> impl Iterator<Item = Deployment> {
    let expected: [(&'static str, &'static [&'static str]); 5] = [
        ("gzip-suffix", &["suffix-not-understood"]),
        ("gzip-suffix-understood", HEALTHY),
        ("gzip-weaken", &["healthy", "weakened-in-transit"]),
        ("gzip-strip", &["stripped-when-compressed"]),
        ("gzip-keep", &["shared-tag-across-codings"]),
    ];
    expected.into_iter().map(|(edge, expected)| {
        deployment(format!("lab, edge {edge}"), &[], expected, move || {
            let replicas = three(|_| start(&["--strategy=content-hash", "--no-last-modified"]));
            behind_balancer(replicas, &[&format!("--edge={edge}")])
        })
    })
}

/// Findings that the agreement implies for three replicas whose copies are 7 s apart.
fn expected(entry: &Entry, dated: bool) -> &'static [&'static str] {
    let agreeing = if dated { &["last-modified-differs"] } else { HEALTHY };
    match (entry.agreement, entry.deployed) {
        // An edition of the same length goes unnoticed.
        (Agreement::SameContent, _) if entry.tells_apart == Discrimination::Sizes => {
            &["shared-tag-across-contents"]
        }
        (_, Deployed::NamingReplica) => DIFFERS,
        (Agreement::NoTag, _) if !dated => &["no-validator"],
        // A tag of a stamp and a size notices no edition of the same size.
        (_, Deployed::StampedWith(_)) if dated => &["date-implausible"],
        // A stamp is equal everywhere, and what a store holds has one date.
        (_, Deployed::StampedWith(_)) | (Agreement::SameRevision, _) => HEALTHY,
        (Agreement::NoTag | Agreement::SameContent, _) => agreeing,
        (Agreement::SameFile | Agreement::SameProcess | Agreement::Never, _) => LOCAL,
    }
}

/// The cause, where tags and dates show it: a hash shows nothing of what it is made of, and where the
/// dates differ as well, either may be at fault.
fn with_cause(one: Deployment, entry: &Entry, dated: bool) -> Deployment {
    match (entry.agreement, entry.deployed) {
        (Agreement::Never, _) => one.because("process"),
        // The copies' times differ too, and are as good a cause.
        (Agreement::SameProcess, _) if entry.reads.file => one,
        (Agreement::SameProcess, _) if !(dated && entry.reads.content) => one.because("process"),
        (Agreement::SameFile, Deployed::AsGiven) if is_hash(entry) && !dated => one,
        (Agreement::SameFile, Deployed::AsGiven) if reads_inode(entry) => one.because("inode"),
        (Agreement::SameFile, Deployed::AsGiven) if entry.reads.file => one.because("mtime"),
        _ => one,
    }
}

fn tag_with_inode(entry: &Entry, inode: u64) -> Option<String> {
    let file = FileMetadata { inode, size_bytes: 76, modified_ns: 1_700_000_000_000_000_000 };
    let facts = RepresentationFacts { file: Some(file), ..Default::default() };
    entry.reads.file.then(|| (entry.strategy)(&facts)).flatten().map(|tag| tag.to_string())
}

/// True if the copy is stamped with a time that is never sent, because the replica's own has to be
/// sent instead (RFC 9110 §8.8.2.1): a check shows that only when it goes on for some seconds.
fn is_ahead(entry: &Entry) -> bool {
    const LONG_AGO: u64 = 315_532_800;
    matches!(entry.deployed, Deployed::StampedWith(second) if second > LONG_AGO)
}

/// True if the tag is 32 hexadecimal digits, which show nothing of the file.
fn is_hash(entry: &Entry) -> bool {
    tag_with_inode(entry, 11).is_some_and(|tag| {
        let opaque = tag.trim_start_matches("W/").trim_matches('"');
        opaque.len() == 32 && opaque.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// True if copies that differ in nothing but the inode get different tags.
fn reads_inode(entry: &Entry) -> bool {
    tag_with_inode(entry, 11) != tag_with_inode(entry, 12)
}

/// Three replicas with a copy each, this many milliseconds apart, or with one store.
fn fleet(entry: &Entry, apart: u64, flags: &[&str]) -> Stage {
    let store = format!("--store=sqlite:{}", folder().join("store").display());
    let database = format!("--database=sqlite:{}", folder().join("database").display());
    let strategy = format!("--strategy={}", entry.name);
    let replicas = three(|replica| {
        let seen = format!("--changes-seen={}", replica * 11);
        let file = format!("--file={}", copy(apart * replica).join("config.json").display());
        let mut own = vec![strategy.as_str(), &seen];
        // What deploys the copies is a part of some strategies.
        own.extend(match entry.agreement {
            Agreement::SameRevision if entry.reads.shared_tag => vec![store.as_str(), &database],
            Agreement::SameRevision => vec![store.as_str()],
            _ if entry.deployed == Deployed::AsGiven => vec![file.as_str()],
            _ => vec![],
        });
        start(&[&own, flags].concat())
    });
    behind_balancer(replicas, &["--policy=random"])
}

fn three(start: impl Fn(u64) -> Served) -> Vec<Served> {
    (1..=3).map(start).collect()
}

fn start(args: &[&str]) -> Served {
    Served::start(&[&["replica"], args].concat())
}

fn behind_balancer(replicas: Vec<Served>, flags: &[&str]) -> Stage {
    let addresses: Vec<_> = replicas.iter().map(|one| one.address).collect();
    let front = balancer(&addresses, flags);
    let url = url(front.address);
    let served = std::iter::once(front).chain(replicas).collect();
    Stage { url, args: Vec::new(), servers: Vec::new(), served }
}
