//! `--real`: real servers in the place of what is embedded, wherever the scenario has a place for
//! one.

use crate::diagnostic::{Diagnostic, Result};
use crate::layer::Layers;
use crate::load::Merged;
use crate::overrides::{FLAGGED, Overrides};

/// The keys that `--real` sets, each if `has_place` holds for the scenario.
struct Counterpart {
    path: [&'static str; 2],
    has_place: fn(&Merged) -> bool,
    set: fn(&mut Merged),
}

const COUNTERPARTS: [Counterpart; 2] = [
    Counterpart {
        path: ["fleet", "store"],
        has_place: |merged| merged.file.fleet.as_ref().is_some_and(|fleet| fleet.store.is_some()),
        set: |merged| {
            merged.file.fleet.get_or_insert_default().store = Some("redis".to_owned());
        },
    },
    Counterpart {
        path: ["control-plane", "source"],
        has_place: |merged| merged.file.control_plane.is_some(),
        set: |merged| {
            let plane = merged.file.control_plane.get_or_insert_default();
            plane.source = Some("etcd".to_owned());
        },
    },
];

/// Puts real servers into the scenario if the flag asks for them. A URL on the command line names
/// one that is real already.
pub(super) fn apply(merged: &mut Merged, overrides: &Overrides) -> Result<()> {
    if !overrides.real {
        return Ok(());
    }
    let mut found = false;
    for counterpart in COUNTERPARTS {
        if !(counterpart.has_place)(merged) {
            continue;
        }
        found = true;
        if !merged.layers.is_from_command_line(&counterpart.path) {
            (counterpart.set)(merged);
            place_at_flag(&mut merged.layers, &counterpart.path);
        }
    }
    if found { Ok(()) } else { Err(nothing_real(&merged.layers)) }
}

/// Errors about the value then point at the flag.
fn place_at_flag(layers: &mut Layers, path: &[&str; 2]) {
    let entry = layers.provider(&[FLAGGED, "real"]).map(|(_, _, entry)| entry.clone());
    if let (Some(layer), Some(entry)) = (layers.top_mut(), entry) {
        layer.entries.insert(path.map(str::to_owned).to_vec(), entry);
    }
}

fn nothing_real(layers: &Layers) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error("this scenario has nothing to run against a real server")
            .at(
                layers.exact(&[FLAGGED, "real"]),
                "its replicas share no store, and it has no control plane",
            )
            .help("leave `--real` out: the replicas and the balancer are real processes anyway")
            .help("or run one that has, such as `shared-store` or `control-plane-fanout`"),
    )
}
