//! A description while keys enter it: what rules about several keys still have to finish.

use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use client::{Caching, Cadence, IfRange};

use crate::{Content, ControlPlane, Granularity, Mode, Resource, RouteSource, Setup, Sharing};

/// Description that the keys of the list enter.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) name: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) resource: Resource,
    pub(crate) command: Option<String>,
    pub(crate) setup: Setup,
    pub(crate) plane: ControlPlane,
    /// Time between two polls of a client, which counts in an open loop and where clients look at
    /// a clock.
    pub(crate) interval: Duration,
    pub(crate) interrupt_at: Option<f64>,
    pub(crate) if_range: Option<IfRange>,
}

impl Draft {
    /// A draft before any key has entered it; keys with a default replace what stands here.
    pub(crate) fn new() -> Self {
        // Only what has no default in the list of keys survives from here.
        let one = NonZeroU32::MIN;
        Self {
            name: None,
            summary: None,
            source: None,
            resource: Resource {
                content: Content::Generated { size_bytes: one },
                path: String::new(),
                content_type: String::new(),
                cache_control: None,
                codings: Vec::new(),
                last_modified: true,
            },
            command: None,
            setup: Setup {
                replicas: one,
                histories: Vec::new(),
                deploy_drift: Duration::ZERO,
                policy: &balancer::catalogue::POLICIES[0],
                edge: balancer::catalogue::no_edge(),
                fields: client::ClientFields::default(),
                clients: one,
                polls: NonZeroU64::MIN,
                cadence: Cadence::Lockstep,
                seed: 0,
                connections: one,
                timeout: Duration::ZERO,
                caching: Caching::default(),
                sharing: Sharing::default(),
                events: Vec::new(),
                on_error: None,
                obey_poll_interval: false,
                settings: std::collections::BTreeMap::new(),
            },
            plane: ControlPlane {
                proxies: 0,
                mode: Mode::Off,
                source: RouteSource::File,
                source_interval: Duration::ZERO,
                time_factor: 1.0,
                granularity: Granularity::Table,
                routes: 1,
                zones: 1,
                only_zone: None,
            },
            interval: Duration::ZERO,
            interrupt_at: None,
            if_range: None,
        }
    }
}
