//! Mysteries played to their end with real processes: by answer and by repair.

use serde_json::Value;

use super::{Game, errand, said};
use crate::support::{home, json_of, output_of, stderr, stdout};

/// All seeds are played where this variable is set, else a few: it takes a quarter of an hour.
const ALL: &str = "ETAG_LAB_ALL_MYSTERIES";

fn seeds(few: u64) -> std::ops::Range<u64> {
    0..if std::env::var_os(ALL).is_some() { 300 } else { few }
}

/// What `check` finds worst through these addresses, as an answer has it.
fn checked(game: &Game, backends: &[&str]) -> Option<Vec<String>> {
    let mut args = vec!["check", &game.balancer, "--rate", "0", "--format", "json"];
    args.extend(backends.iter().flat_map(|backend| ["--backend", *backend]));
    let check = json_of(&output_of(&args));
    let findings = check["findings"].as_array().expect("a list");
    let bad = findings.iter().find(|finding| finding["severity"] == "bad")?;
    let text = |name: &str| bad[name].as_str().map(str::to_owned);
    let cause = text("cause").map(|cause| ["--cause".to_owned(), cause]);
    Some(text("code").into_iter().chain(cause.into_iter().flatten()).collect())
}

/// What is left to be wrong where a check finds nothing: tags that stay while the content changes.
fn after_a_change(game: &Game) -> Vec<String> {
    let node = game.backends()[0].parse().expect("an address");
    let target = format!("GET {}", game.path());
    let get =
        |fields: &[&str]| crate::support::http::ask(node, &target, fields).expect("it answers");
    let before = get(&[]);
    said(&["change"], 0);
    let tag = format!("If-None-Match: {}", before.field("etag").unwrap_or_default());
    let (after, replayed) = (get(&[]), get(&[&tag]));
    let answer =
        match (replayed.status, before.field("last-modified") == after.field("last-modified")) {
            (304, true) => "ETL002 --cause over-time",
            (304, false) => "ETL002 --cause size-alone",
            _ => "healthy",
        };
    answer.split(' ').map(str::to_owned).collect()
}

#[test]
fn a_participant_with_a_check_and_a_change_names_what_is_wrong() {
    let mut unsolved = Vec::new();
    let mut played = 0;
    for level in ["1", "2"] {
        for seed in seeds(4) {
            let game = Game::start(&["--seed", &seed.to_string(), "--level", level]);
            let through = checked(&game, &[]);
            let answer = checked(&game, &game.backends())
                .or(through)
                .unwrap_or_else(|| after_a_change(&game));
            let words: Vec<_> =
                ["answer"].into_iter().chain(answer.iter().map(String::as_str)).collect();
            let output = errand(&words);
            played += 1;
            if output.status.code() != Some(0) {
                unsolved.push((seed, level, answer, stdout(&output).to_owned()));
            }
        }
    }
    assert!(unsolved.len() * 20 <= played, "{unsolved:#?}");
}

#[test]
fn the_repair_is_proved_by_processes_and_anything_else_refused() {
    for (seed, level) in seeds(2).flat_map(|seed| [(seed, "1"), (seed, "2"), (seed, "3")]) {
        let seed = seed.to_string();
        let truth = said(&["reveal", &seed, "--level", level], 0);
        let repair = truth.lines().find_map(|line| line.strip_prefix("repair"));
        let repair = repair.expect("the truth has a repair").trim().to_owned();
        let game = Game::start(&["--seed", &seed, "--level", level]);
        game.gather();
        let refused = said(&["repair", "--policy", "sticky"], 1);
        assert!(refused.starts_with("no repair"), "{refused}");
        if repair.starts_with("--") {
            let words: Vec<_> = ["repair"].into_iter().chain(repair.split(' ')).collect();
            let proved = said(&words, 0);
            assert!(proved.starts_with("repaired"), "{proved}");
            assert!(proved.contains("none was"), "{proved}");
        }
    }
}

#[test]
fn a_game_is_scored_signed_and_put_on_the_board() {
    let game = Game::start(&["--seed", "7", "--team", "red"]);
    let early = said(&["answer", "ETL008"], 4);
    assert!(early.starts_with("not taken"), "{early}");
    let early = said(&["repair", "--content", "same"], 4);
    assert!(early.starts_with("not taken"), "{early}");
    game.gather();
    let hint = said(&["hint"], 0);
    assert!(hint.starts_with("hint 1") && hint.contains("costs 10"), "{hint}");
    let wrong = said(&["answer", "node-local-tag", "--cause", "inode"], 1);
    assert!(wrong.contains("if it were ETL001 (inode)"), "{wrong}");
    let other = said(&["answer", "undecodable-content"], 1);
    assert!(other.contains("you would see this"), "{other}");
    let right = said(&["answer", "ETL008"], 0);
    for part in
        ["truth", "shortest", "told something new", "73 of 100 points", "mystery-7-1-red.json"]
    {
        assert!(right.contains(part), "{part}: {right}");
    }
    assert!(right.lines().all(|line| line.chars().count() <= 80), "{right}");
    let path = home().join("mystery-7-1-red.json");
    let line = std::fs::read_to_string(&path).expect("the result is kept");
    assert_eq!(line.lines().count(), 1);
    let result: Value = serde_json::from_str(&line).expect("it is JSON");
    assert_eq!((&result["points"], &result["ended"]), (&73.into(), &"named".into()));
    let edited = line.replace("\"points\":73", "\"points\":99").replace("red", "blue");
    std::fs::write(home().join("edited.json"), edited).expect("a folder");
    let board = said(&["board", "edited.json", "mystery-7-1-red.json"], 0);
    let rows: Vec<_> = board.lines().collect();
    assert!(rows[1].starts_with("1.   red") && rows[1].contains("73"), "{board}");
    assert!(rows[2].starts_with("-    blue") && rows[2].contains("changed"), "{board}");
}

#[test]
fn a_revealed_mystery_scores_nothing_and_a_check_may_be_shut_out() {
    let game = Game::start(&["--seed", "5", "--level", "2", "--no-check"]);
    assert!(game.ticket.contains("403"), "{}", game.ticket);
    let check = output_of(&["check", &game.balancer, "--rate", "0"]);
    assert_ne!(check.status.code(), Some(0), "{}", stdout(&check));
    let poll = output_of(&["poll", &game.balancer, "--polls", "3", "--no-save"]);
    assert!(matches!(poll.status.code(), Some(0 | 1)), "{}", stderr(&poll));
    let truth = said(&["reveal", "5"], 0);
    assert!(truth.starts_with("revealed") && truth.contains("etag-lab check:"), "{truth}");
    let line = std::fs::read_to_string(home().join("mystery-5-2.json")).expect("it is kept");
    assert!(line.contains("\"points\":0,"), "{line}");
    assert!(!game.ticket.contains("truth"));
}
