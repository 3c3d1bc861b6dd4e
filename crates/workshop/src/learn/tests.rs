//! Exercises without runs: what is embedded, what is parsed, and what is kept.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::learn::exercise::Exercise;

type Tested = Result<(), Box<dyn std::error::Error>>;

/// A folder of this test, with a course over the built-in exercises.
fn course() -> Result<(tempfile::TempDir, Course), Box<dyn std::error::Error>> {
    let home = tempfile::tempdir()?;
    let course = Course::open(home.path(), Set::built_in())?;
    Ok((home, course))
}

#[test]
fn every_folder_of_exercises_is_inside_the_program() -> Tested {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("exercises");
    let built_in = Set::built_in();
    let read = Set::read(&folder)?;
    let names = |set: &Set| set.all().iter().map(|it| it.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&built_in), names(&read));
    for (inside, outside) in built_in.all().iter().zip(read.all()) {
        // Their texts are too long to be printed.
        assert!(inside == outside, "{}", inside.name);
    }
    Ok(())
}

#[test]
fn orders_count_from_one_and_hints_and_guesses_are_there() {
    let set = Set::built_in();
    for (at, exercise) in set.all().iter().enumerate() {
        let about = &exercise.about;
        assert_eq!(about.order as usize, at + 1, "{}", exercise.name);
        assert!(about.hints.len() >= 3 && about.guess.is_some(), "{}", exercise.name);
        assert!(exercise.task.starts_with(&format!("# {}", about.title)), "{}", exercise.name);
        let broken = about.lesson.matches("  ").count();
        assert_eq!(broken, 0, "{}", exercise.name);
    }
}

fn files(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn a_malformed_exercise_is_refused_with_what_is_missing() {
    let about = "title = \"t\"\norder = 1\ntopic = \"t\"\nminutes = 1\nfile = \"f.toml\"\n\
                 lesson = \"l\"\nhints = []\n[[expect]]\nthat = \"polls > 1\"\nsays = \"s\"\n";
    let sound =
        [("exercise.toml", about), ("task.md", "# t"), ("f.toml", "a"), ("solution/f.toml", "b")];
    let parse = |of: &[(&str, &str)]| Exercise::parse("e", &files(of));
    assert!(parse(&sound).is_ok());
    for missing in 0..sound.len() {
        let mut rest = sound.to_vec();
        let (name, _) = rest.remove(missing);
        assert_eq!(parse(&rest), Err(Flaw::Missing(name.to_owned())));
    }
    let with = |about: &'static str| {
        let mut changed = sound;
        changed[0].1 = about;
        parse(&changed)
    };
    assert!(matches!(with("title = 1"), Err(Flaw::Description(_))));
    let mut same = sound;
    same[3].1 = "a";
    assert_eq!(parse(&same), Err(Flaw::Solved));
}

#[test]
fn what_the_learner_wrote_survives_beginning_again_and_a_reset() -> Tested {
    let (home, mut course) = course()?;
    let exercise = course.set().all()[0].clone();
    assert!(course.begin(&exercise)?, "all files were missing");
    let file = course.file(&exercise);
    std::fs::write(&file, "mine")?;
    assert!(!course.begin(&exercise)?);
    assert_eq!(std::fs::read_to_string(&file)?, "mine");
    let kept = course.reset(&exercise)?.ok_or("it was changed")?;
    assert_eq!(std::fs::read_to_string(kept)?, "mine");
    assert_eq!(std::fs::read_to_string(&file)?, exercise.text(&exercise.about.file));
    assert_eq!(course.reset(&exercise)?, None, "nothing was changed since");
    drop(home);
    Ok(())
}

#[test]
fn marks_move_to_another_machine_and_keep_what_they_do_not_know() -> Tested {
    let (home, mut course) = course()?;
    let exercise = course.set().all()[2].clone();
    course.begin(&exercise)?;
    course.hint(&exercise)?;
    course.guess(&exercise, 7.0)?;
    course.guess(&exercise, 8.0)?;
    course.skip(&exercise)?;
    let text = std::fs::read_to_string(home.path().join(STATE_FILE))?;
    assert!(!text.contains(&home.path().display().to_string()), "no path of this machine");
    let foreign = text.replacen(
        "\"exercises\": {",
        "\"exercises\": {\"of-another-set\": {\"mark\": \"solved\"},",
        1,
    );
    let other = tempfile::tempdir()?;
    std::fs::write(other.path().join(STATE_FILE), foreign)?;
    let mut moved = Course::open(other.path(), Set::built_in())?;
    let progress = moved.progress(&exercise);
    assert_eq!(progress, Progress { mark: Mark::Skipped, hints: 1, tries: 0, guess: Some(7.0) });
    moved.hint(&exercise)?;
    assert!(std::fs::read_to_string(other.path().join(STATE_FILE))?.contains("of-another-set"));
    Ok(())
}

#[test]
fn a_file_that_holds_no_marks_is_named_and_left_alone() -> Tested {
    for text in ["", "{", "[]", "{\"schema\": \"else\"}", "{\"schema\": 1}"] {
        let home = tempfile::tempdir()?;
        let path = home.path().join(STATE_FILE);
        std::fs::write(&path, text)?;
        let error = Course::open(home.path(), Set::built_in()).err().ok_or("it is none")?;
        assert!(error.to_string().contains(STATE_FILE), "{error}");
        assert_eq!(std::fs::read_to_string(&path)?, text);
    }
    Ok(())
}

#[test]
fn open_exercises_come_in_turn_and_skipped_ones_last() -> Tested {
    let (_home, mut course) = course()?;
    let all: Vec<_> = course.set().all().to_vec();
    assert_eq!(course.current().name, all[0].name);
    course.skip(&all[0])?;
    assert_eq!(course.next_after(Some(&all[0])).name, all[1].name);
    assert_eq!(course.next_after(all.last()).name, all[1].name);
    for exercise in &all[1..] {
        course.skip(exercise)?;
    }
    assert_eq!(course.next_after(Some(&all[3])).name, all[4].name);
    assert_eq!((course.count(Mark::Skipped), course.count(Mark::Solved)), (all.len(), 0));
    Ok(())
}

#[test]
fn an_unknown_name_gets_the_nearest_one() {
    let error = Set::built_in().find("two-node").expect_err("there is none").to_string();
    assert!(error.contains("did you mean `two-nodes`?"), "{error}");
}

#[test]
fn a_new_exercise_is_complete_and_never_overwrites() -> Tested {
    let home = tempfile::tempdir()?;
    let folder = new(home.path(), "mine")?;
    assert_eq!(Set::read(&folder)?.all()[0].name, "mine");
    assert_eq!(Set::read(home.path())?.all().len(), 1);
    assert!(new(home.path(), "mine").is_err());
    for name in ["", "../up", "A", "a b", "-x", "a/b"] {
        assert!(matches!(new(home.path(), name), Err(LearnError::Name(_))), "{name}");
    }
    Ok(())
}

#[test]
fn names_of_files_are_used_once() {
    for exercise in Set::built_in().all() {
        let names: BTreeSet<_> = exercise.files.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), exercise.files.len(), "{}", exercise.name);
    }
}
