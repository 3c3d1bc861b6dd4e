//! The result of a run in one sentence, as it would be said aloud.
//!
//! The scenario names the numbers that it is about; a run without a scenario of this kind, such as an
//! old one, is told by the numbers in which its arms differ most usefully. Says nothing that a reader
//! could take for more than was measured: an interrupted run has no saving, and bytes are compared
//! only where both arms made as many polls.

use measure::numbers::{self, SOURCE_RATE};
use measure::record::{ArmRecord, RunRecord};

use crate::metrics::{self, is_content_large};
use crate::quantity::percent;
use text::count;

const RATE: &str = "not_modified_ratio";
const STALE: &str = "false_validation";
const BYTES: &str = "response_bytes";

/// `304 rate 0.0 % → 98.0 %; 93.9 % fewer bytes`. No full stop; empty only without arms.
pub(crate) fn of(record: &RunRecord) -> String {
    let parts = match chosen(record) {
        parts if parts.is_empty() => usual(record),
        parts => parts,
    };
    let sentence = capitalised(&parts.join("; "));
    if record.partial { format!("Interrupted: {sentence}") } else { sentence }
}

/// Numbers that the scenario says it is about; none where no arm has any of them.
fn chosen(record: &RunRecord) -> Vec<String> {
    let named = &record.scenario.headline;
    let mut parts: Vec<_> = named.iter().filter_map(|number| part(record, number)).collect();
    // Flags can bring stale answers into any scenario, and then nothing is said before them.
    if parts.is_empty() || named.iter().any(|number| number == STALE) {
        return parts;
    }
    // Of one arm, such as a program of the user's, a rate alone says little.
    if let [arm] = &record.arms[..] {
        parts.push(needless(arm));
    }
    stale(record).into_iter().chain(parts).collect()
}

fn usual(record: &RunRecord) -> Vec<String> {
    let arms = &record.arms[..];
    let any = |has: fn(&ArmRecord) -> bool| arms.iter().any(has);
    // Facts stated before the rates, because the run is about them.
    let besides = [
        stale(record),
        differs(arms, SOURCE_RATE).then(|| part(record, SOURCE_RATE)).flatten(),
        any(|arm| arm.resumes.attempted > 0).then(|| part(record, "resumes_partial")).flatten(),
        // With fresh hits the number of requests falls, and the rate says little.
        any(|arm| arm.verdicts.fresh_hit > 0).then(|| part(record, "round_trips")).flatten(),
        is_about_cost(arms).then(|| part(record, CPU)).flatten(),
    ];
    let besides: Vec<_> = besides.into_iter().flatten().collect();
    let told = !arms.is_empty() && (!same_rates(arms) || besides.is_empty());
    let rates = told.then(|| rates(record));
    let last = match arms {
        [arm] if arm.polls > arm.verdicts.error => Some(needless(arm)),
        [_, _] => part(record, BYTES),
        _ => None,
    };
    besides.into_iter().chain(rates).chain(last).collect()
}

/// A number of all arms, by the name of its row; `None` where no arm has it.
fn part(record: &RunRecord, number: &str) -> Option<String> {
    let arms = &record.arms[..];
    if number == BYTES {
        return saving(record);
    }
    let metric = metrics::showing(number)?;
    let values: Vec<_> = arms.iter().map(|arm| metric.value(arm)).collect();
    values.iter().any(Option::is_some).then(|| {
        let words = arms.iter().zip(&values).map(|(arm, value)| match value {
            Some(_) => metric.cell(arm).text,
            None => "none".to_owned(),
        });
        format!("{} {}", metric.spoken(), course(arms, &values, &words.collect::<Vec<_>>()))
    })
}

// False 304s come first wherever there are any: they are worse than waste.
fn stale(record: &RunRecord) -> Option<String> {
    let any = record.arms.iter().any(|arm| arm.verdicts.false_validation > 0);
    any.then(|| part(record, STALE)).flatten()
}

fn rates(record: &RunRecord) -> String {
    part(record, RATE).unwrap_or_else(|| "no conditional request, so no 304".to_owned())
}

fn needless(arm: &ArmRecord) -> String {
    match arm.verdicts.needless_transfer {
        _ if arm.contents_in_turn > 1 => {
            format!("{} contents in turn", count(arm.contents_in_turn as u64))
        }
        0 => "no needless 200".to_owned(),
        1 => "1 needless 200".to_owned(),
        several => format!("{} needless 200s", count(several)),
    }
}

fn same_rates(arms: &[ArmRecord]) -> bool {
    // Rates that read the same are the same to a reader, whatever their further digits are.
    let shown = |arm: &ArmRecord| arm.not_modified_ratio.map(percent);
    arms.windows(2).all(|pair| shown(&pair[0]) == shown(&pair[1]))
}

const CPU: &str = "origin_cpu_us_per_poll";

