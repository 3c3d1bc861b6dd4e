//! Every number of an arm under its public name, in the order of the columns of a CSV file.
//!
//! Names are a public contract, like those of the record: added to, never renamed. A row of the
//! table names the number it shows, and a scenario those of its headline, so no two places read it
//! differently.

use crate::record::{
    ArmRecord, CacheRecord, ControlPlaneRecord, FreshnessRecord, LatencyRecord, ResumesRecord,
    SharedStoreRecord, TablesRecord, TlsBytes, WritesRecord,
};

/// A name, and how the number is read from an arm; `None` where it was not measured.
// One type for counts and ratios: up to 2^53 a float is written like the integer it holds, and no
// run counts that far.
pub type Number = (&'static str, fn(&ArmRecord) -> Option<f64>);

static NUMBERS: &[Number] = &[
    ("fleet_size", |arm| Some(arm.fleet_size.into())),
    ("clients", |arm| Some(arm.setup.clients.into())),
    ("connections", |arm| Some(arm.setup.connections.into())),
    ("polls", |arm| whole(arm.polls)),
    ("round_trips", |arm| whole(round_trips(arm))),
    ("conditional", |arm| whole(arm.counts.conditional)),
    ("not_modified", |arm| whole(arm.counts.not_modified)),
    ("not_modified_ratio", |arm| arm.not_modified_ratio),
    ("not_modified_ratio_of_all", |arm| arm.not_modified_ratio_of_all),
    ("predicted_not_modified_ratio", |arm| arm.predicted_not_modified_ratio),
    ("predicted_low", |arm| arm.predicted_interval.map(|[low, _]| low)),
    ("predicted_high", |arm| arm.predicted_interval.map(|[_, high]| high)),
    ("first_fetch", |arm| whole(arm.verdicts.first_fetch)),
    ("validated", |arm| whole(arm.verdicts.validated)),
    ("changed", |arm| whole(arm.verdicts.changed)),
    ("regressed", |arm| whole(arm.verdicts.regressed)),
    ("needless_transfer", |arm| whole(arm.verdicts.needless_transfer)),
    ("false_validation", |arm| whole(arm.verdicts.false_validation)),
    ("fresh_hit", |arm| whole(arm.verdicts.fresh_hit)),
    ("unverifiable", |arm| whole(arm.verdicts.unverifiable)),
    ("error", |arm| whole(arm.verdicts.error)),
    ("request_bytes", |arm| whole(arm.bytes.requests)),
    ("response_bytes", |arm| whole(arm.bytes.responses)),
    ("response_field_bytes", |arm| whole(arm.bytes.response_fields)),
    ("response_content_bytes", |arm| whole(arm.bytes.response_content)),
    ("bytes_per_unchanged_poll", |arm| arm.bytes.per_unchanged_poll),
    ("ideal_response_bytes", |arm| whole(arm.bytes.ideal_responses)),
    ("instrumentation_bytes", |arm| whole(arm.bytes.instrumentation)),
    ("both_direction_bytes", |arm| whole(arm.bytes.both_directions)),
    ("latency_p50_us", |arm| latency(arm.latency_us, |all| all.p50)),
    ("latency_p90_us", |arm| latency(arm.latency_us, |all| all.p90)),
    ("latency_p99_us", |arm| latency(arm.latency_us, |all| all.p99)),
    ("latency_p999_us", |arm| latency(arm.latency_us, |all| all.p999)),
    ("latency_max_us", |arm| latency(arm.latency_us, |all| all.max)),
    ("latency_200_p50_us", |arm| latency(arm.latency_200_us, |full| full.p50)),
    ("latency_200_p90_us", |arm| latency(arm.latency_200_us, |full| full.p90)),
    ("latency_200_p99_us", |arm| latency(arm.latency_200_us, |full| full.p99)),
    ("latency_200_p999_us", |arm| latency(arm.latency_200_us, |full| full.p999)),
    ("latency_200_max_us", |arm| latency(arm.latency_200_us, |full| full.max)),
    ("latency_304_p50_us", |arm| latency(arm.latency_304_us, |empty| empty.p50)),
    ("latency_304_p90_us", |arm| latency(arm.latency_304_us, |empty| empty.p90)),
    ("latency_304_p99_us", |arm| latency(arm.latency_304_us, |empty| empty.p99)),
    ("latency_304_p999_us", |arm| latency(arm.latency_304_us, |empty| empty.p999)),
    ("latency_304_max_us", |arm| latency(arm.latency_304_us, |empty| empty.max)),
    ("elapsed_s", |arm| arm.elapsed_s),
    ("tags_for_same_content", |arm| whole(arm.tags_for_same_content as u64)),
    ("contents_for_same_tag", |arm| whole(arm.contents_for_same_tag as u64)),
    ("contents_for_same_edition", |arm| whole(arm.contents_for_same_edition as u64)),
    ("origin_cpu_s", |arm| arm.origin_cpu_s),
    ("origin_cpu_us_per_poll", |arm| arm.origin_cpu_us_per_poll),
    ("bytes_saved_per_cpu_second", |arm| arm.bytes_saved_per_cpu_second),
    ("changes_clients_polled", |arm| whole(changes_polled(arm))),
    ("changes_clients_updated", |arm| whole(changes_updated(arm))),
    ("resumes_attempted", |arm| resumes(arm, |resumes| resumes.attempted)),
    ("resumes_partial", |arm| resumes(arm, |resumes| resumes.partial)),
    ("resumes_whole", |arm| resumes(arm, |resumes| resumes.whole)),
    ("store_queries", |arm| store(arm, |store| whole(store.queries))),
    ("store_queries_per_1000_polls", |arm| store(arm, |store| store.queries_per_1000_polls)),
    ("store_queries_on_not_modified", |arm| {
        store(arm, |store| whole(store.queries_on_not_modified))
    }),
    ("store_hits", |arm| store(arm, |store| whole(store.hits))),
    ("store_header_missing", |arm| store(arm, |store| whole(store.misses.header_missing))),
    ("store_key_not_found", |arm| store(arm, |store| whole(store.misses.key_not_found))),
    ("store_resource_changed", |arm| store(arm, |store| whole(store.misses.resource_changed))),
    ("store_errors", |arm| store(arm, |store| whole(store.store_errors))),
    ("store_ttl_ms", |arm| store(arm, |store| store.ttl_ms)),
    ("store_ttl_floor", |arm| store(arm, |store| whole(store.ttl_floor?))),
    ("tables_held_at_end", |arm| tables(arm, |tables| tables.held_at_end)),
    ("tables_loads", |arm| tables(arm, |tables| tables.loads)),
    ("tables_lost", |arm| tables(arm, |tables| tables.lost)),
    ("tables_kept_through_errors", |arm| tables(arm, |tables| tables.kept_through_errors)),
    ("tables_longest_unconfirmed_us", |arm| tables(arm, |tables| tables.longest_unconfirmed_us)),
    ("paused", |arm| whole(arm.paused)),
    ("contents_in_turn", |arm| whole(arm.contents_in_turn as u64)),
    ("proxies", |arm| plane(arm, |plane| Some(plane.proxies.into()))),
    ("routes", |arm| plane(arm, |plane| Some(plane.routes.into()))),
    ("time_factor", |arm| plane(arm, |plane| Some(plane.time_factor))),
    ("source_interval_ms", |arm| plane(arm, |plane| Some(plane.source_interval_ms))),
    ("client_interval_ms", |arm| plane(arm, |plane| plane.client_interval_ms)),
    ("source_requests", |arm| plane(arm, |plane| whole(plane.source_requests?))),
    ("source_requests_per_s", |arm| plane(arm, |plane| plane.source_requests_per_s)),
    (SOURCE_RATE, |arm| plane(arm, |plane| plane.source_requests_per_s_uncompressed)),
    ("source_cpu_s", |arm| plane(arm, |plane| plane.source_cpu_s)),
    ("source_content_bytes", |arm| plane(arm, |plane| whole(plane.source_content_bytes?))),
    ("client_requests_per_s", |arm| plane(arm, |plane| Some(plane.client_requests_per_s))),
    ("client_requests_per_s_uncompressed", |arm| {
        plane(arm, |plane| Some(plane.client_requests_per_s_uncompressed))
    }),
    ("freshness_count", |arm| freshness(arm, |changes| changes.count)),
    ("freshness_p50_us", |arm| freshness(arm, |changes| changes.p50)),
    ("freshness_p90_us", |arm| freshness(arm, |changes| changes.p90)),
    ("freshness_p99_us", |arm| freshness(arm, |changes| changes.p99)),
    ("freshness_max_us", |arm| freshness(arm, |changes| changes.max)),
    ("freshness_bound_us", |arm| plane(arm, |plane| whole(plane.freshness_bound_us?))),
    ("clients_up_to_date", |arm| plane(arm, |plane| whole(plane.clients_up_to_date))),
    ("unknown_tables", |arm| plane(arm, |plane| whole(plane.unknown_tables))),
    ("proxy_kills", |arm| plane(arm, |plane| whole(plane.proxy_kills))),
    ("source_kills", |arm| plane(arm, |plane| whole(plane.source_kills))),
    ("differences", |arm| plane(arm, |plane| whole(plane.differences?))),
    // Records from before there were codings have zero here.
    ("codings_for_same_strong_tag", |arm| {
        whole(arm.codings_for_same_strong_tag as u64).filter(|codings| *codings > 0.0)
    }),
    ("tls_handshakes", |arm| tls(arm, |tls| tls.handshakes)),
    ("tls_request_bytes", |arm| tls(arm, |tls| tls.requests)),
    ("tls_response_bytes", |arm| tls(arm, |tls| tls.responses)),
    ("cache_hits", |arm| cache(arm, |cache| cache.hits)),
    ("cache_revalidated", |arm| cache(arm, |cache| cache.revalidated)),
    ("cache_fetched", |arm| cache(arm, |cache| cache.fetched)),
    ("cache_bytes_from_origin", |arm| cache(arm, |cache| cache.bytes_from_origin)),
    ("framing_request_bytes", |arm| whole(arm.bytes.framing?.requests)),
    ("framing_response_bytes", |arm| whole(arm.bytes.framing?.responses)),
    ("writes_accepted", |arm| writes(arm, |writes| writes.accepted)),
    ("writes_refused_rightly", |arm| writes(arm, |writes| writes.refused_rightly)),
    ("writes_refused_wrongly", |arm| writes(arm, |writes| writes.refused_wrongly)),
    ("writes_lost", |arm| writes(arm, |writes| writes.lost)),
    ("writes_failed", |arm| writes(arm, |writes| writes.failed)),
    ("second_gets", |arm| whole(arm.second_gets).filter(|gets| *gets > 0.0 || asks_twice(arm))),
];

/// Requests that the source got for each second, as it would be without the time factor.
pub const SOURCE_RATE: &str = "source_requests_per_s_uncompressed";

/// Every number; the same for each run, so that files of several runs can be put together.
pub fn all() -> impl Iterator<Item = &'static Number> {
    NUMBERS.iter()
}

