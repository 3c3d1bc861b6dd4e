//! Flags of one shard of a schedule, and the same from the environment of Kubernetes and Slurm.

use std::time::Duration;

use harness::{Shard, ShardError, Sharding, StartTogether};

use crate::args::duration;
use crate::exit::Failure;

/// Variables that name a part, and the number of parts: an indexed Job of Kubernetes, which does not
/// say how many there are, and a task of Slurm.
const VARIABLES: [[&str; 2]; 2] =
    [["JOB_COMPLETION_INDEX", "ETAG_LAB_SHARDS"], ["SLURM_PROCID", "SLURM_NTASKS"]];

const HOW: &str = "write it as 0/3, 1/3 or 2/3: the first is 0";

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Shards")]
pub(crate) struct ShardFlags {
    /// Make one of n parts of the polls; `etag-lab merge` adds them up. Kubernetes names it by
    /// `JOB_COMPLETION_INDEX` with `ETAG_LAB_SHARDS`, Slurm by `SLURM_PROCID` and `SLURM_NTASKS`
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<Shard>,
    /// Begin when all shards have come to shard 0, which listens here
    #[arg(long, value_name = "HOST:PORT", value_parser = host_and_port)]
    barrier: Option<String>,
    /// Longest time to wait for them
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "1min")]
    #[arg(requires = "barrier")]
    barrier_timeout: Duration,
    /// Begin without the shards that have not come by then: their polls are missing
    #[arg(long, requires = "barrier")]
    allow_missing: bool,
    /// Begin at this time, such as 2026-11-30T12:00:00Z
    #[arg(long, value_name = "TIME", conflicts_with = "barrier", value_parser = moment)]
    start_at: Option<jiff::Timestamp>,
}

impl ShardFlags {
    /// The part to make; `None` for all of it.
    pub(crate) fn read(&self) -> Result<Option<Sharding>, Failure> {
        let given = self.shard.map(|shard| Ok(Some(shard)));
        let shard = given.unwrap_or_else(|| of_environment(|name| std::env::var(name).ok()))?;
        let start = match (&self.barrier, self.start_at) {
            (Some(address), _) => StartTogether::Barrier {
                address: address.clone(),
                timeout: self.barrier_timeout,
                allow_missing: self.allow_missing,
            },
            (None, Some(time)) => StartTogether::At(time),
            (None, None) => StartTogether::Now,
        };
        if shard.is_none() && self.barrier.is_some() {
            let help = "give --shard I/N as well, or set ETAG_LAB_SHARDS and JOB_COMPLETION_INDEX";
            return Err(Failure::input("--barrier is for the shards of one schedule", help));
        }
        // A start alone is a part of one, which is the whole.
        let alone = || self.start_at.and_then(|_| Shard::new(0, 1));
        Ok(shard.or_else(alone).map(|shard| Sharding { shard, start }))
    }
}

/// The part that the environment names.
fn of_environment(get: impl Fn(&str) -> Option<String>) -> Result<Option<Shard>, Failure> {
    for names in VARIABLES {
        let [Some(index), Some(total)] = names.map(&get) else { continue };
        let shard = Shard::parse(&format!("{index}/{total}"));
        let shard = shard.ok_or_else(|| {
            let [index, total] = [index, total].map(|it| text::excerpt(&it));
            let [part, parts] = names;
            let title = format!("{part}={index} and {parts}={total} name no shard");
            Failure::input(title, "set both, or give --shard I/N")
        })?;
        // srun starts everything as a task of some step.
        return Ok(Some(shard).filter(|shard| shard.total > 1));
    }
    let [index, total] = VARIABLES[0];
    if get(index).is_none() && get(total).is_some() {
        let title = format!("{total} is set, and {index} is not");
        return Err(Failure::input(title, "set both, or give --shard I/N"));
    }
    Ok(None)
}

/// The failure of a shard that cannot begin.
pub(crate) fn refused(error: ShardError) -> Failure {
    use harness::BarrierError as Barrier;
    let help = match &error {
        ShardError::Lockstep => "give --cadence shuffled or --cadence open-loop",
        ShardError::Endless => "give --polls, or --duration with --cadence open-loop",
        ShardError::Past(_) => "give a time to come, the same for all shards",
        ShardError::Barrier(Barrier::Listen(..)) => "give host and port of the machine of shard 0",
        ShardError::Barrier(Barrier::Nobody(..)) => {
            "is shard 0 running, with the same --barrier? --barrier-timeout waits longer"
        }
        ShardError::Barrier(Barrier::Missing(..)) => {
            "start them too; --barrier-timeout waits longer, --allow-missing does without them"
        }
        ShardError::Barrier(Barrier::Refused(..)) => {
            "start all shards once, at one time, with the same flags but --shard"
        }
        ShardError::Barrier(Barrier::Ended(_)) => "see what shard 0 says, and start all again",
        ShardError::Barrier(Barrier::Other(_)) => "give the address at which shard 0 listens",
    };
    match error {
        ShardError::Barrier(error) => {
            let error = anyhow::anyhow!(text::visible(&error.to_string()));
            Failure::Environment(error).with_help(help)
        }
        error => Failure::input(error, help),
    }
}

pub(crate) fn shard(text: &str) -> Result<Shard, String> {
    Shard::parse(text).ok_or_else(|| HOW.to_owned())
}

fn host_and_port(text: &str) -> Result<String, String> {
    let parts = text.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    let port = parts.and_then(|(_, port)| port.parse::<u16>().ok()).filter(|port| *port > 0);
    let is_plain = text.chars().all(|c| c.is_ascii_graphic());
    let given = port.filter(|_| is_plain).map(|_| text.to_owned());
    given.ok_or_else(|| "give host and port, such as 10.0.0.1:9100".to_owned())
}

fn moment(text: &str) -> Result<jiff::Timestamp, String> {
    text.parse().map_err(|_| "give a time such as 2026-11-30T12:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], expected: &str) {
        let get = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let shard = match of_environment(get) {
            Ok(Some(Shard { index, total })) => format!("{index}/{total}"),
            Ok(None) => "all".to_owned(),
            Err(_) => "refused".to_owned(),
        };
        assert_eq!(shard, expected, "{variables:?}");
    }

    #[test]
    fn the_environment_of_kubernetes_and_of_slurm_names_a_part() {
        check(&[], "all");
        check(&[("JOB_COMPLETION_INDEX", "2"), ("ETAG_LAB_SHARDS", "3")], "2/3");
        check(&[("SLURM_PROCID", "0"), ("SLURM_NTASKS", "4")], "0/4");
        // Every indexed Job has one, and every batch script of Slurm is a task.
        check(&[("JOB_COMPLETION_INDEX", "2")], "all");
        check(&[("SLURM_PROCID", "0"), ("SLURM_NTASKS", "1")], "all");
        check(&[("ETAG_LAB_SHARDS", "3")], "refused");
        check(&[("JOB_COMPLETION_INDEX", "3"), ("ETAG_LAB_SHARDS", "3")], "refused");
        check(&[("JOB_COMPLETION_INDEX", "x"), ("ETAG_LAB_SHARDS", "3")], "refused");
    }
}
