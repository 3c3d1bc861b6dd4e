//! Records as the harness makes them, one for each thing that a report must be able to tell.

use measure::Tally;
use measure::record::{
    ArmRecord, BytesRecord, ChangeRecord, ChangeSeenRecord, ControlPlaneRecord, ErrorRecord,
    EventKindRecord, EventRecord, ExpectationRecord, FindingRecord, FreshnessRecord, LatencyRecord,
    MachineRecord, MissesRecord, OnErrorRecord, ProxyModeRecord, ReplicaRecord, RoundBucketRecord,
    RoundsRecord, RunRecord, SCHEMA, ScenarioRecord, SetupRecord, Severity, SharedStoreRecord,
    SightingRecord, TablesRecord, ToolRecord, VerdictsRecord,
};

/// Every scene under its name.
pub(crate) fn all() -> Vec<(&'static str, RunRecord)> {
    vec![
        ("two_arms", two_arms()),
        ("one_arm", one_arm()),
        ("three_arms", three_arms()),
        ("five_arms", five_arms()),
        ("partial", partial()),
        ("troubled", troubled()),
        ("no_tags", no_tags()),
        ("control_plane", control_plane()),
        ("data_plane", data_plane()),
        ("shared_store", shared_store()),
        ("last_known_good", last_known_good()),
        ("changed_by_flags", changed_by_flags()),
    ]
}

/// The mock-up of the design: counters against content hashes.
pub(crate) fn two_arms() -> RunRecord {
    let mut record = run(vec![before(), after()]);
    let tags = "r1 \"41\"   r2 \"18\"   r3 \"2\"";
    let local =
        finding("ETL001", Severity::Bad, "node-local tag: the same bytes carry 3 tags", tags);
    let one = finding("", Severity::Ok, "one tag on every replica: \"9c1f0a…\"", "");
    record.findings = vec![of("before", local), of("after", one)];
    record.expectations = vec![
        expectation("before: not_modified_ratio == 0", true, "0"),
        expectation("after: false_validation == 0", true, "0"),
    ];
    record
}

/// `poll` against a deployment that declares nothing.
pub(crate) fn one_arm() -> RunRecord {
    let mut arm = ArmRecord {
        name: "poll".to_owned(),
        strategy: "-".to_owned(),
        setup: SetupRecord { connections: 4, ..setup(["-", "-", "open-loop"], 4) },
        ..Tally::default().to_record()
    };
    (arm.polls, arm.counts.conditional, arm.counts.not_modified) = (100, 96, 32);
    let verdicts = &mut arm.verdicts;
    (verdicts.first_fetch, verdicts.needless_transfer, verdicts.unverifiable) = (4, 64, 32);
    arm.not_modified_ratio = Some(1.0 / 3.0);
    arm.bytes = bytes(19_600, 560_000, Some(5_600.4));
    arm.bytes.instrumentation = 0;
    arm.latency_us = Some(latency(12_300, 45_000));
    arm.latency_200_us = Some(latency(14_000, 45_000));
    arm.latency_304_us = Some(latency(9_800, 20_000));
    arm.tags_for_same_content = 3;
    let mut record = run(vec![arm]);
    record.scenario = ScenarioRecord {
        name: "https://config.example/routes".into(),
        summary: String::new(),
        replicas: 0,
        polls_per_client: 25.0,
        polls: 100,
        setup: setup(["-", "-", "open-loop"], 4),
        interval_ms: Some(250.0),
        jitter: Some(0.1),
        resource_bytes: None,
        resource_path: None,
        changes: Vec::new(),
        ..record.scenario
    };
    record.command = "etag-lab poll https://config.example/routes".into();
    let title = "304s are about 1 in 3: the signature of node-local tags behind three replicas";
    let evidence = "32 of 96 conditional requests were answered 304; the tags seen were \"a\", \"b\" and \"c\"";
    record.findings = vec![finding("ETL002", Severity::Bad, title, evidence)];
    record
}

