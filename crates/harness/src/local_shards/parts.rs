//! The processes of one arm, as the run sees them: started, told, heard, and added up.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use client::{Meter, Milestone, PollOutcome};
use measure::Tally;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::orders::{ArmOrder, ChangeReport, DoneReport, PartOrder, PartReport};
use super::{DividedPolls, fingerprint};
use crate::error::RunError;
use crate::process::{Process, ProcessError};
use crate::shard::LocalShards;
use crate::stage::Stage;

type PartEvent = (usize, Result<PartReport, ProcessError>);

/// All parts of an arm. Dropping it ends their processes.
pub(super) struct Parts {
    pub(super) all: Vec<Part>,
    pub(super) events: UnboundedReceiver<PartEvent>,
    pub(super) failure: Option<RunError>,
    tasks: JoinSet<()>,
}

/// One part, as the run knows it.
pub(super) struct Part {
    orders: UnboundedSender<PartOrder>,
    /// Round before which it waits.
    waits_for: Option<u32>,
    counts: [u64; 3],
    done: Option<DoneReport>,
    is_lost: bool,
}

impl Part {
    fn is_under_way(&self) -> bool {
        self.done.is_none() && !self.is_lost
    }

    pub(super) fn is_complete(&self) -> bool {
        self.done.as_ref().is_some_and(|done| done.complete)
    }
}

impl Parts {
    pub(super) fn start(stage: &Stage<'_>, shards: &LocalShards) -> Result<Self, RunError> {
        let (sender, events) = unbounded_channel();
        let mut parts = Self { all: Vec::new(), events, failure: None, tasks: JoinSet::new() };
        for index in 0..shards.total {
            let name = format!("part {index} of {}", shards.total);
            let which = ["--local-shard".into(), format!("{index}/{}", shards.total).into()];
            let [command, flags] = shards.arguments.clone();
            let arguments = command.into_iter().chain(which).chain(flags);
            let log = stage.folder().join(format!("part-{index}.log"));
            let process = Process::reporting(name, stage.program, arguments, log)?;
            let (orders, received) = unbounded_channel();
            parts.tasks.spawn(attend(index as usize, process, received, sender.clone()));
            let (waits_for, counts, done) = (None, [0; 3], None);
            parts.all.push(Part { orders, waits_for, counts, done, is_lost: false });
        }
        Ok(parts)
    }

    /// Returns when all parts are ready to poll.
    pub(super) async fn prepare(
        &mut self,
        stage: &Stage<'_>,
        polls: &DividedPolls<'_>,
    ) -> Result<(), RunError> {
        let arm = stage.scenario.arms.iter().position(|arm| arm.name == stage.arm.name);
        self.tell_all(&PartOrder::Arm(ArmOrder {
            scenario: fingerprint(&stage.scenario.to_record()),
            arm: arm.expect("the arm is one of the scenario's"),
            address: polls.address,
            paths: polls.paths.to_vec(),
            milestones: polls.milestones.to_vec(),
            log_changes: polls.load.log_changes,
        }));
        for _ in 0..self.all.len() {
            let (_, report) = self.events.recv().await.expect("each part holds a sender");
            report?;
        }
        Ok(())
    }

    pub(super) fn tell_all(&self, order: &PartOrder) {
        for part in self.all.iter().filter(|part| part.is_under_way()) {
            // The task of a part that has ended has said so, or will.
            let _ = part.orders.send(order.clone());
        }
    }

    pub(super) fn are_under_way(&self) -> bool {
        self.all.iter().any(Part::is_under_way)
    }

    pub(super) fn note(
        &mut self,
        index: usize,
        report: Result<PartReport, ProcessError>,
        meter: &Arc<Meter>,
    ) {
        let part = &mut self.all[index];
        match report {
            Ok(PartReport::Prepared {}) => {}
            Ok(PartReport::Reached { round }) => part.waits_for = Some(round),
            Ok(PartReport::Polled { polls, conditional, not_modified }) => {
                part.counts = [polls, conditional, not_modified];
                let sum = |which: usize| self.all.iter().map(|part| part.counts[which]).sum();
                meter.polls.store(sum(0), Relaxed);
                meter.conditional.store(sum(1), Relaxed);
                meter.not_modified.store(sum(2), Relaxed);
            }
            Ok(PartReport::Done(done)) => part.done = Some(*done),
            // What the others measure is worth keeping.
            Err(error) => {
                part.is_lost = true;
                self.failure.get_or_insert(error.into());
            }
        }
    }

    /// The round before which all parts wait that still poll.
    pub(super) fn reached(&self) -> Option<u32> {
        let mut under_way = self.all.iter().filter(|part| part.is_under_way());
        let round = under_way.next()?.waits_for?;
        under_way.all(|part| part.waits_for == Some(round)).then_some(round)
    }

    pub(super) fn go_on(&mut self, milestone: Result<Milestone, RunError>) {
        match milestone {
            Ok(milestone) => self.tell_all(&PartOrder::Reached(milestone.into())),
            Err(error) => {
                self.failure.get_or_insert(error);
                self.tell_all(&PartOrder::Stop {});
            }
        }
        self.all.iter_mut().for_each(|part| part.waits_for = None);
    }

    pub(super) fn outcome(self, complete: bool) -> PollOutcome<RunError> {
        let mut outcome = PollOutcome { complete, failure: self.failure, ..PollOutcome::nothing() };
        let mut records = Vec::new();
        for done in self.all.into_iter().filter_map(|part| part.done) {
            let tally = Tally::of_record(&done.record).expect("a part of this version wrote it");
            outcome.tally.merge(&tally);
            outcome.changes.extend(done.changes.iter().filter_map(ChangeReport::read));
            records.push(done.record);
        }
        outcome.tally.order_tags_as_in(&records);
        outcome.changes.sort_by_key(|change| change.at);
        outcome
    }
}

/// Passes on orders and reports of one part until it is done, or gone.
async fn attend(
    index: usize,
    mut process: Process,
    mut orders: UnboundedReceiver<PartOrder>,
    events: UnboundedSender<PartEvent>,
) {
    loop {
        let report = tokio::select! {
            order = orders.recv() => match order {
                Some(order) => match process.tell(&order).await {
                    Ok(()) => continue,
                    Err(error) => Err(error),
                },
                None => break,
            },
            report = process.hear::<PartOrder>() => report,
        };
        let is_last = matches!(report, Ok(PartReport::Done(_)) | Err(_));
        if events.send((index, report)).is_err() || is_last {
            break;
        }
    }
    process.close().await;
}
