//! A client of other people: curl, as its manual says.

use std::process::Command;

use super::{Tested, await_table, get, holding, table};
use crate::support::{home, require, stdout};

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
