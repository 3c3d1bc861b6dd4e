//! Nothing that can be seen of a running mystery names a part of any catalogue.

use std::collections::BTreeSet;
use std::path::Path;

use super::Game;
use crate::support::http::ask;
use crate::support::{etag_lab, scratch};

/// Every name that would give something away.
fn names() -> BTreeSet<String> {
    let findings = findings::catalogue::all();
    let causes = findings.iter().flat_map(|kind| kind.cause_names.iter().cloned());
    let all = strategies::names().map(str::to_owned).chain(causes);
    let all = all.chain(balancer::catalogue::EDGES.iter().map(|edge| edge.name.to_owned()));
    let all = all.chain(balancer::catalogue::POLICIES.iter().map(|policy| policy.name.to_owned()));
    let all = all.chain(findings.iter().flat_map(|kind| [kind.name.clone(), kind.code.clone()]));
    all.chain(scenario::BUILT_IN.iter().map(|built_in| built_in.name.to_owned()))
        .map(|name| name.to_ascii_lowercase())
        .collect()
}

/// Names in a text, as words of their own; one of a single word may well be one of the language.
fn named(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    // `anon_inode` is what Linux calls an event queue.
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let words: BTreeSet<_> = text.split(|c| !is_part(c)).collect();
    names().into_iter().filter(|name| words.contains(name.as_str())).collect()
}

#[test]
fn a_name_is_found_where_there_is_one() {
    assert_eq!(named(b"etag-lab\0replica\0--strategy\0inode-size-mtime\0"), ["inode-size-mtime"]);
    assert_eq!(named(b"/tmp/GZIP-STRIP/x\nETL001"), ["etl001", "gzip-strip"]);
    assert!(named(b"etag-lab\0node\0").is_empty());
}

#[test]
fn a_fleet_on_an_ordinary_command_line_gives_itself_away() {
    let mut command = etag_lab();
    command.args(["live", "--listen", "127.0.0.1:0"]);
    let fleet = crate::support::process::Running::start(&mut command);
    let leak = crate::support::eventually("a strategy in ps", super::PATIENCE, || {
        let leaks = fleet.children().into_iter().map(|child| named(&of_process(child.pid)));
        leaks.flatten().find(|name| name == "content-hash")
    });
    assert_eq!(leak, "content-hash");
}

#[test]
fn nothing_that_can_be_seen_names_the_fault() {
    for (seed, level) in
        [("11", "1"), ("12", "1"), ("13", "2"), ("14", "2"), ("15", "3"), ("16", "3")]
    {
        let game = Game::start(&["--seed", seed, "--level", level]);
        game.gather();
        let mut family: Vec<_> = game.process.descendants().iter().map(|it| it.pid).collect();
        assert!(family.len() >= game.nodes.len(), "{family:?}");
        family.push(game.process.pid());
        for pid in family {
            let leaks = named(&of_process(pid));
            assert!(leaks.is_empty(), "seed {seed}, process {pid}: {leaks:?}");
        }
        let listed = listed(&scratch());
        assert!(listed.contains("talk"), "{listed}");
        assert!(named(listed.as_bytes()).is_empty(), "{listed}");
        for address in game.backends().into_iter().chain(game.balancer.split('/').nth(2)) {
            let wire = on_the_wire(address, game.path());
            let leaks = named(wire.as_bytes());
            assert!(leaks.is_empty() && !wire.contains("lab-"), "{leaks:?}: {wire}");
        }
        // The words of the ticket are those of a language; a code would be none.
        assert!(!game.ticket.contains("ETL0"), "{}", game.ticket);
    }
}

