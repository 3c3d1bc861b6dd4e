//! Shards of one schedule: together they are what one process would have done, they begin together, and
//! whatever is wrong with them is one clear error.

mod hosts;
mod kubernetes;
mod local;
mod page;
mod slurm;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::support::served::{Served, free_address};
use crate::support::{assert_code, ended, etag_lab, home, json_of, poll_json, stderr, stdout};

/// Loads that can be divided.
const LOADS: [&[&str]; 2] = [
    &["--clients", "20", "--polls", "7", "--connections", "6", "--cadence", "shuffled"],
    &[
        "--clients",
        "13",
        "--total-polls",
        "50",
        "--connections",
        "4",
        "--cadence",
        "open-loop",
        "--interval",
        "60ms",
        "--jitter",
        "0.4",
    ],
];

/// Starts one shard; its record is its standard output.
fn shard(url: &str, shard: &str, args: &[&str]) -> Child {
    start(
        etag_lab()
            .args(["poll", url, "--no-save", "--format", "json", "--shard", shard])
            .args(args),
    )
}

fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

fn output(child: Child) -> Output {
    child.wait_with_output().expect("it ends")
}

/// The records of all shards, one line each, after a common start.
fn records(url: &str, total: u32, args: &[&str]) -> Vec<String> {
    let barrier = free_address().to_string();
    let args = [args, &["--barrier", &barrier]].concat();
    // Shard 0 comes last: the others have to wait for it.
    let shards = (0..total).rev().map(|part| shard(url, &format!("{part}/{total}"), &args));
    let shards: Vec<_> = shards.collect();
    let ended = shards.into_iter().map(output).inspect(|output| assert_code(output, 0));
    ended.map(|output| stdout(&output).to_owned()).collect()
}

/// The sum of records that come on standard input.
fn merge(records: &[String], code: i32) -> (Value, String) {
    let mut command = etag_lab();
    command.args(["merge", "-", "--no-save", "--format", "json"]).stdin(Stdio::piped());
    let mut child = start(&mut command);
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(records.concat().as_bytes()).expect("it reads");
    drop(input);
    let output = output(child);
    assert_code(&output, code);
    let record = if code == 2 { Value::Null } else { json_of(&output) };
    (record, stderr(&output).to_owned())
}

/// Everything that is no time and no order.
fn counts(record: &Value) -> Value {
    let arm = &record["arms"][0];
    // Some polls are over in milliseconds, which no two processes spend together.
    let is_count = |it: &&Value| it["title"] != "the shards did not poll at the same time";
    let findings = record["findings"].as_array().expect("findings").iter().filter(is_count);
    let replicas = arm["replicas"].as_array().expect("replicas").iter();
    let replicas = replicas.map(|it| json!([it["id"], it["polls"], it["not_modified"]]));
    json!({
        "scenario": record["scenario"],
        "polls": arm["polls"],
        "conditional": arm["conditional"],
        "not_modified": arm["not_modified"],
        "not_modified_ratio": arm["not_modified_ratio"],
        "verdicts": arm["verdicts"],
        "bytes": arm["bytes"],
        "rounds": arm["rounds"],
        "codings": arm["codings"],
        "tables": arm["tables"],
        "tags": [arm["tags_for_same_content"], arm["contents_for_same_tag"]],
        "editions": arm["contents_for_same_edition"],
        "errors": arm["errors"],
        "replicas": replicas.collect::<Vec<_>>(),
        "partial": record["partial"],
        "findings": findings.collect::<Vec<_>>(),
    })
}

/// The first warning that is not about time.
fn warning(record: &Value) -> Value {
    counts(record)["findings"][0].clone()
}

