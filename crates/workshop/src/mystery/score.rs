//! The score of an inquiry, and the line that carries it to the board.
//!
//! A line is signed with a key that follows from its seed: whoever edits a number by accident is found
//! out. Whoever reads this file can sign anything, as whoever knows the seed knows the truth.

use serde::{Deserialize, Serialize};
use text::count;

use super::Difficulty;
use super::inquiry::{Ended, Inquiry};
use super::lottery::key;
use super::solution::Solution;

/// Prices of the four hints, in points.
pub(super) const HINT_PRICES: [i64; 4] = [5, 10, 15, 20];
/// Price of a wrong answer, and of a repair that is none.
pub(super) const WRONG_PRICE: i64 = 10;
/// Most that requests beyond par cost.
const MOST_FOR_REQUESTS: i64 = 20;
/// Points of whoever has solved it, at least.
const LEAST: i64 = 5;

/// Result of one inquiry, as its line has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MysteryResult {
    /// Name and version of the format.
    pub schema: String,
    /// Seed of the mystery.
    pub seed: u64,
    /// Level, 1 to 3.
    pub level: u8,
    /// Name that the team gave itself; empty where it gave none.
    pub team: String,
    /// `named`, `repaired` or `revealed`.
    pub ended: String,
    /// Of 100.
    pub points: i64,
    /// From the ticket to the end.
    pub minutes: f64,
    /// Requests that the fleet answered.
    pub requests: u64,
    /// Fewest requests that decide it.
    pub par: u64,
    /// Hints that were taken.
    pub hints: u8,
    /// Wrong answers, and repairs that were none.
    pub wrong: u32,
    /// Signature of all of the above, in hex.
    #[serde(default)]
    pub signature: String,
}

/// Value of [`MysteryResult::schema`].
pub(super) const SCHEMA: &str = "etag-lab.mystery/1";

impl MysteryResult {
    pub(super) fn of(
        seed: u64,
        difficulty: Difficulty,
        team: &str,
        inquiry: &Inquiry,
        ended: Ended,
    ) -> Self {
        let par = Solution::of(seed, difficulty).par();
        let mut result = Self {
            schema: SCHEMA.to_owned(),
            seed,
            level: difficulty.number(),
            team: team.to_owned(),
            ended: ended.name().to_owned(),
            points: points(inquiry, ended, par),
            // To a tenth of a second, so that a line reads back as it was written.
            minutes: (inquiry.minutes() * 600.0).round() / 600.0,
            requests: inquiry.requests,
            par,
            hints: inquiry.hints,
            wrong: inquiry.wrong,
            signature: String::new(),
        };
        result.signature = result.signed();
        result
    }

    /// The line for a file.
    pub(super) fn line(&self) -> String {
        let mut line = serde_json::to_string(self).expect("numbers and text are JSON");
        line.push('\n');
        line
    }

    /// True if nothing was changed since it was signed.
    pub fn is_genuine(&self) -> bool {
        self.schema == SCHEMA && self.signature == self.signed()
    }

    fn signed(&self) -> String {
        let unsigned = Self { signature: String::new(), ..self.clone() };
        let text = serde_json::to_vec(&unsigned).expect("numbers and text are JSON");
        let hash = blake3::keyed_hash(&key(self.seed), &text).to_hex();
        hash[..32].to_owned()
    }
}

fn points(inquiry: &Inquiry, ended: Ended, par: u64) -> i64 {
    if ended == Ended::Revealed {
        return 0;
    }
    (100 - prices(inquiry, par).iter().map(|(_, price)| price).sum::<i64>()).max(LEAST)
}

/// Everything that cost points, with its price.
pub(super) fn prices(inquiry: &Inquiry, par: u64) -> [(String, i64); 3] {
    let hints: i64 = HINT_PRICES[..inquiry.hints.into()].iter().sum();
    // Twice as many requests as needed are free: nobody knows what decides before it has.
    let beyond = inquiry.requests.saturating_sub(2 * par) / par.max(1);
    let beyond = i64::try_from(beyond).unwrap_or(i64::MAX).min(MOST_FOR_REQUESTS);
    [
        (text::counted(inquiry.hints.into(), "hint"), hints),
        (
            text::counted(inquiry.wrong.into(), "wrong answer"),
            WRONG_PRICE * i64::from(inquiry.wrong),
        ),
        (format!("{} requests, par {par}", count(inquiry.requests)), beyond),
    ]
}
