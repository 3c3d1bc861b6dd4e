//! Every strategy there is, in the order in which users see them.
//!
//! To add one, write its file and put its module and its entry here; the compiler objects when
//! either is forgotten, and the contract tests take it from there. No strategy is named anywhere
//! else.

use crate::entry::Entry;

mod aspnet_core_file;
mod azure_blob;
mod content_hash;
mod content_hash_blake3;
mod content_hash_per_request;
mod content_hash_xxh3;
mod encoded_content_hash;
mod express_body_hash;
mod frozen_mtime;
mod future_mtime;
mod gcs_generation;
mod host_in_content;
mod iis_change_number;
mod iis_file;
mod inode_hash;
mod inode_size_mtime;
mod jetty_file;
mod length;
mod mtime_base36;
mod mtime_size;
mod none;
mod per_process_counter;
mod process_nonce;
mod rack_body_hash;
mod rendering_time;
mod s3_multipart;
mod seeded_hash;
mod shared_revision;
mod size_mtime_ms;
mod sorted_content_hash;
mod spring_shallow;
mod start_time;
mod tomcat_file;
mod unordered_content_hash;
mod version;
mod weak_content_hash;
mod werkzeug_file;
mod wordpress_feed;

/// All entries; their names are unique.
pub static STRATEGIES: &[Entry] = &[
    none::ENTRY,
    per_process_counter::ENTRY,
    process_nonce::ENTRY,
    start_time::ENTRY,
    rendering_time::ENTRY,
    seeded_hash::ENTRY,
    inode_size_mtime::ENTRY,
    inode_hash::ENTRY,
    mtime_size::ENTRY,
    size_mtime_ms::ENTRY,
    mtime_base36::ENTRY,
    tomcat_file::ENTRY,
    jetty_file::ENTRY,
    werkzeug_file::ENTRY,
    wordpress_feed::ENTRY,
    iis_file::ENTRY,
    iis_change_number::ENTRY,
    aspnet_core_file::ENTRY,
    azure_blob::ENTRY,
    frozen_mtime::ENTRY,
    future_mtime::ENTRY,
    length::ENTRY,
    unordered_content_hash::ENTRY,
    host_in_content::ENTRY,
    encoded_content_hash::ENTRY,
    content_hash::ENTRY,
    weak_content_hash::ENTRY,
    content_hash_blake3::ENTRY,
    content_hash_xxh3::ENTRY,
    sorted_content_hash::ENTRY,
    content_hash_per_request::ENTRY,
    rack_body_hash::ENTRY,
    express_body_hash::ENTRY,
    spring_shallow::ENTRY,
    s3_multipart::ENTRY,
    version::ENTRY,
    gcs_generation::ENTRY,
    shared_revision::ENTRY,
];

/// The entry with exactly this name.
pub fn find(name: &str) -> Option<&'static Entry> {
    STRATEGIES.iter().find(|entry| entry.name == name)
}

/// All names, in the order of the entries.
pub fn names() -> impl Iterator<Item = &'static str> {
    STRATEGIES.iter().map(|entry| entry.name)
}
