//! CPU time of a process, as Linux accounts for it; elsewhere there is none to be had.
//!
//! Precise to the clock tick, usually 10 ms. A process that has ended and was waited for has
//! taken its account with it.

use std::time::Duration;

/// User and system time of all threads of this process so far, ended ones included.
pub(super) fn of_process(pid: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let ticks = ticks(&stat)?;
    let per_second = rustix::param::clock_ticks_per_second();
    Some(Duration::from_secs_f64(ticks as f64 / per_second as f64))
}

/// Fields 14 and 15 of `proc_pid_stat(5)`, added up.
fn ticks(stat: &str) -> Option<u64> {
    // The second field is the program's name in parentheses, which may hold spaces and more
    // parentheses.
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    user.checked_add(system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_found_behind_any_name() {
        let stat = "4711 (a) b (c) R 1 2 3 4 5 6 7 8 9 10 300 45 0 0 20 0 1 0 9 1 1";
        assert_eq!(ticks(stat), Some(345));
        for broken in ["", "1 (x) R", "1 (x) R 1 2 3 4 5 6 7 8 9 10 x y"] {
            assert_eq!(ticks(broken), None, "{broken}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_that_runs_has_an_account_and_one_that_never_was_has_none() {
        assert!(of_process(std::process::id()).is_some());
        assert_eq!(of_process(u32::MAX), None);
    }
}
