//! Two saved runs side by side: which arms belong together, and whether they may be compared.
//!
//! Runs are alike when their configuration is; what is under test (strategy, program, version)
//! and the machine may differ and are only noted. Draws nothing: the formats do.

mod unlike;

use measure::record::{ArmRecord, RunRecord};

pub use unlike::{Difference, Unlike};

/// Two runs that may be compared.
#[derive(Debug)]
pub struct Comparison<'a> {
    /// The first.
    pub a: &'a RunRecord,
    /// The second.
    pub b: &'a RunRecord,
    /// Arms that belong together, in the order of the first run; at least one.
    pub pairs: Vec<Pair<'a>>,
    /// Differences of configuration that were waved through; every format shows them first.
    pub forced: Vec<Difference>,
    /// Differences that do not forbid the comparison: version, machine, seed, strategy, ….
    pub noted: Vec<Difference>,
}

/// One arm in both runs.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// In the first run.
    pub a: &'a ArmRecord,
    /// In the second.
    pub b: &'a ArmRecord,
}

/// Puts two runs side by side, or names every difference that makes their numbers incomparable.
///
/// Arms are matched by name, those left over by position. `force` compares in spite of
/// differences, unless not a single arm can be matched.
pub fn compare<'a>(
    a: &'a RunRecord,
    b: &'a RunRecord,
    force: bool,
) -> Result<Comparison<'a>, Unlike> {
    let pairs = pairs(&a.arms, &b.arms);
    let differences = unlike::configuration(a, b, &pairs);
    if pairs.is_empty() || (!force && !differences.is_empty()) {
        return Err(Unlike { differences });
    }
    let noted = unlike::circumstances(a, b, &pairs);
    Ok(Comparison { a, b, pairs, forced: differences, noted })
}

fn pairs<'a>(a: &'a [ArmRecord], b: &'a [ArmRecord]) -> Vec<Pair<'a>> {
    let named = |arms: &'a [ArmRecord], name: &str| arms.iter().find(|arm| arm.name == name);
    let mut strangers = b.iter().filter(|arm| named(a, &arm.name).is_none());
    a.iter()
        .filter_map(|arm| {
            let partner = named(b, &arm.name).or_else(|| strangers.next())?;
            Some(Pair { a: arm, b: partner })
        })
        .collect()
}
