//! Series of a small run, worked out by hand.

use measure::record::{
    ArmRecord, ReplicaRecord, RoundBucketRecord, RoundsRecord, RunRecord, VerdictsRecord,
};

use etag_lab_report::Style;

use crate::{rendered, scenes};

fn bucket(polls: u64, not_modified: u64) -> RoundBucketRecord {
    let needless_transfer = polls - not_modified;
    RoundBucketRecord {
        polls,
        not_modified,
        verdicts: VerdictsRecord { needless_transfer, ..VerdictsRecord::default() },
        response_bytes: 10 * polls,
        ..RoundBucketRecord::default()
    }
}

fn arm() -> ArmRecord {
    ArmRecord {
        name: "before".to_owned(),
        fleet_size: 2,
        elapsed_s: Some(15.0),
        rounds: RoundsRecord { width: 2, buckets: vec![bucket(4, 1), bucket(2, 2)] },
        replicas: vec![ReplicaRecord {
            id: "r1".to_owned(),
            polls: 6,
            not_modified: 3,
            ..ReplicaRecord::default()
        }],
        ..ArmRecord::default()
    }
}

fn page(interval_ms: Option<f64>) -> String {
    let mut record = RunRecord { arms: vec![arm()], ..scenes::one_arm() };
    "2026-01-01T00:00:00Z".clone_into(&mut record.started);
    "s".clone_into(&mut record.scenario.name);
    record.scenario.interval_ms = interval_ms;
    record.scenario.polls_per_client = 3.0;
    rendered("openmetrics", &record, Style::default())
}

#[test]
fn counters_rise_from_zero_bucket_by_bucket_and_the_last_may_be_shorter() {
    let page = page(None);
    for lines in [
        "# TYPE etag_lab_run_requests counter\n\
         etag_lab_run_requests_total{scenario=\"s\",arm=\"before\",status=\"200\"} 0 1767225600.000\n\
         etag_lab_run_requests_total{scenario=\"s\",arm=\"before\",status=\"200\"} 3 1767225610.000\n\
         etag_lab_run_requests_total{scenario=\"s\",arm=\"before\",status=\"200\"} 3 1767225615.000\n\
         etag_lab_run_requests_total{scenario=\"s\",arm=\"before\",status=\"304\"} 0 1767225600.000\n",
        "status=\"304\"} 3 1767225615.000\n",
        "replica=\"r1\",status=\"304\"} 3 1767225615.000\n",
        "etag_lab_run_replicas{scenario=\"s\",arm=\"before\"} 2 1767225615.000\n# EOF\n",
    ] {
        assert!(page.contains(lines), "{lines}\n{page}");
    }
}

#[test]
fn a_round_takes_the_interval_of_the_load() {
    assert!(page(Some(3_000.0)).contains("status=\"304\"} 3 1767225609.000\n"));
}
