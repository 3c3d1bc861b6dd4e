//! `etag-lab mystery` as those who play it meet it: real fleets, asked from outside.

mod leaks;
mod played;
mod told;

use std::process::Output;

use crate::support::process::{PATIENCE, Running};
use crate::support::{ended, etag_lab, eventually, output_of, stdout};

/// A running mystery and what its ticket says.
struct Game {
    process: Running,
    ticket: String,
    balancer: String,
    nodes: Vec<String>,
}

impl Game {
    fn start(args: &[&str]) -> Self {
        let mut process = Running::start(etag_lab().arg("mystery").args(args));
        let ticket = eventually("the ticket", PATIENCE, || {
            assert_eq!(process.ended(), None, "it ended early: {}", process.stderr());
            let said = process.stdout();
            said.contains("Ctrl-C").then_some(said)
        });
        let address = |line: &str| line.split_whitespace().last().map(str::to_owned);
        let of =
            |name| ticket.lines().filter(move |line| line.starts_with(name)).filter_map(address);
        let (balancer, nodes) = (of("balancer").next(), of("node ").collect());
        let balancer = balancer.expect("the ticket has the balancer");
        Self { process, ticket, balancer, nodes }
    }

    /// Addresses of the nodes, without scheme and path.
    fn backends(&self) -> Vec<&str> {
        self.nodes.iter().filter_map(|url| url.split('/').nth(2)).collect()
    }

    /// The target of requests.
    fn path(&self) -> &str {
        let path = self.balancer.splitn(4, '/').nth(3).expect("the URL has a path");
        &self.balancer[self.balancer.len() - path.len() - 1..]
    }

    /// Asks each node by itself, each with a tag of its own, and the balancer as often as it takes.
    fn gather(&self) {
        let balancer = self.balancer.split('/').nth(2).expect("the URL has an address");
        for node in [balancer; 4].into_iter().chain(self.backends()) {
            let address = node.parse().expect("an address");
            let target = format!("GET {}", self.path());
            let tag = crate::support::http::ask(address, &target, &[]).expect("it answers");
            let tag = format!("If-None-Match: {}", tag.field("etag").unwrap_or_default());
            crate::support::http::ask(address, &target, &[&tag]).expect("it answers");
        }
    }
}

/// What a participant does from another terminal.
fn errand(args: &[&str]) -> Output {
    output_of(&[&["mystery"], args].concat())
}

#[track_caller]
fn said(args: &[&str], code: i32) -> String {
    stdout(&ended(&[&["mystery"], args].concat(), code)).to_owned()
}
