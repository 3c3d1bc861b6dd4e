//! The help of every command: `-h` is a screen with examples, `--help` has everything.

use crate::support::{ended, output_of, stdout};

const COMMANDS: &str = "run model live poll check logs explain show wire replica balancer coalesce source list \
                        report compare merge schema completions man learn mystery";

/// Lines of a screen.
const SCREEN: usize = 40;

fn help_of(args: &[&str]) -> String {
    stdout(&ended(args, 0)).to_owned()
}

#[test]
fn the_short_help_of_each_command_is_a_screen() {
    for command in COMMANDS.split_whitespace() {
        let help = help_of(&[command, "-h"]);
        let lines = help.lines().count();
        assert!(lines <= SCREEN, "{command} -h has {lines} lines\n{help}");
        let widest = help.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(80), "{command} -h: {widest:?} columns\n{help}");
        insta::assert_snapshot!(format!("help_{command}"), help);
    }
    assert!(help_of(&["-h"]).lines().count() <= SCREEN);
}

#[test]
fn every_flag_is_in_the_short_help_or_named_there() {
    for command in COMMANDS.split_whitespace() {
        let (short, long) = (help_of(&[command, "-h"]), help_of(&[command, "--help"]));
        let flags = long.lines().filter_map(|line| {
            line.trim_start()
                .split(' ')
                .find(|word| line.trim_start().starts_with('-') && word.starts_with("--"))
        });
        for flag in flags
            .map(|flag| flag.trim_end_matches(','))
            .filter(|flag| !["--help", "--fail-if"].contains(flag))
        {
            assert!(short.contains(flag), "{command} -h does not name {flag}");
        }
    }
}

#[test]
fn examples_in_the_help_are_understood() {
    for command in COMMANDS.split_whitespace() {
        let help = help_of(&[command, "-h"]);
        let Some((_, examples)) = help.split_once("Examples:\n") else { continue };
        assert_eq!(examples.lines().count(), 2, "{command}: {examples}");
        for line in examples.lines().filter(|line| !line.contains(['>', '\''])) {
            // Help of the same command line: it is read, and nothing is run.
            let words = line.trim().split(' ').skip(1).chain(["--help"]);
            let output = output_of(&words.collect::<Vec<_>>());
            assert!(output.status.success(), "{line}");
        }
    }
}

#[test]
fn a_template_and_every_scenario_can_be_shown_and_run_again() {
    for built_in in scenario::BUILT_IN {
        assert_eq!(help_of(&["show", built_in.name]), built_in.text);
    }
    let template = help_of(&["show", "template"]);
    assert_eq!(template, help_of(&["show", "--template"]));
    std::fs::write(crate::support::home().join("mine.toml"), template).expect("written");
    let output = ended(&["run", "mine.toml", "--no-save"], 0);
    assert!(stdout(&output).contains("2 of 2 expectations held"), "{}", stdout(&output));
}

#[test]
fn words_are_explained_wherever_they_come_from() {
    for (word, expected) in [
        ("ETL1", "node-local-tag"),
        ("etl012", "download-restarted"),
        ("nodelocal", "see: etag-lab explain node-local-tag"),
        ("mtime-size", "seen in: nginx"),
        ("all-200s", "etag-lab show all-200s"),
        ("nginx", "gzip-weaken"),
        ("sticky", "etag-lab run --policy sticky"),
        ("needless", "already held"),
        ("after.bytes.requests", "bytes that clients sent"),
        ("process", "node-local-tag"),
        ("counter-like", "a small number"),
        ("304 rate", "conditional requests"),
    ] {
        let text = help_of(&["explain", word]);
        assert!(text.contains(expected), "{word}: {text}");
    }
}

#[test]
fn completions_know_scenarios_and_what_can_be_explained() {
    for shell in ["bash", "zsh", "fish"] {
        let text = help_of(&["completions", shell]);
        for word in [
            "all-200s",
            "control-plane-fanout",
            "template",
            "ETL012",
            "round-robin",
            "needless_transfer",
        ] {
            assert!(text.contains(word), "{shell} does not know {word}");
        }
    }
}
