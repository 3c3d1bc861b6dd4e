//! Command lines that cannot be understood, in the words of the program: what is wrong, and what to
//! type instead. The parser's own messages list every name there is, and guess badly.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};
use text::{alternatives, excerpt, first_of, letters, near, nearest};

use crate::exit::Failure;
use crate::help;

/// Words of other tools, and what they are called here.
const SYNONYMS: [(&str, &str); 11] = [
    ("apache", "httpd"),
    ("rr", "round-robin"),
    ("leastconn", "least-requests"),
    ("least-conn", "least-requests"),
    ("sha1", "content-hash"),
    ("sha256", "content-hash"),
    ("md5", "content-hash"),
    ("hash", "content-hash"),
    ("counter", "per-process-counter"),
    ("md", "markdown"),
    ("xml", "junit"),
];

/// Names that a line has room for.
const FEW: usize = 12;

/// Flags that a command has not, or no command with another flag, and what does the same.
const FOREIGN_FLAGS: [(&str, &str, &str); 15] = [
    ("wire", "--format", "the log is text; --har makes an archive; a page: run --format html"),
    ("check", "-k", "curl's -k is --insecure here"),
    ("check", "-u", "give credentials with -H 'Authorization: …'"),
    ("check", "-L", "curl's -L is --follow here"),
    ("check", "-X", "a check sends GET only"),
    ("check", "--url", "the URL needs no flag: etag-lab check URL"),
    ("poll", "--url", "the URL needs no flag: etag-lab poll URL"),
    ("poll", "-k", "curl's -k is --insecure here"),
    ("poll", "-u", "give credentials with -H 'Authorization: …'"),
    ("poll", "-n", "the number of polls is --polls, or for all clients together --total-polls"),
    ("poll", "-c", "the number of clients is --clients"),
    ("--listen", "--port", "address and port go together: --listen 127.0.0.1:PORT"),
    ("--listen", "-p", "address and port go together: --listen 127.0.0.1:PORT"),
    ("", "-v", "there is no verbose mode; `etag-lab wire` shows what went over the wire"),
    ("", "--verbose", "there is no verbose mode; `etag-lab wire` shows what went over the wire"),
];

/// The failure for a command line that clap refuses; `None` where it prints what was asked for.
pub(crate) fn refused(error: &clap::Error, program: &Command) -> Option<Failure> {
    let command = typed_command(program);
    let name = name_of(command);
    let given = |kind| context(error, kind);
    let argument = given(ContextKind::InvalidArg);
    let value = given(ContextKind::InvalidValue);
    Some(match error.kind() {
        ErrorKind::InvalidSubcommand if command.has_subcommands() && name != "etag-lab" => {
            unknown_part(command, &given(ContextKind::InvalidSubcommand))
        }
        ErrorKind::InvalidSubcommand => {
            unknown_command(program, &given(ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => unknown_argument(command, program, &argument),
        ErrorKind::InvalidValue if value.is_empty() => Failure::input(
            format!("{argument} has no value"),
            format!("put one behind it; see {name} -h"),
        ),
        ErrorKind::InvalidValue => unknown_value(command, program, &argument, &value),
        ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(error).map(ToString::to_string);
            let title = format!("`{}` is no value for {}", excerpt(&value), flag_of(&argument));
            // The parser of numbers in the standard library speaks of digits and strings.
            let reason = reason.filter(|reason| !reason.contains("in string"));
            let number = || format!("give a whole number, such as {}", text::NUMBER_FORMS);
            Failure::input(title, reason.unwrap_or_else(number))
        }
        ErrorKind::MissingRequiredArgument => {
            Failure::input(format!("{name} needs {argument}"), how_to_give(command, &argument))
        }
        ErrorKind::ArgumentConflict => {
            let other = given(ContextKind::PriorArg);
            if other.is_empty() || flag_of(&other) == flag_of(&argument) {
                let title = format!("{} was given twice", flag_of(&argument));
                Failure::input(title, "give it once")
            } else {
                let pair = [&argument, &other].map(|arg| flag_of(arg).to_owned()).join(" and ");
                Failure::input(format!("{pair} exclude each other"), "keep one of the two")
            }
        }
        _ => return None,
    })
}

/// What to do about an argument that is missing.
fn how_to_give(command: &Command, argument: &str) -> String {
    let name = name_of(command);
    let flag = flag_of(argument);
    let mut required = command.get_arguments().filter(|arg| arg.is_required_set());
    let is_always = required.any(|arg| arg.get_long() == flag.strip_prefix("--"));
    if flag.starts_with("--") && !is_always {
        // An example would leave out the flag that is there.
        return format!(
            "a flag that was given means nothing without {flag}: add it, or leave that out"
        );
    }
    help::example(command.get_name())
        .map_or_else(|| format!("see {name} -h"), |example| format!("for example {example}"))
}

/// The command that was typed.
fn typed_command(program: &Command) -> &Command {
    let mut words = std::env::args_os().skip(1);
    words.find_map(|word| program.find_subcommand(word.to_str()?)).unwrap_or(program)
}

/// The words by which a command is called.
fn name_of(command: &Command) -> String {
    match command.get_name() {
        "etag-lab" => "etag-lab".to_owned(),
        name => format!("etag-lab {name}"),
    }
}

fn context(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" and "),
        _ => String::new(),
    }
}

/// `--rate` of `--rate <N>`.
fn flag_of(argument: &str) -> &str {
    argument.split([' ', '=']).next().unwrap_or(argument)
}

/// A word behind a command that has commands of its own.
fn unknown_part(command: &Command, given: &str) -> Failure {
    let names: Vec<_> = command.get_subcommands().map(Command::get_name).collect();
    let title = format!("there is no `{} {}`", name_of(command), excerpt(given));
    Failure::input(title, text::suggestion(given, &names))
}

