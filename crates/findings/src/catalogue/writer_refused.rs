//! `writer-refused`: a write with the tag that was read is refused, and nobody had written.

use measure::ReplicaTally;

use crate::evidence::{Method, NOBODYS, ObservedExchange, ObservedResponse};
use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::run::evidence::ArmEvidence;
use crate::view::View;

const STRONGLY: &str = "If-Match compares strongly, and the tag is weak: it never matches";
const ELSEWHERE: &str = "the server that was written to has another tag for the same content";

pub(super) fn kind() -> FindingKind {
    let words = include_str!("writer_refused.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run), ..FindingKind::read(words) }
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let writes = arm.tally.writes.filter(|writes| writes.refused_wrongly > 0)?;
    let mut tags = arm.tally.replicas.values().flat_map(ReplicaTally::sightings);
    let weak = tags.any(|sighting| sighting.entity_tag.starts_with(b"W/"));
    let (cause, why) = if weak { ("weak", STRONGLY) } else { ("node-local", ELSEWHERE) };
    let title = format!(
        "{} of {} updates refused although nobody had written since the read",
        writes.refused_wrongly,
        writes.attempted()
    );
    Some(Judgement::certain(Severity::Bad, title).with(why).because(cause))
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let all = writes(view);
    let refused: Vec<_> = all.iter().filter(|write| write.is_refused_wrongly()).collect();
    let first = refused.first()?;
    let cause = first.cause();
    let why = match cause {
        "weak" => STRONGLY,
        "node-local" => ELSEWHERE,
        _ => "the content around it is the same, and so is its tag",
    };
    let title = "a PUT with the very tag that was read is refused: honest writers cannot save";
    let told = of_all(refused.len(), all.len(), "PUT");
    let tag = shown(first.tag);
    Some(
        Judgement::new(Severity::Bad, 0.95, title)
            .with(format!("{told} with If-Match: {tag} refused, status 412"))
            .with(why)
            .because(cause),
    )
}

/// A write with a tag that was read, and the look after it.
struct Write<'a> {
    tag: &'a [u8],
    status: u16,
    /// The response that brought the tag.
    read: &'a ObservedResponse,
    after: Option<&'a ObservedResponse>,
}

fn writes<'a>(view: &View<'a>) -> Vec<Write<'a>> {
    let all = &view.evidence.observations;
    let answer = |seen: &'a ObservedExchange| seen.outcome.as_ref().ok();
    let is_look = |seen: &&'a ObservedExchange| seen.asked.is_whole_get() && seen.asked.is_plain();
    let puts = all.iter().enumerate().filter(|(_, seen)| seen.asked.method == Method::Put);
    puts.filter_map(|(at, seen)| {
        let tag = seen.asked.matching.first().filter(|tag| !NOBODYS.contains(&tag.as_slice()))?;
        let brought = |answer: &&ObservedResponse| answer.fields.get("etag") == Some(&tag[..]);
        let mut looks = all[..at].iter().rev().filter(is_look).filter_map(answer);
        let after = all[at..].iter().find(|other| other.lane == seen.lane && is_look(other));
        Some(Write {
            tag,
            status: answer(seen)?.status,
            read: looks.find(brought)?,
            after: after.and_then(answer),
        })
    })
    .collect()
}

impl Write<'_> {
    /// Somebody else may have written: only the same content shows that nobody had.
    fn is_refused_wrongly(&self) -> bool {
        let content = |answer: &ObservedResponse| Some(answer.content.decoded?.sha256);
        let now = self.after.and_then(content);
        self.status == 412 && now.is_some() && now == content(self.read)
    }

    fn cause(&self) -> &'static str {
        let now = self.after.and_then(|answer| answer.fields.get("etag"));
        match now {
            _ if self.tag.starts_with(b"W/") => "weak",
            Some(now) if now != self.tag => "node-local",
            _ => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use measure::WriteVerdict;

    use super::*;
    use crate::fixture::{check, evidence, judge};
    use crate::run::fixture::titles_of_writes;

    const TITLE: &str =
        "a PUT with the very tag that was read is refused: honest writers cannot save";

    fn written(tag: &str, status: u16, after: &str) -> String {
        format!(
            "-> 200; ETag: {tag} | hello\nPUT If-Match: {tag} -> {status}\n-> 200; ETag: {after}"
        )
    }

    #[test]
    fn a_refusal_is_found_with_its_cause_where_the_content_stays() {
        for (tag, after, cause) in [
            ("W/\"a\"", "W/\"a\" | hello", "weak"),
            ("\"a\"", "\"b\" | hello", "node-local"),
            ("\"a\"", "\"a\" | hello", "other"),
        ] {
            let exchanges = written(tag, 412, after);
            check(&kind(), &exchanges, Some((Severity::Bad, TITLE)));
            let judgement = judge(&kind(), &evidence(&exchanges)).expect("it is found");
            assert_eq!(judgement.cause, Some(cause), "{exchanges}");
        }
    }

    #[test]
    fn a_write_that_was_accepted_or_may_be_late_is_no_finding() {
        check(&kind(), &written("\"a\"", 204, "\"b\" | hello"), None);
        check(&kind(), &written("\"a\"", 412, "\"b\" | other"), None);
        check(&kind(), &written("\"etag-lab-nobodys-tag\"", 412, "\"b\" | hello"), None);
        check(&kind(), "-> 200; ETag: \"a\" | hello", None);
    }

    #[test]
    fn a_run_names_the_writers_that_were_refused_wrongly() {
        use WriteVerdict::{Accepted, RefusedRightly, RefusedWrongly};
        let titles = |writes: &[WriteVerdict]| titles_of_writes(&kind(), writes, "W/\"x\"");
        let title = "1 of 2 updates refused although nobody had written since the read";
        assert_eq!(titles(&[Accepted, RefusedWrongly]), [title]);
        assert!(titles(&[Accepted, RefusedRightly]).is_empty());
    }
}
