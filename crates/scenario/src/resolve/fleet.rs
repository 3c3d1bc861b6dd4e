//! Rules about the fleet: a history for each replica.

use super::Resolver;
use crate::diagnostic::{Diagnostic, Result};
use crate::layer::Value;

const MOST: i128 = 1_000_000_000;

impl Resolver<'_> {
    pub(super) fn histories(&mut self, replicas: u32, arm: Option<usize>) -> Result<Vec<u64>> {
        let found = self.found("fleet", "histories", arm).map(|f| (f.path, f.value.clone()));
        let Some((path, Value::List(histories))) = found else {
            return Ok(default_histories(replicas));
        };
        if histories.len() != replicas as usize {
            let of_replicas = self.path_of("fleet", "replicas", arm);
            let meant = self.layers.is_from_command_line(&of_replicas)
                && !self.layers.is_from_command_line(&path);
            if !meant {
                let title = format!("{} histories for {replicas} replicas", histories.len());
                let error = self.error(&path, title, "one number for each replica");
                let of_replicas = self.layers.exact(&of_replicas);
                let error = error.related(of_replicas, format!("{replicas} replicas"));
                let help = "give one history for each replica, or leave `histories` out";
                return Err(Box::new(error.help(help)));
            }
            let note = Diagnostic::note("the default histories are used instead of these")
                .at(self.layers.place(&path), format!("not one for each of {replicas} replicas"));
            // Every arm that inherits them comes by here.
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
            return Ok(default_histories(replicas));
        }
        let number = |value: &Value| match value {
            Value::Integer(number) if (0..=MOST).contains(number) => u64::try_from(*number).ok(),
            _ => None,
        };
        histories.iter().map(number).collect::<Option<Vec<u64>>>().ok_or_else(|| {
            let title = "a history is a number of changes, 0 to 1,000,000,000";
            let error = self.error(&path, title, "one of these is out of range");
            Box::new(error.help("for example histories = [41, 18, 2]"))
        })
    }
}

/// Histories for this many replicas: distinct, and at least 16 apart, so that counters which
/// start from them do not collide during a run of up to 15 changes.
pub fn default_histories(replicas: u32) -> Vec<u64> {
    let first = [41, 18, 2];
    let rest = (1..).map(|step| 41 + 23 * step);
    first.into_iter().chain(rest).take(replicas as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histories_start_as_documented_and_stay_apart() {
        let mut histories = default_histories(512);
        assert_eq!(histories[..5], [41, 18, 2, 64, 87]);
        assert_eq!(histories.len(), 512);
        histories.sort_unstable();
        assert!(histories.windows(2).all(|pair| pair[1] - pair[0] >= 16));
    }
}