/// True where arms answer alike with large content, so that they differ in its cost.
fn is_about_cost(arms: &[ArmRecord]) -> bool {
    arms.iter().all(is_content_large) && same_rates(arms) && differs(arms, CPU)
}

/// True if the least of a number, which every arm has, is less than half of the most.
fn differs(arms: &[ArmRecord], number: &str) -> bool {
    let each: Option<Vec<f64>> = arms.iter().map(|arm| numbers::value(arm, number)).collect();
    let each = each.unwrap_or_default();
    let most = each.iter().copied().fold(0.0, f64::max);
    // CPU times vary from run to run: less than a factor of two would report noise as a result.
    each.iter().any(|least| 2.0 * least < most)
}

/// `0 → 5`, or one value where all are the same. Of more than two arms only the extremes, in the order
/// of the arms: a dozen values in a row say nothing at a glance.
fn course(arms: &[ArmRecord], values: &[Option<f64>], words: &[String]) -> String {
    let same = words.windows(2).all(|pair| pair[0] == pair[1]);
    match words {
        [one] => one.clone(),
        [first, _] if same => format!("{first} in both arms"),
        [first, second] => format!("{first} → {second}"),
        [first, ..] if same => format!("{first} in every arm"),
        _ => {
            let mut ends = extremes(values).to_vec();
            ends.dedup();
            let end = |at: usize| match words[at].as_str() {
                // No false 304 is none, whichever arm has it.
                "0" => "0".to_owned(),
                words => format!("{words} ({})", arms[at].name),
            };
            ends.into_iter().map(end).collect::<Vec<_>>().join(" → ")
        }
    }
}

/// Positions of the least and of the most; of several that are equal the first. At least one is known.
fn extremes(values: &[Option<f64>]) -> [usize; 2] {
    let known = || values.iter().enumerate().filter_map(|(at, value)| Some((at, (*value)?)));
    let better = |is_better: fn(f64, f64) -> bool| {
        let best = known().reduce(|best, next| if is_better(next.1, best.1) { next } else { best });
        best.map_or(0, |(at, _)| at)
    };
    let mut ends = [better(|next, best| next < best), better(|next, best| next > best)];
    ends.sort_unstable();
    ends
}

/// Bytes as a change, for a number of bytes alone says nothing.
fn saving(record: &RunRecord) -> Option<String> {
    let [before, after] = &record.arms[..] else { return None };
    // An interrupted run, or arms with different numbers of polls, would compare amounts of work
    // instead of tags.
    let comparable = !record.partial && before.polls == after.polls;
    comparable.then(|| saved(before.bytes.responses, after.bytes.responses)).flatten()
}

