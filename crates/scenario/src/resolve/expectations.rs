//! The expectations: parsed and checked against the arms before anything runs.
//!
//! Expectations of a built-in scenario describe it as shipped. Where the command line changes
//! what is measured they are set aside, with a note; those of a user's own file always count.

use super::Resolver;
use crate::Arm;
use crate::diagnostic::{Diagnostic, Result, shown};
use crate::expectation::{self, Expectation};
use crate::file::{ControlPlaneFile, ExpectFile, FleetFile, LoadFile, ScenarioFile};
use crate::layer::KeyPath;
use crate::overrides::Overrides;
use crate::source::SourceKind;
use text::suggestion;

impl Resolver<'_> {
    pub(super) fn expectations(
        &mut self,
        arms: &[Arm],
        overrides: &Overrides,
        kind: SourceKind,
    ) -> Result<Vec<Expectation>> {
        let arms: Vec<&str> = arms.iter().map(|arm| arm.name.as_str()).collect();
        let files = self.file.expect.clone().unwrap_or_default();
        let shipped = kind == SourceKind::BuiltIn && !self.layers.is_from_command_line(&["expect"]);
        let mut expectations = Vec::new();
        if shipped && !files.is_empty() && differs(self.written, self.file) {
            self.notes.push(
                Diagnostic::note("the expectations of this scenario are not checked")
                    .at(self.place(&["expect"]).map(|place| place.whole_of()), "")
                    .remark("they describe it as shipped, and the command line changed it"),
            );
        } else {
            for (index, file) in files.iter().enumerate() {
                expectations.push(self.expectation(index, file, &arms)?);
            }
            self.check_contradictions(&expectations)?;
        }
        for text in &overrides.fail_if {
            expectations.push(expectation::fail_if(text, &arms)?);
        }
        Ok(expectations)
    }

    fn expectation(&self, index: usize, file: &ExpectFile, arms: &[&str]) -> Result<Expectation> {
        if let Some(arm) = file.arm.as_deref().filter(|arm| !arms.contains(arm)) {
            let title = format!("there is no arm `{}`", shown(arm));
            let error = self.error(&path(index, "arm"), title, "not an arm of this scenario");
            return Err(Box::new(error.help(suggestion(arm, arms))));
        }
        let Some(text) = &file.that else {
            let error =
                self.error(&path(index, "that")[..2], "an expectation needs `that`", "what?");
            return Err(Box::new(error.help("that = \"not_modified_ratio > 97 %\"")));
        };
        Expectation::parse(text, file.arm.as_deref(), arms).map_err(|error| {
            let place = self.place(&path(index, "that"));
            Box::new(error.diagnostic(place.map(|place| place.within(text, error.span.clone()))))
        })
    }

    fn check_contradictions(&self, expectations: &[Expectation]) -> Result<()> {
        let Some(conflict) = expectation::contradiction(expectations) else { return Ok(()) };
        let title = format!("no value of `{}` can meet both expectations", conflict.path);
        let error = self.error(&path(conflict.second, "that"), title, "this one");
        let first = self.layers.exact(&path(conflict.first, "that"));
        Err(Box::new(error.related(first, "and this one").help("keep the one that is meant")))
    }
}

fn path(index: usize, key: &str) -> KeyPath {
    vec!["expect".to_owned(), index.to_string(), key.to_owned()]
}

/// Whether the command line changed anything that a correct expectation may depend on.
fn differs(written: &ScenarioFile, file: &ScenarioFile) -> bool {
    let relevant = |file: &ScenarioFile| {
        let load = file.load.clone().unwrap_or_default();
        let load = LoadFile { seed: None, connections: None, timeout: None, ..load };
        // Wherever the routes lie, who asks for them how often is the same.
        let plane = file.control_plane.clone();
        let control_plane = plane.map(|plane| ControlPlaneFile { source: None, ..plane });
        // Whichever product keeps the tags, the counts are the same.
        let fleet = FleetFile { store: None, ..file.fleet.clone().unwrap_or_default() };
        ScenarioFile { load: Some(load), fleet: Some(fleet), control_plane, ..file.clone() }
    };
    relevant(written) != relevant(file)
}
