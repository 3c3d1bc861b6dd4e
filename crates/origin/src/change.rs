//! A change of the resource: its content, its steps, and the outcome of one that a client asked for.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::state::ResourceState;

/// New content.
#[derive(Clone, Copy, Debug)]
pub enum ContentSource<'a> {
    /// A file that another process owns and that is only read.
    File(&'a Path),
    /// The content itself.
    Content(&'a [u8]),
}

/// A step of a change under shared tags; their order decides the outcome of a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeStep {
    /// Announces the change to the store of shared tags.
    Announce,
    /// Puts the new content into the database.
    Commit,
    /// Puts a new tag into the store.
    Publish,
}

/// Outcome of a PUT.
#[derive(Debug)]
pub(crate) enum PutOutcome {
    Stored {
        now: Arc<ResourceState>,
        is_first: bool,
    },
    /// A precondition does not hold for this, which is what is there.
    Refused(Option<Arc<ResourceState>>),
}