fn saved(before: u64, after: u64) -> Option<String> {
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
    use measure::record::{
        BytesRecord, ControlPlaneRecord, ResumesRecord, RunRecord, ScenarioRecord,
    };

    use super::*;

    fn arm(ratio: Option<f64>, bytes: u64, stale: u64) -> ArmRecord {
        let mut arm = Tally::default().to_record();
        arm.polls = 500;
        arm.not_modified_ratio = ratio;
        arm.bytes.responses = bytes;
        arm.verdicts.false_validation = stale;
        arm
    }

    fn run(arms: &[ArmRecord]) -> RunRecord {
        let name = |(arm, name): (&ArmRecord, char)| ArmRecord { name: name.into(), ..arm.clone() };
        RunRecord { arms: arms.iter().zip('a'..).map(name).collect(), ..empty() }
    }

    fn empty() -> RunRecord {
        let text = String::new;
        RunRecord {
            source: String::new(),
            shard: None,
            repeats: None,
            schema: text(),
            tool: measure::record::ToolRecord { version: text() },
            command: text(),
            started: text(),
            scenario: ScenarioRecord::default(),
            machine: measure::record::MachineRecord { cpus: 1, os: text() },
            partial: false,
            arms: Vec::new(),
            comparison: None,
            findings: Vec::new(),
            expectations: Vec::new(),
        }
    }

    fn check(arms: &[ArmRecord], expected: &str) {
        assert_eq!(of(&run(arms)), expected);
    }

    fn check_about(headline: &[&str], arms: &[ArmRecord], expected: &str) {
        let mut record = run(arms);
        record.scenario.headline = headline.iter().map(|&number| number.to_owned()).collect();
        assert_eq!(of(&record), expected);
    }

    #[test]
    fn two_arms_are_told_by_rate_and_bytes() {
        let bad = || arm(Some(0.0), 1_000, 0);
        let good = || arm(Some(0.98), 60, 0);
        check(&[bad(), good()], "304 rate 0.0 % → 98.0 %; 94.0 % fewer bytes");
        check(&[good(), bad()], "304 rate 98.0 % → 0.0 %; 16.7 × the bytes");
        check(&[bad(), arm(None, 1_000, 0)], "304 rate 0.0 % → none; the same bytes");
        check(&[good(), good()], "304 rate 98.0 % in both arms; the same bytes");
        check(&[arm(None, 0, 0)], "No conditional request, so no 304; no needless 200");
    }

    #[test]
    fn false_304s_come_first() {
        let arms = [arm(Some(0.055), 100, 27), arm(Some(0.9), 50, 0)];
        check(&arms, "False 304s 27 → 0; 304 rate 5.5 % → 90.0 %; 50.0 % fewer bytes");
        check_about(&["error"], &arms, "False 304s 27 → 0; errors 0 in both arms");
    }

    #[test]
    fn a_scenario_is_told_by_the_numbers_that_it_is_about() {
        let keeping = |lost| {
            let mut arm = arm(Some(0.9), 100, 0);
            arm.setup.caching.on_error = Some(measure::record::OnErrorRecord::Keep);
            arm.tables.lost = lost;
            arm
        };
        let arms = [keeping(60), keeping(0)];
        check_about(&["tables_lost"], &arms, "Stored copies lost 60 → 0");
        // The number means nothing here, nor is there one of this name.
        let bare = [arm(Some(0.0), 100, 0), arm(Some(0.9), 50, 0)];
        for number in ["tables_lost", "of_a_later_version"] {
            check_about(&[number], &bare, "304 rate 0.0 % → 90.0 %; 50.0 % fewer bytes");
        }
    }

    #[test]
    fn what_a_run_is_about_comes_before_rates_that_are_the_same() {
        let resumed = |partial| {
            let mut arm = arm(Some(0.889), 1_000, 0);
            arm.resumes = ResumesRecord { attempted: 20, partial, whole: 20 - partial };
            arm
        };
        check(&[resumed(0), resumed(20)], "Downloads resumed 0/20 → 20/20; the same bytes");

        let mut honouring = arm(Some(0.889), 500, 0);
        honouring.verdicts.fresh_hit = 400;
        let expected = "Round trips 500 → 100; 304 rate 98.0 % → 88.9 %; 50.0 % fewer bytes";
        check(&[arm(Some(0.98), 1_000, 0), honouring], expected);
    }

    #[test]
    fn what_reaches_the_source_comes_before_the_rates_of_its_clients() {
        let behind = |ratio, asked| {
            let mut arm = arm(ratio, 1_000, 0);
            arm.control_plane = Some(ControlPlaneRecord {
                source_requests_per_s_uncompressed: Some(asked),
                ..Default::default()
            });
            arm
        };
        let expected = "Source requests/s 58.3 → 0.32; 304 rate none → 100.0 %; the same bytes";
        check(&[behind(None, 58.3), behind(Some(1.0), 0.324)], expected);
        let alike = "304 rate 98.0 % → 100.0 %; the same bytes";
        check(&[behind(Some(0.98), 0.31), behind(Some(1.0), 0.33)], alike);
    }

    #[test]
    fn the_cost_is_told_where_large_contents_are_answered_alike() {
        let costing = |us, content: u64| {
            let mut arm = arm(Some(1.0), 1_000, 0);
            arm.origin_cpu_us_per_poll = Some(us);
            (arm.polls, arm.counts.not_modified) = (300, 290);
            arm.bytes = BytesRecord { response_content: 10 * content, ..arm.bytes };
            arm
        };
        let told = |us: [f64; 2], content| of(&run(&us.map(|us| costing(us, content))));
        let expected = "Origin CPU per poll 1,384 µs → 28 µs; the same bytes";
        assert_eq!(told([1_384.0, 28.0], 2_000_000), expected);
        let alike = "304 rate 100.0 % in both arms; the same bytes";
        assert_eq!(told([40.0, 28.0], 2_000_000), alike);
        assert_eq!(told([1_384.0, 28.0], 8_192), alike);
    }

    #[test]
    fn bytes_of_unlike_amounts_of_polls_are_not_compared() {
        let fewer = ArmRecord { polls: 12, ..arm(Some(0.9), 50, 0) };
        check(&[arm(Some(0.0), 100, 0), fewer], "304 rate 0.0 % → 90.0 %");
        let partial =
            RunRecord { partial: true, ..run(&[arm(Some(0.0), 100, 0), arm(Some(0.9), 50, 0)]) };
        assert_eq!(of(&partial), "Interrupted: 304 rate 0.0 % → 90.0 %");
    }

    #[test]
    fn many_arms_are_told_by_their_extremes_in_the_order_of_the_arms() {
        let arms = |count: u32| -> Vec<_> {
            (1..=count).map(|n| arm(Some(1.0 / f64::from(n)), 0, 0)).collect()
        };
        check(&arms(3), "304 rate 100.0 % (a) → 33.3 % (c)");
        check(&arms(8), "304 rate 100.0 % (a) → 12.5 % (h)");
        let alike = [(); 3].map(|()| arm(Some(0.5), 0, 0));
        check(&alike, "304 rate 50.0 % in every arm");
        let one = [arm(None, 0, 0), arm(Some(0.5), 0, 0), arm(None, 0, 0)];
        check(&one, "304 rate 50.0 % (b)");
    }
}
