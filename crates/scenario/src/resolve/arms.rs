//! The arms: names, and the replica of each.

use super::{Resolver, element_path};
use crate::diagnostic::{Diagnostic, Result, shown};
use crate::setup::Draft;
use crate::{Arm, Program, Replica, shares_tags};

const EXAMPLE: &str = "\
[[arm]]
name = \"before\"
strategy = \"per-process-counter\"";

// Names that mean something else in an expectation.
const RESERVED: [&str; 2] = ["comparison", "and"];
const LONGEST_NAME: usize = 40;

impl Resolver<'_> {
    pub(super) fn arms(&mut self, shared: &Draft) -> Result<Vec<Arm>> {
        let mut arms: Vec<Arm> = Vec::new();
        // The resource is no arm's: a file is read once, and every arm serves the same bytes.
        let base = Draft { resource: shared.resource.clone(), ..Draft::new() };
        for index in 0..self.layers.length("arm") {
            let name = self.arm_name(index)?;
            if let Some(first) = arms.iter().position(|arm| arm.name == name) {
                return Err(self.duplicate(&name, first, index));
            }
            // An arm goes through the rules as a whole, since what it overrides may contradict what
            // it inherits.
            let Draft { setup, plane, command, .. } = self.draft(Some(index), &base)?;
            let replica = if self.has_plane(Some(index)) {
                self.check_no_replica_keys(index)?;
                Replica::ControlPlane(plane)
            } else {
                self.replica(index, command)?
            };
            let mut arm = Arm { name, replica, setup };
            // Tags of one content are shared, and that is in a database.
            arm.setup.sharing.database |= shares_tags(&arm);
            arms.push(arm);
        }
        if arms.is_empty() {
            let error = self.error(&["arm"], "a scenario needs at least one arm", "");
            return Err(Box::new(error.help(format!("an arm says how tags are made:\n{EXAMPLE}"))));
        }
        Ok(arms)
    }

    fn arm_name(&self, index: usize) -> Result<String> {
        let Some(given) = self.element("arm", index, "name")? else {
            let path = element_path("arm", index, "name");
            let error = self.error(&path, "an arm needs a name", "this arm has none");
            return Err(Box::new(error.help("name = \"before\"")));
        };
        let name = given.text();
        let allowed = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let label = if name.is_empty() || !name.chars().all(allowed) {
            "letters, digits, `-` and `_`"
        } else if name.chars().count() > LONGEST_NAME {
            "at most 40 characters"
        } else if RESERVED.contains(&name) {
            "this word means something else in an expectation"
        } else {
            return Ok(name.to_owned());
        };
        let error = given.error(format!("`{}` cannot be the name of an arm", shown(name)), label);
        Err(Box::new(error.help("columns and expectations use it: name = \"before\"")))
    }

    fn duplicate(&self, name: &str, first: usize, second: usize) -> Box<Diagnostic> {
        let path = |index: usize| element_path("arm", index, "name");
        let title = format!("two arms are named `{}`", shown(name));
        let error = self.error(&path(second), title, "the second");
        let error = error.related(self.layers.exact(&path(first)), "the first");
        Box::new(error.help("give each arm a name of its own"))
    }

    fn replica(&self, index: usize, of_fleet: Option<Program>) -> Result<Replica> {
        let strategy = self.element("arm", index, "strategy")?;
        let command = self.element("arm", index, "command")?;
        match (strategy, command) {
            (Some(strategy), Some(command)) => {
                let title = "`strategy` and `command` exclude each other";
                let error = command.error(title, "a program makes its own tags");
                let error = error.related(self.layers.exact(&strategy.path), "the strategy");
                Err(Box::new(error.help("keep one of the two")))
            }
            (Some(strategy), None) => Ok(Replica::Strategy(strategy.entry(strategies::find))),
            (None, Some(command)) => Ok(Replica::Command(command.command()?)),
            (None, None) => of_fleet.map(Replica::Command).ok_or_else(|| {
                let title = "an arm needs a `strategy` or a `command`";
                let path = element_path("arm", index, "");
                let error = self.error(&path[..2], title, "this arm has neither");
                Box::new(error.help("strategy = \"content-hash\" (`etag-lab list strategies`)"))
            }),
        }
    }
}
