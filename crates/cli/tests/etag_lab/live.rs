//! `etag-lab live` in a real browser: keys and clicks, and what the page shows of them.

mod looks;
mod visitors;
mod workshop;

use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::chromium::Browser;
use crate::support::process::{PATIENCE, Running, assert_gone_within_a_second};
use crate::support::{etag_lab, eventually, home, run_json};

/// A running fleet and its page in a browser.
struct Room {
    process: Running,
    url: String,
    browser: Browser,
}

impl Room {
    /// Starts the fleet and opens the page with the switches; `None` where there is no browser.
    fn open(args: &[&str]) -> Option<Self> {
        let mut browser = Browser::start()?;
        let (process, url) = started(args);
        browser.visit(&url);
        let mut room = Self { process, url, browser };
        room.until("the first polls", "+document.body.dataset.sum?.split(' ')[1] > 0");
        Some(room)
    }

    /// Waits until an expression is true in the page.
    fn until(&mut self, what: &str, condition: &str) {
        let browser = &mut self.browser;
        eventually(what, PATIENCE, || (browser.evaluate(condition) == true).then_some(()));
    }

    /// Waits until the number is in this range.
    fn until_rate(&mut self, what: &str, least: f64, most: f64) {
        let rate = "document.getElementById('number').dataset.rate";
        self.until(what, &format!("{rate} !== '' && {rate} >= {least} && {rate} <= {most}"));
    }

    /// Presses a key and waits for its mark.
    fn press(&mut self, key: &str) {
        let before = self.marks();
        self.browser.press(key);
        self.until(key, &format!("document.querySelectorAll('#transcript li').length > {before}"));
    }

    fn click(&mut self, key: &str) {
        let before = self.marks();
        self.browser
            .evaluate(&format!("document.querySelector('nav [data-key=\"{key}\"]').click()"));
        self.until(key, &format!("document.querySelectorAll('#transcript li').length > {before}"));
    }

    fn marks(&mut self) -> u64 {
        let marks = self.browser.evaluate("document.querySelectorAll('#transcript li').length");
        marks.as_u64().expect("a number")
    }

    /// A count of all polls so far: 0 polls, 1 revalidations, 2 304s, 5 needless 200s, 7 errors.
    fn count(&mut self, field: usize) -> u64 {
        let sum = format!("+document.body.dataset.sum.split(' ')[{field}]");
        self.browser.evaluate(&sum).as_u64().expect("a number")
    }

    fn text(&mut self, id: &str) -> String {
        let text = self.browser.evaluate(&format!("document.getElementById('{id}').textContent"));
        text.as_str().expect("text").to_owned()
    }
}

/// Starts the fleet; the address of its page is the first thing that it prints.
fn started(args: &[&str]) -> (Running, String) {
    started_at("127.0.0.1:0", args)
}

fn started_at(listen: &str, args: &[&str]) -> (Running, String) {
    let mut command = etag_lab();
    command.args(["live", "--listen", listen]).args(args);
    let mut process = Running::start(&mut command);
    let url = eventually("the address of the page", PATIENCE, || {
        assert_eq!(process.ended(), None, "it ended early: {}", process.stderr());
        let said = process.stdout();
        let line = said.lines().find(|line| line.starts_with("open"))?;
        said.contains("Ctrl-C").then(|| line.split_whitespace().last().map(str::to_owned))?
    });
    (process, url)
}

#[test]
fn breaking_makes_the_number_fall_and_fixing_makes_it_rise() {
    let Some(mut room) = Room::open(&[]) else { return };
    room.until_rate("all is well", 0.99, 1.0);
    room.press("b");
    room.until_rate("broken by a key", 0.0, 0.05);
    room.press("f");
    room.until_rate("fixed by a key", 0.95, 1.0);
    room.click("b");
    room.until_rate("broken by a click", 0.0, 0.05);
    room.click("r");
    room.until_rate("reset by a click", 0.95, 1.0);
    assert_eq!(room.count(7), 0, "a switch fails no poll");
    assert_eq!(room.browser.complaints(), Vec::<&Value>::new());
}

#[test]
fn more_replicas_share_the_rate_and_a_pinned_client_does_not_notice() {
    let Some(mut room) = Room::open(&["--replicas", "1", "--policy", "random"]) else { return };
    room.press("b");
    room.until_rate("one replica agrees with itself", 0.95, 1.0);
    (0..4).for_each(|_| room.press("+"));
    room.until("five replicas", "document.querySelectorAll('#servers .node').length === 5");
    room.until_rate("one in five", 0.05, 0.4);
    let policy = "(() => { const s = document.getElementById('policy'); s.value = 'sticky';
        s.dispatchEvent(new Event('change')); })()";
    room.browser.evaluate(policy);
    room.until_rate("sticky", 0.95, 1.0);
    room.press("f");
    // A replica dies and comes back, and nobody notices.
    room.browser.press("2");
    room.press("k");
    room.until("dead", "document.querySelectorAll('#servers .down').length === 1");
    let polls = room.count(0);
    room.until("polls", &format!("+document.body.dataset.sum.split(' ')[0] > {}", polls + 60));
    room.press("k");
    room.until("alive", "document.querySelectorAll('#servers .down').length === 0");
    assert_eq!(room.count(7), 0, "no poll fails");
}

#[test]
fn an_edge_that_changes_the_tag_of_what_it_compresses_is_seen_at_once() {
    let Some(mut room) = Room::open(&["gzip-suffix"]) else { return };
    room.until_rate("understood", 0.95, 1.0);
    room.press("b");
    room.until_rate("the suffix is not known", 0.0, 0.05);
    assert!(room.text("setup").contains("edge gzip-suffix"), "{}", room.text("setup"));
}

