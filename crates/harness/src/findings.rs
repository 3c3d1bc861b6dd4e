//! What an arm shows, named: from its tally to findings with stable codes.
//!
//! Reads counts and what clients sent back; the same for the lab's replicas, foreign ones and a polled server.

mod codings;

use std::collections::BTreeSet;

use client::Validate;
use measure::record::{ArmRecord, FindingRecord, Severity};
use measure::{Tally, Verdict};
use truth::ContentId;

/// Replicas named in one line of evidence; the rest is counted.
const MOST_REPLICAS_SHOWN: usize = 8;

/// Findings about one arm whose clients send back `validate`, worst first; never empty when there
/// was a response.
pub(crate) fn of(arm: &str, tally: &Tally, validate: Validate) -> Vec<FindingRecord> {
    let by_tag = [node_local_tag, stale, no_tag, ignored];
    let by_date = [node_local_tag_unused, stale_by_date, no_date, node_local_date];
    let of_validator = if validate.by_tag() { by_tag } else { by_date };
    let rules = of_validator.iter().chain(&[
        node_local_content,
        regressed,
        failed,
        unverifiable,
        codings::stripped,
        codings::suffix_not_understood,
        codings::switched,
        codings::shared_strong_tag,
    ]);
    let mut found: Vec<_> = rules.filter_map(|rule| rule(tally)).collect();
    if !found.iter().any(|finding| finding.severity <= Severity::Warn) {
        found.extend(sound(tally));
    }
    found.sort_by_key(|finding| finding.severity);
    found.into_iter().map(|finding| finding.in_arm(arm)).collect()
}

/// What only several arms together show.
pub(crate) fn between(arms: &[ArmRecord]) -> Option<FindingRecord> {
    codings::differ(arms)
}

struct Finding {
    code: &'static str,
    severity: Severity,
    title: String,
    evidence: String,
}

impl Finding {
    fn in_arm(self, arm: &str) -> FindingRecord {
        FindingRecord {
            code: self.code.to_owned(),
            severity: self.severity,
            arm: Some(arm.to_owned()),
            title: self.title,
            evidence: self.evidence,
        }
    }
}

fn node_local_tag(tally: &Tally) -> Option<Finding> {
    let tags = tally.tags_for_same_content();
    if tags < 2 {
        return None;
    }
    let hidden = tally.verdicts.of(Verdict::NeedlessTransfer) == 0;
    let why_hidden = match (hidden, tally.conditional, tally.not_modified) {
        (false, ..) => "",
        (true, 0, _) => ", not felt because nothing was revalidated",
        (true, _, 0) => ", not felt because the content had changed whenever a client came",
        (true, ..) => ", not felt because clients kept meeting the same replica",
    };
    Some(Finding {
        code: "ETL001",
        severity: if hidden { Severity::Warn } else { Severity::Bad },
        title: format!("node-local tag{why_hidden}: the same bytes carry {tags} tags"),
        evidence: tags_of_most_tagged(tally),
    })
}

fn node_local_content(tally: &Tally) -> Option<Finding> {
    let contents = tally.contents_for_same_edition();
    if contents < 2 {
        return None;
    }
    let felt = tally.verdicts.of(Verdict::NeedlessTransfer) > 0;
    let varied: Vec<_> = tally.contents_of_most_varied_edition().collect();
    Some(Finding {
        code: "ETL008",
        severity: if felt { Severity::Bad } else { Severity::Warn },
        title: format!("the content itself is node-local: one edition has {contents} contents"),
        evidence: tags_by_replica(tally, |content| varied.contains(&content)),
    })
}

fn stale(tally: &Tally) -> Option<Finding> {
    let stale = tally.verdicts.of(Verdict::FalseValidation);
    (stale > 0).then(|| Finding {
        code: "ETL002",
        severity: Severity::Bad,
        title: format!(
            "one tag for {} contents: {stale} false 304s left clients with stale content",
            tally.contents_for_same_tag().max(2)
        ),
        evidence: shared_tags(tally),
    })
}

