//! Every strategy there is, in the order in which users see them.
//!
//! To add one, write its file and put its module and its entry here; the compiler objects when
//! either is forgotten, and the contract tests take it from there. No strategy is named anywhere
//! else.

use crate::entry::Entry;

mod content_hash;
mod inode_size_mtime;
mod mtime_size;
mod none;
mod per_process_counter;
mod process_nonce;
mod weak_content_hash;

/// All entries; their names are unique.
pub static STRATEGIES: &[Entry] = &[
    none::ENTRY,
    per_process_counter::ENTRY,
    process_nonce::ENTRY,
    inode_size_mtime::ENTRY,
    mtime_size::ENTRY,
    content_hash::ENTRY,
    weak_content_hash::ENTRY,
];

/// The entry with exactly this name.
pub fn find(name: &str) -> Option<&'static Entry> {
    STRATEGIES.iter().find(|entry| entry.name == name)
}

/// All names, in the order of the entries.
pub fn names() -> impl Iterator<Item = &'static str> {
    STRATEGIES.iter().map(|entry| entry.name)
}