#[test]
fn shards_that_are_merged_are_the_run_that_was_not_divided() {
    let replica = Served::start(&["replica"]);
    for load in LOADS {
        let whole = poll_json(&[&[replica.url().as_str()], load].concat());
        // More shards than clients as well: some have nothing to do.
        for total in [1, 2, 3, 14] {
            let records = records(&replica.url(), total, load);
            let (sum, _) = merge(&records, 0);
            assert_eq!(counts(&sum), counts(&whole), "{total} shards, {load:?}");
            assert_eq!(sum["shard"]["parts"], json!((0..total).collect::<Vec<_>>()));
            let skew = sum["shard"]["skew_us"].as_u64().expect("a start was agreed on");
            assert!(skew < 1_000_000, "{skew}");
            assert!(records.iter().all(|record| record.lines().count() == 1 || total == 1));
        }
    }
}

#[test]
fn a_sum_of_sums_is_the_same_and_what_is_missing_is_named() {
    let replica = Served::start(&["replica"]);
    let records = records(&replica.url(), 3, LOADS[0]);
    let [two, one, zero] = records.as_slice() else { panic!("three shards") };
    let (sum, _) = merge(&records, 0);
    let (some, _) = merge(&[zero.clone(), two.clone()], 4);
    assert_eq!(some["partial"], true);
    assert_eq!(warning(&some)["title"], "1 of 3 shards missing");
    assert_eq!(warning(&some)["evidence"], "no record of shard 1");
    let (again, _) = merge(&[one.clone(), some.to_string()], 0);
    assert_eq!(again, sum, "in whatever order");
    let (_, said) = merge(&[one.clone(), some.to_string(), two.clone()], 2);
    assert!(
        said.contains("shard 2 of 3 is given twice: record 2 of - and record 3 of -"),
        "{said}"
    );
    // One alone is a part, and says so.
    std::fs::write(home().join("one.json"), one).expect("written");
    let shown = ended(&["report", "one.json"], 0);
    assert!(stdout(&shown).contains("SHARD 1 of 3: its part of the polls alone."));
}

#[test]
fn shards_of_other_runs_are_refused_by_what_differs() {
    let replica = Served::start(&["replica"]);
    let record = |part: &str, more: &[&str]| {
        let output = output(shard(&replica.url(), part, &[LOADS[0], more].concat()));
        assert_code(&output, 0);
        stdout(&output).to_owned()
    };
    let first = record("0/2", &[]);
    for (part, more, what) in [
        ("1/2", &["--seed", "7"][..], "seed is 42 in record 1 of - and 7 in record 2 of -"),
        ("1/2", &["--timeout", "9s"], "timeout_ms is 5000.0 in record 1 of - and 9000.0 in record"),
        ("1/3", &[], "number of shards is 2 in record 1 of - and 3 in record 2 of -"),
    ] {
        let (_, said) = merge(&[first.clone(), record(part, more)], 2);
        assert!(said.contains(what), "{what}: {said}");
        assert_eq!(said.matches("error: ").count(), 1, "{said}");
    }
    let condition = ["--fail-if", "not_modified_ratio < 99 %"];
    let both = [record("0/2", &condition), record("1/2", &condition)];
    let (sum, _) = merge(&both, 0);
    assert_eq!(sum["expectations"][0]["text"], "fail if not_modified_ratio < 99 %");
    // Interrupted parts are named, too.
    let cut = both[1].replace("\"partial\":false", "\"partial\":true");
    let (sum, _) = merge(&[both[0].clone(), cut], 4);
    assert_eq!(warning(&sum)["title"], "1 of 2 shards interrupted");
}

#[test]
fn shards_that_did_not_poll_together_are_warned_of() {
    let replica = Served::start(&["replica"]);
    let one_after_the_other = ["0/2", "1/2"].map(|part| {
        let output = output(shard(&replica.url(), part, LOADS[1]));
        assert_code(&output, 0);
        stdout(&output).to_owned()
    });
    let (sum, _) = merge(&one_after_the_other, 0);
    assert_eq!(sum["findings"][0]["title"], "the shards did not poll at the same time");
    assert_eq!(sum["findings"][0]["evidence"], "all of them together for 0 % of it");
}

