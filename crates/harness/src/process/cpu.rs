//! CPU time of a process by its own clock, where the system has one for every process.
//!
//! The clock of a process is the system's own account: it needs no help of a foreign program and
//! costs nothing while polls are made. A process that has ended and was waited for has taken it
//! along.

use std::time::Duration;

/// User and system time of all threads of this process so far, ended ones included.
#[cfg(target_os = "linux")]
pub(super) fn of_process(pid: u32) -> Option<Duration> {
    let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).ok()?);
    let clock = nix::time::clock_getcpuclockid(pid).ok()?;
    Some(Duration::from(clock.now().ok()?))
}

/// Always `None`: other systems have no such clock.
#[cfg(not(target_os = "linux"))]
pub(super) fn of_process(_pid: u32) -> Option<Duration> {
    None
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_of_a_process_goes_on_with_its_work() {
        let now = || of_process(std::process::id()).expect("this process runs");
        let before = now();
        let work = (0..100_000_000).find(|_| now() > before + Duration::from_micros(100));
        assert!(work.is_some());
    }

    #[test]
    fn a_process_that_never_was_has_none() {
        assert_eq!(of_process(u32::MAX), None);
        // One more than Linux ever gives away.
        assert_eq!(of_process((1 << 22) + 1), None);
    }
}
