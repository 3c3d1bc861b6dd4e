//! Tidy CSV: one row per path, plain numbers. Text is guarded against being calculated.

use text::csv::cell;

use crate::summary::{PathRow, Summary};

pub(super) fn render(summary: &Summary) -> String {
    let mut out =
        "path,requests,polls,not_modified,not_modified_ratio,bytes,needless_bytes_at_least,upstreams\n"
            .to_owned();
    out.extend(summary.paths.iter().map(row));
    out
}

fn row(row: &PathRow) -> String {
    let path = cell(&row.path);
    let quoted = path.contains([',', '"']);
    let path = if quoted { format!("\"{}\"", path.replace('"', "\"\"")) } else { path };
    let ratio = row.not_modified_ratio().map(|ratio| ratio.to_string()).unwrap_or_default();
    let numbers = [row.bytes, row.needless_bytes, row.upstreams as u64].map(|it| it.to_string());
    let polls = [row.requests, row.polls, row.not_modified].map(|number| number.to_string());
    format!("{path},{},{ratio},{}\n", polls.join(","), numbers.join(","))
}
