//! The balancer of one arm, and the cache before it where there is one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use balancer::{Balancer, Settings};
use cache::{Cache, Clock};
use client::Cadence;
use measure::record::CacheRecord;
use scenario::Setup;

use crate::serving::Serving;

/// A serving balancer with its cache; dropping it stops both.
pub(crate) struct Gateway {
    // Before the balancer, which it asks.
    cache: Option<CacheTier>,
    serving: Serving,
    /// Seed of the policy.
    pub(crate) seed: u64,
    pub(crate) balancer: Arc<Balancer>,
}

struct CacheTier {
    serving: Serving,
    cache: Arc<Cache>,
    clock: Clock,
    /// Time that passes between two rounds by its clock.
    round: Duration,
}

impl Gateway {
    /// Serves on free loopback ports.
    pub(crate) fn start(settings: Settings, setup: &Setup) -> std::io::Result<Self> {
        let balancer = Balancer::new(settings).map_err(std::io::Error::other)?;
        let balancer = Arc::new(balancer);
        let served = Arc::clone(&balancer);
        let serving = Serving::start("balancer", |listener, stopped| {
            balancer::serve(listener, served, stopped.wait())
        })?;
        let cache = CacheTier::start(setup, serving.address)?;
        Ok(Self { cache, serving, seed: setup.seed, balancer })
    }

    /// The address for clients.
    pub(crate) fn address(&self) -> SocketAddr {
        self.cache.as_ref().map_or(self.serving.address, |cache| cache.serving.address)
    }

    /// True if something here has to be told of every round.
    pub(crate) fn follows_rounds(&self) -> bool {
        self.cache.is_some()
    }

    /// This round of polls begins.
    pub(crate) fn round_begins(&self, round: u32) {
        if let Some(cache) = &self.cache {
            cache.clock.set(cache.round * round);
        }
    }

    /// The account of the cache.
    pub(crate) fn cached(&self) -> Option<CacheRecord> {
        let cache::Counts { hits, revalidated, fetched, bytes_from_origin } =
            self.cache.as_ref()?.cache.counts();
        Some(CacheRecord { hits, revalidated, fetched, bytes_from_origin })
    }
}

impl CacheTier {
    fn start(setup: &Setup, origin: SocketAddr) -> std::io::Result<Option<Self>> {
        let Some(behaviour) = setup.cache.behaviour else { return Ok(None) };
        let clock = match setup.cadence {
            Cadence::OpenLoop { .. } => Clock::real(),
            Cadence::Lockstep | Cadence::Shuffled => Clock::standing_at(SystemTime::now()),
        };
        let settings = cache::Settings { origin, behaviour, clock: clock.clone() };
        let cache = Arc::new(Cache::new(settings));
        let served = Arc::clone(&cache);
        let serving = Serving::start("cache", |listener, stopped| {
            cache::serve(listener, served, stopped.wait())
        })?;
        Ok(Some(Self { serving, cache, clock, round: setup.caching.round_interval }))
    }
}