fn unknown_command(program: &Command, name: &str) -> Failure {
    let shown = excerpt(name);
    let commands: Vec<_> = program.get_subcommands().filter(|it| !it.is_hide_set()).collect();
    let names: Vec<_> = commands.iter().map(|command| command.get_name()).collect();
    let scenarios: Vec<_> = scenario::BUILT_IN.iter().map(|built_in| built_in.name).collect();
    let extension = std::path::Path::new(name).extension().and_then(|it| it.to_str());
    let help = if let Some(command) = nearest(name, &names) {
        format!("did you mean `etag-lab {command}`?")
    } else if name.contains("://") {
        format!("did you mean `etag-lab check {shown}`?")
    } else if extension == Some("toml") {
        format!("did you mean `etag-lab run {shown}`?")
    } else if extension == Some("json") {
        format!("did you mean `etag-lab report {shown}`?")
    } else if let Some(scenario) = nearest(name, &scenarios) {
        format!("did you mean `etag-lab run {scenario}`?")
    } else if let Some(topic) = crate::commands::explain::likely(name) {
        format!("did you mean `etag-lab explain {topic}`?")
    } else {
        "the commands are in `etag-lab --help`; start with `etag-lab run`".to_owned()
    };
    Failure::input(format!("there is no command `{shown}`"), help)
}

fn unknown_argument(command: &Command, program: &Command, argument: &str) -> Failure {
    let (name, shown) = (name_of(command), excerpt(argument));
    if !argument.starts_with('-') {
        let title = format!("`{shown}` is one argument too many");
        let flag = command.get_arguments().filter_map(Arg::get_long);
        let flag = flag.into_iter().find(|flag| *flag == argument.split('=').next().unwrap_or(""));
        let usage = command.clone().bin_name(&name).render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").to_owned();
        return Failure::input(
            title,
            match flag {
                Some(flag) => format!("did you mean `--{flag}`?"),
                None if argument.contains('=') && has(command, "set") => {
                    format!("did you mean `--set {shown}`?")
                }
                None => usage,
            },
        );
    }
    let typed = flag_of(argument);
    let concerns = |of: &str| match of.strip_prefix("--") {
        Some(long) => has(command, long),
        None => of.is_empty() || of == command.get_name(),
    };
    let foreign = FOREIGN_FLAGS.iter().find(|(of, flag, _)| *flag == typed && concerns(of));
    let bare = typed.trim_start_matches('-');
    let longs = command.get_arguments().filter_map(Arg::get_long);
    let longs: Vec<_> = longs.chain(["help", "version", "color"]).collect();
    let others = program.get_subcommands().filter(|it| !it.is_hide_set() && has(it, bare));
    let others: Vec<_> = others.map(Command::get_name).collect();
    let help = if let Some((.., help)) = foreign {
        (*help).to_owned()
    } else if let Some(long) = nearest(&long_form(bare), &longs) {
        format!("did you mean `--{long}`?")
    } else if others.is_empty() {
        format!("its flags are in `{name} --help`")
    } else {
        format!("`--{bare}` is a flag of {}", first_of(&others))
    };
    Failure::input(format!("{name} has no flag `{}`", excerpt(typed)), help)
}

/// The whole argument of a flag typed with one dash: of `-clients` clap tells only `-c`.
fn long_form(bare: &str) -> String {
    let words = std::env::args();
    let mut typed = words.filter(|word| word.starts_with(&format!("-{bare}")) && word.len() > 3);
    typed.next().map_or_else(
        || bare.to_owned(),
        |word| word.trim_start_matches('-').split('=').next().unwrap_or("").to_owned(),
    )
}

fn has(command: &Command, long: &str) -> bool {
    command.get_arguments().any(|argument| argument.get_long() == Some(long))
}

fn unknown_value(command: &Command, program: &Command, argument: &str, value: &str) -> Failure {
    let flag = flag_of(argument);
    // Flags of every command are the program's.
    let mut all = command.get_arguments().chain(program.get_arguments());
    let arg = all.find(|arg| match flag.strip_prefix("--") {
        Some(long) => arg.get_long() == Some(long),
        None => arg.is_positional(),
    });
    let values = arg.map(Arg::get_possible_values).unwrap_or_default();
    let names: Vec<_> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
    let of_word = |typed: &str| {
        let synonym = SYNONYMS.iter().find(|(word, _)| letters(word) == letters(typed));
        synonym.map(|(_, name)| *name).filter(|name| names.contains(name))
    };
    let mut near = of_word(value).map_or_else(|| near(value, &names), |name| vec![name]);
    if near.is_empty() {
        let nearest = nearest(value, &SYNONYMS.map(|(word, _)| word));
        near.extend(nearest.and_then(of_word));
    }
    let help = match near.as_slice() {
        [] => format!("known: {}", first_of(&names)),
        near => format!("did you mean {}?", alternatives(near)),
    };
    let list = match flag.trim_start_matches('-') {
        "before" | "after" | "strategy" => "strategies",
        "policy" => "policies",
        "edge" => "edges",
        "cache" => "caches",
        _ => "",
    };
    let subject = if flag.starts_with('-') { flag.to_owned() } else { name_of(command) };
    let failure = Failure::input(format!("{subject} does not know `{}`", excerpt(value)), help);
    if list.is_empty() && !near.is_empty() && names.len() <= FEW {
        failure.with_help(format!("all of them: {}", text::listed(&names)))
    } else if list.is_empty() {
        failure
    } else {
        failure.with_help(format!("all of them: etag-lab list {list}"))
    }
}
