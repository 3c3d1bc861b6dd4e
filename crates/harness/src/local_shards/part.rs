//! One of the processes that make the polls of a run: takes orders, polls, reports.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use client::{Load, Meter, Milestone, PollOutcome, PollTarget};
use measure::record::ArmRecord;
use scenario::Scenario;
use server::stdio::{self, Messages, Report};
use tokio::io::{AsyncBufRead, AsyncWrite};
use tokio::sync::mpsc::unbounded_channel;

use super::orders::{ArmOrder, ChangeReport, DoneReport, PartOrder, PartReport};
use super::{Shard, fingerprint};
use crate::stage;

/// Time between two reports of the counts.
const DISPLAYED: Duration = Duration::from_millis(200);

/// Makes one part of the polls of a scenario's arm, as it is ordered. An error means that one of the two
/// streams broke.
pub async fn serve(
    scenario: &Scenario,
    shard: Shard,
    orders: impl AsyncBufRead + Unpin,
    reports: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    let mut part = Part { scenario, shard, orders: Messages::from(orders), reports };
    let Some(order) = part.next().await? else { return Ok(()) };
    let prepared = match order {
        PartOrder::Arm(order) => part.prepared(&order),
        _ => Err("an arm comes first".to_owned()),
    };
    let (target, load, milestones) = match prepared {
        Ok(prepared) => prepared,
        Err(reason) => {
            return stdio::send(&mut part.reports, &Report::<PartReport>::Failed { reason }).await;
        }
    };
    part.report(PartReport::Prepared {}).await?;
    match part.next().await? {
        Some(PartOrder::Begin {}) => part.poll(&target, &load, &milestones).await,
        _ => Ok(()),
    }
}

struct Part<'a, O, R> {
    scenario: &'a Scenario,
    shard: Shard,
    orders: Messages<O>,
    reports: R,
}

impl<O: AsyncBufRead + Unpin, R: AsyncWrite + Unpin> Part<'_, O, R> {
    /// The next order; `None` at their end, and where one is not understood, which no run of this version
    /// gives.
    async fn next(&mut self) -> io::Result<Option<PartOrder>> {
        Ok(self.orders.next().await?.and_then(Result::ok))
    }

    async fn report(&mut self, report: PartReport) -> io::Result<()> {
        stdio::send(&mut self.reports, &Report::Own(report)).await
    }

    fn prepared(&self, order: &ArmOrder) -> Result<(PollTarget, Load, Vec<u32>), String> {
        if fingerprint(&self.scenario.to_record()) != order.scenario {
            return Err("the scenario has changed since the run began".to_owned());
        }
        let arm = self.scenario.arms.get(order.arm).ok_or("there is no such arm")?;
        let (first, others) = order.paths.split_first().ok_or("there is no path")?;
        let target = PollTarget::new(order.address, first)
            .and_paths(others)
            .and_then(|target| target.sending(&arm.setup.fields))
            .map_err(|error| error.to_string())?;
        let load = Load { share: self.shard.share(), ..stage::load(arm, order.log_changes) };
        Ok((target, load, order.milestones.clone()))
    }

    async fn poll(
        &mut self,
        target: &PollTarget,
        load: &Load,
        milestones: &[u32],
    ) -> io::Result<()> {
        let meter = Arc::new(Meter::default());
        let (arrivals, mut arrived) = unbounded_channel();
        let (releases, mut milestones_reached) = unbounded_channel();
        let reach = async |round| {
            // Nobody receives them any more where the run is being stopped.
            let _ = arrivals.send(round);
            let milestone: Option<Milestone> = milestones_reached.recv().await;
            Ok::<_, Infallible>(milestone.unwrap_or_default())
        };
        let stopped = tokio::sync::Notify::new();
        let polls = client::poll(target, load, milestones, reach, &meter, stopped.notified());
        tokio::pin!(polls);
        let mut ticks = tokio::time::interval(DISPLAYED);
        let mut is_stopped = false;
        let outcome = loop {
            tokio::select! {
                outcome = &mut polls => break outcome,
                order = self.orders.next::<PartOrder>(), if !is_stopped => {
                    if let Ok(Some(Ok(PartOrder::Reached(milestone)))) = order {
                        let _ = releases.send(milestone.into());
                    } else {
                        // The end of the orders as well: whoever gave them is gone.
                        is_stopped = true;
                        stopped.notify_one();
                    }
                }
                round = arrived.recv() => {
                    let round = round.expect("the polls hold a sender");
                    let report = Report::Own(PartReport::Reached { round });
                    stdio::send(&mut self.reports, &report).await?;
                }
                _ = ticks.tick() => {
                    stdio::send(&mut self.reports, &Report::Own(polled(&meter))).await?;
                }
            }
        };
        self.report(polled(&meter)).await?;
        self.report(PartReport::Done(Box::new(done(&outcome)))).await
    }
}

fn polled(meter: &Meter) -> PartReport {
    PartReport::Polled {
        polls: meter.polls.load(Relaxed),
        conditional: meter.conditional.load(Relaxed),
        not_modified: meter.not_modified.load(Relaxed),
    }
}

fn done(outcome: &PollOutcome<Infallible>) -> DoneReport {
    let tally = &outcome.tally;
    DoneReport {
        record: ArmRecord {
            editions: tally.edition_records(),
            changes_seen: tally.changes.clone(),
            ..tally.to_record()
        },
        changes: outcome.changes.iter().map(ChangeReport::from).collect(),
        complete: outcome.complete,
    }
}
