//! Promises of every strategy, over the whole catalogue.
//!
//! Each claim is tested on modelled replicas; a new entry is tested on arrival.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use etag_lab_strategies::{
    Agreement, Deployed, Discrimination, Entry, FileMetadata, ProcessState, Reads,
    RepresentationFacts, STRATEGIES, find, names,
};
use semantics::EntityTag;

/// Everything that could be known about one replica's copy.
#[derive(Clone, Copy, Debug)]
struct Replica {
    content: &'static [u8],
    file: FileMetadata,
    process: ProcessState,
    revision: u64,
    shared_tag: &'static str,
    moment_ns: u64,
}

/// A dozen members, so that two hash maps will not have them in the same order by accident.
const ONE: Replica = Replica {
    content: br#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":{"k":10,"l":11}}"#,
    file: FileMetadata { inode: 11, size_bytes: 76, modified_ns: 1_700_000_000_123_456_789 },
    process: ProcessState {
        nonce: 0xfeed,
        started_ns: 1_700_000_000_000_000_000,
        changes_seen: 41,
    },
    revision: 7,
    shared_tag: "4f1c",
    moment_ns: 1_700_000_000_123_456_789,
};

/// The stores that all replicas share say that something has changed.
const CHANGED: Replica = Replica { revision: 8, shared_tag: "a2e0", ..ONE };

const OTHER_CONTENT: &[u8] =
    br#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":{"k":10,"l":12}}"#;

const OTHER_FILE: FileMetadata =
    FileMetadata { inode: 12, size_bytes: 76, modified_ns: 1_700_000_060_000_000_000 };

/// Another process, started later: it drew another nonce and saw fewer changes.
const OTHER_PROCESS: ProcessState =
    ProcessState { nonce: 0xbeef, started_ns: 1_700_000_060_000_000_000, changes_seen: 18 };

impl Replica {
    /// Like gzip's: the time in whole seconds, and then what the content determines.
    fn encoded(&self) -> Vec<u8> {
        [&self.file.modified_s().to_le_bytes(), self.content].concat()
    }
}

fn tag_reading(reads: Reads, entry: &Entry, replica: &Replica) -> Option<EntityTag> {
    let encoded = replica.encoded();
    let shared = EntityTag::weak(replica.shared_tag).expect("contract tags are etagc");
    let facts = RepresentationFacts {
        content: reads.content.then_some(replica.content),
        file: reads.file.then_some(replica.file),
        process: reads.process.then_some(replica.process),
        encoded: reads.encoded.then_some(&encoded),
        revision: reads.revision.then_some(replica.revision),
        shared_tag: reads.shared_tag.then_some(Some(&shared)),
        moment_ns: reads.moment.then_some(replica.moment_ns),
    };
    (entry.strategy)(&facts)
}

/// From the declared facts only: reading any other panics.
fn tag(entry: &Entry, replica: &Replica) -> Option<EntityTag> {
    tag_reading(entry.reads, entry, replica)
}

fn claiming(agreement: Agreement) -> impl Iterator<Item = &'static Entry> {
    STRATEGIES.iter().filter(move |entry| entry.agreement == agreement)
}

#[track_caller]
fn check_agree(entry: &Entry, other: &Replica) {
    assert!(tag(entry, &ONE).is_some(), "{entry:?} makes a tag");
    assert_eq!(tag(entry, &ONE), tag(entry, other), "{entry:?} {other:?}");
}

#[track_caller]
fn check_differ(entry: &Entry, other: &Replica) {
    assert_ne!(tag(entry, &ONE), tag(entry, other), "{entry:?} {other:?}");
}

#[test]
fn names_are_unique_kebab_case_and_found() {
    let distinct: BTreeSet<_> = names().collect();
    assert_eq!(distinct.len(), STRATEGIES.len());
    for name in names() {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        assert!(name.split('-').all(is_word), "{name}");
        assert_eq!(find(name).map(|entry| entry.name), Some(name));
    }
    assert!(find("no-such-strategy").is_none());
}

#[test]
fn every_entry_says_what_it_does_and_who_does_it() {
    for entry in STRATEGIES {
        assert!(entry.summary.ends_with('.') && entry.summary.len() > 10, "{entry:?}");
        assert!(!entry.seen_in.is_empty(), "{entry:?}");
    }
}

#[test]
fn every_tag_is_a_valid_entity_tag_even_from_extreme_facts() {
    let max = u64::MAX;
    let extremes = [
        ONE,
        Replica {
            content: b"",
            file: FileMetadata { inode: 0, size_bytes: 0, modified_ns: i128::MIN },
            process: ProcessState::default(),
            revision: 0,
            shared_tag: "",
            moment_ns: 0,
        },
        Replica {
            content: &[0; 8_192],
            file: FileMetadata { inode: max, size_bytes: max, modified_ns: i128::MAX },
            process: ProcessState { nonce: max, started_ns: max, changes_seen: max },
            revision: max,
            shared_tag: "!#~",
            moment_ns: max,
        },
    ];
    for (entry, replica) in STRATEGIES.iter().flat_map(|e| extremes.iter().map(move |r| (e, r))) {
        if let Some(tag) = tag(entry, replica) {
            assert_eq!(EntityTag::parse(tag.as_bytes()), Ok(tag), "{entry:?}");
        }
    }
}

#[test]
fn the_same_facts_always_make_the_same_tag() {
    for entry in STRATEGIES {
        assert_eq!(tag(entry, &ONE), tag(entry, &ONE), "{entry:?}");
    }
}

