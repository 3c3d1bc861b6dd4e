//! `--real`: real servers in the place of what is embedded, wherever the scenario has a place for
//! one.

use crate::diagnostic::{Diagnostic, Result};
use crate::flags::SPECIAL;
use crate::layer::{KeyPath, Layers, Value, path};

/// A key that `--real` sets, if the scenario has this path.
struct Counterpart {
    place: &'static [&'static str],
    key: [&'static str; 2],
    value: &'static str,
}

const COUNTERPARTS: [Counterpart; 2] = [
    Counterpart { place: &["fleet", "store"], key: ["fleet", "store"], value: "redis" },
    Counterpart { place: &["control-plane"], key: ["control-plane", "source"], value: "etcd" },
];

/// Puts real servers into the scenario if the flag asks for them. A URL on the command line names
/// one that is real already.
pub(super) fn apply(layers: &mut Layers) -> Result<()> {
    let flag: KeyPath = path([SPECIAL, "real"]);
    if layers.exact(&flag).is_none() {
        return Ok(());
    }
    let mut found = false;
    for Counterpart { place, key, value } in COUNTERPARTS {
        if layers.mentions(place) {
            found = true;
            if !layers.is_from_command_line(&key) {
                layers.put(path(key), Value::Text(value.to_owned()), &flag);
            }
        }
    }
    if found { Ok(()) } else { Err(nothing_real(layers, &flag)) }
}

fn nothing_real(layers: &Layers, flag: &KeyPath) -> Box<Diagnostic> {
    let error = Diagnostic::error("this scenario has nothing to run against a real server")
        .at(layers.exact(flag), "its replicas share no store, and it has no control plane");
    Box::new(
        error
            .help("leave `--real` out: the replicas and the balancer are real processes anyway")
            .help("or run one that has, such as `shared-store` or `control-plane-fanout`"),
    )
}
