//! Deployments and captures that look like a finding and are not: three and more for each that is told
//! by looking at requests, dates, fields and clients, one file for each finding. What is found in them
//! stands beside.

mod client_at_fault;
mod coding_switched;
mod date_ignored;
mod date_implausible;
mod head_differs;
mod if_range_ignored;
mod malformed_tag;
mod match_misanswered;
mod stale_fields;
mod tag_follows_request;
mod tag_renewed;
mod tag_shared_across_urls;
mod undecodable_content;
mod unsolicited_304;
mod warm_up;
mod writer_refused;

use crate::Check;
use crate::evidence::EvidenceSource;
use crate::fixture::evidence;

/// What it looks like, where from, exchanges, and what is found.
type Row = (&'static str, EvidenceSource, &'static str, &'static [&'static str]);

/// Findings that are not to be found, each with what looks like it.
const ALL: &[(&str, &[Row])] = &[
    ("malformed-tag", malformed_tag::ROWS),
    ("match-misanswered", match_misanswered::ROWS),
    ("unsolicited-304", unsolicited_304::ROWS),
    ("tag-follows-request", tag_follows_request::ROWS),
    ("warm-up", warm_up::ROWS),
    ("client-at-fault", client_at_fault::ROWS),
    ("head-differs", head_differs::ROWS),
    ("if-range-ignored", if_range_ignored::ROWS),
    ("date-ignored", date_ignored::ROWS),
    ("date-implausible", date_implausible::ROWS),
    ("stale-fields", stale_fields::ROWS),
    ("tag-shared-across-urls", tag_shared_across_urls::ROWS),
    ("undecodable-content", undecodable_content::ROWS),
    ("writer-refused", writer_refused::ROWS),
    ("coding-switched", coding_switched::ROWS),
];

#[test]
fn what_only_looks_like_a_finding_is_not_called_so() {
    let mut wrong = Vec::new();
    let rows = ALL.iter().flat_map(|(finding, rows)| rows.iter().map(move |row| (finding, row)));
    for (finding, (what, source, exchanges, expected)) in rows {
        let mut urls = exchanges.split("--\n").enumerate().map(|(at, text)| {
            let mut one = evidence(text);
            (one.source, one.target) = (*source, format!("http://test/{at}"));
            one
        });
        let mut first = urls.next().expect("a URL");
        first.others = urls.collect();
        let check = Check::of(&first);
        let names: Vec<_> = check.findings.iter().map(|it| it.kind.name.as_str()).collect();
        if names != *expected || names.contains(finding) {
            let said = check.findings.iter().map(|it| format!("{} {:?}", it.title, it.evidence));
            wrong.push(format!(
                "{finding}, {what}: {names:?}\n  {}",
                said.collect::<Vec<_>>().join("\n  ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
