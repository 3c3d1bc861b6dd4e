//! Sizes that only a model has: more clients than a run, and a range of replicas.

use std::num::NonZeroU32;

use scenario::{Flags, Scenario};
use text::parse_count;

use crate::exit::Failure;

/// Most clients of a run, and most replicas.
const CLIENTS_OF_RUN: i128 = 1_000_000;
const REPLICAS_OF_RUN: i128 = 512;
/// Clients that a scenario is read with where there are to be more.
const SOME_CLIENTS: &str = "1000";
/// Most replicas of a model: tables grow with their square.
const MOST_REPLICAS: i128 = 1_000;
/// Sizes that a range is shown by, in each power of ten.
const STEPS: [u32; 5] = [1, 2, 3, 5, 8];

/// What was asked for beyond the limits of a run.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    population: Option<NonZeroU32>,
    replicas: Vec<NonZeroU32>,
}

/// Takes the sizes out that a scenario would refuse.
pub(super) fn taken(flags: &mut Flags) -> Result<Sizes, Failure> {
    let mut sizes = Sizes::default();
    if let Some(text) = flags.take("clients") {
        match parse_count(&text) {
            Some(number) if number > CLIENTS_OF_RUN => {
                sizes.population = Some(within(number, i128::from(u32::MAX), "--clients")?);
                // Another number than the scenario's, so that it knows that it was changed.
                *flags = std::mem::take(flags).with("clients", SOME_CLIENTS);
            }
            _ => *flags = std::mem::take(flags).with("clients", &text),
        }
    }
    sizes.replicas = replicas(flags)?;
    Ok(sizes)
}

/// Takes a range of replicas out, or more of them than a run may have; nothing where neither is asked for.
fn replicas(flags: &mut Flags) -> Result<Vec<NonZeroU32>, Failure> {
    let Some(text) = flags.take("replicas") else { return Ok(Vec::new()) };
    if let Some((first, last)) = text.split_once("..") {
        return range(first, last);
    }
    if parse_count(&text).is_some_and(|number| number > REPLICAS_OF_RUN) {
        return range(&text, &text);
    }
    *flags = std::mem::take(flags).with("replicas", &text);
    Ok(Vec::new())
}

fn range(first: &str, last: &str) -> Result<Vec<NonZeroU32>, Failure> {
    let wrong = || Failure::input("`--replicas` is a number or a range", "--replicas 1..1000");
    let number = |text: &str| parse_count(text.trim_start_matches('=')).ok_or_else(wrong);
    let first = within(number(first)?, MOST_REPLICAS, "--replicas")?;
    let last = within(number(last)?, MOST_REPLICAS, "--replicas")?;
    if first > last {
        return Err(wrong());
    }
    let powers = (0..9).map(|power| 10_u32.pow(power));
    let between = powers.flat_map(|power| STEPS.map(|step| step * power));
    let between = between.filter(|size| (first.get() + 1..last.get()).contains(size));
    let mut sizes = vec![first];
    sizes.extend(between.filter_map(NonZeroU32::new));
    sizes.extend((last > first).then_some(last));
    Ok(sizes)
}

fn within(number: i128, most: i128, flag: &str) -> Result<NonZeroU32, Failure> {
    let number = Some(number).filter(|number| (1..=most).contains(number));
    let number = number.and_then(|number| NonZeroU32::new(u32::try_from(number).ok()?));
    let most = text::count(most);
    number
        .ok_or_else(|| Failure::input(format!("`{flag}` is from 1 to {most}"), "take one of these"))
}

impl Sizes {
    pub(super) fn apply(&self, mut scenario: Scenario) -> Scenario {
        if !self.replicas.is_empty() {
            scenario = scenario.with_fleets(&self.replicas);
        }
        match self.population {
            Some(clients) => scenario.with_clients(clients),
            None => scenario,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken_of(name: &str, value: &str) -> Option<(Sizes, Flags)> {
        let mut flags = Flags::default().with(name, value);
        taken(&mut flags).ok().map(|sizes| (sizes, flags))
    }

    #[test]
    fn a_range_is_shown_by_its_ends_and_round_sizes_between() {
        let sizes = |text| {
            let (sizes, _) = taken_of("replicas", text)?;
            Some(sizes.replicas.iter().map(|size| size.get()).collect::<Vec<_>>())
        };
        assert_eq!(sizes("1..12"), Some(vec![1, 2, 3, 5, 8, 10, 12]));
        assert_eq!(sizes("7..7"), Some(vec![7]));
        assert_eq!(sizes("900"), Some(vec![900]));
        assert_eq!(sizes("3"), Some(vec![]));
        for wrong in ["0..3", "3..1", "1..1001", "..", "1..x"] {
            assert_eq!(sizes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_a_run_takes_is_left_to_the_scenario() {
        let left = |text| {
            taken_of("clients", text).map(|(sizes, flags)| {
                (
                    sizes.population.map(NonZeroU32::get),
                    flags == Flags::default().with("clients", text),
                )
            })
        };
        assert_eq!(left("1000000"), Some((None, true)));
        assert_eq!(left("1e9"), Some((Some(1_000_000_000), false)));
        assert_eq!(left("none"), Some((None, true)));
        assert_eq!(left("5e9"), None);
    }
}
