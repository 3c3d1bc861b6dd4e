//! Findings of `check --har` in captures of a real browser that polled fleets of the lab.

use serde_json::Value;

use crate::support::chromium::Browser;
use crate::support::devtools::DevTools;
use crate::support::har::archive;
use crate::support::served::{Served, balancer};
use crate::support::{home, json_of, output_of, skip};

/// A fleet, how a page polls it, and what the capture of that tells.
struct Case {
    name: &'static str,
    strategy: &'static str,
    /// Further flags of each replica, and of the balancer.
    flags: [&'static [&'static str]; 2],
    /// `cache` of each fetch (Fetch standard §2.2.5).
    cache: &'static str,
    polls: usize,
    /// The first finding, and the exit code.
    expected: (&'static str, i32),
    /// Words that evidence or notes hold besides.
    said: &'static str,
}

const PLAIN: Case = Case {
    name: "",
    strategy: "content-hash",
    flags: [&[], &[]],
    cache: "no-cache",
    polls: 10,
    expected: ("healthy", 0),
    said: "missing: requests that were not made",
};

const CASES: [Case; 9] = [
    Case {
        name: "broken",
        strategy: "per-process-counter",
        expected: ("node-local-tag", 1),
        said: "a counter of each process, its number, or its seconds",
        ..PLAIN
    },
    Case {
        name: "broken, asked as pages ask",
        strategy: "process-nonce",
        cache: "default",
        expected: ("node-local-tag", 1),
        ..PLAIN
    },
    Case { name: "fixed", said: "10 of 10 replays of the tag got a 304", ..PLAIN },
    Case { name: "fixed, asked as pages ask", cache: "default", ..PLAIN },
    Case {
        name: "a suffix that nobody understands",
        flags: [&[], &["--edge=gzip-suffix"]],
        expected: ("suffix-not-understood", 1),
        ..PLAIN
    },
    Case { name: "no validator", strategy: "none", expected: ("no-validator", 1), ..PLAIN },
    Case {
        name: "a cache that is off",
        cache: "no-store",
        expected: ("inconclusive", 4),
        said: "no request carried If-None-Match or If-Modified-Since",
        ..PLAIN
    },
    Case {
        name: "too few polls",
        polls: 3,
        expected: ("inconclusive", 4),
        said: "answered 200 or 304, 8 are needed",
        ..PLAIN
    },
    Case {
        name: "polls that the browser answers itself",
        flags: [&["--cache-control=max-age=3600"], &[]],
        cache: "default",
        expected: ("inconclusive", 4),
        said: "10 further polls were answered by the browser's own cache",
        ..PLAIN
    },
];

#[test]
fn captures_of_a_browser_tell_what_they_can() {
    let Some(mut browser) = Browser::start() else { return };
    for case in &CASES {
        let (fleet, front) = fleet(case);
        let har = captured(&mut browser, &front.url(), case);
        // Nothing is asked: there is nobody left to answer.
        drop((fleet, front));
        judge(case, &har);
    }
}

/// The same captures as the developer tools save them, of which the browser serves the program.
#[test]
fn archives_of_the_developer_tools_tell_the_same() {
    let Some(mut tools) = DevTools::start() else { return skip("Chromium's developer tools") };
    for case in &CASES {
        let (fleet, front) = fleet(case);
        let url = front.url();
        tools.visit(&url);
        poll(&mut tools.browser, case);
        let har = tools.export(&url, 1 + case.polls);
        drop((fleet, front));
        judge(case, &har);
    }
}

fn judge(case: &Case, har: &Value) {
    std::fs::write(home().join("capture.har"), har.to_string()).expect("it can be written");
    let output = output_of(&["check", "--har", "capture.har", "--format", "json"]);
    let check = json_of(&output);
    let (name, code) = case.expected;
    assert_eq!(check["findings"][0]["name"], name, "{}: {check:#}\n{har:#}", case.name);
    assert_eq!(output.status.code(), Some(code), "{}: {check:#}", case.name);
    assert!(check.to_string().contains(case.said), "{}: {check:#}", case.name);
}

fn fleet(case: &Case) -> (Vec<Served>, Served) {
    let start = |number: u32| {
        let seen = format!("--changes-seen={}", number * 11);
        // On a busy machine they start in different seconds, and their dates would differ.
        let own = ["replica", "--no-last-modified", "--strategy", case.strategy, &seen];
        Served::start(&[&own, case.flags[0]].concat())
    };
    let replicas: Vec<_> = (1..=3).map(start).collect();
    let addresses: Vec<_> = replicas.iter().map(|one| one.address).collect();
    let front = balancer(&addresses, case.flags[1]);
    (replicas, front)
}

/// A page that is the resource itself polls it.
fn captured(browser: &mut Browser, url: &str, case: &Case) -> Value {
    browser.visit(url);
    poll(browser, case);
    archive(browser)
}

fn poll(browser: &mut Browser, case: &Case) {
    let (polls, cache) = (case.polls, case.cache);
    browser.evaluate(&format!(
        "(async () => {{ for (let n = 0; n < {polls}; n++) \
         await (await fetch(location.href, {{ cache: '{cache}' }})).text(); }})()"
    ));
}
