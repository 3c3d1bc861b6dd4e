//! The flags that describe a run, made from the list of keys, in the order in which they were typed.

use clap::builder::{PossibleValue, PossibleValuesParser, ValueParser};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use scenario::Flags;
use scenario::keys::{self, Flag, Key, Kind, SPECIAL_FLAGS, SpecialFlag};

const FAIL_IF: &str = "fail-if";

/// Flags of a scenario: every key that has one, and those that stand for no single key.
pub(crate) type ScenarioFlags = FlagsOfKeys<true>;

/// Flags of the load alone, for clients of a server that runs already.
pub(crate) type LoadFlags = FlagsOfKeys<false>;

/// Flags that are made from the list of keys: of the whole scenario, or of the load alone.
// The derive of clap wants a field for each flag, which would be a second list of keys.
#[derive(Clone, Debug)]
pub(crate) struct FlagsOfKeys<const WHOLE: bool>(pub(crate) Flags);

impl<const WHOLE: bool> clap::Args for FlagsOfKeys<WHOLE> {
    fn augment_args(command: Command) -> Command {
        if !WHOLE {
            let flags = load_flags().map(with_default);
            return command
                .args(flags.map(|flag| flag.help_heading(heading("load"))))
                .arg(fail_if().help_heading("Result"));
        }
        let of_keys = keys::flagged()
            .map(|(table, key, flag)| argument(key, flag).help_heading(heading(table.name)));
        let (arms, others): (Vec<_>, Vec<_>) =
            SPECIAL_FLAGS.iter().partition(|special| matches!(special.kind, Kind::Name(_)));
        command
            .args(arms.into_iter().map(special).map(|arg| arg.help_heading(heading("fleet"))))
            .args(of_keys)
            .args(others.into_iter().map(special).map(|arg| arg.help_heading("Run")))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const WHOLE: bool> clap::FromArgMatches for FlagsOfKeys<WHOLE> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        if !WHOLE {
            let of_keys = load_flags().map(|(_, flag)| flag.name);
            return Ok(Self(typed(matches, of_keys.chain([FAIL_IF]))));
        }
        let of_keys = keys::flagged().map(|(_, _, flag)| flag.name);
        let names = of_keys.chain(SPECIAL_FLAGS.iter().map(|special| special.flag.name));
        Ok(Self(typed(matches, names)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        Self::from_arg_matches(matches).map(|flags| *self = flags)
    }
}

/// Group of the flags of a table in the help.
fn heading(table: &str) -> &'static str {
    match table {
        "resource" | "fleet" | "balancer" | "cache" => "Fleet and content",
        "control-plane" => "Control plane",
        "load" => "Load",
        _ => "Run",
    }
}

fn load_flags() -> impl Iterator<Item = (&'static Key, Flag)> {
    let of_load = keys::flagged().filter(|(table, key, _)| table.name == "load" && !key.of_fleet);
    of_load.map(|(_, key, flag)| (key, flag))
}

/// The condition of a run, which is one of polls as well.
fn fail_if() -> Arg {
    let flag = SPECIAL_FLAGS.iter().find(|special| special.flag.name == FAIL_IF);
    special(flag.expect("runs have conditions"))
        .help("Exit with 1 if it holds; repeatable")
        .long_help(
            "Exit with 1 if this holds, such as 'not_modified_ratio < 95 %'; may be repeated",
        )
}

fn with_default((key, flag): (&Key, Flag)) -> Arg {
    let arg = argument(key, flag);
    match (key.default, arg.get_long_help().cloned()) {
        (default, Some(help)) if !matches!(default, "" | "false") => {
            arg.long_help(format!("{help}\n\n[default: {default}]"))
        }
        _ => arg,
    }
}

fn argument(key: &Key, flag: Flag) -> Arg {
    let arg = described(valued(flag, key.kind), key.brief, key.doc, key.kind);
    if matches!(key.kind, Kind::Texts) { arg.action(ArgAction::Append) } else { arg }
}

fn special(special: &SpecialFlag) -> Arg {
    let arg = valued(special.flag, special.kind);
    let arg = described(arg, special.brief, special.doc, special.kind);
    let arg = arg.conflicts_with_all(special.conflicts.iter().copied());
    if special.repeats { arg.action(ArgAction::Append) } else { arg }
}

/// The flag with a few words for `-h`, and all there is to say for `--help`.
fn described(arg: Arg, brief: &'static str, doc: &'static str, kind: Kind) -> Arg {
    let mut long = help(doc).to_owned();
    if let Kind::Choice(choices) = kind {
        let lines = choices.iter().map(|(name, doc)| format!("\n- {name}: {}", help(doc)));
        long.extend(["\n".to_owned()].into_iter().chain(lines));
    }
    if let Kind::Name(catalogue) = kind {
        long.extend(["\n\nAll of them: etag-lab list ", catalogue.list]);
    }
    // They are listed with their meaning, or by a command of their own.
    let hides = matches!(kind, Kind::Choice(_) | Kind::Name(_));
    let arg = arg.long_help(long).hide_possible_values(hides);
    if brief.is_empty() { arg.help(help(doc)).hide_short_help(true) } else { arg.help(brief) }
}

/// Help as clap has it: without a full stop.
fn help(doc: &'static str) -> &'static str {
    doc.strip_suffix('.').unwrap_or(doc)
}

fn valued(flag: Flag, kind: Kind) -> Arg {
    let arg = Arg::new(flag.name).long(flag.name);
    if flag.value.is_empty() {
        return arg.action(ArgAction::SetTrue);
    }
    arg.value_name(flag.value).value_parser(parser(kind))
}

/// Checks names here, where a shell completes them; types and ranges are the scenario's.
fn parser(kind: Kind) -> ValueParser {
    match kind {
        Kind::Choice(choices) => {
            let value = |(name, doc): &(&'static str, &'static str)| {
                // Reports print `lock-step`, and the value is `lockstep`.
                let alias = if *name == "lockstep" { "lock-step" } else { *name };
                PossibleValue::new(*name).help(help(doc)).alias(alias)
            };
            PossibleValuesParser::new(choices.iter().map(value)).into()
        }
        Kind::Name(catalogue) => {
            let names = (catalogue.names)().into_iter().chain((catalogue.aliases)());
            PossibleValuesParser::new(names).into()
        }
        _ => clap::value_parser!(String),
    }
}

fn typed(matches: &ArgMatches, names: impl Iterator<Item = &'static str>) -> Flags {
    let given = names.filter(|name| matches.value_source(name) == Some(ValueSource::CommandLine));
    let mut values: Vec<(usize, &str, String)> = Vec::new();
    for name in given {
        let raw = matches.get_raw(name).into_iter().flatten();
        let texts = raw.map(|value| value.to_string_lossy().into_owned());
        let indices = matches.indices_of(name).into_iter().flatten();
        values.extend(indices.zip(texts).map(|(index, text)| (index, name, text)));
    }
    values.sort_by_key(|(index, ..)| *index);
    values.iter().fold(Flags::default(), |flags, (_, name, value)| flags.with(name, value))
}
