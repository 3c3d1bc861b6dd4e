//! The keys of an `[[arm]]`. What an arm may say by itself, beside its strategy, are keys of the tables
//! that all arms share; they stand here flat, as they are written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    CadenceKey, ControlPlaneFile, IfRangeKey, InvalidateKey, OnErrorKey, StoreProtocolKey,
    ValidateKey,
};

/// One arm of the comparison; what it does not say, it shares with the others.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ArmFile {
    /// Name: letters, digits, `-` and `_`.
    pub name: Option<String>,
    /// How entity tags are made (`etag-lab list strategies`). Not together with `command`.
    pub strategy: Option<String>,
    /// Your own program as the replica. Not together with `strategy`.
    pub command: Option<String>,
    /// As in `[fleet]`, for this arm.
    #[schemars(range(min = 1, max = 512))]
    pub replicas: Option<i64>,
    /// As in `[fleet]`, for this arm.
    #[schemars(inner(range(min = 0, max = 1_000_000_000)))]
    pub histories: Option<Vec<i64>>,
    /// As in `[fleet]`, for this arm.
    pub deploy_drift: Option<String>,
    /// As in `[fleet]`, for this arm.
    pub database: Option<bool>,
    /// As in `[fleet]`, for this arm.
    pub store_ttl: Option<String>,
    /// As in `[fleet]`, for this arm.
    pub store_protocol: Option<StoreProtocolKey>,
    /// As in `[fleet]`, for this arm.
    pub invalidate: Option<InvalidateKey>,
    /// As in `[fleet]`, for this arm.
    pub poll_interval: Option<String>,
    /// As in `[balancer]`, for this arm.
    pub policy: Option<String>,
    /// As in `[balancer]`, for this arm.
    pub edge: Option<String>,
    /// As in `[load]`, for this arm.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub clients: Option<i64>,
    /// As in `[load]`, for this arm.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub polls: Option<i64>,
    /// As in `[load]`, for this arm.
    pub cadence: Option<CadenceKey>,
    /// As in `[load]`, for this arm.
    #[schemars(range(min = 1, max = 10_000))]
    pub connections: Option<i64>,
    /// As in `[load]`, for this arm.
    pub accept_encoding: Option<Vec<String>>,
    /// As in `[load]`, for this arm.
    pub validate: Option<ValidateKey>,
    /// As in `[load]`, for this arm.
    pub honour_freshness: Option<bool>,
    /// As in `[load]`, for this arm.
    #[schemars(range(min = 0.001, max = 0.999))]
    pub interrupt_at: Option<f64>,
    /// As in `[load]`, for this arm.
    pub if_range: Option<IfRangeKey>,
    /// As in `[control-plane]`, for this arm.
    pub control_plane: Option<ControlPlaneFile>,
    /// As in `[load]`, for this arm.
    pub on_error: Option<OnErrorKey>,
    /// As in `[load]`, for this arm.
    pub obey_poll_interval: Option<bool>,
}
