//! From an argument and flags to a checked scenario: finds the text, lays the layers, resolves.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Scenario;
use crate::catalogue::{self, BUILT_IN, DEFAULT};
use crate::diagnostic::{Diagnostic, Result, shown};
use crate::flags::Flags;
use crate::source::{Place, Source};
use crate::{reader, resolve};
use text::{first_of, nearest};

// Anything longer is some other file, and is not worth reading to its end.
const LONGEST_FILE: u64 = 1 << 20;

impl Scenario {
    /// Reads and checks a scenario.
    ///
    /// `argument` is the name of a built-in scenario or else a path; without it the default
    /// scenario is meant. Errors are the first thing wrong, with its place.
    pub fn load(argument: Option<&str>, flags: &Flags) -> Result<Self> {
        let argument = argument.unwrap_or(DEFAULT);
        if let Some(built_in) = catalogue::find(argument) {
            let source = Source::built_in(built_in.name, built_in.text);
            return Self::from_source(&source, None, flags);
        }
        let source = read(argument)?;
        let base = Path::new(argument).parent().map(PathBuf::from);
        Self::from_source(&source, base, flags)
    }

    /// Checks a scenario that is in memory; relative paths in it start from `base`.
    pub fn from_source(source: &Arc<Source>, base: Option<PathBuf>, flags: &Flags) -> Result<Self> {
        resolve::scenario(reader::read(source, source.text(), base, 0)?, flags, source)
    }
}

/// Reads a scenario file; every failure names the file and the way out.
fn read(argument: &str) -> Result<Arc<Source>> {
    let file = File::open(argument).map_err(|error| not_opened(argument, &error))?;
    let unreadable = |problem: String| {
        let place = Place::whole(&Source::file(argument, ""));
        Box::new(
            Diagnostic::error(format!("cannot read the scenario `{}`", shown(argument)))
                .at(place, "")
                .remark(problem)
                .help("name a TOML file or a built-in scenario (`etag-lab list scenarios`)"),
        )
    };
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(unreadable("it is a directory".to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(LONGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > LONGEST_FILE {
        return Err(unreadable("it is longer than 1 MiB".to_owned()));
    }
    if bytes.trim_ascii_start().starts_with(b"{") {
        let place = Place::whole(&Source::file(argument, ""));
        let title = format!("`{}` is JSON, and a scenario is TOML", shown(argument));
        let help = format!("if it is a saved run: etag-lab report {}", shown(argument));
        return Err(Box::new(Diagnostic::error(title).at(place, "").help(help)));
    }
    String::from_utf8(bytes)
        .map(|text| Source::file(argument, text))
        .map_err(|error| not_text(argument, &error))
}

fn not_text(argument: &str, error: &std::string::FromUtf8Error) -> Box<Diagnostic> {
    let start = error.utf8_error().valid_up_to();
    let source = Source::file(argument, String::from_utf8_lossy(error.as_bytes()));
    let place = Place::new(&source, start..start + '\u{fffd}'.len_utf8());
    Box::new(
        Diagnostic::error("a scenario file is UTF-8 text")
            .at(place, "this byte is not UTF-8")
            .help("save the file as UTF-8"),
    )
}

fn not_opened(argument: &str, error: &std::io::Error) -> Box<Diagnostic> {
    let names: Vec<_> = BUILT_IN.iter().map(|built_in| built_in.name).collect();
    let source = Source::command_line(argument);
    let place = Place::new(&source, 0..source.text().len());
    let missing = error.kind() == std::io::ErrorKind::NotFound;
    let label = if missing {
        "neither a built-in scenario nor a file".to_owned()
    } else {
        error.to_string()
    };
    let diagnostic = Diagnostic::error(format!("cannot open the scenario `{}`", shown(argument)))
        .at(place, label);
    let stem = Path::new(argument).file_stem().and_then(|stem| stem.to_str()).unwrap_or(argument);
    Box::new(match nearest(stem, &names) {
        Some(name) if missing => diagnostic.help(format!("did you mean `{name}`?")),
        _ => diagnostic.help(format!("built-in scenarios: {}", first_of(&names))).help(
            "all of them: etag-lab list scenarios; a file of your own: etag-lab show template",
        ),
    })
}
