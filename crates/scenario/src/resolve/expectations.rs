//! The expectations: parsed and checked against the arms before anything runs.
//!
//! Expectations of a built-in scenario describe it as shipped. Where the command line changes
//! what is measured they are set aside; those of a user's own file always count.

use super::{Resolver, element_path};
use crate::Arm;
use crate::diagnostic::{Result, shown};
use crate::expectation::{self, Expectation};
use crate::flags::{Flags, SPECIAL};
use crate::given::Given;
use crate::layer::{KeyPath, Layers, Value, path};
use crate::source::SourceKind;
use text::suggestion;

// No correct expectation depends on these keys: whichever product keeps the tags or the routes, the
// counts are the same.
const HARMLESS: [[&str; 2]; 5] = [
    ["load", "seed"],
    ["load", "connections"],
    ["load", "timeout"],
    ["control-plane", "source"],
    ["fleet", "store"],
];

impl Resolver<'_> {
    /// The expectations that count, and those that are set aside.
    pub(super) fn expectations(
        &self,
        arms: &[Arm],
        flags: &Flags,
        kind: SourceKind,
    ) -> Result<(Vec<Expectation>, Vec<Expectation>)> {
        let arms: Vec<&str> = arms.iter().map(|arm| arm.name.as_str()).collect();
        let count = self.layers.length("expect");
        let shipped = kind == SourceKind::BuiltIn && !self.layers.is_from_command_line(&["expect"]);
        let own = (0..count).map(|index| self.expectation(index, &arms));
        let wanted = expectation::of_flags(flags, &arms)?;
        if shipped && differs(self.written, self.layers, |_| true) {
            // One about an arm that is gone is about nothing.
            return Ok((wanted, own.filter_map(Result::ok).collect()));
        }
        let own = own.collect::<Result<Vec<_>>>()?;
        self.check_contradictions(&own)?;
        Ok(([own, wanted].concat(), Vec::new()))
    }

    fn expectation(&self, index: usize, arms: &[&str]) -> Result<Expectation> {
        let arm = self.element("expect", index, "arm")?;
        let name = arm.as_ref().map(Given::text);
        if let Some(arm) = arm.as_ref().filter(|arm| !arms.contains(&arm.text())) {
            let title = format!("there is no arm `{}`", shown(arm.text()));
            let error = arm.error(title, "not an arm of this scenario");
            return Err(Box::new(error.help(suggestion(arm.text(), arms))));
        }
        let path = element_path("expect", index, "that");
        let Some(that) = self.text("expect", index, "that")? else {
            let error = self.error(&path[..2], "an expectation needs `that`", "what?");
            return Err(Box::new(error.help("that = \"not_modified_ratio > 97 %\"")));
        };
        Expectation::parse(&that, name, arms).map_err(|error| {
            let place = self.layers.place(&path);
            Box::new(error.diagnostic(place.map(|place| place.within(&that, error.span.clone()))))
        })
    }

    fn check_contradictions(&self, expectations: &[Expectation]) -> Result<()> {
        let conflict = expectation::contradiction(expectations);
        let Some((first, second, path)) = conflict else { return Ok(()) };
        let title = format!("no value of `{path}` can meet both expectations");
        let error = self.error(&element_path("expect", second, "that"), title, "this one");
        let first = self.layers.exact(&element_path("expect", first, "that"));
        Err(Box::new(error.related(first, "and this one").help("keep the one that is meant")))
    }
}

/// True if the command line changed anything among these that a correct expectation may depend on.
pub(super) fn differs(written: &Layers, layers: &Layers, among: impl Fn(&KeyPath) -> bool) -> bool {
    // Values are compared, not layers: a flag that repeats what the file says changes nothing.
    let relevant = |layers: &Layers| -> Vec<(KeyPath, Value)> {
        let values = layers.effective(&["control-plane"]).into_iter();
        let harmless: Vec<_> = HARMLESS.into_iter().map(path).collect();
        let own = values.filter(|(path, _)| !harmless.contains(path) && path[0] != SPECIAL);
        let own = own.filter(|(path, _)| among(path));
        own.map(|(path, value)| (path, value.clone())).collect()
    };
    relevant(written) != relevant(layers)
}
