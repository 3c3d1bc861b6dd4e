//! What a check said, held against the truth.

use std::fmt::Write as _;

use findings::evidence::{Evidence, ObservedExchange, hex};
use findings::{Check, Finding};
use measure::record::Severity;

use super::deployment::World;
use super::draw::{Drawn, draw};
use super::examined::examine;
use super::fault::FaultKind;
use super::truth::{self, Truth};

/// Promise that a check broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wrong {
    /// Replicas or processes are blamed, and do not differ.
    Blame,
    /// Another cause than the true one.
    Cause,
    /// `healthy`, and clients suffer.
    CleanBill,
    /// Nothing is said of a fault.
    Missed,
    /// Something else is said than what is wrong.
    Misnamed,
    /// Something is said to be wrong in a sound world.
    Alarm,
    /// A sound world is not called healthy.
    Undecided,
    /// More requests than promised.
    Requests,
}

/// A world, what was said of it, and what is wrong with that.
pub(crate) struct Told {
    pub(crate) drawn: Drawn,
    pub(crate) truth: Truth,
    pub(crate) check: Check,
    pub(crate) wrong: Vec<Wrong>,
    /// Requests of the check, each kind with its number.
    requests: Vec<(String, usize)>,
    evidence: Evidence,
}

/// Draws a world, checks it, and judges the check.
pub(crate) fn tell(seed: u64) -> Told {
    let drawn = draw(seed);
    let examined = examine(&drawn.world);
    let truth = truth::of(&drawn, &examined);
    let check = Check::of(&examined.evidence);
    let wrong = wrong(&drawn, &truth, &check, examined.evidence.lanes.len());
    let requests = requests(&examined.evidence);
    Told { drawn, truth, check, wrong, requests, evidence: examined.evidence }
}

