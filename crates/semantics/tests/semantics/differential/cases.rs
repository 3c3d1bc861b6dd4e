//! Number of cases that a test tries: few in the tests of every day, as many as `PROPTEST_CASES` says in
//! `scripts/fuzz`.

use proptest::prelude::ProptestConfig;

const EVERY_DAY: u32 = 2_000;

/// The configuration of every test here.
pub(crate) fn config() -> ProptestConfig {
    // The default reads the environment, which an explicit number would override.
    let default = ProptestConfig::default();
    let cases =
        if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { EVERY_DAY };
    // What is filtered out is a share of the cases, and no reason to end after a fixed number.
    ProptestConfig { cases, max_global_rejects: u32::MAX, max_local_rejects: u32::MAX, ..default }
}