#[test]
fn a_repair_that_is_proved_gives_nothing_away_either() {
    let game = Game::start(&["--seed", "11"]);
    game.gather();
    let before: BTreeSet<_> = game.process.children().iter().map(|child| child.pid).collect();
    let mut repair = etag_lab();
    let mut repair =
        repair.args(["mystery", "repair", "--policy", "sticky"]).spawn().expect("it starts");
    let mut proving = BTreeSet::new();
    while repair.try_wait().expect("it is our child").is_none() {
        for child in game.process.children().iter().filter(|child| !before.contains(&child.pid)) {
            let leaks = named(&of_process(child.pid));
            assert!(leaks.is_empty(), "{leaks:?}");
            proving.insert(child.pid);
        }
        assert!(named(listed(&scratch()).as_bytes()).is_empty());
    }
    assert!(!proving.is_empty(), "a repair is proved by processes");
}

#[test]
fn nothing_is_left_of_a_mystery_that_was_stopped() {
    let mut game = Game::start(&["--seed", "11"]);
    let family = game.process.descendants();
    game.process.signal(rustix::process::Signal::INT);
    assert_eq!(game.process.wait().code(), Some(0));
    crate::support::process::assert_gone_within_a_second(&family);
    assert!(!listed(&scratch()).contains("mystery-"), "{}", listed(&scratch()));
}

/// Everything that `/proc` shows of a process, but for what it was given by this test's own surroundings.
fn of_process(pid: u32) -> Vec<u8> {
    let proc = Path::new("/proc").join(pid.to_string());
    let mut seen = Vec::new();
    for file in ["cmdline", "comm", "maps"] {
        seen.extend(std::fs::read(proc.join(file)).unwrap_or_default());
        seen.push(b'\n');
    }
    let environment = std::fs::read(proc.join("environ")).unwrap_or_default();
    let own: BTreeSet<_> =
        std::env::vars().map(|(name, value)| format!("{name}={value}")).collect();
    for variable in String::from_utf8_lossy(&environment).split('\0') {
        if !own.contains(variable) {
            seen.extend(variable.bytes());
            seen.push(b'\n');
        }
    }
    for entry in std::fs::read_dir(proc.join("fd")).into_iter().flatten().flatten() {
        let to = std::fs::read_link(entry.path()).unwrap_or_default();
        seen.extend(to.as_os_str().as_encoded_bytes());
        seen.push(b'\n');
    }
    for task in std::fs::read_dir(proc.join("task")).into_iter().flatten().flatten() {
        seen.extend(std::fs::read(task.path().join("comm")).unwrap_or_default());
    }
    // The loader has its list of libraries open while a program starts.
    String::from_utf8_lossy(&seen).replace("ld.so.cache", "").into_bytes()
}

/// Names of all files below a folder, and what those hold that are no contents.
fn listed(folder: &Path) -> String {
    let mut out = String::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        out += &path.display().to_string();
        out.push('\n');
        if path.is_dir() {
            out.push_str(&listed(&path));
        } else if path.extension().is_some_and(|it| it == "log") {
            out.push_str(&std::fs::read_to_string(&path).unwrap_or_default());
        }
    }
    out
}

/// Whole responses, heads and contents, to requests of several kinds.
fn on_the_wire(address: &str, path: &str) -> String {
    let address = address.parse().expect("an address");
    let mut wire = String::new();
    for (method, field) in [
        ("GET", "Accept-Encoding: identity"),
        ("GET", "Accept-Encoding: gzip"),
        ("HEAD", "Accept: */*"),
        ("GET", "If-None-Match: \"nobody's\""),
        ("OPTIONS", "Accept: */*"),
        ("PUT", "If-Match: *"),
    ] {
        let answer = ask(address, &format!("{method} {path}"), &[field]).expect("it answers");
        for (name, value) in &answer.fields {
            // Words of HTTP that every fleet sends, and names of an edge and of causes as well.
            let is_usual =
                ["date", "content-type", "vary"].contains(&name.as_str()) || value == "no-cache";
            let name = if is_usual { "usual" } else { name };
            let value = if value == "no-cache" { "usual" } else { value };
            wire += &[name, ": ", value, "\n"].concat();
        }
        if answer.field("content-encoding").is_none() {
            wire.push_str(&String::from_utf8_lossy(&answer.content));
        }
    }
    wire
}
