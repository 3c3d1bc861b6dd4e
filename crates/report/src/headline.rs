//! The result of a run in one sentence, as it would be said aloud.
//!
//! Says nothing that a reader could take for more than was measured: an interrupted run has no
//! saving, and bytes are compared only where both arms made as many polls.

use measure::record::{ArmRecord, RunRecord};

use crate::quantity::{count, percent};

/// More arms than this are told by their extremes.
const MOST_ARMS: usize = 6;

/// `304 rate 0.0 % → 98.0 %; 93.9 % fewer bytes`. No full stop; empty only without arms.
pub(crate) fn of(record: &RunRecord) -> String {
    let arms = &record.arms[..];
    let parts = match arms {
        [] => Vec::new(),
        [arm] => alone(arm),
        [before, after] => pair(before, after, record.partial),
        _ => [stale(arms), Some(rates(arms))].into_iter().flatten().collect(),
    };
    let sentence = capitalised(&parts.join("; "));
    if record.partial { format!("Interrupted: {sentence}") } else { sentence }
}

fn alone(arm: &ArmRecord) -> Vec<String> {
    let needless = match arm.verdicts.needless_transfer {
        0 => "no needless 200".to_owned(),
        1 => "1 needless 200".to_owned(),
        several => format!("{} needless 200s", count(several)),
    };
    let answered = arm.polls > arm.verdicts.error;
    let parts = [Some(rates(std::slice::from_ref(arm))), answered.then_some(needless)];
    stale(std::slice::from_ref(arm)).into_iter().chain(parts.into_iter().flatten()).collect()
}

fn pair(before: &ArmRecord, after: &ArmRecord, partial: bool) -> Vec<String> {
    let both = [before, after];
    let comparable = !partial && before.polls == after.polls;
    let saving = comparable.then(|| bytes(before.bytes.responses, after.bytes.responses)).flatten();
    let arms = both.map(Clone::clone);
    [stale(&arms), Some(rates(&arms)), saving].into_iter().flatten().collect()
}

/// False 304s come first wherever there are any: they are worse than waste.
fn stale(arms: &[ArmRecord]) -> Option<String> {
    let any = arms.iter().any(|arm| arm.verdicts.false_validation > 0);
    let each = arms.iter().map(|arm| count(arm.verdicts.false_validation));
    any.then(|| format!("false 304s {}", course(&each.collect::<Vec<_>>())))
}

fn rates(arms: &[ArmRecord]) -> String {
    let known = || arms.iter().filter_map(|arm| arm.not_modified_ratio);
    if known().next().is_none() {
        return "no conditional request, so no 304".to_owned();
    }
    if arms.len() > MOST_ARMS {
        let (least, most) = (known().fold(1.0, f64::min), known().fold(0.0, f64::max));
        return format!("304 rate {} to {} in {} arms", percent(least), percent(most), arms.len());
    }
    let each = arms.iter().map(|arm| arm.not_modified_ratio.map_or("none".to_owned(), percent));
    format!("304 rate {}", course(&each.collect::<Vec<_>>()))
}

/// `0 → 5`, or one value where all are the same.
fn course(values: &[String]) -> String {
    let all_same = values.windows(2).all(|pair| pair[0] == pair[1]);
    match values.split_first() {
        Some((first, rest)) if all_same && rest.len() == 1 => format!("{first} in both arms"),
        Some((first, [_, ..])) if all_same => format!("{first} in every arm"),
        _ => values.join(" → "),
    }
}

fn bytes(before: u64, after: u64) -> Option<String> {
    let growth = (before > 0).then(|| after as f64 / before as f64 - 1.0)?;
    Some(match growth {
        g if g.abs() < 0.000_5 => "the same bytes".to_owned(),
        g if g < 0.0 => format!("{} fewer bytes", percent(-g)),
        g if g < 1.0 => format!("{} more bytes", percent(g)),
        g => format!("{:.1} × the bytes", g + 1.0),
    })
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use measure::{ArmDescription, Tally};

    use super::*;

    fn arm(ratio: Option<f64>, bytes: u64, stale: u64) -> ArmRecord {
        let mut arm = Tally::default().to_record(ArmDescription::default());
        arm.polls = 500;
        arm.not_modified_ratio = ratio;
        arm.bytes.responses = bytes;
        arm.verdicts.false_validation = stale;
        arm
    }

    fn check(before: &ArmRecord, after: &ArmRecord, partial: bool, expected: &str) {
        assert_eq!(capitalised(&pair(before, after, partial).join("; ")), expected);
    }

    #[test]
    fn two_arms_are_told_by_rate_and_bytes() {
        let bad = || arm(Some(0.0), 1_000, 0);
        let good = || arm(Some(0.98), 60, 0);
        check(&bad(), &good(), false, "304 rate 0.0 % → 98.0 %; 94.0 % fewer bytes");
        check(&good(), &bad(), false, "304 rate 98.0 % → 0.0 %; 16.7 × the bytes");
        check(&bad(), &arm(None, 1_000, 0), false, "304 rate 0.0 % → none; the same bytes");
        check(&good(), &good(), false, "304 rate 98.0 % in both arms; the same bytes");
    }

    #[test]
    fn false_304s_come_first() {
        let expected = "False 304s 27 → 0; 304 rate 5.5 % → 90.0 %; 50.0 % fewer bytes";
        check(&arm(Some(0.055), 100, 27), &arm(Some(0.9), 50, 0), false, expected);
    }

    #[test]
    fn bytes_of_unlike_amounts_of_polls_are_not_compared() {
        let fewer = ArmRecord { polls: 12, ..arm(Some(0.9), 50, 0) };
        check(&arm(Some(0.0), 100, 0), &fewer, false, "304 rate 0.0 % → 90.0 %");
        check(&arm(Some(0.0), 100, 0), &arm(Some(0.9), 50, 0), true, "304 rate 0.0 % → 90.0 %");
    }

    #[test]
    fn many_arms_are_told_one_after_the_other_or_by_their_extremes() {
        let arms = |count: u32| -> Vec<_> {
            (1..=count).map(|n| arm(Some(1.0 / f64::from(n)), 0, 0)).collect()
        };
        assert_eq!(rates(&arms(3)), "304 rate 100.0 % → 50.0 % → 33.3 %");
        assert_eq!(rates(&arms(8)), "304 rate 12.5 % to 100.0 % in 8 arms");
        assert_eq!(rates(&[arm(None, 0, 0)]), "no conditional request, so no 304");
    }
}