#[test]
fn a_change_costs_each_client_one_200() {
    let Some(mut room) = Room::open(&["--clients", "7"]) else { return };
    let full = "document.body.dataset.sum.split(' ').map(Number)";
    let is = |sum: u64| format!("(s => s[0] - s[2] === {sum})({full})");
    room.until("first fetches", &is(7));
    room.press("c");
    room.until("one more for each", &is(14));
    let polls = room.count(0);
    room.until("polls", &format!("{full}[0] > {}", polls + 60));
    assert_eq!((room.count(0) - room.count(2), room.count(5)), (14, 0));
}

#[test]
fn the_room_guesses_first() {
    let Some(mut room) = Room::open(&[]) else { return };
    room.until("the model's word", "document.getElementById('predicted').textContent === '100 %'");
    room.press("p");
    room.until("covered", "document.body.classList.contains('covered')");
    room.browser.press("4");
    room.browser.press("2");
    room.until("42", "document.getElementById('guessed').textContent === '42 %'");
    room.press("b");
    let shown = ["predicted", "observed", "sent"].map(|id| room.text(id));
    assert_eq!(shown, ["?", "?", "?"], "nothing is given away");
    room.press("p");
    room.until("revealed", "!document.body.classList.contains('covered')");
    room.until("the model's word", "document.getElementById('predicted').textContent === '0 %'");
    room.until("what is observed", "document.getElementById('observed').textContent === '0 %'");
    assert_eq!(room.text("guessed"), "42 %");
    room.press("m");
    assert_eq!(room.browser.evaluate("document.getElementById('old').hidden"), false);
    assert!(room.text("old-name").contains("per-process-counter"));
    room.browser.press(" ");
    room.until("paused", "document.getElementById('status').textContent === 'paused'");
    room.browser.press(" ");
    room.until("going on", "document.getElementById('status').textContent !== 'paused'");
}

#[test]
fn a_session_is_saved_as_a_scenario_that_plays_it_again() {
    let Some(mut room) = Room::open(&[]) else { return };
    for key in ["b", "+", "c", "f", "2", "k", "a"] {
        if key == "2" { room.browser.press(key) } else { room.press(key) }
    }
    let file = "fetch('/session.toml').then(answer => answer.text())";
    let file = room.browser.evaluate(file).as_str().expect("text").to_owned();
    let path = home().join("session.toml");
    std::fs::write(&path, &file).expect("written");
    let record = run_json(&["run", "--no-save", &path.to_string_lossy()]);
    let events = record["scenario"]["events"].as_array().expect("a list");
    let kinds: Vec<_> = events.iter().filter_map(|event| event["kind"].as_str()).collect();
    assert_eq!(kinds, ["strategy", "scale", "strategy", "kill", "restart"], "{file}");
    assert_eq!(record["scenario"]["changes"].as_array().map(Vec::len), Some(1), "{file}");
    let arm = &record["arms"][0];
    assert_eq!(
        (&arm["verdicts"]["error"], &record["partial"]),
        (&0.into(), &false.into()),
        "{file}"
    );
    assert!(arm["verdicts"]["needless_transfer"].as_u64() > Some(0), "{file}\n{arm:#}");
    let codes = record["findings"].as_array().into_iter().flatten();
    let codes: Vec<_> = codes.filter_map(|finding| finding["code"].as_str()).collect();
    assert!(codes.contains(&"ETL001"), "{codes:?}");
}

#[test]
fn a_reload_a_late_tab_and_a_second_one_show_the_whole_course() {
    let Some(mut room) = Room::open(&[]) else { return };
    room.press("b");
    room.until_rate("broken", 0.0, 0.05);
    room.press("f");
    room.until_rate("fixed", 0.95, 1.0);
    let seen = "(() => { const low = state.recent.buckets.filter(b => b[1] && b[2] / b[1] < 0.2);
        return low.length > 0 && state.marks.length === 2; })()";
    let (url, view) = (room.url.clone(), format!("{}view", room.url));
    room.browser.visit(&url);
    room.until("the course after a reload", &format!("state && {seen}"));
    let late = room.browser.open_beside(&view);
    let browser = &mut room.browser;
    eventually("the course in a late tab", PATIENCE, || {
        (browser.evaluate_beside(&late, &format!("!!state && {seen}"))? == true).then_some(())
    });
    let hidden = browser.evaluate_beside(&late, "document.getElementById('switches').hidden");
    assert_eq!(hidden, Some(true.into()), "the audience has no switches");
    // A press in one tab is seen in both.
    room.press("c");
    let browser = &mut room.browser;
    eventually("the press in the other tab", PATIENCE, || {
        (browser.evaluate_beside(&late, "state.marks.length === 3")? == true).then_some(())
    });
}

#[test]
fn ctrl_c_ends_it_within_a_second_whatever_tabs_are_open() {
    let Some(mut room) = Room::open(&[]) else { return };
    let late = room.browser.open_beside(&format!("{}view", room.url));
    let family = room.process.descendants();
    assert!(family.len() >= 3, "{family:?}");
    let asked = std::time::Instant::now();
    room.process.signal(Signal::INT);
    assert!(room.process.wait().success());
    assert!(asked.elapsed() < Duration::from_secs(1) * SLOWNESS, "{:?}", asked.elapsed());
    assert_gone_within_a_second(&family);
    let ended = "document.getElementById('status').textContent === 'ended: this is its last state'";
    room.until("the page says so", ended);
    let browser = &mut room.browser;
    eventually("the other tab says so", PATIENCE, || {
        (browser.evaluate_beside(&late, ended)? == true).then_some(())
    });
}

/// A machine that builds beside its tests takes its time.
const SLOWNESS: u32 = 5;
