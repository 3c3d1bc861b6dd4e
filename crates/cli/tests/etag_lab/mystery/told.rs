//! What `mystery` says without a fleet: sheets, papers, and how it refuses.

use super::{Game, errand, said};
use crate::support::{home, stderr};

#[track_caller]
fn refused(args: &[&str], code: i32, parts: &[&str]) {
    let output = errand(args);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
    for part in parts.iter().chain(&["= help:"]) {
        assert!(text.contains(part), "{args:?}: {part}: {text}");
    }
}

#[test]
fn bad_input_is_named_with_a_way_out() {
    refused(&["answer", "ETL001", "--cause", "inode"], 3, &["no mystery runs"]);
    refused(&["hint", "--seed", "9"], 3, &["no mystery with seed 9"]);
    refused(&["--no-check"], 2, &["levels 2 and 3"]);
    refused(&["repair"], 2, &["replaces nothing"]);
    refused(&["board", "missing.json"], 3, &["missing.json"]);
    refused(&["--from", "missing.har"], 3, &["missing.har"]);
    std::fs::write(home().join("poem.txt"), "roses are red\nviolets are blue\n").expect("a folder");
    refused(&["--from", "poem.txt"], 3, &["poem.txt", "access log"]);
    refused(&["board", "poem.txt"], 3, &["line 1"]);
    let game = Game::start(&["--seed", "21"]);
    refused(&["answer", "ETL999"], 2, &["ETL999", "etag-lab explain"]);
    refused(&["answer", "ETL001"], 2, &["several causes", "`inode`"]);
    refused(&["answer", "ETL001", "--cause", "moon"], 2, &["`moon`", "`inode`"]);
    refused(&["answer", "ETL003", "--cause", "moon"], 2, &["`moon`"]);
    refused(&["restart", "99"], 2, &["no node 99"]);
    let other = Game::start(&["--seed", "22"]);
    refused(&["evidence"], 3, &["several mysteries", "21, 22"]);
    assert!(said(&["ticket", "--seed", "22"], 0).contains(&other.balancer));
    drop(other);
    assert_eq!(said(&["ticket"], 0), game.ticket);
}

#[test]
fn the_same_seed_is_the_same_mystery_and_a_sheet_has_a_seed_for_each_team() {
    assert_eq!(
        said(&["reveal", "3", "--level", "2"], 0),
        said(&["reveal", "3", "--level", "2"], 0)
    );
    let sheet = said(&["pack", "--teams", "8", "--seed", "1", "--level", "2"], 0);
    assert_eq!(sheet.matches("etag-lab mystery --seed").count(), 8, "{sheet}");
    assert_eq!(sheet, said(&["pack", "--teams", "8", "--seed", "1", "--level", "2"], 0));
    assert!(sheet.lines().all(|line| line.chars().count() <= 80), "{sheet}");
    let answers = sheet.lines().filter(|line| line.starts_with("answer"));
    assert_eq!(answers.collect::<std::collections::BTreeSet<_>>().len(), 8, "{sheet}");
}

const CAPTURE: &str = "\
> GET /config HTTP/1.1
> Host: a.example
>
< HTTP/1.1 200 OK
< ETag: \"5f-1a2b3c\"
<
> GET /config HTTP/1.1
> Host: a.example
> If-None-Match: \"5f-1a2b3c\"
>
< HTTP/1.1 200 OK
< Content-Length: 0
< ETag: \"5f-1a2b3c\"
<
> GET /config HTTP/1.1
> Host: a.example
> If-None-Match: \"5f-1a2b3c\"
>
< HTTP/1.1 200 OK
< ETag: \"5f-1a2b3c\"
<
";

#[test]
fn a_capture_is_a_mystery_on_paper() {
    std::fs::write(home().join("capture.txt"), CAPTURE).expect("a folder");
    let ticket = said(&["--from", "capture.txt"], 0);
    assert!(ticket.contains("a.example") && !ticket.contains("ETL"), "{ticket}");
    let truth = said(&["--from", "capture.txt", "reveal"], 0);
    let words: Vec<_> = truth.split_whitespace().skip(1).take(3).collect();
    let is_cause = words[1] == "--cause";
    let answer: Vec<_> = words[..if is_cause { 3 } else { 1 }].to_vec();
    let answer = [&["--from", "capture.txt", "answer"], answer.as_slice()].concat();
    assert!(said(&answer, 0).starts_with("right"));
    assert!(said(&["--from", "capture.txt", "answer", "healthy"], 1).starts_with("wrong"));
    refused(&["--from", "capture.txt", "hint"], 2, &["no fleet"]);
}

#[test]
fn an_access_log_and_a_browsers_capture_are_papers_too() {
    let line = |second: u32, status: u16| {
        format!(
            "192.0.2.{} - - [30/Nov/2026:10:00:{second:02} +0000] \"GET /config HTTP/1.1\" {status} 5120 \"-\" \
             \"curl/8.5.0\"\n",
            second % 3
        )
    };
    let log: String = (0..60).map(|second| line(second, 200)).collect();
    std::fs::write(home().join("access.log"), log).expect("a folder");
    let ticket = said(&["--from", "access.log"], 0);
    assert!(ticket.starts_with("log        60 lines"), "{ticket}");
    assert!(said(&["--from", "access.log", "reveal"], 0).starts_with("found"));
    let har = r#"{"log":{"version":"1.2","entries":[{"startedDateTime":"2026-11-30T10:00:00Z","time":1,
        "request":{"method":"GET","url":"http://a.example/config","httpVersion":"HTTP/1.1","headers":[]},
        "response":{"status":200,"httpVersion":"HTTP/1.1","headers":[],"content":{"size":2,"text":"{}"}}}]}}"#;
    std::fs::write(home().join("capture.har"), har).expect("a folder");
    assert!(said(&["--from", "capture.har"], 0).contains("a.example"));
}
