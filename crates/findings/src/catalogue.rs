//! Every finding there is, in the order in which findings of one severity are shown.

use crate::finding::Entry;

mod cache_answering;
mod conditionals_ignored;
mod content_changing;
mod content_differs_per_replica;
mod healthy;
mod inconclusive;
mod last_modified_differs;
mod list_not_understood;
mod malformed_304;
mod missing_vary;
mod no_validator;
mod node_local_tag;
mod precedence_wrong;
mod revalidation_moot;
mod shared_tag_across_codings;
mod shared_tag_across_contents;
mod stripped_when_compressed;
mod suffix_not_understood;
mod weakened_in_transit;

pub(crate) use inconclusive::missing;

/// All entries; codes and names are unique.
pub static FINDINGS: &[Entry] = &[
    node_local_tag::ENTRY,
    shared_tag_across_contents::ENTRY,
    no_validator::ENTRY,
    conditionals_ignored::ENTRY,
    content_differs_per_replica::ENTRY,
    stripped_when_compressed::ENTRY,
    suffix_not_understood::ENTRY,
    shared_tag_across_codings::ENTRY,
    weakened_in_transit::ENTRY,
    last_modified_differs::ENTRY,
    precedence_wrong::ENTRY,
    list_not_understood::ENTRY,
    malformed_304::ENTRY,
    revalidation_moot::ENTRY,
    missing_vary::ENTRY,
    cache_answering::ENTRY,
    content_changing::ENTRY,
    healthy::ENTRY,
    inconclusive::ENTRY,
];

/// The entry with this code or name, whatever the case.
pub fn find(code_or_name: &str) -> Option<&'static Entry> {
    let is_it = |entry: &&Entry| {
        entry.code.eq_ignore_ascii_case(code_or_name)
            || entry.name.eq_ignore_ascii_case(code_or_name)
    };
    FINDINGS.iter().find(is_it)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_finding_is_found_by_code_and_name_and_explains_itself() {
        let codes: BTreeSet<_> = FINDINGS.iter().map(|entry| entry.code).collect();
        let names: BTreeSet<_> = FINDINGS.iter().map(|entry| entry.name).collect();
        assert_eq!((codes.len(), names.len()), (FINDINGS.len(), FINDINGS.len()));
        for entry in FINDINGS {
            for key in [entry.code, entry.name] {
                let found = find(key).expect("a listed key");
                assert!(std::ptr::eq(found, entry), "{key}");
            }
            let texts = [entry.says, entry.experiment, entry.limits, entry.causes, entry.section];
            assert!(texts.iter().all(|text| text.len() > 3), "{}", entry.name);
            let general = entry.fixes.last().expect("a fix for any server");
            assert!(general.0.is_empty() && !general.1.is_empty(), "{}", entry.name);
        }
        assert!(find("ETL999").is_none());
    }
}
