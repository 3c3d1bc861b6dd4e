//! The alerts of scripts/monitoring, on series of real runs and in a real Prometheus.

mod board;
mod course;
mod live;
mod monitor;
mod products;
mod series;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::support::served::Served;
use crate::support::workspace;

/// A file of the alert pack.
fn pack(name: &str) -> PathBuf {
    workspace().join("scripts/monitoring").join(name)
}

/// Every file of recording rules, by the name of its source.
fn sources() -> Vec<String> {
    let folder = std::fs::read_dir(pack("sources")).expect("there are sources");
    let names = folder.map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.to_string_lossy().trim_end_matches(".yml").to_owned());
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}

/// Address of the page of a server that was started with `--metrics`.
fn page_of(served: &Served) -> SocketAddr {
    let said = served.process.stderr();
    let after = said.split_once("metrics on http://").map(|(_, after)| after);
    after.and_then(|after| after.split('/').next()?.parse().ok()).expect("it has a page")
}

#[track_caller]
fn succeeds(command: &mut Command) -> Output {
    let output = command.output().expect("the tool starts");
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "{command:?}\n{}\n{}", said[0], said[1]);
    output
}
