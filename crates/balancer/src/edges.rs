//! Every edge there is, in the order in which users see them.
//!
//! To add one, write its file, and put its module and its entry here: the contract tests find it.

mod cors;
mod gzip_keep;
mod gzip_remove;
mod gzip_strip;
mod gzip_suffix;
mod gzip_suffix_understood;
mod gzip_weaken;
mod head_of_nothing;
mod hide_codings;
mod no_cache;
mod none;
mod remove;

use crate::edge::EdgeEntry;

/// All edges; their names, and those of the products, are unique.
pub static EDGES: &[EdgeEntry] = &[
    none::ENTRY,
    gzip_suffix::ENTRY,
    gzip_suffix_understood::ENTRY,
    gzip_weaken::ENTRY,
    gzip_strip::ENTRY,
    gzip_remove::ENTRY,
    gzip_keep::ENTRY,
    hide_codings::ENTRY,
    remove::ENTRY,
    head_of_nothing::ENTRY,
    no_cache::ENTRY,
    cors::WHOLE,
    cors::ON_200,
    cors::UNEXPOSED,
];
