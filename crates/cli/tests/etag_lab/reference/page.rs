//! The list of reasons as the section of `crates/README.md` that is about them.
//! Pure: what the servers really do is the audit's to say.

use std::fmt::Write as _;

use crate::reference::reason::{Difference, Peer, Reason, Rows, Subject};
use crate::reference::row::Row;

/// Where the section begins and ends in the page.
pub(crate) const MARKS: (&str, &str) = ("<!-- differences -->\n", "<!-- end of differences -->\n");

/// The section, without its heading.
pub(crate) fn section(rows: &[&Row], subjects: &[Subject]) -> String {
    let plain = rows.iter().filter(|row| !row.allowed.is_empty()).count();
    let figures = format!(
        "{} requests, for {plain} of which the RFC plainly requires or rules out a status. A \
         replica fails none of them, nginx {}, Apache {}.",
        rows.len(),
        failed(Peer::Nginx, rows, subjects),
        failed(Peer::Apache, rows, subjects),
    );
    let mut text = format!("\n{}", wrapped(&figures, ""));
    for Subject { title, reasons } in subjects {
        let _ = write!(text, "\n### {title}\n");
        for Reason { title, sections, why, differences } in *reasons {
            let prose = wrapped(&format!("**{title}** {why} ({sections})"), "");
            let _ = write!(text, "\n{prose}\n");
            for difference in *differences {
                text += &wrapped(&format!("- {}", line(difference)), "  ");
            }
        }
    }
    text + "\n"
}

/// In lines of at most 100 columns, all but the first behind `indent`.
fn wrapped(text: &str, indent: &str) -> String {
    let mut lines = String::new();
    let mut columns = 0;
    for word in text.split(' ') {
        let width = word.chars().count();
        if columns + 1 + width > 100 {
            lines.push('\n');
            lines += indent;
            columns = indent.len();
        } else if columns > 0 {
            lines.push(' ');
            columns += 1;
        }
        lines += word;
        columns += width;
    }
    lines + "\n"
}

fn line(difference: &Difference) -> String {
    let Difference { peer, ours, theirs, rows } = difference;
    let requests = match rows {
        Rows::Named(names) => {
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        }
        Rows::Many(count, which) => format!("all {count} requests {which}"),
    };
    format!("{} {theirs}, ours {ours}: {requests}", peer.name())
}

/// Rows whose requirement this server does not meet. A replica meets them all, so each of them is
/// a difference in status.
fn failed(peer: Peer, rows: &[&Row], subjects: &[Subject]) -> usize {
    let reasons = subjects.iter().flat_map(|subject| subject.reasons);
    let differences = reasons.flat_map(|reason| reason.differences);
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
