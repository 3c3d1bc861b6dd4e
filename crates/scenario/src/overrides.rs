//! Flags and `--set` snippets as layers over a scenario file.
//!
//! Each flag is a line of TOML with the place of its value on the command line, so that flags
//! and files are checked by the same code and errors point at what was typed.

use std::fmt::Write as _;
use std::ops::Range;

use super::diagnostic::{Diagnostic, Result, shown};
use super::file::ScenarioFile;
use super::layer::Layer;
use super::source::{Place, Source};
use super::tag_store::TagStore;

/// What the command line says about the scenario, unchecked; types are those of the file.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that takes no value")]
pub struct Overrides {
    /// Strategy of the arm named `before`.
    pub before: Option<String>,
    /// Strategy of the arm named `after`.
    pub after: Option<String>,
    /// `fleet.replicas`. Histories of another length, written in the file, are dropped.
    pub replicas: Option<i64>,
    /// `load.clients`.
    pub clients: Option<i64>,
    /// `load.polls`. Changes and events written in the file keep their share of the run.
    pub polls: Option<i64>,
    /// `load.total-polls`; likewise.
    pub total_polls: Option<i64>,
    /// `load.cadence`.
    pub cadence: Option<String>,
    /// `load.interval`.
    pub interval: Option<String>,
    /// `load.jitter`.
    pub jitter: Option<f64>,
    /// `balancer.policy`.
    pub policy: Option<String>,
    /// `balancer.edge`.
    pub edge: Option<String>,
    /// `load.accept-encoding`, where not empty.
    pub accept_encoding: Vec<String>,
    /// `resource.size-bytes`.
    pub size_bytes: Option<i64>,
    /// `resource.file`, relative to the working directory.
    pub file: Option<String>,
    /// `resource.path`.
    pub path: Option<String>,
    /// `resource.cache-control`.
    pub cache_control: Option<String>,
    /// `load.seed`.
    pub seed: Option<u64>,
    /// `load.connections`.
    pub connections: Option<i64>,
    /// `load.timeout`.
    pub timeout: Option<String>,
    /// `load.validate`.
    pub validate: Option<String>,
    /// `load.honour-freshness = true`.
    pub honour_freshness: bool,
    /// `load.interrupt-at`.
    pub interrupt_at: Option<f64>,
    /// `load.if-range`.
    pub if_range: Option<String>,
    /// `load.on-error`.
    pub on_error: Option<String>,
    /// `load.obey-poll-interval = true`.
    pub obey_poll_interval: bool,
    /// `fleet.command`, for every arm whose strategy is not given by a flag. Arms that then no
    /// longer differ from an earlier one are dropped.
    pub replica_command: Option<String>,
    /// `fleet.store`.
    pub store: Option<String>,
    /// `control-plane.source`.
    pub source: Option<String>,
    /// Real servers in the place of what is embedded; an error where there is no such place.
    pub real: bool,
    /// No content change during the run.
    pub no_changes: bool,
    /// `KEY=VALUE` in TOML, such as `load.clients=20`; quotes around a text may be left out.
    pub sets: Vec<String>,
    /// Conditions of `--fail-if`, each of which must not hold.
    pub fail_if: Vec<String>,
}

/// The flags that are given, joined as they were typed, with the place of each value.
#[derive(Default)]
struct Typed {
    shown: String,
    toml: String,
    /// For each line of `toml`, its value's place in `shown`.
    values: Vec<Range<usize>>,
}

impl Typed {
    fn flag(&mut self, flag: &str, key: &str, value: Option<toml::Value>) {
        let Some(value) = value else { return };
        let text = value.as_str().map_or_else(|| value.to_string(), quoted);
        let span = self.show(flag, &text);
        // Writing to a string cannot fail. A value never spans lines: TOML escapes line breaks.
        let _ = writeln!(self.toml, "{key} = {}", one_line(&value));
        self.values.push(span);
    }