fn requests(evidence: &Evidence) -> Vec<(String, usize)> {
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for ObservedExchange { connection, asked, .. } in &evidence.observations {
        let (method, accepted) = (asked.method.name(), asked.accept_encoding.as_deref());
        let tags = asked.none_match.len() + usize::from(asked.any);
        let has = [asked.modified_since.is_some(), asked.range.is_some(), !asked.fields.is_empty()];
        let [date, range, field] = has.map(u8::from);
        let kind = format!(
            "{connection:?} {method} {}, tags {tags}, date {date}, range {range}, field {field}",
            accepted.unwrap_or("-")
        );
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    kinds
}

fn wrong(drawn: &Drawn, truth: &Truth, check: &Check, lanes: usize) -> Vec<Wrong> {
    let findings = || check.findings.iter();
    let says_wrong = findings().any(is_wrong);
    let is_healthy = findings().any(Finding::is_healthy);
    let is_named = findings().any(|finding| {
        drawn.faults.iter().any(|fault| fault.named.contains(&finding.kind.name.as_str()))
            && (is_wrong(finding) || finding.is_inconclusive())
    });
    let tests = [
        (Wrong::Blame, !truth.replicas_differ && findings().any(blames)),
        (Wrong::Cause, findings().any(|finding| is_wrong_cause(drawn, finding))),
        (Wrong::CleanBill, is_healthy && truth.is_visible && truth.felt.is_harm()),
        (Wrong::Missed, truth.is_faulty && !is_named && !says_wrong),
        (Wrong::Misnamed, truth.is_faulty && !is_named && says_wrong),
        (Wrong::Alarm, truth.is_sound && says_wrong),
        (Wrong::Undecided, truth.is_sound && !says_wrong && !is_healthy),
        (Wrong::Requests, is_too_many(drawn, truth, check, lanes)),
    ];
    tests.into_iter().filter(|(_, is)| *is).map(|(wrong, _)| wrong).collect()
}

fn is_wrong(finding: &Finding) -> bool {
    matches!(finding.severity, Severity::Bad | Severity::Warn)
}

/// Reports whether a finding says that replicas, or processes, make a difference.
fn blames(finding: &Finding) -> bool {
    const NAMES: [&str; 3] =
        ["node-local-tag", "content-differs-per-replica", "last-modified-differs"];
    const WORDS: [&str; 6] = [
        "replicas differ",
        "replicas run",
        "some replicas",
        "each process",
        "every replica",
        "one replica",
    ];
    // These say that the moment makes the difference, whatever the name.
    const MOMENTS: [&str; 3] = [
        "every response has a tag of its own",
        "every compressed response has a tag of its own",
        "the tag changed while",
    ];
    if finding.is_conclusion() {
        return false;
    }
    let is_moment = MOMENTS.iter().any(|title| finding.title.starts_with(title))
        || finding.cause == Some("clock");
    let says = |word: &&str| {
        finding.title.contains(*word) || finding.evidence.iter().any(|line| line.contains(*word))
    };
    (NAMES.contains(&finding.kind.name.as_str()) && !is_moment) || WORDS.iter().any(says)
}

/// Reports whether a cause is given that the only fault does not have.
fn is_wrong_cause(drawn: &Drawn, finding: &Finding) -> bool {
    let [fault] = drawn.faults.as_slice() else { return false };
    finding.kind.name == "node-local-tag"
        && !fault.causes.is_empty()
        && finding.cause.is_some_and(|cause| !fault.causes.contains(&cause))
}

fn is_too_many(drawn: &Drawn, truth: &Truth, check: &Check, lanes: usize) -> bool {
    let is_node_local = check.findings.iter().all(|finding| finding.kind.name == "node-local-tag");
    let is_plain = lanes == 1 && drawn.world.changes.len() == 1 && drawn.world.cache.is_none();
    let most = match drawn.faults.as_slice() {
        [] if is_plain => 44,
        [_] if is_plain && is_node_local => {
            match (truth.replicas_differ, drawn.world.restart) {
                (true, None) => 40,
                // A tag that only followed another, in a restart or with time, is looked for again.
                _ => 64,
            }
        }
        _ => 80,
    };
    check.exchanges > most
}

impl Told {
    /// Names of the faults.
    pub(crate) fn kind(&self) -> String {
        let names: Vec<_> = self.drawn.faults.iter().map(|fault| fault.name).collect();
        if names.is_empty() { "sound".to_owned() } else { names.join(" + ") }
    }

    /// Reports whether a fault was not named.
    pub(crate) fn is_unnamed(&self) -> bool {
        self.wrong.iter().any(|it| matches!(it, Wrong::Missed | Wrong::Misnamed))
    }

    /// What was said, in a line.
    pub(crate) fn said(&self) -> String {
        let one = |finding: &Finding| {
            let cause = finding.cause.map(|cause| format!("({cause})")).unwrap_or_default();
            format!("{}{cause} {:?} \"{}\"", finding.kind.name, finding.severity, finding.title)
        };
        self.check.findings.iter().map(one).collect::<Vec<_>>().join("; ")
    }

    /// What names the faults, in a line.
    pub(crate) fn right(&self) -> String {
        let one = |fault: &&FaultKind| {
            let causes = match fault.causes {
                [] => String::new(),
                causes => format!(" (cause {})", causes.join(" or ")),
            };
            format!("{}{causes}", fault.named.join(" or "))
        };
        let named: Vec<_> = self.drawn.faults.iter().map(one).collect();
        let differ = self.truth.replicas_differ;
        format!("{}; replicas differ: {differ}; {:?}", named.join(" + "), self.truth.felt)
    }

    /// Every exchange in a line.
    pub(crate) fn sequence(&self) -> String {
        self.evidence.observations.iter().enumerate().map(exchange).collect()
    }

    /// The world, what is true of it and what was said, in words.
    pub(crate) fn in_words(&self) -> String {
        let world = &self.drawn.world;
        let World { seed, policy, changes, restart, cache, .. } = world;
        let (kind, wrong, count) = (self.kind(), &self.wrong, world.sites.len());
        let changes: Vec<_> = changes.iter().map(|it| (it.at, it.stagger)).collect();
        let mut text = format!(
            "WORLD_SEED={seed}: {kind} {wrong:?}\n  {count} replicas, {policy:?}, changes \
             {changes:?}, restart {restart:?}, cache {cache:?}\n"
        );
        for (at, site) in world.sites.iter().enumerate() {
            if at == 0 || *site != world.sites[0] {
                let _ = writeln!(text, "  replica {at}: {site:?}");
            }
        }
        let _ = writeln!(text, "  {:?}", self.truth);
        for finding in &self.check.findings {
            let Finding { kind, severity, cause, title, evidence, .. } = finding;
            let name = &kind.name;
            let _ = writeln!(text, "  said: {name} {severity:?} {cause:?} {title}");
            let _ = writeln!(text, "    {}", evidence.join("\n    "));
        }
        let _ = writeln!(text, "  requests: {}", self.check.exchanges);
        for (kind, count) in &self.requests {
            let _ = writeln!(text, "    {count} × {kind}");
        }
        text
    }
}

fn exchange((place, seen): (usize, &ObservedExchange)) -> String {
    let ObservedExchange { at, lane, asked, outcome, .. } = seen;
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let mut line = format!("  {place:2} {:5} @{lane} {}", at.as_millis(), asked.method.name());
    let sent = [
        asked.accept_encoding.clone(),
        Some(asked.none_match.iter().map(|tag| text(tag)).collect::<Vec<_>>().join(", ")),
        asked.any.then(|| "*".to_owned()),
        asked.modified_since.as_deref().map(text),
        asked.if_range.as_deref().map(text),
        (!asked.fields.is_empty()).then(|| format!("{:?}", asked.fields)),
    ];
    for one in sent.into_iter().flatten() {
        let _ = write!(line, " {one}");
    }
    match outcome {
        Ok(answer) => {
            let kept = ["etag", "last-modified", "age", "x-cache", "content-encoding"];
            let fields = kept
                .iter()
                .filter_map(|name| Some(format!("{name}: {}", answer.fields.text(name)?)));
            let content = answer.content.decoded.map(|it| hex(&it.sha256[..3]));
            let fields: Vec<_> = fields.chain(content).collect();
            format!("{line} -> {} {}\n", answer.status, fields.join("; "))
        }
        Err(failure) => format!("{line} -> {failure}\n"),
    }
}
