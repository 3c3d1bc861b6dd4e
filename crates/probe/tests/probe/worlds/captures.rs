//! Captures of one client that polls a simulated deployment: clients that send back what they got, and
//! clients at fault.

use std::fmt::Write as _;
use std::time::Duration;

use findings::evidence::{
    Connection, Evidence, EvidenceSource, FieldLines, Lane, ObservedExchange, ObservedRequest,
};
use findings::{Check, Finding};
use measure::record::Severity;
use semantics::HttpDate;

use super::deployment::{Caller, Change, Deployment, World};
use super::draw::draw;
use super::examined::observed;
use super::tag::EPOCH;

/// Polls of a capture.
const POLLS: u64 = 24;
/// Milliseconds between two polls.
const PAUSE: u64 = 10_000;
/// Milliseconds at which a content changes where that matters.
const CHANGE: u64 = 45_000;

/// Date of a client's own, which lies before all that a world dates.
const CONSTANT: &[u8] = b"Mon, 12 Jan 2026 08:00:00 GMT";

/// What a client does with what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Habit {
    /// Sends the tag back, or the date where there is none.
    Right,
    /// The same, both together.
    Browser,
    Never,
    /// Sends the time of its last poll as a date.
    Clock,
    /// Sends one date of its own.
    Constant,
    /// Leaves out the quotes.
    Bare,
    /// Goes on with the first tag.
    Outdated,
}

impl Habit {
    const ALL: [Self; 8] = [
        Self::Right,
        Self::Browser,
        Self::Never,
        Self::Clock,
        Self::Constant,
        Self::Bare,
        Self::Outdated,
        Self::Right,
    ];

    fn cause(self) -> Option<&'static str> {
        match self {
            Self::Right | Self::Browser => None,
            Self::Never => Some("never-conditional"),
            Self::Clock | Self::Constant => Some("invented-date"),
            Self::Bare => Some("mangled"),
            Self::Outdated => Some("outdated"),
        }
    }
}

/// Validators that a client keeps.
#[derive(Default)]
struct Held {
    tag: Option<Vec<u8>>,
    date: Option<Vec<u8>>,
}

fn dated(milliseconds: u64) -> Option<Vec<u8>> {
    let date = HttpDate::from_unix_seconds(EPOCH + milliseconds / 1_000).ok()?;
    Some(date.to_string().into_bytes())
}

fn request(habit: Habit, held: Option<&Held>, at: u64) -> ObservedRequest {
    let fields = [("host", "world"), ("user-agent", "app/1")];
    let mut asked = ObservedRequest {
        accept_encoding: Some("gzip, br".to_owned()),
        fields: fields.into_iter().collect::<FieldLines>(),
        ..ObservedRequest::default()
    };
    let Some(held) = held else { return asked };
    let tag = held.tag.clone();
    match habit {
        Habit::Never => {}
        Habit::Right | Habit::Outdated if tag.is_none() => {
            asked.modified_since.clone_from(&held.date);
        }
        Habit::Right | Habit::Outdated => asked.none_match.extend(tag),
        Habit::Browser => {
            asked.none_match.extend(tag);
            asked.modified_since.clone_from(&held.date);
        }
        Habit::Clock => asked.modified_since = dated(at - PAUSE),
        Habit::Constant => asked.modified_since = Some(CONSTANT.to_vec()),
        Habit::Bare => asked.none_match.extend(tag.map(|tag| {
            let strong = tag.strip_prefix(b"W/").unwrap_or(&tag).to_vec();
            strong.into_iter().filter(|byte| *byte != b'"').collect()
        })),
    }
    asked
}

