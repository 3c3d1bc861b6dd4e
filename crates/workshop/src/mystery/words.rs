//! What a participant reads meanwhile: the ticket, evidence and hints.

use std::net::SocketAddr;

use text::{count, counted, wrap};

use super::Difficulty;
use super::clue::Clue;
use super::culprits::Culprit;
use super::inquiry::{ENOUGH, Inquiry};
use super::load::{Carried, modelled};
use super::score::HINT_PRICES;
use super::solution::Solution;

/// Columns of a line.
const WIDTH: usize = 80;
/// Columns before the text of a line with a name.
const NAMES: usize = 11;

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
    // The dashboard shows what clients got before anybody asked: nothing is run for it.
    let carried = modelled(&solution.dashboard()).expect("a mystery is modelled");
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
    let enough = if inquiry.has_enough() {
        "enough for an answer".to_owned()
    } else {
        format!("an answer needs {ENOUGH}")
    };
    out += &line(
        "",
        &format!(
            "{} of evidence, {enough}; {}, par {par}; {:.0} min",
            counted(gathered as u64, "kind"),
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
        let says = says.join(" And: ");
        out += &line(&format!("hint {}", index + 1), &format!("{says} (−{price})"));
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
