//! What compression between replicas and clients does to tags, as the clients saw it.

use std::collections::BTreeSet;

use measure::record::{ArmRecord, FindingRecord, Severity};
use measure::{CodingTally, ContentCoding, ReplicaTally, TagSighting, Tally, Verdict};

use super::Finding;

/// What layers that add something to the tag of coded content write before its closing quote.
const MARKS: [&str; 4] = ["gzip", "br", "zstd", "deflate"];
const JOINTS: [&str; 5] = ["--", "-", "+", ";", ":"];

/// Coded content comes without a tag, although the same content as it is has one.
pub(super) fn stripped(tally: &Tally) -> Option<Finding> {
    let plain = tally.codings.get(&ContentCoding::Identity)?;
    let mut coded = tally.codings.iter().filter(|(coding, _)| **coding != ContentCoding::Identity);
    let (coding, bare) = coded.find(|(_, seen)| seen.tagged == 0 && seen.responses > 0)?;
    (plain.tagged > 0).then(|| Finding {
        code: "ETL009",
        severity: Severity::Bad,
        title: format!(
            "the tag is stripped where content is compressed: no {coding} response has one"
        ),
        evidence: format!(
            "tags on {} of {} responses without a coding, on 0 of {} in {coding}: a request without \
             Accept-Encoding sees no fault",
            plain.tagged, plain.responses, bare.responses
        ),
    })
}

/// Where all content came coded, who left the tag out cannot be known.
pub(super) fn perhaps_stripped(tally: &Tally) -> &'static str {
    if tally.codings.is_empty() || tally.codings.contains_key(&ContentCoding::Identity) {
        return "";
    }
    ", all of them compressed, and compressing layers strip tags: ask without Accept-Encoding, too"
}

/// Tags of coded content never match, and each names the coding: whoever added that does not take
/// it off again.
pub(super) fn suffix_not_understood(tally: &Tally) -> Option<Finding> {
    let (coding, seen) = tally.codings.iter().find(|(coding, seen)| {
        **coding != ContentCoding::Identity && seen.needless > 0 && seen.not_modified == 0
    })?;
    let elsewhere = tally.verdicts.of(Verdict::NeedlessTransfer) - seen.needless;
    let tags: BTreeSet<_> = sightings(tally)
        .filter(|sighting| sighting.coding == *coding)
        .map(|sighting| sighting.entity_tag.as_slice())
        .collect();
    let marked = !tags.is_empty() && tags.iter().all(|tag| is_marked(tag));
    // With several tags for the same content it is the replicas that disagree.
    let disagree = tally.tags_for_same_content() > 1;
    (marked && elsewhere <= seen.needless && !disagree).then(|| Finding {
        code: "ETL010",
        severity: Severity::Bad,
        title: "the suffix that compression adds to the tag is not understood on its way back"
            .to_owned(),
        evidence: format!(
            "{} needless 200s in {coding} under {}, and not one 304",
            seen.needless,
            tags.first().map_or_else(String::new, |tag| String::from_utf8_lossy(tag).into_owned())
        ),
    })
}

/// Revalidation works in every coding, and yet content was sent for nothing that has another tag in
/// another coding: clients held that one.
pub(super) fn switched(tally: &Tally) -> Option<Finding> {
    let needless = tally.verdicts.of(Verdict::NeedlessTransfer);
    let works = |seen: &CodingTally| seen.needless == 0 || seen.not_modified > seen.needless;
    let rare = needless > 0 && tally.codings.values().all(works);
    let agree = tally.tags_for_same_content() == 1 && tally.contents_for_same_edition() < 2;
    let [one, other] = tags_in_two_codings(tally).filter(|_| rare && agree)?;
    let told = |tag: &TagSighting| {
        format!("{} in {}", String::from_utf8_lossy(&tag.entity_tag), tag.coding)
    };
    Some(Finding {
        code: "ETL019",
        severity: Severity::Warn,
        title: "the coding changed under the clients: the tags that they held were of another one"
            .to_owned(),
        evidence: format!(
            "{needless} needless 200s between {} 304s: {}, {}",
            tally.not_modified,
            told(one),
            told(other)
        ),
    })
}

