//! What one load did, and rounds of loads in turn.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::accounting::{busy_time_of_machine, cpu_time_of_tree};
use crate::process::Server;
use crate::progress;
use crate::record::{Contestant, Role, Run, grouped};

/// Processors busy elsewhere from which a run is called noisy.
pub(crate) const NOISY: f64 = 0.1;

/// What a load generator did in one run.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    /// Polls that were answered.
    pub(crate) polls: u64,
    /// Polls per second, as the generator itself reports it.
    pub(crate) rate: f64,
    /// CPU time of what the generator ran.
    pub(crate) cpu: BTreeMap<Role, Duration>,
}

/// Runs a load, and charges the servers with the CPU time that they spend meanwhile.
pub(crate) fn with_servers(
    servers: &[(Role, &[Server])],
    load: impl FnOnce() -> Result<Load>,
) -> Result<Run> {
    let before = times(servers)?;
    let mut load = load()?;
    for ((role, after), before) in times(servers)?.into_iter().zip(before) {
        load.cpu.insert(role, after.saturating_sub(before.1));
    }
    Ok(Run::of_load(&load))
}

fn times(servers: &[(Role, &[Server])]) -> Result<Vec<(Role, Duration)>> {
    let time = |(role, servers): &(Role, &[Server])| {
        let times = servers.iter().map(Server::cpu_time);
        Ok((*role, times.sum::<Result<Duration>>()?))
    };
    servers.iter().map(time).collect()
}

impl Run {
    /// A rate in polls per second, with the CPU time of each role divided by the polls.
    pub(crate) fn of_load(load: &Load) -> Self {
        let per_poll = |cpu: Duration| cpu.as_secs_f64() * 1e6 / load.polls.max(1) as f64;
        let cpu_us_per_poll = load.cpu.iter().map(|(&role, &cpu)| (role, per_poll(cpu))).collect();
        Self { value: load.rate, cpu_us_per_poll, ..Self::default() }
    }
}

/// One way to do what a row is about.
pub(crate) struct Candidate<'a> {
    name: String,
    measure: Box<dyn FnMut() -> Result<Run> + 'a>,
}

impl<'a> Candidate<'a> {
    /// A name to print, and one measurement.
    pub(crate) fn new(name: impl Into<String>, measure: impl FnMut() -> Result<Run> + 'a) -> Self {
        Self { name: name.into(), measure: Box::new(measure) }
    }

    /// Measures once, and notes how busy the machine was with anything else.
    fn run(&mut self) -> Result<Run> {
        let (start, before) = (Instant::now(), busy_elsewhere()?);
        let run = (self.measure)()?;
        let elsewhere = busy_elsewhere()?.saturating_sub(before);
        let cpus_elsewhere = elsewhere.as_secs_f64() / start.elapsed().as_secs_f64();
        Ok(Run { cpus_elsewhere, ..run })
    }
}

/// CPU time of everything but this program and what it started.
fn busy_elsewhere() -> Result<Duration> {
    Ok(busy_time_of_machine()?.saturating_sub(cpu_time_of_tree(std::process::id())?))
}

fn noise(run: &Run) -> String {
    if run.cpus_elsewhere < NOISY {
        return String::new();
    }
    format!(" (noisy: {:.2} processors were busy with something else)", run.cpus_elsewhere)
}

/// Measures every candidate once per round, in turn: A B A B, so that what slows the machine
/// for a while slows all of them.
pub(crate) fn in_turn(
    rounds: u32,
    unit: &'static str,
    mut candidates: Vec<Candidate<'_>>,
) -> Result<Vec<Contestant>> {
    let mut runs = vec![Vec::new(); candidates.len()];
    for round in 1..=rounds {
        for (candidate, runs) in candidates.iter_mut().zip(&mut runs) {
            let run = candidate.run().with_context(|| candidate.name.clone())?;
            let (name, value) = (&candidate.name, grouped(run.value));
            progress(&format!("  {round}/{rounds} {name}: {value} {unit}{}", noise(&run)));
            runs.push(run);
        }
    }
    let names = candidates.into_iter().map(|candidate| candidate.name);
    Ok(names.zip(runs).map(|(name, runs)| Contestant::new(name, unit, runs)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_told_in_microseconds_per_poll() {
        let cpu = BTreeMap::from([("client", Duration::from_millis(500))]);
        let run = Run::of_load(&Load { polls: 100_000, rate: 7.0, cpu });
        assert_eq!((run.value, run.cpu_us_per_poll), (7.0, BTreeMap::from([("client", 5.0)])));
    }
}
