//! Fleet, balancer and load: what all arms share, and what an arm makes of it.

use std::num::{NonZeroU32, NonZeroU64};
use std::ops::RangeInclusive;
use std::time::Duration;

use balancer::EdgeEntry;
use balancer::catalogue::no_edge;

use super::{Given, Resolver, control_plane};
use crate::diagnostic::{Diagnostic, Result};
use crate::file::{ArmFile, CadenceKey, FleetFile, LoadFile, ScenarioFile};
use crate::histories::default_histories;
use crate::layer::KeyPath;
use crate::{Arm, Cadence, Setup};
use text::count;

const DEFAULT_REPLICAS: i64 = 3;
const DEFAULT_CLIENTS: i64 = 10;
const DEFAULT_POLLS: i64 = 50;
const DEFAULT_TOTAL_POLLS: i64 = DEFAULT_CLIENTS * DEFAULT_POLLS;
const DEFAULT_CONNECTIONS: u32 = 64;
const DEFAULT_POLICY: &str = "round-robin";
const DEFAULT_DRIFT: &str = "7s";
const DEFAULT_INTERVAL: &str = "1s";
const DEFAULT_JITTER: f64 = 0.1;

const CLIENTS: RangeInclusive<i64> = 1..=1_000_000;
const POLLS: RangeInclusive<i64> = 1..=1_000_000;
const TOTAL_POLLS: RangeInclusive<i64> = 1..=1_000_000_000;
const DRIFTS: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(365 * 86_400);
const INTERVALS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(3_600);
pub(super) const TIMEOUTS: RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_secs(600);

/// An arm as written, with its index; `None` stands for what all share.
pub(super) type OfArm<'a> = Option<(usize, &'a ArmFile)>;

