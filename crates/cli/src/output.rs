//! The only room that prints: results to standard output or a file, the rest to standard error.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use clap::ValueEnum;
use report::Style;

use crate::exit::Failure;

// Of a terminal that does not say how wide it is, and of everything that is none: what is saved or
// piped must not depend on the window it came from.
const USUAL_WIDTH: usize = 80;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    pub(crate) fn on_stdout(self) -> bool {
        self.on(std::io::stdout().is_terminal())
    }

    pub(crate) fn on_stderr(self) -> bool {
        self.on(std::io::stderr().is_terminal())
    }

    fn on(self, terminal: bool) -> bool {
        // https://no-color.org: an empty variable does not count.
        let refused =
            std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) || is_dumb();
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => terminal && !refused,
        }
    }
}

/// True when the terminal understands nothing but line breaks.
pub(crate) fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Style of results: as wide as the terminal, and coloured only there.
pub(crate) fn style(color: Color, to_file: bool) -> Style {
    let color = !to_file && color.on_stdout();
    let terminal = !to_file && std::io::stdout().is_terminal();
    let width = if terminal { terminal_width().unwrap_or(USUAL_WIDTH) } else { USUAL_WIDTH };
    Style { color, width }
}

fn terminal_width() -> Option<usize> {
    // A wrapper may know the width better than the terminal it is run in.
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.or_else(|| {
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
        (size.ws_col > 0).then_some(size.ws_col.into())
    })
}

/// The file to write; `None` for standard output, also when it is spelled `-`.
pub(crate) fn file(path: Option<&Path>) -> Option<&Path> {
    path.filter(|path| *path != Path::new("-"))
}

/// Writes a result to `path`, in one step, or to standard output.
pub(crate) fn deliver(text: &str, path: Option<&Path>) -> Result<(), Failure> {
    match file(path) {
        Some(path) => {
            harness::write_atomically(path, text.as_bytes()).map_err(Failure::environment)
        }
        None => print(text),
    }
}

pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|error| match error.kind() {
        // `etag-lab … | head` is a way to use it, not an error.
        std::io::ErrorKind::BrokenPipe => Failure::OutputClosed,
        _ => Failure::environment(error),
    })
}

/// Writes a line to standard error.
pub(crate) fn note(text: &str) {
    // A failure could be reported nowhere.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
