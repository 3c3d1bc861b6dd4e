//! The keys of `[control-plane]`, and of `control-plane` in an arm.

use schemars::JsonSchema;
use serde::Deserialize;

use super::over;

/// A control plane in the place of a fleet of replicas: a source of routes, polled by the clients
/// themselves or by proxies that the clients poll.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ControlPlaneFile {
    /// Proxies between clients and source; default: 1. With 0 the clients poll the source.
    #[schemars(range(min = 0, max = 64))]
    pub proxies: Option<i64>,
    /// How far the proxies are rolled out; default: exec.
    pub mode: Option<ModeKey>,
    /// Where the routes lie: "file" (behind a stand-in for the Kubernetes API), "shared-file" (which
    /// proxies read themselves), "etcd" (one that the run starts for itself) or
    /// "etcd://HOST:PORT"; default: file.
    pub source: Option<String>,
    /// Time between two polls of the source by one proxy; default: "3s".
    pub source_interval: Option<String>,
    /// How many times faster than written the clock of intervals runs: with 30, "3s" are 100 ms;
    /// default: 1.
    #[schemars(range(min = 1.0, max = 1000.0))]
    pub time_factor: Option<f64>,
    /// What one tag stands for; default: table.
    pub granularity: Option<GranularityKey>,
    /// Number of routes; default: 100.
    #[schemars(range(min = 1, max = 10_000))]
    pub routes: Option<i64>,
    /// Zones that the routes belong to in turn; default: 4.
    #[schemars(range(min = 1, max = 26))]
    pub zones: Option<i64>,
    /// A mistake to make: the proxies list the routes of this zone alone, counted from 1.
    #[schemars(range(min = 1, max = 26))]
    pub only_zone: Option<i64>,
}

/// How far the proxies are rolled out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ModeKey {
    /// Not there: clients poll the source.
    Off,
    /// They run beside, and compare what they would serve with what clients get.
    Pre,
    /// Clients poll them.
    Exec,
}

/// What one tag stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GranularityKey {
    /// Every client polls the whole table.
    Table,
    /// Client k polls one route, the k-th in turn: as many clients as routes make one whole table.
    Route,
}

over!(ControlPlaneFile {
    proxies,
    mode,
    source,
    source_interval,
    time_factor,
    granularity,
    routes,
    zones,
    only_zone,
});
