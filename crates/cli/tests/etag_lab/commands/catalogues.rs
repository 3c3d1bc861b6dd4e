//! Commands by which the program describes itself: `list`, `completions`, `man`, `schema`, `--help`.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::{ended, json_of, output_of, stderr, stdout};

fn commands() -> impl Iterator<Item = &'static str> {
    "run model live learn mystery poll check logs explain show wire replica balancer coalesce \
     source list report compare merge schema completions man"
        .split(' ')
}

/// Kinds that can be listed, with the names in their catalogues.
fn kinds() -> [(&'static str, Vec<&'static str>); 7] {
    [
        ("strategies", strategies::names().collect()),
        ("policies", balancer::catalogue::POLICIES.iter().map(|policy| policy.name).collect()),
        ("edges", balancer::catalogue::EDGES.iter().map(|edge| edge.name).collect()),
        ("caches", cache::catalogue::CACHES.iter().map(|cache| cache.name).collect()),
        ("stores", origin::shared_tags::stores::STORES.iter().map(|store| store.name).collect()),
        ("formats", report::catalogue::FORMATS.iter().map(|format| format.name).collect()),
        ("scenarios", scenario::BUILT_IN.iter().map(|built_in| built_in.name).collect()),
    ]
}

/// Names at the beginning of lines that are indented by two.
fn listed(text: &str) -> Vec<&str> {
    let name = |line: &'_ str| line.starts_with("  ") && !line.starts_with("   ");
    text.lines()
        .filter(|line| name(line))
        .filter_map(|line| line.split_whitespace().next())
        .collect()
}

fn assert_fits(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
    }
}

#[test]
fn everything_is_listed_under_its_kind() {
    let output = ended(&["list"], 0);
    let text = stdout(&output);
    assert_fits(text);
    let titles: Vec<_> = text.lines().filter(|line| line.starts_with(char::is_uppercase)).collect();
    assert_eq!(
        titles,
        ["STRATEGIES", "POLICIES", "EDGES", "CACHES", "STORES", "FORMATS", "SCENARIOS"]
    );
    assert_eq!(listed(text), kinds().map(|(_, names)| names).concat());
}

#[test]
fn each_kind_is_listed_alone() {
    for (kind, names) in kinds() {
        let output = ended(&["list", kind], 0);
        assert_eq!(listed(stdout(&output)), names, "{kind}");
    }
}

#[test]
fn completions_know_every_command_and_where_the_shell_can_every_strategy() {
    for (shell, knows_values) in
        [("bash", true), ("zsh", true), ("fish", true), ("elvish", false), ("powershell", false)]
    {
        let output = ended(&["completions", shell], 0);
        let text = stdout(&output);
        let values = strategies::names().filter(|_| knows_values);
        for word in commands().chain(values) {
            assert!(text.contains(word), "{shell} does not know {word}");
        }
        assert!(!text.contains("guard"), "{shell} offers what is for the lab's own use");
    }
}

#[test]
fn the_manual_is_one_page_with_every_command_once() {
    let output = ended(&["man"], 0);
    let page = stdout(&output);
    assert_eq!(page.matches("\n.TH ETAG").count(), 1, "{page}");
    let sections = page.lines().filter_map(|line| line.strip_prefix(".SS \""));
    let sections = sections.map(|usage| usage.split([' ', '"']).next().unwrap_or_default());
    let mut sections: Vec<_> = sections.collect();
    // A command with commands of its own has a section for each of them.
    sections.dedup();
    assert_eq!(sections, commands().collect::<Vec<_>>());
    let macros = page.lines().filter_map(|line| line.strip_prefix('.'));
    for line in macros {
        let name = line.split(' ').next().unwrap_or_default();
        let known = "ie el TH SH SS TP PP IP RS RE br nf fi".split(' ').any(|known| known == name);
        assert!(known, ".{line}");
    }
}

#[test]
fn groff_has_nothing_to_say_about_the_manual() {
    let groff = Command::new("groff")
        .args(["-man", "-Tutf8", "-ww", "-z"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    // Not a peer that the lab is measured against: nobody needs to install it for the tests.
    let Ok(mut groff) = groff else { return };
    let page = output_of(&["man"]).stdout;
    let mut stdin = groff.stdin.take().expect("it is piped");
    stdin.write_all(&page).expect("groff reads the page");
    drop(stdin);
    let output = groff.wait_with_output().expect("groff ends");
    assert_eq!(stderr(&output), "");
}

#[test]
fn the_schema_has_every_table_and_no_reference_leads_nowhere() {
    let output = ended(&["schema"], 0);
    let schema = json_of(&output);
    let draft = schema["$schema"].as_str().expect("it says which schema it is");
    assert!(draft.starts_with("https://json-schema.org/"), "{draft}");
    let tables = "name summary headline lesson source resource fleet balancer load change \
                  event arm expect control-plane";
    for key in tables.split(' ') {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
    for reference in stdout(&output).split("\"#/$defs/").skip(1) {
        let name = reference.split('"').next().unwrap_or_default();
        assert!(schema["$defs"][name].is_object(), "{name}");
    }
    assert_eq!(schema["$defs"]["load"]["properties"]["clients"]["minimum"], 1);
}

#[test]
fn help_of_everything_fits_and_says_what_the_codes_mean() {
    for command in commands() {
        let output = ended(&[command, "--help"], 0);
        assert!(stdout(&output).contains("Usage: etag-lab "), "{command}");
        assert_fits(stdout(&output));
    }
    let output = output_of(&["--help"]);
    assert_fits(stdout(&output));
    let codes = stdout(&output).split_once("Exit codes:").map(|(_, codes)| codes);
    insta::assert_snapshot!("exit_codes", codes.unwrap_or_default());
}

#[test]
fn the_version_is_one_line() {
    let output = ended(&["--version"], 0);
    assert_eq!(stdout(&output), concat!("etag-lab ", env!("CARGO_PKG_VERSION"), "\n"));
}
