//! A value with its key and its place: checked by the key's kind, and read as what it is.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use crate::Program;
use crate::diagnostic::{Diagnostic, Result, shown};
use crate::keys::{Catalogue, Key, Kind};
use crate::layer::{KeyPath, Layers, Value};
use text::{count, letters, nearest, parse_count, suggestion};

const LONGEST_LINE: usize = 500;

/// A value in the range of its key, and where errors about it point.
pub(crate) struct Given<'a> {
    pub(crate) key: &'static Key,
    pub(crate) path: KeyPath,
    value: Value,
    pub(crate) layers: &'a Layers,
}

impl<'a> Given<'a> {
    pub(crate) fn new(
        key: &'static Key,
        path: KeyPath,
        value: Value,
        layers: &'a Layers,
    ) -> Result<Self> {
        let given = Self { key, path, value, layers };
        given.check()?;
        Ok(given)
    }

    /// The default of a key; `None` where it has none.
    pub(crate) fn default(key: &'static Key, path: KeyPath, layers: &'a Layers) -> Option<Self> {
        let value = (!key.default.is_empty()).then(|| key.kind.parse(key.default))?;
        // A default is not checked again: the tests enter every one of them.
        Some(Self { key, path, value, layers })
    }

    fn check(&self) -> Result<()> {
        match self.key.kind {
            Kind::Integer(least, most) => {
                // Without a default there is a rule with a range of its own.
                if self.key.default.is_empty() && self.key.hint.is_empty() {
                    return Ok(());
                }
                self.between(least, most, self.key.default).map(|_| ())
            }
            Kind::Number(least, most) if !(least..=most).contains(&self.float()) => {
                let (least, most) = (count(least as i64), count(most as i64));
                Err(self.beyond(&format!("must be between {least} and {most}")))
            }
            Kind::Share if !(self.float() > 0.0 && self.float() < 1.0) => {
                Err(self.beyond("must lie between 0 and 1"))
            }
            Kind::Duration(least, most) => self.check_duration(least, most),
            Kind::Name(catalogue) => self.check_name(catalogue, self.text()),
            Kind::Names(catalogue) => {
                self.texts().try_for_each(|name| self.check_name(catalogue, name))
            }
            _ => Ok(()),
        }
    }

    fn check_name(&self, catalogue: &Catalogue, name: &str) -> Result<()> {
        let (names, aliases) = ((catalogue.names)(), (catalogue.aliases)());
        // Products are names too, but are not listed in the help: there are many.
        if names.contains(&name) || aliases.contains(&name) {
            return Ok(());
        }
        let title = format!("unknown {} `{}`", catalogue.what, shown(name));
        let all: Vec<_> = names.iter().chain(&aliases).copied().collect();
        let help = match nearest(name, &all) {
            Some(near) => format!("did you mean `{near}`?"),
            None => suggestion(name, &names),
        };
        let error = self.error(title, catalogue.unknown).help(help);
        Err(Box::new(match catalogue.list {
            "" => error,
            list => error.help(format!("all of them: etag-lab list {list}")),
        }))
    }

    fn check_duration(&self, least: Duration, most: Duration) -> Result<()> {
        let problem = match parse_duration(self.text()) {
            Some(duration) if (least..=most).contains(&duration) => return Ok(()),
            Some(_) => format!("must be between {least:?} and {most:?}"),
            None => "is not a duration".to_owned(),
        };
        let title = format!("`{}` {problem}", self.key.name);
        let error = self.error(title, format!("this is `{}`", shown(self.text())));
        Err(Box::new(error.help("write a number and a unit: \"250ms\", \"7s\", \"1m 30s\"")))
    }

    fn beyond(&self, problem: &str) -> Box<Diagnostic> {
        let error = self
            .error(format!("`{}` {problem}", self.key.name), format!("this is {}", self.float()));
        Box::new(error.help(self.key.hint))
    }

    /// An integer within a range that its key does not know.
    pub(crate) fn between(
        &self,
        least: i64,
        most: i64,
        example: impl std::fmt::Display,
    ) -> Result<u32> {
        let value = self.integer();
        let in_range = (i128::from(least)..=i128::from(most)).contains(&value);
        if let Some(value) = u32::try_from(value).ok().filter(|_| in_range) {
            return Ok(value);
        }
        let name = self.key.name;
        let title = format!("`{name}` must be between {} and {}", count(least), count(most));
        let error = self.error(title, format!("this is {}", count(value)));
        Err(Box::new(match self.key.hint {
            "" => error.help(format!("for example {name} = {example}")),
            hint => error.help(hint),
        }))
    }

