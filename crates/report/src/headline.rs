//! The result of a run in one sentence, as it would be said aloud.
//!
//! Says nothing that a reader could take for more than was measured: an interrupted run has no
//! saving, and bytes are compared only where both arms made as many polls.

use measure::record::{ArmRecord, RunRecord};

use crate::metrics::{cpu_time, is_content_large, per_second};
use crate::numbers::{self, SOURCE_RATE, round_trips};
use crate::quantity::percent;
use text::count;

// A dozen values in a row say nothing at a glance: of more arms only the extremes are reported.
const MOST_ARMS: usize = 6;

/// `304 rate 0.0 % → 98.0 %; 93.9 % fewer bytes`. No full stop; empty only without arms.
pub(crate) fn of(record: &RunRecord) -> String {
    let arms = &record.arms[..];
    let parts = match arms {
        [] => Vec::new(),
        [arm] => alone(arm),
        [before, after] => pair(before, after, record.partial),
        _ => besides(arms).chain(telling_rates(arms)).collect(),
    };
    let sentence = capitalised(&parts.join("; "));
    if record.partial { format!("Interrupted: {sentence}") } else { sentence }
}

fn alone(arm: &ArmRecord) -> Vec<String> {
    let needless = match arm.verdicts.needless_transfer {
        _ if arm.contents_in_turn > 1 => {
            format!("{} contents in turn", count(arm.contents_in_turn as u64))
        }
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
    // An interrupted run, or arms with different numbers of polls, would compare amounts of work
    // instead of tags.
    let comparable = !partial && before.polls == after.polls;
    let saving = comparable.then(|| bytes(before.bytes.responses, after.bytes.responses)).flatten();
    let arms = both.map(Clone::clone);
    besides(&arms).chain(telling_rates(&arms)).chain(saving).collect()
}

// Facts stated before the rates, because the run is about them.
fn besides(arms: &[ArmRecord]) -> impl Iterator<Item = String> {
    [stale(arms), source(arms), resumed(arms), requests(arms), cost(arms)].into_iter().flatten()
}

/// Rates; nothing where they are the same and something else was reported.
fn telling_rates(arms: &[ArmRecord]) -> Option<String> {
    (!same_rates(arms) || besides(arms).next().is_none()).then(|| rates(arms))
}

fn same_rates(arms: &[ArmRecord]) -> bool {
    // Rates that read the same are the same to a reader, whatever their further digits are.
    let shown = |arm: &ArmRecord| arm.not_modified_ratio.map(percent);
    arms.windows(2).all(|pair| shown(&pair[0]) == shown(&pair[1]))
}

fn resumed(arms: &[ArmRecord]) -> Option<String> {
    let any = arms.iter().any(|arm| arm.resumes.attempted > 0);
    let share = |arm: &ArmRecord| {
        format!("{} of {}", count(arm.resumes.partial), count(arm.resumes.attempted))
    };
    any.then(|| {
        format!("downloads resumed {}", course(&arms.iter().map(share).collect::<Vec<_>>()))
    })
}

// The purpose of a proxy is that few of the fleet's requests reach the source of a control plane.
fn source(arms: &[ArmRecord]) -> Option<String> {
    let each: Vec<_> =
        arms.iter().map(|arm| numbers::value(arm, SOURCE_RATE)).collect::<Option<_>>()?;
    let told: Vec<_> = each.iter().copied().map(per_second).collect();
    let tells = arms.len() <= MOST_ARMS && differ(&each);
    tells.then(|| format!("source requests/s {}", course(&told)))
}

// With fresh hits the number of requests falls, and the rate says little.
fn requests(arms: &[ArmRecord]) -> Option<String> {
    let any = arms.iter().any(|arm| arm.verdicts.fresh_hit > 0);
    let each = arms.iter().map(|arm| count(round_trips(arm)));
    any.then(|| format!("requests {}", course(&each.collect::<Vec<_>>())))
}

/// The cost of the answers, for arms that answer alike with large content.
fn cost(arms: &[ArmRecord]) -> Option<String> {
    let each: Option<Vec<f64>> = arms
        .iter()
        .map(|arm| arm.origin_cpu_us_per_poll.filter(|_| is_content_large(arm)))
        .collect();
    let each = each.filter(|each| each.len() <= MOST_ARMS && same_rates(arms) && differ(each))?;
    let each: Vec<_> = each.into_iter().map(cpu_time).collect();
    Some(format!("origin CPU per poll {}", course(&each)))
}

fn differ(each: &[f64]) -> bool {
    let most = each.iter().copied().fold(0.0, f64::max);
    // CPU times vary from run to run: less than a factor of two would report noise as a result.
    each.iter().any(|least| 2.0 * least < most)
}

// False 304s come first wherever there are any: they are worse than waste.
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
    use measure::Tally;

    use super::*;

    fn arm(ratio: Option<f64>, bytes: u64, stale: u64) -> ArmRecord {
        let mut arm = Tally::default().to_record();
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
    fn what_a_run_is_about_comes_before_rates_that_are_the_same() {
        let resumed = |partial| {
            let mut arm = arm(Some(0.889), 1_000, 0);
            arm.resumes.attempted = 20;
            arm.resumes.partial = partial;
            arm
        };
        let expected = "Downloads resumed 0 of 20 → 20 of 20; the same bytes";
        check(&resumed(0), &resumed(20), false, expected);

        let mut honouring = arm(Some(0.889), 500, 0);
        honouring.verdicts.fresh_hit = 400;
        let expected = "Requests 500 → 100; 304 rate 98.0 % → 88.9 %; 50.0 % fewer bytes";
        check(&arm(Some(0.98), 1_000, 0), &honouring, false, expected);
    }

    #[test]
    fn what_reaches_the_source_comes_before_the_rates_of_its_clients() {
        let behind = |ratio, asked| {
            let mut arm = arm(ratio, 1_000, 0);
            arm.control_plane = Some(measure::record::ControlPlaneRecord {
                source_requests_per_s_uncompressed: Some(asked),
                ..Default::default()
            });
            arm
        };
        let expected = "Source requests/s 58.3 → 0.32; 304 rate none → 100.0 %; the same bytes";
        check(&behind(None, 58.3), &behind(Some(1.0), 0.324), false, expected);
        let alike = "304 rate 98.0 % → 100.0 %; the same bytes";
        check(&behind(Some(0.98), 0.31), &behind(Some(1.0), 0.33), false, alike);
    }

    #[test]
    fn the_cost_is_told_where_large_contents_are_answered_alike() {
        let costing = |us, content: u64| {
            let mut arm = arm(Some(1.0), 1_000, 0);
            arm.origin_cpu_us_per_poll = Some(us);
            (arm.polls, arm.not_modified) = (300, 290);
            arm.bytes.response_content = 10 * content;
            arm
        };
        let told = |us: [f64; 2], content| cost(&us.map(|us| costing(us, content)));
        let expected = Some("origin CPU per poll 1,384 µs → 28 µs".to_owned());
        assert_eq!(told([1_384.0, 28.0], 2_000_000), expected);
        assert_eq!(told([40.0, 28.0], 2_000_000), None);
        assert_eq!(told([1_384.0, 28.0], 8_192), None);
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