#[test]
fn every_declared_fact_is_read() {
    let is_needed = |entry: &'static Entry, without: Reads| {
        catch_unwind(AssertUnwindSafe(|| tag_reading(without, entry, &ONE))).is_err()
    };
    for entry in STRATEGIES {
        let reads = entry.reads;
        let unread = [
            (reads.content, Reads { content: false, ..reads }),
            (reads.file, Reads { file: false, ..reads }),
            (reads.process, Reads { process: false, ..reads }),
            (reads.encoded, Reads { encoded: false, ..reads }),
            (reads.revision, Reads { revision: false, ..reads }),
            (reads.shared_tag, Reads { shared_tag: false, ..reads }),
            (reads.moment, Reads { moment: false, ..reads }),
        ];
        for (declared, without) in unread {
            assert!(
                !declared || is_needed(entry, without),
                "{entry:?} needs more than {without:?}"
            );
        }
    }
}

#[test]
fn no_tag_means_none() {
    for entry in claiming(Agreement::NoTag) {
        assert_eq!(tag(entry, &ONE), None, "{entry:?}");
        assert_eq!(entry.reads, Reads::NOTHING, "{entry:?}");
    }
}

#[test]
fn same_content_means_the_content_and_nothing_else() {
    for entry in claiming(Agreement::SameContent) {
        check_agree(entry, &Replica { file: OTHER_FILE, process: OTHER_PROCESS, ..CHANGED });
    }
}

#[test]
fn same_file_means_equal_metadata_whatever_the_process() {
    for entry in claiming(Agreement::SameFile) {
        check_agree(entry, &Replica { process: OTHER_PROCESS, ..CHANGED });
        // Another copy of the same content, made a minute later: the node-local tag.
        check_differ(entry, &Replica { file: OTHER_FILE, ..ONE });
        let later = FileMetadata { modified_ns: OTHER_FILE.modified_ns, ..ONE.file };
        check_differ(entry, &Replica { file: later, ..ONE });
    }
}

#[test]
fn same_revision_means_the_revision_and_nothing_else() {
    for entry in claiming(Agreement::SameRevision) {
        check_agree(
            entry,
            &Replica { content: OTHER_CONTENT, file: OTHER_FILE, process: OTHER_PROCESS, ..ONE },
        );
        check_differ(entry, &CHANGED);
    }
}

/// Tags of one replica before and after its content became another of the same size, and another
/// of another size, with and without a trace of the change in everything else that it knows.
#[test]
fn contents_are_told_apart_exactly_as_far_as_claimed() {
    let process = ProcessState { changes_seen: ONE.process.changes_seen + 1, ..ONE.process };
    for entry in STRATEGIES {
        let tag_of = |content: &'static [u8], replica: Replica| {
            let size_bytes = u64::try_from(content.len()).expect("it is short");
            let file = FileMetadata { size_bytes, ..replica.file };
            tag(entry, &deployed(entry, Replica { content, file, ..replica }))
        };
        let recorded = Replica { file: OTHER_FILE, process, ..CHANGED };
        let differs = |content, is_recorded| {
            let after = if is_recorded { recorded } else { ONE };
            let later = Replica { moment_ns: ONE.moment_ns + 1_000, ..after };
            tag_of(ONE.content, ONE) != tag_of(content, later)
        };
        let same_size = [differs(OTHER_CONTENT, false), differs(OTHER_CONTENT, true)];
        let other_size = differs(b"{}", true);
        let claimed = match entry.tells_apart {
            Discrimination::Contents => ([true, true], true),
            Discrimination::Changes => ([false, true], true),
            Discrimination::Sizes => ([false, false], true),
            Discrimination::Nothing => ([false, false], false),
        };
        assert_eq!((same_size, other_size), claimed, "{entry:?}");
    }
}

/// The replica with its copy as the entry's deployment leaves it.
fn deployed(entry: &Entry, replica: Replica) -> Replica {
    let Deployed::StampedWith(seconds) = entry.deployed else { return replica };
    let modified_ns = i128::from(seconds) * 1_000_000_000;
    Replica { file: FileMetadata { modified_ns, ..replica.file }, ..replica }
}

#[test]
fn every_claim_is_made_by_somebody() {
    for claim in [
        Discrimination::Contents,
        Discrimination::Changes,
        Discrimination::Sizes,
        Discrimination::Nothing,
    ] {
        assert!(STRATEGIES.iter().any(|entry| entry.tells_apart == claim), "{claim:?}");
    }
    for agreement in [
        Agreement::NoTag,
        Agreement::SameContent,
        Agreement::SameFile,
        Agreement::SameRevision,
        Agreement::SameProcess,
        Agreement::Never,
    ] {
        assert!(claiming(agreement).next().is_some(), "{agreement:?}");
    }
}

#[test]
fn never_means_that_a_later_response_differs() {
    for entry in claiming(Agreement::Never) {
        let later = Replica { moment_ns: ONE.moment_ns + 1_000, ..ONE };
        check_differ(entry, &later);
        // Nothing but the moment counts.
        let other = Replica { file: OTHER_FILE, process: OTHER_PROCESS, ..CHANGED };
        check_agree(entry, &Replica { content: OTHER_CONTENT, ..other });
    }
}

#[test]
fn same_process_means_that_other_processes_differ() {
    for entry in claiming(Agreement::SameProcess) {
        check_agree(entry, &ONE);
        check_differ(entry, &Replica { process: OTHER_PROCESS, ..ONE });
    }
}