    /// A flag without a value.
    fn switch(&mut self, flag: &str, key: &str, given: bool) {
        if given {
            let span = self.show(flag, "");
            let _ = writeln!(self.toml, "{key} = true");
            self.values.push(span);
        }
    }

    fn show(&mut self, flag: &str, value: &str) -> Range<usize> {
        if !self.shown.is_empty() {
            self.shown.push(' ');
        }
        self.shown.push_str(flag);
        if value.is_empty() {
            return self.shown.len() - flag.len()..self.shown.len();
        }
        self.shown.push(' ');
        let start = self.shown.len();
        self.shown.push_str(value);
        start..self.shown.len()
    }

    /// The place on the command line that these bytes of the TOML stand for.
    fn located(&self, span: &Range<usize>) -> Range<usize> {
        let line = self.toml[..span.start].matches('\n').count();
        self.values.get(line).cloned().unwrap_or(0..self.shown.len())
    }
}

impl Overrides {
    /// From the lowest to the uppermost: each `--set` in turn, then the flags.
    pub(crate) fn layers(&self) -> Result<Vec<(ScenarioFile, Layer)>> {
        let mut layers = Vec::new();
        for set in &self.sets {
            layers.push(set_layer(set)?);
        }
        layers.push(self.flags_layer()?);
        Ok(layers)
    }

    fn flags_layer(&self) -> Result<(ScenarioFile, Layer)> {
        let (typed, flagged) = self.typed();
        let source = Source::command_line(&typed.shown);
        let (file, mut layer) =
            Layer::parse_as(&source, None, &typed.toml, |span| typed.located(&span))?;
        // Not keys of a file: `patch` and `real` move them to keys, when they know which.
        for (flag, span) in flagged {
            let entry = super::layer::Entry { key: span.clone(), value: span, kind: "string" };
            layer.entries.insert(vec![FLAGGED.to_owned(), flag.to_owned()], entry);
        }
        Ok((file, layer))
    }

    fn typed(&self) -> (Typed, Vec<(&'static str, Range<usize>)>) {
        let text = |value: &Option<String>| value.clone().map(toml::Value::String);
        let integer = |value: Option<i64>| value.map(toml::Value::Integer);
        let mut typed = Typed::default();
        let mut flagged = Vec::new();
        for (arm, strategy) in [("before", &self.before), ("after", &self.after)] {
            if let Some(strategy) = strategy {
                flagged.push((arm, typed.show(&format!("--{arm}"), &quoted(strategy))));
            }
        }
        typed.flag("--replicas", "fleet.replicas", integer(self.replicas));
        typed.flag("--clients", "load.clients", integer(self.clients));
        typed.flag("--polls", "load.polls", integer(self.polls));
        typed.flag("--total-polls", "load.total-polls", integer(self.total_polls));
        typed.flag("--cadence", "load.cadence", text(&self.cadence));
        typed.flag("--interval", "load.interval", text(&self.interval));
        typed.flag("--jitter", "load.jitter", self.jitter.map(toml::Value::Float));
        typed.flag("--policy", "balancer.policy", text(&self.policy));
        typed.flag("--edge", "balancer.edge", text(&self.edge));
        let entries = self.accept_encoding.iter().cloned().map(toml::Value::String).collect();
        let entries =
            Some(toml::Value::Array(entries)).filter(|_| !self.accept_encoding.is_empty());
        typed.flag("--accept-encoding", "load.accept-encoding", entries);
        typed.flag("--size", "resource.size-bytes", integer(self.size_bytes));
        typed.flag("--file", "resource.file", text(&self.file));
        typed.flag("--path", "resource.path", text(&self.path));
        typed.flag("--cache-control", "resource.cache-control", text(&self.cache_control));
        typed.seed(self.seed);
        typed.flag("--connections", "load.connections", integer(self.connections));
        typed.flag("--timeout", "load.timeout", text(&self.timeout));
        typed.flag("--validate", "load.validate", text(&self.validate));
        typed.switch("--honour-freshness", "load.honour-freshness", self.honour_freshness);
        let share = self.interrupt_at.map(toml::Value::Float);
        typed.flag("--interrupt-at", "load.interrupt-at", share);
        typed.flag("--if-range", "load.if-range", text(&self.if_range));
        typed.flag("--on-error", "load.on-error", text(&self.on_error));
        typed.switch("--obey-poll-interval", "load.obey-poll-interval", self.obey_poll_interval);
        typed.flag("--replica-command", "fleet.command", text(&self.replica_command));
        typed.store(self.store.as_deref());
        typed.flag("--source", "control-plane.source", text(&self.source));
        if self.real {
            flagged.push(("real", typed.show("--real", "")));
        }
        if self.no_changes {
            let span = typed.show("--no-changes", "");
            typed.toml.push_str("change = []\n");
            typed.values.push(span);
        }
        (typed, flagged)
    }
}

impl Typed {
    /// A URL may hold a password, which is in no message.
    fn store(&mut self, store: Option<&str>) {
        let Some(store) = store else { return };
        let span = self.show("--store", &quoted(&TagStore::shown_url(store)));
        let _ = writeln!(self.toml, "fleet.store = {}", one_line(&store.into()));
        self.values.push(span);
    }

