//! What a finding says, for `explain`.

use report::Style;
use text::wrap;

use findings::Entry;

/// Everything about one finding: what it says, the experiment, limits, causes, fixes.
pub fn explain(entry: &Entry, style: Style) -> String {
    let width = style.width.max(40);
    let bold = if style.color { anstyle::Style::new().bold() } else { anstyle::Style::new() };
    let mut out = format!("{bold}{}  {}{bold:#}   {}\n", entry.code, entry.name, entry.section);
    let sections = [
        ("What it says", entry.says),
        ("The experiment behind it", entry.experiment),
        ("Its limits", entry.limits),
        ("Likely causes", entry.causes),
    ];
    for (title, text) in sections {
        out.extend([format!("\n{bold}{title}{bold:#}\n")]);
        out += &paragraph(text, width);
    }
    out.extend([format!("\n{bold}Fix{bold:#}\n")]);
    for (server, fix) in entry.fixes {
        let lead = match (*server, entry.fixes.len()) {
            (_, 1) => String::new(),
            ("", _) => "anywhere: ".to_owned(),
            (server, _) => format!("{server}: "),
        };
        out += &paragraph(&format!("{lead}{fix}"), width);
    }
    out
}

fn paragraph(text: &str, width: usize) -> String {
    let lines = wrap(text, width - 2);
    lines.iter().flat_map(|line| ["  ", line.trim_start(), "\n"]).collect()
}
