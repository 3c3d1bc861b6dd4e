//! Expectations of a run: `not_modified_ratio > 97 % and errors == 0`.
//!
//! ```text
//! text ─ parse (against the known paths) ─► Expectation ─ evaluate(RunRecord) ─► ExpectationRecord
//! ```
//!
//! Paths are those of the `RunRecord` JSON, so that whoever reads one can write the other; the names
//! of CSV files do as well. Parsed before a run starts; no data never passes.

mod evaluate;
mod parse;
mod paths;
mod possible;

use std::cmp::Ordering;
use std::fmt;

use crate::{Diagnostic, Flags, Place, Result, Source};

pub(crate) use evaluate::contradiction;
pub use parse::ParseError;
pub(crate) use paths::column;

/// One assertion about a run: clauses that must all hold, or must not.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    text: String,
    clauses: Vec<Clause>,
    /// True where it passes if the condition does not hold: `--fail-if`.
    is_unwanted: bool,
}

/// `PATH OP VALUE`.
#[derive(Clone, Debug, PartialEq)]
struct Clause {
    left: Metric,
    operator: Operator,
    right: Operand,
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Number(f64),
    Metric(Metric),
}

/// A number in the record: the name of an arm, or `comparison`, and the keys inwards from there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Metric(Vec<String>);

/// The orders of left and right in which a clause holds.
type Operator = &'static [Ordering];

impl Expectation {
    /// Parses a condition that must hold.
    ///
    /// Paths belong to `arm`, unless they begin with the name of an arm or with `comparison`;
    /// without `arm` they must, where there is more than one arm.
    pub fn parse(
        text: &str,
        arm: Option<&str>,
        arms: &[&str],
    ) -> std::result::Result<Self, ParseError> {
        let clauses = parse::clauses(text, arm, arms)?;
        // The report lists expectations of all arms together.
        let text = arm.map_or_else(|| text.to_owned(), |arm| format!("{arm}: {text}"));
        Ok(Self { text, clauses, is_unwanted: false })
    }

    /// Reports whether it says what shall hold of an arm.
    pub(crate) fn is_about(&self, arm: &str) -> bool {
        let metrics = self.clauses.iter().flat_map(Clause::metrics);
        !self.is_unwanted && metrics.into_iter().any(|metric| metric.0[0] == arm)
    }

    /// As written, with its arm.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Names of the numbers of an arm that an expectation can name.
pub(crate) fn numbers_of_arms() -> Vec<&'static str> {
    paths::candidates(false)
}

/// Names of the numbers that an expectation can name, first those of an arm.
pub fn numbers() -> Vec<String> {
    let of_arms = paths::candidates(false).into_iter().map(str::to_owned);
    let compared = paths::candidates(true).into_iter();
    of_arms.chain(compared.map(|path| format!("{}.{path}", paths::COMPARISON))).collect()
}

/// Parses a condition that must not hold, given as `--fail-if`.
///
/// Like an expectation it fails where there is no data.
fn fail_if(text: &str, arms: &[&str]) -> Result<Expectation> {
    const FLAG: &str = "--fail-if '";
    let clauses = parse::clauses(text, None, arms).and_then(|clauses| {
        match evaluate::conflict(clauses.iter().map(|clause| (0, clause))) {
            Some((_, _, path)) => Err(ParseError::never_met(text, &path)),
            None => Ok(clauses),
        }
    });
    let clauses = clauses.map_err(|error| {
        let source = Source::command_line(&format!("{FLAG}{text}'"));
        let span = FLAG.len() + error.span.start..FLAG.len() + error.span.end;
        Box::new(error.diagnostic(Some(Place::new(&source, span))))
    })?;
    Ok(Expectation { text: format!("fail if {text}"), clauses, is_unwanted: true })
}

/// The conditions of every `--fail-if` among the flags.
pub fn of_flags(flags: &Flags, arms: &[&str]) -> Result<Vec<Expectation>> {
    flags.all("fail-if").map(|text| fail_if(text, arms)).collect()
}

impl Clause {
    fn metrics(&self) -> impl Iterator<Item = &Metric> {
        let right = match &self.right {
            Operand::Metric(metric) => Some(metric),
            Operand::Number(_) => None,
        };
        [&self.left].into_iter().chain(right)
    }
}

impl ParseError {
    fn never_met(text: &str, path: &str) -> Self {
        Self {
            title: format!("no value of `{path}` can meet all of this"),
            span: 0..text.len(),
            label: "so it would never fail".to_owned(),
            help: "repeat --fail-if to fail if one of several conditions holds".to_owned(),
        }
    }

    /// This error at its place in a file or on the command line.
    pub fn diagnostic(&self, place: Option<Place>) -> Diagnostic {
        Diagnostic::error(self.title.clone()).at(place, self.label.clone()).help(self.help.clone())
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}
