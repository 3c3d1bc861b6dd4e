//! The polling clients alone, against an external server: `etag-lab poll URL`.

use std::num::NonZeroU64;
use std::time::Duration;

use client::{Access, InvalidTarget, Load, Milestone, PollOutcome, PollTarget};
use findings::run::ArmEvidence;
use measure::Tally;
use measure::record::{
    ArmRecord, FindingRecord, RunRecord, ScenarioRecord, SetupRecord, ShardRecord,
};
use model::record::Circumstances;
use scenario::expectation::Expectation;
use scenario::{Cadence, MOST_POLLS, Setup};
use text::secret::masked_url;
use wire::url::RequestField;

use crate::run::{Settings, circumstances, stopped};
use crate::shard::{self, Begun, ShardError, Sharding};

/// Name of the only arm of such a run.
pub const POLL: &str = "poll";

/// Word of the record for what is not ours to know.
const NOT_OURS: &str = "-";

/// A server to poll, and the load.
#[derive(Clone, Debug)]
pub struct Remote {
    /// An `http://` or `https://` URL.
    pub url: String,
    /// Address and certificates, as far as they are not the usual ones.
    pub access: Access,
    /// Paths of further resources on that server; clients take turns.
    pub paths: Vec<String>,
    /// Further request fields.
    pub fields: Vec<RequestField>,
    /// Load of the clients; its settings of replicas and balancer are not used.
    pub setup: Setup,
    /// Time to poll for, in place of the number of polls.
    pub duration: Option<Duration>,
    /// Part of the polls that is made here; `None` for all.
    pub sharding: Option<Sharding>,
    /// Conditions of the user, about the arm [`POLL`].
    pub expectations: Vec<Expectation>,
}

/// Reason why nothing is polled.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// A target that cannot be polled.
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    /// A schedule that cannot be divided, or shards that do not begin together.
    #[error(transparent)]
    Shard(#[from] ShardError),
}

/// Polls and records one arm, [`POLL`].
pub async fn poll(remote: &Remote, settings: &Settings) -> Result<RunRecord, PollError> {
    let target = PollTarget::resolve(&remote.url, &remote.fields, &remote.access).await?;
    let target = target.and_paths(&remote.paths)?.sending(&remote.setup.fields)?;
    if remote.sharding.is_some() {
        shard::check(remote.setup.cadence, remote.is_counted())?;
    }
    let load = remote.load();
    let verified = target.is_encrypted().then_some(!remote.access.tls.insecure);
    let of_tally = |tally: &Tally| ScenarioRecord {
        certificate_verified: verified,
        http2_streams: remote.access.http2_streams.map(std::num::NonZero::get),
        ..remote.to_record(&load, tally)
    };
    let asked = of_tally(&Tally::default());
    let begun = tokio::select! {
        biased;
        () = stopped(&settings.stop) => None,
        begun = remote.begin(&asked) => begun?,
    };
    let circumstances = circumstances(settings.command.clone());
    let meter = settings.announce(POLL, remote.planned(&load));
    let nothing_happens = async |_| Ok::<_, std::convert::Infallible>(Milestone::default());
    let stop = async {
        tokio::select! {
            () = stopped(&settings.stop) => {}
            () = remote.time_is_up() => {}
        }
    };
    let skew_us = begun.as_ref().and_then(Begun::skew_us);
    let outcome = client::poll(&target, &load, &[], nothing_happens, &meter, stop).await;
    settings.progress.send_replace(None);
    let PollOutcome { tally, complete, failure: None, .. } = outcome;
    let scenario = of_tally(&tally);
    // Where only the time ends the polls, all that was asked was measured.
    let partial = !complete && (remote.is_counted() || *settings.stop.borrow());
    let arm = ArmRecord {
        name: POLL.to_owned(),
        strategy: NOT_OURS.to_owned(),
        setup: scenario.setup.clone(),
        editions: remote.sharding.as_ref().map_or_else(Vec::new, |_| tally.edition_records()),
        ..tally.to_record()
    };
    let evidence =
        ArmEvidence { tally: &tally, validator: model::record::validator(load.caching.validate) };
    let mut findings = findings::run::of_arm(POLL, evidence);
    if verified == Some(false) {
        findings.push(unverified());
        findings.sort_by_key(|finding| finding.severity);
    }
    let circumstances = Circumstances { partial, ..circumstances };
    let mut record = model::record::run(circumstances, scenario, vec![arm], findings);
    record.shard = remote.sharding.as_ref().map(|it| ShardRecord {
        total: it.shard.total,
        parts: vec![it.shard.index],
        skew_us,
        ..ShardRecord::default()
    });
    let expectations = remote.expectations.iter();
    record.expectations = expectations.map(|expected| expected.evaluate(&record)).collect();
    Ok(record)
}

/// Warning of a server that may be anybody.
fn unverified() -> FindingRecord {
    let title = "no certificate was verified".to_owned();
    let evidence = "--insecure accepts any: the server may be another one".to_owned();
    findings::run::warning("", title, evidence)
}

impl Remote {
    /// The load of the clients: in an open loop, as many polls as there are intervals in the time.
    fn load(&self) -> Load {
        let mut load = self.setup.load();
        if let Some(sharding) = &self.sharding {
            load.share = sharding.shard.share();
        }
        let clients = u64::from(load.rounds.clients);
        load.rounds.polls = match (self.duration, load.cadence) {
            (Some(duration), Cadence::OpenLoop { interval, .. }) => {
                let rounds = duration.as_nanos().div_ceil(interval.as_nanos());
                clients.saturating_mul(u64::try_from(rounds).unwrap_or(u64::MAX)).min(MOST_POLLS)
            }
            (Some(_), _) => MOST_POLLS,
            (None, _) => load.rounds.polls,
        };
        load
    }

    /// True if the polls end with their number, and not with the time.
    fn is_counted(&self) -> bool {
        self.duration.is_none() || matches!(self.setup.cadence, Cadence::OpenLoop { .. })
    }

    /// Number of polls, where it is known in advance.
    fn planned(&self, load: &Load) -> Option<u64> {
        self.is_counted().then(|| load.rounds.polls_of(load.share))
    }

    async fn time_is_up(&self) {
        match self.duration.filter(|_| !self.is_counted()) {
            Some(duration) => tokio::time::sleep(duration).await,
            None => std::future::pending().await,
        }
    }

    /// Waits for the start that shards share.
    async fn begin(&self, scenario: &ScenarioRecord) -> Result<Option<Begun>, ShardError> {
        match &self.sharding {
            Some(sharding) => sharding.begin(scenario).await.map(Some),
            None => Ok(None),
        }
    }

    /// The schedule is that of all shards, whichever part of it is made here.
    fn to_record(&self, load: &Load, tally: &Tally) -> ScenarioRecord {
        let unknown = || NOT_OURS.to_owned();
        let mut setup = self.setup.clone();
        let polls = self.sharding.as_ref().map_or(tally.verdicts.total(), |_| load.rounds.polls);
        if let (Some(_), Some(polls)) = (self.duration, NonZeroU64::new(polls)) {
            setup.polls = polls;
        }
        let setup = &setup;
        // What is left out is not ours to know: the fleet, its content and its changes.
        ScenarioRecord {
            name: masked_url(&self.url),
            setup: SetupRecord { policy: unknown(), edge: unknown(), ..setup.into() },
            further_paths: self.paths.iter().map(|path| masked_url(path)).collect(),
            ..setup.to_record(setup.virtual_interval())
        }
    }
}
