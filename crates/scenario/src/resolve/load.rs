//! Rules about the load: how many polls, at whose pace, and what clients do with what they stored.

use client::{Cadence, Interruption};
use text::count;

use super::Resolver;
use crate::diagnostic::Result;
use crate::layer::{Layers, Value};
use crate::load::MOST_POLLS;
use crate::setup::Draft;
use crate::{Setup, keys};

impl Resolver<'_> {
    pub(super) fn finish_load(&self, draft: &mut Draft, arm: Option<usize>) -> Result<()> {
        self.check_polls(&draft.setup, arm)?;
        draft.setup.caching.interruption = self.interruption(draft, arm)?;
        // Where nobody looks at a clock, the interval of an open loop is none of their own.
        // Where polls follow one another without waiting, each round is one interval of a virtual
        // clock, so that no count depends on the second in which a run starts.
        if draft.setup.has_clock() {
            draft.setup.caching.round_interval = draft.interval;
        }
        Ok(())
    }

    fn check_polls(&self, setup: &Setup, arm: Option<usize>) -> Result<()> {
        if setup.polls.get() <= MOST_POLLS {
            return Ok(());
        }
        let clients = i64::from(setup.clients.get());
        let total = i64::try_from(setup.polls.get()).unwrap_or(i64::MAX);
        let title = format!("{} polls are more than a run can have", count(total));
        let label = format!("for each of {} clients", count(clients));
        let error = self.error_at_key("load", "polls", arm, title, label);
        Err(Box::new(error.help("at most 1,000,000,000 polls together")))
    }

    fn interruption(&self, draft: &Draft, arm: Option<usize>) -> Result<Option<Interruption>> {
        if let Some(at) = draft.interrupt_at {
            let if_range = draft.if_range.unwrap_or_default();
            return Ok(Some(Interruption { at, if_range }));
        }
        // What all share may be meant for the one arm that cuts its downloads.
        let cuts = |arm| self.found("load", "interrupt-at", Some(arm)).is_some();
        if draft.if_range.is_none() || (0..self.layers.length("arm")).any(cuts) {
            return Ok(None);
        }
        let title = "`if-range` has no meaning where no download is interrupted";
        let label = "there is nothing to resume";
        let error = self.error_at_key("load", "if-range", arm, title, label);
        Err(Box::new(error.help("interrupt-at = 0.5 (--interrupt-at 0.5)")))
    }

    // `interval` and `jitter` mean something in an open loop only, but for an interval that may be
    // virtual, where clients have a clock of their own. It is no error where an upper layer chose
    // another cadence than the one they were written for: `--cadence lockstep` works on any
    // scenario.
    pub(super) fn check_open_loop_keys<'a>(
        &self,
        mut setups: impl Iterator<Item = &'a Setup> + Clone,
    ) -> Result<()> {
        if setups.clone().any(|setup| matches!(setup.cadence, Cadence::OpenLoop { .. })) {
            return Ok(());
        }
        let chosen = self.layers.rank(&["load", "cadence"]);
        let has_clock = setups.any(Setup::has_clock);
        for key in ["interval", "jitter"].into_iter().filter(|key| *key == "jitter" || !has_clock) {
            let given = self.layers.rank(&["load", key]);
            if given.is_some() && given >= chosen {
                let title = format!("`{key}` has no meaning without an open loop");
                let label = "polls here follow one another as fast as answers come";
                let error = self.error_at_key("load", key, None, title, label);
                let error = error.help("cadence = \"open-loop\" (--cadence open-loop)");
                return Err(Box::new(match key {
                    "interval" => error.help(
                        "honour-freshness = true, or obey-poll-interval = true, makes it the \
                         virtual time between two rounds",
                    ),
                    _ => error,
                }));
            }
        }
        Ok(())
    }
}

/// Polls that each client makes, by the numbers that all arms share.
pub(super) fn full_rounds(layers: &Layers) -> i64 {
    let table = keys::table("load").expect("there is a load");
    let number = |name: &str| {
        let key = table.key(name)?;
        // The file without its flags is never resolved, so this reads values and not a draft.
        let given = layers.find(table, key, None).map(|found| found.value.clone());
        match given.or_else(|| (!key.default.is_empty()).then(|| key.kind.parse(key.default))) {
            Some(Value::Integer(number)) => i64::try_from(number).ok(),
            _ => None,
        }
    };
    let clients = number("clients").unwrap_or_default().max(1);
    match number("total-polls") {
        Some(total) => total / clients,
        None => number("polls").unwrap_or_default(),
    }
}
