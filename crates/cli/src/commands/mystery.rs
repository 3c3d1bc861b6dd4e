//! `etag-lab mystery`: a fleet with a hidden fault, and what its participants do from another terminal.

use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use workshop::mystery::{
    self, Difficulty, Errand, Fix, MysteryError, Paper, Settings, Went, run_errand,
};

use crate::args::Common;
use crate::exit::{Ending, Failure};
use crate::output;
use crate::signals::stop_signal;

mod flags;

pub(crate) use flags::Arguments;
use flags::{FixFlags, What};

/// Seeds that are drawn where none is given: as many digits as people remember.
const SEEDS: u64 = 900_000;
const FIRST_SEED: u64 = 100_000;

pub(crate) async fn run(_: Common, arguments: Arguments) -> Result<Ending, Failure> {
    let Arguments { seed, level, from, no_check, team, what } = arguments;
    if let Some(file) = from {
        return on_paper(&file, what);
    }
    let difficulty = level.unwrap_or(Difficulty::Plain);
    let errand = match what {
        None => return start(seed, difficulty, no_check, team).await,
        Some(What::Pack { teams }) => {
            let first = seed.unwrap_or_else(drawn_seed);
            return print(&mystery::pack(teams, first, difficulty));
        }
        Some(What::Board { files }) => return board(&files),
        Some(What::Reveal { of: Some(of) }) => return reveal(of, level).await,
        Some(What::Reveal { of: None }) => Errand::Reveal,
        Some(What::Ticket) => Errand::Ticket,
        Some(What::Evidence) => Errand::Evidence,
        Some(What::Change) => Errand::Change,
        Some(What::Restart { node }) => Errand::Restart { node },
        Some(What::Hint) => Errand::Hint,
        Some(What::Answer { code, cause }) => Errand::Answer { code, cause },
        Some(What::Repair(flags)) => Errand::Repair(fix(flags)?),
    };
    let reply = run_errand(&errand, seed).await.map_err(failed)?;
    ended(reply.went, &reply.text)
}

/// A mystery without processes: its file is its fleet.
fn on_paper(file: &Path, what: Option<What>) -> Result<Ending, Failure> {
    let read = Paper::read(file);
    let paper = read.map_err(|error| Failure::Environment(anyhow!(text::visible_lines(&error))))?;
    match what {
        None | Some(What::Ticket) => print(paper.ticket()),
        Some(What::Reveal { .. }) => print(&paper.reveal()),
        Some(What::Answer { code, cause }) => {
            let (went, said) = paper.answer(&code, cause.as_deref());
            ended(went, &said)
        }
        Some(_) => {
            let help = "with --from there are `ticket`, `answer` and `reveal`";
            Err(Failure::input("a mystery on paper has no fleet", help))
        }
    }
}

fn fix(flags: FixFlags) -> Result<Fix, Failure> {
    let FixFlags { strategy, edge, policy, content } = flags;
    let fix = Fix { strategy, edge, policy, same_content: content.is_some() };
    if fix.is_empty() {
        let help =
            "give --strategy, --edge, --policy or --content; if nothing is wrong, answer `healthy`";
        return Err(Failure::input("this repair replaces nothing", help));
    }
    Ok(fix)
}

async fn start(
    seed: Option<u64>,
    difficulty: Difficulty,
    no_check: bool,
    team: Option<String>,
) -> Result<Ending, Failure> {
    if no_check && difficulty == Difficulty::Plain {
        let help = "add --level 2 or --level 3, or leave --no-check out";
        return Err(Failure::input("--no-check is for levels 2 and 3", help));
    }
    let settings = Settings {
        program: std::env::current_exe().map_err(Failure::environment)?,
        seed: seed.unwrap_or_else(drawn_seed),
        difficulty,
        refuses_check: no_check,
        team: team.unwrap_or_default(),
        results: PathBuf::new(),
        stop: stop_signal()?,
    };
    let mut printed = Ok(());
    let ready = |ticket: &str| printed = output::print(ticket);
    mystery::run(&settings, ready).await.map_err(failed)?;
    printed.map(|()| Ending::Done)
}

fn drawn_seed() -> u64 {
    // Seeded by the operating system: all that is asked is that two mysteries rarely agree.
    FIRST_SEED + RandomState::new().hash_one(()) % SEEDS
}

/// The truth of a seed; where its mystery runs here, the game is over.
async fn reveal(seed: u64, level: Option<Difficulty>) -> Result<Ending, Failure> {
    if let Ok(reply) = run_errand(&Errand::Reveal, Some(seed)).await {
        return ended(reply.went, &reply.text);
    }
    let levels = level.map_or_else(|| Difficulty::ALL.to_vec(), |level| vec![level]);
    let truths: Vec<_> =
        levels.into_iter().map(|difficulty| mystery::reveal(seed, difficulty)).collect();
    print(&truths.join("\n"))
}

fn board(files: &[PathBuf]) -> Result<Ending, Failure> {
    let read = files.iter().map(|file| mystery::read(file)).collect::<Result<Vec<_>, _>>();
    let results = read.map_err(|error| Failure::Environment(anyhow!(error)))?;
    print(&mystery::board(results.into_iter().flatten().collect()))
}

fn print(text: &str) -> Result<Ending, Failure> {
    output::print(text).map(|()| Ending::Done)
}

fn ended(went: Went, said: &str) -> Result<Ending, Failure> {
    let ending = match went {
        Went::Amiss => return Err(Failure::Input(format!("error: {}", said.trim_end()))),
        Went::Well => Ending::Done,
        Went::Wrong => Ending::Failed,
        Went::Early => Ending::Inconclusive,
    };
    output::print(said).map(|()| ending)
}

fn failed(error: MysteryError) -> Failure {
    Failure::environment(error)
}
