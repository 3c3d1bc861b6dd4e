//! The built program as its users meet it: one module per subject, `support` starts what they need.
//!
//! `cargo test -p etag-lab --test etag_lab check::` runs one subject.

mod accepting;
mod browser;
mod by_hand;
mod check;
mod coalesce;
mod commands;
mod contracts;
mod control_plane;
mod edges;
mod encrypted;
mod field;
mod gates;
mod hostile_files;
mod http2;
mod independent_bytes;
mod last_known_good;
mod leaks;
mod learn;
mod leftovers;
mod live;
mod logs;
mod many_pollers;
mod memory;
mod metrics;
mod model;
mod monitoring;
mod own_replica;
mod packages;
mod pages;
mod processes;
mod real_clients;
mod real_validation;
mod reference;
mod runbook;
mod shards;
mod shared_caches;
mod shared_tags;
mod soak;
mod store_lab;
mod support;
mod tag_races;
mod tag_stores;
mod wire;
mod writers;
