//! `stripped-when-compressed`: a tag without compression, none with it.

use measure::record::Severity;

use crate::finding::{Entry, Verdict, of_all};
use crate::view::{Seen, View};

pub(super) const ENTRY: Entry = Entry {
    code: "ETL009",
    name: "stripped-when-compressed",
    says: "Responses carry a tag without compression and none with it. Browsers and most HTTP \
           libraries ask for compression, so they cannot revalidate; `curl` does not show it.",
    experiment: "The same URL is asked for with `Accept-Encoding: identity` and with gzip and br.",
    limits: "Only the codings that were asked for and that the server used for this content.",
    causes: "a gateway that compresses and drops strong tags (Envoy by default), `DeflateAlterETag \
             Remove`, a framework whose compression removes the field",
    fixes: &[
        (
            "envoy",
            "let the origin send weak tags, or set `disable_on_etag_header` of the \
                   compressor, so that tagged responses are not compressed",
        ),
        (
            "apache",
            "`DeflateAlterETag NoChange` with weak tags, or AddSuffix together with \
                    `RequestHeader edit If-None-Match '-gzip\"' '\"'`",
        ),
        (
            "",
            "weaken the tag instead of removing it: send W/\"…\" from the origin, or compress \
              where the tag is made",
        ),
    ],
    section: "RFC 9110 §8.8.3.3",
    judge,
};

fn judge(view: &View<'_>) -> Option<Verdict> {
    let (coded, plain): (Vec<&Seen<'_>>, Vec<_>) =
        view.full.iter().partition(|seen| seen.is_coded());
    let tagged = plain.iter().filter(|seen| seen.tag.is_some()).count();
    let bare: Vec<_> = coded.iter().filter(|seen| seen.tag.is_none()).collect();
    if tagged == 0 || bare.is_empty() || tagged < plain.len() {
        return None;
    }
    let dated = bare.iter().any(|seen| seen.answer.last_modified().is_some());
    let coding = &bare[0].coding;
    let title = format!(
        "a tag without compression, none with {}",
        crate::finding::shown(coding.as_bytes())
    );
    let severity = if dated { Severity::Warn } else { Severity::Bad };
    let mut verdict = Verdict::new(severity, 0.97, title).with(format!(
        "with ETag: {} without compression; without ETag: {} with it",
        of_all(tagged, plain.len(), "response"),
        of_all(bare.len(), coded.len(), "response")
    ));
    if dated {
        verdict = verdict.with("Last-Modified stays, so clients can still revalidate by date");
    }
    Some(verdict)
}
