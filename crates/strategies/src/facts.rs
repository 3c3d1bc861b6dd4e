//! Facts about a representation of which its entity tag is made.
//!
//! Values only: gathering them is the business of whoever holds the representation.

use semantics::EntityTag;

/// The kinds of facts that a strategy reads; only these are gathered for it.
#[expect(clippy::struct_excessive_bools, reason = "a set of kinds, each read or not")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// The content, octet by octet.
    pub content: bool,
    /// The metadata of this replica's own copy.
    pub file: bool,
    /// State that only this process knows.
    pub process: bool,
    /// The content in its gzip coding, as `gzip` makes it of this replica's own copy.
    pub encoded: bool,
    /// The revision that a store shared by all replicas gives the content.
    pub revision: bool,
    /// The tag that a store shared by all replicas holds for the path.
    pub shared_tag: bool,
    /// The moment at which the response is rendered.
    pub moment: bool,
}

impl Reads {
    /// No fact at all.
    pub const NOTHING: Self = Self {
        content: false,
        file: false,
        process: false,
        encoded: false,
        revision: false,
        shared_tag: false,
        moment: false,
    };
    /// The content only.
    pub const CONTENT: Self = Self { content: true, ..Self::NOTHING };
    /// The file's metadata only.
    pub const FILE: Self = Self { file: true, ..Self::NOTHING };
    /// The state of the process only.
    pub const PROCESS: Self = Self { process: true, ..Self::NOTHING };
    /// The content and the state of the process.
    pub const CONTENT_AND_PROCESS: Self = Self { process: true, ..Self::CONTENT };
    /// The encoded content only.
    pub const ENCODED: Self = Self { encoded: true, ..Self::NOTHING };
    /// The shared revision only.
    pub const REVISION: Self = Self { revision: true, ..Self::NOTHING };
    /// The shared tag only.
    pub const SHARED_TAG: Self = Self { shared_tag: true, ..Self::NOTHING };
    /// The moment of rendering only.
    pub const MOMENT: Self = Self { moment: true, ..Self::NOTHING };

    /// The facts by name, `nothing` when there are none.
    pub fn in_words(self) -> String {
        let Self { content, file, process, encoded, revision, shared_tag, moment } = self;
        let named = [
            (content, "content"),
            (encoded, "gzipped content"),
            (file, "file metadata"),
            (process, "process state"),
            (revision, "revision in a shared store"),
            (shared_tag, "tag in a shared store"),
            (moment, "time of rendering"),
        ];
        let named: Vec<_> =
            named.into_iter().filter(|(yes, _)| *yes).map(|(_, name)| name).collect();
        if named.is_empty() { "nothing".to_owned() } else { named.join(", ") }
    }
}

/// Metadata of the file that holds the content on this replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMetadata {
    /// Number of the file in its own file system.
    pub inode: u64,
    /// Length of the content in bytes.
    pub size_bytes: u64,
    /// Last modification in nanoseconds since 1970-01-01T00:00:00Z, negative before; wide enough
    /// for every time that a file system can hold.
    pub modified_ns: i128,
}

impl FileMetadata {
    /// Last modification in whole microseconds, rounded towards the past.
    pub fn modified_us(&self) -> i128 {
        // Plain division would round times before 1970 towards the future.
        self.modified_ns.div_euclid(1_000)
    }

    /// Last modification in whole milliseconds, rounded towards the past.
    pub fn modified_ms(&self) -> i128 {
        self.modified_ns.div_euclid(1_000_000)
    }

    /// Last modification in whole seconds, rounded towards the past.
    pub fn modified_s(&self) -> i128 {
        self.modified_ns.div_euclid(1_000_000_000)
    }
}

/// Facts that a process knows of itself and of the resource, and forgets when it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProcessState {
    /// Drawn at random when the process started; seeds the hash functions that runtimes seed so.
    pub nonce: u64,
    /// Start of the process in nanoseconds since 1970-01-01T00:00:00Z.
    pub started_ns: u64,
    /// Changes of the resource since the process started, added to the history that the scenario
    /// declares for this replica.
    pub changes_seen: u64,
}

