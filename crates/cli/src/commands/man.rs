//! `etag-lab man`: one manual page for all commands, rendered from what `--help` prints.
//!
//! `clap_mangen` makes a page for each command. One page can be searched as a whole, so each command
//! is a subsection here. The sections that clap knows nothing of are appended.

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::exit::{EXIT_CODES, Ending, Failure};
use crate::output;

const SECTION: &str = ".SH ";

pub(crate) fn run(program: Command) -> Result<Ending, Failure> {
    output::print(&page(program).map_err(Failure::environment)?).map(|()| Ending::Done)
}

fn page(mut program: Command) -> std::io::Result<String> {
    program.build();
    let body = body(&program)?;
    // Each part defines the apostrophe again; once is enough.
    let is_preamble = |line: &&str| line.starts_with(".ie ") || line.starts_with(".el ");
    let (preamble, body): (Vec<_>, Vec<_>) = body.lines().partition(is_preamble);
    // clap_mangen leaves an empty date out, and the version would stand in its place.
    let title = format!(".TH ETAG\\-LAB 1 \"\" \"etag\\-lab {}\"", env!("CARGO_PKG_VERSION"));
    let page = format!("{}\n{title}\n{}\n", preamble[..2].join("\n"), body.join("\n"));
    Ok(page.chars().map(glyph).collect())
}

fn body(program: &Command) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let man = Man::new(program.clone());
    man.render_name_section(&mut bytes)?;
    man.render_synopsis_section(&mut bytes)?;
    man.render_description_section(&mut bytes)?;
    man.render_options_section(&mut bytes)?;
    let mut body = String::from_utf8_lossy(&bytes).into_owned() + ".SH COMMANDS\n";
    for command in program.get_subcommands() {
        body.push_str(&subsection(command)?);
        for part in command.get_subcommands() {
            body.push_str(&subsection(part)?);
        }
    }
    body.push_str(&appendix().render());
    Ok(body)
}

/// A character as troff reads it; a file of its own is ASCII.
fn glyph(character: char) -> String {
    if character.is_ascii() {
        character.to_string()
    } else {
        format!("\\[u{:04X}]", u32::from(character))
    }
}

/// A command with its options; their headings become paragraphs, since man(7) has no third level.
fn subsection(command: &Command) -> std::io::Result<String> {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim_start_matches("etag-lab ");
    let is_common = |argument: &clap::Arg| argument.is_global_set() || argument.get_id() == "help";
    let own = command.clone().mut_args(|argument| {
        let hide = is_common(&argument) || argument.is_hide_set();
        argument.hide(hide)
    });
    let mut bytes = Vec::new();
    let man = Man::new(own);
    man.render_description_section(&mut bytes)?;
    man.render_options_section(&mut bytes)?;
    if command.get_after_help().is_some() {
        bytes.extend_from_slice(b".PP\n.nf\n");
        man.render_extra_section(&mut bytes)?;
        bytes.extend_from_slice(b".fi\n");
    }
    let body = String::from_utf8_lossy(&bytes);
    let lines = body.lines().filter(|line| !is_heading_of_pages(line));
    let lines = lines.map(|line| match line.strip_prefix(SECTION) {
        Some(heading) => format!(".PP\n\\fI{}\\fR\n", heading.trim_matches('"')),
        None => format!("{line}\n"),
    });
    Ok(format!(".SS \"{}\"\n{}", usage.replace('-', r"\-"), lines.collect::<String>()))
}

/// True of headings that say nothing below the name of a command.
fn is_heading_of_pages(line: &str) -> bool {
    line.strip_prefix(SECTION)
        .is_some_and(|heading| ["DESCRIPTION", "OPTIONS", "EXTRA"].contains(&heading))
}

fn appendix() -> Roff {
    let mut roff = Roff::default();
    let mut section = |title, items: &[(String, &str)]| {
        roff.control("SH", [title]);
        for (name, meaning) in items {
            roff.control("TP", []).text([bold(name)]).text([roman(*meaning)]);
        }
    };
    section("EXIT STATUS", &EXIT_CODES.map(|(code, meaning)| (code.to_string(), meaning)));
    let no_color = "When set, nothing is coloured unless --color says so.";
    section("ENVIRONMENT", &[("NO_COLOR".to_owned(), no_color)]);
    let saved = "Saved runs, for the commands report and compare.";
    section("FILES", &[("results/runs/*.json".to_owned(), saved)]);
    roff
}
