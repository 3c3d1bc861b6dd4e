//! Changes that each replica saw before the run, if the scenario does not say.

/// Histories for this many replicas: distinct, and at least 16 apart, so that counters which
/// start from them do not collide during a run of up to 15 changes.
pub fn default_histories(replicas: u32) -> Vec<u64> {
    let first = [41, 18, 2];
    let rest = (1..).map(|step| 41 + 23 * step);
    first.into_iter().chain(rest).take(replicas as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histories_start_as_documented_and_stay_apart() {
        let mut histories = default_histories(512);
        assert_eq!(histories[..5], [41, 18, 2, 64, 87]);
        assert_eq!(histories.len(), 512);
        histories.sort_unstable();
        assert!(histories.windows(2).all(|pair| pair[1] - pair[0] >= 16));
    }
}
