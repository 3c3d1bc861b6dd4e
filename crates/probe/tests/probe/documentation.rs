//! The page about the findings: written from their catalogue, so that it lists every one, with the
//! experiment behind it and its limits. What they do is tested elsewhere.

use std::fmt::Write as _;
use std::path::Path;

use findings::Entry;
use findings::catalogue::FINDINGS;
use text::wrap;

const WIDTH: usize = 100;

const INTRODUCTION: &str = "Written from `src/findings` by a test (`scripts/regenerate`); \
    `etag-lab explain CODE` prints the same. Codes and names are stable, scripts may match them. \
    `etag-lab check --format json` gives each finding with `code`, `name`, `severity` (bad, warn, \
    info, ok), `cause`, `title`, `evidence`, `fix` and `confidence`.";

/// With `REGENERATE` set, as `scripts/regenerate` does, it writes the page instead.
#[test]
fn the_page_tells_every_finding_with_its_experiment_and_its_limits() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));
    if std::env::var_os("REGENERATE").is_some() {
        std::fs::write(path, page()).expect("the page can be written");
    }
    let shown = std::fs::read_to_string(path).expect("there is a page");
    assert_eq!(shown, page(), "scripts/regenerate writes it anew");
    for entry in FINDINGS {
        let heading = format!("## {} `{}`", entry.code, entry.name);
        assert!(shown.contains(&heading), "{heading}");
    }
}

/// The architecture page lists them as well, one row for each.
#[test]
fn the_architecture_page_lists_every_finding() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let page = std::fs::read_to_string(path).expect("there is such a page");
    for entry in FINDINGS {
        let row = format!("\n| {} | `{}` | ", entry.code, entry.name);
        assert!(page.contains(&row), "{row}");
    }
}

fn page() -> String {
    let mut text =
        format!("# What `etag-lab check` finds\n\n{}\n", wrap(INTRODUCTION, WIDTH).join("\n"));
    text.extend(FINDINGS.iter().map(section));
    text
}

fn section(entry: &Entry) -> String {
    let mut text = format!("\n## {} `{}`\n", entry.code, entry.name);
    for (title, said) in [
        ("", entry.says),
        ("**Experiment.** ", entry.experiment),
        ("**Limits.** ", entry.limits),
        ("**Likely causes.** ", entry.causes),
        ("**Section.** ", entry.section),
    ] {
        let _ = write!(text, "\n{}\n", wrap(&format!("{title}{said}"), WIDTH).join("\n"));
    }
    text += "\n**Fix.**\n\n";
    for (server, fix) in entry.fixes {
        let lead = if server.is_empty() { "anywhere" } else { server };
        let lines = wrap(&format!("- {lead}: {fix}"), WIDTH - 2);
        let _ = writeln!(text, "{}", lines.join("\n  "));
    }
    text
}
