//! The keys of `[load]`: the clients, when they poll, and what they make of an answer.

use schemars::JsonSchema;
use serde::Deserialize;

use super::over;

/// The clients.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LoadFile {
    /// Number of clients, each with its own stored response; default: 10.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub clients: Option<i64>,
    /// Polls of each client; default: 50. Not together with `total-polls`.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub polls: Option<i64>,
    /// Polls of all clients together. Not together with `polls`.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub total_polls: Option<i64>,
    /// Load shape; default: lockstep.
    pub cadence: Option<CadenceKey>,
    /// Time between two polls of one client; default: "1s". Real in an open loop; else only where
    /// clients honour freshness or obey Poll-Interval, and then it is their own virtual clock that
    /// goes on by one interval per round: nothing waits, so that a run repeats to the byte.
    pub interval: Option<String>,
    /// Open loop only: share of the interval by which a poll may be early or late; default: 0.1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub jitter: Option<f64>,
    /// Seed of every random choice; default: 42.
    pub seed: Option<u64>,
    /// Connections the clients share; default: one for each client, at most 64.
    #[schemars(range(min = 1, max = 10_000))]
    pub connections: Option<i64>,
    /// Time limit of one poll; default: "5s".
    pub timeout: Option<String>,
    /// Accept-Encoding: the first client sends the first entry, the next one the second, and so on
    /// in turn; "identity" alone, or "", sends none. Default: nobody sends any.
    pub accept_encoding: Option<Vec<String>>,
    /// The validators that clients send back; default: etag.
    pub validate: Option<ValidateKey>,
    /// Whether clients use a stored response without asking while it is fresh (max-age, Expires,
    /// Age, no-cache) and keep none with no-store; default: false, which ignores Cache-Control.
    pub honour_freshness: Option<bool>,
    /// Share of the content after which each client hangs up in every download, to resume it with
    /// Range and If-Range; default: downloads are not interrupted.
    #[schemars(range(min = 0.001, max = 0.999))]
    pub interrupt_at: Option<f64>,
    /// With which tags interrupted downloads are resumed; default: any.
    pub if_range: Option<IfRangeKey>,
    /// What clients do with what they have stored when a poll fails; default: keep. Whoever writes
    /// it is also told what became of it.
    pub on_error: Option<OnErrorKey>,
    /// Whether clients poll no sooner than Poll-Interval (milliseconds) allows, and not at all after
    /// -1; default: false, which ignores it.
    pub obey_poll_interval: Option<bool>,
}

/// The validators that clients send back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ValidateKey {
    /// The entity tag, as If-None-Match.
    Etag,
    /// Last-Modified, as If-Modified-Since.
    LastModified,
    /// Both, as far as the response had them; a server then reads the tag alone.
    Both,
}

/// With which tags interrupted downloads are resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IfRangeKey {
    /// Any tag, weak ones too: a client that does not know that it must not (RFC 9110 §13.1.5).
    Any,
    /// Strong tags only; without one the download starts again, without a range.
    StrongOnly,
}

/// What clients do with what they have stored when a poll fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnErrorKey {
    /// They go on with the last known good content.
    Keep,
    /// They forget content and validators: the naive client.
    Drop,
}

/// Load shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CadenceKey {
    /// Clients poll in turn, one poll in flight: reproducible to the byte.
    Lockstep,
    /// Clients poll in a seeded random order, as fast as answers come.
    Shuffled,
    /// Every client polls once per interval, whether or not answers come.
    OpenLoop,
}

over!(LoadFile {
    clients,
    polls,
    total_polls,
    cadence,
    interval,
    jitter,
    seed,
    connections,
    timeout,
    validate,
    honour_freshness,
    interrupt_at,
    if_range,
    on_error,
    obey_poll_interval,
    accept_encoding,
} one_of polls, total_polls);
