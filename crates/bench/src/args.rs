//! The command line, and how it is repeated in what it made.

use std::path::PathBuf;

use clap::Parser;
use clap::builder::PossibleValuesParser;

use crate::rows;

/// Measures etag-lab beside nginx, `HAProxy`, wrk and h2load. Run it as scripts/bench
#[derive(Clone, Debug, Parser)]
#[command(name = "bench")]
pub(crate) struct Arguments {
    /// Rounds: each measures every contestant of a row once, in turn
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) pairs: u32,
    /// Length of one measurement
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) seconds: u32,
    /// Measure this row only; may be repeated, and writes bench-NAME.* instead of bench.*
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(rows::names()))]
    pub(crate) only: Vec<String>,
    /// Where bench.md and bench.json go
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(crate) out: PathBuf,
    /// The etag-lab to measure [default: the one beside this program]
    #[arg(long, value_name = "FILE")]
    pub(crate) program: Option<PathBuf>,
}

impl Arguments {
    /// File name of the results, without its extension.
    pub(crate) fn stem(&self) -> String {
        let only = self.only.iter().map(|name| format!("-{name}"));
        std::iter::once("bench".to_owned()).chain(only).collect()
    }

    /// The command that repeats this run; paths are left out, because they tell nothing about it.
    pub(crate) fn command(&self) -> String {
        let mut command =
            format!("scripts/bench --pairs {} --seconds {}", self.pairs, self.seconds);
        for name in &self.only {
            command.push_str(" --only ");
            command.push_str(name);
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_never_overwrites_the_whole() {
        let parse = |line: &str| Arguments::parse_from(line.split(' '));
        assert_eq!(parse("bench").stem(), "bench");
        assert_eq!(parse("bench").command(), "scripts/bench --pairs 5 --seconds 3");
        let part = parse("bench --pairs 2 --only client --only lab");
        assert_eq!(part.stem(), "bench-client-lab");
        assert_eq!(part.command(), "scripts/bench --pairs 2 --seconds 3 --only client --only lab");
    }
}