/// One content that was seen under two tags, each in a coding of its own.
fn tags_in_two_codings(tally: &Tally) -> Option<[&TagSighting; 2]> {
    sightings(tally).find_map(|one| {
        let differs = |other: &&TagSighting| {
            one.with_content
                && other.with_content
                && one.content.is_some()
                && one.content == other.content
                && one.coding < other.coding
                && opaque(&one.entity_tag) != opaque(&other.entity_tag)
        };
        Some([one, sightings(tally).find(differs)?])
    })
}

/// Without the mark of weakness, by which tags do not differ when they are compared.
fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

/// One strong tag for two byte streams.
pub(super) fn shared_strong_tag(tally: &Tally) -> Option<Finding> {
    let (tag, forms) = tally.most_shared_strong_tag().filter(|(_, forms)| forms.len() > 1)?;
    let forms: Vec<_> = forms.iter().map(ContentCoding::to_string).collect();
    Some(Finding {
        code: "ETL011",
        severity: Severity::Warn,
        title: format!(
            "one strong tag for {} codings: a resumed download can splice them",
            forms.len()
        ),
        evidence: format!("{} on {}", String::from_utf8_lossy(tag), forms.join(" and ")),
    })
}

/// The arms sent their contents in different forms, so that their bytes do not compare.
pub(super) fn differ(arms: &[ArmRecord]) -> Option<FindingRecord> {
    let forms = |arm: &ArmRecord| -> BTreeSet<String> {
        arm.codings.iter().map(|coding| coding.coding.clone()).collect()
    };
    let measured = || arms.iter().filter(|arm| !arm.codings.is_empty());
    let first = forms(measured().next()?);
    if measured().all(|arm| forms(arm) == first) {
        return None;
    }
    let told: Vec<_> = measured()
        .map(|arm| {
            let forms: Vec<_> = forms(arm).into_iter().collect();
            format!("{} {}", arm.name, forms.join(" and "))
        })
        .collect();
    Some(FindingRecord {
        code: "ETL018".to_owned(),
        severity: Severity::Warn,
        arm: None,
        title: "the arms sent content in different codings: their bytes do not compare".to_owned(),
        evidence: told.join(", "),
    })
}

fn sightings(tally: &Tally) -> impl Iterator<Item = &TagSighting> {
    tally.replicas.values().flat_map(ReplicaTally::sightings)
}

/// Whether a tag ends in the name of a coding, as `"abc-gzip"` does.
fn is_marked(tag: &[u8]) -> bool {
    let Some(inside) = tag.strip_suffix(b"\"") else { return false };
    MARKS.iter().any(|mark| {
        let before = inside.strip_suffix(mark.as_bytes());
        before.is_some_and(|before| JOINTS.iter().any(|joint| before.ends_with(joint.as_bytes())))
    })
}

#[cfg(test)]
mod tests {
    use ContentCoding::{Gzip, Identity};
    use Verdict::{FirstFetch, NeedlessTransfer, Validated};
    use measure::Exchange;

    use super::super::fixture;
    use super::*;

