//! `--watch`: checks again and again, a line for each with a spark-line: until nothing is wrong, or
//! with `--for` as long as that, whatever is found.

use std::time::{Duration, Instant};

use findings::Check;
use findings::evidence::Evidence;
use findings::rounds::Rounds;
use probe::run::Job;
use tokio::sync::watch;

use super::evidence;
use crate::exit::Failure;
use crate::output;

/// Ratios in a spark-line.
const MOST: usize = 30;

/// Requests of a round after the first, at most: a look, the replay of what the round before saw,
/// seven looks more and as many replays.
const ROUND: usize = 20;

/// The evidence of the first check that is healthy, or of the last before the signal.
pub(super) async fn until_healthy(
    job: &Job,
    every: Duration,
    stop: &watch::Receiver<bool>,
) -> Result<Evidence, Failure> {
    let mut ratios = Vec::new();
    let mut stop = stop.clone();
    loop {
        let collected = evidence::collect(job, &stop).await?;
        let check = Check::of(&collected);
        ratios.push(check.not_modified_ratio().unwrap_or(0.0));
        output::note(&text::visible_lines(&line(&check, &ratios)));
        if check.findings.iter().any(findings::Finding::is_healthy) || *stop.borrow() {
            return Ok(collected);
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = stop.wait_for(|stop| *stop) => return Ok(collected),
        }
    }
}

/// The verdict over a whole time, or over what of it came before the signal, and the evidence of the
/// last round.
pub(super) async fn for_a_time(
    job: &Job,
    (every, whole): (Duration, Duration),
    stop: &watch::Receiver<bool>,
) -> Result<(Check, Evidence), Failure> {
    output::note(&text::wrap(&cost(job, every, whole), 80).join("\n"));
    let end = Instant::now() + whole;
    let mut watch = Watch::new(job);
    let mut stop = stop.clone();
    let mut last = watch.round(&stop).await?;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        tokio::select! {
            () = tokio::time::sleep(every.min(left)) => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
        last = watch.round(&stop).await?;
    }
    Ok((watch.rounds.verdict().expect("there was a round"), last))
}

/// Rounds so far, and the next one.
struct Watch {
    job: Job,
    rounds: Rounds,
    ratios: Vec<f64>,
    /// Target as the rounds name it, once there was one.
    target: Option<String>,
}

impl Watch {
    fn new(job: &Job) -> Self {
        let mut job = job.clone();
        let (target, memory) = job.earlier.take().unzip();
        Self { job, rounds: Rounds::since(memory), ratios: Vec::new(), target }
    }

    async fn round(&mut self, stop: &watch::Receiver<bool>) -> Result<Evidence, Failure> {
        self.job.earlier = self.target.clone().zip(self.rounds.memory().cloned());
        let collected = evidence::collect(&self.job, stop).await?;
        // The signal leaves little of a round.
        if self.ratios.is_empty() || !*stop.borrow() {
            self.add(&collected);
        }
        self.job.budget = self.job.budget.min(ROUND);
        Ok(collected)
    }

    fn add(&mut self, collected: &Evidence) {
        let (check, event) = self.rounds.add(collected);
        self.ratios.push(check.not_modified_ratio().unwrap_or(0.0));
        let checked = line(&check, &self.ratios);
        let said = event.map(|event| format!("{}: {}", event.what, event.says));
        for line in [checked].into_iter().chain(said) {
            output::note(&text::visible_lines(&format!("{}  {line}", time_of(&check.at))));
        }
        self.target = Some(check.target);
    }
}

/// What a watch may cost, before it begins.
fn cost(job: &Job, every: Duration, whole: Duration) -> String {
    let (first, later) = (job.budget, job.budget.min(ROUND));
    // The last round is made at the end, however short its pause was.
    let rounds = whole.as_millis().div_ceil(every.as_millis().max(1));
    let most = (first as u128).saturating_add(rounds.saturating_mul(later as u128));
    format!(
        "watching for {}: at most {first} requests now, then at most {later} every {}, {} at most \
         altogether; Ctrl-C ends it with what was seen so far",
        spelled(whole),
        spelled(every),
        text::count(u64::try_from(most).unwrap_or(u64::MAX))
    )
}

/// `30m`, as it may be typed.
fn spelled(time: Duration) -> String {
    jiff::SignedDuration::try_from(time)
        .map_or_else(|_| format!("{time:?}"), |it| format!("{it:#}"))
}

/// Time of day of a moment in RFC 3339.
fn time_of(at: &str) -> &str {
    at.split_once('T').map_or(at, |(_, time)| time)
}

fn line(check: &Check, ratios: &[f64]) -> String {
    let names: Vec<_> =
        check.findings.iter().take(3).map(|finding| finding.kind.name.as_str()).collect();
    let last = 100.0 * ratios.last().copied().unwrap_or(0.0);
    let shown = &ratios[ratios.len().saturating_sub(MOST)..];
    format!("{}  304s {last:3.0} %  {}", spark_line(shown), names.join(", "))
}

/// Shares of 304s as bars, `0.0..=1.0` from the lowest to the full one.
fn spark_line(ratios: &[f64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let bar = |ratio: &f64| BARS[(ratio.clamp(0.0, 1.0) * 7.0).round() as usize];
    ratios.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_rise_with_the_share() {
        assert_eq!(spark_line(&[0.0, 0.33, 0.5, 1.0, 2.0]), "▁▃▅██");
        assert_eq!(spark_line(&[]), "");
    }
}
