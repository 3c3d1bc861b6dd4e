//! Clients and methods of the field: what `check` says of them on fleets and captures of the lab, and what a
//! real browser makes of the same responses.

use serde_json::Value;

use crate::support::chromium::Browser;
use crate::support::served::{Served, balancer};
use crate::support::{etag_lab, home, json_of, output_of, stdout};

/// Three replicas with tags of their content, behind a balancer.
struct Fleet {
    front: Served,
    _replicas: Vec<Served>,
}

impl Fleet {
    fn start(replica: &[&str], edge: &str) -> Self {
        let own = ["replica", "--strategy", "content-hash"];
        let start = |_| Served::start(&[&own, replica].concat());
        let replicas: Vec<_> = (0..3).map(start).collect();
        let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
        let front = balancer(&addresses, &["--edge", edge]);
        Self { front, _replicas: replicas }
    }
}

/// Name and cause of each finding.
fn findings(args: &[&str]) -> Vec<(String, String)> {
    let mut command = etag_lab();
    command.arg("check").args(args).args(["--format", "json"]);
    let check = json_of(&command.output().expect("etag-lab starts"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = check["findings"].as_array().expect("a list").iter();
    findings.map(|found| (text(&found["name"]), text(&found["cause"]))).collect()
}

#[test]
fn a_head_that_names_another_tag_is_found_on_the_labs_own_fleet() {
    for (edge, is_found) in [("head-of-nothing", true), ("none", false)] {
        let fleet = Fleet::start(&["--no-last-modified"], edge);
        let found = findings(&[&fleet.front.url(), "--rate", "0"]);
        let names = found.iter().any(|(name, _)| name == "head-differs");
        assert_eq!(names, is_found, "{edge}: {found:?}");
    }
}

#[test]
fn a_304_without_its_cors_fields_is_found_on_the_labs_own_fleet() {
    for (edge, is_found) in [("cors-on-200", true), ("cors", false)] {
        let fleet = Fleet::start(&["--no-last-modified"], edge);
        let origin = ["-H", "Origin: https://a.example"];
        let found = findings(&[&[&fleet.front.url()[..], "--rate", "0"], &origin[..]].concat());
        let cors = ("malformed-304".to_owned(), "cors".to_owned());
        assert_eq!(found.contains(&cors), is_found, "{edge}: {found:?}");
    }
}

#[test]
fn what_a_client_does_wrong_is_named_in_the_labs_own_capture() {
    for (habit, cause) in [
        ("strips-quotes", "mangled"),
        ("no-store", "never-conditional"),
        ("invents-date", "invented-date"),
    ] {
        let set = format!("load.client={habit}");
        let flags = ["wire", "client-mangles-tag", "--arm", "after", "--all", "--set", &set];
        let flags = [&flags[..], &["--clients", "1", "--no-changes"]].concat();
        // The arms differ in their clients on purpose, and so one of them is described anew.
        let own = format!("{}/own.toml", home().display());
        let shown = stdout(&output_of(&["show", "client-mangles-tag"])).to_owned();
        let (head, _) = shown.split_once("[[arm]]").expect("it has arms");
        let arm = "[[arm]]\nname = \"after\"\nstrategy = \"content-hash\"\n";
        std::fs::write(&own, format!("{head}{arm}")).expect("it can be written");
        let args: Vec<_> =
            flags.iter().map(|it| if *it == "client-mangles-tag" { &own } else { *it }).collect();
        let log = output_of(&args);
        std::fs::write(home().join("log.txt"), stdout(&log)).expect("it can be written");
        let found = findings(&["--wire", "log.txt"]);
        let expected = ("client-at-fault".to_owned(), cause.to_owned());
        assert!(found.contains(&expected), "{habit}: {found:?}\n{}", stdout(&log));
    }
}

/// Result of a fetch in the page: status, content length and tag as the script sees them, or `blocked`.
fn fetched(browser: &mut Browser, url: &str, options: &str) -> String {
    let script = format!(
        "fetch('{url}', {options}).then(async r => {{ const text = await r.text(); \
         return r.status + ' ' + (text.length > 0) + ' ' + r.headers.get('etag'); }}) \
         .catch(() => 'blocked')"
    );
    browser.evaluate(&script).as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_browser_judges_the_cors_fields_of_a_304_as_the_clients_of_the_lab_do() {
    let Some(mut browser) = Browser::start() else { return };
    let page = Fleet::start(&[], "none");
    browser.visit(&page.front.url());
    for (edge, shows_tag, on_304) in [
        ("cors-on-200", true, "blocked"),
        ("cors-unexposed", false, "304 false null"),
        ("cors", true, "304 false "),
        ("none", false, "blocked"),
    ] {
        let fleet = Fleet::start(&[], edge);
        let url = fleet.front.url();
        let tag = tag_of(&url);
        let first = fetched(&mut browser, &url, "{ cache: 'no-store' }");
        let expected = match edge {
            "none" => "blocked".to_owned(),
            _ => format!("200 true {}", if shows_tag { &tag } else { "null" }),
        };
        assert_eq!(first, expected, "{edge}");
        // A script that revalidates by itself: the browser's cache keeps out of it.
        let options = format!("{{ headers: {{ 'If-None-Match': '{tag}' }} }}");
        let again = fetched(&mut browser, &url, &options);
        assert!(again.starts_with(on_304), "{edge}: {again}");
    }
}

fn tag_of(url: &str) -> String {
    let mut command = std::process::Command::new("curl");
    let output = command.args(["-sI", url]).output().expect("curl is there");
    let head = String::from_utf8_lossy(&output.stdout).into_owned();
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: "));
    tag.expect("it has a tag").to_owned()
}

/// Two pages of one site share the entries of a browser's cache, and permission is given to one of them.
#[test]
fn a_browser_gives_the_stored_permission_of_one_origin_to_another_where_vary_does_not_name_it() {
    let Some(mut browser) = Browser::start() else { return };
    let [one, other] = [Fleet::start(&[], "none"), Fleet::start(&[], "none")];
    for (edge, expected) in [("cors-on-200", "blocked"), ("cors", "200 true ")] {
        let fleet = Fleet::start(&[], edge);
        let url = fleet.front.url();
        browser.visit(&one.front.url());
        assert!(fetched(&mut browser, &url, "{}").starts_with("200 true "), "{edge}");
        // The same page: its own permission is stored, and the 304 without one does no harm.
        assert!(fetched(&mut browser, &url, "{}").starts_with("200 true "), "{edge}");
        browser.visit(&other.front.url());
        let got = fetched(&mut browser, &url, "{}");
        assert!(got.starts_with(expected), "{edge}: {got}");
    }
}

#[test]
fn a_browser_guesses_a_lifetime_where_none_is_named() {
    let Some(mut browser) = Browser::start() else { return };
    let file = home().join("old.json");
    std::fs::write(&file, "{}").expect("it can be written");
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    let opened = std::fs::File::options().write(true).open(&file).expect("it is there");
    opened.set_modified(old).expect("it is ours");
    let file = file.display().to_string();
    for (edge, requests) in [("none", 1), ("no-cache", 4)] {
        let fleet = Fleet::start(&["--file", &file, "--cache-control", ""], edge);
        let page = Fleet::start(&[], "none");
        browser.visit(&page.front.url());
        // An image is asked for by any page, and cached as a script's fetch would be.
        let url = fleet.front.url();
        let asked = "for (let n = 0; n < 4; n++) \
                     await fetch(URL, { mode: 'no-cors' }).then(r => r.text()); \
                     return performance.getEntriesByName(URL).filter(e => e.duration >= 0).length";
        let asked = asked.replace("URL", &format!("'{url}'"));
        browser.evaluate(&format!("(async () => {{ {asked} }})()"));
        let from_network = browser
            .events()
            .iter()
            .filter(|event| event["method"] == "Network.responseReceived")
            .filter(|event| event["params"]["response"]["url"] == url.as_str())
            .filter(|event| event["params"]["response"]["fromDiskCache"] == false)
            .count();
        assert_eq!(from_network, requests, "{edge}");
    }
}
