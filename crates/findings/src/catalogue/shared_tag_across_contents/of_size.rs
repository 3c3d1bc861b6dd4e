//! Tags that are the size of the content and nothing else: every edition of that length has the same.

use std::collections::BTreeSet;

use crate::evidence::inner;
use crate::kind::{Judgement, Severity, shown};
use crate::tag_form::split_suffix;
use crate::view::{FullResponse, View};

/// Bytes below which a version or a counter meets the size by chance.
const SMALLEST: u64 = 32;

pub(super) fn judge(view: &View<'_>) -> Option<Judgement> {
    let plain: Vec<_> = view.full.iter().filter(|seen| !seen.is_coded()).collect();
    let tag = plain.first()?.tag?;
    if !plain.iter().all(|seen| is_size(seen)) {
        return None;
    }
    let sizes: BTreeSet<_> = plain.iter().filter_map(|seen| seen.tag).collect();
    let confidence = if sizes.len() > 1 { 0.97 } else { 0.85 };
    let title = "the tag is the size of the content alone: every edition of that length has it";
    let bytes = plain.first()?.digests()?.bytes;
    Some(
        Judgement::new(Severity::Warn, confidence, title)
            .because("size-alone")
            .with(format!("{} for {}", shown(tag), text::counted(bytes, "byte")))
            .with("another edition of the same length gets a 304, and clients keep the old one"),
    )
}

fn is_size(seen: &FullResponse<'_>) -> bool {
    let Some((tag, content)) = seen.tag.zip(seen.digests()) else { return false };
    let text = String::from_utf8_lossy(inner(tag)).into_owned();
    let base = split_suffix(&text).0;
    let is = |radix| u64::from_str_radix(base, radix) == Ok(content.bytes);
    content.bytes >= SMALLEST && (is(10) || is(16))
}

#[cfg(test)]
mod tests {
    use super::super::kind;
    use crate::fixture::{check, evidence, judge};
    use crate::kind::Severity;

    /// A file of 42 bytes.
    const FILE: &str = "the quick brown fox jumps over the laziest";

    #[test]
    fn a_tag_of_the_size_alone_notices_no_change_of_the_same_length() {
        let title = "the tag is the size of the content alone: every edition of that length has it";
        for tag in ["\"42\"", "W/\"2a\"", "\"42-gzip\""] {
            let file = format!("4 × -> 200; ETag: {tag} | {FILE}");
            check(&kind(), &file, Some((Severity::Warn, title)));
            assert_eq!(
                judge(&kind(), &evidence(&file)).and_then(|it| it.cause),
                Some("size-alone")
            );
        }
    }

    #[test]
    fn a_number_that_is_not_the_size_each_time_is_none() {
        check(&kind(), &format!("4 × -> 200; ETag: \"43\" | {FILE}"), None);
        check(&kind(), &format!("4 × -> 200; ETag: \"42-7\" | {FILE}"), None);
        check(&kind(), "4 × -> 200; ETag: \"5\" | hello", None);
        let version =
            format!("4 × -> 200; ETag: \"42\" | {FILE}\n4 × -> 200; ETag: \"43\" | short");
        check(&kind(), &version, None);
    }
}
