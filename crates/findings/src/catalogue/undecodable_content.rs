//! `undecodable-content`: the content is whole, and not in the coding that it names.

use crate::evidence::ObservedResponse;
use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("undecodable_content.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let coded = |answer: &&ObservedResponse| answer.status == 200 && answer.coding() != "identity";
    let all = view.answered().chain(view.unusual()).map(|(_, answer)| answer);
    let all: Vec<_> = all.filter(coded).collect();
    let broken: Vec<_> = all.iter().filter(|answer| answer.content.is_undecodable).collect();
    let coding = shown(broken.first()?.coding().as_bytes());
    let title = format!("Content-Encoding says {coding}, and the content does not decode");
    let what = of_all(broken.len(), all.len(), "compressed response");
    let bytes = broken.first()?.content.coded_bytes;
    Some(
        Judgement::new(Severity::Bad, 0.97, title)
            .with(format!("all bytes of it arrived ({bytes} in the first): {what}"))
            .with("browsers show an error in its place, and revalidation keeps it for them"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;
    use crate::fixture::{evidence, judge as judged};

    const SOUND: &str = r#"
        8 × -> 200; ETag: "x"; Vary: Accept-Encoding | hello
        4 × If-None-Match: "x" -> 304; ETag: "x"; Vary: Accept-Encoding
        3 × Accept-Encoding: gzip -> 200; ETag: W/"x"; Vary: Accept-Encoding; Content-Encoding: gzip | …
        3 × Accept-Encoding: gzip; If-None-Match: W/"x" -> 304; ETag: W/"x"; Vary: Accept-Encoding
    "#;

    #[test]
    fn a_content_that_is_not_in_its_coding_is_no_clean_bill() {
        let mut broken = evidence(SOUND);
        for seen in &mut broken.observations {
            let Ok(answer) = &mut seen.outcome else { continue };
            answer.content.is_undecodable = answer.coding() == "gzip";
        }
        let found = judged(&kind(), &broken).expect("it does not decode");
        assert_eq!(found.title, "Content-Encoding says gzip, and the content does not decode");
        assert!(found.evidence[0].ends_with("3 of 3 compressed responses"), "{:?}", found.evidence);
        assert!(!Check::of(&broken).findings.iter().any(crate::Finding::is_healthy));
    }

    #[test]
    fn one_that_is_too_large_or_in_an_unknown_coding_is_none() {
        assert!(judged(&kind(), &evidence(SOUND)).is_none());
    }
}
