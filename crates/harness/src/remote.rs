//! The polling clients alone, against an external server: `etag-lab poll URL`.

use client::{InvalidTarget, Milestone, PollOutcome, PollTarget};
use findings::run::ArmEvidence;
use measure::record::{ArmRecord, RunRecord, ScenarioRecord, SetupRecord};
use scenario::Setup;
use scenario::expectation::Expectation;
use text::secret::masked_url;
use wire::url::RequestField;

use crate::run::{Settings, now, run_record, stopped, validator};

/// Name of the only arm of such a run.
pub const POLL: &str = "poll";

/// Word of the record for what is not ours to know.
const NOT_OURS: &str = "-";

/// A server to poll, and the load.
#[derive(Clone, Debug)]
pub struct Remote {
    /// An `http://` URL.
    pub url: String,
    /// Paths of further resources on that server; clients take turns.
    pub paths: Vec<String>,
    /// Further request fields.
    pub fields: Vec<RequestField>,
    /// Load of the clients; its settings of replicas and balancer are not used.
    pub setup: Setup,
    /// Conditions of the user, about the arm [`POLL`].
    pub expectations: Vec<Expectation>,
}

/// Polls and records one arm, [`POLL`].
pub async fn poll(remote: &Remote, settings: &Settings) -> Result<RunRecord, InvalidTarget> {
    let target = PollTarget::resolve(&remote.url, &remote.fields).await?;
    let target = target.and_paths(&remote.paths)?.sending(&remote.setup.fields)?;
    let load = remote.setup.load();
    let started = now();
    let meter = settings.announce(POLL, load.rounds.polls);
    let nothing_happens = async |_| Ok::<_, std::convert::Infallible>(Milestone::default());
    let stop = stopped(&settings.stop);
    let outcome = client::poll(&target, &load, &[], nothing_happens, &meter, stop).await;
    settings.progress.send_replace(None);
    let PollOutcome { tally, complete, failure: None, .. } = outcome;
    let scenario = remote.to_record();
    let arm = ArmRecord {
        name: POLL.to_owned(),
        strategy: NOT_OURS.to_owned(),
        setup: scenario.setup.clone(),
        ..tally.to_record()
    };
    let evidence = ArmEvidence { tally: &tally, validator: validator(load.caching.validate) };
    let findings = findings::run::of_arm(POLL, evidence);
    let mut record = run_record(settings, started, scenario, vec![arm], findings, !complete);
    let expectations = remote.expectations.iter();
    record.expectations = expectations.map(|expected| expected.evaluate(&record)).collect();
    Ok(record)
}

impl Remote {
    fn to_record(&self) -> ScenarioRecord {
        let unknown = || NOT_OURS.to_owned();
        let setup = &self.setup;
        // What is left out is not ours to know: the fleet, its content and its changes.
        ScenarioRecord {
            name: masked_url(&self.url),
            setup: SetupRecord { policy: unknown(), edge: unknown(), ..setup.into() },
            further_paths: self.paths.iter().map(|path| masked_url(path)).collect(),
            ..setup.to_record(setup.virtual_interval())
        }
    }
}
