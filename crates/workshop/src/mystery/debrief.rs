//! What is said afterwards: the truth, the shortest way to it, and which requests led there.

use std::time::Duration;

use text::{count, counted, shorten, visible};

use super::asked::{Asked, Way};
use super::culprits::Cover;
use super::inquiry::{Ended, Inquiry};
use super::score::{MysteryResult, prices};
use super::solution::Solution;
use super::words::{line, named};

/// What a check needed of the same fleet, where it was shut out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rival {
    pub(super) took: Duration,
    pub(super) requests: usize,
}

/// Requests of a debrief that are shown.
const MOST_SHOWN: usize = 12;

/// The truth.
pub(super) fn truth(solution: &Solution) -> String {
    let mut out = String::new();
    for culprit in &solution.culprits {
        out += &line("truth", &format!("{}: {}", named(culprit), culprit.says));
    }
    out += &line("fleet", &fleet(solution));
    if !solution.is_healthy() {
        out += &line("hidden by", hidden_by(solution));
    }
    if let Some(oddity) = solution.oddity {
        out += &line("innocent", oddity.says);
    }
    out += &line("repair", &repair(solution));
    out
}

fn fleet(solution: &Solution) -> String {
    let fleet = &solution.fleet;
    let names = if fleet.names_node { ", content that names its node" } else { "" };
    let (nodes, strategy) = (fleet.nodes(), fleet.strategy);
    format!("{nodes} nodes, {strategy}{names}; {}, edge {}", fleet.policy, fleet.edge)
}

fn hidden_by(solution: &Solution) -> &'static str {
    match (solution.cover, solution.fleet.policy) {
        (Cover::Compressed, _) => "clients without compression, which see nothing of it",
        (Cover::Change, _) => "content that did not change",
        (Cover::OneNode, _) => "the other nodes, which agree",
        (Cover::Nothing, "sticky" | "per-connection") => "a balancer that pins whoever asks",
        (Cover::Nothing, _) if solution.is_dashboard_blind => {
            "a dashboard whose clients keep step with the nodes"
        }
        (Cover::Nothing, _) => "nothing",
    }
}

/// The flags of the repair.
pub(super) fn repair(solution: &Solution) -> String {
    let fix = solution.fix();
    let mut flags = Vec::new();
    let mut flag = |name: &str, value: Option<&String>| {
        flags.extend(value.map(|value| format!("--{name} {value}")));
    };
    flag("strategy", fix.strategy.as_ref());
    flag("edge", fix.edge.as_ref());
    flag("policy", fix.policy.as_ref());
    flag("content", fix.same_content.then(|| "same".to_owned()).as_ref());
    if flags.is_empty() { "none is needed".to_owned() } else { flags.join(" ") }
}

/// Everything there is to say afterwards.
pub(super) fn debrief(
    solution: &Solution,
    inquiry: &Inquiry,
    result: &MysteryResult,
    rival: Option<&Rival>,
) -> String {
    let mut out = truth(solution);
    for culprit in &solution.culprits {
        for (number, step) in (1..).zip(culprit.path) {
            out += &line(if number == 1 { "shortest" } else { "" }, &format!("{number}. {step}"));
        }
    }
    let informative = format!(
        "{} of {} told something new:",
        count(inquiry.informative),
        counted(inquiry.requests, "request")
    );
    out += &line("asked", &informative);
    // The first ones led there; what came later fills the screen.
    for asked in inquiry.telling.iter().take(MOST_SHOWN) {
        out += &line("", &shown(asked));
    }
    let left = inquiry.telling.len().saturating_sub(MOST_SHOWN);
    if left > 0 {
        out += &line("", &format!("and {left} more"));
    }
    if inquiry.ended != Some(Ended::Revealed) {
        let costs = prices(inquiry, result.par).into_iter();
        let costs: Vec<_> = costs.map(|(what, price)| format!("{what} −{price}")).collect();
        out += &line("score", &format!("{} of 100 points: {}", result.points, costs.join(", ")));
    }
    out += &line("time", &time(result.minutes, rival));
    out
}

/// The participant's minutes, beside the seconds of a check that nobody could make.
fn time(minutes: f64, rival: Option<&Rival>) -> String {
    let own = format!("{minutes:.1} min");
    let Some(Rival { took, requests }) = rival else { return own };
    let seconds = took.as_secs_f64();
    format!("{own}; etag-lab check: {seconds:.1} s, {}", counted(*requests as u64, "request"))
}

fn shown(asked: &Asked) -> String {
    let way = match asked.way {
        Way::Balancer => "balancer".to_owned(),
        Way::Node(node) => format!("node {}", node + 1),
    };
    let coding = if asked.compressed { ", gzip" } else { "" };
    let sent = asked.sent_tags.first().or(asked.sent_date.as_ref());
    let sent = sent.map(|sent| format!(", sent {}", shorten(&visible(sent), 16)));
    let got = asked.tag.as_ref().or(asked.date.as_ref()).map_or("no validator", String::as_str);
    let got = shorten(&visible(got), 20);
    format!("{way}{coding}{}: {} {got}", sent.unwrap_or_default(), asked.status)
}
