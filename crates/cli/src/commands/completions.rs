//! `etag-lab completions`: for a shell, with the names of scenarios and of all that can be explained.

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Command};
use clap_complete::Shell;

use crate::commands::{explain, show};

/// Completions of a program that knows names as well as flags.
pub(super) fn of(program: Command, shell: Shell) -> String {
    let scenarios: Vec<_> = scenario::BUILT_IN.iter().map(|built_in| built_in.name).collect();
    let shown = [scenarios.as_slice(), &[show::TEMPLATE_NAME]].concat();
    let named = [
        ("run", "scenario", scenarios.clone()),
        ("wire", "scenario", scenarios.clone()),
        ("show", "scenario", shown),
        ("explain", "words", words()),
    ];
    let mut program = named.into_iter().fold(program, |program, (command, argument, names)| {
        program.mut_subcommand(command, |command| {
            command.mut_arg(argument, |arg| arg.value_parser(PossibleValuesParser::new(names)))
        })
    });
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut program, "etag-lab", &mut text);
    let text = String::from_utf8_lossy(&text).into_owned();
    match shell {
        // The generator for fish leaves positional arguments out.
        Shell::Fish => text + &fish(&program),
        // A scenario may be a file as well.
        Shell::Zsh => {
            let words = scenarios.join(" ");
            let either = format!(":{{compadd {words}; _files -g \"*.toml\"}}'");
            text.replace(&format!(":({words})'"), &either)
        }
        _ => text,
    }
}

/// Names that can be explained, without those of several words, which a shell would have to quote.
fn words() -> Vec<&'static str> {
    let is_word = |name: &&str| name.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
    let mut words: Vec<_> = explain::names().into_iter().filter(is_word).collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn fish(program: &Command) -> String {
    let lines = program.get_subcommands().flat_map(|command| {
        let condition = format!("__fish_etag_lab_using_subcommand {}", command.get_name());
        let values = command.get_positionals().map(Arg::get_possible_values);
        values.filter(|values| !values.is_empty()).map(move |values| {
            let names: Vec<_> = values.iter().map(PossibleValue::get_name).collect();
            let names = names.join(" ");
            format!("complete -c etag-lab -n \"{condition}\" -a \"{names}\"\n")
        })
    });
    lines.collect()
}