/// The number of this name; `None` where it was not measured, or where there is no such name.
pub fn value(arm: &ArmRecord, name: &str) -> Option<f64> {
    NUMBERS.iter().find(|(known, _)| *known == name)?.1(arm)
}

/// Requests made: a fresh stored response needs none (RFC 9111 §4.2), a broken download two, and so does
/// a HEAD that a GET has to follow.
pub fn round_trips(arm: &ArmRecord) -> u64 {
    let polls = arm.polls.saturating_sub(arm.verdicts.fresh_hit);
    polls.saturating_add(arm.resumes.attempted).saturating_add(arm.second_gets)
}

/// True if the clients may have to ask twice: they ask by HEAD first, or lose contents.
fn asks_twice(arm: &ArmRecord) -> bool {
    let is = |key: &str, value: &str| arm.setup.settings.get(key).is_some_and(|it| it == value);
    is("method", "head") || is("client", "loses-content")
}

/// Clients that polled after a change, summed over the changes.
pub fn changes_polled(arm: &ArmRecord) -> u64 {
    arm.changes_seen.iter().fold(0, |sum, change| sum.saturating_add(change.clients_polled))
}

/// Of [`changes_polled`], those that had the new content at once.
fn changes_updated(arm: &ArmRecord) -> u64 {
    arm.changes_seen.iter().fold(0, |sum, change| sum.saturating_add(change.clients_updated))
}