    fn exchange(verdict: Verdict, coding: ContentCoding, tag: &'static str) -> Exchange<'static> {
        Exchange { coding, ..fixture::exchange(verdict, 1, tag, "a") }
    }

    fn check(exchanges: &[(Verdict, ContentCoding, &'static str)], expected: &[&str]) {
        let mut tally = Tally::default();
        for &(verdict, coding, tag) in exchanges {
            tally.record(&exchange(verdict, coding, tag));
        }
        let found = super::super::of("arm", &tally, client::Validate::EntityTag);
        let codes: Vec<_> = found.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(codes, expected, "{exchanges:?}");
    }

    #[test]
    fn a_tag_that_only_plain_content_has_was_stripped() {
        let tag = "\"x\"";
        check(
            &[(FirstFetch, Identity, tag), (FirstFetch, Gzip, ""), (NeedlessTransfer, Gzip, "")],
            &["ETL009"],
        );
        let all_coded = [(FirstFetch, Gzip, ""), (NeedlessTransfer, Gzip, "")];
        check(&all_coded, &["ETL003"]);
    }

    #[test]
    fn a_suffix_that_never_matches_is_not_understood() {
        let tag = "\"x-gzip\"";
        check(&[(FirstFetch, Gzip, tag), (NeedlessTransfer, Gzip, tag)], &["ETL010"]);
        check(
            &[
                (FirstFetch, Gzip, tag),
                (NeedlessTransfer, Gzip, tag),
                (Validated, Identity, "\"x\""),
            ],
            &["ETL010"],
        );
        check(&[(FirstFetch, Gzip, tag), (Validated, Gzip, tag)], &[""]);
        check(&[(FirstFetch, Gzip, "\"x\""), (NeedlessTransfer, Gzip, "\"x\"")], &["ETL004"]);
    }

    #[test]
    fn needless_content_in_a_coding_that_validates_is_that_of_another_coding() {
        let (plain, coded) = ("\"x\"", "\"x-gzip\"");
        let before = [(FirstFetch, Identity, plain), (Validated, Identity, plain)];
        let burst = (NeedlessTransfer, Gzip, coded);
        let after = [(Validated, Gzip, coded), (Validated, Gzip, coded)];
        check(&[&before[..], &[burst], &after].concat(), &["ETL019"]);
        // Where nothing ever validates in that coding, the suffix is not understood.
        check(&[&before[..], &[burst]].concat(), &["ETL010"]);
        // Nobody held another one.
        check(&[&[(FirstFetch, Gzip, coded), burst][..], &after].concat(), &["ETL004"]);
        // The weak form is no other tag.
        let weak = [(NeedlessTransfer, Gzip, "W/\"x\""), after[0], after[0]];
        let weak = weak.map(|(verdict, coding, _)| (verdict, coding, "W/\"x\""));
        check(&[&before[..], &weak].concat(), &["ETL004"]);
    }

    #[test]
    fn one_strong_tag_for_two_forms_is_a_trap_and_a_weak_one_is_not() {
        let strong = "\"x\"";
        let plain = [(FirstFetch, Identity, strong), (Validated, Identity, strong)];
        let with = |coded| [&plain[..], &[coded]].concat();
        check(&with((FirstFetch, Gzip, strong)), &["ETL011"]);
        check(&with((FirstFetch, Gzip, "W/\"x\"")), &[""]);
        check(&with((Validated, Gzip, strong)), &[""]);
    }

    #[test]
    fn arms_in_different_forms_do_not_compare() {
        let arm = |name: &str, forms: &[ContentCoding]| {
            let mut tally = Tally::default();
            for &form in forms {
                tally.record(&exchange(FirstFetch, form, "\"x\""));
            }
            let name = name.to_owned();
            tally.to_record(measure::ArmDescription { name, ..Default::default() })
        };
        let (before, after) = (arm("before", &[Gzip]), arm("after", &[Identity, Gzip]));
        let found = differ(&[before.clone(), after]).expect("they differ");
        assert_eq!((found.code.as_str(), found.arm), ("ETL018", None));
        assert_eq!(found.evidence, "before gzip, after gzip and identity");
        // An arm without any response is no other form.
        assert_eq!(differ(&[before.clone(), before, arm("cut", &[])]), None);
    }

    #[test]
    fn names_of_codings_at_the_end_are_marks() {
        for (tag, expected) in [
            ("\"x-gzip\"", true),
            ("\"x--gzip\"", true),
            ("W/\"x+br\"", true),
            ("\"xgzip\"", false),
            ("\"x\"", false),
            ("x-gzip", false),
        ] {
            assert_eq!(is_marked(tag.as_bytes()), expected, "{tag}");
        }
    }
}
