//! A simulated deployment at work: replicas behind a balancer, and a cache if there is one.
//! Time is what whoever asks says it is.

use std::collections::{BTreeMap, BTreeSet};

use findings::evidence::{ExchangeFailure, ObservedRequest};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::cache::{self, Cache, Stored};
use super::content;
use super::server::{Response, answer};
use super::site::{Failure, Site};
use super::tag::{EPOCH, Moment, Process};

/// Servers, and what stands before them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct World {
    /// Seed of everything in it that is random.
    pub(crate) seed: u64,
    /// One for each replica.
    pub(crate) sites: Vec<Site>,
    pub(crate) processes: Vec<Process>,
    pub(crate) policy: Policy,
    /// Changes of the content, in their order.
    pub(crate) changes: Vec<Change>,
    /// Milliseconds at which every process is started again.
    pub(crate) restart: Option<u64>,
    pub(crate) cache: Option<Cache>,
}

/// Choice of the replica that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    InTurns,
    Random,
    /// The same for each address of a client.
    Sticky,
    /// The same for each client that keeps a cookie, and at random for others.
    Cookie,
    /// At random for each connection.
    PerConnection,
    /// Each is asked by its name.
    Backends,
    /// Each has an address of its own, and clients choose among these.
    Addresses,
}

/// A new edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Milliseconds at which the first replica has it.
    pub(crate) at: u64,
    /// Milliseconds from one replica to the next.
    pub(crate) stagger: u64,
}

/// Whoever asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    /// Number of its address.
    pub(crate) address: u64,
    /// Replica that it names.
    pub(crate) lane: Option<usize>,
    /// Number of the connection, where it is kept.
    pub(crate) connection: Option<u64>,
    /// True if it sends the cookies that it was given.
    pub(crate) has_cookie: bool,
}

/// A world at work.
pub(crate) struct Deployment<'w> {
    world: &'w World,
    /// Replicas that may answer.
    pub(crate) open: Vec<usize>,
    /// Replicas that answered.
    pub(crate) met: BTreeSet<usize>,
    served: BTreeMap<(usize, bool), u32>,
    pinned: BTreeMap<u64, usize>,
    /// By way and coding: who asks a replica by its name, or at its own address, gets nothing that
    /// another one sent.
    stored: BTreeMap<(Option<usize>, Option<String>), Stored>,
    turn: usize,
    random: Pcg64Mcg,
}

/// Answer, and what a request without a condition would have got in its place.
pub(crate) struct Given {
    pub(crate) outcome: Result<Response, ExchangeFailure>,
    pub(crate) current: Option<Vec<u8>>,
}

impl World {
    /// The server of a replica at some time.
    pub(crate) fn process(&self, replica: usize, at: u64) -> Process {
        let process = self.processes[replica];
        match self.restart.filter(|restart| *restart <= at) {
            Some(restart) => Process {
                salt: process.salt.rotate_left(17) ^ 0x5bd1_e995,
                started: EPOCH * 1_000 + restart + process.id * 37,
                counted: process.counted / 2,
                ..process
            },
            None => process,
        }
    }

    /// Circumstances of a response of a replica.
    pub(crate) fn moment(&self, replica: usize, at: u64, served: u32, nonce: u64) -> Moment {
        let done = |change: &&Change| change.at + change.stagger * replica as u64 <= at;
        let known: Vec<_> = self.changes.iter().filter(done).collect();
        let edited =
            known.last().map_or(EPOCH * 1_000 - 300_000_123, |change| EPOCH * 1_000 + change.at);
        Moment { at, edition: 1 + known.len() as u64, edited, served, nonce }
    }
}

impl<'w> Deployment<'w> {
    pub(crate) fn of(world: &'w World) -> Self {
        Self {
            world,
            open: (0..world.sites.len()).collect(),
            met: BTreeSet::new(),
            served: BTreeMap::new(),
            pinned: BTreeMap::new(),
            stored: BTreeMap::new(),
            turn: 0,
            random: Pcg64Mcg::seed_from_u64(world.seed),
        }
    }

    /// Answers a request.
    pub(crate) fn ask(&mut self, at: u64, client: Caller, asked: &ObservedRequest) -> Given {
        let nonce: u64 = self.random.random();
        let replica = self.chosen(client);
        let Some(cache) = self.world.cache.filter(|_| cache::may_answer(asked)) else {
            return self.origin(replica, at, nonce, asked);
        };
        let is_beside = matches!(self.world.policy, Policy::Backends | Policy::Addresses);
        let key = (is_beside.then_some(replica), asked.accept_encoding.clone());
        let fresh = |stored: &&Stored| at < stored.at + cache.milliseconds;
        let hit = self.stored.get(&key).filter(fresh).cloned();
        let is_hit = hit.is_some();
        let stored = if let Some(stored) = hit {
            stored
        } else {
            let given = self.origin(replica, at, nonce, &cache::unconditional(asked));
            match given.outcome {
                Ok(response) if response.status == 200 => Stored { at, response },
                _ => return given,
            }
        };
        self.stored.insert(key, stored.clone());
        let current = Some(stored.response.content.clone());
        Given { outcome: Ok(cache::answer(cache, &stored, at, is_hit, asked)), current }
    }

    fn origin(&mut self, replica: usize, at: u64, nonce: u64, asked: &ObservedRequest) -> Given {
        let world = self.world;
        self.met.insert(replica);
        let again = world.restart.is_some_and(|restart| restart <= at);
        let served = self.served.entry((replica, again)).or_default();
        let moment = world.moment(replica, at, *served, nonce);
        *served += 1;
        let process = world.process(replica, at);
        let site = &world.sites[replica];
        let outcome = answer(site, &process, &moment, asked);
        let is_up = matches!(site.failure, Failure::None | Failure::Between { .. });
        let current = is_up.then(|| content::of(site, &process, &moment, asked));
        Given { outcome, current }
    }

    fn chosen(&mut self, client: Caller) -> usize {
        let drawn = self.open[self.random.random_range(0..self.open.len())];
        self.turn += 1;
        if let Some(lane) = client.lane {
            return lane;
        }
        match self.world.policy {
            Policy::InTurns => self.open[self.turn % self.open.len()],
            Policy::Random | Policy::Backends | Policy::Addresses => drawn,
            Policy::Cookie if !client.has_cookie => drawn,
            Policy::Sticky | Policy::Cookie => {
                self.open[(client.address as usize) % self.open.len()]
            }
            Policy::PerConnection => match client.connection {
                Some(connection) => *self.pinned.entry(connection).or_insert(drawn),
                None => drawn,
            },
        }
    }
}
