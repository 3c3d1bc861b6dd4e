//! A set of exercises, a working folder and the marks in it: what every command and the terminal do with
//! an exercise.

use std::path::{Path, PathBuf};

use crate::learn::exercise::Exercise;
use crate::learn::marks::{Mark, Marks, Progress};
use crate::learn::outcome::Outcome;
use crate::learn::proof::Lab;
use crate::learn::{LearnError, Set, desk, proof};

/// A learner's way through a set.
#[derive(Debug)]
pub struct Course {
    home: PathBuf,
    set: Set,
    marks: Marks,
}

/// Result of a verification, and what came of it.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The verification.
    pub outcome: Outcome,
    /// Path of the solution, beside the learner's file, once it is solved.
    pub solution: Option<PathBuf>,
}

impl Course {
    /// Reads the marks of the working folder `home`.
    pub fn open(home: &Path, set: Set) -> Result<Self, LearnError> {
        let marks = Marks::read(home)?;
        Ok(Self { home: home.to_owned(), set, marks })
    }

    /// The exercises.
    pub fn set(&self) -> &Set {
        &self.set
    }

    /// What was done in an exercise.
    pub fn progress(&self, exercise: &Exercise) -> Progress {
        self.marks.of(&exercise.name)
    }

    /// How many exercises have this mark.
    pub fn count(&self, mark: Mark) -> usize {
        self.set.all().iter().filter(|it| self.progress(it).mark == mark).count()
    }

    /// Path of the file to mend.
    pub fn file(&self, exercise: &Exercise) -> PathBuf {
        desk::file(&self.home, exercise)
    }

    /// The exercise to go on with: the last one that was shown, unless it is done.
    pub fn current(&self) -> &Exercise {
        let shown = self.marks.current().and_then(|name| self.set.find(name).ok());
        match shown.filter(|exercise| self.progress(exercise).mark == Mark::Open) {
            Some(exercise) => exercise,
            None => self.next_after(shown),
        }
    }

    /// The next open exercise, in turn; else the next skipped one, else the first.
    pub fn next_after(&self, exercise: Option<&Exercise>) -> &Exercise {
        let all = self.set.all();
        let at = exercise.and_then(|it| all.iter().position(|one| one.name == it.name));
        let from = at.map_or(0, |at| at + 1);
        let in_turn = || all[from.min(all.len())..].iter().chain(all);
        let with = |mark| in_turn().find(|it| self.progress(it).mark == mark);
        with(Mark::Open).or_else(|| with(Mark::Skipped)).unwrap_or(&all[0])
    }

    /// Writes the files of an exercise that are missing; returns whether there were any.
    pub fn begin(&mut self, exercise: &Exercise) -> Result<bool, LearnError> {
        let is_new = desk::begin(&self.home, exercise)?;
        self.marks.show(&exercise.name)?;
        Ok(is_new)
    }

    /// Writes the broken file anew; returns the path of what was there, if it was changed.
    pub fn reset(&mut self, exercise: &Exercise) -> Result<Option<PathBuf>, LearnError> {
        let kept = desk::reset(&self.home, exercise)?;
        self.marks.change(&exercise.name, |progress| progress.mark = Mark::Open)?;
        Ok(kept)
    }

    /// Notes that an exercise is left for another one; one that is solved stays so.
    pub fn skip(&mut self, exercise: &Exercise) -> Result<(), LearnError> {
        self.marks.change(&exercise.name, |progress| {
            if progress.mark == Mark::Open {
                progress.mark = Mark::Skipped;
            }
        })
    }

    /// Uncovers one more hint; returns all that were shown.
    pub fn hint<'a>(&mut self, exercise: &'a Exercise) -> Result<&'a [String], LearnError> {
        let all = &exercise.about.hints;
        let shown = (self.progress(exercise).hints + 1).min(all.len());
        self.marks.change(&exercise.name, |progress| progress.hints = shown)?;
        Ok(&all[..shown])
    }

    /// Notes a guess; only the first one counts.
    pub fn guess(&mut self, exercise: &Exercise, number: f64) -> Result<(), LearnError> {
        self.marks.change(&exercise.name, |progress| {
            progress.guess.get_or_insert(number);
        })
    }

    /// Verifies an exercise as it is; the solution is written once it is solved.
    pub async fn verify(&mut self, exercise: &Exercise, lab: &Lab) -> Result<Verified, LearnError> {
        let outcome = proof::verify(&self.home, exercise, lab).await;
        let is_solved = outcome.is_solved();
        self.marks.change(&exercise.name, |progress| {
            progress.tries = progress.tries.saturating_add(1);
            if is_solved {
                progress.mark = Mark::Solved;
            }
        })?;
        let solution = is_solved.then(|| desk::give_solution(&self.home, exercise)).transpose()?;
        Ok(Verified { outcome, solution })
    }
}
