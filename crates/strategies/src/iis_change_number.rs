//! Modification time of the file and the change number of the server, as IIS 5 and 6 write them.
//!
//! The number counts changes of the configuration and is each server's own, so that copies with equal
//! times differ all the same: a farm had to be given one number by hand (`MD_ETAG_CHANGENUMBER`).

use super::iis_file;
use crate::entry::{Agreement, Entry};
use crate::facts::Reads;

pub(crate) const ENTRY: Entry = Entry {
    name: "iis-change-number",
    summary: "Windows time of the file in hex and a number that each server counts, as in \
              \"704349d01ce1c61:d05\".",
    seen_in: "IIS 5 and 6",
    reads: Reads { process: true, ..Reads::FILE },
    agreement: Agreement::SameProcess,
    // A server that was set up and changed by hand has any number; restarts draw another.
    strategy: |facts| iis_file::entity_tag(facts, facts.process().nonce as u16 & 0xfff),
    ..Entry::OF_FILE
};
