//! The bill of polling: requests, gigabytes and money, before a repair and after it.

use std::fmt::Write as _;
use std::time::Duration;

use logs::Price;
use measure::record::{ArmRecord, RunRecord};

/// A month has 30 days.
const MONTH_S: f64 = 30.0 * 86_400.0;

/// What a month costs in one arm.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Month {
    requests_per_s: f64,
    bytes: f64,
}

impl Month {
    /// Of clients that poll at this pace for ever: the first polls of the arm are left out, and so are
    /// the octets that only the lab adds.
    fn of(arm: &ArmRecord, interval: Duration) -> Self {
        let first = arm.rounds.buckets.first().filter(|first| {
            arm.rounds.width == 1
                && first.verdicts.first_fetch == first.polls
                && first.polls < arm.polls
        });
        let (polls, bytes) = first.map_or((0, 0), |first| (first.polls, first.response_bytes));
        let polls = (arm.polls - polls) as f64;
        let lab = arm.bytes.instrumentation as f64 / arm.polls as f64;
        let each = ((arm.bytes.responses - bytes) as f64 / polls - lab).max(0.0);
        let asked = (arm.polls - arm.verdicts.fresh_hit) as f64 / arm.polls as f64;
        let requests_per_s = f64::from(arm.setup.clients) / interval.as_secs_f64() * asked;
        Self { requests_per_s, bytes: requests_per_s / asked * each * MONTH_S }
    }
}

/// The bill of the first arm and of the last, as lines.
pub(super) fn of(record: &RunRecord, interval: Duration, price: Price) -> String {
    let of = |bytes: f64| bytes / 1e9 * price.per_gigabyte;
    let each = price.per_gigabyte;
    let clients = record.arms.first().map_or(0, |arm| arm.setup.clients);
    let clients = text::counted(clients.into(), "client");
    let mut text = format!(
        "the bill of {clients} that poll every {interval:?}, a month of 30 days at {each}/GB:\n"
    );
    let months: Vec<_> =
        record.arms.iter().map(|arm| (&arm.name, Month::of(arm, interval))).collect();
    let width = months.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    for (name, month) in &months {
        let Month { requests_per_s, bytes } = *month;
        let (requests, gigabytes) = (grouped(requests_per_s, 1), grouped(bytes / 1e9, 1));
        let money = grouped(of(bytes), 2);
        let _ = writeln!(
            text,
            "  {name:width$}  {requests:>13} requests/s  {gigabytes:>15} GB  {money:>15}"
        );
    }
    if let [(_, before), .., (_, after)] = months.as_slice() {
        let saved = of(before.bytes - after.bytes);
        let (saved, year) = (grouped(saved, 2), grouped(12.0 * saved, 2));
        let _ = writeln!(text, "  the repair saves {saved} a month, {year} in twelve");
    }
    text
}

/// A number with so many decimals, its thousands apart.
fn grouped(number: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", number.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = text::count(whole.parse::<u64>().unwrap_or(u64::MAX));
    let sign = if number < 0.0 { "−" } else { "" };
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use measure::record::{
        BytesRecord, RoundBucketRecord, RoundsRecord, SetupRecord, VerdictsRecord,
    };

    use super::*;

    /// 4,000,000 clients, each with one first poll of 9,000 bytes and two later ones of these; 27 bytes of
    /// each response are the lab's.
    fn arm(later_bytes: u64) -> ArmRecord {
        let clients = 4_000_000;
        let bucket = |first_fetch, response_bytes| RoundBucketRecord {
            polls: clients,
            verdicts: VerdictsRecord { first_fetch, ..VerdictsRecord::default() },
            response_bytes,
            ..RoundBucketRecord::default()
        };
        let later = bucket(0, clients * later_bytes);
        ArmRecord {
            polls: 3 * clients,
            setup: SetupRecord { clients: clients as u32, ..SetupRecord::default() },
            bytes: BytesRecord {
                responses: clients * (9_000 + 2 * later_bytes),
                instrumentation: 3 * clients * 27,
                ..BytesRecord::default()
            },
            rounds: RoundsRecord {
                width: 1,
                buckets: vec![bucket(clients, clients * 9_000), later, later],
            },
            ..ArmRecord::default()
        }
    }

    #[test]
    fn the_bill_is_hand_arithmetic() {
        let interval = Duration::from_secs(30);
        // 4,000,000 / 30 s = 133,333.3 requests a second, in 2,592,000 s 345.6 thousand million; each of
        // 8,427 − 27 = 8,400 bytes: 2,903,040 GB, at 0.09 each 261,273.60.
        let month = Month::of(&arm(8_427), interval);
        assert!((month.requests_per_s - 133_333.333_333).abs() < 1e-3, "{month:?}");
        assert!((month.bytes / 2_903_040e9 - 1.0).abs() < 1e-12, "{month:?}");
        assert!((month.bytes / 1e9 * 0.09 - 261_273.60).abs() < 1e-4, "{month:?}");
        // The same with 177 − 27 = 150 bytes: 51,840 GB, 4,665.60.
        let month = Month::of(&arm(177), interval);
        assert!((month.bytes / 1e9 * 0.09 - 4_665.60).abs() < 1e-6, "{month:?}");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(1_234_567.891, 2), "1,234,567.89");
        assert_eq!(grouped(-0.5, 1), "−0.5");
    }
}
