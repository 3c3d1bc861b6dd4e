//! CPU time and memory of processes, as the kernel accounts for them (proc(5)).
//!
//! A process that has ended keeps its times until its parent waits for it, so the whole of a
//! short-lived program can be read exactly; its memory is gone by then, and has to be read while
//! it runs.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// CPU time, user and system together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CpuTime {
    /// Of all threads of the process, ended ones included.
    pub(crate) own: Duration,
    /// Of its children that have ended and that it has waited for.
    pub(crate) children: Duration,
}

/// CPU time of one process that runs, or that has ended and was not waited for.
pub(crate) fn cpu_time(pid: u32) -> Result<CpuTime> {
    let path = format!("/proc/{pid}/stat");
    let stat = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    parse_stat(&stat, rustix::param::clock_ticks_per_second())
        .with_context(|| format!("{path} is not as proc(5) describes it: {stat:?}"))
}

/// CPU time of a process and of everything it started, ended or not. What ends and is waited for
/// while this looks is left out: its parent, which was read before, did not have its time yet.
pub(crate) fn cpu_time_of_tree(pid: u32) -> Result<Duration> {
    let CpuTime { own, children } = cpu_time(pid)?;
    let below: Duration = children_of(pid).filter_map(|child| cpu_time_of_tree(child).ok()).sum();
    Ok(own + children + below)
}

/// CPU time of the whole machine since it started, all processors together: everything but idling
/// and waiting, what a host took from a guest included.
pub(crate) fn busy_time_of_machine() -> Result<Duration> {
    let path = "/proc/stat";
    let stat = fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    let ticks =
        parse_busy(&stat).with_context(|| format!("no line of all processors in {path}"))?;
    Ok(duration(ticks, rustix::param::clock_ticks_per_second()))
}

/// Most memory that a running process ever held, in bytes.
pub(crate) fn peak_resident_bytes(pid: u32) -> Option<u64> {
    parse_peak_bytes(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

/// The children of all threads of a process that are there now; threads that end meanwhile have
/// none left.
fn children_of(pid: u32) -> impl Iterator<Item = u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let pids = |list: String| {
        let pids = list.split_ascii_whitespace().filter_map(|pid| pid.parse().ok());
        pids.collect::<Vec<u32>>()
    };
    lists.flat_map(pids)
}

/// Fields 14 to 17 of `/proc/PID/stat`: utime, stime, cutime, cstime, in clock ticks.
fn parse_stat(stat: &str, ticks_per_second: u64) -> Option<CpuTime> {
    // The second field is the program's name in parentheses, which may hold anything.
    let after_name = &stat[stat.rfind(')')? + 1..];
    let mut times = after_name.split_ascii_whitespace().skip(11).map(str::parse::<u64>);
    let mut two = || Some(times.next()?.ok()? + times.next()?.ok()?);
    let (own, children) = (two()?, two()?);
    let duration = |ticks| duration(ticks, ticks_per_second);
    Some(CpuTime { own: duration(own), children: duration(children) })
}

/// The line `cpu` of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal, in clock
/// ticks; what follows is counted in user and nice already.
fn parse_busy(stat: &str) -> Option<u64> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let times = line.split_ascii_whitespace().map(str::parse::<u64>);
    let times: Vec<_> = times.take(8).collect::<Result<_, _>>().ok()?;
    let [user, nice, system, _idle, _iowait, irq, softirq, steal] = times[..] else { return None };
    Some(user + nice + system + irq + softirq + steal)
}

fn duration(ticks: u64, ticks_per_second: u64) -> Duration {
    Duration::from_secs_f64(ticks as f64 / ticks_per_second as f64)
}

/// `VmHWM` of `/proc/PID/status`, which is given in KiB.
fn parse_peak_bytes(status: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    fn check_stat(stat: &str, expected: Option<(u64, u64)>) {
        let expected = expected.map(|(own, children)| CpuTime {
            own: Duration::from_millis(own),
            children: Duration::from_millis(children),
        });
        assert_eq!(parse_stat(stat, 100), expected, "{stat}");
    }

    #[test]
    fn user_and_system_time_are_added_for_the_process_and_its_children() {
        check_stat("7 (nginx) S 1 7 7 0 -1 4 9 9 9 9 150 25 3 4 20 0 1", Some((1_750, 70)));
    }

    #[test]
    fn a_name_with_spaces_and_parentheses_does_not_shift_the_fields() {
        check_stat("7 (a) b (c)) S 1 7 7 0 -1 4 9 9 9 9 1 0 0 0 20", Some((10, 0)));
    }

    #[test]
    fn a_short_or_strange_line_gives_nothing() {
        check_stat("", None);
        check_stat("7 (nginx) S 1 7 7 0 -1 4 9 9 9 9 150", None);
        check_stat("7 (nginx) S 1 7 7 0 -1 4 9 9 9 9 x 1 2 3", None);
    }

    #[test]
    fn the_machine_is_busy_when_it_neither_idles_nor_waits() {
        let stat = "cpu  1 2 4 1000 1000 8 16 32 1000 1000\ncpu0 9 9 9 9 9 9 9 9 9 9\n";
        assert_eq!(parse_busy(stat), Some(63));
        assert_eq!((parse_busy("cpu0 1 2 3 4 5 6 7 8\n"), parse_busy("cpu  1 2\n")), (None, None));
    }

    #[test]
    fn peak_memory_is_read_in_bytes() {
        assert_eq!(
            parse_peak_bytes("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"),
            Some(2_097_152)
        );
        assert_eq!(parse_peak_bytes("Name:\tx\n"), None);
    }

    #[test]
    fn a_tree_is_read_while_threads_and_processes_come_and_go_in_it() {
        let pid = std::process::id();
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        thread::spawn(|| Command::new("true").status())
                            .join()
                            .expect("the thread only starts `true`")
                            .expect("`true` is everywhere");
                    }
                });
            }
            let read: Vec<_> = (0..500).map(|_| cpu_time_of_tree(pid)).collect();
            stop.store(true, Ordering::Relaxed);
            for total in read {
                total.expect("this process is still there");
            }
        });
    }

    #[test]
    fn this_very_process_can_be_read() {
        let pid = std::process::id();
        assert!(cpu_time(pid).is_ok());
        assert!(busy_time_of_machine().is_ok_and(|busy| busy > Duration::ZERO));
        assert!(peak_resident_bytes(pid).is_some_and(|bytes| bytes > 100_000));
    }
}
