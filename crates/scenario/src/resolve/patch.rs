//! What flags do to the arms, which no key of a file could say.
//!
//! - `--before` and `--after` set the strategy of the arm of that name.
//! - `--replica-command` takes the place of every strategy that is not given by a flag; arms that
//!   then no longer differ from an earlier one are dropped.
//! - A flag wins over an arm's own value, unless arms differ in that key on purpose.

use crate::diagnostic::{Diagnostic, Result};
use crate::file::ArmFile;
use crate::layer::Layers;
use crate::load::Merged;
use crate::overrides::{FLAGGED, Overrides, no_such_arm};

/// A key that arms may override: where all share it, and how to read and clear it in an arm.
struct Shared {
    paths: &'static [[&'static str; 2]],
    key: &'static str,
    differs: fn(&ArmFile, &ArmFile) -> bool,
    is_own: fn(&ArmFile) -> bool,
    clear: fn(&mut ArmFile),
}

macro_rules! shared {
    ($field:ident, $key:literal, $($path:expr),+) => {
        Shared {
            paths: &[$($path),+],
            key: $key,
            differs: |a, b| a.$field != b.$field,
            is_own: |arm| arm.$field.is_some(),
            clear: |arm| arm.$field = None,
        }
    };
}

const SHARED: [Shared; 21] = [
    shared!(replicas, "replicas", ["fleet", "replicas"]),
    shared!(histories, "histories", ["fleet", "histories"]),
    shared!(deploy_drift, "deploy-drift", ["fleet", "deploy-drift"]),
    shared!(database, "database", ["fleet", "database"]),
    shared!(store_ttl, "store-ttl", ["fleet", "store-ttl"]),
    shared!(store_protocol, "store-protocol", ["fleet", "store-protocol"]),
    shared!(invalidate, "invalidate", ["fleet", "invalidate"]),
    shared!(poll_interval, "poll-interval", ["fleet", "poll-interval"]),
    shared!(policy, "policy", ["balancer", "policy"]),
    shared!(edge, "edge", ["balancer", "edge"]),
    shared!(accept_encoding, "accept-encoding", ["load", "accept-encoding"]),
    shared!(clients, "clients", ["load", "clients"]),
    shared!(polls, "polls", ["load", "polls"], ["load", "total-polls"]),
    shared!(cadence, "cadence", ["load", "cadence"]),
    shared!(connections, "connections", ["load", "connections"]),
    shared!(validate, "validate", ["load", "validate"]),
    shared!(honour_freshness, "honour-freshness", ["load", "honour-freshness"]),
    shared!(interrupt_at, "interrupt-at", ["load", "interrupt-at"]),
    shared!(if_range, "if-range", ["load", "if-range"]),
    shared!(on_error, "on-error", ["load", "on-error"]),
    shared!(obey_poll_interval, "obey-poll-interval", ["load", "obey-poll-interval"]),
];

/// A key of `control-plane` in an arm.
macro_rules! of_control_plane {
    ($field:ident, $key:literal) => {
        Shared {
            paths: &[["control-plane", $key]],
            key: concat!("control-plane.", $key),
            differs: |a, b| {
                let value = |arm: &ArmFile| arm.control_plane.clone().and_then(|own| own.$field);
                value(a) != value(b)
            },
            is_own: |arm| arm.control_plane.as_ref().is_some_and(|own| own.$field.is_some()),
            clear: |arm| {
                if let Some(own) = &mut arm.control_plane {
                    own.$field = None;
                }
            },
        }
    };
}

const OF_CONTROL_PLANE: [Shared; 9] = [
    of_control_plane!(proxies, "proxies"),
    of_control_plane!(mode, "mode"),
    of_control_plane!(source, "source"),
    of_control_plane!(source_interval, "source-interval"),
    of_control_plane!(time_factor, "time-factor"),
    of_control_plane!(granularity, "granularity"),
    of_control_plane!(routes, "routes"),
    of_control_plane!(zones, "zones"),
    of_control_plane!(only_zone, "only-zone"),
];

pub(super) fn apply(merged: &mut Merged, overrides: &Overrides) -> Result<()> {
    let Merged { file, layers, .. } = merged;
    let Some(arms) = &mut file.arm else { return Ok(()) };
    for (arm, strategy) in [("before", &overrides.before), ("after", &overrides.after)] {
        if let Some(strategy) = strategy {
            name_strategy(arms, layers, arm, strategy)?;
        }
    }
    // Lists given on the command line mean what they say.
    if layers.is_from_command_line(&["arm"]) {
        return Ok(());
    }
    if overrides.replica_command.is_some() {
        use_command(arms, layers, overrides);
    }
    let shared = SHARED.iter().chain(&OF_CONTROL_PLANE);
    shared.into_iter().try_for_each(|shared| let_flag_win(arms, layers, shared))
}

fn name_strategy(
    arms: &mut [ArmFile],
    layers: &mut Layers,
    name: &'static str,
    strategy: &str,
) -> Result<()> {
    let flag = [FLAGGED, name];
    let Some(index) = arms.iter().position(|arm| arm.name.as_deref() == Some(name)) else {
        let names: Vec<_> = arms.iter().filter_map(|arm| arm.name.as_deref()).collect();
        return Err(no_such_arm(name, layers.exact(&flag), &names));
    };
    arms[index].strategy = Some(strategy.to_owned());
    arms[index].command = None;
    let entry = layers.provider(&flag).map(|(_, _, entry)| entry.clone());
    if let (Some(layer), Some(entry)) = (layers.top_mut(), entry) {
        let path = ["arm", &index.to_string(), "strategy"].map(str::to_owned);
        layer.entries.insert(path.to_vec(), entry);
    }
    Ok(())
}

fn use_command(arms: &mut Vec<ArmFile>, layers: &mut Layers, overrides: &Overrides) {
    let by_flag = |arm: &ArmFile| match arm.name.as_deref() {
        Some("before") => overrides.before.is_some(),
        Some("after") => overrides.after.is_some(),
        _ => false,
    };
    for arm in arms.iter_mut().filter(|arm| !by_flag(arm)) {
        (arm.strategy, arm.command) = (None, None);
    }
    let nameless = |arm: &ArmFile| ArmFile { name: None, ..arm.clone() };
    let is_repeated = |index: usize| {
        arms[..index].iter().any(|earlier| nameless(earlier) == nameless(&arms[index]))
    };
    let kept: Vec<usize> = (0..arms.len())
        .filter(|&index| arms[index].strategy.is_some() || !is_repeated(index))
        .collect();
    layers.keep_arms(&kept);
    *arms = kept.into_iter().map(|index| arms[index].clone()).collect();
}

fn let_flag_win(arms: &mut [ArmFile], layers: &Layers, shared: &Shared) -> Result<()> {
    let flag = shared.paths.iter().find(|path| layers.is_from_command_line(*path));
    let (Some(flag), Some(first)) = (flag, arms.iter().position(shared.is_own)) else {
        return Ok(());
    };
    if arms.iter().any(|arm| (shared.differs)(arm, &arms[first])) {
        let index = first.to_string();
        let path: Vec<_> = ["arm", &index].into_iter().chain(shared.key.split('.')).collect();
        let key = shared.key;
        return Err(Box::new(
            Diagnostic::error(format!("the arms of this scenario differ in `{key}` on purpose"))
                .at(layers.exact(flag), "this would make them alike")
                .related(layers.exact(&path), "one arm's own value")
                .help(format!("leave the flag out, or change `{key}` in a copy of the scenario")),
        ));
    }
    arms.iter_mut().for_each(shared.clear);
    Ok(())
}
