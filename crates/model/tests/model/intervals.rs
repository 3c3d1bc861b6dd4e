//! The rate at which intervals hold: what is said of 95 and of 99.9 of 100 runs is counted.

use std::time::{Duration, SystemTime};

use etag_lab_model::{Editions, outcome_of, prediction};
use scenario::{Flags, Scenario};

/// A moment after every date of these scenarios.
const NOW: Duration = Duration::from_secs(1_790_000_000);
const RUNS: u64 = 2_000;

fn scenario(flags: &[(&str, &str)], seed: u64) -> Scenario {
    let flags = flags.iter().fold(Flags::default(), |all, (name, value)| all.with(name, value));
    let flags = flags.with("seed", &seed.to_string()).with("no-changes", "");
    Scenario::load(Some("all-200s"), &flags).expect("a sound scenario")
}

/// 2,000 runs with seeds of their own, against the prediction of another one.
#[track_caller]
fn check(flags: &[(&str, &str)]) {
    let predicted = scenario(flags, 1);
    let (editions, now) = (Editions::of(&predicted), SystemTime::UNIX_EPOCH + NOW);
    let prediction = prediction::of(&predicted, &predicted.arms[0], &editions, now);
    let prediction = prediction.expect("it is modelled");
    let held = |range: Option<[f64; 2]>, ratio: f64| {
        let [low, high] = range.expect("chance decides");
        u64::from((low..=high).contains(&ratio))
    };
    let (mut of_95, mut of_999) = (0, 0);
    for seed in 0..RUNS {
        // Seeds of the virtual runs of the prediction are near its own.
        let run = scenario(flags, 1_000_000 + 7 * seed);
        let outcome = outcome_of(&run, &run.arms[0], &editions, now, false).expect("the same");
        let ratio = outcome.tally.not_modified_ratio().expect("there are conditional polls");
        of_95 += held(prediction.interval_95, ratio);
        of_999 += held(prediction.interval, ratio);
    }
    // A range of 100 virtual runs may be somewhat narrow or wide: three standard deviations of what
    // that does to the rate.
    let [rate_95, rate_999] = [of_95, of_999].map(|held| held as f64 / RUNS as f64);
    assert!((0.90..=0.995).contains(&rate_95), "{rate_95} of 95 %: {prediction:?}");
    assert!(rate_999 >= 0.996, "{rate_999} of 99.9 %: {prediction:?}");
}

const SMALL: [(&str, &str); 4] =
    [("size", "64"), ("clients", "12"), ("polls", "20"), ("replicas", "3")];

#[test]
fn intervals_hold_at_their_rate_where_lots_are_drawn() {
    check(&[&SMALL[..], &[("policy", "random")]].concat());
}

#[test]
fn intervals_hold_at_their_rate_in_a_shuffled_cadence() {
    check(&[&SMALL[..], &[("cadence", "shuffled")]].concat());
}

#[test]
fn intervals_hold_at_their_rate_in_an_open_loop_with_jitter() {
    check(&[&SMALL[..], &[("cadence", "open-loop"), ("jitter", "30%")]].concat());
}
