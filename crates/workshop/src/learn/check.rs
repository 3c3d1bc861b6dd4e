//! Checks a set itself: each exercise fails as it is given, and passes with its solution.

use std::path::Path;
use std::time::Duration;

use harness::Scratch;

use crate::learn::exercise::Exercise;
use crate::learn::outcome::Outcome;
use crate::learn::proof::{Lab, find_program};
use crate::learn::{LearnError, desk, proof};

/// Most by which the answer to a guess may differ from what the broken run measures: a ratio counts of
/// 100, and people guess round numbers.
const TOLERANCE: f64 = 4.0;

/// Result of checking one exercise.
#[derive(Clone, Debug)]
pub enum Checked {
    /// Fails unsolved and passes solved; the longer of the two verifications.
    Sound(Duration),
    /// Something is wrong with it, in words of several lines.
    Faulty(String),
    /// A program that it needs is not there.
    Missing(String),
}

/// Verifies an exercise twice, in a folder of its own.
pub async fn check(exercise: &Exercise, lab: &Lab) -> Result<Checked, LearnError> {
    if let Some(missing) = exercise.about.needs.iter().find(|it| find_program(it).is_none()) {
        return Ok(Checked::Missing(missing.clone()));
    }
    let scratch = Scratch::new("learn")?;
    let home = scratch.path();
    desk::begin(home, exercise)?;
    let unsolved = proof::verify(home, exercise, lab).await;
    if unsolved.is_solved() {
        return Ok(Checked::Faulty("it passes as it is given".to_owned()));
    }
    if let Some(problem) = &unsolved.problem {
        return Ok(Checked::Faulty(format!("it does not run as it is given:\n{problem}")));
    }
    if let Some(fault) = misguided(exercise, &unsolved) {
        return Ok(Checked::Faulty(fault));
    }
    if exercise.about.log.is_none() && unsolved.first_wrong.is_empty() {
        return Ok(Checked::Faulty(
            "no exchange of it goes wrong: name verdicts in `wrong`".into(),
        ));
    }
    let solved = solved(home, exercise, lab).await?;
    if solved.is_solved() {
        return Ok(Checked::Sound(unsolved.took.max(solved.took)));
    }
    let broken = solved.promises.iter().filter(|promise| !promise.is_kept);
    let broken = broken.map(|promise| format!("\n{}: {}", promise.says, promise.observed));
    let problem = solved.problem.map(|problem| format!("\n{problem}"));
    let details: String = problem.into_iter().chain(broken).collect();
    Ok(Checked::Faulty(format!("its solution does not pass:{details}")))
}

async fn solved(home: &Path, exercise: &Exercise, lab: &Lab) -> Result<Outcome, LearnError> {
    desk::write(&desk::file(home, exercise), &exercise.solution)?;
    Ok(proof::verify(home, exercise, lab).await)
}

/// The fault of a guess whose answer is not what the broken run measures.
fn misguided(exercise: &Exercise, unsolved: &Outcome) -> Option<String> {
    let guess = exercise.about.guess.as_ref()?;
    let name = guess.measures.as_ref()?;
    let Some(measured) = unsolved.measured else {
        return Some(format!("the guess measures `{}`, which has no value", text::excerpt(name)));
    };
    ((measured - guess.number).abs() > TOLERANCE).then(|| {
        format!("the answer to its guess is {}, and the run measures {measured:.0}", guess.number)
    })
}
