//! What a learner has done, in one small file beside the exercises: it may be carried to another machine.
//!
//! Holds no account, no name and no time. Replaced in one step, so that a laptop that is closed in
//! between loses nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::learn::LearnError;

/// Name of the file in the working folder.
pub const STATE_FILE: &str = ".etag-lab-learn.json";
const SCHEMA: &str = "etag-lab.learn/1";

/// Stand of one exercise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Neither solved nor skipped.
    #[default]
    Open,
    /// Left for another one; never a tick.
    Skipped,
    /// Proved.
    Solved,
}

/// What a learner has done in one exercise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Progress {
    /// Where it stands.
    pub mark: Mark,
    /// Hints that were shown.
    pub hints: usize,
    /// Verifications.
    pub tries: u32,
    /// First guess.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guess: Option<f64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    schema: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    current: Option<String>,
    // Also of exercises of another set, which are kept as they are.
    #[serde(default)]
    exercises: BTreeMap<String, Progress>,
}

/// The marks of a working folder.
#[derive(Clone, Debug)]
pub(crate) struct Marks {
    path: PathBuf,
    file: File,
}

impl Marks {
    /// Reads the marks of a folder; none where there is no file yet.
    pub(crate) fn read(home: &Path) -> Result<Self, LearnError> {
        let path = home.join(STATE_FILE);
        if path.symlink_metadata().is_err() {
            let file = File { schema: SCHEMA.to_owned(), ..File::default() };
            return Ok(Self { path, file });
        }
        let bytes = system::file::read(&path, system::file::SMALL)?;
        let broken = |reason: String| LearnError::Marks(path.clone(), text::excerpt(&reason));
        let file: File =
            serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
        if file.schema != SCHEMA {
            return Err(broken(format!("its schema is `{}`", file.schema)));
        }
        Ok(Self { path, file })
    }

    /// Name of the exercise that was shown last.
    pub(crate) fn current(&self) -> Option<&str> {
        self.file.current.as_deref()
    }

    /// What was done in an exercise.
    pub(crate) fn of(&self, name: &str) -> Progress {
        self.file.exercises.get(name).cloned().unwrap_or_default()
    }

    /// Changes what was done in an exercise, and writes the file.
    pub(crate) fn change(
        &mut self,
        name: &str,
        change: impl FnOnce(&mut Progress),
    ) -> Result<(), LearnError> {
        change(self.file.exercises.entry(name.to_owned()).or_default());
        self.write()
    }

    /// Notes which exercise is shown, and writes the file.
    pub(crate) fn show(&mut self, name: &str) -> Result<(), LearnError> {
        if self.current() == Some(name) {
            return Ok(());
        }
        self.file.current = Some(name.to_owned());
        self.write()
    }

    fn write(&self) -> Result<(), LearnError> {
        let mut text = serde_json::to_string_pretty(&self.file).expect("marks are plain data");
        text.push('\n');
        Ok(harness::write_atomically(&self.path, text.as_bytes())?)
    }
}