impl Resolver<'_> {
    pub(super) fn shared(&mut self) -> Result<Setup> {
        let mut shared = self.setup(None)?;
        if let Some(plane) = self.control_plane(None)? {
            control_plane::fit(&mut shared, &plane);
        }
        Ok(shared)
    }

    pub(super) fn fleet(&self) -> FleetFile {
        self.file.fleet.clone().unwrap_or_default()
    }

    pub(super) fn load(&self) -> LoadFile {
        self.file.load.clone().unwrap_or_default()
    }

    pub(super) fn setup(&mut self, arm: OfArm<'_>) -> Result<Setup> {
        let (fleet, load) = (self.fleet(), self.load());
        let replicas = nearest(arm, |arm| arm.replicas, fleet.replicas, "fleet", "replicas");
        let histories =
            nearest(arm, |arm| arm.histories.clone(), fleet.histories, "fleet", "histories");
        let drift = nearest(
            arm,
            |arm| arm.deploy_drift.clone(),
            fleet.deploy_drift,
            "fleet",
            "deploy-drift",
        );
        let count = self.integer(&replicas, DEFAULT_REPLICAS, 1..=512)?;
        let clients = self.clients(arm)?;
        Ok(Setup {
            replicas: NonZeroU32::new(count).expect("the range starts at 1"),
            histories: self.histories(&histories, count, &replicas.path)?,
            deploy_drift: self.duration(&drift, DEFAULT_DRIFT, DRIFTS)?,
            policy: self.policy(arm)?,
            edge: self.own_edge(arm)?,
            edge_switches: Vec::new(),
            accept_encoding: self.accept_encoding(&nearest(
                arm,
                |arm| arm.accept_encoding.clone(),
                load.accept_encoding,
                "load",
                "accept-encoding",
            ))?,
            clients,
            polls: self.polls(arm, clients)?,
            cadence: self
                .cadence(nearest(arm, |arm| arm.cadence, load.cadence, "load", "cadence").value)?,
            connections: self.connections(arm, clients)?,
            caching: self.caching(arm)?,
            sharing: self.sharing(arm)?,
            sharing_events: Vec::new(),
            on_error: self.on_error(arm),
            obey_poll_interval: self.obeys_poll_interval(arm),
        })
    }

    fn clients(&self, arm: OfArm<'_>) -> Result<NonZeroU32> {
        let given = nearest(arm, |arm| arm.clients, self.load().clients, "load", "clients");
        let clients = self.integer(&given, DEFAULT_CLIENTS, CLIENTS)?;
        Ok(NonZeroU32::new(clients).expect("the range starts at 1"))
    }

    fn policy(&self, arm: OfArm<'_>) -> Result<String> {
        let shared = self.file.balancer.clone().unwrap_or_default().policy;
        let mut given = nearest(arm, |arm| arm.policy.clone(), shared, "balancer", "policy");
        given.value.get_or_insert_with(|| DEFAULT_POLICY.to_owned());
        self.name(&given, "policy", self.names.policies)
    }

    fn own_edge(&self, arm: OfArm<'_>) -> Result<&'static EdgeEntry> {
        let shared = self.file.balancer.clone().unwrap_or_default().edge;
        let given = nearest(arm, |arm| arm.edge.clone(), shared, "balancer", "edge");
        if given.value.is_none() { Ok(no_edge()) } else { self.edge(&given) }
    }

    fn polls(&self, arm: OfArm<'_>, clients: NonZeroU32) -> Result<NonZeroU64> {
        let load = self.load();
        if let (Some(_), Some(_)) = (load.polls, load.total_polls) {
            let error = self.error(
                &["load", "total-polls"],
                "`polls` and `total-polls` exclude each other",
                "polls of all clients together",
            );
            let error =
                error.related(self.layers.exact(&["load", "polls"]), "polls of each client");
            return Err(Box::new(error.help("keep one of the two")));
        }
        let own = arm.is_some_and(|(_, arm)| arm.polls.is_some());
        if let (Some(_), false) = (load.total_polls, own) {
            let given = Given::of(load.total_polls, &["load", "total-polls"]);
            let total = self.integer(&given, DEFAULT_TOTAL_POLLS, TOTAL_POLLS)?;
            return Ok(NonZeroU64::new(total.into()).expect("the range starts at 1"));
        }
        let given = nearest(arm, |arm| arm.polls, load.polls, "load", "polls");
        let each = self.integer(&given, DEFAULT_POLLS, POLLS)?;
        let total = i64::from(each) * i64::from(clients.get());
        if !TOTAL_POLLS.contains(&total) {
            let title = format!("{} polls are more than a run can have", count(total));
            let label = format!("for each of {} clients", count(clients.get()));
            let most = format!("at most {} polls together", count(*TOTAL_POLLS.end()));
            return Err(Box::new(self.error(&given.path, title, label).help(most)));
        }
        Ok(NonZeroU64::new(total.unsigned_abs()).expect("both factors are at least 1"))
    }

    fn connections(&self, arm: OfArm<'_>, clients: NonZeroU32) -> Result<NonZeroU32> {
        let given =
            nearest(arm, |arm| arm.connections, self.load().connections, "load", "connections");
        let connections = self.integer(&given, DEFAULT_CONNECTIONS.into(), 1..=10_000)?;
        // A connection more than there are clients would never be used.
        Ok(NonZeroU32::new(connections).expect("the range starts at 1").min(clients))
    }

    fn cadence(&self, key: Option<CadenceKey>) -> Result<Cadence> {
        Ok(match key.unwrap_or(CadenceKey::Lockstep) {
            CadenceKey::Lockstep => Cadence::Lockstep,
            CadenceKey::Shuffled => Cadence::Shuffled,
            CadenceKey::OpenLoop => {
                let jitter = self.load().jitter.unwrap_or(DEFAULT_JITTER);
                if !(0.0..=1.0).contains(&jitter) {
                    let title = "`jitter` must be between 0 and 1";
                    let error = self.error(&["load", "jitter"], title, format!("this is {jitter}"));
                    let help = "it is a share of the interval: jitter = 0.1 is 10 % early or late";
                    return Err(Box::new(error.help(help)));
                }
                Cadence::OpenLoop { interval: self.interval()?, jitter }
            }
        })
    }

    /// Time between two polls of one client, real or virtual.
    pub(super) fn interval(&self) -> Result<Duration> {
        let interval = Given::of(self.load().interval, &["load", "interval"]);
        self.duration(&interval, DEFAULT_INTERVAL, INTERVALS)
    }

    /// `interval` and `jitter` mean nothing unless some arm is an open loop, or for `interval` one
    /// whose clients have a clock of their own.
    ///
    /// Not an error where an upper layer chose another cadence than the one they were written for.
    pub(super) fn check_open_loop_keys(&self, arms: &[Arm]) -> Result<()> {
        let is_open = |arm: &Arm| matches!(arm.setup.cadence, Cadence::OpenLoop { .. });
        if arms.iter().any(is_open) {
            return Ok(());
        }
        let chosen = self.layers.rank(&["load", "cadence"]);
        let has_clock = arms.iter().any(|arm| arm.setup.has_clock());
        for key in ["interval", "jitter"].into_iter().filter(|key| *key == "jitter" || !has_clock) {
            let given = self.layers.rank(&["load", key]);
            if given.is_some() && given >= chosen {
                let title = format!("`{key}` has no meaning without an open loop");
                let label = "polls here follow one another as fast as answers come";
                let error = self.error(&["load", key], title, label);
                let error = error.help("cadence = \"open-loop\" (--cadence open-loop)");
                return Err(Box::new(match key {
                    "interval" => error.help(
                        "honour-freshness = true, or obey-poll-interval = true, makes it the virtual \
                         time between two rounds",
                    ),
                    _ => error,
                }));
            }
        }
        Ok(())
    }

    fn histories(
        &mut self,
        given: &Given<Vec<i64>>,
        replicas: u32,
        replicas_path: &KeyPath,
    ) -> Result<Vec<u64>> {
        let Some(histories) = &given.value else { return Ok(default_histories(replicas)) };
        if histories.len() != replicas as usize {
            let meant = self.layers.is_from_command_line(replicas_path)
                && !self.layers.is_from_command_line(&given.path);
            if !meant {
                return Err(self.wrong_length(given, histories.len(), replicas, replicas_path));
            }
            self.note_dropped_histories(given, replicas);
            return Ok(default_histories(replicas));
        }
        let number = |value: &i64| u64::try_from(*value).ok().filter(|&n| n <= 1_000_000_000);
        histories.iter().map(number).collect::<Option<Vec<u64>>>().ok_or_else(|| {
            let title = "a history is a number of changes, 0 to 1,000,000,000";
            let error = self.error(&given.path, title, "one of these is out of range");
            Box::new(error.help("for example histories = [41, 18, 2]"))
        })
    }

    fn wrong_length(
        &self,
        given: &Given<Vec<i64>>,
        length: usize,
        replicas: u32,
        replicas_path: &KeyPath,
    ) -> Box<Diagnostic> {
        let title = format!("{length} histories for {replicas} replicas");
        let error = self.error(&given.path, title, "one number for each replica");
        let error = error.related(self.layers.exact(replicas_path), format!("{replicas} replicas"));
        Box::new(error.help("give one history for each replica, or leave `histories` out"))
    }

    fn note_dropped_histories(&mut self, given: &Given<Vec<i64>>, replicas: u32) {
        let note = Diagnostic::note("the default histories are used instead of these")
            .at(self.place(&given.path), format!("not one for each of {replicas} replicas"));
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// Polls that each client makes, by the numbers of this file alone.
pub(super) fn full_rounds(file: &ScenarioFile) -> i64 {
    let load = file.load.clone().unwrap_or_default();
    let clients = load.clients.unwrap_or(DEFAULT_CLIENTS).max(1);
    match load.total_polls {
        Some(total) => total / clients,
        None => load.polls.unwrap_or(DEFAULT_POLLS),
    }
}

/// What the arm says, else what all share.
pub(super) fn nearest<T>(
    arm: OfArm<'_>,
    of_arm: impl FnOnce(&ArmFile) -> Option<T>,
    shared: Option<T>,
    table: &str,
    key: &str,
) -> Given<T> {
    let shared = Given::of(shared, &[table, key]);
    match arm {
        Some((index, arm)) => Given::of(of_arm(arm), &["arm", &index.to_string(), key]).or(shared),
        None => shared,
    }
}
