//! Numbers in the text format of Prometheus, in which etcd and proxies publish their metrics.

/// The sum of the counters whose lines begin like this; `None` without such a line.
pub(super) fn counter(metrics: &str, begins: &str) -> Option<f64> {
    let lines = metrics.lines().filter(|line| line.starts_with(begins));
    let values = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
    values.fold(None, |sum, value| Some(sum.unwrap_or_default() + value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_read_by_the_beginning_of_their_line_and_added_up() {
        let metrics = "# TYPE started_total counter\n\
            started_total{method=\"Put\",service=\"KV\"} 9\n\
            started_total{method=\"Range\",service=\"KV\"} 41\n\
            cpu_seconds_total 0.25\n";
        assert_eq!(counter(metrics, "started_total{method=\"Range\","), Some(41.0));
        assert_eq!(counter(metrics, "started_total{"), Some(50.0));
        assert_eq!(counter(metrics, "cpu_seconds_total "), Some(0.25));
        assert_eq!(counter(metrics, "nothing"), None);
    }
}
