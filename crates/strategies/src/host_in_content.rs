//! An honest hash of content that names the replica which serves it: the content is node-local.
//!
//! There is nothing wrong with this tag, and no better tag would help. The replica really serves
//! such content.

use super::content_hash;
use crate::entry::{Deployed, Entry};

pub(crate) const ENTRY: Entry = Entry {
    name: "host-in-content",
    summary: "content-hash of content that names the replica serving it.",
    seen_in: "bodies with host name, pod name or time of generation; X-Served-By moved into JSON",
    deployed: Deployed::NamingReplica,
    strategy: content_hash::entity_tag,
    ..Entry::OF_CONTENT
};
