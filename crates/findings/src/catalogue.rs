//! Every finding there is: write its file, and put its module and its entry here.
//!
//! Codes are literals in these files and nowhere else.

use crate::conclusion::{HEALTHY, INCONCLUSIVE};
use crate::kind::FindingKind;

mod aliasing;
mod cache_answering;
mod coding_switched;
mod codings_differ_between_arms;
mod conditionals_ignored;
mod content_changing;
mod content_differs_per_replica;
mod download_restarted;
mod equal_counters;
mod last_modified_differs;
mod list_not_understood;
mod malformed_304;
mod missing_vary;
mod no_validator;
mod node_local_tag;
mod old_content_again;
mod pinning;
mod polls_failed;
mod precedence_wrong;
mod revalidation_moot;
mod shared_tag_across_codings;
mod shared_tag_across_contents;
mod shared_tag_renewed;
mod stripped_when_compressed;
mod suffix_not_understood;
mod tag_store_failed;
mod unverifiable_304;
mod weakened_in_transit;

/// Entries that the reader of scenarios warns with.
pub static ALIASING: FindingKind = aliasing::KIND;
/// Entry for policies that keep clients with their replica.
pub static PINNING: FindingKind = pinning::KIND;
/// Entry for counters that start equal.
pub static EQUAL_COUNTERS: FindingKind = equal_counters::KIND;

/// All findings, in the order in which those of one severity are shown; codes and names are unique.
pub static FINDINGS: &[FindingKind] = &[
    shared_tag_renewed::KIND,
    tag_store_failed::KIND,
    node_local_tag::KIND,
    shared_tag_across_contents::KIND,
    no_validator::KIND,
    conditionals_ignored::KIND,
    content_differs_per_replica::KIND,
    old_content_again::KIND,
    polls_failed::KIND,
    unverifiable_304::KIND,
    download_restarted::KIND,
    stripped_when_compressed::KIND,
    suffix_not_understood::KIND,
    coding_switched::KIND,
    shared_tag_across_codings::KIND,
    weakened_in_transit::KIND,
    last_modified_differs::KIND,
    precedence_wrong::KIND,
    list_not_understood::KIND,
    malformed_304::KIND,
    revalidation_moot::KIND,
    missing_vary::KIND,
    cache_answering::KIND,
    content_changing::KIND,
    aliasing::KIND,
    pinning::KIND,
    equal_counters::KIND,
    codings_differ_between_arms::KIND,
];

/// Findings and conclusions by code.
pub fn all() -> Vec<&'static FindingKind> {
    let mut all: Vec<_> = FINDINGS.iter().chain([&HEALTHY, &INCONCLUSIVE]).collect();
    all.sort_by_key(|kind| kind.code);
    all
}

/// Entry with this code or name, whatever the case.
pub fn find(code_or_name: &str) -> Option<&'static FindingKind> {
    all().into_iter().find(|kind| {
        kind.code.eq_ignore_ascii_case(code_or_name) || kind.name.eq_ignore_ascii_case(code_or_name)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_finding_is_found_by_code_and_name_and_explains_itself() {
        let codes: BTreeSet<_> = all().iter().map(|kind| kind.code).collect();
        let names: BTreeSet<_> = all().iter().map(|kind| kind.name).collect();
        assert_eq!((codes.len(), names.len()), (all().len(), all().len()));
        for kind in all() {
            for key in [kind.code, kind.name] {
                assert_eq!(find(key).expect("a listed key").name, kind.name, "{key}");
            }
            let texts = [kind.says, kind.experiment, kind.limits, kind.causes, kind.fix];
            assert!(texts.iter().all(|text| text.len() > 3), "{}", kind.name);
            for advice in kind.advice {
                let known = |cause: &&str| kind.cause_names.contains(cause);
                assert!(advice.causes.iter().all(known), "{}: {:?}", kind.name, advice.causes);
            }
        }
        assert!(find("ETL999").is_none());
    }
}
