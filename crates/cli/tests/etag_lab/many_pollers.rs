//! A hundred thousand logical pollers in one process: none of them fails, and what they need of
//! memory stays small. How fast they are is for `scripts/bench`.
#![cfg(target_os = "linux")]

use serde_json::Value;

use crate::support::process::{PATIENCE, Running};
use crate::support::served::Served;
use crate::support::{etag_lab, eventually};

const MOST_MEMORY_KIB: u64 = 150 * 1024;

#[test]
fn a_hundred_thousand_open_loop_pollers_stay_within_150_mib() {
    let replica = Served::start(&["replica"]);
    // 100,000 clients in 20 s are 5,000 polls in a second.
    let mut lab = Running::start(
        etag_lab()
            .args(["poll", &replica.url(), "--clients", "100000", "--total-polls", "10000"])
            .args(["--cadence", "open-loop", "--interval", "20s", "--timeout", "30s"])
            .args(["--no-save", "--format", "json"]),
    );
    // The peak only grows: the last one seen before the end is the peak.
    let mut peak = None;
    let status = eventually("the end of 10,000 polls", PATIENCE, || {
        peak = lab.memory_kib("VmHWM").or(peak);
        lab.ended()
    });
    assert_eq!(status.code(), Some(0), "{}", lab.stderr());
    let record: Value = serde_json::from_str(&lab.stdout()).expect("the record is JSON");
    assert_eq!(record["scenario"]["clients"], 100_000);
    let arm = &record["arms"][0];
    assert_eq!((&arm["polls"], &arm["verdicts"]["error"]), (&10_000.into(), &0.into()), "{arm:#}");
    let peak = peak.expect("the memory of a running process can be read");
    assert!(peak < MOST_MEMORY_KIB, "{peak} KiB at most");
}
