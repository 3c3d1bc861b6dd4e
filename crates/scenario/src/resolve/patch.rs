//! Effects of flags on the arms, which no key of a file could have.
//!
//! - `--before` and `--after` set the strategy of the arm of that name.
//! - `--replica-command` takes the place of every strategy that is not given by a flag; arms that
//!   then no longer differ from an earlier one are dropped.
//! - `--real` puts real servers in the place of what is embedded, wherever there is a place for one.
//! - A flag wins over an arm's own value, unless arms differ in that key on purpose.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Result, shown};
use crate::flags::{Flags, SPECIAL};
use crate::keys::{self, Key, Table};
use crate::layer::{KeyPath, Layers, Value, path, path_in_arm, rival_of, shared_path};

const FLAGGED: [&str; 2] = ["before", "after"];

pub(super) fn apply(layers: &mut Layers, flags: &Flags) -> Result<()> {
    let arms = layers.length("arm");
    if arms == 0 {
        return Ok(());
    }
    for arm in FLAGGED {
        if let Some(strategy) = flags.value(arm) {
            name_strategy(layers, arm, strategy)?;
        }
    }
    // Lists given on the command line mean what they say.
    if layers.is_from_command_line(&["arm"]) {
        return Ok(());
    }
    if flags.value("replica-command").is_some() {
        use_command(layers, flags);
    }
    keys::in_arm().try_for_each(|(table, key)| let_flag_win(layers, table, key))
}

fn names(layers: &Layers) -> Vec<Option<String>> {
    let name = |index: usize| match layers.provider(&["arm", &index.to_string(), "name"]) {
        Some((_, _, crate::layer::Entry { value: Value::Text(name), .. })) => Some(name.clone()),
        _ => None,
    };
    (0..layers.length("arm")).map(name).collect()
}

fn name_strategy(layers: &mut Layers, name: &str, strategy: &str) -> Result<()> {
    let flag = path([SPECIAL, name]);
    let names = names(layers);
    let Some(index) = names.iter().position(|arm| arm.as_deref() == Some(name)) else {
        let names = names.iter().flatten().map(|name| format!("`{}`", shown(name)));
        let names = names.collect::<Vec<_>>().join(", ");
        let label = format!("`--{name}` sets the strategy of the arm `{name}`");
        let error = Diagnostic::error(format!("this scenario has no arm `{name}`"));
        let help = format!("the arms here: {names}; change one in a copy of the scenario");
        return Err(Box::new(error.at(layers.exact(&flag), label).help(help)));
    };
    let of_arm = |key: &str| path(["arm", &index.to_string(), key]);
    // A strategy that is asked for takes the place of the arm's program, which would exclude it.
    layers.remove(&of_arm("command"));
    layers.put(of_arm("strategy"), Value::Text(strategy.to_owned()), &flag);
    Ok(())
}

fn use_command(layers: &mut Layers, flags: &Flags) {
    let by_flag: Vec<bool> = names(layers)
        .iter()
        .map(|name| {
            let name = name.as_deref().filter(|name| FLAGGED.contains(name));
            name.is_some_and(|name| flags.value(name).is_some())
        })
        .collect();
    for index in (0..by_flag.len()).filter(|&index| !by_flag[index]) {
        for key in ["strategy", "command"] {
            layers.remove(&path(["arm", &index.to_string(), key]));
        }
    }
    let arms: Vec<_> = (0..by_flag.len()).map(|index| nameless(layers, index)).collect();
    // Arms that differed in their strategy alone would run the same program twice.
    let is_kept = |&index: &usize| by_flag[index] || !arms[..index].contains(&arms[index]);
    let kept: Vec<usize> = (0..by_flag.len()).filter(is_kept).collect();
    drop(arms);
    layers.keep_arms(&kept);
}

fn nameless(layers: &Layers, index: usize) -> BTreeMap<KeyPath, Value> {
    let prefix = path(["arm", &index.to_string()]);
    let of_arm = layers.effective(&[]).into_iter().filter(|(path, _)| path.starts_with(&prefix));
    let inner = of_arm.map(|(path, value)| (path[2..].to_vec(), value.clone()));
    inner.filter(|(path, _)| *path != ["name"]).collect()
}

fn let_flag_win(layers: &mut Layers, table: &Table, key: &Key) -> Result<()> {
    let rival = rival_of(table, key).map(|rival| shared_path(table, rival));
    let mut flags = std::iter::once(shared_path(table, key)).chain(rival);
    let Some(flag) = flags.find(|path| layers.is_from_command_line(path)) else { return Ok(()) };
    let paths: Vec<_> = (0..layers.length("arm")).map(|arm| path_in_arm(table, key, arm)).collect();
    let own = |path: &KeyPath| layers.provider(path).map(|(_, _, entry)| &entry.value);
    let Some(first) = paths.iter().find(|path| own(path).is_some()) else { return Ok(()) };
    // Arms that agree in a key merely repeat it. Where they differ, it is what the scenario
    // compares.
    if paths.iter().any(|path| own(path) != own(first)) {
        let name = first[2..].join(".");
        return Err(Box::new(
            Diagnostic::error(format!("the arms of this scenario differ in `{name}` on purpose"))
                .at(layers.exact(&flag), "this would make them alike")
                .related(layers.exact(first), "one arm's own value")
                .help(format!("leave the flag out, or change `{name}` in a copy of the scenario")),
        ));
    }
    for path in &paths {
        layers.remove(path);
    }
    Ok(())
}

/// Places for a real server, the key that names it, and the name of the run's own.
const COUNTERPARTS: [(&[&str], [&str; 2], &str); 2] = [
    (&["fleet", "store"], ["fleet", "store"], "redis"),
    (&["control-plane"], ["control-plane", "source"], "etcd"),
];

/// Puts real servers into the scenario if the flag asks for them. A URL on the command line names
/// one that is real already.
pub(super) fn apply_real(layers: &mut Layers) -> Result<()> {
    let flag: KeyPath = path([SPECIAL, "real"]);
    if layers.exact(&flag).is_none() {
        return Ok(());
    }
    let found: Vec<_> =
        COUNTERPARTS.into_iter().filter(|(place, ..)| layers.mentions(place)).collect();
    for &(_, key, value) in &found {
        // A URL that was typed names a server that is real already.
        if !layers.is_from_command_line(&key) {
            layers.put(path(key), Value::Text(value.to_owned()), &flag);
        }
    }
    if !found.is_empty() {
        return Ok(());
    }
    Err(Box::new(nothing_real(layers, &flag)))
}

fn nothing_real(layers: &Layers, flag: &KeyPath) -> Diagnostic {
    Diagnostic::error("this scenario has nothing to run against a real server")
        .at(layers.exact(flag), "its replicas share no store, and it has no control plane")
        .help("leave `--real` out: the replicas and the balancer are real processes anyway")
        .help("or run one that has, such as `shared-store` or `control-plane-fanout`")
}
