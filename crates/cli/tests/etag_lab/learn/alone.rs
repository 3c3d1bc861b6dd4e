//! Single commands: no terminal is there, and none is needed.

use super::{STATE, change, file};
use crate::support::{Tested, assert_code, ended, etag_lab, require, stderr, stdout};

#[test]
fn an_exercise_is_written_fails_is_solved_and_stays_solved_on_another_machine() -> Tested {
    let output = ended(&["learn", "verify", "two-nodes"], 1);
    for part in
        ["✗ no client gets", "poll 2 of client 1", "If-None-Match: \"", "from r2", "not solved"]
    {
        assert!(stdout(&output).contains(part), "{part}: {}", stdout(&output));
    }
    assert!(stderr(&output).contains("read two-nodes/task.md"), "{}", stderr(&output));
    assert!(!file("two-nodes/solution-fleet.toml").exists(), "not before it is solved");
    change("two-nodes/fleet.toml", "inode-size-mtime", "content-hash-xxh3");
    let output = ended(&["learn", "verify", "two-nodes"], 0);
    assert!(stdout(&output).contains("An inode is a fact"), "{}", stdout(&output));
    assert!(stderr(&output).is_empty(), "{}", stderr(&output));
    assert!(file("two-nodes/solution-fleet.toml").exists());
    let elsewhere = tempfile::tempdir()?;
    std::fs::copy(file(STATE), elsewhere.path().join(STATE))?;
    let output = etag_lab().args(["learn", "list"]).current_dir(&elsewhere).output()?;
    let list = stdout(&output);
    assert!(list.contains("✓  1  two-nodes") && list.contains("> ·  2  counter-to-hash"), "{list}");
    Ok(())
}

