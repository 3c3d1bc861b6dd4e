//! What breaking and fixing mean in a scenario, its script step by step, and what the model expects.

use std::num::NonZeroU32;
use std::time::SystemTime;

use model::Editions;
use scenario::{Arm, Event, EventKind, Replica, Scenario};

use super::played::Played;
use super::session::Session;

/// Strategies for a scenario whose arms show no difference that can be switched.
const WORSE: &str = "per-process-counter";
const BETTER: &str = "content-hash";
/// Strategies that the key goes through, beside those of the arms.
const CLASSICS: [&str; 4] = [BETTER, WORSE, "mtime-size", "start-time"];
/// Polls of each client that a prediction is about: enough that the first one hardly counts.
const POLLS: u64 = 60;

/// A step of the scenario's script.
pub(super) struct ScriptStep {
    pub(super) label: String,
    pub(super) played: Vec<Played>,
}

/// The arms that show the fault and its repair.
pub(super) struct Plan {
    pub(super) worse: Arm,
    pub(super) better: Arm,
    /// True where neither differs in what can be switched.
    pub(super) is_empty: bool,
}

impl Plan {
    /// By what the model expects of each arm; the first arm and the last where it does not say.
    pub(super) fn of(scenario: &Scenario, first: &Arm) -> Self {
        let mut arms: Vec<_> = scenario.arms.iter().collect();
        let rates: Vec<_> = arms.iter().map(|arm| prediction(scenario, arm)).collect();
        if rates.iter().all(Option::is_some) {
            let mut ranked: Vec<_> = arms.into_iter().zip(rates).collect();
            ranked.sort_by(|(_, one), (_, other)| one.partial_cmp(other).expect("no rate is NaN"));
            arms = ranked.into_iter().map(|(arm, _)| arm).collect();
        }
        let (mut worse, mut better) = (arms[0].clone(), arms[arms.len() - 1].clone());
        let mut is_empty = events_between(&worse, &better, false).is_empty();
        if is_empty && let Replica::Strategy(_) = first.replica {
            (worse, better) = (with_strategy(first, WORSE), with_strategy(first, BETTER));
            is_empty = false;
        }
        Self { worse, better, is_empty }
    }
}

fn with_strategy(arm: &Arm, name: &str) -> Arm {
    let strategy = strategies::find(name).expect("it is in the catalogue");
    Arm { replica: Replica::Strategy(strategy), ..arm.clone() }
}

/// What the model expects of an arm in the long run, without events and changes.
pub(super) fn prediction(scenario: &Scenario, arm: &Arm) -> Option<f64> {
    let mut calm = scenario.clone();
    calm.changes.clear();
    let mut arm = arm.clone();
    arm.setup.events.clear();
    let polls = POLLS * u64::from(arm.setup.clients.get());
    arm.setup.polls = polls.try_into().ok()?;
    let editions = Editions::of(&calm);
    let predicted = model::prediction::of(&calm, &arm, &editions, SystemTime::now());
    predicted.map(|prediction| prediction.ratio)
}

/// The events that make one arm of another, as far as a running fleet can become it; `renew` sets the
/// strategy also where it is the same, because single replicas may have another one.
pub(super) fn events_between(from: &Arm, to: &Arm, renew: bool) -> Vec<Event> {
    let event = |kind| Event::new(0, kind);
    let (now, then) = (&from.setup, &to.setup);
    let is_plane = matches!(from.replica, Replica::ControlPlane(_));
    let count = Some(then.replicas);
    let scale = (now.replicas != then.replicas && !is_plane)
        .then(|| Event { count, ..event(EventKind::Scale) });
    let strategy = match (&from.replica, &to.replica) {
        (Replica::Strategy(one), Replica::Strategy(other)) if renew || one != other => {
            Some(Event { strategy: Some(*other), ..event(EventKind::Strategy) })
        }
        _ => None,
    };
    let policy = (now.policy != then.policy)
        .then(|| Event { policy: Some(then.policy), ..event(EventKind::Policy) });
    let edge =
        (now.edge != then.edge).then(|| Event { edge: Some(then.edge), ..event(EventKind::Edge) });
    [scale, strategy, policy, edge].into_iter().flatten().collect()
}

