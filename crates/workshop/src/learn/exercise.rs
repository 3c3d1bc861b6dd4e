//! One exercise: what is asked, the broken file, its solution, and what proves it.
//!
//! Parsed from the files of its folder, wherever they lie; reads none itself.

use measure::Verdict;
use serde::Deserialize;
use thiserror::Error;

/// Name of the file that describes an exercise.
pub(crate) const DESCRIPTION: &str = "exercise.toml";
/// Name of the file that the learner reads.
pub(crate) const TASK: &str = "task.md";
/// Folder of the solution.
pub(crate) const SOLUTION: &str = "solution";

/// A checked exercise: its files are there, its names are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Exercise {
    /// Name of its folder: small letters, digits and hyphens.
    pub name: String,
    /// Description, as written.
    pub about: Description,
    /// Text of the task, Markdown.
    pub task: String,
    /// Names and texts of the files that the learner gets, the task and the broken one among them.
    pub files: Vec<(String, String)>,
    /// Text of the mended file.
    pub solution: String,
    /// Verdicts that are wrong here.
    pub wrong: Vec<Verdict>,
}

/// The file `exercise.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Description {
    /// Title.
    pub title: String,
    /// Place in the course.
    pub order: u32,
    /// Topic, in a few words.
    pub topic: String,
    /// Minutes that it takes.
    pub minutes: u32,
    /// Name of the file that the learner changes.
    pub file: String,
    /// Name of the scenario that proves it; without it, the file is one itself.
    pub scenario: Option<String>,
    /// Name of the log that the file has answers about, instead of a scenario.
    pub log: Option<String>,
    /// Programs that it needs.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Keys of the scenario that the learner may change: `balancer.edge`, or a whole table.
    #[serde(default)]
    pub may_change: Vec<String>,
    /// Verdicts of which the first is shown, by their names in records.
    #[serde(default)]
    pub wrong: Vec<String>,
    /// Lesson, in one sentence.
    pub lesson: String,
    /// Hints in rising detail.
    pub hints: Vec<String>,
    /// Question to answer before the first run.
    pub guess: Option<Guess>,
    /// Promises that a solution keeps.
    #[serde(default)]
    pub expect: Vec<Expected>,
}

/// A question whose answer is a number.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Guess {
    /// Question, choices included.
    pub question: String,
    /// Right answer.
    pub number: f64,
    /// Number of choices; the answer is then one of them, from 1.
    pub choices: Option<u32>,
    /// Number of the broken run that it is about: `not_modified_ratio`, which counts of 100.
    pub measures: Option<String>,
    /// Reason, shown with the answer.
    pub because: Option<String>,
}

/// One `[[expect]]` line.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Expected {
    /// Arm; not needed with one arm.
    pub arm: Option<String>,
    /// Condition on numbers of the record.
    pub that: String,
    /// The same in words.
    pub says: String,
}

/// Fault of a trainer's exercise.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Flaw {
    /// A file is missing.
    #[error("there is no `{0}` in it")]
    Missing(String),
    /// The description cannot be read.
    #[error("exercise.toml: {0}")]
    Description(String),
    /// There is nothing to prove.
    #[error("exercise.toml has neither `[[expect]]` lines nor a `log`")]
    Unproven,
    /// No such verdict.
    #[error("exercise.toml: there is no verdict `{0}`")]
    Verdict(String),
    /// The solution is the broken file.
    #[error("the solution does not differ from the file that is to be mended")]
    Solved,
}

impl Flaw {
    /// The way out.
    pub(crate) fn help(&self) -> &'static str {
        match self {
            Self::Missing(_) => {
                "an exercise has exercise.toml, task.md, the broken file and it again, mended, in solution/"
            }
            Self::Description(_) => "etag-lab learn new NAME writes one that works",
            Self::Unproven => "add what a mended run shows: [[expect]] that = \"…\" says = \"…\"",
            Self::Verdict(_) => "verdicts are the rows of: etag-lab list numbers",
            Self::Solved => "break the file that the learner gets",
        }
    }
}

/// What goes wrong unless an exercise says otherwise.
const USUALLY_WRONG: [Verdict; 4] =
    [Verdict::NeedlessTransfer, Verdict::FalseValidation, Verdict::Regressed, Verdict::Error];

impl Exercise {
    /// Parses the files of an exercise: paths in its folder, and texts.
    pub fn parse(name: &str, files: &[(String, String)]) -> Result<Self, Flaw> {
        let text = |wanted: &str| {
            let found = files.iter().find(|(path, _)| path == wanted);
            found.map(|(_, text)| text.clone()).ok_or_else(|| Flaw::Missing(wanted.to_owned()))
        };
        let about: Description = toml::from_str(&text(DESCRIPTION)?)
            .map_err(|error| Flaw::Description(one_line(&error.to_string())))?;
        let given = |path: &str| path != DESCRIPTION && !path.contains('/');
        let solution = text(&format!("{SOLUTION}/{}", about.file))?;
        let companions = [&about.scenario, &about.log].into_iter().flatten();
        for needed in companions.chain([&about.file]) {
            text(needed)?;
        }
        if solution == text(&about.file)? {
            return Err(Flaw::Solved);
        }
        if about.expect.is_empty() && about.log.is_none() {
            return Err(Flaw::Unproven);
        }
        let wrong = wrong(&about.wrong)?;
        let task = text(TASK)?;
        let mut files: Vec<_> = files.iter().filter(|(path, _)| given(path)).cloned().collect();
        files.sort();
        Ok(Self { name: name.to_owned(), about, task, files, solution, wrong })
    }

    /// Text of a file that the learner gets.
    pub(crate) fn text(&self, name: &str) -> &str {
        let found = self.files.iter().find(|(path, _)| path == name);
        &found.expect("an exercise has the files that it names").1
    }

    /// Name of the scenario that proves it; `None` where a log does.
    pub(crate) fn scenario(&self) -> Option<&str> {
        let own = self.about.log.is_none().then_some(&self.about.file);
        self.about.scenario.as_ref().or(own).map(String::as_str)
    }

    /// Name of the file with the solution, beside the learner's.
    pub(crate) fn solution_name(&self) -> String {
        format!("solution-{}", self.about.file)
    }
}

fn wrong(names: &[String]) -> Result<Vec<Verdict>, Flaw> {
    if names.is_empty() {
        return Ok(USUALLY_WRONG.to_vec());
    }
    let verdict = |name: &String| {
        let found = Verdict::ALL.into_iter().find(|verdict| verdict.name() == name);
        found.ok_or_else(|| Flaw::Verdict(name.clone()))
    };
    names.iter().map(verdict).collect()
}

/// A message of several lines in one.
fn one_line(text: &str) -> String {
    text.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" · ")
}
