//! `etag-lab wire`: real exchanges of real runs, read back from what it prints.

#[path = "../../../report/tests/report/har_1_2.rs"]
mod har_1_2;

use std::process::Output;

use serde_json::Value;

use crate::support::{assert_code, ended, etag_lab, home, output_of, run_json, stderr, stdout};

/// One exchange as a reader of the text finds it.
#[derive(Debug, Default)]
struct Shown {
    caption: String,
    /// Notes, a line each.
    notes: Vec<String>,
    sent: Vec<String>,
    received: Vec<String>,
    /// `[8192 bytes of content, xxh3 …]`
    content: Option<String>,
}

impl Shown {
    fn field(lines: &[String], name: &str) -> Option<String> {
        let value = |line: &String| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        };
        lines.iter().find_map(value)
    }

    fn status(&self) -> &str {
        self.received.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default()
    }

    fn tags(&self) -> (Option<String>, Option<String>) {
        (Self::field(&self.sent, "if-none-match"), Self::field(&self.received, "etag"))
    }
}

/// The exchanges of each arm, in order.
fn read(text: &str) -> Vec<(String, Vec<Shown>)> {
    let mut arms: Vec<(String, Vec<Shown>)> = Vec::new();
    for line in text.lines() {
        if let Some(arm) = line.strip_prefix("arm ") {
            arms.push((arm.split(' ').next().unwrap_or_default().to_owned(), Vec::new()));
        }
        let Some((_, exchanges)) = arms.last_mut() else { continue };
        if let Some(caption) = line.strip_prefix("* client ") {
            exchanges.push(Shown { caption: caption.to_owned(), ..Shown::default() });
        }
        let Some(exchange) = exchanges.last_mut() else { continue };
        let word = |line: &str| line.trim_start().to_owned();
        match line.split_at_checked(1) {
            Some((">", line)) => exchange.sent.push(word(line)),
            Some(("<", line)) => exchange.received.push(word(line)),
            Some(("*", line)) if line.starts_with(" [") => exchange.content = Some(word(line)),
            Some(("*", line)) => exchange.notes.push(word(line)),
            _ => {}
        }
    }
    arms
}

#[track_caller]
fn text_of(output: &Output) -> &str {
    assert_code(output, 0);
    stdout(output)
}

#[test]
fn one_content_has_three_tags_before_and_one_after() {
    let output = output_of(&["wire"]);
    let text = text_of(&output);
    let arms = read(text);
    let [(before, at_first), (after, repaired)] = &arms[..] else { panic!("two arms: {text}") };
    assert_eq!((before.as_str(), after.as_str()), ("before", "after"));

    let tags: Vec<_> = at_first.iter().map(Shown::tags).collect();
    let pair = |sent: &str, got: &str| (Some(format!("\"{sent}\"")), Some(format!("\"{got}\"")));
    assert_eq!(tags, [pair("41", "18"), pair("18", "2"), pair("2", "41")]);
    assert!(at_first.iter().all(|exchange| exchange.status() == "200"), "{text}");
    let content = at_first[0].content.as_deref().expect("a 200 has content");
    assert!(content.starts_with("[8192 bytes of content, xxh3 "), "{content}");
    assert!(at_first.iter().all(|exchange| exchange.content.as_deref() == Some(content)), "{text}");

    let (sent, _) = repaired[0].tags();
    assert!(sent.is_some(), "{text}");
    assert!(repaired.iter().all(|e| e.status() == "304" && e.content.is_none()), "{text}");
    assert!(repaired.iter().all(|e| e.tags() == (sent.clone(), sent.clone())), "{text}");

    for exchanges in [at_first, repaired] {
        let replica =
            |e: &Shown| e.caption.split([' ', '→']).find_map(|w| w.strip_prefix('r')?.parse().ok());
        let mut replicas: Vec<u32> = exchanges.iter().filter_map(replica).collect();
        replicas.sort_unstable();
        assert_eq!(replicas, [1, 2, 3], "{text}");
    }
    let endings: Vec<_> = text.lines().filter(|line| line.starts_with(['✗', '✓'])).collect();
    let repaired_tag = sent.unwrap_or_default();
    let expected = format!("✓ same content, one tag on 3 replicas: {repaired_tag}");
    assert_eq!(endings, ["✗ same content, 3 tags", &expected]);
    assert!(!home().join("results").exists(), "nothing is saved");
}

#[test]
fn the_archive_has_every_exchange_to_the_byte_that_a_run_counts() {
    let output = output_of(&["wire", "--har"]);
    let archive = har_1_2::read(text_of(&output)).expect("HAR 1.2");
    let record = run_json(&["run", "--no-save"]);
    for (index, arm) in ["before", "after"].into_iter().enumerate() {
        let entries = &archive[index * 500..][..500];
        check_sums(arm, entries, &record["arms"][index]);
        assert!(lengths(entries, 200).all(|length| length == Some(8_192)), "{arm}");
    }
    assert_eq!(archive.len(), 1_000);
}