#[expect(clippy::unnecessary_wraps, reason = "a number may be absent, and most lines end in it")]
fn whole(count: u64) -> Option<f64> {
    Some(count as f64)
}

// Where no download was cut, zeros would read like a result.
fn resumes(arm: &ArmRecord, value: fn(&ResumesRecord) -> u64) -> Option<f64> {
    let cut = arm.resumes.attempted > 0 || arm.setup.caching.interrupt_at.is_some();
    cut.then(|| value(&arm.resumes) as f64)
}

// Stored content is reported to those who set what becomes of it when polls fail.
fn tables(arm: &ArmRecord, value: fn(&TablesRecord) -> u64) -> Option<f64> {
    arm.setup.caching.on_error.map(|_| value(&arm.tables) as f64)
}

fn writes(arm: &ArmRecord, value: fn(&WritesRecord) -> u64) -> Option<f64> {
    whole(value(arm.writes.as_ref()?))
}

fn latency(latency: Option<LatencyRecord>, quantile: fn(LatencyRecord) -> u64) -> Option<f64> {
    whole(quantile(latency?))
}

fn store(arm: &ArmRecord, value: fn(&SharedStoreRecord) -> Option<f64>) -> Option<f64> {
    value(arm.shared_store.as_ref()?)
}

fn cache(arm: &ArmRecord, value: fn(CacheRecord) -> u64) -> Option<f64> {
    whole(value(arm.cache?))
}

fn tls(arm: &ArmRecord, value: fn(TlsBytes) -> u64) -> Option<f64> {
    whole(value(arm.bytes.tls?))
}

fn plane(arm: &ArmRecord, value: fn(&ControlPlaneRecord) -> Option<f64>) -> Option<f64> {
    value(arm.control_plane.as_ref()?)
}

fn freshness(arm: &ArmRecord, value: fn(FreshnessRecord) -> u64) -> Option<f64> {
    whole(value(arm.control_plane.as_ref()?.freshness_us?))
}