/// Clients that keep what they have beside clients that forget, and both obey the server's pace.
pub(crate) fn data_plane() -> RunRecord {
    let arm = |name: &str, on_error| {
        let mut arm = ArmRecord { name: name.to_owned(), ..after() };
        arm.setup.caching.on_error = Some(on_error);
        arm.setup.caching.obey_poll_interval = true;
        arm.verdicts.error = 20;
        arm.paused = 1_500;
        arm
    };
    let (mut naive, mut keeping) =
        (arm("before", OnErrorRecord::Drop), arm("after", OnErrorRecord::Keep));
    naive.tables = TablesRecord { held_at_end: 9, loads: 30, lost: 11, ..naive.tables };
    keeping.tables = TablesRecord {
        held_at_end: 10,
        loads: 20,
        lost: 0,
        kept_through_errors: 20,
        longest_unconfirmed_us: 12_300_000,
    };
    let mut record = run(vec![naive, keeping]);
    record.scenario.further_paths = vec!["/api/b".to_owned(), "/api/c".to_owned()];
    record
}

/// A scenario that says what it is about, and what to remember.
pub(crate) fn last_known_good() -> RunRecord {
    let mut record = data_plane();
    record.scenario.headline = ["tables_lost", "tables_held_at_end"].map(str::to_owned).to_vec();
    "A failed poll is no reason to drop what one has.".clone_into(&mut record.scenario.lesson);
    record
}

/// A scenario under flags: its summary is about other strategies.
pub(crate) fn changed_by_flags() -> RunRecord {
    let mut record = two_arms();
    record.scenario.changed = true;
    "mtime-size".clone_into(&mut record.arms[0].strategy);
    record
}

/// One database: a tag of each process, one that expires in a store, one that outlives it.
pub(crate) fn shared_store() -> RunRecord {
    let asked = |queries, polls: u64| SharedStoreRecord {
        database: true,
        queries,
        queries_per_1000_polls: Some(1_000.0 * queries as f64 / polls as f64),
        ..SharedStoreRecord::default()
    };
    let shared = |name: &str, protocol: &str, lost: u64| {
        let mut arm = ArmRecord { name: name.to_owned(), ..after() };
        "shared-revision".clone_into(&mut arm.strategy);
        let (misses, queries) = (10 + lost, 3 * (10 + lost));
        let missing = MissesRecord { header_missing: 10, key_not_found: lost, resource_changed: 0 };
        arm.shared_store = Some(SharedStoreRecord {
            store: Some("redis".to_owned()),
            protocol: Some(protocol.to_owned()),
            invalidate: Some("after-commit".to_owned()),
            hits: arm.polls - misses,
            misses: missing,
            ..asked(queries, arm.polls)
        });
        arm
    };
    let mut own = before();
    own.shared_store = Some(SharedStoreRecord { queries_on_not_modified: 9, ..asked(1_500, 500) });
    let mut expiring = shared("middle", "as-published", 40);
    if let Some(store) = &mut expiring.shared_store {
        (store.ttl_ms, store.ttl_floor, store.store_errors) = (Some(1_200_000.0), Some(40), 7);
    }
    let mut record = run(vec![own, expiring, shared("after", "hardened", 0)]);
    record.scenario.events = [
        (EventKindRecord::StoreDown, None),
        (EventKindRecord::Pace, Some(-1)),
        (EventKindRecord::Kill, None),
    ]
    .map(|(kind, poll_interval_ms)| EventRecord {
        at_poll: 7,
        kind,
        replica: None,
        edge: None,
        poll_interval_ms,
        strategy: None,
        policy: None,
        count: None,
        arm: None,
    })
    .to_vec();
    record
}

/// Too wide for 80 columns side by side, not for 120.
pub(crate) fn three_arms() -> RunRecord {
    let mut middle = after();
    middle.name = "nginx".into();
    middle.strategy = "mtime-seconds-size".into();
    middle.predicted_not_modified_ratio = Some(0.333);
    middle.predicted_interval = Some([0.27, 0.4]);
    run(vec![before(), middle, after()])
}

