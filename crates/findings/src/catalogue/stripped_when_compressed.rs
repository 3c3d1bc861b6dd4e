//! `stripped-when-compressed`: a tag without compression, none with it.

use measure::ContentCoding;

use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::run::evidence::ArmEvidence;
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("stripped_when_compressed.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let (coded, plain) = view.coded_and_plain();
    let tagged = plain.iter().filter(|seen| seen.tag.is_some()).count();
    let bare: Vec<_> = coded.iter().filter(|seen| seen.tag.is_none()).collect();
    // Where some plain responses lack the tag, too, replicas differ: see no-validator.
    let replicas = tagged < plain.len();
    if tagged == 0 || bare.is_empty() || replicas || super::malformed_tag::is_removed(view) {
        return None;
    }
    let dated = bare.iter().any(|seen| seen.answer.last_modified().is_some());
    let coding = shown(bare[0].coding.as_bytes());
    let date = dated.then_some("Last-Modified stays, so clients can still revalidate by date");
    let title = format!("a tag without compression, none with {coding}");
    let severity = if dated { Severity::Warn } else { Severity::Bad };
    let with = of_all(tagged, plain.len(), "response");
    let without = of_all(bare.len(), coded.len(), "response");
    let counts = format!("with ETag: {with} without compression; without ETag: {without} with it");
    Some(Judgement::new(severity, 0.97, title).with(counts).with_all(date))
}

pub(super) fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let codings = &arm.tally.codings;
    let plain = codings.get(&ContentCoding::Identity)?;
    let mut coded = codings.iter().filter(|(coding, _)| **coding != ContentCoding::Identity);
    let (coding, bare) = coded.find(|(_, seen)| seen.tagged == 0 && seen.responses > 0)?;
    (plain.tagged > 0).then(|| {
        let title =
            format!("the tag is stripped where content is compressed: no {coding} response has one");
        Judgement::certain(Severity::Bad, title).with(format!(
            "tags on {} of {} responses without a coding, on 0 of {} in {coding}: a request without \
             Accept-Encoding sees no fault",
            plain.tagged, plain.responses, bare.responses
        ))
    })
}

#[cfg(test)]
mod tests {
    use measure::ContentCoding::{Gzip, Identity};
    use measure::Verdict::{FirstFetch, NeedlessTransfer};

    use super::*;
    use crate::fixture::check;
    use crate::run::fixture::check_codings;

    #[test]
    fn a_tag_without_compression_and_none_with_it_was_stripped() {
        let stripped = r#"
            2 × -> 200; ETag: "x" | hello
            2 × Accept-Encoding: gzip -> 200; Content-Encoding: gzip | hello
        "#;
        let title = "a tag without compression, none with gzip";
        check(&kind(), stripped, Some((Severity::Bad, title)));
        let dated = r#"
            2 × -> 200; ETag: "x" | hello
            Accept-Encoding: gzip -> 200; Content-Encoding: gzip; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        "#;
        check(&kind(), dated, Some((Severity::Warn, title)));
    }

    #[test]
    fn a_weakened_tag_and_no_tag_at_all_were_not_stripped() {
        let weakened = r#"
            2 × -> 200; ETag: "x" | hello
            2 × Accept-Encoding: gzip -> 200; ETag: W/"x"; Content-Encoding: gzip | hello
        "#;
        check(&kind(), weakened, None);
        let bare = r"
            2 × -> 200 | hello
            2 × Accept-Encoding: gzip -> 200; Content-Encoding: gzip | hello
        ";
        check(&kind(), bare, None);
    }

    #[test]
    fn runs_find_it_where_plain_content_has_a_tag() {
        check_codings(
            &[
                (FirstFetch, Identity, "\"x\""),
                (FirstFetch, Gzip, ""),
                (NeedlessTransfer, Gzip, ""),
            ],
            &["ETL009"],
        );
        check_codings(&[(FirstFetch, Gzip, ""), (NeedlessTransfer, Gzip, "")], &["ETL003"]);
    }
}
