//! `--repro`: the scenario of the worst finding that a run can show.

use std::path::Path;

use findings::Finding;
use findings::repro::{Scale, case};
use text::visible;

use crate::exit::Failure;
use crate::output;

/// Writes the case of the worst finding that has one, and names those before it that have none.
pub(crate) fn write(findings: &[&Finding], scale: Scale, path: &Path) -> Result<(), Failure> {
    let findings: Vec<_> = findings.iter().filter(|one| !one.is_conclusion()).collect();
    if findings.is_empty() {
        output::note("no scenario was written: nothing was found that it could show");
    }
    for finding in findings {
        match case(finding) {
            Ok(case) => {
                let text = case.text(finding.kind, scale);
                output::deliver(&text, Some(path))?;
                let shown = visible(&path.display().to_string());
                output::note(&format!("{} again: etag-lab run {shown}", name(finding)));
                return Ok(());
            }
            Err(reason) => output::note(&format!("no scenario shows {}: {reason}", name(finding))),
        }
    }
    Ok(())
}

fn name(finding: &Finding) -> String {
    format!("{} {}", finding.kind.code, finding.kind.name)
}
