//! The rows of a control plane: what its source was asked, and how late a change arrived.
//!
//! Rates and delays of changes are reported as they would be without the time factor, which is how
//! the published ones read and how the scenario writes its intervals; the row below a rate has what really
//! happened in the run.

use measure::record::{ArmRecord, ControlPlaneRecord, FreshnessRecord};

use super::{COUNT, Metric, cpu_time, fault};
use crate::cell::{Cell, Tone};
use crate::change::Change;
use crate::quantity::{NOTHING, bytes, durations};
use text::count;

pub(super) const SOURCE_REQUESTS: Metric = Metric {
    label: "source requests/s",
    column: Some(["source", "requests/s"]),
    begins_block: true,
    shown: |arm| source_rate(arm).is_some(),
    cell: |arm| Cell::maybe(source_rate(arm).map(rate)),
    value: source_rate,
    change: Change::Times,
    headline: true,
    ..COUNT
};

pub(super) const SOURCE_REQUESTS_IN_RUN: Metric = Metric {
    label: "source, in the run",
    detail: true,
    shown: |arm| is_compressed(arm) && source_rate(arm).is_some(),
    cell: |arm| {
        let per_second = arm.control_plane.as_ref().and_then(|plane| plane.source_requests_per_s);
        Cell::maybe(per_second.map(rate))
    },
    ..COUNT
};

pub(super) const CLIENT_REQUESTS: Metric = Metric {
    label: "client requests/s",
    column: Some(["client", "requests/s"]),
    shown: |arm| arm.control_plane.is_some(),
    cell: |arm| {
        let per_second = of(arm, |plane| plane.client_requests_per_s_uncompressed);
        Cell::maybe(per_second.map(rate))
    },
    value: |arm| of(arm, |plane| plane.client_requests_per_s_uncompressed),
    change: Change::Times,
    headline: true,
    ..COUNT
};

pub(super) const CLIENT_REQUESTS_IN_RUN: Metric = Metric {
    label: "clients, in the run",
    detail: true,
    shown: |arm| is_compressed(arm),
    cell: |arm| {
        let per_second = of(arm, |plane| plane.client_requests_per_s);
        Cell::maybe(per_second.map(rate))
    },
    ..COUNT
};

pub(super) const SOURCE_CPU: Metric = Metric {
    label: "source CPU",
    column: Some(["source", "CPU"]),
    shown: |arm| source_cpu(arm).is_some(),
    cell: |arm| Cell::maybe(source_cpu(arm).map(|seconds| cpu_time(1e6 * seconds))),
    value: source_cpu,
    change: Change::Times,
    headline: true,
    ..COUNT
};

pub(super) const SOURCE_BYTES: Metric = Metric {
    label: "bytes from the source",
    shown: |arm| source_bytes(arm).is_some(),
    cell: |arm| Cell::maybe(source_bytes(arm).map(bytes)),
    value: |arm| source_bytes(arm).map(|bytes| bytes as f64),
    change: Change::Times,
    headline: true,
    ..COUNT
};

pub(super) const FRESHNESS: Metric = Metric {
    label: "change seen p50 / p99",
    column: Some(["change seen", "p50 / p99"]),
    shown: |arm| freshness(arm).is_some(),
    cell: |arm| {
        let both = |f: FreshnessRecord| delays(arm, &[Some(f.p50), Some(f.p99)]);
        Cell::maybe(freshness(arm).map(both))
    },
    value: |arm| freshness(arm).map(|f| f.p50 as f64),
    change: Change::PercentOf("p50"),
    ..COUNT
};

pub(super) const FRESHNESS_LIMIT: Metric = Metric {
    label: "latest / intervals",
    detail: true,
    shown: |arm| freshness(arm).is_some(),
    cell: |arm| {
        let bound = arm.control_plane.as_ref().and_then(|plane| plane.freshness_bound_us);
        Cell::maybe(freshness(arm).map(|f| delays(arm, &[Some(f.max), bound])))
    },
    ..COUNT
};

