//! `etag-lab node`: a replica whose arguments come over standard input, so that nobody reads them in `ps`.

use anyhow::anyhow;
use clap::Parser as _;

use super::{Arguments, Command};
use crate::exit::Failure;

/// The command line in the first line of standard input, a list in JSON; only a replica is served so.
pub(super) fn arguments() -> Result<Arguments, Failure> {
    let mut line = String::new();
    // What it reads too far stays in the buffer that all readers of standard input share.
    std::io::stdin().read_line(&mut line).map_err(Failure::environment)?;
    let given: Vec<String> = serde_json::from_str(&line).map_err(Failure::environment)?;
    let program = std::iter::once("etag-lab".to_owned());
    let parsed = Arguments::try_parse_from(program.chain(given)).map_err(Failure::environment)?;
    if !matches!(parsed.command, Command::Replica(_)) {
        return Err(Failure::Environment(anyhow!("only a replica is served by `node`")));
    }
    Ok(parsed)
}
