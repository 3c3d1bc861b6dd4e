//! The numbers of a control plane; only where an arm of the run has one.

use measure::record::{ArmRecord, ControlPlaneRecord, FreshnessRecord};

use super::Number;

/// Names and values; nothing was measured where the arm has no control plane.
pub(super) fn numbers(arm: &ArmRecord) -> Vec<(&'static str, Number)> {
    let plane = arm.control_plane.as_ref();
    let whole = |of: fn(&ControlPlaneRecord) -> u64| {
        plane.map_or(Number::Real(None), |plane| Number::Whole(of(plane)))
    };
    let real = |of: fn(&ControlPlaneRecord) -> Option<f64>| Number::Real(plane.and_then(of));
    let maybe = |of: fn(&ControlPlaneRecord) -> Option<u64>| {
        plane.and_then(of).map_or(Number::Real(None), Number::Whole)
    };
    let freshness = |of: fn(FreshnessRecord) -> u64| {
        let freshness = plane.and_then(|plane| plane.freshness_us);
        freshness.map_or(Number::Real(None), |freshness| Number::Whole(of(freshness)))
    };
    vec![
        ("proxies", whole(|plane| plane.proxies.into())),
        ("routes", whole(|plane| plane.routes.into())),
        ("time_factor", real(|plane| Some(plane.time_factor))),
        ("source_interval_ms", real(|plane| Some(plane.source_interval_ms))),
        ("client_interval_ms", real(|plane| plane.client_interval_ms)),
        ("source_requests", maybe(|plane| plane.source_requests)),
        ("source_requests_per_s", real(|plane| plane.source_requests_per_s)),
        (
            "source_requests_per_s_uncompressed",
            real(|plane| plane.source_requests_per_s_uncompressed),
        ),
        ("source_cpu_s", real(|plane| plane.source_cpu_s)),
        ("source_content_bytes", maybe(|plane| plane.source_content_bytes)),
        ("client_requests_per_s", real(|plane| Some(plane.client_requests_per_s))),
        (
            "client_requests_per_s_uncompressed",
            real(|plane| Some(plane.client_requests_per_s_uncompressed)),
        ),
        ("freshness_count", freshness(|freshness| freshness.count)),
        ("freshness_p50_us", freshness(|freshness| freshness.p50)),
        ("freshness_p90_us", freshness(|freshness| freshness.p90)),
        ("freshness_p99_us", freshness(|freshness| freshness.p99)),
        ("freshness_max_us", freshness(|freshness| freshness.max)),
        ("freshness_bound_us", maybe(|plane| plane.freshness_bound_us)),
        ("clients_up_to_date", whole(|plane| plane.clients_up_to_date)),
        ("unknown_tables", whole(|plane| plane.unknown_tables)),
        ("proxy_kills", whole(|plane| plane.proxy_kills)),
        ("source_kills", whole(|plane| plane.source_kills)),
        ("differences", maybe(|plane| plane.differences)),
    ]
}