fn no_tag(tally: &Tally) -> Option<Finding> {
    let responses = tally.verdicts.total() - tally.verdicts.of(Verdict::Error);
    let tagged = tally.replicas.values().any(|replica| replica.sightings().next().is_some());
    (responses > 0 && !tagged && tally.conditional == 0).then(|| Finding {
        code: "ETL003",
        severity: Severity::Bad,
        title: "no entity tag: nothing to revalidate with, every poll is a full 200".to_owned(),
        evidence: format!(
            "responses without ETag: {responses}{}",
            codings::perhaps_stripped(tally)
        ),
    })
}

fn ignored(tally: &Tally) -> Option<Finding> {
    let needless = tally.verdicts.of(Verdict::NeedlessTransfer);
    let wrong = needless > 0
        && tally.conditional > 0
        && tally.tags_for_same_content() == 1
        // These have names of their own.
        && tally.contents_for_same_edition() < 2
        && codings::suffix_not_understood(tally).is_none()
        && codings::stripped(tally).is_none()
        && codings::switched(tally).is_none();
    wrong.then(|| Finding {
        code: "ETL004",
        severity: Severity::Bad,
        title: "If-None-Match ignored: the tag is stable, and content is sent all the same"
            .to_owned(),
        evidence: format!("{needless} needless 200s under one tag: {}", tags_of_most_tagged(tally)),
    })
}

fn node_local_tag_unused(tally: &Tally) -> Option<Finding> {
    let tags = tally.tags_for_same_content();
    (tags > 1).then(|| Finding {
        code: "ETL001",
        severity: Severity::Warn,
        title: format!(
            "node-local tag, not felt because clients revalidate by date: the same bytes carry \
             {tags} tags"
        ),
        evidence: tags_of_most_tagged(tally),
    })
}

