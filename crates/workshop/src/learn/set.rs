//! A set of exercises in the order of the course: the built-in one, or a trainer's folder.

use std::path::Path;

use text::{excerpt, suggestion};

use crate::learn::LearnError;
use crate::learn::built_in::BUILT_IN;
use crate::learn::exercise::{DESCRIPTION, Exercise};

/// Most bytes of one file of an exercise; a log may be long.
const LARGEST: u64 = 4 << 20;
/// Deepest folder below that of an exercise: `solution`.
const DEPTH: usize = 1;

/// Exercises by order; names are unique.
#[derive(Clone, Debug)]
pub struct Set(Vec<Exercise>);

impl Set {
    /// The exercises inside the program.
    pub fn built_in() -> Self {
        let parsed = |(name, files): &(&str, &[(&str, &str)])| {
            let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
            let files: Vec<_> = files.iter().map(owned).collect();
            Exercise::parse(name, &files).expect("built-in exercises are tested")
        };
        Self::ordered(BUILT_IN.iter().map(parsed).collect())
    }

    /// The exercises in the folders below this one, or the one that it is itself.
    pub fn read(folder: &Path) -> Result<Self, LearnError> {
        let failed = |error| LearnError::file(folder, error);
        let mut folders = vec![folder.to_owned()];
        for entry in folder.read_dir().map_err(failed)? {
            folders.push(entry.map_err(failed)?.path());
        }
        let is_exercise = |path: &&std::path::PathBuf| path.join(DESCRIPTION).is_file();
        let exercises = folders.iter().filter(is_exercise).map(|path| read_one(path));
        let exercises = exercises.collect::<Result<Vec<_>, _>>()?;
        if exercises.is_empty() {
            return Err(LearnError::Empty(folder.to_owned()));
        }
        Ok(Self::ordered(exercises))
    }

    fn ordered(mut exercises: Vec<Exercise>) -> Self {
        exercises.sort_by(|one, other| {
            (one.about.order, &one.name).cmp(&(other.about.order, &other.name))
        });
        Self(exercises)
    }

    /// All of them.
    pub fn all(&self) -> &[Exercise] {
        &self.0
    }

    /// The exercise of this name.
    pub fn find(&self, name: &str) -> Result<&Exercise, LearnError> {
        self.0.iter().find(|exercise| exercise.name == name).ok_or_else(|| {
            let names: Vec<_> = self.0.iter().map(|exercise| exercise.name.as_str()).collect();
            let help = format!("{}; all of them: etag-lab learn list", suggestion(name, &names));
            LearnError::Unknown(excerpt(name), help)
        })
    }
}

fn read_one(folder: &Path) -> Result<Exercise, LearnError> {
    // A folder such as `.` has its name only when it is spelled out.
    let whole = folder.canonicalize().map_err(|error| LearnError::file(folder, error))?;
    let name = whole.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut files = Vec::new();
    gather(folder, "", DEPTH, &mut files)?;
    Exercise::parse(&name, &files).map_err(|flaw| {
        let help = flaw.help();
        LearnError::Flawed(excerpt(&name), flaw, help)
    })
}

/// Files of a folder by their paths from there; hidden ones are an editor's.
fn gather(
    folder: &Path,
    prefix: &str,
    depth: usize,
    files: &mut Vec<(String, String)>,
) -> Result<(), LearnError> {
    let failed = |error| LearnError::file(folder, error);
    for entry in folder.read_dir().map_err(failed)? {
        let (path, name) = entry.map(|it| (it.path(), it.file_name())).map_err(failed)?;
        let name = name.to_string_lossy();
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        if path.is_dir() {
            if depth > 0 {
                gather(&path, &format!("{prefix}{name}/"), depth - 1, files)?;
            }
            continue;
        }
        let bytes = system::file::read(&path, LARGEST)?;
        let text = String::from_utf8(bytes).map_err(|it| LearnError::file(&path, it))?;
        files.push((format!("{prefix}{name}"), text));
    }
    Ok(())
}
