//! The arms: names, and who answers in each.

use super::{Given, Resolver, control_plane};
use crate::diagnostic::{Diagnostic, Result, shown};
use crate::file::ArmFile;
use crate::{Arm, Replica, shares_tags};

const EXAMPLE: &str = "\
[[arm]]
name = \"before\"
strategy = \"per-process-counter\"";

/// Names that mean something else in an expectation.
const RESERVED: [&str; 2] = ["comparison", "and"];
const LONGEST_NAME: usize = 40;

impl Resolver<'_> {
    pub(super) fn arms(&mut self) -> Result<Vec<Arm>> {
        let files = self.file.arm.clone().unwrap_or_default();
        if files.is_empty() {
            let error = self.error(&["arm"], "a scenario needs at least one arm", "");
            return Err(Box::new(error.help(format!("an arm says how tags are made:\n{EXAMPLE}"))));
        }
        let mut arms: Vec<Arm> = Vec::new();
        for (index, file) in files.iter().enumerate() {
            let name = self.arm_name(index, file)?;
            if let Some(first) = arms.iter().position(|arm| arm.name == name) {
                return Err(self.duplicate(&name, first, index));
            }
            let of_arm = Some((index, file));
            let mut setup = self.setup(of_arm)?;
            let replica = match self.control_plane(of_arm)? {
                Some(plane) => {
                    self.check_no_replica_keys(of_arm)?;
                    control_plane::fit(&mut setup, &plane);
                    Replica::ControlPlane(plane)
                }
                None => self.replica(index, file)?,
            };
            let mut arm = Arm { name, replica, setup };
            // Tags of one content are shared, and that is in a database.
            arm.setup.sharing.database |= shares_tags(&arm);
            arms.push(arm);
        }
        Ok(arms)
    }

    fn arm_name(&self, index: usize, file: &ArmFile) -> Result<String> {
        let path = ["arm", &index.to_string(), "name"];
        let Some(name) = &file.name else {
            let error = self.error(&path, "an arm needs a name", "this arm has none");
            return Err(Box::new(error.help("name = \"before\"")));
        };
        let allowed = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let label = if name.is_empty() || !name.chars().all(allowed) {
            "letters, digits, `-` and `_`"
        } else if name.chars().count() > LONGEST_NAME {
            "at most 40 characters"
        } else if RESERVED.contains(&name.as_str()) {
            "this word means something else in an expectation"
        } else {
            return Ok(name.clone());
        };
        let title = format!("`{}` cannot be the name of an arm", shown(name));
        let help = "columns and expectations use it: name = \"before\"";
        Err(Box::new(self.error(&path, title, label).help(help)))
    }

    fn duplicate(&self, name: &str, first: usize, second: usize) -> Box<Diagnostic> {
        let path = |index: usize| ["arm".to_owned(), index.to_string(), "name".to_owned()];
        let title = format!("two arms are named `{}`", shown(name));
        let error = self.error(&path(second), title, "the second");
        let error = error.related(self.layers.exact(&path(first)), "the first");
        Box::new(error.help("give each arm a name of its own"))
    }

    /// The arm's own word, else the fleet's program.
    fn replica(&self, index: usize, arm: &ArmFile) -> Result<Replica> {
        let index = index.to_string();
        let strategy = Given::of(arm.strategy.clone(), &["arm", &index, "strategy"]);
        let command = Given::of(arm.command.clone(), &["arm", &index, "command"]);
        if strategy.value.is_some() && command.value.is_some() {
            let title = "`strategy` and `command` exclude each other";
            let error = self.error(&command.path, title, "a program makes its own tags");
            let error = error.related(self.layers.exact(&strategy.path), "the strategy");
            return Err(Box::new(error.help("keep one of the two")));
        }
        if strategy.value.is_some() {
            let name = self.name(&strategy, "strategy", self.names.strategies)?;
            return Ok(Replica::Strategy(name));
        }
        let shared = Given::of(self.fleet().command, &["fleet", "command"]);
        let command = self.command(&command.or(shared))?;
        command.map(Replica::Command).ok_or_else(|| {
            let title = "an arm needs a `strategy` or a `command`";
            let error = self.error(&["arm", &index], title, "this arm has neither");
            Box::new(error.help("strategy = \"content-hash\" (`etag-lab list strategies`)"))
        })
    }
}