#[test]
fn a_save_that_is_refused_wrongly_is_the_exchange_that_is_shown() {
    let output = ended(&["learn", "verify", "refused-saves"], 1);
    let text = stdout(&output);
    for part in
        ["wrong: a save of writer 1", "PUT, If-Match: \"", "got   412 from r", "nobody else"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    // Whoever writes without a condition loses updates instead.
    change("refused-saves/fleet.toml", "per-process-counter", "none");
    let output = ended(&["learn", "verify", "refused-saves"], 1);
    let text = stdout(&output);
    assert!(text.contains("PUT without If-Match") && text.contains("that is lost"), "{text}");
}

#[test]
fn exercises_are_done_in_any_order_and_hints_come_one_by_one() {
    ended(&["learn", "verify", "last-known-good"], 1);
    change("last-known-good/fleet.toml", "\"drop\"", "\"keep\"");
    ended(&["learn", "verify", "last-known-good"], 0);
    let hints = |code| stdout(&ended(&["learn", "hint", "store-race"], code)).to_owned();
    let one = hints(0);
    assert!(one.contains("hint 1") && one.contains("2 hints left"), "{one}");
    hints(0);
    let all = hints(0);
    assert!(all.contains("hint 3") && all.contains("the last hint"), "{all}");
    assert_eq!(hints(0), all);
}

#[test]
fn what_belongs_to_the_exercise_is_not_the_learners_to_change() {
    ended(&["learn", "verify", "two-nodes"], 1);
    change("two-nodes/fleet.toml", "replicas = 2", "replicas = 1");
    let output = ended(&["learn", "verify", "two-nodes"], 1);
    for part in ["`fleet.replicas` belongs to the exercise", "what it was: 2", "`arm.strategy`"] {
        assert!(stdout(&output).contains(part), "{part}: {}", stdout(&output));
    }
}

#[test]
fn a_file_that_is_broken_otherwise_is_named_with_its_place() -> Tested {
    ended(&["learn", "verify", "two-nodes"], 1);
    change("two-nodes/fleet.toml", "inode-size-mtime", "content-hsh");
    let output = ended(&["learn", "verify", "two-nodes"], 1);
    let text = stdout(&output);
    assert!(text.contains("two-nodes/fleet.toml:20") && text.contains("`content-hash`"), "{text}");
    std::fs::write(file("two-nodes/fleet.toml"), [0xff])?;
    let output = ended(&["learn", "verify", "two-nodes"], 1);
    assert!(stdout(&output).contains("it is not UTF-8 text"), "{}", stdout(&output));
    std::fs::remove_file(file("two-nodes/fleet.toml"))?;
    std::fs::create_dir(file("two-nodes/fleet.toml"))?;
    let output = ended(&["learn", "verify", "two-nodes"], 1);
    assert!(stdout(&output).contains("it is a folder"), "{}", stdout(&output));
    Ok(())
}

#[test]
fn a_program_that_does_not_start_is_one_clear_error() -> Tested {
    if require("python3").is_none() {
        return Ok(());
    }
    ended(&["learn", "verify", "counter-to-hash"], 1);
    change("counter-to-hash/replica.py", "import os", "import os, (");
    let output = ended(&["learn", "verify", "counter-to-hash"], 1);
    assert!(stdout(&output).contains("SyntaxError"), "{}", stdout(&output));
    let bare = etag_lab().args(["learn", "verify", "counter-to-hash"]).env("PATH", "").output()?;
    assert_code(&bare, 1);
    assert!(stdout(&bare).contains("needs `python3`"), "{}", stdout(&bare));
    Ok(())
}

#[test]
fn bad_arguments_get_one_error_with_a_way_out() {
    for (args, expected) in [
        (&["learn"][..], "needs a terminal"),
        (&["learn", "verify", "two-node"], "did you mean `two-nodes`?"),
        (&["learn", "hint", "\u{1b}[2J"], "there is no exercise"),
        (&["learn", "check", "."], "there is no exercise in"),
        (&["learn", "new", "../up"], "cannot be the name"),
    ] {
        let output = ended(args, 2);
        let text = stderr(&output);
        assert!(text.contains(expected) && text.contains("= help: "), "{args:?}: {text}");
        assert_eq!(text.matches("error: ").count(), 1, "{args:?}: {text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
    ended(&["learn", "check", "nowhere"], 3);
}

#[test]
fn marks_that_are_none_are_left_alone() -> Tested {
    std::fs::write(file(STATE), "mine")?;
    let output = ended(&["learn", "list"], 2);
    assert!(stderr(&output).contains("move it away"), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(file(STATE))?, "mine");
    Ok(())
}

#[test]
fn answers_about_a_log_are_judged_by_what_is_found_in_it() {
    let output = ended(&["learn", "verify", "reading-a-log"], 1);
    assert_eq!(stdout(&output).matches("not answered").count(), 4, "{}", stdout(&output));
    change("reading-a-log/answer.toml", "path = \"\"", "path = \"/api/news\"");
    let output = ended(&["learn", "verify", "reading-a-log"], 1);
    assert!(stdout(&output).contains("0 of 73 polls"), "{}", stdout(&output));
    change("reading-a-log/answer.toml", "/api/news", "/api/settings");
    change("reading-a-log/answer.toml", "finding = \"\"", "finding = \"etl001\"");
    change("reading-a-log/answer.toml", "cause = \"\"", "cause = \"inode\"");
    change("reading-a-log/answer.toml", "since = \"\"", "since = \"14:07\"");
    ended(&["learn", "verify", "reading-a-log"], 0);
}

#[test]
fn the_doctor_names_what_is_there_and_ends_soon() {
    let output = ended(&["learn", "doctor"], 0);
    for part in
        ["processor", "loopback", "two runs of a fleet", "python3", "node", "browser", "will do"]
    {
        assert!(stdout(&output).contains(part), "{part}: {}", stdout(&output));
    }
    let bare = etag_lab().args(["learn", "doctor"]).env("PATH", "").output().expect("it starts");
    assert_code(&bare, 0);
    assert_eq!(stdout(&bare).matches("lacks").count(), 4, "{}", stdout(&bare));
}
