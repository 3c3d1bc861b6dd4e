//! `--watch`: checks again and again until nothing is wrong, a line for each with a spark-line.

use std::time::Duration;

use findings::Check;
use findings::evidence::Evidence;
use probe::run::Job;
use tokio::sync::watch;

use super::evidence;
use crate::exit::Failure;
use crate::output;

/// Ratios in a spark-line.
const MOST: usize = 30;

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