    /// A seed may exceed what `toml::Value` holds as an integer.
    fn seed(&mut self, seed: Option<u64>) {
        let Some(seed) = seed else { return };
        let span = self.show("--seed", &seed.to_string());
        let _ = writeln!(self.toml, "load.seed = {seed}");
        self.values.push(span);
    }
}

/// Root of the entries that flags leave which are no key of any file.
pub(crate) const FLAGGED: &str = "--";

fn set_layer(set: &str) -> Result<(ScenarioFile, Layer)> {
    const FLAG: &str = "--set ";
    let source = Source::command_line(&format!("{FLAG}{set}"));
    let Some((key, value)) = set.split_once('=').filter(|(key, _)| !key.trim().is_empty()) else {
        let place = Place::new(&source, FLAG.len()..source.text().len());
        return Err(Box::new(
            Diagnostic::error("`--set` takes KEY=VALUE")
                .at(place, "no key with a value")
                .help("for example --set load.clients=20, or --set balancer.policy=random"),
        ));
    };
    let as_typed = value.trim().parse::<Single>().is_ok();
    // Quotes around a text may be left out; the text then ends where the argument ends.
    let text =
        if as_typed { set.to_owned() } else { format!("{key}={}", one_line(&value.trim().into())) };
    Layer::parse_as(&source, None, &text, |span| {
        let end = if as_typed { span.end } else { span.end.min(set.len()) };
        FLAG.len() + span.start.min(end)..FLAG.len() + end
    })
}

/// A single TOML value.
struct Single;

impl std::str::FromStr for Single {
    type Err = toml::de::Error;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        toml::de::DeValue::parse(text).map(|_| Self)
    }
}

/// A value as TOML on one line; `toml` itself may choose a multi-line text.
fn one_line(value: &toml::Value) -> String {
    let Some(text) = value.as_str() else { return value.to_string() };
    let mut line = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => line.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(line, "\\u{:04X}", u32::from(c));
            }
            c => line.push(c),
        }
    }
    line.push('"');
    line
}

/// As one would type it in a shell.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,+%@".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// The diagnostic for a `--before` or `--after` without its arm.
pub(crate) fn no_such_arm(arm: &str, place: Option<Place>, arms: &[&str]) -> Box<Diagnostic> {
    let arms = arms.iter().map(|name| format!("`{}`", shown(name))).collect::<Vec<_>>().join(", ");
    Box::new(
        Diagnostic::error(format!("this scenario has no arm `{arm}`"))
            .at(place, format!("`--{arm}` sets the strategy of the arm `{arm}`"))
            .help(format!("the arms here: {arms}; change one in a copy of the scenario")),
    )
}