fn stale_by_date(tally: &Tally) -> Option<Finding> {
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

fn no_date(tally: &Tally) -> Option<Finding> {
    let needless = tally.verdicts.of(Verdict::NeedlessTransfer);
    (needless > 0 && tally.conditional == 0).then(|| Finding {
        code: "ETL003",
        severity: Severity::Bad,
        title: "no Last-Modified: nothing to revalidate with, every poll is a full 200".to_owned(),
        evidence: format!("{needless} needless 200s, and no request was conditional"),
    })
}

fn node_local_date(tally: &Tally) -> Option<Finding> {
    let needless = tally.verdicts.of(Verdict::NeedlessTransfer);
    (needless > 0 && tally.conditional > 0).then(|| Finding {
        code: "ETL017",
        severity: Severity::Bad,
        title: format!("node-local date: {needless} needless 200s for copies dated differently"),
        evidence: "the same bytes have another Last-Modified on another replica".to_owned(),
    })
}

fn regressed(tally: &Tally) -> Option<Finding> {
    let regressed = tally.verdicts.of(Verdict::Regressed);
    (regressed > 0).then(|| Finding {
        code: "ETL005",
        severity: Severity::Warn,
        title: format!("old and new content served at once: clients went back {regressed} times"),
        evidence: "a rollout reaches the replicas one after the other".to_owned(),
    })
}

fn failed(tally: &Tally) -> Option<Finding> {
    let failed = tally.verdicts.of(Verdict::Error);
    let reasons = tally.errors.iter().map(|(reason, count)| format!("{count} × {reason}"));
    (failed > 0).then(|| Finding {
        code: "ETL006",
        severity: Severity::Bad,
        title: format!("{failed} of {} polls failed", tally.verdicts.total()),
        evidence: reasons.collect::<Vec<_>>().join(", "),
    })
}

fn unverifiable(tally: &Tally) -> Option<Finding> {
    let unverifiable = tally.verdicts.of(Verdict::Unverifiable);
    (unverifiable > 0).then(|| Finding {
        code: "ETL007",
        severity: Severity::Info,
        title: format!("{unverifiable} 304s cannot be verified"),
        evidence: "nobody declares what the replica held, so a stale 304 would not be noticed"
            .to_owned(),
    })
}

fn sound(tally: &Tally) -> Option<Finding> {
    let not_modified = tally.not_modified;
    let replicas = tally.replicas.len();
    let last = tally.replicas.values().find_map(|replica| replica.sightings().last())?;
    let tag = String::from_utf8_lossy(&last.entity_tag);
    let title = match (not_modified, replicas) {
        (0, _) => return None,
        (_, 1) => format!("the tag is honoured: {tag}"),
        _ => format!("one tag on every replica: {tag}"),
    };
    let evidence = format!("{not_modified} of {} conditional polls got a 304", tally.conditional);
    Some(Finding { code: "", severity: Severity::Ok, title, evidence })
}

/// The tags of the content that has the most.
fn tags_of_most_tagged(tally: &Tally) -> String {
    let most = tally.most_tagged_content();
    tags_by_replica(tally, |content| most == Some(content))
}

/// `r1 "41"   r2 "18"   r3 "2"`: the tags of the contents that are asked for.
fn tags_by_replica(tally: &Tally, is_meant: impl Fn(ContentId) -> bool) -> String {
    let mut shown = Vec::new();
    for (replica, seen) in &tally.replicas {
        let name = replica.map_or_else(|| "-".to_owned(), |replica| replica.to_string());
        let tags = seen.sightings().filter(|sighting| sighting.content.is_some_and(&is_meant));
        let mut tags: Vec<_> = tags.map(|tag| String::from_utf8_lossy(&tag.entity_tag)).collect();
        // The same one may have been seen on a 304 and with the content, in several codings.
        let mut told = BTreeSet::new();
        tags.retain(|tag| told.insert(tag.clone()));
        tags.truncate(3);
        if !tags.is_empty() {
            shown.push(format!("{name} {}", tags.join(" ")));
        }
    }
    let more = shown.len().saturating_sub(MOST_REPLICAS_SHOWN);
    shown.truncate(MOST_REPLICAS_SHOWN);
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown.join("   ")
}

/// Tags that stood for more than one content: `"7" on r1, r2`.
fn shared_tags(tally: &Tally) -> String {
    let seen = || {
        tally
            .replicas
            .iter()
            .flat_map(|(replica, seen)| seen.sightings().map(move |sighting| (*replica, sighting)))
    };
    let mut lines: Vec<String> = Vec::new();
    for (_, one) in seen() {
        let same_tag = || seen().filter(|(_, other)| other.entity_tag == one.entity_tag);
        if !same_tag().any(|(_, other)| other.content != one.content) {
            continue;
        }
        let mut replicas: Vec<_> = same_tag()
            .map(|(replica, _)| replica.map_or_else(|| "-".to_owned(), |id| id.to_string()))
            .collect();
        replicas.dedup();
        let line =
            format!("{} on {}", String::from_utf8_lossy(&one.entity_tag), replicas.join(", "));
        if !lines.contains(&line) && lines.len() < MOST_REPLICAS_SHOWN {
            lines.push(line);
        }
    }
    lines.join("   ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use measure::{ContentCoding, ErrorReason, Exchange, ExchangeBytes};
    use truth::{Content, ReplicaId};

    use super::*;

    fn exchange(
        verdict: Verdict,
        replica: u32,
        tag: &'static str,
        content: &str,
    ) -> Exchange<'static> {
        Exchange {
            round: 0,
            verdict,
            error: (verdict == Verdict::Error).then_some(ErrorReason::Cut),
            conditional: verdict != Verdict::FirstFetch,
            replica: Some(ReplicaId(replica)),
            entity_tag: (!tag.is_empty()).then_some(tag.as_bytes()),
            tagged_content: Some(ContentId::of(content.as_bytes())),
            coding: ContentCoding::Identity,
            bytes: ExchangeBytes::default(),
            latency: Duration::ZERO,
        }
    }

    fn check(exchanges: &[Exchange<'_>], expected: &[(&str, Severity, &str)]) {
        check_by(Validate::EntityTag, exchanges, expected);
    }

    fn check_by(
        validate: Validate,
        exchanges: &[Exchange<'_>],
        expected: &[(&str, Severity, &str)],
    ) {
        let mut tally = Tally::default();
        for exchange in exchanges {
            tally.record(exchange);
        }
        let found = of("before", &tally, validate);
        let found: Vec<_> =
            found.iter().map(|f| (f.code.as_str(), f.severity, f.evidence.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn several_tags_for_the_same_bytes_are_node_local() {
        check(
            &[
                exchange(Verdict::FirstFetch, 1, "\"41\"", "a"),
                exchange(Verdict::NeedlessTransfer, 2, "\"18\"", "a"),
            ],
            &[("ETL001", Severity::Bad, "r1 \"41\"   r2 \"18\"")],
        );
    }

    #[test]
    fn node_local_tags_that_nobody_felt_are_a_warning() {
        check(
            &[
                exchange(Verdict::FirstFetch, 1, "\"41\"", "a"),
                exchange(Verdict::FirstFetch, 2, "\"18\"", "a"),
                exchange(Verdict::Validated, 2, "\"18\"", "a"),
            ],
            &[("ETL001", Severity::Warn, "r1 \"41\"   r2 \"18\"")],
        );
    }

    #[test]
    fn one_tag_for_two_contents_is_stale() {
        check(
            &[
                exchange(Verdict::FirstFetch, 1, "\"7\"", "a"),
                exchange(Verdict::FalseValidation, 2, "\"7\"", "b"),
            ],
            &[("ETL002", Severity::Bad, "\"7\" on r1, r2")],
        );
    }

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

    #[test]
    fn a_stable_tag_with_needless_content_is_ignored() {
        check(
            &[
                exchange(Verdict::FirstFetch, 1, "\"x\"", "a"),
                exchange(Verdict::NeedlessTransfer, 1, "\"x\"", "a"),
            ],
            &[("ETL004", Severity::Bad, "1 needless 200s under one tag: r1 \"x\"")],
        );
    }

    #[test]
    fn contents_of_its_own_on_each_replica_are_named_and_the_tag_is_not_blamed() {
        let mut tally = Tally::default();
        for (verdict, replica, tag) in
            [(Verdict::FirstFetch, 1, "\"x\""), (Verdict::NeedlessTransfer, 2, "\"y\"")]
        {
            let content = format!("served by r{replica}");
            tally.record(&exchange(verdict, replica, tag, &content));
            let id = ContentId::of(content.as_bytes());
            tally.record_state(Content { id, edition: Some(0) });
        }
        let found = of("before", &tally, Validate::EntityTag);
        let found: Vec<_> =
            found.iter().map(|f| (f.code.as_str(), f.severity, f.evidence.as_str())).collect();
        assert_eq!(found, [("ETL008", Severity::Bad, "r1 \"x\"   r2 \"y\"")]);
    }

    #[test]
    fn no_tag_at_all_is_said() {
        check(
            &[exchange(Verdict::FirstFetch, 1, "", "a")],
            &[("ETL003", Severity::Bad, "responses without ETag: 1")],
        );
    }

    #[test]
    fn a_sound_arm_is_said_to_be_sound() {
        check(
            &[
                exchange(Verdict::FirstFetch, 1, "\"x\"", "a"),
                exchange(Verdict::Validated, 2, "\"x\"", "a"),
            ],
            &[("", Severity::Ok, "1 of 1 conditional polls got a 304")],
        );
    }

    #[test]
    fn failed_polls_are_listed_by_reason() {
        check(
            &[exchange(Verdict::Error, 1, "", "a")],
            &[("ETL006", Severity::Bad, "1 × response cut short")],
        );
    }
}
