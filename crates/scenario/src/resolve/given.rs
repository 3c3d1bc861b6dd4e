//! A value with the key that gave it, and checks of single values.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::Resolver;
use crate::diagnostic::{Result, shown};
use crate::layer::KeyPath;
use text::{count, suggestion};

/// A value, or none, and the key it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Given<T> {
    pub(super) value: Option<T>,
    pub(super) path: KeyPath,
}

impl<T> Given<T> {
    pub(super) fn of(value: Option<T>, path: &[&str]) -> Self {
        Self { value, path: path.iter().map(|&name| name.to_owned()).collect() }
    }

    /// What an arm says, else what all share.
    pub(super) fn or(self, shared: Self) -> Self {
        if self.value.is_some() { self } else { shared }
    }

    /// Last name of the key.
    pub(super) fn key(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }
}

impl Resolver<'_> {
    /// A number within its range.
    pub(super) fn integer(
        &self,
        given: &Given<i64>,
        default: i64,
        range: RangeInclusive<i64>,
    ) -> Result<u32> {
        let value = given.value.unwrap_or(default);
        let in_range = range.contains(&value).then(|| u32::try_from(value).ok()).flatten();
        in_range.ok_or_else(|| {
            let bounds = format!("between {} and {}", count(*range.start()), count(*range.end()));
            let title = format!("`{}` must be {bounds}", given.key());
            let label = format!("this is {}", count(value));
            let help = format!("for example {} = {default}", given.key());
            Box::new(self.error(&given.path, title, label).help(help))
        })
    }

    /// A duration within its range.
    pub(super) fn duration(
        &self,
        given: &Given<String>,
        default: &str,
        range: RangeInclusive<Duration>,
    ) -> Result<Duration> {
        const HELP: &str = "write a number and a unit: \"250ms\", \"7s\", \"1m 30s\"";
        let text = given.value.as_deref().unwrap_or(default);
        let problem = match parse_duration(text) {
            Some(duration) if range.contains(&duration) => return Ok(duration),
            Some(_) => {
                format!("must be between {:?} and {:?}", range.start(), range.end())
            }
            None => "is not a duration".to_owned(),
        };
        let title = format!("`{}` {problem}", given.key());
        let label = format!("this is `{}`", shown(text));
        Err(Box::new(self.error(&given.path, title, label).help(HELP)))
    }

    /// A name of a catalogue.
    pub(super) fn name(&self, given: &Given<String>, what: &str, known: &[&str]) -> Result<String> {
        let name = given.value.as_deref().unwrap_or_default();
        if known.contains(&name) {
            return Ok(name.to_owned());
        }
        let title = format!("unknown {what} `{}`", shown(name));
        let label = format!("not a {what} of the lab");
        Err(Box::new(self.error(&given.path, title, label).help(suggestion(name, known))))
    }

    /// A command line that starts something.
    pub(super) fn command(&self, given: &Given<String>) -> Result<Option<String>> {
        match &given.value {
            Some(command) if command.trim().is_empty() || command.contains('\0') => {
                let label = "this starts nothing";
                let error = self.error(&given.path, "`command` must name a program", label);
                Err(Box::new(error.help("command = \"python3 server.py\"")))
            }
            command => Ok(command.clone()),
        }
    }
}

/// A duration such as `500ms`, `1m 30s` or `2h`: whole and broken units, never negative.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let duration: jiff::SignedDuration = text.trim().parse().ok()?;
    Duration::try_from(duration).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        assert_eq!(parse_duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(parse_duration("1m 30s"), Some(Duration::from_secs(90)));
        for text in ["", "7", "-7s", "7s ago", "seven seconds"] {
            assert_eq!(parse_duration(text), None, "{text:?}");
        }
    }
}
