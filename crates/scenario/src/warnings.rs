//! Traps that make a broken fleet look healthy, seen from the scenario alone.
//!
//! - `aliasing`: each client always meets the same replica.
//! - `pinning`: the policy keeps each client with one replica.
//! - `equal-counters`: counters that start equal agree, so that there is nothing to see.
//!
//! And content codings that clients accept to no effect.

use balancer::{Pins, PolicyEntry, Situation};
use findings::catalogue::{ALIASING, EQUAL_COUNTERS, PINNING};

use text::suggestion;

use crate::diagnostic::{Diagnostic, shown};
use crate::source::Place;
use crate::{Arm, Cadence, Event, EventKind, Replica, Scenario, Setup};

/// The strategy whose tags are its replica's history and nothing else.
const COUNTER: &str = "per-process-counter";

/// Content codings that are registered with IANA, those of the lab first.
const CODINGS: [&str; 14] = [
    "gzip",
    "br",
    "zstd",
    "deflate",
    "identity",
    "*",
    "compress",
    "x-gzip",
    "x-compress",
    "dcb",
    "dcz",
    "exi",
    "aes128gcm",
    "pack200-gzip",
];

// Arms that share a setting share the warning, since they are to change in one place.
pub(super) fn all(scenario: &Scenario) -> Vec<Diagnostic> {
    let checks = [aliasing, pinning, agreement, unknown_coding, no_coding];
    let mut warnings: Vec<Diagnostic> = Vec::new();
    for check in checks {
        for (index, arm) in scenario.arms.iter().enumerate() {
            if let Some(warning) = check(scenario, index, arm)
                && !warnings.contains(&warning)
            {
                warnings.push(warning);
            }
        }
    }
    warnings
}

fn aliasing(scenario: &Scenario, index: usize, arm: &Arm) -> Option<Diagnostic> {
    let setup = &arm.setup;
    let (clients, replicas) = (setup.clients.get(), setup.replicas.get());
    if setup.cadence != Cadence::Lockstep
        // Those that pin are warned of as such.
        || setup.policy.pins != Pins::Nothing
        || setup.policy.random
        || replicas == 1
        // A broken download is two requests, which puts the clients out of step.
        || setup.caching.interruption.is_some()
        || !clients.is_multiple_of(replicas)
        || !keeps_step(setup.policy, clients, replicas)
    {
        return None;
    }
    let place = place(scenario, index, [("load", "clients"), ("fleet", "replicas")]);
    Some(
        Diagnostic::warning(
            &ALIASING.code,
            format!("{clients} clients is a multiple of {replicas} replicas"),
        )
        .at(place, "in lock-step each client always meets the same replica")
        .effect(looks_healthy(scenario, setup))
        .help(format!("clients = {}, or cadence = \"shuffled\"", other(clients, replicas))),
    )
}

/// Reports whether each client meets the same replica in each round, one poll at a time.
fn keeps_step(policy: &PolicyEntry, clients: u32, replicas: u32) -> bool {
    const ROUNDS: usize = 4;
    // Asked of the policy itself, so that none has to declare how it goes round.
    let mut policy = (policy.make)(0);
    let (in_flight, available) = (vec![0; replicas as usize], vec![true; replicas as usize]);
    let situation =
        Situation { in_flight: &in_flight, available: &available, client: 0, connection: 0 };
    let mut round = || {
        let mut picks = Vec::new();
        policy.pick_each(&situation, 0..clients, &[0], &mut picks);
        picks
    };
    let first = round();
    (1..ROUNDS).all(|_| round() == first)
}

fn pinning(scenario: &Scenario, index: usize, arm: &Arm) -> Option<Diagnostic> {
    let setup = &arm.setup;
    if setup.replicas.get() == 1 || setup.policy.pins == Pins::Nothing {
        return None;
    }
    let place = place(scenario, index, [("balancer", "policy")]);
    Some(
        Diagnostic::warning(
            &PINNING.code,
            format!("`{}` keeps each client with one replica", setup.policy.name),
        )
        .at(place, "no client meets the tags of another replica")
        .effect(pinned(scenario, setup))
        .help("policy = \"round-robin\" or policy = \"random\""),
    )
}

fn agreement(scenario: &Scenario, index: usize, arm: &Arm) -> Option<Diagnostic> {
    let histories = &arm.setup.histories;
    let counts = matches!(&arm.replica, Replica::Strategy(strategy) if strategy.name == COUNTER);
    let equal = histories.len() > 1 && histories.windows(2).all(|pair| pair[0] == pair[1]);
    if !counts || !equal {
        return None;
    }
    let title = format!("every replica has seen {} changes", histories[0]);
    Some(
        Diagnostic::warning(&EQUAL_COUNTERS.code, title)
            .at(
                place(scenario, index, [("fleet", "histories")]),
                "equal histories: the counters agree",
            )
            .effect("there is nothing to see: real replicas start late, restart and miss updates")
            .help("histories that differ, such as [41, 18, 2], or leave `histories` out"),
    )
}

/// A coding that is not registered, and so is known to no server.
fn unknown_coding(scenario: &Scenario, index: usize, arm: &Arm) -> Option<Diagnostic> {
    let unknown = accepted(&arm.setup).find(|coding| !CODINGS.contains(coding))?;
    let title = format!("`{}` is no registered content coding", shown(unknown));
    let place = place(scenario, index, [("load", "accept-encoding")]);
    let note = Diagnostic::note(title).at(place, "servers ignore it");
    Some(note.help(suggestion(unknown, &CODINGS[..3])))
}

