//! Size and modification time of a file that is dated ahead of every clock.
//!
//! Deploys touch such files rarely and reset them to the same time, so that the tag stays. A date in
//! the future is also no `Last-Modified`: an origin has to send its own time instead (RFC 9110
//! §8.8.2.1), which changes with every response.

use super::mtime_size;
use crate::entry::{Deployed, Discrimination, Entry};

pub(crate) const ENTRY: Entry = Entry {
    name: "future-mtime",
    summary: "mtime-size of a copy stamped with 2100-01-01, whatever it holds.",
    seen_in: "archives packed on a machine whose clock is wrong, touch -d to defeat a build tool",
    tells_apart: Discrimination::Sizes,
    deployed: Deployed::StampedWith(4_102_444_800),
    strategy: mtime_size::entity_tag,
    ..Entry::OF_FILE
};