/// One strategy, ever more replicas.
pub(crate) fn five_arms() -> RunRecord {
    let arm = |replicas: u32| {
        let mut arm = before();
        let hits = 4_900 / u64::from(replicas);
        arm.name = format!("replicas-{replicas}");
        arm.fleet_size = replicas;
        arm.setup.policy = "random".into();
        (arm.polls, arm.counts.conditional, arm.counts.not_modified) = (5_000, 4_900, hits);
        arm.not_modified_ratio = Some(hits as f64 / 4_900.0);
        let expected = 1.0 / f64::from(replicas);
        arm.predicted_not_modified_ratio = Some(expected);
        arm.predicted_interval = (replicas > 1).then_some([expected - 0.03, expected + 0.03]);
        arm.verdicts.validated = hits;
        arm.verdicts.needless_transfer = 4_900 - hits;
        arm.bytes.responses = 204_000 + (5_000 - hits) * 8_404;
        arm.bytes.per_unchanged_poll = Some(151.0 + 8_253.0 * (1.0 - expected));
        arm.bytes.instrumentation = 5_000 * 27;
        arm.tags_for_same_content = replicas as usize;
        arm
    };
    let mut record = run([1, 2, 3, 5, 8].map(arm).to_vec());
    record.scenario.name = "scale-out".into();
    record.scenario.setup.clients = 100;
    record.arms.iter_mut().for_each(|arm| arm.setup.clients = 100);
    record.scenario.polls = 5_000;
    record.scenario.summary = "The same tags, ever more replicas.".into();
    record.scenario.replicas = 8;
    record.scenario.setup.policy = "random".into();
    record.scenario.changes.clear();
    record.command = "etag-lab run scale-out".into();
    let replica = |n: u32| format!("r{n} \"{}\"", n * 17);
    let tags = (1..=8).map(replica).collect::<Vec<_>>().join("   ");
    let local =
        finding("ETL001", Severity::Bad, "node-local tag: the same bytes carry 8 tags", &tags);
    record.findings = vec![of("replicas-8", local)];
    record
}

/// Clients that poll the source against clients behind a proxy, ten times faster than written.
pub(crate) fn control_plane() -> RunRecord {
    let plane = |mode, source_rate: f64, client_rate: f64| ControlPlaneRecord {
        source: "file".to_owned(),
        mode,
        proxies: u32::from(mode == ProxyModeRecord::Exec),
        granularity: "table".to_owned(),
        routes: 20,
        time_factor: 10.0,
        source_interval_ms: 300.0,
        client_interval_ms: Some(300.0),
        source_requests: Some((source_rate * 9.0) as u64),
        source_requests_per_s: Some(source_rate * 10.0),
        source_requests_per_s_uncompressed: Some(source_rate),
        source_cpu_s: Some(source_rate / 50.0),
        source_content_bytes: Some((source_rate * 70_407.0) as u64),
        client_requests_per_s: client_rate * 10.0,
        client_requests_per_s_uncompressed: client_rate,
        freshness_us: Some(FreshnessRecord {
            count: 180,
            p50: 310_000,
            p90: 500_000,
            p99: 600_500,
            max: 640_000,
        }),
        freshness_bound_us: Some(690_000),
        clients_up_to_date: 180,
        ..ControlPlaneRecord::default()
    };
    let mut record = two_arms();
    for (arm, mode, clients) in [(0, "off", 180), (1, "exec", 300)] {
        let arm = &mut record.arms[arm];
        (arm.setup.clients, arm.fleet_size, arm.setup.cadence) = (clients, 1, "open-loop".into());
        arm.changes_seen.clear();
        arm.control_plane = Some(match mode {
            "off" => plane(ProxyModeRecord::Off, 60.0, 60.0),
            _ => plane(ProxyModeRecord::Exec, 1.0 / 3.0, 100.0),
        });
    }
    record.arms[0].strategy = "direct".into();
    record.arms[1].strategy = "table-tag".into();
    let after = record.arms[1].control_plane.as_mut().expect("it was put there");
    (after.proxy_kills, after.unknown_tables, after.differences) = (2, 1, Some(15));
    record.scenario.name = "control-plane-fanout".into();
    record.scenario.setup.cadence = "open-loop".into();
    (record.scenario.interval_ms, record.scenario.jitter) = (Some(300.0), Some(0.0));
    record.scenario.resource_bytes = None;
    record.findings.clear();
    record
}

/// Interrupted, and not as expected.
pub(crate) fn partial() -> RunRecord {
    let mut record = two_arms();
    record.partial = true;
    record.arms[1].polls = 123;
    record.expectations = vec![
        expectation("before: not_modified_ratio == 0", true, "0"),
        expectation("after: polls == 500", false, "123"),
    ];
    record
}

