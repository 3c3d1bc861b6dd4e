//! Explanations of the findings, for `etag-lab explain` and for the page about them.

use findings::{Advice, FindingKind};
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
    let in_logs =
        if kind.is_found_by_logs() { "; `etag-lab logs` where a log allows it" } else { "" };
    sections.push(("Found by", format!("{found_by}{in_logs}")));
    if !kind.scenario.is_empty() {
        sections.push(("See it", format!("`etag-lab run {}`", kind.scenario)));
    }
    sections
}

/// Advice, each with the product and the causes it is for: what holds anywhere, then by product.
pub fn advice(kind: &FindingKind) -> Vec<(String, String)> {
    let (any, products): (Vec<_>, Vec<_>) =
        kind.advice.iter().partition(|advice| advice.products.is_empty());
    let each = |advice: &Advice| (advice.scope(), advice.change());
    let any = any.into_iter().map(each);
    let rest = [("anywhere".to_owned(), kind.fix.clone())];
    any.chain(rest).chain(products.into_iter().map(each)).collect()
}

/// One finding for the terminal.
pub fn explain(kind: &FindingKind, style: Style) -> String {
    let width = style.width.max(40);
    let bold = if style.color { anstyle::Style::new().bold() } else { anstyle::Style::new() };
    let head = format!("{}  {}   {}", kind.code, kind.name, kind.section);
    let mut out = format!("{bold}{}{bold:#}\n", head.trim_end());
    let fix = advice(kind).into_iter().map(|(scope, change)| format!("{scope}: {change}"));
    let fix = ("Fix", fix.collect());
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
