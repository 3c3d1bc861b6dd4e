//! Temporary folders of programs that could not remove them: the next one does.
#![cfg(target_os = "linux")]

use std::path::PathBuf;

use rustix::process::Signal;

use crate::support::process::{PATIENCE, Running, assert_gone_within_a_second};
use crate::support::served::Served;
use crate::support::{at_home, ended, etag_lab, eventually, home, require, require_any, scratch};

const SMALL: [&str; 5] = ["run", "--polls=2", "--clients=2", "--no-changes", "--no-save"];

/// Folders that the programs of this test have in the folder for temporary files.
fn folders() -> Vec<PathBuf> {
    let inside = |folder: PathBuf| {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.expect("an entry").path())
    };
    inside(scratch()).flat_map(inside).collect()
}

/// A run in which nothing happens for a minute, once its replicas are there.
fn long_run(args: &[&str]) -> Running {
    let run = ["run", "--cadence=open-loop", "--interval=1min", "--no-changes", "--no-save"];
    let lab = Running::start(etag_lab().args(run).args(args));
    eventually("three replicas", PATIENCE, || (lab.children().len() >= 3).then_some(()));
    lab
}

#[test]
fn the_folder_of_a_run_is_gone_after_it() {
    ended(&SMALL, 0);
    assert_eq!(std::fs::read_dir(scratch()).expect("it is there").count(), 0);
}

#[test]
fn the_folder_of_a_run_that_was_killed_goes_with_the_next_run() {
    for _ in 0..3 {
        let lab = long_run(&[]);
        let family = lab.descendants();
        lab.signal(Signal::KILL);
        assert_gone_within_a_second(&family);
        assert_eq!(folders().len(), 1, "{:?}", folders());
    }
    ended(&SMALL, 0);
    assert!(folders().is_empty(), "{:?}", folders());
}

#[test]
fn the_files_of_a_private_server_go_with_its_run() {
    let Some(_) = require_any(&["redis-server", "valkey-server"]) else { return };
    let lab = long_run(&["store-ttl", "--real"]);
    let family = lab.descendants();
    lab.signal(Signal::KILL);
    assert_gone_within_a_second(&family);
    assert_eq!(folders().len(), 1, "{:?}", folders());
    ended(&SMALL, 0);
    assert!(folders().is_empty(), "{:?}", folders());
}

#[test]
fn a_replica_that_is_killed_again_and_again_leaves_one_folder() {
    for _ in 0..5 {
        let replica = Served::start(&["replica"]);
        replica.process.signal(Signal::KILL);
        drop(replica);
        assert_eq!(folders().len(), 1, "{:?}", folders());
    }
    let mut replica = Served::start(&["replica"]);
    replica.process.signal(Signal::TERM);
    replica.process.wait();
    assert!(folders().is_empty(), "{:?}", folders());
}

#[test]
fn the_folder_of_a_living_program_stays() {
    let mut replica = Served::start(&["replica"]);
    let held = folders();
    assert_eq!(held.len(), 1, "{held:?}");
    ended(&SMALL, 0);
    assert_eq!(folders(), held);
    assert!(held[0].join("resource").exists());
    replica.process.signal(Signal::TERM);
    replica.process.wait();
    assert!(folders().is_empty(), "{:?}", folders());
}

#[test]
fn a_replica_that_needs_no_folder_makes_none() {
    let file = home().join("config.json");
    std::fs::write(&file, "{}").expect("written");
    let _replica = Served::start(&["replica", "--file", &file.display().to_string()]);
    assert!(folders().is_empty(), "{:?}", folders());
}

#[test]
fn a_run_that_starts_with_too_few_descriptors_leaves_nothing_for_long() {
    let Some(sh) = require("sh") else { return };
    for limit in 8..20 {
        let line = format!("ulimit -n {limit}; exec \"$0\" \"$@\"");
        let lab = ["-c", &line, env!("CARGO_BIN_EXE_etag-lab")];
        let output = at_home(&sh).args(lab).args(SMALL).output().expect("a shell starts");
        assert_ne!(output.status.code(), None, "{limit}");
    }
    ended(&SMALL, 0);
    assert!(folders().is_empty(), "{:?}", folders());
}
