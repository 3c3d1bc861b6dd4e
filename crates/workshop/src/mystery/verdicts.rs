//! What a repair came to, in words.

use text::count;

use super::load::Carried;
use super::repair::Judged;
use super::words::line;

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
