//! Markdown to paste into an incident: findings first, then the tags.

use text::markdown::{code, escape};

use findings::check::Check;
use findings::{Finding, Remedy};

pub(super) fn render(check: &Check) -> String {
    let mut out = format!("### Revalidation of {}\n\n", code(&check.target));
    out.extend([format!("{}\n", escape(&super::summary(check).join(" · ")))]);
    out.extend(check.findings.iter().map(told));
    if !check.tags.is_empty() {
        out += "\n| tag | coding | seen | 304s | form |\n| --- | --- | ---: | ---: | --- |\n";
        for tag in &check.tags {
            let replays = super::replays(tag);
            let (name, coding, form) = (escape(&tag.tag), escape(&tag.coding), escape(&tag.form));
            out.extend([format!("| {name} | {coding} | {} | {replays} | {form} |\n", tag.seen)]);
        }
    }
    if !check.notes.is_empty() || !check.events.is_empty() {
        out += "\n";
    }
    let events = super::events(check);
    out.extend(events.map(|event| format!("- noticed: {}\n", escape(&event))));
    out.extend(check.notes.iter().map(|note| format!("- note: {}\n", escape(note))));
    out
}

/// A finding as a paragraph and a list.
pub fn told(finding: &Finding) -> String {
    let (mark, _) = super::mark(finding.severity);
    let mut out = format!(
        "\n**{mark} {} {}**: {}\n\n",
        finding.kind.code,
        escape(&super::name(finding)),
        escape(&finding.title)
    );
    out.extend(finding.evidence.iter().map(|line| format!("- evidence: {}\n", escape(line))));
    if !finding.is_conclusion() {
        let (section, confidence) = (&finding.kind.section, 100.0 * finding.confidence);
        let fixes = finding.remedies.iter().map(Remedy::text);
        out.extend(fixes.map(|fix| format!("- fix: {fix}\n")));
        out.extend([format!("- {section}, confidence {confidence:.0} %\n")]);
    }
    out
}