/// What a shard says that cannot begin.
fn complaint(output: &Output, code: i32) -> String {
    assert_code(output, code);
    assert_eq!(stdout(output), "");
    let said = stderr(output).to_owned();
    assert_eq!(said.matches("error: ").count(), 1, "{said}");
    assert!(said.contains("= help: "), "{said}");
    said
}

#[test]
fn what_cannot_be_divided_is_refused() {
    let url = "http://127.0.0.1:9/";
    for (args, what) in [
        (&["--shard", "0/2"][..], "lock-step cannot be divided"),
        (
            &["--shard", "0/2", "--cadence", "shuffled", "--duration", "1s"],
            "polls that only the time ends cannot be divided",
        ),
        (&["--shard", "2/2"], "2/2"),
        (&["--shard", "x"], "0/3, 1/3 or 2/3"),
        (&["--barrier", "127.0.0.1:9"], "--barrier is for the shards of one schedule"),
        (&["--shard", "0/2", "--barrier", "here"], "give host and port"),
        (
            &["--shard", "0/2", "--cadence", "shuffled", "--start-at", "2020-01-01T00:00:00Z"],
            "the start is",
        ),
    ] {
        let output = output(start(etag_lab().args(["poll", url]).args(args)));
        let said = complaint(&output, 2);
        assert!(said.contains(what), "{what}: {said}");
    }
    let environment = output(start(
        etag_lab().args(["poll", url]).env("ETAG_LAB_SHARDS", "2").env("JOB_COMPLETION_INDEX", "2"),
    ));
    let said = complaint(&environment, 2);
    assert!(said.contains("JOB_COMPLETION_INDEX=2 and ETAG_LAB_SHARDS=2 name no shard"), "{said}");
}

#[test]
fn the_environment_of_a_job_names_the_part() {
    let replica = Served::start(&["replica"]);
    let record = |variables: [(&str, &str); 2]| {
        let mut command = etag_lab();
        command.args(["poll", &replica.url(), "--no-save", "--format", "json"]).args(LOADS[0]);
        let output = output(start(command.envs(variables)));
        assert_code(&output, 0);
        json_of(&output)["shard"].clone()
    };
    let shard = record([("JOB_COMPLETION_INDEX", "2"), ("ETAG_LAB_SHARDS", "3")]);
    assert_eq!((&shard["parts"], &shard["total"]), (&json!([2]), &json!(3)));
    let shard = record([("SLURM_PROCID", "1"), ("SLURM_NTASKS", "4")]);
    assert_eq!((&shard["parts"], &shard["total"]), (&json!([1]), &json!(4)));
}

fn at_barrier<'a>(address: &'a str, timeout: &'a str) -> Vec<&'a str> {
    [LOADS[0], &["--barrier", address, "--barrier-timeout", timeout]].concat()
}

#[test]
fn shards_that_do_not_come_are_named_and_nobody_begins_without_them() {
    let replica = Served::start(&["replica"]);
    let address = free_address().to_string();
    let at = at_barrier(&address, "700ms");
    let [zero, two] = ["0/3", "2/3"].map(|part| shard(&replica.url(), part, &at));
    let said = complaint(&output(zero), 3);
    assert!(
        said.contains("not all shards came to the barrier within 700ms: shard 1 missing"),
        "{said}"
    );
    let said = complaint(&output(two), 3);
    assert!(said.contains("shard 1 did not come in time"), "{said}");
    // Unless they may.
    let at = [&at[..], &["--allow-missing"]].concat();
    let shards = ["0/3", "2/3"].map(|part| shard(&replica.url(), part, &at));
    let records = shards.map(output).map(|output| stdout(&output).to_owned());
    let (sum, _) = merge(&records, 4);
    assert_eq!(warning(&sum)["evidence"], "no record of shard 1");
}

