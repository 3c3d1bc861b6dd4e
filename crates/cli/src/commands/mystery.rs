//! `etag-lab mystery`: a fleet with a hidden fault, and what its participants do from another terminal.

use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::builder::PossibleValuesParser;
use workshop::mystery::{
    self, Difficulty, Errand, Fix, MysteryError, Paper, Settings, Went, run_errand,
};

use crate::args::{Common, whole};
use crate::exit::{Ending, Failure};
use crate::output;
use crate::signals::stop_signal;

/// Seeds that are drawn where none is given: as many digits as people remember.
const SEEDS: u64 = 900_000;
const FIRST_SEED: u64 = 100_000;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Alone it starts a fleet and prints a ticket; all else is said from another terminal. Ask the fleet with
curl, `etag-lab poll` or `check`, as you like. An answer needs two kinds of evidence. When it is solved
a result is written to the folder where the mystery was started, for `mystery board`.")]
#[command(subcommand_value_name = "WHAT", subcommand_help_heading = "What")]
#[command(disable_help_subcommand = true, args_conflicts_with_subcommands = false)]
pub(crate) struct Arguments {
    /// Seed: the same one is the same mystery everywhere [default: drawn]
    #[arg(long, value_name = "S", value_parser = whole::<u64>(0..=u64::MAX), global = true)]
    seed: Option<u64>,
    /// One plain fault (1), one that hides (2), two or something odd (3) [default: 1]
    #[arg(long, value_name = "1|2|3", value_parser = level, global = true)]
    level: Option<Difficulty>,
    /// Play on paper, without a fleet: a HAR file, the output of curl -v, or an access log
    #[arg(long, value_name = "FILE", conflicts_with_all = ["no_check", "team"])]
    from: Option<PathBuf>,
    /// Answer `etag-lab check` with 403, from level 2 on
    #[arg(long)]
    no_check: bool,
    /// Name of your team, for the board
    #[arg(long, value_name = "NAME")]
    team: Option<String>,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Print the ticket of the running mystery again
    Ticket,
    /// Show the evidence that was gathered
    Evidence,
    /// Change the content on every node
    Change,
    /// Start the nodes again, one after the other
    Restart {
        /// This node alone
        #[arg(value_parser = whole::<u32>(1..=512))]
        node: Option<u32>,
    },
    /// Take the next hint; each has its price
    Hint,
    /// Say what is wrong: exit code 0 if you are right, else 1
    Answer {
        /// Code or name of a finding, such as ETL001; `healthy` if nothing is wrong
        code: String,
        /// Cause, where a finding has several
        #[arg(long)]
        cause: Option<String>,
    },
    /// Replace what is wrong, and see it proved: exit code 0 if it works, else 1
    Repair(FixFlags),
    /// Print the truth of a seed; of a running mystery it ends the game
    Reveal {
        /// The seed [default: that of the running mystery]
        #[arg(value_name = "SEED", value_parser = whole::<u64>(0..=u64::MAX))]
        of: Option<u64>,
    },
    /// Print a sheet of seeds and answers, for the trainer
    Pack {
        /// Number of teams
        #[arg(long, value_name = "N", value_parser = whole::<u32>(1..=200), default_value_t = 8)]
        teams: u32,
    },
    /// Print the table of several results
    Board {
        /// Files that were written at the end of mysteries
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
struct FixFlags {
    /// Make tags in this way instead
    #[arg(long, value_parser = PossibleValuesParser::new(strategies::names()), hide_possible_values = true)]
    strategy: Option<String>,
    /// Let the balancer do this to responses instead
    #[arg(long, value_parser = PossibleValuesParser::new(edges()), hide_possible_values = true)]
    edge: Option<String>,
    /// Let the balancer pick nodes in this way instead
    #[arg(long, value_parser = PossibleValuesParser::new(policies()))]
    policy: Option<String>,
    /// Deploy the same bytes with the same dates to every node
    #[arg(long, value_name = "same", value_parser = ["same"])]
    content: Option<String>,
}

fn edges() -> Vec<&'static str> {
    balancer::catalogue::EDGES.iter().map(|edge| edge.name).collect()
}

fn policies() -> Vec<&'static str> {
    balancer::catalogue::POLICIES.iter().map(|policy| policy.name).collect()
}

fn level(text: &str) -> Result<Difficulty, String> {
    let number = text.parse().ok().and_then(Difficulty::numbered);
    number.ok_or_else(|| "give 1, 2 or 3".to_owned())
}

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
