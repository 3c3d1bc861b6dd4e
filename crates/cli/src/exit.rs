//! Exit codes, which scripts rely on, and the failures behind them.

use std::fmt::Display;

use thiserror::Error;

/// Every exit code and what it means, for the help text and the manual page.
pub(crate) const EXIT_CODES: [(u8, &str); 6] = [
    (0, "done, and every expectation held"),
    (1, "a fault was found, an expectation or a --fail-if failed, or polls failed"),
    (2, "bad arguments or a bad scenario"),
    (3, "the environment: a port, a file, an unreachable target"),
    (4, "inconclusive: no data never passes"),
    (130, "interrupted (Ctrl-C, SIGTERM, SIGHUP), after saving what was measured"),
];

/// How the operating system says that a process has too many files and sockets open (EMFILE).
const NO_DESCRIPTORS: &str = "(os error 24)";

/// Outcome of a command that ran to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Done = 0,
    /// A finding or an expectation failed.
    Failed = 1,
    // No data never passes: a check that could not look must not turn a pipeline green.
    Inconclusive = 4,
    Interrupted = 130,
}

/// Reason why a command could not run to its end.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// Bad arguments or a bad scenario; the text is complete, place and way out included.
    #[error("{0}")]
    Input(String),
    /// The arguments are fine, the world is not: a port, a file, an unreachable target.
    #[error("{0:#}")]
    Environment(anyhow::Error),
    /// Whoever reads our output has gone; not our error.
    #[error("standard output was closed")]
    OutputClosed,
}

impl Failure {
    /// An environment error from anything that has a message.
    pub(crate) fn environment(error: impl Into<anyhow::Error>) -> Self {
        let failure = Self::Environment(error.into());
        // Whichever file or socket was one too many, the way out is the same.
        if failure.to_string().contains(NO_DESCRIPTORS) {
            return failure
                .with_help("allow more open files (`ulimit -n 4096`), or use fewer clients");
        }
        failure
    }

    pub(crate) fn input(title: impl Display, help: impl Display) -> Self {
        Self::Input(format!("error: {title}\n  = help: {help}"))
    }

    /// This failure, with a way out below it.
    pub(crate) fn with_help(self, help: impl Display) -> Self {
        match self {
            Self::Input(text) => Self::Input(format!("{text}\n  = help: {help}")),
            Self::Environment(error) => {
                Self::Environment(anyhow::anyhow!("{error:#}\n  = help: {help}"))
            }
            Self::OutputClosed => Self::OutputClosed,
        }
    }

    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Input(_) => 2,
            Self::Environment(_) => 3,
            // `etag-lab … | head` has printed all that was wanted of it.
            Self::OutputClosed => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_documented() {
        let documented = EXIT_CODES.map(|(code, _)| code);
        assert_eq!(documented, [0, 1, 2, 3, 4, 130]);
    }

    #[test]
    fn codes_are_the_documented_ones() {
        let codes = [Ending::Done, Ending::Failed, Ending::Inconclusive, Ending::Interrupted];
        assert_eq!(codes.map(|ending| ending as u8), [0, 1, 4, 130]);
        assert_eq!(Failure::Input(String::new()).code(), 2);
        assert_eq!(Failure::environment(anyhow::anyhow!("x")).code(), 3);
    }

    #[test]
    fn a_lack_of_descriptors_is_told_with_the_limit_to_raise() {
        let error = std::io::Error::from_raw_os_error(24);
        let error = anyhow::Error::from(error).context("cannot start a replica");
        let said = Failure::environment(error).to_string();
        assert!(said.starts_with("cannot start a replica: "), "{said}");
        assert!(said.contains("ulimit -n 4096"), "{said}");
    }
}