/// Lengths of the contents that came with this status, of those that were kept.
fn lengths(entries: &[Value], status: u16) -> impl Iterator<Item = Option<usize>> {
    let answers = entries.iter().map(|entry| &entry["response"]);
    let answers = answers.filter(move |response| response["status"] == status);
    answers.map(|response| response["content"]["text"].as_str().map(str::len))
}

/// An archive of an arm against what a run of it counts.
#[track_caller]
fn check_sums(arm: &str, entries: &[Value], counted: &Value) {
    assert!(entries.iter().all(|entry| entry["pageref"] == arm), "{arm}");
    assert_eq!(counted["not_modified"], lengths(entries, 304).count(), "{arm}");
    let sum = |message: &str, part: &str| -> i64 {
        entries.iter().map(|entry| entry[message][part].as_i64().expect("a size")).sum()
    };
    assert_eq!(counted["bytes"]["requests"], sum("request", "headersSize"), "{arm}");
    let received = sum("response", "headersSize") + sum("response", "bodySize");
    assert_eq!(counted["bytes"]["responses"], received, "{arm}");
}

#[test]
fn a_download_that_was_cut_and_resumed_is_two_exchanges() {
    let output = output_of(&["wire", "if-range-weak", "--all"]);
    let text = text_of(&output);
    let arms = read(text);
    assert_eq!(arms.len(), 2, "{text}");
    for ((arm, exchanges), answer) in arms.iter().zip(["200", "206"]) {
        // A hundred polls, and twenty downloads that took another request.
        assert_eq!(exchanges.len(), 120, "{arm}");
        let cut = "the client hung up after 32,768 octets, and asks for the rest";
        let was_cut = |e: &Shown| e.notes.iter().any(|note| note == cut);
        let pairs: Vec<_> = exchanges.windows(2).filter(|pair| was_cut(&pair[0])).collect();
        assert_eq!(pairs.len(), 20, "{arm}");
        for pair in pairs {
            let [cut, rest] = pair else { panic!("a window of two") };
            let client = |e: &Shown| e.caption.split(',').next().map(str::to_owned);
            assert_eq!(client(cut), client(rest), "{arm}");
            assert_eq!((cut.status(), rest.status()), ("200", answer), "{arm}");
            let asked = |name| Shown::field(&rest.sent, name);
            assert_eq!(asked("range").as_deref(), Some("bytes=32768-"), "{arm}");
            assert_eq!(asked("if-range"), Shown::field(&cut.received, "etag"), "{arm}");
            assert_eq!((asked("if-none-match"), was_cut(rest)), (None, false), "{arm}");
        }
    }
    let counted = |part: &str| text.matches(part).count();
    assert_eq!(counted("\n* [32768 bytes of content, the rest of xxh3 "), 20);
    assert_eq!(counted("\n* [65536 bytes of content, xxh3 "), 20);
}

#[test]
fn both_exchanges_of_a_resumed_download_are_in_the_archive() {
    let output = output_of(&["wire", "if-range-weak", "--har"]);
    let archive = har_1_2::read(text_of(&output)).expect("HAR 1.2");
    let record = run_json(&["run", "if-range-weak", "--no-save"]);
    assert_eq!(archive.len(), 240);
    for (index, arm) in ["before", "after"].into_iter().enumerate() {
        let entries = &archive[index * 120..][..120];
        check_sums(arm, entries, &record["arms"][index]);
        // What was cut is not kept, and a rest is kept as it came.
        let kept = |status| lengths(entries, status).flatten().collect::<Vec<_>>();
        let expected = if arm == "before" { (20, 0) } else { (0, 20) };
        assert_eq!((kept(200), kept(206)), (vec![65_536; expected.0], vec![32_768; expected.1]));
    }
}

#[test]
fn an_archive_in_a_file_is_the_same_and_nothing_else_is_printed() {
    let flags = ["--polls=3", "--no-changes", "--set", "expect=[]"];
    let output =
        output_of(&[&["wire", "--har", "-o", "log.har", "--arm=after"], &flags[..]].concat());
    assert_eq!(text_of(&output), "");
    let text = std::fs::read_to_string(home().join("log.har")).expect("it was written");
    assert_eq!(har_1_2::read(&text).map(|archive| archive.len()), Ok(30));
    assert!(text.contains("\"_verdict\": \"validated\"") && text.contains("\"_replica\": \"r3\""));
}

