//! What modification dates show where clients revalidate by them alone.

use measure::record::Severity;
use measure::{Tally, Verdict};

use super::Finding;

/// One date stands for several contents.
pub(super) fn stale(tally: &Tally) -> Option<Finding> {
    let stale = tally.verdicts.of(Verdict::FalseValidation);
    (stale > 0).then(|| Finding {
        code: "ETL002",
        severity: Severity::Bad,
        title: format!(
            "one date for several contents: {stale} false 304s left clients with stale content"
        ),
        evidence: "Last-Modified counts whole seconds, and a replica whose copy is older than the \
                   client's calls it unmodified"
            .to_owned(),
    })
}

/// Nothing has a date.
pub(super) fn absent(tally: &Tally) -> Option<Finding> {
    let needless = tally.verdicts.of(Verdict::NeedlessTransfer);
    (needless > 0 && tally.conditional == 0).then(|| Finding {
        code: "ETL003",
        severity: Severity::Bad,
        title: "no Last-Modified: nothing to revalidate with, every poll is a full 200".to_owned(),
        evidence: format!("{needless} needless 200s, and no request was conditional"),
    })
}

/// Replicas disagree about the date of the same bytes.
pub(super) fn node_local(tally: &Tally) -> Option<Finding> {
    let needless = tally.verdicts.of(Verdict::NeedlessTransfer);
    (needless > 0 && tally.conditional > 0).then(|| Finding {
        code: "ETL017",
        severity: Severity::Bad,
        title: format!("node-local date: {needless} needless 200s for copies dated differently"),
        evidence: "the same bytes have another Last-Modified on another replica".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use client::Validate;

    use super::super::fixture::{check_by, exchange};
    use super::*;

    #[test]
    fn where_clients_ask_by_date_the_date_is_to_blame_and_not_the_tag() {
        check_by(
            Validate::LastModified,
            &[
                exchange(Verdict::FirstFetch, 1, "\"1\"", "a"),
                exchange(Verdict::FalseValidation, 1, "\"2\"", "b"),
            ],
            &[(
                "ETL002",
                Severity::Bad,
                "Last-Modified counts whole seconds, and a replica whose copy is older than the \
                 client's calls it unmodified",
            )],
        );
        check_by(
            Validate::LastModified,
            &[
                exchange(Verdict::FirstFetch, 1, "\"1\"", "a"),
                exchange(Verdict::NeedlessTransfer, 2, "\"2\"", "a"),
            ],
            &[
                (
                    "ETL017",
                    Severity::Bad,
                    "the same bytes have another Last-Modified on another replica",
                ),
                ("ETL001", Severity::Warn, "r1 \"1\"   r2 \"2\""),
            ],
        );
    }
}