#[test]
fn a_shard_that_comes_twice_of_another_run_or_to_nobody_is_refused() {
    let replica = Served::start(&["replica"]);
    let address = free_address().to_string();
    let nobody = output(shard(&replica.url(), "1/2", &at_barrier(&address, "300ms")));
    let said = complaint(&nobody, 3);
    assert!(said.contains(&format!("no barrier at {address} for 300ms")), "{said}");
    let at = at_barrier(&address, "20s");
    let zero = shard(&replica.url(), "0/3", &at);
    let other_seed = output(shard(&replica.url(), "1/3", &[&at[..], &["--seed", "7"]].concat()));
    let said = complaint(&other_seed, 3);
    assert!(said.contains("refused this shard: its URL, seed or load is another one"), "{said}");
    let other_number = output(shard(&replica.url(), "1/4", &at));
    let said = complaint(&other_number, 3);
    assert!(said.contains("it is one of 4, these are 3"), "{said}");
    // Which of two comes first is not to be told; one of them waits, and the other is refused.
    let twice = [shard(&replica.url(), "1/3", &at), shard(&replica.url(), "1/3", &at)];
    let mut twice = twice.map(|child| child);
    let refused = crate::support::eventually(
        "one of two to be refused",
        crate::support::process::PATIENCE,
        || twice.iter_mut().position(|child| child.try_wait().is_ok_and(|it| it.is_some())),
    );
    let [first, second] = twice;
    let (refused, waiting) = if refused == 0 { (first, second) } else { (second, first) };
    let said = complaint(&output(refused), 3);
    assert!(said.contains("shard 1 is here already"), "{said}");
    let two = shard(&replica.url(), "2/3", &at);
    for child in [zero, waiting, two] {
        assert_code(&output(child), 0);
    }
}

#[test]
fn a_shard_that_is_late_is_told_so() {
    let replica = Served::start(&["replica"]);
    let address = free_address().to_string();
    // Long enough for one that comes when the first polls are made.
    let load = ["--clients", "3", "--polls", "3", "--cadence", "open-loop", "--interval", "1s"];
    let at = [&load[..], &["--barrier", &address, "--barrier-timeout", "400ms", "--allow-missing"]];
    let at = at.concat();
    let zero = shard(&replica.url(), "0/2", &at);
    // Refused until shard 0 listens, and again and again until it has begun without this one.
    let late = crate::support::eventually(
        "a start without shard 1",
        crate::support::process::PATIENCE,
        || {
            let said = greeting(&address)?;
            said.contains("began").then_some(said)
        },
    );
    assert!(late.starts_with("no the others began "), "{late}");
    let output_of_late = output(shard(&replica.url(), "1/2", &at));
    let said = complaint(&output_of_late, 3);
    assert!(said.contains("refused this shard: the others began "), "{said}");
    assert_code(&output(zero), 0);
}

/// Answer of a barrier to something that is no greeting of a shard of its run.
fn greeting(address: &str) -> Option<String> {
    let stream = std::net::TcpStream::connect(address).ok()?;
    (&stream).write_all(b"etag-lab-barrier/1 1/2 other\n").ok()?;
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line).ok()?;
    Some(line)
}

#[test]
fn a_barrier_that_dies_or_is_none_ends_those_that_wait_for_it() {
    let replica = Served::start(&["replica"]);
    let check = |answer: &'static str, what: &str| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
        let address: SocketAddr = listener.local_addr().expect("bound");
        let server = std::thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a shard comes");
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).expect("it greets");
            (&stream).write_all(answer.as_bytes()).expect("it listens");
        });
        let output = output(shard(&replica.url(), "1/2", &at_barrier(&address.to_string(), "20s")));
        server.join().expect("the server ends");
        let said = complaint(&output, 3);
        assert!(said.contains(what), "{what}: {said}");
    };
    check("ok\n", "ended while shards waited for it");
    check("HTTP/1.1 400 Bad Request\r\n", "is no barrier of this version");
    check("ok\ngo soon\n", "is no barrier of this version");
    check("no \u{1b}[31mred\n", "refused this shard");
}
