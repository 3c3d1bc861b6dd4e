//! The limit of this machine: bytes through a relay over loopback TCP, with epoll and no HTTP.
//!
//! ```text
//! generator ── request bytes ──► relay ──► echo
//!           ◄─ response bytes ──       ◄──
//! ```
//!
//! Nothing is parsed, chosen, counted per message or allocated, so no gateway of this shape can
//! be faster on the same cores.

mod drive;
mod wiring;

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use crate::accounting::cpu_time;
use crate::bench::Bench;
use crate::measured::Load;
use crate::record::Run;
use drive::{Drive, Sizes};
use wiring::{Part, Wiring};

/// How often a wait looks whether it should be given up.
const STOP_CHECK: Duration = Duration::from_millis(100);

/// Which thread does what. The echo server is always apart, as replicas are processes: a thread
/// that does everything would wake nobody, and be a limit of something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// A thread for each part, as three programs would have it.
    Apart,
    /// Generator and relay in one thread, the echo server in another.
    FrontTogether,
}

impl Layout {
    /// Every layout.
    pub(crate) const ALL: [Self; 2] = [Self::Apart, Self::FrontTogether];

    /// In a few words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Apart => "three threads",
            Self::FrontTogether => "generator and relay in one thread",
        }
    }

    /// The thread that has this part of every connection.
    fn thread(self, part: Part) -> usize {
        match self {
            Self::Apart => part as usize,
            Self::FrontTogether => usize::from(part == Part::Echo),
        }
    }

    fn threads(self) -> usize {
        match self {
            Self::Apart => 3,
            Self::FrontTogether => 2,
        }
    }
}

/// What passes through the relay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Relay {
    /// From generator to echo server.
    pub(crate) request_bytes: usize,
    /// The way back.
    pub(crate) response_bytes: usize,
    /// Each with one message on its way.
    pub(crate) connections: usize,
}

impl Relay {
    /// Exchanges per second, and CPU time of all parts together.
    pub(crate) fn measure(&self, layout: Layout, bench: &Bench) -> Result<Run> {
        let before = cpu_time(std::process::id())?.own;
        let (polls, elapsed) = self.exchange(layout, |_| pause(bench))?;
        let cpu = cpu_time(std::process::id())?.own.saturating_sub(before);
        let rate = polls as f64 / elapsed.as_secs_f64();
        Ok(Run::of_load(&Load { polls, rate, cpu: BTreeMap::from([("all together", cpu)]) }))
    }

    /// Exchanges until `wait` returns, which sees their number grow; how many, in what time.
    fn exchange(
        &self,
        layout: Layout,
        wait: impl FnOnce(&AtomicU64) -> Result<()>,
    ) -> Result<(u64, Duration)> {
        let (stop, total) = (AtomicBool::new(false), AtomicU64::new(0));
        let drives = self.wire(layout)?;
        thread::scope(|scope| {
            let run = |drive: Drive| scope.spawn(|| drive.run(&stop, &total));
            let start = Instant::now();
            let threads: Vec<_> = drives.into_iter().map(run).collect();
            let waited = wait(&total);
            let seen = (total.load(Ordering::Relaxed), start.elapsed());
            stop.store(true, Ordering::Relaxed);
            for thread in threads {
                thread.join().map_err(|_| anyhow!("a relay thread panicked"))??;
            }
            waited.map(|()| seen)
        })
    }

    fn wire(&self, layout: Layout) -> io::Result<Vec<Drive>> {
        let sizes = Sizes { request: self.request_bytes, response: self.response_bytes };
        let mut drives =
            (0..layout.threads()).map(|_| Drive::new(sizes)).collect::<io::Result<Vec<_>>>()?;
        let of = |part| layout.thread(part);
        for _ in 0..self.connections {
            let wiring = Wiring::new()?;
            drives[of(Part::Echo)].add_echo(wiring.echo)?;
            drives[of(Part::Relay)].add_relay(wiring.relay_front, wiring.relay_back)?;
            drives[of(Part::Generator)].add_generator(wiring.generator)?;
        }
        Ok(drives)
    }
}

/// Waits for the length of a measurement.
fn pause(bench: &Bench) -> Result<()> {
    let end = Instant::now() + bench.length();
    loop {
        bench.stop.check()?;
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(STOP_CHECK));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_exchanges_messages_of_any_size_and_ends() -> Result<()> {
        for layout in Layout::ALL {
            let relay = Relay { request_bytes: 100, response_bytes: 50_000, connections: 3 };
            let (exchanges, _) = relay.exchange(layout, |total| {
                while total.load(Ordering::Relaxed) < 100 {
                    thread::yield_now();
                }
                Ok(())
            })?;
            assert!(exchanges >= 100, "{layout:?}");
        }
        Ok(())
    }
}