    pub(crate) fn error(&self, title: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic::error(title).at(self.layers.place(&self.path), label)
    }

    pub(crate) fn integer(&self) -> i128 {
        if let Value::Integer(number) = self.value { number } else { 0 }
    }

    /// As an unsigned integer of 32 bits, which its range ensures.
    pub(crate) fn number(&self) -> u32 {
        u32::try_from(self.integer()).unwrap_or(u32::MAX)
    }

    /// Likewise, for a range that starts at 1.
    pub(crate) fn nonzero(&self) -> NonZeroU32 {
        NonZeroU32::new(self.number()).unwrap_or(NonZeroU32::MIN)
    }

    pub(crate) fn natural(&self) -> u64 {
        u64::try_from(self.integer()).unwrap_or(u64::MAX)
    }

    pub(crate) fn float(&self) -> f64 {
        match self.value {
            Value::Float(number) => number,
            _ => self.integer() as f64,
        }
    }

    pub(crate) fn is_true(&self) -> bool {
        self.value == Value::Bool(true)
    }

    pub(crate) fn text(&self) -> &str {
        if let Value::Text(text) = &self.value { text } else { "" }
    }

    pub(crate) fn duration(&self) -> Duration {
        parse_duration(self.text()).unwrap_or_default()
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let elements: &[Value] =
            if let Value::List(elements) = &self.value { elements } else { &[] };
        elements.iter().map(|value| match value {
            Value::Text(text) => text.as_str(),
            _ => "",
        })
    }

    pub(crate) fn one_of<T: Copy>(&self, all: &[T], name: fn(T) -> &'static str) -> T {
        let found = all.iter().find(|member| name(**member) == self.text());
        // Both words for one thing: reports print `lock-step`.
        let found = found
            .or_else(|| all.iter().find(|member| letters(name(**member)) == letters(self.text())));
        *found.expect("the choices of a key are the names of what it chooses from")
    }

    pub(crate) fn entry<T>(&self, find: fn(&str) -> Option<&'static T>) -> &'static T {
        find(self.text()).expect("the kind of a name knows its catalogue")
    }

    /// A text that reports print: one line without control characters.
    pub(crate) fn line(&self) -> Result<String> {
        let (text, key) = (self.text(), self.key.name);
        let label = if text.contains(char::is_control) {
            "this has line breaks or control characters"
        } else if text.chars().count() > LONGEST_LINE {
            "this is longer than 500 characters"
        } else if key == "name" && text.trim().is_empty() {
            "this is empty"
        } else {
            return Ok(text.to_owned());
        };
        let error = self.error(format!("`{key}` must be one printable line"), label);
        Err(Box::new(error.help("put longer texts into comments")))
    }

    /// Folder from which a relative path starts: that of the scenario file which gives it, or the
    /// working directory, empty here, for one that was typed.
    pub(crate) fn folder(&self) -> PathBuf {
        let base = self.layers.provider(&self.path).and_then(|(_, layer, _)| layer.base.clone());
        base.unwrap_or_default()
    }

    pub(crate) fn command(&self) -> Result<Program> {
        let command = self.text();
        if !command.trim().is_empty() && !command.contains('\0') {
            let folder = Some(self.folder()).filter(|folder| !folder.as_os_str().is_empty());
            return Ok(Program { line: command.to_owned(), folder });
        }
        let error = self.error("`command` must name a program", "this starts nothing");
        Err(Box::new(error.help("command = \"python3 server.py\"")))
    }
}

impl Kind {
    pub(crate) fn element(self) -> Option<Self> {
        match self {
            Self::Integers(least, most) => Some(Self::Integer(least, most)),
            Self::Texts | Self::Names(_) => Some(Self::Text),
            Self::Choices(choices) => Some(Self::Choice(choices)),
            _ => None,
        }
    }

    /// A value of this kind from how it is typed in a shell, else the text itself.
    pub(crate) fn parse(self, text: &str) -> Value {
        // What cannot be read stays a text, so that the check of its type says what is wrong.
        let value = match self {
            Self::Integer(..) | Self::Natural => parse_count(text).map(Value::Integer),
            Self::Number(..) | Self::Share => parse_share(text).map(Value::Float),
            Self::Bool => text.parse().ok().map(Value::Bool),
            _ => None,
        };
        value.unwrap_or_else(|| Value::Text(text.to_owned()))
    }
}

/// A number such as `0.1`, or a share such as `10 %`.
pub fn parse_share(text: &str) -> Option<f64> {
    match text.trim().strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok().map(|percent| percent / 100.0),
        None => text.trim().parse().ok(),
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
