//! Shows on standard error how far a run is, once it has passed a second: a line that changes on
//! a terminal, a plain line every five seconds elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use harness::Progress;
use tokio::sync::watch;

use crate::output;

const FIRST: Duration = Duration::from_secs(1);
const ON_TERMINAL: Duration = Duration::from_millis(200);
const ELSEWHERE: Duration = Duration::from_secs(5);

/// Shows progress until the task is dropped.
pub(crate) async fn show(progress: watch::Receiver<Option<Progress>>) {
    let terminal = obeys();
    let (first, pause) = if terminal { (FIRST, ON_TERMINAL) } else { (ELSEWHERE, ELSEWHERE) };
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + first, pause);
    loop {
        ticks.tick().await;
        let Some(line) = progress.borrow().as_ref().map(line) else { continue };
        let mut stderr = std::io::stderr().lock();
        // A failure could be reported nowhere.
        let _ =
            if terminal { write!(stderr, "\r\x1b[2K{line}") } else { writeln!(stderr, "{line}") };
    }
}

/// Removes the changing line, so that the next output starts on a clean one.
pub(crate) fn clear() {
    if obeys() {
        let _ = write!(std::io::stderr().lock(), "\r\x1b[2K");
    }
}

/// True when a line can be overwritten.
fn obeys() -> bool {
    std::io::stderr().is_terminal() && !output::is_dumb()
}

fn line(progress: &Progress) -> String {
    let meter = &progress.meter;
    let (polls, conditional) = (meter.polls.load(Relaxed), meter.conditional.load(Relaxed));
    let rate = if conditional == 0 {
        "-".to_owned()
    } else {
        let ratio = meter.not_modified.load(Relaxed) as f64 / conditional as f64;
        format!("{:.1} %", ratio * 100.0)
    };
    let of_all = progress.polls.map_or_else(String::new, |all| format!(" of {all}"));
    format!("{}: {polls}{of_all} polls, 304 rate {rate}", progress.arm)
}
