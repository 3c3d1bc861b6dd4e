//! The tags that replicas will make: the strategy's own code over modelled facts.
//!
//! Changes content and copy as the origin does before it makes a tag, and nothing else.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, UNIX_EPOCH};

use semantics::EntityTag;
use strategies::{Deployed, Entry, FileMetadata, ProcessState, RepresentationFacts};
use truth::ReplicaId;

use crate::editions::Editions;

/// A replica at the moment of making a tag.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub(super) replica: usize,
    pub(super) edition: u32,
    pub(super) process: ProcessState,
    /// Of its own copy.
    pub(super) inode: u64,
    /// Revision in the shared store, where there is one.
    pub(super) revision: u64,
}

/// Makes tags, and remembers those that are expensive.
pub(super) struct Tags<'a> {
    strategy: &'static Entry,
    editions: &'a Editions,
    drift: Duration,
    /// By replica, edition and, for strategies that read it, process.
    made: RefCell<HashMap<Known, Option<EntityTag>>>,
}

type Known = (usize, u32, Option<ProcessState>);

impl<'a> Tags<'a> {
    pub(super) fn new(strategy: &'static Entry, editions: &'a Editions, drift: Duration) -> Self {
        Self { strategy, editions, drift, made: RefCell::default() }
    }

    pub(super) fn at(&self, moment: &Moment) -> Option<EntityTag> {
        let reads = self.strategy.reads;
        if reads.file || !(reads.content || reads.encoded) {
            return self.make(moment);
        }
        // Many virtual runs make the same tags, and hashing is most of what they cost.
        let process = reads.process.then_some(moment.process);
        let known = (moment.replica, moment.edition, process);
        let mut made = self.made.borrow_mut();
        made.entry(known).or_insert_with(|| self.make(moment)).clone()
    }

    fn make(&self, moment: &Moment) -> Option<EntityTag> {
        let reads = self.strategy.reads;
        let content = self.content(moment);
        let file = self.file(moment, content.len());
        let encoded = reads.encoded.then(|| origin::encoded::gzip(&content, file.modified_s()));
        // Random in fact; all that matters is that each publication brings another one.
        let shared = EntityTag::weak(moment.revision.to_string()).expect("digits are etagc");
        let facts = RepresentationFacts {
            content: reads.content.then_some(&content),
            file: reads.file.then_some(file),
            process: reads.process.then_some(moment.process),
            encoded: encoded.as_deref(),
            revision: reads.revision.then_some(moment.revision),
            shared_tag: reads.shared_tag.then_some(Some(&shared)),
        };
        (self.strategy.strategy)(&facts)
    }

    fn file(&self, moment: &Moment, size: usize) -> FileMetadata {
        FileMetadata {
            inode: moment.inode,
            size_bytes: size as u64,
            modified_ns: self.modified(moment).as_nanos().cast_signed(),
        }
    }

    fn content(&self, moment: &Moment) -> Cow<'_, [u8]> {
        let content: &[u8] = self.editions.content(moment.edition);
        match self.strategy.deployed {
            Deployed::NamingReplica => {
                let name = ReplicaId(moment.replica as u32 + 1).to_string();
                origin::content::naming(content, &name).into()
            }
            Deployed::AsGiven | Deployed::StampedWith(_) => content.into(),
        }
    }

    /// Modification time of the replica's copy since 1970.
    pub(super) fn modified(&self, moment: &Moment) -> Duration {
        match self.strategy.deployed {
            Deployed::StampedWith(second) => Duration::from_secs(second),
            Deployed::AsGiven | Deployed::NamingReplica => {
                let modified = self.editions.modified(moment.edition, moment.replica, self.drift);
                modified.duration_since(UNIX_EPOCH).unwrap_or_default()
            }
        }
    }
}
