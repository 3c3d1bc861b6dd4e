//! The machine that a result belongs to.

use std::fs;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::progress;

/// Where a benchmark ran.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Machine {
    /// As the processor calls itself.
    pub(crate) cpu_model: String,
    /// Processors available to this process.
    pub(crate) cpus: usize,
    /// Name and release of the kernel.
    pub(crate) kernel: String,
    /// Mean number of busy processors in the minute before the start.
    pub(crate) load_before: f64,
}

impl Machine {
    /// This machine, now.
    pub(crate) fn of_this_run() -> Result<Self> {
        let read = |path| fs::read_to_string(path).with_context(|| format!("cannot read {path}"));
        Ok(Self {
            cpu_model: cpu_model(&read("/proc/cpuinfo")?).unwrap_or("unknown").to_owned(),
            cpus: std::thread::available_parallelism()?.get(),
            kernel: format!("Linux {}", read("/proc/sys/kernel/osrelease")?.trim()),
            load_before: load(&read("/proc/loadavg")?).context("no load in /proc/loadavg")?,
        })
    }
}

/// Ratios survive some noise, but nobody should quote them without knowing.
pub(crate) fn warn_when_busy(machine: &Machine) {
    if machine.load_before > 0.25 * machine.cpus as f64 {
        progress(&format!(
            "warning: {:.2} of {} processors were busy in the last minute; \
             wait until the machine is idle for figures to quote",
            machine.load_before, machine.cpus
        ));
    }
}

fn cpu_model(cpuinfo: &str) -> Option<&str> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim())
}

fn load(loadavg: &str) -> Option<f64> {
    loadavg.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_what_follows_the_colon() {
        assert_eq!(cpu_model("processor\t: 0\nmodel name\t: A B: C\n"), Some("A B: C"));
        assert_eq!(cpu_model("processor\t: 0\n"), None);
    }

    #[test]
    fn the_load_is_that_of_the_last_minute() {
        assert_eq!(load("0.25 0.50 0.75 1/100 7\n"), Some(0.25));
        assert_eq!(load(""), None);
    }
}
