//! Everything that a participant reads: the ticket, evidence, hints, replies and the debrief.

use std::net::SocketAddr;

use text::{count, counted, wrap};

use super::Difficulty;
use super::asked::{Asked, Way};
use super::clue::Clue;
use super::culprits::{Cover, Culprit};
use super::inquiry::{ENOUGH, Ended, Inquiry};
use super::load::{Carried, dashboard, modelled};
use super::repair::Judged;
use super::score::{HINT_PRICES, MysteryResult, prices};
use super::solution::Solution;

/// Columns of a line.
const WIDTH: usize = 80;
/// Columns before the text of a line with a name.
const NAMES: usize = 11;
/// Requests of a debrief that are shown.
const MOST_SHOWN: usize = 12;

/// The addresses of a ticket.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    pub(super) balancer: SocketAddr,
    pub(super) nodes: Vec<SocketAddr>,
}

/// A name and its text, in as many lines as it takes.
pub(super) fn line(name: &str, says: &str) -> String {
    let mut out = String::new();
    for (at, row) in wrap(says, WIDTH - NAMES).into_iter().enumerate() {
        let name = if at == 0 { name } else { "" };
        out.push_str(format!("{name:NAMES$}{row}").trim_end());
        out.push('\n');
    }
    out
}

/// Text in lines.
pub(super) fn paragraph(says: &str) -> String {
    wrap(says, WIDTH).into_iter().map(|row| row + "\n").collect()
}

pub(super) fn ticket(
    solution: &Solution,
    seed: u64,
    difficulty: Difficulty,
    at: &Addresses,
    refuses_check: bool,
) -> String {
    let url = |address| format!("http://{address}{}", solution.fleet.path);
    let carried = modelled(&dashboard(solution)).expect("a mystery is modelled");
    let mut out = format!("ticket {seed}, level {}\n\n", difficulty.number());
    out += &line("dashboard", &dashboard_in_words(&carried));
    out += &line("users", &format!("\"{}\"", solution.users));
    out += &line("balancer", &url(at.balancer));
    for (number, node) in (1..).zip(&at.nodes) {
        out += &line(&format!("node {number}"), &url(*node));
    }
    if difficulty == Difficulty::Mixed {
        out += &line("note", "there may be more than one fault, or something odd that is none");
    }
    if refuses_check {
        out += &line("check", "not answered: this fleet sends 403 to etag-lab check");
    }
    out += "\n";
    out += &paragraph(
        "What is wrong, if anything? Ask the fleet, then say it from another terminal: etag-lab mystery \
         answer CODE, or repair it (etag-lab mystery --help). Ctrl-C here ends it.",
    );
    out
}

fn dashboard_in_words(carried: &Carried) -> String {
    format!(
        "{:.0} % of {} polls got a 304; {} bytes a response",
        100.0 * carried.ratio,
        count(carried.polls),
        count(carried.bytes / carried.polls.max(1)),
    )
}

/// The evidence so far, and what else there could be.
pub(super) fn evidence(inquiry: &Inquiry, par: u64) -> String {
    let mut out = String::new();
    for clue in Clue::ALL {
        let mark = if inquiry.clues().contains(&clue) { "yes" } else { "-" };
        out += &line(mark, clue.in_words());
    }
    let gathered = inquiry.clues().len();
    let enough = if inquiry.has_enough() { "enough for an answer" } else { "not enough yet" };
    out += &line(
        "",
        &format!(
            "{gathered} of {ENOUGH} kinds, {enough}; {}, par {par}; {:.0} min",
            counted(inquiry.requests, "request"),
            inquiry.minutes()
        ),
    );
    out
}

/// Refusal of an answer for which nothing was looked at.
pub(super) fn early(inquiry: &Inquiry) -> String {
    let gathered: Vec<_> = inquiry.clues().iter().map(|clue| clue.in_words()).collect();
    let gathered = if gathered.is_empty() { "nothing".to_owned() } else { gathered.join("; ") };
    line("not taken", &format!("look first: an answer needs {ENOUGH} kinds of evidence"))
        + &line("so far", &gathered)
        + &line("help", "etag-lab mystery evidence shows what counts as evidence")
}

/// All hints up to the last one taken.
pub(super) fn hints(solution: &Solution, taken: u8) -> String {
    let mut out = String::new();
    for (index, price) in (0..usize::from(taken)).zip(HINT_PRICES) {
        let says: Vec<_> = solution.culprits.iter().map(|culprit| hint(culprit, index)).collect();
        let last = counted(price.unsigned_abs(), "point");
        out += &line(&format!("hint {}", index + 1), &format!("{} ({last})", says.join(" And: ")));
    }
    if usize::from(taken) < HINT_PRICES.len() {
        let price = HINT_PRICES[usize::from(taken)].unsigned_abs();
        out += &line("", &format!("the next one costs {}", counted(price, "point")));
    }
    out
}

fn hint(culprit: &Culprit, index: usize) -> String {
    let step = culprit.path.get(index).map(|step| (*step).to_owned());
    step.unwrap_or_else(|| format!("It is {}: {}.", named(culprit), culprit.says))
}

/// Code and cause, as an answer has them.
pub(super) fn named(culprit: &Culprit) -> String {
    let cause = culprit.cause.map(|cause| format!(" --cause {cause}"));
    format!("{}{}", culprit.code, cause.unwrap_or_default())
}

/// The truth.
pub(super) fn truth(solution: &Solution) -> String {
    let mut out = String::new();
    for culprit in &solution.culprits {
        out += &line("truth", &format!("{}: {}", named(culprit), culprit.says));
    }
    out += &line("fleet", &fleet(solution));
    out += &line("hidden by", hidden_by(solution));
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
pub(super) fn debrief(solution: &Solution, inquiry: &Inquiry, result: &MysteryResult) -> String {
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
    out += &line("time", &format!("{:.1} min", result.minutes));
    out
}

fn shown(asked: &Asked) -> String {
    let way = match asked.way {
        Way::Balancer => "balancer".to_owned(),
        Way::Node(node) => format!("node {}", node + 1),
    };
    let coding = if asked.compressed { ", gzip" } else { "" };
    let sent = asked.sent_tags.first().or(asked.sent_date.as_ref());
    let sent = sent.map(|sent| format!(", sent {}", text::shorten(&text::visible(sent), 20)));
    let got = asked.tag.as_ref().or(asked.date.as_ref()).map_or("no validator", String::as_str);
    let got = text::shorten(&text::visible(got), 30);
    format!("{way}{coding}{}: {} {got}", sent.unwrap_or_default(), asked.status)
}

/// A repair that works.
pub(super) fn repaired(carried: &Carried) -> String {
    let says = format!(
        "{:.1} % of {} polls got a 304, as many as in a fleet with nothing wrong, and none was \
         false",
        100.0 * carried.ratio,
        count(carried.polls),
    );
    line("repaired", &says)
}

/// A repair that is none.
pub(super) fn refused(judged: &Judged) -> String {
    let says = match judged {
        Judged::Needless(part) => {
            format!("it works, but as well without {part}: change only what is wrong")
        }
        Judged::Fails { carried, .. } if carried.false_304s > 0 => format!(
            "{} of {} 304s were false: clients keep content that has changed",
            count(carried.false_304s),
            count((carried.ratio * carried.polls as f64).round() as u64),
        ),
        Judged::Fails { carried, expected } => format!(
            "{:.1} % of {} polls got a 304, where {:.1} % are expected",
            100.0 * carried.ratio,
            count(carried.polls),
            100.0 * expected.ratio,
        ),
        Judged::Repaired { carried } => return repaired(carried),
    };
    line("no repair", &says)
}
