//! The parts of the setup line about a control plane: proxies, source, time factor.

use measure::record::{ControlPlaneRecord, ProxyModeRecord, RunRecord};

use crate::quantity::interval;
use text::counted;

use super::{ends, range};

pub(super) fn is_there(record: &RunRecord) -> bool {
    planes(record).next().is_some()
}

/// Number of proxies that clients poll, from the arm with the fewest to the one with the most.
pub(super) fn tier(record: &RunRecord) -> Option<String> {
    let used = |plane: &ControlPlaneRecord| match plane.mode {
        ProxyModeRecord::Exec => plane.proxies,
        ProxyModeRecord::Off | ProxyModeRecord::Pre => 0,
    };
    Some(match ends(planes(record).map(used))? {
        (0, 0) => "no proxy".to_owned(),
        (least, most) if least == most => {
            counted(most.into(), "proxy").replace("proxys", "proxies")
        }
        (0, 1) => "no proxy or 1".to_owned(),
        (least, most) => format!("{least}–{most} proxies"),
    })
}

pub(super) fn source(record: &RunRecord) -> Option<String> {
    let (least, most) = ends(planes(record).map(|plane| plane.routes))?;
    let routes = range(least.into(), most.into(), "route");
    let plane = planes(record).next()?;
    let alike = planes(record).all(|other| other.source == plane.source);
    Some(if alike { format!("{routes} in {}", named(&plane.source)) } else { routes })
}

/// Factor by which intervals were shortened.
pub(super) fn time(record: &RunRecord) -> Option<String> {
    let plane = planes(record).next().filter(|plane| plane.time_factor > 1.0)?;
    let factor = plane.time_factor;
    let passes = plane.client_interval_ms.unwrap_or(plane.source_interval_ms);
    // Intervals are whole microseconds: what was divided does not always come back.
    let written = (passes * factor).round();
    Some(format!("time × {factor}: {} are {}", interval(written), interval(passes)))
}

fn named(source: &str) -> &str {
    match source {
        "file" | "shared-file" => "a file",
        other => other,
    }
}

fn planes(record: &RunRecord) -> impl Iterator<Item = &ControlPlaneRecord> + Clone {
    record.arms.iter().filter_map(|arm| arm.control_plane.as_ref())
}
