//! What README.md shows is what the program prints, but for what differs from run to run.

mod support;

use std::path::Path;

/// The first block of output in the README.
fn shown() -> String {
    let readme = std::fs::read_to_string(support::workspace().join("README.md"));
    let readme = readme.expect("the project has a README");
    let block = readme.split("```text\n").nth(1).expect("the README shows output");
    block.split("```").next().unwrap_or_default().to_owned()
}

/// Latencies differ from run to run, everything else is counted and repeats.
fn without_latencies(text: &str) -> Vec<&str> {
    let timed = |line: &&str| !["µs", " ms"].iter().any(|unit| line.contains(unit));
    text.lines().filter(timed).map(str::trim_end).collect()
}

#[test]
fn the_readme_shows_the_real_output_of_its_one_command() {
    let output = support::output_of(&["run", "--no-save"]);
    let printed = String::from_utf8(output.stdout).expect("the table is UTF-8");
    assert_eq!(without_latencies(&shown()), without_latencies(&printed));
    assert!(shown().contains("µs"), "the README shows latencies too");
}

#[test]
fn every_file_that_the_readmes_point_to_exists() {
    for readme in ["README.md", "crates/README.md", "scenarios/README.md", "results/README.md"] {
        let path = support::workspace().join(readme);
        let text = std::fs::read_to_string(&path).expect(readme);
        let folder = path.parent().unwrap_or(Path::new("."));
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            assert!(folder.join(link).exists(), "{readme} points to {link}");
        }
    }
}
