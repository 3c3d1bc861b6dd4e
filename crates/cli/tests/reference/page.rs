//! The list of reasons as the section of `crates/README.md` that is about them.
//! Pure: what the servers really do is the audit's to say.

use std::fmt::Write as _;

use crate::reason::{Difference, Peer, Reason, Rows};
use crate::row::Row;

/// Where the section begins and ends in the page.
pub(crate) const MARKS: (&str, &str) = ("<!-- differences -->\n", "<!-- end of differences -->\n");

/// The section, without its heading.
pub(crate) fn section(rows: &[&Row], reasons: &[Reason]) -> String {
    let plain = rows.iter().filter(|row| !row.allowed.is_empty()).count();
    let mut text = format!(
        "\n{} requests, of which {plain} have an answer that the RFC plainly requires; a replica gives \
         it each time, nginx fails {}, Apache {}.\n",
        rows.len(),
        failed(Peer::Nginx, rows, reasons),
        failed(Peer::Apache, rows, reasons),
    );
    for (number, reason) in (1..).zip(reasons) {
        let Reason { title, sections, why, differences } = reason;
        let _ = write!(text, "\n{number}. **{title}** ({sections}) {why}\n");
        for difference in *differences {
            let _ = writeln!(text, "   - {}", line(difference));
        }
    }
    text + "\n"
}

fn line(difference: &Difference) -> String {
    let Difference { peer, ours, theirs, rows } = difference;
    let requests = match rows {
        Rows::Named(names) => {
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        }
        Rows::Many(count) => format!("{count} requests, whatever they ask"),
    };
    format!("{}: {theirs}, ours: {ours}. {requests}", peer.name())
}

/// Rows whose requirement this server does not meet. A replica meets them all, so each of them is
/// a difference in status.
fn failed(peer: Peer, rows: &[&Row], reasons: &[Reason]) -> usize {
    let differences = reasons.iter().flat_map(|reason| reason.differences);
    let failures = |difference: &Difference| {
        let Rows::Named(names) = difference.rows else { return 0 };
        let status = difference.theirs.parse::<u16>();
        let is_forbidden = |row: &&&Row| {
            let allowed = row.allowed;
            !allowed.is_empty() && status.as_ref().is_ok_and(|status| !allowed.contains(status))
        };
        let is_named = |row: &&&Row| names.contains(&row.name);
        rows.iter().filter(is_named).filter(is_forbidden).count()
    };
    differences.filter(|difference| difference.peer == peer).map(failures).sum()
}