#[test]
fn all_means_every_poll_of_every_client() {
    let flags = ["--polls=4", "--clients=5", "--no-changes", "--set", "expect=[]"];
    let output = output_of(&[&["wire", "--all", "--content=20"], &flags[..]].concat());
    let text = text_of(&output);
    for (arm, exchanges) in read(text) {
        assert_eq!(exchanges.len(), 20, "{arm}: {text}");
        let lines = exchanges.iter().all(|e| e.sent[0] == "GET /api/config HTTP/1.1");
        assert!(lines, "{text}");
        let first = |e: &&Shown| e.caption.contains("request 1 ");
        assert_eq!(exchanges.iter().filter(first).count(), 5);
    }
    assert!(text.contains("\n* [20 of 8192 bytes of content, xxh3 "), "{text}");
    assert!(text.contains("\n|   \"service\""), "{text}");
}

#[test]
fn every_line_but_the_evidence_fits_into_80_columns() {
    let output = output_of(&["wire", "counter-collision"]);
    for line in text_of(&output).lines().filter(|line| !line.starts_with(['<', '>'])) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(text_of(&output).contains("\n✗ same content, 3 tags, and yet 27 false 304s\n"));
}

#[test]
fn colour_comes_only_when_asked_for_and_never_into_a_file() {
    let args = ["wire", "--polls=3", "--no-changes", "--set", "expect=[]"];
    let coloured = |more: &[&str]| {
        let output = output_of(&[&args[..], more].concat());
        text_of(&output).contains('\u{1b}')
    };
    assert!(!coloured(&[]), "a pipe");
    assert!(coloured(&["--color=always"]));
    assert!(!coloured(&["--color=always", "--har"]), "an archive");
    output_of(&[&args[..], &["--color=always", "-o", "log.txt"]].concat());
    let text = std::fs::read_to_string(home().join("log.txt")).expect("it was written");
    assert!(!text.contains('\u{1b}') && text.contains("^^^ differs"), "{text}");
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let args = ["wire", "--all", "--polls=3", "--no-changes", "--set", "expect=[]"];
    let output = etag_lab().args(args).stdout(writer).output().expect("etag-lab starts");
    assert_eq!(text_of(&output), "");
    assert!(!stderr(&output).contains("error"));
}

#[test]
fn mistakes_have_a_place_and_a_way_out() {
    let complaint = |args: &[&str], code: i32| {
        let output = ended(args, code);
        assert_eq!(stdout(&output), "");
        stderr(&output).to_owned()
    };
    insta::assert_snapshot!(complaint(&["wire", "--arm", "befor\u{1b}"], 2), @r"
    error: this scenario has no arm `befor\u{1b}`
      = help: its arms are `before`, `after`
    ");
    insta::assert_snapshot!(complaint(&["wire", "--har", "-o", "none/log.har"], 3), @r"
    error: cannot write `none/log.har`: there is no folder `none`
      = help: make the folder first
    ");
    let complaint = complaint(&["wire", "--clients", "0"], 2);
    assert!(complaint.contains("--> ") && complaint.contains("= help: "), "{complaint}");
}

#[test]
fn an_expectation_that_fails_is_named_and_fails_the_command() {
    let output = ended(&["wire", "--polls=2", "--fail-if", "before.polls > 0"], 1);
    let said = stderr(&output);
    assert!(said.contains("before.polls > 0"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_run_shows_what_was_captured_and_ends_with_130() {
    use crate::support::process::{PATIENCE, Running, assert_gone_within_a_second};
    use rustix::process::Signal;

    let scenario = "name = 'long'\n[load]\nclients = 10\npolls = 10000\ncadence = 'open-loop'\n\
                    interval = '50ms'\n[fleet]\nreplicas = 2\n[[event]]\nat-poll = 3\n\
                    kind = 'kill'\nreplica = 1\n[[arm]]\nname = 'only'\nstrategy = 'content-hash'\n";
    std::fs::write(home().join("long.toml"), scenario).expect("written");
    let mut lab = Running::start(etag_lab().args(["wire", "long.toml"]));
    let mut both = Vec::new();
    crate::support::eventually("the end of the first replica", PATIENCE, || {
        assert_eq!(lab.ended(), None, "{}", lab.stderr());
        let children = lab.children();
        if children.len() == 2 {
            both = children;
            return None;
        }
        (both.len() == 2 && children.len() == 1).then_some(())
    });
    let children = lab.descendants();
    lab.signal(Signal::INT);
    assert_eq!(lab.wait().code(), Some(130), "{}", lab.stderr());
    assert_gone_within_a_second(&children);
    let text = lab.stdout();
    assert!(text.starts_with("! "), "it says first that it is partial: {text}");
    assert!(!read(&text)[0].1.is_empty(), "{text}");
}
