//! Rules about writers: alone in changing the content, in lock-step, at replicas of the lab or of the
//! user's.

use strategies::Deployed;

use super::{Resolver, element_path};
use crate::diagnostic::Result;
use crate::layer::KeyPath;
use crate::{Arm, Cadence, EventKind, Replica};

const KEY: [&str; 2] = ["load", "writers"];

impl Resolver<'_> {
    pub(super) fn check_writers(&self, arms: &[Arm]) -> Result<()> {
        self.check_write_condition(arms)?;
        for (index, arm) in arms.iter().enumerate().filter(|(_, arm)| arm.setup.writers.is_some()) {
            self.check_writers_alone(index, arm)?;
            self.check_written_replicas(index, arm)?;
        }
        Ok(())
    }

    fn check_write_condition(&self, arms: &[Arm]) -> Result<()> {
        let without = |arm: &&Arm| arm.setup.write_condition.is_some();
        let arm = arms.iter().position(|arm| without(&arm));
        let Some(arm) = arm.filter(|_| arms.iter().all(|arm| arm.setup.writers.is_none())) else {
            return Ok(());
        };
        let title = "`write-condition` has no meaning where nobody writes";
        let label = "there is no PUT to carry it";
        let error = self.error_at_key(KEY[0], "write-condition", Some(arm), title, label);
        Err(Box::new(error.help("writers = 2 (--writers 2)")))
    }

    /// Refuses everybody else who would change the content, or the order of the writes.
    fn check_writers_alone(&self, index: usize, arm: &Arm) -> Result<()> {
        let restarts = arm.setup.events.iter().any(|event| event.kind == EventKind::Restart);
        let (title, label, help) = if arm.setup.cadence != Cadence::Lockstep {
            (
                "writers write between the rounds of a lock-step",
                "polls have no rounds here",
                "cadence = \"lockstep\" (--cadence lockstep)",
            )
        } else if self.layers.length("change") > 0 {
            (
                "either writers change the content or `[[change]]` does",
                "the run would not know who wrote last",
                "leave the changes out (--no-changes), or the writers",
            )
        } else if restarts {
            (
                "a replica that is started again would undo what was written",
                "it gets the first content anew",
                "kind = \"kill\" leaves it away; or leave the writers out",
            )
        } else {
            return Ok(());
        };
        let error = self.error_at_key(KEY[0], KEY[1], Some(index), title, label);
        Err(Box::new(error.help(help)))
    }

    fn check_written_replicas(&self, index: usize, arm: &Arm) -> Result<()> {
        let (path, label, help): (KeyPath, _, _) = match &arm.replica {
            Replica::ControlPlane(_) => (
                vec!["control-plane".to_owned()],
                "the routes are read-only",
                "leave the writers out, or [control-plane]",
            ),
            Replica::Strategy(entry) if entry.deployed == Deployed::NamingReplica => (
                element_path("arm", index, "strategy"),
                "each replica makes another content of what was written",
                "a strategy that serves what was written, such as content-hash",
            ),
            Replica::Strategy(_) | Replica::Command(_) => return Ok(()),
        };
        let title = "writers would not read what they wrote";
        let error = self.error_at_key(KEY[0], KEY[1], Some(index), title, "they write here");
        Err(Box::new(error.related(self.layers.exact(&path), label).help(help)))
    }
}