/// Everything that can go wrong at once: errors, stale answers, older content, aliasing.
pub(crate) fn troubled() -> RunRecord {
    let mut record = two_arms();
    record.scenario.cache_control = Some("max-age=2".into());
    record.scenario.setup.edge = "gzip-weaken".into();
    record.arms.iter_mut().for_each(|arm| arm.setup.edge = "gzip-weaken".into());
    let arm = &mut record.arms[0];
    let verdicts = VerdictsRecord { regressed: 3, fresh_hit: 40, error: 12, ..arm.verdicts };
    arm.verdicts = VerdictsRecord { false_validation: 7, ..verdicts };
    arm.contents_for_same_tag = 2;
    arm.changes_seen[0].clients_updated = 4;
    arm.errors = vec![
        ErrorRecord { reason: "connection refused".to_owned(), count: 9 },
        ErrorRecord { reason: "timed out".to_owned(), count: 3 },
    ];
    let evidence = "in lock-step each client always meets the same replica: node-local tags look \
                    healthy (predicted 98.0 %); take clients = 10, or cadence = \"shuffled\"";
    let aliasing = "12 clients is a multiple of 3 replicas";
    let (costly, times) = ("a 304 costs a round trip like a 200", "p50 812 µs against 98 µs");
    let more = [
        finding("ETL014", Severity::Warn, aliasing, evidence),
        of("after", finding("ETL020", Severity::Info, costly, times)),
    ];
    record.findings.splice(1..1, more);
    record
}

/// Strategy `none`: no request is conditional, so there is nothing to divide by.
pub(crate) fn no_tags() -> RunRecord {
    let mut arm = before();
    arm.strategy = "none".into();
    (arm.counts.conditional, arm.counts.not_modified) = (0, 0);
    arm.not_modified_ratio = None;
    arm.predicted_not_modified_ratio = None;
    arm.tags_for_same_content = 0;
    arm.contents_for_same_tag = 0;
    arm.latency_us = None;
    arm.latency_200_us = None;
    arm.bytes.per_unchanged_poll = None;
    let mut record = run(vec![arm, after()]);
    record.findings.clear();
    record
}

fn run(arms: Vec<ArmRecord>) -> RunRecord {
    RunRecord {
        source: String::new(),
        schema: SCHEMA.to_owned(),
        tool: ToolRecord { version: "0.1.0".to_owned() },
        command: "etag-lab run all-200s --seed 42".to_owned(),
        started: "2026-01-02T03:04:05Z".to_owned(),
        scenario: scenario(),
        machine: MachineRecord { cpus: 2, os: "linux x86_64".to_owned() },
        shard: None,
        repeats: None,
        partial: false,
        comparison: measure::compare(&arms),
        arms,
        findings: Vec::new(),
        expectations: Vec::new(),
    }
}

fn scenario() -> ScenarioRecord {
    ScenarioRecord {
        certificate_verified: None,
        http2_streams: None,
        name: "all-200s".to_owned(),
        summary: "Three pods, each with its own counter: every poll is a full 200.".to_owned(),
        headline: Vec::new(),
        lesson: String::new(),
        changed: false,
        seed: 42,
        replicas: 3,
        polls_per_client: 50.0,
        polls: 500,
        setup: setup(["round-robin", "none", "lockstep"], 10),
        interval_ms: None,
        jitter: None,
        timeout_ms: 5_000.0,
        resource_bytes: Some(8_192),
        resource_path: Some("/api/config".into()),
        further_paths: Vec::new(),
        cache_control: None,
        codings: Vec::new(),
        last_modified: None,
        replica_command: None,
        histories: vec![41, 18, 2],
        deploy_drift_ms: 0,
        changes: vec![ChangeRecord {
            at_poll: 26,
            kind: "edit".to_owned(),
            lag: 0,
            invalidate: None,
            window: 0,
        }],
        events: Vec::new(),
    }
}

fn setup([policy, edge, cadence]: [&str; 3], clients: u32) -> SetupRecord {
    let [policy, edge, cadence] = [policy, edge, cadence].map(str::to_owned);
    SetupRecord { policy, edge, clients, cadence, connections: 10, ..SetupRecord::default() }
}

fn before() -> ArmRecord {
    let mut arm = arm("before", "per-process-counter");
    let verdicts = &mut arm.verdicts;
    (verdicts.first_fetch, verdicts.changed, verdicts.needless_transfer) = (10, 10, 480);
    arm.not_modified_ratio = Some(0.0);
    arm.not_modified_ratio_of_all = Some(0.0);
    arm.predicted_not_modified_ratio = Some(0.0);
    arm.bytes = bytes(98_000, 4_202_000, Some(8_404.0));
    arm.latency_us = Some(latency(118, 1_204));
    arm.latency_200_us = arm.latency_us;
    arm.tags_for_same_content = 3;
    arm.rounds = rounds(|round, verdicts| verdicts.needless_transfer = round);
    arm
}

