//! Every finding there is: write its words and its judge, and put its module and its entry here.
//!
//! The words of a finding are in the TOML file beside its judge, and its code is nowhere else. A
//! finding that is judged where the scenario is read, before the run, has a file of words alone.

use std::sync::LazyLock;

use crate::conclusion::{HEALTHY, INCONCLUSIVE};
use crate::kind::FindingKind;

pub(crate) mod cache_answering;
mod client_at_fault;
mod coding_switched;
mod codings_differ_between_arms;
mod conditionals_ignored;
mod content_changing;
mod content_differs_per_replica;
mod date_ignored;
mod date_implausible;
mod download_restarted;
mod head_differs;
mod if_match_ignored;
mod if_range_ignored;
pub(crate) mod last_modified_differs;
mod list_not_understood;
mod malformed_304;
mod malformed_tag;
mod match_misanswered;
mod missing_vary;
mod no_validator;
mod node_local_tag;
mod old_content_again;
pub(crate) mod polls_failed;
mod precedence_wrong;
mod revalidation_moot;
mod shared_tag_across_codings;
mod shared_tag_across_contents;
mod shared_tag_renewed;
mod stale_fields;
mod stripped_when_compressed;
mod suffix_not_understood;
mod tag_follows_request;
mod tag_renewed;
pub(crate) mod tag_shared_across_urls;
mod tag_store_failed;
mod undecodable_content;
mod unsolicited_304;
mod unverifiable_304;
mod update_lost;
mod warm_up;
mod weakened_in_transit;
mod writer_refused;

pub(crate) use if_match_ignored::refusals;
pub(crate) use list_not_understood::misreads_lists;

/// Entry for clients and replicas that take turns in step.
pub static ALIASING: LazyLock<FindingKind> = LazyLock::new(aliasing);
/// Entry for policies that keep clients with their replica.
pub static PINNING: LazyLock<FindingKind> = LazyLock::new(pinning);
/// Entry for counters that start equal.
pub static EQUAL_COUNTERS: LazyLock<FindingKind> = LazyLock::new(equal_counters);

/// All findings, in the order in which those of one severity are shown; codes and names are unique.
pub static FINDINGS: LazyLock<Vec<FindingKind>> =
    LazyLock::new(|| KINDS.iter().map(|kind| kind()).collect());

const KINDS: &[fn() -> FindingKind] = &[
    shared_tag_renewed::kind,
    tag_store_failed::kind,
    node_local_tag::kind,
    tag_follows_request::kind,
    shared_tag_across_contents::kind,
    tag_shared_across_urls::kind,
    no_validator::kind,
    match_misanswered::kind,
    undecodable_content::kind,
    unsolicited_304::kind,
    conditionals_ignored::kind,
    client_at_fault::kind,
    content_differs_per_replica::kind,
    if_match_ignored::kind,
    update_lost::kind,
    writer_refused::kind,
    old_content_again::kind,
    polls_failed::kind,
    warm_up::kind,
    tag_renewed::kind,
    unverifiable_304::kind,
    download_restarted::kind,
    stripped_when_compressed::kind,
    suffix_not_understood::kind,
    coding_switched::kind,
    shared_tag_across_codings::kind,
    weakened_in_transit::kind,
    malformed_tag::kind,
    date_implausible::kind,
    last_modified_differs::kind,
    precedence_wrong::kind,
    date_ignored::kind,
    if_range_ignored::kind,
    head_differs::kind,
    list_not_understood::kind,
    malformed_304::kind,
    stale_fields::kind,
    revalidation_moot::kind,
    missing_vary::kind,
    cache_answering::kind,
    content_changing::kind,
    aliasing,
    pinning,
    equal_counters,
    codings_differ_between_arms::kind,
];

fn aliasing() -> FindingKind {
    FindingKind::read(include_str!("catalogue/aliasing.toml"))
}

fn pinning() -> FindingKind {
    FindingKind::read(include_str!("catalogue/pinning.toml"))
}

fn equal_counters() -> FindingKind {
    FindingKind::read(include_str!("catalogue/equal_counters.toml"))
}

/// Findings and conclusions by code.
pub fn all() -> Vec<&'static FindingKind> {
    let mut all: Vec<_> = FINDINGS.iter().chain([&*HEALTHY, &*INCONCLUSIVE]).collect();
    all.sort_by_key(|kind| &kind.code);
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
    use crate::advice::Advice;
    use crate::products::PRODUCTS;

    fn advice() -> impl Iterator<Item = (&'static FindingKind, &'static Advice)> {
        all().into_iter().flat_map(|kind| kind.advice.iter().map(move |advice| (kind, advice)))
    }

    #[test]
    fn every_finding_is_found_by_code_and_name_and_explains_itself() {
        let codes: BTreeSet<_> = all().iter().map(|kind| &kind.code).collect();
        let names: BTreeSet<_> = all().iter().map(|kind| &kind.name).collect();
        assert_eq!((codes.len(), names.len()), (all().len(), all().len()));
        for kind in all() {
            for key in [&kind.code, &kind.name] {
                assert_eq!(find(key).expect("a listed key").name, kind.name, "{key}");
            }
            let texts = [&kind.says, &kind.experiment, &kind.limits, &kind.causes, &kind.fix];
            assert!(texts.iter().all(|text| text.len() > 3), "{}", kind.name);
        }
        assert!(find("ETL999").is_none());
    }

    #[test]
    fn advice_is_for_known_causes_and_for_products_in_a_role_that_they_can_have() {
        for (kind, advice) in advice() {
            let known = |cause: &String| kind.cause_names.contains(cause);
            assert!(advice.causes.iter().all(known), "{}: {:?}", kind.name, advice.causes);
            assert_eq!(advice.products.is_empty(), advice.role.is_none(), "{}", kind.name);
            for name in &advice.products {
                let product =
                    PRODUCTS.get(name).unwrap_or_else(|| panic!("{}: no {name}", kind.name));
                assert!(
                    advice.role.is_some_and(|role| product.roles.contains(&role)),
                    "{}: {name}",
                    kind.name
                );
            }
        }
    }

    #[test]
    fn every_product_of_the_table_has_advice() {
        let advised: BTreeSet<_> = advice().flat_map(|(_, advice)| &advice.products).collect();
        assert_eq!(advised, PRODUCTS.keys().collect());
    }

    #[test]
    fn advice_for_a_product_names_what_to_change_or_says_that_nothing_can_be_changed() {
        for (kind, advice) in advice() {
            let names_it = advice.change.contains('`') || advice.change.starts_with("No ");
            assert!(names_it || advice.products.is_empty(), "{}: {}", kind.name, advice.change);
        }
    }

    #[test]
    fn who_only_forwards_is_not_told_to_change_its_files() {
        let of_files = ["rsync", "cp -p", "touch -d", "FileETag", "etag.use", "modification time"];
        for (kind, advice) in advice() {
            let forwards = advice.role.is_some_and(|role| !role.makes_tags());
            let named = of_files.iter().find(|word| advice.change.contains(*word));
            assert!(!forwards || named.is_none(), "{}: {named:?}", kind.name);
        }
    }
}
