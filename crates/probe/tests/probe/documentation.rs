//! The page about the findings: written from their catalogue, so that it lists every one, with the
//! experiment behind it and its limits. What they do is tested elsewhere.

use std::fmt::Write as _;
use std::path::Path;

use etag_lab_probe::format::{advice, sections};
use findings::products::{PRODUCTS, Product};
use findings::{FindingKind, catalogue};
use text::wrap;

const WIDTH: usize = 100;

const INTRODUCTION: &str = "Written from `crates/findings` by a test (`scripts/regenerate`); \
    `etag-lab explain CODE` prints the same. Codes and names are stable, scripts may match them. \
    `etag-lab check --format json` gives each finding with `code`, `name`, `severity` (bad, warn, \
    info, ok), `cause`, `title`, `evidence`, `fix` (and `advice`, by product) and `confidence`; the \
    record of a run has them under `findings`. `etag-lab check URL --repro -o case.toml` writes a \
    scenario whose run shows the worst finding again, where a run can show it.";

const PRODUCTS_SAY: &str = "Products for which there is advice, and how each is known: a field \
    with a word of its value, a name, or the beginning of a name with `*`; `perhaps` marks servers \
    that run others, too. A gateway that names itself is not taken for the maker of tags that have \
    not its form. Those without a sign are found here only.";

/// With `REGENERATE` set, as `scripts/regenerate` does, it writes the page instead.
#[test]
fn the_page_lists_every_finding_with_its_experiment_and_its_limits() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));
    if std::env::var_os("REGENERATE").is_some() {
        std::fs::write(path, page()).expect("the page can be written");
    }
    let shown = std::fs::read_to_string(path).expect("there is a page");
    if let Some(difference) = first_difference(&shown, &page()) {
        panic!("the page is not that of the catalogue; scripts/regenerate writes it\n{difference}");
    }
}

fn page() -> String {
    let mut text = format!("# Findings\n\n{}\n\n", wrap(INTRODUCTION, WIDTH).join("\n"));
    text += "| code | name | check | run | what it says |\n| --- | --- | --- | --- | --- |\n";
    let yes = |is: bool| if is { "✓" } else { "" };
    for kind in catalogue::all() {
        let FindingKind { code, name, .. } = kind;
        let (check, run) = (yes(kind.is_found_by_check()), yes(kind.is_found_by_run()));
        let says = kind.says.split_inclusive(['.', ':']).next().unwrap_or_default();
        let says = says.trim_end_matches(['.', ':']);
        let _ = writeln!(
            text,
            "| {code} | [`{name}`](#{}-{name}) | {check} | {run} | {says} |",
            code.to_lowercase()
        );
    }
    text.extend(catalogue::all().into_iter().map(section));
    text + &products()
}

/// Signs by which the products of the advice are known, and the roles in which they are advised.
fn products() -> String {
    let mut text = format!("\n## Products\n\n{}\n\n", wrap(PRODUCTS_SAY, WIDTH).join("\n"));
    text += "| product | roles | response fields | form of its tags |\n| --- | --- | --- | --- |\n";
    for Product { title, roles, signs, hints, forms, is_copied: _ } in PRODUCTS.values() {
        let roles: Vec<_> = roles.iter().map(|role| role.name()).collect();
        let code = |sign: &String| format!("`{sign}`");
        let signs = signs.iter().map(code);
        let hints = hints.iter().map(|hint| format!("perhaps `{hint}`"));
        let signs: Vec<_> = signs.chain(hints).collect();
        let (roles, signs, forms) = (roles.join(", "), signs.join(", "), forms.join(", "));
        let _ = writeln!(text, "| {title} | {roles} | {signs} | {forms} |");
    }
    text
}

fn section(kind: &FindingKind) -> String {
    let mut text = format!("\n## {} `{}`\n", kind.code, kind.name);
    let section = ("Section", kind.section.clone());
    let mut paragraphs = sections(kind);
    paragraphs.extend(Some(section).filter(|(_, said)| !said.is_empty()));
    for (index, (title, said)) in paragraphs.into_iter().enumerate() {
        let said = if index == 0 { said } else { format!("**{title}.** {said}") };
        let _ = write!(text, "\n{}\n", wrap(&said, WIDTH).join("\n"));
    }
    text += "\n**Fix.**\n\n";
    for (scope, change) in advice(kind) {
        let advice = format!("- **{scope}**: {change}");
        let _ = writeln!(text, "{}", wrap(&advice, WIDTH - 2).join("\n  "));
    }
    text
}

/// The first three lines that differ, or `None` when the texts are equal.
fn first_difference(found: &str, wanted: &str) -> Option<String> {
    let (found, wanted): (Vec<_>, Vec<_>) = (found.lines().collect(), wanted.lines().collect());
    let longer = found.len().max(wanted.len());
    let at = (0..longer).find(|&line| found.get(line) != wanted.get(line))?;
    let some = |lines: &[&str], mark: &str| {
        let lines = lines.iter().skip(at).take(3);
        lines.flat_map(|line| [mark, " ", line, "\n"]).collect::<String>()
    };
    Some(format!("from line {}:\n{}{}", at + 1, some(&found, "-"), some(&wanted, "+")))
}

#[test]
fn a_difference_is_shown_by_its_first_lines() {
    assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
    let shown = first_difference("a\nb\n", "a\nc\nd\n").expect("they differ");
    assert_eq!(shown, "from line 2:\n- b\n+ c\n+ d\n");
}
