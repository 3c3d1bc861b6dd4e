//! The help of all commands: `-h` fits a screen and ends with examples, `--help` says everything.
//!
//! `-h` shows the flags that most people need, in a few words each, and names the others in a line.

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command};

/// Two examples of each command.
const EXAMPLES: [(&str, [&str; 2]); 20] = [
    ("run", ["etag-lab run", "etag-lab run scale-out --policy random --format html -o page.html"]),
    (
        "model",
        [
            "etag-lab model --clients 4e6 --price 0.09/GB",
            "etag-lab model scale-out --clients 1e9 --replicas 1..1000",
        ],
    ),
    ("live", ["etag-lab live", "etag-lab live scale-out --policy random --price 0.09/GB"]),
    ("mystery", ["etag-lab mystery --level 2", "etag-lab mystery answer ETL001 --cause inode"]),
    ("learn", ["etag-lab learn", "etag-lab learn verify two-nodes"]),
    (
        "poll",
        [
            "etag-lab poll http://127.0.0.1:9000/api/config",
            "etag-lab poll http://127.0.0.1:9000/ --fail-if 'not_modified_ratio < 95 %'",
        ],
    ),
    (
        "check",
        [
            "etag-lab check https://api.example.com/config",
            "etag-lab check URL --backend 10.0.0.1:8080 --backend 10.0.0.2:8080",
        ],
    ),
    ("logs", ["etag-lab logs /var/log/nginx/access.log*", "etag-lab logs --print-format haproxy"]),
    ("explain", ["etag-lab explain ETL001", "etag-lab explain needless"]),
    ("show", ["etag-lab show all-200s", "etag-lab show template > mine.toml"]),
    ("wire", ["etag-lab wire", "etag-lab wire gzip-weaken --arm before --content 200"]),
    (
        "replica",
        [
            "etag-lab replica --strategy mtime-size",
            "etag-lab replica --listen 127.0.0.1:9002 --file config.json",
        ],
    ),
    (
        "balancer",
        [
            "etag-lab balancer --replica 127.0.0.1:9001 --replica 127.0.0.1:9002",
            "etag-lab balancer --replica http://127.0.0.1:9001 --edge nginx",
        ],
    ),
    (
        "coalesce",
        [
            "etag-lab coalesce --upstream routes.json",
            "etag-lab coalesce --upstream etcd://127.0.0.1:2379/routes --interval 1s",
        ],
    ),
    (
        "source",
        [
            "etag-lab source --store file:routes.json",
            "etag-lab source --store etcd://127.0.0.1:2379/routes",
        ],
    ),
    ("list", ["etag-lab list scenarios", "etag-lab list strategies"]),
    (
        "report",
        [
            "etag-lab report --last --format markdown",
            "etag-lab report results/runs/RUN.json --format html -o page.html",
        ],
    ),
    (
        "compare",
        [
            "etag-lab compare results/runs/A.json results/runs/B.json",
            "etag-lab compare A.json B.json --force --format markdown",
        ],
    ),
    (
        "merge",
        [
            "etag-lab merge shard-0.json shard-1.json shard-2.json",
            "etag-lab merge - < shards.jsonl --format json",
        ],
    ),
    (
        "completions",
        [
            "etag-lab completions bash > /etc/bash_completion.d/etag-lab",
            "etag-lab completions fish > ~/.config/fish/completions/etag-lab.fish",
        ],
    ),
];

/// Flags that `-h` only names, those made from the keys of scenarios aside.
const RARE: [(&str, &[&str]); 10] = [
    ("run", &["results", "interval", "accept-encoding", "no-save"]),
    (
        "model",
        &[
            "results",
            "interval",
            "accept-encoding",
            "each-client",
            "replica-command",
            "edge",
            "fail-if",
            "size",
            "set",
            "no-save",
        ],
    ),
    (
        "live",
        &[
            "control-token-file",
            "fail-if",
            "polls",
            "cadence",
            "interval",
            "before",
            "after",
            "set",
        ],
    ),
    ("wire", &["interval", "size", "replica-command", "fail-if"]),
    (
        "poll",
        &[
            "path",
            "results",
            "last-known-good",
            "header-file",
            "resolve",
            "cert",
            "key",
            "shard",
            "barrier",
            "barrier-timeout",
            "allow-missing",
            "start-at",
        ],
    ),
    (
        "check",
        &[
            "header-file",
            "http",
            "max-time",
            "max-content",
            "resolve",
            "all-ips",
            "every",
            "follow",
            "write",
            "for",
            "repro",
        ],
    ),
    (
        "replica",
        &[
            "id",
            "changes-seen",
            "cache-control",
            "content-type",
            "control",
            "copy",
            "read-only",
            "host",
            "require-if-match",
            "store-lease",
            "store-namespace",
            "poll-multiplier",
            "poll-interval",
            "token",
            "token-file",
            "store-password-file",
            "database",
            "store-ttl",
            "store-protocol",
        ],
    ),
    ("source", &["control"]),
    ("logs", &["price"]),
    (
        "coalesce",
        &[
            "timeout",
            "jitter",
            "allow-empty",
            "allow-missing",
            "agree-on-date",
            "max-bytes",
            "no-last-modified",
            "id",
            "control",
            "header-file",
            "client-token-file",
        ],
    ),
];

