//! Clients of other people: curl as its manual says, and a poller of thirty lines in Python.

use std::path::Path;
use std::process::Command;

use super::{Tested, await_table, get, holding, table};
use crate::support::process::{PATIENCE, Running};
use crate::support::{eventually, home, require, stdout};

#[test]
fn curl_that_saves_and_compares_the_tag_gets_a_304_until_something_changes() -> Tested {
    let Some(curl) = require("curl") else { return Ok(()) };
    let (path, source) = table("table.json", r#"{"routes":[{"id":"a"}]}"#);
    let proxy = holding(&source, &[]);
    let polled = |flags: &[&str]| -> std::io::Result<String> {
        let mut command = Command::new(&curl);
        command.current_dir(home()).args(["-s", "--etag-save", "tag", "--etag-compare", "tag"]);
        command.args(["-o", "copy", "-w", "%{http_code}"]).args(flags);
        let output = command.arg(format!("http://{}/routes", proxy.address)).output()?;
        Ok(stdout(&output).to_owned())
    };
    assert_eq!([polled(&[])?, polled(&[])?, polled(&[])?], ["200", "304", "304"]);
    std::fs::write(path, r#"{"routes":[{"id":"b"}]}"#)?;
    await_table(proxy.address, r#""b""#);
    assert_eq!([polled(&[])?, polled(&[])?], ["200", "304"]);
    assert_eq!(std::fs::read(home().join("copy"))?, get(proxy.address, "/routes", &[]).content);
    Ok(())
}

#[test]
fn a_poller_in_python_follows_a_change_and_outlives_the_proxy() -> Tested {
    let Some(python) = require("python3") else { return Ok(()) };
    let (path, source) = table("table.json", r#"{"routes":[{"id":"a"}]}"#);
    let mut proxy = holding(&source, &[]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/etag_lab/coalesce/poller.py");
    let url = format!("http://{}/routes", proxy.address);
    let poller = Running::start(Command::new(python).arg(script).args([&url, "0.02"]));
    let lines = || -> Vec<String> { poller.stdout().lines().map(str::to_owned).collect() };
    let loaded = || lines().iter().filter(|line| line.starts_with("200")).count();
    eventually("a 304", PATIENCE, || lines().contains(&"304".to_owned()).then_some(()));
    assert_eq!(loaded(), 1);
    std::fs::write(path, r#"{"routes":[{"id":"a"},{"id":"b"}]}"#)?;
    eventually("the change", PATIENCE, || (loaded() == 2).then_some(()));
    eventually("a 304 again", PATIENCE, || (lines().last()? == "304").then_some(()));
    let tag = get(proxy.address, "/routes", &[]).field("etag").unwrap_or_default().to_owned();
    assert!(lines().contains(&format!("200 {tag} 2")), "{:?}", lines());
    proxy.process.signal(rustix::process::Signal::KILL);
    proxy.process.wait();
    eventually("a poll of nobody", PATIENCE, || (lines().last()? == "kept").then_some(()));
    assert_eq!(loaded(), 2);
    Ok(())
}
