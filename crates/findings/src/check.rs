//! A whole judgement: findings, tags as read, and the estimate of replicas, from evidence alone.

use std::collections::BTreeSet;

use measure::record::Severity;
use text::secret::masked_url;

use crate::advice::{Remedy, joined};
use crate::catalogue::cache_answering::is_stored;
use crate::catalogue::{FINDINGS, refusals, tag_shared_across_urls};
use crate::conclusion;
use crate::draws;
use crate::evidence::{Evidence, EvidenceSource, ObservedExchange, ObservedResponse};
use crate::kind::{FindingKind, Judgement, of_all, shown};
use crate::memory::{self, Change, Remembered};
use crate::products::Suspects;
use crate::replicas::Estimate;
use crate::rounds::Event;
use crate::tag_form;
use crate::view::View;

/// Diagnosis of a target from evidence.
#[derive(Clone, Debug)]
pub struct Check {
    /// The URL, credentials masked. May hold text from outside, as all strings here.
    pub target: String,
    /// Origin of the evidence.
    pub source: EvidenceSource,
    /// True if certificates were verified, false if any was accepted; `None` where nothing is known.
    pub certificate_verified: Option<bool>,
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
    /// True if each was named and asked by itself.
    pub are_replicas_named: bool,
    /// Size of the first content that was seen whole.
    pub content_bytes: Option<u64>,
    /// Findings that are wrong, worst first, then the conclusion, then those worth knowing.
    pub findings: Vec<Finding>,
    /// Each tag that was seen, in the order of its appearance.
    pub tags: Vec<TagSeen>,
    /// Moment of the first request, RFC 3339 in UTC; empty for captures.
    pub at: String,
    /// Moment of the first request of all rounds, where there were several.
    pub began: String,
    /// Rounds, where the target was checked again and again.
    pub rounds: Option<usize>,
    /// What happened between the rounds.
    pub events: Vec<Event>,
    /// Names of the request fields that the user gave.
    pub given: Vec<String>,
    /// Validators that were seen, for a later check to compare itself with.
    pub validators: Vec<Remembered>,
    /// What changed since an earlier check, and a sentence about it; `None` without one.
    pub since: Option<(Change, String)>,
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
        let since = memory::since(&view);
        let mut findings = findings(&view);
        let mut notes = notes(&view, &findings);
        let healthy = findings.iter_mut().find(|finding| finding.is_healthy());
        let said = said_of_change(since.as_ref()).into_iter().chain(refusals(&view));
        healthy.map_or(&mut notes, |healthy| &mut healthy.evidence).extend(said);
        Self {
            target: masked_url(&evidence.target),
            source: evidence.source,
            certificate_verified: evidence.certificate_verified,
            exchanges: evidence.observations.len(),
            not_modified: View::tally(trials).honoured,
            conditional: trials.len(),
            servers: view.servers(),
            replicas: draws::replicas(&view),
            are_replicas_named: !evidence.lanes.is_empty()
                && evidence.lanes.iter().all(|lane| lane.is_backend),
            content_bytes: view.full.iter().find_map(|seen| Some(seen.digests()?.bytes)),
            at: evidence.at.clone(),
            began: evidence.at.clone(),
            rounds: None,
            events: Vec::new(),
            given: evidence.given.clone(),
            validators: memory::remember(&view),
            since,
            notes,
            findings,
            tags: tags(&view),
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

/// The sentence about a change of which no finding speaks.
fn said_of_change(since: Option<&(Change, String)>) -> Option<String> {
    let (change, line) = since?;
    matches!(change, Change::Unchanged | Change::Reached | Change::Unclear).then(|| line.clone())
}

fn notes(view: &View<'_>, findings: &[Finding]) -> Vec<String> {
    let mut notes = view.evidence.notes.clone();
    notes.extend(others(view));
    notes.extend(asked_past_caches(view));
    let inconclusive = findings.iter().any(Finding::is_inconclusive);
    if !inconclusive {
        let missing = match view.evidence.source {
            EvidenceSource::Live => conclusion::failing(view),
            _ => conclusion::too_little(view),
        };
        notes.extend(missing.iter().map(|what| format!("missing: {what}")));
    }
    notes
}

/// Remark about requests that ask past caches, as a client of a capture may.
fn asked_past_caches(view: &View<'_>) -> Option<String> {
    let is_past = |(seen, answer): &(&ObservedExchange, &ObservedResponse)| {
        seen.asked.asks_past_caches() && !is_stored(answer)
    };
    let past = view.answered().filter(is_past).count();
    (past > 0 && view.evidence.source != EvidenceSource::Live).then(|| {
        format!(
            "{} said no-cache: that is why no cache on the way answered them, and no more",
            of_all(past, view.answered().count(), "request")
        )
    })
}

/// Faults of other URLs of the same capture, by the names of the findings.
fn others(view: &View<'_>) -> Option<String> {
    const MOST: usize = 5;
    let evidence = view.evidence;
    // What all of them share is said of them together.
    let is_of_release = tag_shared_across_urls::is_of_release(view);
    let is_said = |finding: &Finding| is_of_release && finding.kind.name == "node-local-tag";
    let wrong = evidence.others.iter().filter_map(|other| {
        let names: BTreeSet<_> = findings(&View::of(other))
            .into_iter()
            .filter(|finding| finding.severity <= Severity::Warn && !is_said(finding))
            .map(|finding| finding.kind.name.as_str())
            .collect();
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        let url = shown(masked_url(&other.target).as_bytes());
        (!names.is_empty()).then(|| format!("{url}: {names}"))
    });
    let mut wrong: Vec<_> = wrong.collect();
    let more = wrong.len().saturating_sub(MOST);
    wrong.truncate(MOST);
    wrong.extend((more > 0).then(|| format!("{more} more")));
    let judged = text::counted(evidence.others.len() as u64, "other URL");
    (!wrong.is_empty()).then(|| format!("also judged: {judged}: {}", wrong.join("; ")))
}

fn tags(view: &View<'_>) -> Vec<TagSeen> {
    // A tag for each response would make a table that nobody reads.
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

/// Finding about one deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Entry of the catalogue.
    pub kind: &'static FindingKind,
    /// Harm that it does.
    pub severity: Severity,
    /// One of the kind's `cause_names`.
    pub cause: Option<&'static str>,
    /// One line. May hold text from outside.
    pub title: String,
    /// Observations, one sentence each. May hold text from outside.
    pub evidence: Vec<String>,
    /// Advice for the products that may have this fault, and for the cause; never empty.
    pub remedies: Vec<Remedy>,
    /// Confidence, `0.0..=1.0`: an estimate of whoever wrote the judge, but for that of `healthy`, which
    /// is a probability with a limit.
    pub confidence: f64,
}

impl Finding {
    fn new(kind: &'static FindingKind, judgement: Judgement, suspects: &Suspects) -> Self {
        let Judgement { severity, title, evidence, cause, confidence } = judgement;
        let remedies = kind.remedies(suspects, cause);
        Self { kind, severity, cause, title, evidence, remedies, confidence }
    }

    /// All advice in one line.
    pub fn fix(&self) -> String {
        joined(&self.remedies)
    }

    /// Reports whether it is the conclusion that nothing is wrong.
    pub fn is_healthy(&self) -> bool {
        *self.kind == *conclusion::HEALTHY
    }

    /// Reports whether it is the conclusion that the evidence does not suffice.
    pub fn is_inconclusive(&self) -> bool {
        *self.kind == *conclusion::INCONCLUSIVE
    }

    /// Reports whether it is one of the conclusions, which need no fix.
    pub fn is_conclusion(&self) -> bool {
        conclusion::is_one(self.kind)
    }
}

/// Findings that are wrong, worst first, then the conclusion, then those that are only worth
/// knowing. Never empty.
fn findings(view: &View<'_>) -> Vec<Finding> {
    let suspects = Suspects::of(view);
    let judged = FINDINGS.iter().filter_map(|kind| Some((kind, kind.exchanges?(view)?)));
    let mut findings: Vec<_> =
        judged.map(|(kind, judgement)| Finding::new(kind, judgement, &suspects)).collect();
    findings.sort_by_key(|finding| finding.severity);
    let wrong = findings.iter().take_while(|finding| finding.severity <= Severity::Warn).count();
    if wrong == 0 {
        let (kind, judgement) = conclusion::of(view);
        findings.insert(0, Finding::new(kind, judgement, &suspects));
    }
    findings
}
