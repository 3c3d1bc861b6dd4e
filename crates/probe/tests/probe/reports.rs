//! Public reports, as people pasted or captured them, and what is found in each: these findings with
//! their causes and none else. A report is a file and a line.

use etag_lab_probe::import::{har, wire};
use findings::Check;

/// Report: text that was pasted, or a HAR file, and what is found in it.
struct Report {
    name: &'static str,
    text: &'static str,
    /// `name (cause)` of each finding, the worst first.
    found: &'static [&'static str],
    /// Words of the evidence that name the fault.
    said: &'static str,
}

macro_rules! report {
    ($file:literal, $found:expr, $said:literal) => {
        Report {
            name: $file,
            text: include_str!(concat!("reports/", $file)),
            found: &$found,
            said: $said,
        }
    };
}

const REPORTS: [Report; 8] = [
    report!("b04.har", ["inconclusive", "head-differs (tag)"], "by HEAD"),
    report!("b12.txt", ["tag-shared-across-urls (empty-hash)"], "for 2 URLs"),
    report!("b13.har", ["tag-follows-request (authorization)"], "Vary names it"),
    report!("b14.txt", ["client-at-fault (outdated)"], "sent \"a1-5d0\" 7 times"),
    report!("b15.txt", ["client-at-fault (mangled)"], "sent 6b0c7908-840 for \"6b0c7908-840\""),
    report!(
        "b17.har",
        ["client-at-fault (never-conditional)", "no-validator (hidden)"],
        "Access-Control-Expose-Headers"
    ),
    report!("b21.txt", ["shared-tag-across-contents", "content-changing"], "$.sample_rate"),
    report!("b30.txt", ["conditionals-ignored (cache)"], "the one that ignores"),
];

#[test]
fn each_report_is_diagnosed_and_nobody_else_is_blamed() {
    for Report { name, text, found, said } in REPORTS {
        let read = if text.starts_with('{') { har } else { wire };
        let evidence =
            read(text.as_bytes(), None).unwrap_or_else(|error| panic!("{name}: {error}"));
        let check = Check::of(&evidence);
        let names: Vec<_> = check
            .findings
            .iter()
            .map(|it| match it.cause {
                Some(cause) => format!("{} ({cause})", it.kind.name),
                None => it.kind.name.clone(),
            })
            .collect();
        assert_eq!(names, found, "{name}: {:#?}", check.findings);
        let evidence = check.findings.iter().flat_map(|it| &it.evidence);
        assert!(evidence.clone().any(|line| line.contains(said)), "{name}: {:#?}", check.findings);
    }
}
