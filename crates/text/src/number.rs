//! Whole numbers as people read them.

/// A whole number with thousands separators: `4,202,000`.
pub fn count(number: impl Into<i128>) -> String {
    let number = number.into();
    // The least integer has no positive counterpart of its own type.
    let digits = number.unsigned_abs().to_string();
    let mut grouped = if number < 0 { "-".to_owned() } else { String::new() };
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 client`, `10 clients`.
pub fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// The forms that [`parse_count`] reads, for messages and help.
pub const NUMBER_FORMS: &str = "8192, 8k (8,000) or 8Ki (8,192)";

/// A whole number as people type it: `8192`, `8_192`, `8k` (1,000 each), `8Ki` or `8KiB` (1,024
/// each), and so on with M and G, or `1e9`.
pub fn parse_count(text: &str) -> Option<i128> {
    let text = text.trim().replace(['_', ','], "");
    if let Some((digits, power)) = text.split_once(['e', 'E']) {
        let factor = 10_i128.checked_pow(power.parse().ok()?)?;
        return times(digits, factor);
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text[digits.len()..].to_ascii_lowercase();
    let unit = unit.strip_suffix('b').unwrap_or(&unit);
    let (base, prefix) = match unit.strip_suffix('i') {
        Some(prefix) if !prefix.is_empty() => (1_024, prefix),
        Some(_) => return None,
        None => (1_000_i128, unit),
    };
    let power = ["", "k", "m", "g"].iter().position(|known| *known == prefix)?;
    let factor = base.pow(u32::try_from(power).ok()?);
    times(digits, factor)
}

/// A number in digits, whole once it is multiplied.
fn times(digits: &str, factor: i128) -> Option<i128> {
    match digits.split_once('.') {
        None => digits.parse::<i128>().ok()?.checked_mul(factor),
        // Half a client is none, so that the fraction has to be one of the unit.
        Some((whole, fraction)) => {
            let tenths = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
            let number = format!("{whole}{fraction}").parse::<i128>().ok()?.checked_mul(factor)?;
            (number % tenths == 0).then_some(number / tenths)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten_are_whole_numbers() {
        for (text, expected) in [
            ("1e9", Some(1_000_000_000)),
            ("4E6", Some(4_000_000)),
            ("1.5e3", Some(1_500)),
            ("1.5e0", None),
            ("1e-3", None),
            ("e3", None),
            ("1e99", None),
        ] {
            assert_eq!(parse_count(text), expected, "{text}");
        }
    }

    #[test]
    fn thousands_are_separated() {
        for (number, expected) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (4_202_000, "4,202,000"), (-1_234, "-1,234")]
        {
            assert_eq!(count(number), expected);
        }
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn numbers_are_read_with_units_and_separators() {
        for (typed, expected) in [
            ("8192", Some(8_192)),
            ("1_000", Some(1_000)),
            ("1,000", Some(1_000)),
            ("8k", Some(8_000)),
            ("8kB", Some(8_000)),
            ("8Ki", Some(8_192)),
            ("8KiB", Some(8_192)),
            ("1.5k", Some(1_500)),
            ("2M", Some(2_000_000)),
            ("1Gi", Some(1 << 30)),
            ("10B", Some(10)),
            ("-3", Some(-3)),
        ] {
            assert_eq!(parse_count(typed), expected, "{typed}");
        }
        for typed in ["", "k", "8i", "8T", "ten", "1.5", "0x10", "8 k", "1.2.3", "8kk"] {
            assert_eq!(parse_count(typed), None, "{typed}");
        }
    }

    #[test]
    fn one_is_singular_and_nothing_is_plural() {
        assert_eq!(counted(1, "client"), "1 client");
        assert_eq!(counted(0, "poll"), "0 polls");
    }
}
