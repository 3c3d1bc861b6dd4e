//! Explanations of the findings, for `etag-lab explain` and for the page about them.

use findings::FindingKind;
use report::Style;
use text::wrap;

/// Everything that the catalogue says about one finding, with its titles.
///
/// The advice stands apart: a list, each with the product and the causes it is for.
pub fn sections(kind: &FindingKind) -> Vec<(&'static str, String)> {
    let mut sections = vec![
        ("What it says", kind.says.clone()),
        ("The experiment behind it", kind.experiment.clone()),
        ("Its limits", kind.limits.clone()),
        ("Likely causes", kind.causes.clone()),
    ];
    let found_by = match (kind.is_found_by_check(), kind.is_found_by_run()) {
        (true, true) => "`etag-lab check`, and runs of the lab",
        (true, false) => "`etag-lab check`",
        (false, _) => "runs of the lab, not by `etag-lab check`",
    };
    sections.push(("Found by", found_by.to_owned()));
    if !kind.scenario.is_empty() {
        sections.push(("See it", format!("`etag-lab run {}`", kind.scenario)));
    }
    sections
}

/// Advice in order, each with the product and the causes it is for.
pub fn advice(kind: &FindingKind) -> Vec<String> {
    if kind.advice.is_empty() {
        return vec![kind.fix.clone()];
    }
    let each = kind.advice.iter().map(|advice| format!("{}: {}", advice.scope(), advice.change));
    each.chain([format!("anywhere: {}", kind.fix)]).collect()
}

/// One finding for the terminal.
pub fn explain(kind: &FindingKind, style: Style) -> String {
    let width = style.width.max(40);
    let bold = if style.color { anstyle::Style::new().bold() } else { anstyle::Style::new() };
    let head = format!("{}  {}   {}", kind.code, kind.name, kind.section);
    let mut out = format!("{bold}{}{bold:#}\n", head.trim_end());
    let fix = ("Fix", advice(kind));
    let sections = sections(kind).into_iter().map(|(title, text)| (title, vec![text]));
    for (title, paragraphs) in sections.chain([fix]) {
        out.extend([format!("\n{bold}{title}{bold:#}\n")]);
        for paragraph in paragraphs {
            let lines = wrap(&paragraph, width - 2);
            out.extend(lines.iter().flat_map(|line| ["  ", line.trim_start(), "\n"]));
        }
    }
    out
}
