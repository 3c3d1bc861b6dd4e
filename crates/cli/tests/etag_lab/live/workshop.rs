//! scenarios/WORKSHOP.md, minute by minute: each of its commands and keys does what the page says.

use std::collections::BTreeSet;

use super::Room;
use crate::support::process::{PATIENCE, Running};
use crate::support::{ended, etag_lab, eventually, home, stdout, workspace};

fn page() -> String {
    std::fs::read_to_string(workspace().join("scenarios/WORKSHOP.md")).expect("the page")
}

/// Everything between backticks, in blocks and in lines.
fn quoted(page: &str) -> BTreeSet<String> {
    let blocks = page.split("```").skip(1).step_by(2).flat_map(str::lines);
    let between: String = page.split("```").step_by(2).collect();
    let between = between.replace('\n', " ");
    let words = between.split('`').skip(1).step_by(2);
    blocks.chain(words).map(|text| text.trim().to_owned()).filter(|it| !it.is_empty()).collect()
}

/// The arguments of each command, with a real name in the place of NAME.
fn commands() -> Vec<Vec<String>> {
    let commands = quoted(&page());
    let commands = commands.iter().filter_map(|text| text.strip_prefix("etag-lab "));
    let words = |command: &str| command.replace("NAME", "two-nodes");
    commands.map(|it| words(it).split_whitespace().map(str::to_owned).collect()).collect()
}

/// Runs until it says this.
fn serves(args: &[String], port: &str, words: &str) {
    let mut command = etag_lab();
    command.args(args);
    // The page's port may be taken on this machine; the live page itself takes the next one.
    if let Some(at) = args.iter().position(|it| it == "--listen") {
        command = etag_lab();
        command.args(&args[..=at]).arg(port).args(&args[at + 2..]);
    }
    let mut process = Running::start(&mut command);
    eventually(words, PATIENCE, || {
        assert_eq!(process.ended(), None, "{args:?}: {}", process.stderr());
        [process.stdout(), process.stderr()].concat().contains(words).then_some(())
    });
}

#[test]
fn every_command_of_the_page_works() {
    let all = commands();
    assert!(all.len() >= 9, "{all:?}");
    for args in all {
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        match words[..] {
            ["live", ..] => serves(&args, "127.0.0.1:0", "audience"),
            ["replica", ..] => serves(&args, "127.0.0.1:0", "127.0.0.1:"),
            ["learn"] => drop(ended(&words, 2)),
            ["learn", "verify", _] => drop(ended(&words, 1)),
            ["learn", ..] | ["mystery", "pack", ..] => drop(ended(&words, 0)),
            // What they ask and read is started, saved or chosen by the trainer.
            [name @ ("check" | "poll"), ..] => drop(ended(&[name, "--help"], 0)),
            // The others need a mystery that runs.
            ["mystery", next, ..] => {
                let help = ended(&["mystery", "--help"], 0);
                assert!(stdout(&help).contains(next), "{next}");
            }
            ["logs", "FILE"] => drop(ended(&["logs", "--help"], 0)),
            ["run", "session.toml"] => {}
            _ => panic!("the page has a command that this test does not know: {args:?}"),
        }
    }
}

#[test]
fn every_exercise_of_the_page_is_one() {
    let list = ended(&["learn", "list"], 0);
    let rows = page();
    let after = rows.split("what they will try first").nth(1).expect("a table of exercises");
    let rows = after.lines().skip(2).take_while(|line| line.starts_with('|'));
    let named: Vec<_> = rows.filter_map(|row| row.split('`').nth(1)).collect();
    assert!(named.len() >= 6, "{named:?}");
    for name in named.iter().chain(&["store-race", "reading-a-log", "your-own-service"]) {
        assert!(page().contains(&format!("`{name}`")), "{name}");
        assert!(stdout(&list).contains(&format!("  {name} ")), "{name}");
    }
}

