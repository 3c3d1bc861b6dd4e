//! `etag-lab learn`: exercises with proof, on a terminal or one command at a time.

mod terminal;

use std::path::{Path, PathBuf};

use workshop::learn::doctor::{self, Examined, State};
use workshop::learn::{
    Checked, Course, Ended, Lab, LearnError, Look, Set, check, hints, listing, new, outcome,
    session,
};

use crate::args::Common;
use crate::exit::{Ending, Failure};
use crate::output;
use crate::signals::stop_signal;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Alone it needs a terminal: it shows an exercise, verifies whenever its file is saved, and obeys keys
(h hint, t task, l list, n next, x reset, q quit). Files are written to the folder of each exercise
below the working folder, marks to .etag-lab-learn.json beside them: both may be moved to another
machine.")]
#[command(subcommand_value_name = "WHAT", subcommand_help_heading = "What")]
#[command(disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// Folder of exercises of your own, instead of the built-in ones
    #[arg(long, value_name = "DIR", global = true)]
    exercises: Option<PathBuf>,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List the exercises, and what is solved or skipped
    List,
    /// Verify an exercise: exit code 0 once it is solved, else 1
    Verify {
        /// Name of an exercise; its files are written if they are missing
        name: String,
    },
    /// Print the next hint, and those before it
    Hint {
        /// Name of an exercise
        name: String,
    },
    /// Check exercises: each must fail unsolved and pass solved
    Check {
        /// Folder of exercises [default: the built-in ones]
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Make an exercise of your own to start from
    New {
        /// Name of the new folder
        name: String,
    },
    /// Say whether this machine will do: ports, programs, disk
    Doctor,
}

pub(crate) async fn run(common: Common, arguments: Arguments) -> Result<Ending, Failure> {
    let exercises = arguments.exercises.as_deref();
    let lab = lab()?;
    match arguments.what {
        None => lead(common, exercises, &lab).await,
        Some(What::List) => {
            let course = course(exercises)?;
            output::print(&listing(&course, Some(course.current()))).map(|()| Ending::Done)
        }
        Some(What::Verify { name }) => verify(common, exercises, &name, &lab).await,
        Some(What::Hint { name }) => hint(common, exercises, &name),
        Some(What::Check { folder }) => check_all(folder.as_deref().or(exercises), &lab).await,
        Some(What::New { name }) => make(&name),
        Some(What::Doctor) => examine(&lab).await,
    }
}

fn hint(common: Common, exercises: Option<&Path>, name: &str) -> Result<Ending, Failure> {
    let (set, mut course) = (set(exercises)?, course(exercises)?);
    let exercise = set.find(name).map_err(failed)?;
    let shown = course.hint(exercise).map_err(failed)?;
    output::print(&hints(exercise, shown, look(common))).map(|()| Ending::Done)
}

fn lab() -> Result<Lab, Failure> {
    let program = std::env::current_exe().map_err(Failure::environment)?;
    Ok(Lab { program, stop: stop_signal()? })
}

fn set(folder: Option<&Path>) -> Result<Set, Failure> {
    folder.map_or_else(|| Ok(Set::built_in()), Set::read).map_err(failed)
}

fn course(folder: Option<&Path>) -> Result<Course, Failure> {
    // Relative, so that paths in messages are as short as they can be typed.
    Course::open(Path::new(""), set(folder)?).map_err(failed)
}

fn look(common: Common) -> Look {
    let style = output::style(common.color, false);
    Look { color: style.color, width: style.width }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn failed(error: LearnError) -> Failure {
    let text = text::visible_lines(&error.to_string());
    if error.is_input() {
        return Failure::Input(format!("error: {text}"));
    }
    Failure::Environment(anyhow::anyhow!(text))
}

async fn lead(common: Common, exercises: Option<&Path>, lab: &Lab) -> Result<Ending, Failure> {
    let mut course = course(exercises)?;
    let mut terminal = terminal::Terminal::open(look(common))?;
    let (mut keys, screen) = terminal.parts();
    let ended = session(&mut course, lab, &mut keys, screen).await;
    terminal.restore();
    Ok(match ended.map_err(failed)? {
        Ended::Quit => Ending::Done,
        Ended::Stopped => Ending::Interrupted,
    })
}

async fn verify(
    common: Common,
    exercises: Option<&Path>,
    name: &str,
    lab: &Lab,
) -> Result<Ending, Failure> {
    let (set, mut course) = (set(exercises)?, course(exercises)?);
    let exercise = set.find(name).map_err(failed)?;
    if course.begin(exercise).map_err(failed)? {
        let file = text::visible(&course.file(exercise).display().to_string());
        let folder = text::visible(name);
        output::note(&format!("written to {folder}/: read {folder}/task.md, then change {file}"));
    }
    let verified = course.verify(exercise, lab).await.map_err(failed)?;
    output::print(&outcome(exercise, &verified, look(common)))?;
    if *lab.stop.borrow() {
        return Ok(Ending::Interrupted);
    }
    Ok(if verified.outcome.is_solved() { Ending::Done } else { Ending::Failed })
}

async fn check_all(folder: Option<&Path>, lab: &Lab) -> Result<Ending, Failure> {
    let set = set(folder)?;
    let mut ending = Ending::Done;
    for exercise in set.all() {
        let checked = check(exercise, lab).await.map_err(failed)?;
        if *lab.stop.borrow() {
            return Ok(Ending::Interrupted);
        }
        let name = text::visible(&exercise.name);
        let line = match checked {
            Checked::Sound(took) => {
                format!(
                    "ok       {name}   fails unsolved, passes solved ({} ms)\n",
                    took.as_millis()
                )
            }
            Checked::Missing(program) => {
                if ending == Ending::Done {
                    ending = Ending::Inconclusive;
                }
                format!("skipped  {name}   there is no `{}` here\n", text::excerpt(&program))
            }
            Checked::Faulty(problem) => {
                ending = Ending::Failed;
                let problem = text::visible_lines(&problem).replace('\n', "\n         ");
                format!("FAULTY   {name}   {problem}\n")
            }
        };
        output::print(&line)?;
    }
    Ok(ending)
}

fn make(name: &str) -> Result<Ending, Failure> {
    let folder = new(Path::new(""), name).map_err(failed)?;
    let folder = text::visible(&folder.display().to_string());
    output::print(&format!(
        "made {folder}/: change its files, then\n  etag-lab learn check {folder}\n  etag-lab learn \
         --exercises {folder}\n"
    ))?;
    Ok(Ending::Done)
}

async fn examine(lab: &Lab) -> Result<Ending, Failure> {
    let all = doctor::examine(Path::new("."), lab).await;
    for Examined { what, state, found } in &all {
        let word = match state {
            State::Fine => "ok",
            State::Lacking => "lacks",
            State::Broken => "BROKEN",
        };
        let found = text::visible_lines(found).replace('\n', "\n                     ");
        output::print(&format!("{word:<8} {what:<11} {found}\n"))?;
    }
    let broken = |state| all.iter().any(|one| one.state == state);
    if broken(State::Broken) {
        let error = anyhow::anyhow!("this machine will not do as it is");
        return Err(Failure::Environment(error).with_help("mend what is BROKEN, and look again"));
    }
    let rest = if broken(State::Lacking) { ", without what it lacks" } else { "" };
    output::print(&format!("This machine will do{rest}.\n")).map(|()| Ending::Done)
}
