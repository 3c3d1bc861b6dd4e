//! `--control stdio`: the flag of every command that the harness starts as a server.
//!
//! The messages are those of [`server::stdio`]; orders and reports belong to each server.

use std::net::SocketAddr;

use clap::ValueEnum;
use server::stdio::{self, Messages, NoReport, Report};
use tokio::io::{BufReader, Stdin, Stdout};

use crate::exit::Failure;

/// The stream from which a server under control reads its orders.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Control {
    /// Orders on standard input, reports on standard output
    Stdio,
}

/// Reports the address; returns the streams for orders and further reports.
pub(crate) async fn begin(
    address: SocketAddr,
) -> Result<(Messages<BufReader<Stdin>>, Stdout), Failure> {
    let mut reports = tokio::io::stdout();
    let ready = Report::<NoReport>::Ready { address };
    stdio::send(&mut reports, &ready).await.map_err(Failure::environment)?;
    Ok((Messages::from(BufReader::new(tokio::io::stdin())), reports))
}

/// Ends the process, which would not end by itself.
pub(crate) fn end() -> ! {
    // Standard input is read on a thread that cannot be called back.
    std::process::exit(0);
}
