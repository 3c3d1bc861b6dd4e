//! The tier of one arm in memory: replicas, what they share, the edge before them, and who is picked.
//!
//! Does what the harness does to processes, in the same order. Knows no client and no schedule.

use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use balancer::offline::ForwardedRequest;
use balancer::{Caller, Choice, Edge, Pins};
use client::Milestone;
use client::offline::{Answer, Wanted};
use http::HeaderValue;
use origin::offline::{OfflineReplica, OfflineRequest, Shared};
use origin::shared_tags::protocol::TagProtocol as Protocol;
use origin::shared_tags::{LEASE, SharedTagsSpec, TTL};
use origin::{ReplicaCounts, ReplicaSpec};
use scenario::{Arm, PollInterval, Scenario, TagProtocol, shares_tags};
use strategies::Entry;
use truth::ReplicaId;

use crate::editions::Editions;
use crate::timeline::{FleetStep, Step, Timeline};

/// Sets of numbers that processes draw: few, because tags that depend on them are made for each.
const DRAWS: u64 = 20;
/// Start of the first process since 1970, with as many digits as any of today.
const STARTED_NS: u64 = 1_790_000_000_000_000_000;
/// First inode, with as many digits as on a disk in use.
const FIRST_INODE: u64 = 0x20_0000;

/// An arm that is modelled.
pub(crate) struct Case<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) arm: &'a Arm,
    pub(crate) strategy: &'static Entry,
    pub(crate) editions: &'a Editions,
    pub(crate) timeline: Timeline<FleetStep>,
}

pub(crate) struct World<'a> {
    case: &'a Case<'a>,
    replicas: Vec<OfflineReplica>,
    /// The edition that each replica holds; `None` while it is dead.
    held: Vec<Option<u32>>,
    /// The newest edition that every replica has got.
    complete: u32,
    shared: Option<Shared>,
    /// Index of the replica that made the last change.
    writer: usize,
    /// Mark of a change whose tag is not published yet.
    mark: Option<u64>,
    edge: Option<&'static Edge>,
    choice: Choice,
    /// The number that the balancer gave to each connection that is open.
    connections: Vec<Option<u64>>,
    accepted: u64,
    /// The same numbers, for a policy that is asked for many picks.
    numbers: Vec<u64>,
    poll_interval: Option<PollInterval>,
    next_inode: u64,
    /// Processes so far.
    processes: u64,
    first_nonce: u64,
    pub(crate) milestone: Milestone,
}

impl<'a> World<'a> {
    /// The state before the first poll: every replica has its first copy.
    pub(crate) fn new(case: &'a Case<'a>, seed: u64) -> Self {
        let setup = &case.arm.setup;
        let shares =
            setup.sharing.database || case.strategy.reads.revision || shares_tags(case.arm);
        let count = setup.replicas.get() as usize;
        let mut world = Self {
            case,
            replicas: Vec::with_capacity(count),
            held: vec![Some(0); count],
            complete: 0,
            shared: shares.then(Shared::default),
            writer: 0,
            mark: None,
            edge: setup.edge.edge.as_ref(),
            choice: Choice::new((setup.policy.make)(seed), count),
            connections: vec![None; setup.connections.get() as usize],
            accepted: 0,
            numbers: Vec::new(),
            poll_interval: setup.sharing.poll_interval,
            next_inode: FIRST_INODE,
            processes: 0,
            first_nonce: (seed % DRAWS).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            milestone: Milestone::default(),
        };
        for (index, &history) in setup.histories.iter().enumerate() {
            let replica = world.start(index, history);
            world.replicas.push(replica);
        }
        (0..count).for_each(|index| world.give(index, 0));
        world
    }

    /// Lets happen what the timeline holds before this round; returns whether answers may change.
    pub(crate) fn reach(&mut self, round: u32) -> bool {
        let steps = self.case.timeline.steps(round);
        for &step in steps {
            self.take(step);
        }
        !steps.is_empty()
    }

    /// Times that a request changed what replicas share.
    pub(crate) fn writes(&self) -> u64 {
        self.shared.as_ref().map_or(0, Shared::writes)
    }

