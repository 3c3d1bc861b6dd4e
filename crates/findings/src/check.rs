//! A whole judgement: findings, tags as read, and the estimate of replicas, from evidence alone.

use measure::record::Severity;

use crate::conclusion;
use crate::draws;
use crate::evidence::{Evidence, EvidenceSource};
use crate::finding::{self, Finding};
use crate::kind::shown;
use crate::replicas::Estimate;
use crate::tag_form;
use crate::view::View;

/// Diagnosis of a target from evidence.
#[derive(Clone, Debug)]
pub struct Check {
    /// The URL. May hold text from outside, as all strings here.
    pub target: String,
    /// Origin of the evidence.
    pub source: EvidenceSource,
    /// Exchanges judged.
    pub exchanges: usize,
    /// 304s among the replays.
    pub not_modified: usize,
    /// Replays of a single tag, or of a date where there are no tags.
    pub conditional: usize,
    /// The servers that answered, as they name themselves.
    pub servers: String,
    /// Replicas, as far as they can be told apart.
    pub replicas: Estimate,
    /// Findings that are wrong, worst first, then the conclusion, then those worth knowing.
    pub findings: Vec<Finding>,
    /// Each tag that was seen, in the order of its appearance.
    pub tags: Vec<TagSeen>,
    /// Limits of the evidence, and what is missing for a full verdict.
    pub notes: Vec<String>,
}

/// A tag and what happened with it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TagSeen {
    /// With quotes and weakness; long ones shortened.
    pub tag: String,
    /// The content coding it came with.
    pub coding: String,
    /// Its form: `nginx form (mtime-size)`.
    pub form: String,
    /// Responses 200 that carried it.
    pub seen: usize,
    /// Requests that replayed it alone.
    pub replayed: usize,
    /// 304s among them.
    pub not_modified: usize,
    /// Lanes it came from, when there are several ways to the target.
    pub lanes: Vec<String>,
}

impl Check {
    /// Judges.
    pub fn of(evidence: &Evidence) -> Self {
        let view = View::of(evidence);
        let trials = if view.by_tag.is_empty() { &view.by_date } else { &view.by_tag };
        let mut notes = evidence.notes.clone();
        let findings = finding::of(&view);
        let inconclusive = findings.iter().any(Finding::is_inconclusive);
        if evidence.source != EvidenceSource::Live && !inconclusive {
            notes.extend(conclusion::missing(&view).iter().map(|what| format!("missing: {what}")));
        }
        Self {
            target: evidence.target.clone(),
            source: evidence.source,
            exchanges: evidence.observations.len(),
            not_modified: View::tally(trials).honoured,
            conditional: trials.len(),
            servers: view.servers(),
            replicas: draws::replicas(&view),
            findings,
            tags: tags(&view),
            notes,
        }
    }

    /// The worst severity found.
    pub fn worst(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity).min().unwrap_or(Severity::Info)
    }

    /// Reports whether there was not enough evidence.
    pub fn is_inconclusive(&self) -> bool {
        self.findings.iter().any(Finding::is_inconclusive)
    }

    /// Share of 304s among replays, `0.0..=1.0`; `None` without one.
    pub fn not_modified_ratio(&self) -> Option<f64> {
        (self.conditional > 0).then(|| self.not_modified as f64 / self.conditional as f64)
    }
}

fn tags(view: &View<'_>) -> Vec<TagSeen> {
    const MOST: usize = 64;
    let mut tags: Vec<(Vec<u8>, TagSeen)> = Vec::new();
    for seen in &view.full {
        let (Some(tag), Some(specimen)) = (seen.tag, seen.specimen()) else { continue };
        let lane = &view.evidence.lanes.get(seen.exchange.lane).map(|lane| lane.name.clone());
        let known = tags.iter_mut().find(|(key, it)| key == tag && it.coding == seen.coding);
        if let Some((_, known)) = known {
            known.seen += 1;
            let new = lane.iter().find(|lane| !known.lanes.contains(lane)).cloned();
            known.lanes.extend(new);
        } else if tags.len() < MOST {
            let replays = View::tally(view.by_tag.iter().filter(|trial| {
                trial.asked.none_match[0] == tag && trial.coded == seen.is_coded()
            }));
            let one = TagSeen {
                tag: shown(tag),
                coding: shown(seen.coding.as_bytes()),
                form: tag_form::form(&specimen),
                seen: 1,
                replayed: replays.total(),
                not_modified: replays.honoured,
                lanes: lane.iter().cloned().collect(),
            };
            tags.push((tag.to_vec(), one));
        }
    }
    tags.into_iter().map(|(_, tag)| tag).collect()
}
