//! `JUnit` XML for CI: one test case for each kind of finding, failed when it was found.

use measure::record::Severity;

use findings::catalogue;
use findings::check::Check;
use findings::conclusion::HEALTHY;

pub(super) fn render(check: &Check, fail_on: Severity) -> String {
    let mut cases = String::new();
    let (mut failures, mut skipped) = (0, 0);
    for entry in catalogue::all().into_iter().filter(|kind| kind.is_found_by_check()) {
        let class = escape(&check.target);
        let open =
            format!("    <testcase classname=\"{class}\" name=\"{} {}\"", entry.code, entry.name);
        let found = check.findings.iter().find(|finding| finding.kind == entry);
        let Some(finding) = found else {
            // That something is wrong fails a case of its own.
            if *entry != *HEALTHY {
                cases.extend([format!("{open}/>\n")]);
            }
            continue;
        };
        let text = escape(&finding.evidence.join("\n"));
        let title = escape(&finding.title);
        if finding.is_inconclusive() {
            skipped += 1;
            cases.extend([format!(
                "{open}>\n      <skipped message=\"{title}\">{text}</skipped>\n    </testcase>\n"
            )]);
        } else if finding.severity <= fail_on {
            failures += 1;
            let (_, kind) = super::mark(finding.severity);
            cases.extend([format!(
                "{open}>\n      <failure type=\"{kind}\" message=\"{title}\">{text}</failure>\n    </testcase>\n"
            )]);
        } else {
            cases.extend([format!(
                "{open}>\n      <system-out>{title}\n{text}</system-out>\n    </testcase>\n"
            )]);
        }
    }
    let count = cases.matches("<testcase ").count();
    let properties = check.certificate_verified.map_or_else(String::new, |verified| {
        format!(
            "    <properties>\n      <property name=\"certificate-verified\" \
             value=\"{verified}\"/>\n    </properties>\n"
        )
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite \
         name=\"etag-lab check\" tests=\"{count}\" failures=\"{failures}\" \
         skipped=\"{skipped}\">\n{properties}{cases}  </testsuite>\n</testsuites>\n"
    )
}

/// Text for XML 1.0, which cannot hold most controls even escaped.
fn escape(text: &str) -> String {
    let lines = text.split('\n').map(text::html::escape).collect::<Vec<_>>();
    lines.join("\n").replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
