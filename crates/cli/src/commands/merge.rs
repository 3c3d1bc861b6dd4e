//! `etag-lab merge`: records of shards, added up.

use std::io::Read as _;
use std::path::PathBuf;

use measure::record::{ArmRecord, RunRecord};
use merge::{MergeError, NamedRecord};

use crate::args::{Common, Presentation, check_output};
use crate::commands::finish::{Keeping, finish};
use crate::commands::report::{LARGEST, load};
use crate::exit::{Ending, Failure};

/// Largest standard input: the logs of a thousand shards.
const LARGEST_INPUT: u64 = 16 * LARGEST;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Records of shards, in any order; `-` is standard input, one record after the other
    #[arg(value_name = "SHARD.json", required = true)]
    files: Vec<PathBuf>,
    /// Take them for repetitions of one run, and show the spread of each number
    #[arg(long)]
    repeats: bool,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    presentation: Presentation,
}

pub(crate) fn run(common: Common, arguments: &Arguments) -> Result<Ending, Failure> {
    let Arguments { files, repeats, keeping, presentation } = arguments;
    check_output(presentation.output.as_deref())?;
    keeping.check()?;
    let records = read_all(files)?;
    let together = if *repeats { ::merge::repeats(records) } else { ::merge::merge(records) };
    let record = together.map_err(|error| refused(&error))?;
    let arms = record.arms.iter().filter(|arm| is_judged(arm, &record));
    let judged: Vec<_> = arms.map(|arm| arm.name.as_str()).collect();
    let ending = finish(common, &record, &judged, &[], keeping, presentation)?;
    // Nobody has interrupted this command: what is missing are records.
    Ok(if ending == Ending::Interrupted { Ending::Inconclusive } else { ending })
}

/// Reports whether something bad in this arm is a fault, and no demonstration of the lab's: as for
/// `poll`, and for `run` with a program of the user's of which nothing else is expected.
fn is_judged(arm: &ArmRecord, record: &RunRecord) -> bool {
    let is_polled = arm.fleet_size == 0;
    // In the place of the strategy of such a program is its command.
    let is_own_program = arm.control_plane.is_none() && strategies::find(&arm.strategy).is_none();
    let name = format!("{}.", arm.name);
    let is_expected = record.expectations.iter().any(|expected| expected.text.contains(&name));
    is_polled || is_own_program && !is_expected
}

fn read_all(files: &[PathBuf]) -> Result<Vec<NamedRecord>, Failure> {
    let mut records = Vec::new();
    for path in files {
        if path.as_os_str() == "-" {
            records.extend(of_input()?);
        } else {
            let place = text::visible(&path.display().to_string());
            records.push(NamedRecord { place, record: load(path)? });
        }
    }
    Ok(records)
}

/// The records of standard input, as `kubectl logs` or `cat` put them one after the other.
fn of_input() -> Result<Vec<NamedRecord>, Failure> {
    let mut text = String::new();
    let input = std::io::stdin().lock().take(LARGEST_INPUT).read_to_string(&mut text);
    input.map_err(Failure::environment)?;
    let records = report::load_all(&text).map_err(|error| {
        let error = text::visible_lines(&error.to_string());
        Failure::input(format!("{error}\n  --> standard input"), "give what the shards printed")
    })?;
    let named = |(number, record)| NamedRecord { place: format!("record {number} of -"), record };
    Ok((1..).zip(records).map(named).collect())
}

fn refused(error: &MergeError) -> Failure {
    let help = match error {
        MergeError::Nothing => "give the records that the shards printed by --format json",
        MergeError::NotShard(_) => "measure parts of one schedule by poll --shard 0/3, 1/3 and 2/3",
        MergeError::Unmergeable(..) => "measure it again with this version",
        MergeError::Partial(_) => "leave it out",
        MergeError::Alone => "give the records of two runs or more",
        MergeError::Twice { .. } => "give each shard once",
        MergeError::Unlike { .. } => "start all with the same flags, but --shard",
    };
    Failure::input(text::visible_lines(&error.to_string()), help)
}