/// The events that undo everything: nothing is down, and all is as it was at first.
pub(super) fn events_of_reset(session: &Session) -> Vec<Event> {
    let restart = |number: &u32| Event {
        replica: NonZeroU32::new(*number),
        ..Event::new(0, EventKind::Restart)
    };
    let source = session.source_down.then(|| Event::new(0, EventKind::SourceUp));
    let back = session.down.iter().map(restart).chain(source);
    let setup = events_between(&session.arm, &session.first, !session.exceptions.is_empty());
    let clients = session.first.setup.clients;
    let clients = (session.arm.setup.clients != clients)
        .then(|| Event { count: Some(clients), ..Event::new(0, EventKind::Clients) });
    back.chain(setup).chain(clients).collect()
}

/// The script: each arm in turn, with the events and changes of the scenario.
pub(super) fn script(scenario: &Scenario) -> Vec<ScriptStep> {
    let of_arm = |(index, arm): (usize, &Arm)| {
        let before = &scenario.arms[index.checked_sub(1).unwrap_or(scenario.arms.len() - 1)];
        let events = events_between(before, arm, true).into_iter().map(Played::Event).collect();
        let first = ScriptStep { label: format!("as the arm {}", arm.name), played: events };
        let events = arm.setup.events.iter().map(|it| (it.at_poll, Played::Event(it.clone())));
        let changes = scenario.changes.iter().map(|it| (it.at_poll, Played::Change(it.kind)));
        let mut story: Vec<_> = events.chain(changes).collect();
        story.sort_by_key(|(at_poll, _)| *at_poll);
        let step = |(_, played): (u32, Played)| ScriptStep {
            label: played.in_words(),
            played: vec![played],
        };
        [first].into_iter().chain(story.into_iter().map(step)).collect::<Vec<_>>()
    };
    scenario.arms.iter().enumerate().flat_map(of_arm).collect()
}

/// Strategies that the key goes through: those of the arms, and the classics.
pub(super) fn short_list(scenario: &Scenario) -> Vec<&'static str> {
    let of_arms = scenario.arms.iter().filter_map(|arm| match &arm.replica {
        Replica::Strategy(strategy) => Some(strategy.name),
        Replica::Command(_) | Replica::ControlPlane(_) => None,
    });
    let mut names: Vec<&'static str> = Vec::new();
    for name in of_arms.chain(CLASSICS) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use scenario::Flags;

    use super::*;

    fn check(name: &str, worse: &[&str], better: &[&str]) {
        let scenario = Scenario::load(Some(name), &Flags::default()).expect(name);
        let first = scenario.arms.last().expect("an arm");
        let plan = Plan::of(&scenario, first);
        let events = |from: &Arm, to: &Arm| -> Vec<String> {
            let events = events_between(from, to, false);
            events.into_iter().map(|it| Played::Event(it).in_words()).collect()
        };
        assert_eq!(events(&plan.better, &plan.worse), worse, "{name}");
        assert_eq!(events(&plan.worse, &plan.better), better, "{name}");
    }

    #[test]
    fn breaking_and_fixing_are_what_the_arms_differ_in() {
        check("all-200s", &["strategy per-process-counter"], &["strategy content-hash"]);
        check("gzip-suffix", &["edge gzip-suffix"], &["edge gzip-suffix-understood"]);
        check("tiny-content", &["strategy none"], &["strategy content-hash"]);
    }

    #[test]
    fn a_script_goes_through_the_arms_with_their_events() {
        let scenario =
            Scenario::load(Some("rolling-restart"), &Flags::default()).expect("built in");
        let labels: Vec<_> = script(&scenario).into_iter().map(|step| step.label).collect();
        let restarts = ["restart replica 1", "restart replica 2", "restart replica 3"];
        let of =
            |arm: &str| [vec![format!("as the arm {arm}")], restarts.map(String::from).to_vec()];
        assert_eq!(labels, [of("before"), of("after")].concat().concat());
    }
}