#[test]
fn every_key_of_the_page_is_one_of_the_live_page() {
    let Some(mut room) = Room::open(&[]) else { return };
    let page = page();
    let live = page.split("## 35 to 75").next().expect("the parts with the live page");
    let keys = quoted(live).into_iter().filter(|text| text.chars().count() == 1);
    let keys: Vec<_> = keys.filter(|key| !key.chars().all(|c| c.is_ascii_digit())).collect();
    assert!(keys.len() >= 12, "{keys:?}");
    for key in keys {
        let button =
            format!("!!document.querySelector('nav [data-key=\"{}\"]')", key.to_lowercase());
        // Keys without a button of their own stand beside the list that they go through.
        let beside = format!(
            "[...document.querySelectorAll('nav kbd')].some(k => k.textContent === '{key}')"
        );
        let there = room.browser.evaluate(&format!("{button} || {beside}"));
        assert_eq!(there, true, "{key}");
    }
}

#[test]
fn the_first_twenty_minutes_go_as_the_page_says() {
    let Some(mut room) = Room::open(&["--price", "0.09/GB"]) else { return };
    room.press("p");
    room.press("b");
    "33".chars().for_each(|digit| room.browser.press(&digit.to_string()));
    room.until("the guess", "document.getElementById('guessed').textContent === '33 %'");
    room.press("p");
    room.until_rate("near 0", 0.0, 0.05);
    room.press("m");
    room.press("f");
    room.until_rate("one tag on every replica", 0.95, 1.0);
    room.press("b");
    until_policy(&mut room, "per-connection");
    room.until_rate("the rate is up", 0.95, 1.0);
    room.browser.press("d");
    let tags = "new Set([...document.querySelectorAll('#wires u')].map(u => u.textContent)).size";
    room.until("the tags differ", &format!("{tags} >= 3"));
    room.browser.press("d");
    until_some_moved(&mut room);
    room.press("r");
    room.until_rate("mended", 0.95, 1.0);
    room.until(
        "as at first",
        "document.getElementById('setup').textContent.includes('round-robin')",
    );
    let not_304 = |room: &mut Room| room.count(0) - room.count(2);
    let before = not_304(&mut room);
    room.press("c");
    let one_each = format!(
        "(s => s[0] - s[2] === {})(document.body.dataset.sum.split(' ').map(Number))",
        before + 10
    );
    room.until("one 200 for each client", &one_each);
}

#[test]
fn the_number_of_replicas_is_told_by_the_rate_and_the_session_plays_again() {
    let page = page();
    let line = page.lines().find(|it| it.contains("live --replicas 1")).expect("its command");
    let args: Vec<_> = line.split_whitespace().skip(2).collect();
    let Some(mut room) = Room::open(&args) else { return };
    room.press("b");
    room.until_rate("one replica agrees with itself", 0.95, 1.0);
    for replicas in 2..=5 {
        room.press("+");
        let nodes = format!("document.querySelectorAll('#servers .node').length === {replicas}");
        room.until("one more", &nodes);
    }
    room.until_rate("one in five", 0.05, 0.4);
    room.press("k");
    room.until("dead", "document.querySelectorAll('#servers .down').length === 1");
    room.press("a");
    room.until("alive", "document.querySelectorAll('#servers .down').length === 0");
    assert_eq!(room.count(7), 0, "no poll fails");
    let file = room.browser.evaluate("fetch('/session.toml').then(answer => answer.text())");
    let path = home().join("session.toml");
    std::fs::write(&path, file.as_str().expect("text")).expect("written");
    let ran = ended(&["run", "--no-save", "session.toml"], 0);
    assert!(stdout(&ran).contains("5 setup events"), "{}", stdout(&ran));
}

/// Presses the key of the policy until the page says that it is this one.
fn until_policy(room: &mut Room, name: &str) {
    let says = |room: &mut Room| room.text("setup").contains(&format!("· {name} ·"));
    for _ in 0..9 {
        if says(room) {
            return;
        }
        room.press("l");
    }
    panic!("no {name}: {}", room.text("setup"));
}

/// Lets all reconnect until half of the clients have come to another replica: who does depends on the moment.
fn until_some_moved(room: &mut Room) {
    let hidden = room.count(5);
    for _ in 0..20 {
        if room.count(5) >= hidden + 5 {
            return;
        }
        let polls = room.count(0);
        room.press("j");
        let each = format!("+document.body.dataset.sum.split(' ')[0] > {}", polls + 20);
        room.until("two polls of each", &each);
    }
    panic!("reconnecting hides nothing: {} needless 200s", room.count(5) - hidden);
}
