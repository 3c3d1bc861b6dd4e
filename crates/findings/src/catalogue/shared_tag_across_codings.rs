//! `shared-tag-across-codings`: two codings, one strong tag.

use std::collections::{BTreeMap, BTreeSet};

use measure::ContentCoding;

use crate::evidence::is_weak;
use crate::kind::{FindingKind, Judgement, Severity, shown};
use crate::run::evidence::ArmEvidence;
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("shared_tag_across_codings.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let mut codings: BTreeMap<&[u8], BTreeSet<&str>> = BTreeMap::new();
    for seen in &view.full {
        let Some(tag) = seen.tag.filter(|tag| !is_weak(tag)) else { continue };
        codings.entry(tag).or_default().insert(&seen.coding);
    }
    let (tag, codings) = codings.into_iter().find(|(_, codings)| codings.len() > 1)?;
    let names: Vec<_> = codings.iter().map(|coding| shown(coding.as_bytes())).collect();
    let title = format!("one strong tag for {} codings", names.len());
    let sharing = format!("{} is the tag of {}", shown(tag), names.join(" and "));
    Some(Judgement::new(Severity::Warn, 0.97, title).with(sharing))
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let (tag, forms) = arm.tally.most_shared_strong_tag().filter(|(_, forms)| forms.len() > 1)?;
    let forms: Vec<_> = forms.iter().map(ContentCoding::to_string).collect();
    let title =
        format!("one strong tag for {} codings: a resumed download can splice them", forms.len());
    let sharing = format!("{} on {}", String::from_utf8_lossy(tag), forms.join(" and "));
    Some(Judgement::certain(Severity::Warn, title).with(sharing))
}

#[cfg(test)]
mod tests {
    use measure::ContentCoding::{Gzip, Identity};
    use measure::Verdict::{FirstFetch, Validated};

    use super::*;
    use crate::fixture::check;
    use crate::run::fixture::check_codings;

    #[test]
    fn one_strong_tag_for_two_codings_is_found_and_a_weak_one_is_not() {
        let strong = r#"
            -> 200; ETag: "x" | hello
            Accept-Encoding: gzip -> 200; ETag: "x"; Content-Encoding: gzip | hello
        "#;
        check(&kind(), strong, Some((Severity::Warn, "one strong tag for 2 codings")));
        check(&kind(), &strong.replace(r#""x""#, r#"W/"x""#), None);
        let own = r#"
            -> 200; ETag: "x" | hello
            Accept-Encoding: gzip -> 200; ETag: "x-gzip"; Content-Encoding: gzip | hello
        "#;
        check(&kind(), own, None);
    }

    #[test]
    fn runs_find_it_on_responses_with_content() {
        let strong = "\"x\"";
        let plain = [(FirstFetch, Identity, strong), (Validated, Identity, strong)];
        let with = |coded| [&plain[..], &[coded]].concat();
        check_codings(&with((FirstFetch, Gzip, strong)), &["ETL011"]);
        check_codings(&with((FirstFetch, Gzip, "W/\"x\"")), &[""]);
        check_codings(&with((Validated, Gzip, strong)), &[""]);
    }
}