/// The facts about one representation, as far as somebody gathered them.
///
/// # Panics
///
/// Every accessor panics when its fact is absent: the entry in the catalogue did not declare it,
/// which is a bug of the entry and not a condition to handle.
#[derive(Clone, Copy, Debug, Default)]
pub struct RepresentationFacts<'a> {
    /// Octets of the content.
    pub content: Option<&'a [u8]>,
    /// Metadata of the file.
    pub file: Option<FileMetadata>,
    /// State of the process.
    pub process: Option<ProcessState>,
    /// Octets of the content in its gzip coding.
    pub encoded: Option<&'a [u8]>,
    /// Revision in the shared store.
    pub revision: Option<u64>,
    /// Tag in the shared store. Outer `None` when nobody asked, inner when the store has none to
    /// give, because it is down or somebody is about to change the resource.
    pub shared_tag: Option<Option<&'a EntityTag>>,
    /// Moment of rendering in nanoseconds since 1970-01-01T00:00:00Z.
    pub moment_ns: Option<u64>,
}

impl<'a> RepresentationFacts<'a> {
    /// The content; needs `reads.content`.
    pub fn content(&self) -> &'a [u8] {
        self.content.expect("a strategy reads the content only if its entry declares it")
    }

    /// The file's metadata; needs `reads.file`.
    pub fn file(&self) -> FileMetadata {
        self.file.expect("a strategy reads file metadata only if its entry declares it")
    }

    /// The state of the process; needs `reads.process`.
    pub fn process(&self) -> ProcessState {
        self.process.expect("a strategy reads process state only if its entry declares it")
    }

    /// The content in its gzip coding; needs `reads.encoded`.
    pub fn encoded(&self) -> &'a [u8] {
        self.encoded.expect("a strategy reads encoded content only if its entry declares it")
    }

    /// The revision in the shared store; needs `reads.revision`.
    pub fn revision(&self) -> u64 {
        self.revision.expect("a strategy reads a revision only if its entry declares it")
    }

    /// The tag in the shared store, if it has one to give; needs `reads.shared_tag`.
    pub fn shared_tag(&self) -> Option<&'a EntityTag> {
        self.shared_tag.expect("a strategy reads a shared tag only if its entry declares it")
    }

    /// The moment of rendering; needs `reads.moment`.
    pub fn moment_ns(&self) -> u64 {
        self.moment_ns.expect("a strategy reads the moment only if its entry declares it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_the_epoch_round_towards_the_past() {
        let file = FileMetadata { inode: 1, size_bytes: 0, modified_ns: -1 };
        assert_eq!((file.modified_us(), file.modified_ms(), file.modified_s()), (-1, -1, -1));
        let file = FileMetadata { modified_ns: 1_999_999_999, ..file };
        let rounded = (file.modified_us(), file.modified_ms(), file.modified_s());
        assert_eq!(rounded, (1_999_999, 1_999, 1));
    }

    #[test]
    fn gathered_facts_are_read_back() {
        let file = FileMetadata { inode: 1, size_bytes: 2, modified_ns: 3 };
        let process = ProcessState { nonce: 4, started_ns: 5, changes_seen: 6 };
        let facts = RepresentationFacts {
            content: Some(b"x"),
            file: Some(file),
            process: Some(process),
            encoded: Some(b"y"),
            revision: Some(7),
            shared_tag: None,
            moment_ns: Some(8),
        };
        assert_eq!(facts.moment_ns(), 8);
        assert_eq!((facts.content(), facts.file(), facts.process()), (&b"x"[..], file, process));
        assert_eq!((facts.encoded(), facts.revision()), (&b"y"[..], 7));
    }

    #[test]
    #[should_panic(expected = "only if its entry declares it")]
    fn undeclared_content_is_a_bug() {
        RepresentationFacts::default().content();
    }

    #[test]
    #[should_panic(expected = "only if its entry declares it")]
    fn undeclared_file_metadata_is_a_bug() {
        RepresentationFacts::default().file();
    }

    #[test]
    #[should_panic(expected = "only if its entry declares it")]
    fn undeclared_process_state_is_a_bug() {
        RepresentationFacts::default().process();
    }

    #[test]
    #[should_panic(expected = "only if its entry declares it")]
    fn undeclared_encoded_content_is_a_bug() {
        RepresentationFacts::default().encoded();
    }

    #[test]
    #[should_panic(expected = "only if its entry declares it")]
    fn an_undeclared_revision_is_a_bug() {
        RepresentationFacts::default().revision();
    }

    #[test]
    #[should_panic(expected = "only if its entry declares it")]
    fn an_undeclared_shared_tag_is_a_bug() {
        RepresentationFacts::default().shared_tag();
    }

    #[test]
    #[should_panic(expected = "only if its entry declares it")]
    fn an_undeclared_moment_is_a_bug() {
        RepresentationFacts::default().moment_ns();
    }
}