fn after() -> ArmRecord {
    let mut arm = arm("after", "content-hash");
    let verdicts = &mut arm.verdicts;
    (verdicts.first_fetch, verdicts.changed, verdicts.validated) = (10, 10, 480);
    arm.counts.not_modified = 480;
    arm.not_modified_ratio = Some(480.0 / 490.0);
    arm.not_modified_ratio_of_all = Some(480.0 / 500.0);
    arm.predicted_not_modified_ratio = Some(480.0 / 490.0);
    arm.bytes = bytes(104_000, 240_560, Some(151.0));
    arm.latency_us = Some(latency(98, 640));
    arm.latency_200_us = Some(latency(140, 640));
    arm.latency_304_us = Some(latency(97, 512));
    arm.tags_for_same_content = 1;
    arm.rounds = rounds(|round, verdicts| verdicts.validated = round);
    for replica in &mut arm.replicas {
        replica.entity_tags = vec!["\"9c1f0a\"".to_owned()];
        "\"9c1f0a\"".clone_into(&mut replica.sightings[0].entity_tag);
    }
    arm
}

/// 500 polls in 5 buckets of 10 rounds: a first fetch, a change in the third, else as told.
fn rounds(unchanged: fn(u64, &mut VerdictsRecord)) -> RoundsRecord {
    let bucket = |index: u64| {
        let mut verdicts = VerdictsRecord::default();
        match index {
            0 => verdicts.first_fetch = 10,
            2 => verdicts.changed = 10,
            _ => {}
        }
        unchanged(100 - verdicts.first_fetch - verdicts.changed, &mut verdicts);
        let fulls = 100 - verdicts.validated;
        RoundBucketRecord {
            polls: 100,
            not_modified: verdicts.validated,
            verdicts,
            request_bytes: 100 * 196,
            response_bytes: 100 * 151 + fulls * 8_253,
            ideal_response_bytes: 100 * 151 + (fulls - verdicts.needless_transfer) * 8_253,
        }
    };
    RoundsRecord { width: 10, buckets: (0..5).map(bucket).collect() }
}

fn arm(name: &str, strategy: &str) -> ArmRecord {
    let mut arm = ArmRecord {
        name: name.to_owned(),
        strategy: strategy.to_owned(),
        fleet_size: 3,
        setup: setup(["round-robin", "none", "lockstep"], 10),
        ..Tally::default().to_record()
    };
    (arm.polls, arm.counts.conditional) = (500, 490);
    arm.elapsed_s = Some(0.125);
    arm.contents_for_same_tag = 1;
    arm.changes_seen =
        vec![ChangeSeenRecord { at_poll: 26, clients_polled: 10, clients_updated: 10 }];
    let replica = |n: u32| {
        let entity_tag = format!("\"{n}\"");
        let entity_tags = vec![entity_tag.clone()];
        let sightings = vec![SightingRecord {
            entity_tag,
            content: Some("8qLdT1xA".to_owned()),
            ..SightingRecord::default()
        }];
        let replica = ReplicaRecord { entity_tags, sightings, ..ReplicaRecord::default() };
        ReplicaRecord { id: format!("r{n}"), polls: 167, ..replica }
    };
    arm.replicas = (1..=3).map(replica).collect();
    arm
}

fn bytes(requests: u64, responses: u64, per_unchanged_poll: Option<f64>) -> BytesRecord {
    BytesRecord {
        requests,
        responses,
        response_fields: responses / 10,
        response_content: responses - responses / 10,
        per_unchanged_poll,
        ideal_responses: responses / 2,
        instrumentation: 13_500,
        both_directions: requests + responses,
        tls: None,
        framing: None,
        unchanged_responses: 0,
    }
}

fn latency(p50: u64, p99: u64) -> LatencyRecord {
    LatencyRecord { p50, p90: p50.midpoint(p99), p99, p999: p99, max: p99 }
}

fn finding(code: &str, severity: Severity, title: &str, evidence: &str) -> FindingRecord {
    let [code, title, evidence] = [code, title, evidence].map(str::to_owned);
    let [name, fix] = [const { String::new() }; 2];
    FindingRecord { code, name, fix, severity, arm: None, title, evidence }
}

/// A finding about the arm of this name.
fn of(arm: &str, finding: FindingRecord) -> FindingRecord {
    FindingRecord { arm: Some(arm.to_owned()), ..finding }
}

fn expectation(text: &str, passed: bool, observed: &str) -> ExpectationRecord {
    let [text, observed] = [text, observed].map(str::to_owned);
    ExpectationRecord { text, passed, observed, concerns_errors: false }
}
