//! Sets of exercises: the built-in one is sound, and a trainer's own is checked in the same way.

use super::{change, file};
use crate::support::{Tested, ended, require, stdout};

#[test]
fn every_exercise_fails_unsolved_and_passes_solved() {
    if require("python3").is_none() {
        return;
    }
    let output = ended(&["learn", "check"], 0);
    let text = stdout(&output);
    assert_eq!(text.matches("fails unsolved, passes solved").count(), 13, "{text}");
}

#[test]
fn an_exercise_of_a_trainer_is_made_checked_and_worked_on() -> Tested {
    std::fs::create_dir(file("mine"))?;
    let in_mine = |args: &[&str], code| {
        let mut command = crate::support::etag_lab();
        let output = command.args(args).current_dir(file("mine")).output().expect("it starts");
        crate::support::assert_code(&output, code);
        output
    };
    in_mine(&["learn", "new", "own-one"], 0);
    let output = ended(&["learn", "check", "mine"], 0);
    assert!(stdout(&output).contains("ok       own-one"), "{}", stdout(&output));
    ended(&["learn", "verify", "own-one", "--exercises", "mine"], 1);
    change("own-one/fleet.toml", "start-time", "content-hash");
    ended(&["learn", "--exercises", "mine", "verify", "own-one"], 0);
    // It does not overwrite what it made.
    in_mine(&["learn", "new", "own-one"], 3);
    Ok(())
}

#[test]
fn an_exercise_that_proves_nothing_is_faulty() {
    ended(&["learn", "new", "own-one"], 0);
    change(
        "own-one/exercise.toml",
        "not_modified_ratio > 90 % and needless_transfer == 0",
        "polls > 1",
    );
    let output = ended(&["learn", "check", "own-one"], 1);
    assert!(stdout(&output).contains("it passes as it is given"), "{}", stdout(&output));
    change("own-one/exercise.toml", "polls > 1", "not_modified_ratio > 99 %");
    let output = ended(&["learn", "check", "own-one"], 1);
    assert!(stdout(&output).contains("its solution does not pass"), "{}", stdout(&output));
    change("own-one/exercise.toml", "number = 0", "number = 40");
    let output = ended(&["learn", "check", "own-one"], 1);
    assert!(stdout(&output).contains("the run measures 0"), "{}", stdout(&output));
    change("own-one/exercise.toml", "minutes = 6", "minute = 6");
    ended(&["learn", "check", "own-one"], 2);
}