pub(super) const UP_TO_DATE: Metric = Metric {
    label: "clients up to date",
    shown: |arm| arm.control_plane.is_some(),
    cell: |arm| {
        let Some(plane) = &arm.control_plane else { return Cell::maybe(None) };
        let of = format!("{}/{}", count(plane.clients_up_to_date), count(arm.setup.clients));
        let all = plane.clients_up_to_date == u64::from(arm.setup.clients);
        Cell::new(of).tone(if all { Tone::Good } else { Tone::Bad })
    },
    value: |arm| of(arm, |plane| plane.clients_up_to_date as f64),
    ..COUNT
};

pub(super) const UNKNOWN_TABLES: Metric = Metric {
    label: "tables that are no edition",
    shown: |arm| of(arm, |plane| plane.unknown_tables as f64).is_some_and(|count| count > 0.0),
    cell: |arm| fault(arm.control_plane.as_ref().map_or(0, |plane| plane.unknown_tables)),
    value: |arm| of(arm, |plane| plane.unknown_tables as f64),
    ..COUNT
};

pub(super) const DIFFERENCES: Metric = Metric {
    label: "differences found",
    column: Some(["differences", "found"]),
    shown: |arm| differences(arm).is_some(),
    cell: |arm| differences(arm).map_or_else(|| Cell::maybe(None), fault),
    value: |arm| differences(arm).map(|count| count as f64),
    ..COUNT
};

pub(super) const KILLS: Metric = Metric {
    label: "kills of proxy / source",
    shown: |arm| kills(arm).is_some_and(|[proxies, sources]| proxies + sources > 0),
    cell: |arm| {
        let both = kills(arm).map(|kills| kills.map(count).join(" / "));
        Cell::maybe(both)
    },
    ..COUNT
};

/// Requests that the source got for each second without the time factor: number, and how it reads.
pub(crate) fn source_requests(arm: &ArmRecord) -> Option<(f64, String)> {
    source_rate(arm).map(|per_second| (per_second, rate(per_second)))
}

fn of(arm: &ArmRecord, value: fn(&ControlPlaneRecord) -> f64) -> Option<f64> {
    arm.control_plane.as_ref().map(value)
}

/// True when intervals were shortened, so that rates in the run differ from those reported first.
fn is_compressed(arm: &ArmRecord) -> bool {
    of(arm, |plane| plane.time_factor).is_some_and(|factor| factor > 1.0)
}

/// Delays of the run as they would be without the time factor.
fn delays(arm: &ArmRecord, micros: &[Option<u64>]) -> String {
    let factor = arm.control_plane.as_ref().map_or(1.0, |plane| plane.time_factor);
    if factor <= 1.0 {
        return durations(micros);
    }
    let seconds = |micros: u64| format!("{:.2}", micros as f64 * factor / 1e6);
    let each = micros.iter().map(|micros| micros.map_or_else(|| NOTHING.to_owned(), seconds));
    format!("{} s", each.collect::<Vec<_>>().join(" / "))
}

/// Three digits say enough.
fn rate(per_second: f64) -> String {
    match per_second {
        r if r >= 100.0 => count(r.round() as u64),
        r if r >= 10.0 => format!("{r:.1}"),
        r => format!("{r:.2}"),
    }
}

fn source_rate(arm: &ArmRecord) -> Option<f64> {
    arm.control_plane.as_ref()?.source_requests_per_s_uncompressed
}

fn source_cpu(arm: &ArmRecord) -> Option<f64> {
    arm.control_plane.as_ref()?.source_cpu_s
}

fn source_bytes(arm: &ArmRecord) -> Option<u64> {
    arm.control_plane.as_ref()?.source_content_bytes
}

fn freshness(arm: &ArmRecord) -> Option<FreshnessRecord> {
    arm.control_plane.as_ref()?.freshness_us
}

fn differences(arm: &ArmRecord) -> Option<u64> {
    arm.control_plane.as_ref()?.differences
}

fn kills(arm: &ArmRecord) -> Option<[u64; 2]> {
    arm.control_plane.as_ref().map(|plane| [plane.proxy_kills, plane.source_kills])
}
