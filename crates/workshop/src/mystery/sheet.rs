//! For the trainer: the truth of a seed, and a sheet of seeds with their answers.

use std::collections::BTreeSet;

use super::Difficulty;
use super::lottery::Lottery;
use super::solution::Solution;
use super::{debrief, words};

/// Seeds that a team can type.
const SEEDS: u64 = 9_000;
const FIRST_SEED: u64 = 1_000;

/// The truth of a seed.
pub fn reveal(seed: u64, difficulty: Difficulty) -> String {
    let solution = Solution::of(seed, difficulty);
    let mut out = format!("seed {seed}, level {}\n\n", difficulty.number());
    out += &debrief::truth(&solution);
    out += &words::line("par", &text::counted(solution.par(), "request"));
    out
}

/// A sheet for so many teams: a seed each, with different truths as far as there are enough.
pub fn pack(teams: u32, first: u64, difficulty: Difficulty) -> String {
    let seeds = seeds(teams, first, difficulty);
    let mut out = format!("level {}: keep this sheet, it has the answers\n", difficulty.number());
    for (team, seed) in (1..).zip(seeds) {
        let solution = Solution::of(seed, difficulty);
        let answers: Vec<_> =
            solution.culprits.iter().map(|culprit| words::named(culprit)).collect();
        out += "\n";
        out += &words::line("team", &team.to_string());
        let level = difficulty.number();
        let command = format!("etag-lab mystery --seed {seed} --level {level} --team {team}");
        out += &words::line("start", &command);
        out += &words::line("answer", &answers.join(", and "));
        out += &words::line("repair", &debrief::repair(&solution));
    }
    out
}

fn seeds(teams: u32, first: u64, difficulty: Difficulty) -> Vec<u64> {
    let mut lottery = Lottery::of(first, difficulty);
    let (mut seeds, mut truths) = (Vec::new(), BTreeSet::new());
    let mut tries = 0;
    while seeds.len() < teams as usize {
        let seed = FIRST_SEED + lottery.below(SEEDS);
        tries += 1;
        let solution = Solution::of(seed, difficulty);
        let truth: Vec<_> = solution.culprits.iter().map(|culprit| words::named(culprit)).collect();
        // Once all kinds were drawn, they come again.
        let is_new = truths.insert(truth) || tries > 50 * (seeds.len() + 1);
        if is_new && !seeds.contains(&seed) {
            seeds.push(seed);
            tries = 0;
        }
    }
    seeds
}
