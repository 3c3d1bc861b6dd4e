//! Scenarios whose run shows a finding again: what maintainers ask for before they believe.
//!
//! One entry of `repro.toml` for each kind, and for each cause that has a way of its own to be
//! made. Nothing of the deployment gets into the text but two numbers, so that it can be published.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::check::{Check, Finding};
use crate::kind::FindingKind;

/// Way to make one kind of finding.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Case {
    /// Name of the finding.
    pub finding: String,
    /// Causes that are made in this way; empty for any other.
    pub causes: Vec<String>,
    /// Sentence about what the case does.
    pub summary: String,
    /// The scenario file behind its name and summary, with REPLICAS, SIZE and SERVER.
    pub scenario: String,
    /// Function `answer` of a replica in Python: from the fields of a request to content, tag, and
    /// whether the answer is a 304. Empty where the lab's own replicas do.
    pub replica: String,
}

/// Every case, those for a cause before those for any.
pub static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        case: Vec<Case>,
    }
    let file: File = toml::from_str(include_str!("repro.toml")).expect("a test reads the cases");
    file.case
});

/// Numbers of a deployment that a case takes over.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Replicas.
    pub replicas: u32,
    /// Size of the content.
    pub content_bytes: u64,
}

impl Scale {
    /// Scale of so many servers and a content of this size, within what a run does in seconds.
    pub fn of_deployment(servers: u64, bytes: Option<u64>) -> Self {
        // One server alone shows nothing of what differs between replicas.
        let replicas = if servers < 2 { 3 } else { servers.min(16) as u32 };
        Self { replicas, content_bytes: bytes.unwrap_or(8_192).clamp(256, 1 << 20) }
    }

    /// Scale of a deployment, within what a run does in seconds.
    pub fn of(check: &Check) -> Self {
        Self::of_deployment(check.replicas.low.into(), check.content_bytes)
    }
}

/// Case that shows a finding, or the reason why none does.
pub fn case(finding: &Finding) -> Result<&'static Case, &'static str> {
    case_of(&finding.kind.name, finding.cause).ok_or_else(|| reason(finding.kind))
}

/// Case that shows a finding of this name and cause, if one does.
pub fn case_of(name: &str, cause: Option<&str>) -> Option<&'static Case> {
    let of_kind = || CASES.iter().filter(|case| case.finding == name);
    let is_meant = |case: &&Case| case.causes.iter().any(|one| Some(one.as_str()) == cause);
    let for_any = || of_kind().find(|case| case.causes.is_empty());
    of_kind().find(is_meant).or_else(for_any)
}

fn reason(kind: &FindingKind) -> &'static str {
    if kind.is_found_by_run() {
        "it comes of what was deployed meanwhile, or of a cache, and the replicas of a run have neither"
    } else {
        "only `check` makes the requests that show it, and the clients of a run make others"
    }
}

impl Case {
    /// The scenario file.
    pub fn text(&self, kind: &FindingKind, scale: Scale) -> String {
        let Scale { replicas, content_bytes } = scale;
        let FindingKind { code, name, .. } = kind;
        let scenario = self.scenario.replace("= REPLICAS", &format!("= {replicas}"));
        let scenario = scenario.replace("= SIZE", &format!("= {content_bytes}"));
        let scenario = scenario.replace("= SERVER", &format!("= {}", self.command(content_bytes)));
        format!(
            "# {code} {name}, made again: `etag-lab run` on this file shows it.\n\
             # Written by `etag-lab check --repro` or `logs --repro`. Of the deployment it has two\n\
             # numbers at most: the replicas, as far as they were told apart, and the size of the content.\n\
             name = \"{name}\"\nsummary = \"{}\"\n\n{scenario}",
            self.summary
        )
    }

    /// Command of a replica as a TOML text: a whole server, so that the file can be passed on alone.
    fn command(&self, content_bytes: u64) -> String {
        const SERVER: &str = include_str!("repro/server.py");
        let size = format!("SIZE = {content_bytes}");
        let server = SERVER.replace("SIZE = 8192", &size).replace("# ANSWER\n", &self.replica);
        format!("'''python3 -c '\n{server}' '''")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::fixture::evidence;

    #[test]
    fn every_finding_of_both_check_and_run_has_a_case() {
        let both = |kind: &&FindingKind| kind.is_found_by_check() && kind.is_found_by_run();
        // What crashes a program cannot be made without that program.
        let is_made = |kind: &&FindingKind| kind.name != "polls-failed";
        for kind in catalogue::all().into_iter().filter(both).filter(is_made) {
            let case =
                CASES.iter().find(|case| case.finding == kind.name && case.causes.is_empty());
            assert!(case.is_some(), "{} has no case for any cause", kind.name);
        }
    }

    #[test]
    fn cases_are_of_known_findings_and_causes_and_quote_nothing_that_ends_their_quotes() {
        for case in CASES.iter() {
            let kind = catalogue::find(&case.finding).expect("a known finding");
            let known = |cause: &String| kind.cause_names.contains(cause);
            assert!(case.causes.iter().all(known), "{}: {:?}", case.finding, case.causes);
            assert!(!case.summary.contains(['"', '\\', '\n']), "{}", case.summary);
            let server = case.command(1);
            assert_eq!(server.matches('\'').count(), 3 + 1 + 1 + 3, "{server}");
        }
    }

    #[test]
    fn nothing_of_the_deployment_gets_into_a_case_but_its_numbers() {
        let check = Check::of(&evidence(
            r#"
            4 × -> 200; ETag: "'''evil"; Server: evil | evil
            4 × -> 200; ETag: "evil'''"; Server: evil | evil
            "#,
        ));
        let finding = &check.findings[0];
        let case = case(finding).expect("node-local tags can be made");
        let text = case.text(finding.kind, Scale::of(&check));
        assert!(!text.contains("evil") && !text.contains("secret"), "{text}");
        assert!(text.contains("size-bytes = 256"), "{text}");
    }
}
