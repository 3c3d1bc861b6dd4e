//! Flags that bring credentials, each with a form that reads them from a file: what is typed is in
//! the list of processes and in the history of the shell.

use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue};
use http::HeaderName;
use text::secret::{MASK, Secret, masked, masked_arguments};
use wire::secret_file::{self, InvalidSecretFile};
use wire::url::{InvalidField, RequestField, request_field};

use crate::exit::Failure;

/// Fields of every request.
#[derive(Debug, clap::Args)]
pub(crate) struct FieldFlags {
    /// A further field of every request, such as 'Authorization: …'; may be repeated
    #[arg(short = 'H', long = "header", value_name = "FIELD")]
    fields: Vec<String>,
    /// Fields from a file, one NAME: VALUE a line, so that no credential is on the command line
    #[arg(long = "header-file", value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl FieldFlags {
    /// The fields; `own` are those that the command sets itself.
    pub(crate) fn read(&self, own: &[HeaderName]) -> Result<Vec<RequestField>, Failure> {
        let typed = self.fields.iter().map(|text| (String::new(), text.clone()));
        let mut given: Vec<_> = typed.collect();
        for path in &self.files {
            given.extend(lines(path)?);
        }
        let field = |(place, text): &(String, String)| {
            request_field(text, own).map_err(|error| refused(place, text, &error))
        };
        given.iter().map(field).collect()
    }
}

/// The lines of a file of fields that are not empty, each with its place.
fn lines(path: &Path) -> Result<Vec<(String, String)>, Failure> {
    const FLAG: &str = "--header-file";
    let text = secret_file::read(path).map_err(|error| unusable(FLAG, path, &error))?;
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let place = |number: u32| format!("{FLAG} `{}`, line {number}: ", shown(path));
    let lines: Vec<_> = lines.map(|(number, line)| (place(number), line.to_owned())).collect();
    if lines.is_empty() { Err(unusable(FLAG, path, &InvalidSecretFile::Empty)) } else { Ok(lines) }
}

fn refused(place: &str, text: &str, error: &InvalidField) -> Failure {
    // Even a harmless field may hold something that is nobody's business.
    let field = match text.split_once(':') {
        Some((name, _)) => format!("{}: {MASK}", text::excerpt(name)),
        None => MASK.to_owned(),
    };
    let help = match error {
        InvalidField::Malformed => "write NAME: VALUE, such as -H 'Accept-Language: de'",
        InvalidField::Framing(_) => "leave it out",
        InvalidField::Own(_) => "leave it out: etag-lab sets it where it belongs",
    };
    Failure::input(format!("{place}`{field}` cannot be sent: {error}"), help)
}

/// The token in a file that a flag names.
pub(crate) fn token(flag: &str, path: &Path) -> Result<Secret, Failure> {
    secret_file::token(path).map_err(|error| unusable(flag, path, &error))
}

/// The password in a file that a flag names.
pub(crate) fn password(flag: &str, path: &Path) -> Result<Secret, Failure> {
    secret_file::password(path).map_err(|error| unusable(flag, path, &error))
}

fn unusable(flag: &str, path: &Path, error: &InvalidSecretFile) -> Failure {
    let help = match flag {
        "--header-file" => "give a regular file of at most 64 KiB with lines NAME: VALUE",
        _ => "give a regular file of at most 64 KiB that holds it in its first line",
    };
    Failure::input(format!("{flag} `{}` cannot be used: {error}", shown(path)), help)
}

/// The complaint about a command line, which repeats what was typed, with credentials masked.
pub(crate) fn masked_complaint(mut error: clap::Error) -> clap::Error {
    let typed: Vec<_> =
        std::env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()).collect();
    let shown = masked_arguments(typed.clone());
    // A value may have been typed in one argument with its flag.
    let value = |argument: &str| argument.split_once('=').map(|(_, value)| value.to_owned());
    let of_typed = |text: &str| {
        let at = |at: usize| typed[at] == text || value(&typed[at]).as_deref() == Some(text);
        let at = (0..typed.len()).find(|index| at(*index))?;
        if typed[at] == text { Some(shown[at].clone()) } else { value(&shown[at]) }
    };
    let repeated =
        [ContextKind::InvalidValue, ContextKind::InvalidArg, ContextKind::InvalidSubcommand];
    for kind in repeated {
        let Some(ContextValue::String(text)) = error.get(kind) else { continue };
        let is_value = kind == ContextKind::InvalidValue;
        let shown = of_typed(text).or_else(|| is_value.then(|| masked(text)));
        if let Some(shown) = shown {
            error.insert(kind, ContextValue::String(shown));
        }
    }
    error
}

fn shown(path: &Path) -> String {
    text::visible(&path.display().to_string())
}