/// What one client is answered.
fn captured(world: &World, habit: Habit) -> Evidence {
    let mut deployment = Deployment::of(world);
    let lanes = vec![Lane { name: "world".to_owned(), is_backend: false }];
    let mut evidence = Evidence {
        target: "http://world/".to_owned(),
        source: EvidenceSource::Wire,
        lanes,
        ..Evidence::default()
    };
    let mut held: Option<Held> = None;
    for poll in 0..POLLS {
        let at = poll * PAUSE;
        let asked = request(habit, held.as_ref(), at);
        let client = Caller { address: 5, lane: None, connection: None, has_cookie: false };
        let outcome = deployment.ask(
            at,
            client,
            &ObservedRequest { fields: FieldLines::default(), ..asked.clone() },
        );
        let outcome = outcome.outcome.map(|response| {
            let is_kept = habit == Habit::Outdated && held.is_some();
            if response.status == 200 && !is_kept {
                let value = |name: &str| response.fields.get(name).map(<[u8]>::to_vec);
                held = Some(Held { tag: value("etag"), date: value("last-modified") });
            }
            observed(&mut evidence, &asked, response)
        });
        evidence.observations.push(ObservedExchange {
            at: Duration::from_millis(at),
            lane: 0,
            connection: Connection::Fresh,
            asked,
            outcome,
        });
    }
    evidence
}

fn is_wrong(finding: &Finding) -> bool {
    matches!(finding.severity, Severity::Bad | Severity::Warn)
}

/// What is wrong with what was said of a capture.
fn wrong(seed: u64) -> Option<String> {
    let drawn = draw(seed);
    let habit = Habit::ALL[(seed % 8) as usize];
    let is_sound = drawn.faults.is_empty() || !seed.is_multiple_of(3);
    let mut world = if is_sound { drawn.sound } else { drawn.world };
    if habit == Habit::Outdated {
        world.changes.push(Change { at: CHANGE, stagger: 0 });
        world.changes.sort_by_key(|change| change.at);
    }
    let evidence = captured(&world, habit);
    let check = Check::of(&evidence);
    let found = |name: &str| check.findings.iter().find(|one| one.kind.name == name);
    let blamed = found("client-at-fault");
    let others = check.findings.iter().filter(|one| one.kind.name != "client-at-fault");
    let server: Vec<_> = others.filter(|one| is_wrong(one)).collect();
    let answers = || evidence.observations.iter().filter_map(|seen| seen.outcome.as_ref().ok());
    let is_tagged = answers().any(|one| one.tag().is_some());
    let is_dated = answers().any(|one| one.last_modified().is_some());
    // What a client was not given it cannot do wrong.
    let can = match habit {
        Habit::Bare | Habit::Outdated => is_tagged,
        Habit::Never | Habit::Clock | Habit::Constant => is_tagged || is_dated,
        Habit::Right | Habit::Browser => true,
    };
    let what = match habit.cause() {
        None if blamed.is_some() => "a right client is blamed",
        _ if is_sound && !server.is_empty() => "a sound server is blamed",
        Some(cause) if is_sound && can && blamed.and_then(|it| it.cause) != Some(cause) => {
            "the client is not named"
        }
        _ => return None,
    };
    let mut text = format!("seed {seed}: {habit:?}: {what}\n  {:?}\n", world.sites[0]);
    for finding in &check.findings {
        let _ =
            writeln!(text, "  said: {} {:?} {}", finding.kind.name, finding.cause, finding.title);
    }
    for seen in &evidence.observations {
        let asked = &seen.asked;
        let show = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let sent = asked.none_match.first().or(asked.modified_since.as_ref()).map(|it| show(it));
        let answer = seen.outcome.as_ref().map(|it| {
            (
                it.status,
                it.tag().map(show),
                it.last_modified().map(show),
                it.content.decoded.map(|it| it.bytes),
            )
        });
        let _ = writeln!(text, "    {sent:?} -> {answer:?}");
    }
    Some(text)
}

#[test]
fn clients_are_blamed_for_what_they_do_and_for_nothing_else() {
    let worlds = super::number("WORLDS").unwrap_or(super::USUAL);
    let wrong: Vec<_> = (0..worlds).filter_map(wrong).collect();
    let shown: Vec<_> = wrong.iter().take(12).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} of {worlds}\n{}", wrong.len(), shown.join("\n"));
}