/// Values that help names; `etag-lab list` has more.
const MOST_VALUES: usize = 8;

/// Widest line of help.
const WIDTH: usize = 80;

/// First example of a command.
pub(crate) fn example(command: &str) -> Option<&'static str> {
    EXAMPLES.iter().find(|(name, _)| *name == command).map(|(_, [first, _])| *first)
}

/// The command line with the help of both lengths.
pub(crate) fn tuned(program: Command) -> Command {
    let names: Vec<_> = program.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    let program = program.mut_arg("color", |arg| arg.hide_short_help(true));
    names.into_iter().fold(program, |program, name| program.mut_subcommand(name, tuned_command))
}

fn tuned_command(command: Command) -> Command {
    let name = command.get_name().to_owned();
    let rare = RARE.iter().find(|(command, _)| *command == name).map_or(&[][..], |(_, rare)| rare);
    let parts: Vec<_> = command.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    let command = parts.into_iter().fold(command, |command, part| {
        command.mut_subcommand(part, |part| part.disable_help_flag(true).arg(help_flag()))
    });
    let command = command.disable_help_flag(true).arg(help_flag()).mut_args(|arg| {
        let is_rare = arg.get_long().is_some_and(|long| rare.contains(&long));
        shortened(if is_rare { arg.hide_short_help(true) } else { arg })
    });
    let examples = EXAMPLES.iter().find(|(command, _)| *command == name);
    let examples = examples.map(|(_, examples)| format!("Examples:\n  {}", examples.join("\n  ")));
    let parts = |first: Option<String>| {
        first.into_iter().chain(examples.clone()).collect::<Vec<_>>().join("\n\n")
    };
    let whole = command.get_after_help().map(StyledStr::to_string);
    let short = parts(Some(named(&command)));
    command.after_long_help(parts(whole)).after_help(short)
}

/// `-h` need not say what it is.
fn help_flag() -> Arg {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    help.help("Print this help; a few words of it with -h").hide_short_help(true)
}

/// The flags that `-h` does not show.
fn named(command: &Command) -> String {
    let hidden = command.get_arguments().filter(|arg| arg.is_hide_short_help_set());
    let hidden = hidden.filter_map(Arg::get_long).filter(|long| *long != "help");
    let hidden: Vec<_> = hidden.chain(["color"]).map(|long| format!("--{long}")).collect();
    let text = format!("More, in --help: {}", hidden.join(", "));
    text::wrap(&text, WIDTH).join("\n")
}

/// A flag with its first few words for `-h`; and a value that begins with a hyphen is one.
fn shortened(arg: Arg) -> Arg {
    let takes_value = arg.get_action().takes_values();
    let is_option = takes_value && !arg.is_positional();
    let arg = if is_option { arg.allow_negative_numbers(true) } else { arg };
    let many = takes_value && arg.get_possible_values().len() > MOST_VALUES;
    let arg = if many { arg.hide_possible_values(true) } else { arg };
    let (Some(help), None) = (arg.get_help().map(StyledStr::to_string), arg.get_long_help()) else {
        return arg;
    };
    // Its default is part of the help already.
    let default = help.rfind(" [default").filter(|_| help.ends_with(']'));
    let (said, default) = help.split_at(default.unwrap_or(help.len()));
    let brief = format!("{}{default}", brief(said));
    if brief == help { arg } else { arg.help(brief).long_help(help) }
}

/// The beginning of a text that makes sense alone.
fn brief(text: &str) -> &str {
    const SHORTEST: usize = 12;
    let ends = ["; ", ". ", ": ", " (", ", such as"];
    let end = ends.iter().filter_map(|end| text.find(end)).filter(|at| *at >= SHORTEST).min();
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_help_makes_sense_alone() {
        assert_eq!(brief("Address to listen on; port 0 takes one"), "Address to listen on");
        assert_eq!(brief("Format of the result"), "Format of the result");
        assert_eq!(brief("A: b"), "A: b");
    }
}
