//! What the keys of an event have in common, whatever it happens to.

use super::Resolver;
use crate::Arm;
use crate::diagnostic::{Result, shown};
use crate::file::{EventFile, EventKindKey};
use text::suggestion;

impl Resolver<'_> {
    /// The one arm in which this event happens; `None` for all of them.
    pub(super) fn event_arm(
        &self,
        index: usize,
        file: &EventFile,
        arms: &[Arm],
    ) -> Result<Option<String>> {
        if let Some(name) = &file.arm
            && !arms.iter().any(|arm| arm.name == *name)
        {
            let names: Vec<_> = arms.iter().map(|arm| arm.name.as_str()).collect();
            let title = format!("there is no arm `{}`", shown(name));
            let path = ["event", &index.to_string(), "arm"];
            let error = self.error(&path, title, "not an arm of this scenario");
            return Err(Box::new(error.help(suggestion(name, &names))));
        }
        Ok(file.arm.clone())
    }

    /// Keys that have no meaning for an event of this kind.
    pub(super) fn check_event_keys(&self, index: usize, file: &EventFile) -> Result<()> {
        use EventKindKey as Kind;
        let of_replicas = matches!(file.kind, None | Some(Kind::Kill | Kind::Restart));
        let of_sharing = !of_replicas
            && !matches!(
                file.kind,
                Some(Kind::Reconnect | Kind::Edge | Kind::SourceDown | Kind::SourceUp)
            );
        let wrong = [
            ("edge", file.edge.is_some() && file.kind != Some(Kind::Edge), "kind = \"edge\""),
            (
                "poll-interval",
                file.poll_interval.is_some() && file.kind != Some(Kind::Pace),
                "kind = \"pace\"",
            ),
            (
                "arm",
                file.arm.is_some() && !of_sharing && file.kind != Some(Kind::Edge),
                "kind = \"edge\", \"store-down\", \"store-up\", \"pace\", \"resume\" or \
                 \"hold-creation\"",
            ),
            ("replica", file.replica.is_some() && of_sharing, "leave it out: it concerns them all"),
        ];
        let Some((key, _, help)) = wrong.into_iter().find(|(_, wrong, _)| *wrong) else {
            return Ok(());
        };
        let path = ["event", &index.to_string(), key];
        let title = match key {
            "replica" => "`replica` has no meaning for what all replicas share".to_owned(),
            _ => format!("`{key}` has no meaning for an event of this kind"),
        };
        Err(Box::new(self.error(&path, title, "belongs to another kind of event").help(help)))
    }
}