    /// True if all replicas answer and every connection that counts is open: then who is picked for many
    /// clients can be asked at once.
    pub(crate) fn is_steady(&self) -> bool {
        let pins = self.case.arm.setup.policy.pins == Pins::Connection;
        let is_open = !pins || self.connections.iter().all(Option::is_some);
        is_open && self.choice.all_available() && self.held.iter().all(Option::is_some)
    }

    /// Adds the replicas that answer these clients, one after the other, in a steady world.
    pub(crate) fn pick_each(&mut self, clients: Range<u32>, picks: &mut Vec<u32>) {
        self.numbers.clear();
        if self.case.arm.setup.policy.pins == Pins::Connection {
            self.numbers.extend(self.connections.iter().flatten());
        } else {
            self.numbers.push(0);
        }
        self.choice.each(clients, &self.numbers, picks);
    }

    /// Counts of the queries and look-ups of this replica.
    pub(crate) fn counts(&self, replica: Option<usize>) -> ReplicaCounts {
        replica.map_or_else(ReplicaCounts::default, |index| self.replicas[index].counts())
    }

    /// The replica that answers a request of this client; `None` when all that were tried are dead.
    pub(crate) fn pick(&mut self, client: u32) -> Option<usize> {
        let place = client as usize % self.connections.len();
        let connection = *self.connections[place].get_or_insert_with(|| {
            self.accepted += 1;
            self.accepted - 1
        });
        let caller = Caller { client: client.into(), connection };
        let mut tried = Vec::new();
        loop {
            let replica = self.choice.begin(caller, &tried)?;
            self.choice.end(replica);
            if self.held[replica].is_some() {
                self.choice.bring_back(replica);
                return Some(replica);
            }
            self.choice.put_aside(replica);
            tried.push(replica);
        }
    }

    /// Closes the connection of this client, which has hung up.
    pub(crate) fn hang_up(&mut self, client: u32) {
        let place = client as usize % self.connections.len();
        self.connections[place] = None;
    }

    /// The response to a request, through the balancer.
    pub(crate) fn exchange(
        &self,
        replica: Option<usize>,
        request: &[u8],
        wanted: &Wanted,
    ) -> Answer {
        let forwarded = ForwardedRequest::of(self.edge, request);
        let response = match replica {
            Some(index) => {
                let id = ReplicaId(index as u32 + 1);
                forwarded.delivered(id, &self.replicas[index].answer(&forwarded.octets))
            }
            None => forwarded.unreachable(),
        };
        Answer::read(&response, wanted)
    }

    /// The request as replicas read it, where nothing but it and their content decides about it.
    pub(crate) fn plain(&self, request: &[u8]) -> Option<OfflineRequest> {
        let is_plain = self.edge.is_none() && self.shared.is_none();
        is_plain.then(|| OfflineRequest::read(&ForwardedRequest::of(None, request).octets))
    }

    /// True if this replica answers a plain request with its whole content.
    pub(crate) fn sends_all(&self, replica: usize, request: &OfflineRequest) -> bool {
        self.replicas[replica].sends_all(request)
    }

    /// Opens the connections of all clients in their order, as far as they are not open.
    pub(crate) fn open_all(&mut self) {
        for connection in &mut self.connections {
            if connection.is_none() {
                *connection = Some(self.accepted);
                self.accepted += 1;
            }
        }
    }

    fn take(&mut self, step: Step<FleetStep>) {
        match step {
            Step::Reconnect => {
                self.milestone.reconnects += 1;
                self.connections.fill(None);
            }
            Step::Resume => self.milestone.resumes += 1,
            Step::Complete(edition) => {
                self.milestone.complete_changes += 1;
                self.milestone.edition = edition;
            }
            Step::Edge(edge) => self.edge = edge.edge.as_ref(),
            Step::Kill(index) => self.held[index] = None,
            Step::Restart(index) => self.restart(index),
            // Arms in which these happen are not modelled.
            Step::Policy(_) | Step::Clients(_) => {}
            Step::Tier(step) => self.apply(step),
        }
    }

