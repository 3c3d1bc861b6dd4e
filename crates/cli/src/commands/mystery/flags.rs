//! The command line of `etag-lab mystery`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use workshop::mystery::Difficulty;

use crate::args::whole;

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
    pub(super) seed: Option<u64>,
    /// How well the fault hides, from 1 to 3: 1 is plain, 2 hides, 3 has two or something odd [default: 1]
    #[arg(long, value_name = "1|2|3", value_parser = level, global = true)]
    pub(super) level: Option<Difficulty>,
    /// Play on paper, without a fleet: a HAR file, the output of curl -v, or an access log
    #[arg(long, value_name = "FILE", conflicts_with_all = ["no_check", "team"])]
    pub(super) from: Option<PathBuf>,
    /// Answer `etag-lab check` with 403, from level 2 on
    #[arg(long)]
    pub(super) no_check: bool,
    /// Name of your team, for the board
    #[arg(long, value_name = "NAME")]
    pub(super) team: Option<String>,
    #[command(subcommand)]
    pub(super) what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum What {
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
    /// Say what is wrong: exit code 0 if you are right, 1 if not, 4 if you have not looked enough
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
pub(super) struct FixFlags {
    /// Make tags in this way instead
    #[arg(long, value_parser = PossibleValuesParser::new(strategies::names()), hide_possible_values = true)]
    pub(super) strategy: Option<String>,
    /// Let the balancer do this to responses instead
    #[arg(long, value_parser = PossibleValuesParser::new(edges()), hide_possible_values = true)]
    pub(super) edge: Option<String>,
    /// Let the balancer pick nodes in this way instead
    #[arg(long, value_parser = PossibleValuesParser::new(policies()))]
    pub(super) policy: Option<String>,
    /// Deploy the same bytes with the same dates to every node
    #[arg(long, value_name = "same", value_parser = ["same"])]
    pub(super) content: Option<String>,
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
