//! The command line: mistakes, the harness's way of starting it, and what clients are declared.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use truth::{ContentId, Declaration};

use super::{Tested, get, holding, table};
use crate::support::{ended, etag_lab, home, output_of, stderr, stdout};

/// The one complaint about these flags, paths by a placeholder.
fn complaint(flags: &[&str]) -> String {
    let listen = ["coalesce", "--listen=127.0.0.1:0"];
    let output = output_of(&[&listen[..], flags].concat());
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{flags:?}: {said}");
    assert!(output.stdout.is_empty(), "{said}");
    assert!(said.lines().filter(|line| line.starts_with("error: ")).count() == 1, "{said}");
    said.replace(&home().display().to_string(), "[home]")
}

#[test]
fn a_mistake_is_one_error_with_a_way_out() {
    let (_, table) = table("table.json", r#"{"routes":[]}"#);
    let mistakes: [&[&str]; 22] = [
        &[],
        &["--upstream", ""],
        &["--upstream", "redis://127.0.0.1/\u{1b}[2J"],
        &["--upstream", "http://user@host/"],
        &["--upstream", "etcd://host:port/x"],
        &["--upstream", &table, "--mode", "pre"],
        &["--upstream", &table, "--mode", "pre", "--direct", "ftp://host/"],
        &["--upstream", &table, "--mode", "on"],
        &["--upstream", &table, "--interval", "0s"],
        &["--upstream", "http://host/", "-H", "If-None-Match: \"x\""],
        &["--upstream", "https://host/", "--cacert", "nowhere.pem"],
        &["--upstream", "http://host/", "--cacert", "nowhere.pem"],
        &["--upstream", "http://host/", "--cacert", &table],
        &["--upstream", "etcd:127.0.0.1:2379"],
        &["--upstream", "http:host"],
        &["--upstream", "etcd:/host/routes"],
        &["--upstream", &table, "--direct", &table],
        &["--upstream", &table, "--agree-on-date"],
        &["--upstream", "http://host/", "--allow-missing"],
        &["--upstream", "etcd://host/routes", "--cert", &table, "--key", &table],
        &["--upstream", "etcd+https://host/routes", "--cert", &table, "--key", &table],
        &["--upstream", "http://host/", "--user", "me", "--password-file", &table],
    ];
    let said = mistakes.map(|flags| format!("$ coalesce {flags:?}\n{}", complaint(flags)));
    let said = said.map(|said| said.replace(&home().display().to_string(), "[home]"));
    insta::assert_snapshot!("mistakes", said.join("\n"));
}

#[test]
fn a_file_that_is_not_there_or_not_what_it_is_called_is_refused() {
    let (_, table) = table("table.json", r#"{"routes":[]}"#);
    let (folder, missing) = (home().display().to_string(), home().join("nowhere.json"));
    let missing = missing.display().to_string();
    for (flags, said) in [
        (&["--upstream", &missing][..], "--allow-missing starts without it"),
        (&["--upstream", &format!("file:{folder}")], "dir:PATH takes"),
        (&["--upstream", &format!("dir:{table}")], "it is no folder"),
        (&["--upstream", &table, "--mode=pre", "--direct", &missing], "--direct: `"),
        (&["--upstream", &table, "--client-token-file", &missing], "tokens `"),
        (&["--upstream=etcd://host/x", "--user=me", "--password-file", &missing], "password `"),
    ] {
        let output = ended(&[&["coalesce", "--listen=127.0.0.1:0"], flags].concat(), 3);
        assert!(stderr(&output).contains(said), "{flags:?} {}", stderr(&output));
    }
}

#[test]
fn a_source_without_routes_is_refused_and_so_is_a_flag_that_does_nothing_for_it() {
    let (_, table) = table("table.json", r#"{"routes":[{"id":"a"}]}"#);
    let store = format!("file:{table}");
    let start = ["source", "--listen=127.0.0.1:0", "--store", &store];
    assert!(stderr(&ended(&start, 3)).contains("holds no routes"));
    let user = [&start[..], &["--user=me", "--password-file", &table]].concat();
    assert!(stderr(&ended(&user, 2)).contains("--user is for etcd"));
    let proxy = ["coalesce", "--listen=127.0.0.1:0", "--upstream", &table];
    for start in [&start[..], &proxy] {
        let trusting = [start, &["--cacert", "nowhere.pem"]].concat();
        assert!(stderr(&ended(&trusting, 2)).contains("--cacert is for a source over TLS"));
    }
}

#[test]
fn a_file_that_comes_later_is_found_where_that_is_allowed() -> Tested {
    let path = home().join("later.json");
    let proxy = super::start(&path.display().to_string(), &["--allow-missing"]);
    super::await_polls(proxy.address, "error");
    std::fs::write(path, r#"{"routes":[{"id":"a"}]}"#)?;
    super::await_table(proxy.address, r#"{"id":"a"}"#);
    Ok(())
}

#[test]
fn help_fits_a_terminal_and_names_every_form_of_a_source() {
    let output = output_of(&["coalesce", "--help"]);
    insta::assert_snapshot!("help", stdout(&output));
}

#[test]
fn an_address_that_is_taken_is_the_environments_fault() -> Tested {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let output =
        ended(&["coalesce", "--allow-missing", "--upstream=table.json", "--listen", &address], 3);
    assert!(stderr(&output).contains(&address));
    Ok(())
}

#[test]
fn under_control_it_tells_its_address_at_once_and_ends_with_its_orders() -> Tested {
    let missing = home().join("nowhere.json").display().to_string();
    let mut child = etag_lab()
        .args([
            "coalesce",
            "--listen=127.0.0.1:0",
            "--control=stdio",
            "--allow-missing",
            "--upstream",
        ])
        .arg(&missing)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("it is piped")?).read_line(&mut line)?;
    let ready: serde_json::Value = serde_json::from_str(&line)?;
    let address = ready["ready"]["address"].as_str().ok_or("an address")?.parse()?;
    assert_eq!(get(address, "/health", &[]).status, 503);
    drop(child.stdin.take());
    assert_eq!(child.wait()?.code(), Some(0));
    Ok(())
}

#[test]
fn an_instance_with_a_number_declares_what_it_serves_on_200_and_304() {
    let (_, source) = table("table.json", r#"{"routes":[{"id":"a"}]}"#);
    let proxy = holding(&source, &["--id=7"]);
    for target in ["/routes", "/routes/-/a"] {
        let first = get(proxy.address, target, &[]);
        let condition = format!("If-None-Match: {}", first.field("etag").unwrap_or_default());
        let second = get(proxy.address, target, &[&condition]);
        assert_eq!((first.status, second.status), (200, 304));
        for answer in [&first, &second] {
            let declared = answer.field("lab-replica").unwrap_or_default();
            let declared = Declaration::parse(declared.as_bytes()).expect("it declares");
            let content = declared.content.map(|content| content.id);
            assert_eq!((declared.replica.0, content), (7, Some(ContentId::of(&first.content))));
        }
    }
    let silent = holding(&source, &[]);
    assert_eq!(get(silent.address, "/routes", &[]).field("lab-replica"), None);
}