    fn apply(&mut self, step: FleetStep) {
        match step {
            FleetStep::Deploy { replica, edition } => {
                if replica + 1 == self.held.len() {
                    self.complete = edition;
                }
                // A dead replica misses the change.
                if self.held[replica].is_some() {
                    self.held[replica] = Some(edition);
                    self.give(replica, edition);
                    self.mark = self.mark.and_then(|_| Some(self.shared.as_ref()?.announce()));
                }
            }
            FleetStep::Announce { edition, commits } => {
                self.writer = self.held.iter().position(Option::is_some).unwrap_or_default();
                if self.held[self.writer].is_some() {
                    self.mark = self.shared.as_ref().map(Shared::announce);
                    if commits {
                        self.give(self.writer, edition);
                    }
                }
            }
            FleetStep::Publish(_) => {
                if let Some(shared) =
                    self.shared.as_ref().filter(|_| self.held[self.writer].is_some())
                {
                    shared.publish(self.mark.take());
                }
            }
            FleetStep::Pace(pace) => {
                self.poll_interval = pace;
                let interval = pace.map(PollInterval::milliseconds);
                self.replicas.iter().for_each(|replica| replica.set_poll_interval_ms(interval));
            }
            // Arms to which these happen are not modelled.
            FleetStep::StoreDown
            | FleetStep::StoreUp
            | FleetStep::HoldCreation
            | FleetStep::Strategy { .. }
            | FleetStep::Scale(_) => {}
        }
    }

    /// Kills a replica if it runs, and starts it again with what every replica should have by now.
    fn restart(&mut self, index: usize) {
        let edition = self.held[index].unwrap_or(self.complete);
        self.replicas[index] = self.start(index, 0);
        self.held[index] = Some(edition);
        self.give(index, edition);
        self.choice.bring_back(index);
    }

    fn start(&mut self, index: usize, history: u64) -> OfflineReplica {
        let (process, first) = (self.processes, self.first_nonce);
        self.processes += 1;
        let spec = self.spec(index, history);
        let started = STARTED_NS + process * 1_000_000;
        OfflineReplica::new(spec, self.shared.as_ref(), first.wrapping_add(process), started)
            .expect("a scenario has valid paths only")
    }

    fn spec(&self, index: usize, history: u64) -> ReplicaSpec {
        let (resource, sharing) = (&self.case.scenario.resource, &self.case.arm.setup.sharing);
        let value = |text: &str| HeaderValue::try_from(text).expect("a scenario has valid values");
        let shared = self.shared.as_ref().filter(|_| shares_tags(self.case.arm));
        let cache_control = resource.cache_control.as_deref().filter(|value| !value.is_empty());
        ReplicaSpec {
            id: Some(ReplicaId(index as u32 + 1)),
            path: resource.path.split('?').next().unwrap_or_default().to_owned(),
            content_type: value(&resource.content_type),
            cache_control: cache_control.map(value),
            history,
            shared_tags: shared.map(|shared| SharedTagsSpec {
                store: shared.store(),
                protocol: match sharing.protocol {
                    TagProtocol::AsPublished => Protocol::AsPublished,
                    TagProtocol::Hardened => Protocol::Hardened,
                },
                ttl: TTL,
                lease: LEASE,
                namespace: "model".to_owned(),
            }),
            poll_interval_ms: self.poll_interval.map(PollInterval::milliseconds),
            codings: resource.codings.clone(),
            last_modified: resource.last_modified,
            read_only: true,
            ..ReplicaSpec::new(self.case.strategy, "")
        }
    }

    /// Gives a replica an edition: a new file with an inode of its own, or a row for all.
    fn give(&mut self, index: usize, edition: u32) {
        let drift = self.case.arm.setup.deploy_drift;
        let modified = in_milliseconds(self.case.editions.modified(edition, index, drift));
        let content = self.case.editions.content(edition);
        if self.shared.is_some() {
            self.replicas[index].commit(content, edition, modified);
        } else {
            self.next_inode += 1;
            self.replicas[index].deploy(content, edition, self.next_inode, modified);
        }
    }
}

/// As orders to replicas carry it.
fn in_milliseconds(time: SystemTime) -> SystemTime {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    UNIX_EPOCH + Duration::from_millis(since.as_millis() as u64)
}
