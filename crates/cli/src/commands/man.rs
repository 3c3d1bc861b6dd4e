//! `etag-lab man`: one manual page for all commands, made from the same description as `--help`.
//!
//! Knows the few man(7) macros it needs; how a page looks is up to the reader's `man`.

use clap::{Arg, Command};

use crate::args;
use crate::exit::{EXIT_CODES, Ending, Failure};
use crate::output;

/// Prints the manual page.
pub(crate) fn run() -> Result<Ending, Failure> {
    output::print(&page(&args::documented()))?;
    Ok(Ending::Done)
}

fn page(program: &Command) -> String {
    let name = program.get_name();
    let version = program.get_version().unwrap_or_default();
    let about = about(program);
    let mut page = Page::default();
    page.macro_line(&format!(".TH {} 1 \"\" \"{name} {version}\"", name.to_uppercase()));
    page.section("NAME");
    page.text(&format!("{name} - {about}"));
    page.section("SYNOPSIS");
    page.markup(&format!(r"{} {} {}", bold(name), italic("COMMAND"), plain("[OPTIONS]")));
    page.section("DESCRIPTION");
    page.text(&format!("{about}. Start with \"{name} run\"."));
    page.section("COMMANDS");
    program.get_subcommands().for_each(|command| page.command(command));
    page.section("OPTIONS OF EVERY COMMAND");
    program.get_arguments().for_each(|argument| page.argument(argument));
    page.argument(&Arg::new("help").short('h').long("help").num_args(0).help("Print help"));
    page.section("EXIT STATUS");
    for (code, meaning) in EXIT_CODES {
        page.item(&bold(&code.to_string()), meaning);
    }
    page.section("ENVIRONMENT");
    page.item(&bold("NO_COLOR"), "When set, nothing is coloured unless --color says so.");
    page.section("FILES");
    page.item(&bold("results/runs/*.json"), "Saved runs, for the commands report and compare.");
    page.text
}

/// A page as far as it is written.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn macro_line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn section(&mut self, title: &str) {
        self.macro_line(&format!(".SH {title}"));
    }

    fn text(&mut self, text: &str) {
        self.markup(&plain(text));
    }

    /// Text that is escaped already.
    fn markup(&mut self, text: &str) {
        // A line that begins with a control character would be taken for a macro.
        let guard = if text.starts_with(['.', '\'']) { r"\&" } else { "" };
        self.macro_line(&format!("{guard}{text}"));
    }

    fn item(&mut self, markup: &str, text: &str) {
        self.macro_line(".TP");
        self.markup(markup);
        self.text(text);
    }

    fn command(&mut self, command: &Command) {
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").trim_start_matches("etag-lab ");
        self.macro_line(&format!(".SS \"{}\"", plain(usage).replace('"', r"\(dq")));
        self.text(&format!("{}.", about(command)));
        let own = |argument: &&Arg| !argument.is_global_set() && !argument.is_hide_set();
        let (named, positional): (Vec<_>, Vec<_>) =
            command.get_arguments().filter(own).partition(|argument| !argument.is_positional());
        positional.into_iter().chain(named).for_each(|argument| self.argument(argument));
        if let Some(extra) = command.get_after_help() {
            self.as_it_stands(&extra.to_string());
        }
    }

    /// Lines that are laid out already.
    fn as_it_stands(&mut self, text: &str) {
        self.macro_line(".PP\n.nf");
        text.lines().for_each(|line| self.text(line));
        self.macro_line(".fi");
    }

    fn argument(&mut self, argument: &Arg) {
        let mut help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let values: Vec<_> = argument
            .get_possible_values()
            .iter()
            .map(|value| value.get_name().to_owned())
            .collect();
        if argument.get_action().takes_values() && !values.is_empty() {
            help.extend([": ", &values.join(", ")]);
        }
        let defaults: Vec<_> =
            argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        if argument.get_action().takes_values() && !defaults.is_empty() {
            help.extend([" [default: ", &defaults.join(" "), "]"]);
        }
        self.item(&spelled(argument), &help);
    }
}

/// `-o, --output FILE`, in bold and italics.
fn spelled(argument: &Arg) -> String {
    let short = argument.get_short().map(|short| bold(&format!("-{short}")));
    let long = argument.get_long().map(|long| bold(&format!("--{long}")));
    let names: Vec<_> = short.into_iter().chain(long).collect();
    let values = argument.get_value_names().unwrap_or_default();
    let values = values.iter().map(|value| italic(value)).collect::<Vec<_>>().join(" ");
    match (names.is_empty(), argument.get_action().takes_values()) {
        (true, _) => values,
        (false, true) => format!("{} {values}", names.join(", ")),
        (false, false) => names.join(", "),
    }
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

/// Every character as itself: no escapes, and hyphens that can be copied.
fn plain(text: &str) -> String {
    text.replace('\\', r"\e").replace('-', r"\-").replace('…', r"\&...")
}

fn bold(text: &str) -> String {
    format!(r"\fB{}\fR", plain(text))
}

fn italic(text: &str) -> String {
    format!(r"\fI{}\fR", plain(text))
}
