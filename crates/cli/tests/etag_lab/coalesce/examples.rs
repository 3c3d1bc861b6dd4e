//! The files that the manual hands out: the unit for systemd, and the client in Python.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{PATIENCE, Tested, get, holding, table};
use crate::support::certificates::Authority;
use crate::support::process::Running;
use crate::support::served::Served;
use crate::support::{etag_lab, eventually, home, require, stderr, workspace};

fn example(name: &str) -> PathBuf {
    workspace().join("crates/control_plane/examples").join(name)
}

fn unit() -> std::io::Result<String> {
    std::fs::read_to_string(example("etag-lab-coalesce.service"))
}

#[test]
fn systemd_understands_the_unit_and_finds_little_that_it_may_do() -> Tested {
    let Some(systemd) = require("systemd-analyze") else { return Ok(()) };
    let program = etag_lab().get_program().to_string_lossy().into_owned();
    let path = home().join("etag-lab-coalesce.service");
    std::fs::write(&path, unit()?.replace("/usr/local/bin/etag-lab", &program))?;
    let analyzed = |args: &[&str]| Command::new(&systemd).args(args).arg(&path).output();
    let output = analyzed(&["verify"])?;
    // Units of other packages are read, and complained of, as well.
    let complaints = stderr(&output);
    let ours = complaints.lines().filter(|line| line.contains("etag-lab")).collect::<Vec<_>>();
    assert!(output.status.success() && ours.is_empty(), "{complaints}");
    // Ten is a program that may do everything.
    let output = analyzed(&["security", "--offline=true", "--threshold=20"])?;
    assert!(output.status.success(), "{output:?}");
    Ok(())
}

#[test]
fn the_command_of_the_unit_starts() -> Tested {
    let Some(authority) = Authority::new("etcd-ca") else { return Ok(()) };
    for name in ["etcd-client", "server"] {
        authority.sign(name);
    }
    std::fs::write(home().join("client-tokens"), "token")?;
    let unit = unit()?.replace("\\\n", " ").replace("%d", &home().display().to_string());
    let command = unit.lines().find_map(|line| line.strip_prefix("ExecStart="));
    let mut words: Vec<_> = command.ok_or("a command")?.split_whitespace().skip(1).collect();
    let at = words.iter().position(|word| *word == "--listen").ok_or("an address")?;
    words.drain(at..at + 2);
    let proxy = Served::start(&words);
    assert!(proxy.process.stderr().contains("(exec) on https://"), "{}", proxy.process.stderr());
    for credential in unit.lines().filter_map(|line| line.strip_prefix("LoadCredential=")) {
        let (name, _) = credential.split_once(':').ok_or("a name and a file")?;
        assert!(home().join(name).is_file(), "{name}");
    }
    Ok(())
}

#[test]
fn a_poller_in_python_follows_a_change_and_outlives_the_proxy() -> Tested {
    let Some(python) = require("python3") else { return Ok(()) };
    let (path, source) = table("table.json", r#"{"routes":[{"id":"a"}]}"#);
    let tokens = super::file("tokens", "secret").display().to_string();
    let mut proxy = holding(&source, &["--client-token-file", &tokens]);
    let url = format!("http://{}/routes", proxy.address);
    let kept = home().join("kept.json");
    let mut poll = Command::new(python);
    poll.arg(example("poll.py")).args([Path::new(&url), &kept, Path::new("0.02")]);
    let poller = Running::start(poll.env("TOKEN", "secret"));
    let lines = || -> Vec<String> { poller.stdout().lines().map(str::to_owned).collect() };
    let loaded = || lines().iter().filter(|line| line.starts_with("200")).count();
    eventually("a 304", PATIENCE, || lines().contains(&"304".to_owned()).then_some(()));
    assert_eq!(loaded(), 1);
    std::fs::write(path, r#"{"routes":[{"id":"a"},{"id":"b"}]}"#)?;
    eventually("the change", PATIENCE, || (loaded() == 2).then_some(()));
    eventually("a 304 again", PATIENCE, || (lines().last()? == "304").then_some(()));
    let bearer = "Authorization: Bearer secret";
    let served = get(proxy.address, "/routes", &[bearer]);
    let tag = served.field("etag").unwrap_or_default();
    assert!(lines().contains(&format!("200 {tag}")), "{:?}", lines());
    proxy.process.signal(rustix::process::Signal::KILL);
    proxy.process.wait();
    let outlived = || lines().last()?.starts_with("kept: ").then_some(());
    eventually("a poll of nobody", PATIENCE, outlived);
    assert_eq!((loaded(), std::fs::read(kept)?), (2, served.content));
    Ok(())
}