/// Codings that nothing of the lab applies, so that the flag changes no response.
fn no_coding(scenario: &Scenario, index: usize, arm: &Arm) -> Option<Diagnostic> {
    let compresses = |entry: &balancer::EdgeEntry| entry.edge.is_some_and(|edge| edge.codes());
    let edges = scenario.events.iter().filter_map(|event| event.edge);
    let is_ours = matches!(arm.replica, Replica::Strategy(_));
    if !is_ours
        || !scenario.resource.codings.is_empty()
        || edges.chain([arm.setup.edge]).any(compresses)
        || accepted(&arm.setup).all(|coding| matches!(coding, "identity" | "*"))
    {
        return None;
    }
    let place = place(scenario, index, [("load", "accept-encoding")]);
    let note = Diagnostic::note("nothing compresses here, so clients get the same responses");
    let note = note.at(place, "neither replicas nor the balancer offer a coding");
    Some(note.help("--edge gzip-weaken compresses on the way; see etag-lab list edges"))
}

/// Names of the codings that clients of an arm ask for.
fn accepted(setup: &Setup) -> impl Iterator<Item = &str> {
    let entries = setup.fields.accept_encoding.iter().flat_map(|entry| entry.split(','));
    let names = entries.map(|entry| entry.split(';').next().unwrap_or_default().trim());
    names.filter(|name| !name.is_empty())
}

// A flag that was just typed has made the trap, so it is pointed at before anything in the file; and
// an arm's own value before the shared one, which it hides.
fn place<const N: usize>(
    scenario: &Scenario,
    index: usize,
    keys: [(&str, &str); N],
) -> Option<Place> {
    let index = index.to_string();
    let layers = &scenario.layers;
    let exact = |(table, key): (&str, &str)| {
        layers.exact(&["arm", &index, key]).or_else(|| layers.exact(&[table, key]))
    };
    let written: Vec<Place> = keys.into_iter().filter_map(exact).collect();
    let typed = written.iter().find(|place| place.source().is_command_line());
    typed.or(written.first()).cloned().or_else(|| layers.place(&[keys[0].0, keys[0].1]))
}

fn pinned(scenario: &Scenario, setup: &Setup) -> String {
    let reconnects = scenario.events.iter().filter(|event| event.kind == EventKind::Reconnect);
    match (setup.policy.pins, reconnects.count()) {
        (Pins::Connection, 1..) => {
            "node-local tags look healthy between one reconnect and the next".to_owned()
        }
        _ => {
            format!("{}, until a reconnect, a restart or a deploy", looks_healthy(scenario, setup))
        }
    }
}

// With every client at one replica, only first polls and changes are answered 200, as long as no
// restart or reconnect adds to them.
fn looks_healthy(scenario: &Scenario, setup: &Setup) -> String {
    let polls = setup.full_rounds();
    let changes = scenario.changes.len() as u64;
    let effect = "node-local tags look healthy";
    let undisturbed = !scenario.events.iter().any(is_loss)
        && setup.caching == client::Caching::default()
        && !setup.obey_poll_interval;
    if polls <= 1 + changes || !undisturbed {
        return effect.to_owned();
    }
    let ratio = (polls - 1 - changes) as f64 / (polls - 1) as f64;
    format!("{effect} (predicted {:.1} %)", 100.0 * ratio)
}

/// True if a server or a connection is lost.
fn is_loss(event: &Event) -> bool {
    use EventKind::{Kill, Reconnect, Restart, SourceDown, SourceUp};
    matches!(event.kind, Kill | Restart | Reconnect | SourceDown | SourceUp)
}

/// A number of clients nearby that the replicas do not divide; a round one if there is one.
fn other(clients: u32, replicas: u32) -> u32 {
    let round = clients / 10 * 10;
    let round = if round == clients { round.saturating_sub(10) } else { round };
    if round > 0 && !round.is_multiple_of(replicas) { round } else { clients + 1 }
}

#[cfg(test)]
mod tests {
    use balancer::Policy;

    use super::*;

    /// Two requests to each replica before the next one.
    struct Pairs(usize);

    impl Policy for Pairs {
        fn pick(&mut self, situation: &Situation<'_>) -> usize {
            self.0 += 1;
            (self.0 - 1) / 2 % situation.available.len()
        }
    }

    #[test]
    fn clients_alias_where_the_policy_itself_comes_round() {
        let pairs = PolicyEntry {
            name: "pairs",
            summary: "",
            pins: Pins::Nothing,
            random: false,
            make: |_| Box::new(Pairs(0)),
        };
        assert_eq!(
            [3, 6, 9, 12].map(|clients| keeps_step(&pairs, clients, 3)),
            [false, true, false, true]
        );
        for name in ["round-robin", "least-requests"] {
            let policy = balancer::catalogue::find(name).expect("it is there");
            assert!(keeps_step(policy, 3, 3) && !keeps_step(policy, 4, 3), "{name}");
        }
    }

    #[test]
    fn the_proposed_number_of_clients_never_aliases() {
        assert_eq!(other(12, 3), 10);
        for replicas in 2..50 {
            for clients in (replicas..500).step_by(replicas as usize) {
                let other = other(clients, replicas);
                assert!(other > 0 && !other.is_multiple_of(replicas), "{clients} {replicas}");
            }
        }
    }
}
