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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn one_is_singular_and_nothing_is_plural() {
        assert_eq!(counted(1, "client"), "1 client");
        assert_eq!(counted(0, "poll"), "0 polls");
    }
}
