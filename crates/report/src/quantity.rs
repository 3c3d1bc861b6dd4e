//! Numbers as people read them: `4,202,000 B`, `98.0 %`, `812 / 1,204 µs`.
//!
//! Plain strings without alignment or colour. The CSV and JSON formats never come here.

use text::count;

// The minus sign: a hyphen is shorter than a plus and breaks at line ends.
pub(crate) const MINUS: char = '−';

// Where nothing was measured. A zero would read as a good result, and an empty cell as a mistake.
pub(crate) const NOTHING: &str = "–";

pub(crate) fn bytes(number: u64) -> String {
    format!("{} B", count(number))
}

/// A ratio as a percentage that says `0.0 %` and `100.0 %` only when it is exactly that.
pub(crate) fn percent(ratio: f64) -> String {
    match ratio {
        // Rounding must not turn few into none, nor nearly all into all.
        r if r > 0.0 && r < 0.000_5 => "< 0.1 %".to_owned(),
        r if (0.999_5..1.0).contains(&r) => "> 99.9 %".to_owned(),
        r => format!("{:.1} %", r * 100.0),
    }
}

/// The two ends of a range of ratios in per cent, without the sign: `27–40`, `33.1–33.6`.
pub(crate) fn percent_range([low, high]: [f64; 2]) -> String {
    let digits = usize::from(high - low < 0.05);
    format!("{:.digits$}–{:.digits$}", low * 100.0, high * 100.0)
}

/// A number with its sign and one decimal: `+2.1`, `−94.3`, `±0.0`.
pub(crate) fn signed(number: f64) -> String {
    let magnitude = format!("{:.1}", number.abs());
    let sign = match number {
        _ if magnitude == "0.0" => '±',
        n if n < 0.0 => MINUS,
        _ => '+',
    };
    format!("{sign}{magnitude}")
}

/// Durations in microseconds with one unit for all, chosen by the longest: `812 / 1,204 µs`; or each
/// with its own where nothing would be left of the shortest: `84 µs / 19.0 ms`.
pub(crate) fn durations(micros: &[Option<u64>]) -> String {
    let longest = unit(micros.iter().flatten().copied().max().unwrap_or(0));
    // One unit for all is easier to compare, as long as it keeps a digit of the shortest.
    let is_lost = |micros: u64| micros > 0 && micros * 10 < longest.1;
    if micros.iter().flatten().any(|micros| is_lost(*micros)) {
        let each = |micros: &Option<u64>| {
            micros.map_or(NOTHING.to_owned(), |micros| {
                format!("{} {}", in_unit(micros, unit(micros).1), unit(micros).0)
            })
        };
        return micros.iter().map(each).collect::<Vec<_>>().join(" / ");
    }
    let one =
        |micros: &Option<u64>| micros.map_or(NOTHING.to_owned(), |one| in_unit(one, longest.1));
    format!("{} {}", micros.iter().map(one).collect::<Vec<_>>().join(" / "), longest.0)
}

/// A duration from the settings, in the unit a user would write: `250 ms`, `1.5 s`.
pub(crate) fn interval(millis: f64) -> String {
    if millis < 1_000.0 { format!("{millis} ms") } else { format!("{} s", millis / 1_000.0) }
}

fn unit(micros: u64) -> (&'static str, u64) {
    match micros {
        0..10_000 => ("µs", 1),
        10_000..10_000_000 => ("ms", 1_000),
        _ => ("s", 1_000_000),
    }
}

fn in_unit(micros: u64, per_unit: u64) -> String {
    if per_unit == 1 {
        return count(micros);
    }
    format!("{}.{}", count(micros / per_unit), micros % per_unit * 10 / per_unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_all_is_not_all_and_nearly_none_is_not_none() {
        for (ratio, expected) in [
            (0.0, "0.0 %"),
            (0.000_1, "< 0.1 %"),
            (1.0 / 3.0, "33.3 %"),
            (480.0 / 490.0, "98.0 %"),
            (0.999_9, "> 99.9 %"),
            (1.0, "100.0 %"),
        ] {
            assert_eq!(percent(ratio), expected);
        }
    }

    #[test]
    fn a_narrow_range_keeps_a_decimal() {
        assert_eq!(percent_range([0.27, 0.40]), "27–40");
        assert_eq!(percent_range([0.331, 0.336]), "33.1–33.6");
    }

    #[test]
    fn signs_are_typographic() {
        assert_eq!([signed(2.06), signed(-94.28), signed(-0.01)], ["+2.1", "−94.3", "±0.0"]);
    }

    #[test]
    fn durations_share_the_unit_of_the_longest_unless_it_hides_the_shortest() {
        for (micros, expected) in [
            (&[Some(812), Some(1_204)][..], "812 / 1,204 µs"),
            (&[Some(812), Some(12_400)], "0.8 / 12.4 ms"),
            (&[Some(84), Some(19_040)], "84 µs / 19.0 ms"),
            (&[Some(12_400), None, Some(12_000_000)], "12.4 ms / – / 12.0 s"),
            (&[Some(0), Some(12_400)], "0.0 / 12.4 ms"),
            (&[None, Some(98)], "– / 98 µs"),
            (&[Some(12_000_000)], "12.0 s"),
        ] {
            assert_eq!(durations(micros), expected);
        }
        assert_eq!((interval(250.0), interval(1_500.0)), ("250 ms".into(), "1.5 s".into()));
    }
}
