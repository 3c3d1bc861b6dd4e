//! Counters and gauges as Prometheus reads them: its text format 0.0.4, and `OpenMetrics` 1.0 for
//! samples that have a time.
//!
//! Names and help are constants of this program; values of labels may come from anywhere.

use std::fmt::Write as _;

/// Media type of a page in the text format of Prometheus.
pub const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Kind of a family of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only rises, or begins again at 0.
    Counter,
    /// Rises and falls.
    Gauge,
}

/// One value of a family.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// From [`labels`]; empty where the family has one series alone.
    pub labels: String,
    /// The value.
    pub value: f64,
    /// Seconds since 1970; `None` is the moment of reading.
    pub at_s: Option<f64>,
}

impl Sample {
    /// A value at the moment of reading.
    pub fn now(labels: String, value: f64) -> Self {
        Self { labels, value, at_s: None }
    }
}

/// A page as far as it is written.
#[derive(Debug, Default)]
pub struct MetricsPage {
    text: String,
    is_open: bool,
}

impl MetricsPage {
    /// An empty page in the text format of Prometheus.
    pub fn prometheus() -> Self {
        Self::default()
    }

    /// An empty page of `OpenMetrics`.
    pub fn openmetrics() -> Self {
        Self { text: String::new(), is_open: true }
    }

    /// Adds a family. The name of a counter ends in `_total`; samples of one series stand together,
    /// in the order of their times.
    pub fn family(
        &mut self,
        name: &str,
        kind: Kind,
        help: &str,
        samples: impl IntoIterator<Item = Sample>,
    ) {
        let word = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        // In OpenMetrics a counter is a family without the suffix that its samples have.
        let family = if self.is_open { name.trim_end_matches("_total") } else { name };
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "# HELP {family} {help}\n# TYPE {family} {word}");
        for Sample { labels, value, at_s } in samples {
            let _ = write!(self.text, "{name}{labels} {value}");
            if let Some(at) = at_s {
                let _ = write!(self.text, " {at:.3}");
            }
            self.text.push('\n');
        }
    }

    /// The whole page.
    pub fn finish(mut self) -> String {
        if self.is_open {
            self.text.push_str("# EOF\n");
        }
        self.text
    }
}

/// Labels of a sample: `{path="/a",status="304"}`, with what acts unseen in values spelled out.
pub fn labels(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        let value = crate::visible(value).replace('\\', "\\\\").replace('"', "\\\"");
        text.push(if text.is_empty() { '{' } else { ',' });
        let _ = write!(text, "{name}=\"{value}\"");
    }
    if !text.is_empty() {
        text.push('}');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(mut page: MetricsPage, at_s: Option<f64>) -> String {
        let sample = Sample { labels: labels(&[("path", "/a")]), value: 3.0, at_s };
        page.family("polls_total", Kind::Counter, "Polls.", [sample]);
        page.family("up", Kind::Gauge, "Up.", [Sample::now(labels(&[]), 0.5)]);
        page.finish()
    }

    #[test]
    fn both_formats_are_written_as_their_readers_want_them() {
        let expected = "# HELP polls_total Polls.\n# TYPE polls_total counter\n\
                        polls_total{path=\"/a\"} 3\n# HELP up Up.\n# TYPE up gauge\nup 0.5\n";
        assert_eq!(page(MetricsPage::prometheus(), None), expected);
        let expected = "# HELP polls Polls.\n# TYPE polls counter\n\
                        polls_total{path=\"/a\"} 3 1700000000.250\n# HELP up Up.\n\
                        # TYPE up gauge\nup 0.5\n# EOF\n";
        assert_eq!(page(MetricsPage::openmetrics(), Some(1_700_000_000.25)), expected);
    }

    #[test]
    fn no_value_of_a_label_ends_its_line_or_its_quotes() {
        let labels = labels(&[("a", "x\"} 1\ny \u{1b}[2J\\"), ("b", "ü")]);
        assert_eq!(labels, "{a=\"x\\\"} 1\\\\ny \\\\u{1b}[2J\\\\\",b=\"ü\"}");
    }
}
