//! Processes that are killed, interrupted, restarted and started by hand: what happens to the
//! polls, to the saved run, to the exit code, and to whatever was started.
#![cfg(target_os = "linux")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Output;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::http::{get, serve_bytes};
use crate::support::process::{PATIENCE, Process, Running, assert_gone_within_a_second};
use crate::support::served::{Served, balancer, url};
use crate::support::{
    assert_code, at_home, ended, etag_lab, eventually, home, json_of, output_of, require, results,
    run_json, stderr, stdout,
};

/// Writes a scenario with one arm of three replicas with content hashes, and what else it says.
fn scenario(name: &str, more: &str) -> String {
    let text = format!(
        "name = '{name}'\n{more}\n[fleet]\nreplicas = 3\n\
         [[arm]]\nname = 'only'\nstrategy = 'content-hash'\n"
    );
    let path = home().join(format!("{name}.toml"));
    std::fs::write(&path, text).expect("the scenario can be written");
    results();
    path.display().to_string()
}

/// 20,000 polls, 5,000 in a second.
const OPEN_LOOP: &str = "[load]\nclients = 100\npolls = 200\ncadence = 'open-loop'\n\
                         interval = '20ms'\nconnections = 32\ntimeout = '30s'\n";

/// One poll in flight.
const LOCKSTEP: &str = "[load]\nclients = 10\npolls = 30\n";

fn event(kind: &str, at_poll: u32, replica: Option<u32>) -> String {
    let replica = replica.map(|replica| format!("replica = {replica}\n")).unwrap_or_default();
    format!("[[event]]\nkind = '{kind}'\nat-poll = {at_poll}\n{replica}")
}

/// Runs a scenario to its end, whatever the end is, and returns it with the only arm.
fn run(scenario: &str) -> (Output, Value) {
    let output = output_of(&["run", scenario, "--no-save", "--format", "json"]);
    let record = json_of(&output);
    (output, record["arms"][0].clone())
}

fn verdicts(arm: &Value, names: &[&str]) -> Vec<u64> {
    let count = |name: &&str| arm["verdicts"][*name].as_u64().expect("every verdict is counted");
    names.iter().map(count).collect()
}

fn assert_no_poll_failed(arm: &Value) {
    assert_eq!(arm["polls"], 20_000, "{arm:#}");
    assert_eq!(arm["verdicts"]["error"], 0, "{}", arm["errors"]);
    assert_eq!(verdicts(arm, &["first_fetch", "validated"]), [100, 19_900], "{arm:#}");
}

#[test]
fn one_of_three_replicas_killed_in_the_middle_of_20_000_polls_fails_none_of_them() {
    let scenario = scenario("kill", &(OPEN_LOOP.to_owned() + &event("kill", 100, Some(2))));
    let (output, arm) = run(&scenario);
    assert_code(&output, 0);
    assert_no_poll_failed(&arm);
}

#[test]
fn a_replica_killed_from_outside_fails_no_poll() {
    let scenario = scenario("outside", &(OPEN_LOOP.to_owned() + &event("restart", 60, Some(1))));
    let mut lab =
        Running::start(etag_lab().args(["run", &scenario, "--no-save", "--format", "json"]));
    await_restart_of_the_first(&mut lab);
    replica(&mut lab, 2).expect("the second replica runs").kill();
    assert_eq!(lab.wait().code(), Some(0), "{}", lab.stderr());
    let record: Value = serde_json::from_str(&lab.stdout()).expect("the record is JSON");
    assert_no_poll_failed(&record["arms"][0]);
}

#[test]
fn a_rolling_restart_fails_no_poll() {
    let load = "[load]\nclients = 50\npolls = 80\ncadence = 'open-loop'\ninterval = '20ms'\n\
                timeout = '30s'\n";
    let events = [(20, 1), (40, 2), (60, 3)];
    let events = events.map(|(at_poll, replica)| event("restart", at_poll, Some(replica)));
    let (output, arm) = run(&scenario("rolling", &(load.to_owned() + &events.concat())));
    assert_code(&output, 0);
    assert_eq!(verdicts(&arm, &["first_fetch", "validated"]), [50, 3_950], "{arm:#}");
}

#[test]
fn with_every_replica_killed_errors_are_counted_and_the_run_ends_with_1() {
    let scenario = scenario("kill-all", &(LOCKSTEP.to_owned() + &event("kill", 11, None)));
    let (output, arm) = run(&scenario);
    assert_code(&output, 1);
    assert_eq!(verdicts(&arm, &["first_fetch", "validated", "error"]), [10, 90, 200]);
    assert_eq!(arm["errors"][0]["reason"], "status 502");
    assert_eq!(arm["errors"][0]["count"], 200);
    let help = output_of(&["--help"]).stdout;
    let help = String::from_utf8_lossy(&help);
    assert!(
        help.contains("1    a fault was found, an expectation or a --fail-if failed"),
        "{help}"
    );
}

#[test]
fn a_restart_brings_a_replica_back() {
    let events = event("kill", 11, None) + &event("restart", 21, Some(2));
    let scenario_path = scenario("restart", &(LOCKSTEP.to_owned() + &events));
    let (output, arm) = run(&scenario_path);
    assert_code(&output, 1);
    assert_eq!(verdicts(&arm, &["first_fetch", "validated", "error"]), [10, 190, 100]);
    // A scenario that says itself how many polls fail is content when they do.
    let expectation = "[[expect]]\nthat = 'only.error == 100'\n";
    let expected = scenario("expected", &(LOCKSTEP.to_owned() + &events + expectation));
    let (output, _) = run(&expected);
    assert_code(&output, 0);
}

/// The dead serve nobody, so that predictions are right about clients that forget as well.
#[test]
fn who_forgets_on_errors_is_predicted_to_the_poll() {
    let events = event("kill", 11, None) + &event("restart", 21, Some(2));
    for (choice, not_modified, tables) in [
        ("keep", 190, "held_at_end 10 kept 100 lost 0 loads 10"),
        ("drop", 180, "held_at_end 10 kept 0 lost 10 loads 20"),
    ] {
        let load = format!("{LOCKSTEP}on-error = '{choice}'\n");
        let (_, arm) = run(&scenario(choice, &(load + &events)));
        assert_eq!(arm["not_modified"], not_modified, "{arm:#}");
        assert_eq!(arm["predicted_not_modified_ratio"], arm["not_modified_ratio"], "{arm:#}");
        let count = |name: &str| arm["tables"][name].as_u64().expect("tables are counted");
        let [held, kept, lost, loads] =
            ["held_at_end", "kept_through_errors", "lost", "loads"].map(count);
        let counted = format!("held_at_end {held} kept {kept} lost {lost} loads {loads}");
        assert_eq!(counted, tables);
    }
}

/// The process of one replica of a run that is under way, once it is there and as long as it is.
fn replica(lab: &mut Running, number: u32) -> Option<Process> {
    assert_eq!(lab.ended(), None, "it ended early:\n{}", lab.stderr());
    let number = number.to_string();
    let is_it = |child: &Process| {
        child.arguments().windows(2).any(|words| words[0] == "--id" && words[1] == number)
    };
    lab.children().into_iter().find(is_it)
}

/// Waits until replica 1 is younger than replica 3: a sign that polls are under way.
fn await_restart_of_the_first(lab: &mut Running) {
    eventually("the restart of the first replica", PATIENCE, || {
        let [first, third] = [1, 3].map(|number| replica(lab, number));
        (first?.started > third?.started).then_some(())
    });
}

/// A run in the midst of polls that go on for minutes: all replicas were started, and before the
/// third poll of each client the first replica was killed.
fn long_run() -> Running {
    let scenario = scenario(
        "long",
        &("[load]\nclients = 10\npolls = 10000\ncadence = 'open-loop'\ninterval = '50ms'\n"
            .to_owned()
            + &event("kill", 3, Some(1))),
    );
    let mut lab = Running::start(etag_lab().args(["run", &scenario, "--format", "json"]));
    eventually("the end of the first replica", PATIENCE, || {
        // During the start there are two children once, but the third replica is none of them.
        let third = replica(&mut lab, 3);
        (lab.children().len() == 2 && third.is_some()).then_some(())
    });
    lab
}

#[test]
fn a_replica_that_died_on_its_own_ends_the_run_with_3_when_it_is_to_change_and_what_was_is_saved() {
    let load = "[load]\nclients = 10\npolls = 10000\ncadence = 'open-loop'\ninterval = '50ms'\n";
    let then = event("restart", 3, Some(1)) + "[[change]]\nat-poll = 41\n";
    let scenario = scenario("died", &(load.to_owned() + &then));
    let mut lab = Running::start(etag_lab().args(["run", &scenario, "--format", "json"]));
    await_restart_of_the_first(&mut lab);
    replica(&mut lab, 2).expect("the second replica runs").kill();
    assert_eq!(lab.wait().code(), Some(3), "{}", lab.stderr());
    let said = lab.stderr();
    assert!(said.contains("replica r2 ended") && said.contains("signal: 9"), "{said}");
    let record = read_json(&only_saved_run());
    assert_eq!(record["partial"], true);
    let arm = &record["arms"][0];
    assert_eq!(arm["verdicts"]["error"], 0, "{}", arm["errors"]);
}

#[test]
fn kill_9_of_the_lab_leaves_no_child_alive() {
    let lab = long_run();
    let children = lab.children();
    assert_eq!(children.len(), 2);
    lab.signal(Signal::KILL);
    assert_gone_within_a_second(&children);
}

#[test]
fn ctrl_c_saves_a_valid_partial_record_and_exits_with_130() {
    check_interruption(Signal::INT);
}

#[test]
fn sigterm_does_as_ctrl_c_does() {
    check_interruption(Signal::TERM);
}

#[test]
fn a_closed_terminal_does_as_ctrl_c_does() {
    check_interruption(Signal::HUP);
}

#[test]
fn under_nohup_a_closed_terminal_does_nothing() {
    let Some(nohup) = require("nohup") else { return };
    let load = "[load]\nclients = 2\npolls = 20\ncadence = 'open-loop'\ninterval = '50ms'\n";
    let scenario = scenario("nohup", &(load.to_owned() + &event("restart", 3, Some(1))));
    let lab = [program().as_os_str(), "run".as_ref(), scenario.as_ref()];
    let mut lab = Running::start(at_home(nohup).args(lab));
    await_restart_of_the_first(&mut lab);
    lab.signal(Signal::HUP);
    assert_eq!(lab.wait().code(), Some(0), "{}", lab.stderr());
    assert_eq!(read_json(&only_saved_run())["partial"], false);
}

fn check_interruption(signal: Signal) {
    let mut lab = long_run();
    let children = lab.children();
    assert_eq!(children.len(), 2);
    lab.signal(signal);
    assert_eq!(lab.wait().code(), Some(130), "{}", lab.stderr());
    assert_gone_within_a_second(&children);
    let saved = only_saved_run();
    let record = read_json(&saved);
    assert_eq!(record["schema"], "etag-lab.run/1");
    assert_eq!(record["partial"], true);
    let arm = &record["arms"][0];
    let polls = arm["polls"].as_u64().expect("a count is a number");
    assert!((1..100_000).contains(&polls), "{polls}");
    let counts = arm["verdicts"].as_object().expect("verdicts are counted by name");
    assert_eq!(counts.values().filter_map(Value::as_u64).sum::<u64>(), polls);
    // What was shown is what was saved, and it can be shown again.
    let shown: Value = serde_json::from_str(&lab.stdout()).expect("the record is JSON");
    assert_eq!(shown, record);
    let again = output_of(&["report", &saved.display().to_string()]);
    assert!(again.status.success(), "{}", stderr(&again));
    let again = stdout(&again);
    assert!(again.contains("304 rate") && again.contains("PARTIAL"), "{again}");
}

fn read_json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("the record can be read");
    serde_json::from_str(&text).expect("the record is JSON")
}

fn only_saved_run() -> PathBuf {
    let folder = std::fs::read_dir(home().join("results/runs")).expect("the run was saved");
    let files: Vec<_> = folder.map(|entry| entry.expect("it can be read").path()).collect();
    let [file] = files.as_slice() else { panic!("one file was expected: {files:?}") };
    file.clone()
}

#[test]
fn a_replica_by_hand_serves_until_a_signal() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut replica = Served::start(&["replica"]);
        check_serving_until(&mut replica, signal);
    }
}

#[test]
fn a_balancer_by_hand_serves_until_a_signal() {
    let replica = Served::start(&["replica"]);
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut balancer = balancer(&[replica.address], &[]);
        check_serving_until(&mut balancer, signal);
    }
}

fn check_serving_until(served: &mut Served, signal: Signal) {
    let answer = get(served.address, &[]).expect("it serves");
    assert_eq!((answer.status, answer.content.len()), (200, 8_192));
    assert_eq!(served.process.ended(), None);
    served.process.signal(signal);
    assert_eq!(served.process.wait().code(), Some(0), "{}", served.process.stderr());
    assert!(get(served.address, &[]).is_err(), "nobody listens any more");
}

#[test]
fn by_hand_means_also_in_a_session_of_its_own_and_with_standard_input_closed() {
    let (Some(sh), Some(setsid)) = (require("sh"), require("setsid")) else { return };
    let in_a_session = |closed: &str, args: &str| {
        let line = format!("exec '{}' {} {args} {closed}", setsid.display(), program().display());
        let mut command = std::process::Command::new(&sh);
        command.current_dir(home()).args(["-c", &line]);
        command
    };
    for closed in ["<&-", "</dev/null"] {
        let listen = "--listen 127.0.0.1:0";
        let mut replica =
            Served::started_by(&mut in_a_session(closed, &format!("replica {listen}")));
        let to = format!("balancer {listen} --replica http://{}", replica.address);
        let mut balancer = Served::started_by(&mut in_a_session(closed, &to));
        check_serving_until(&mut balancer, Signal::TERM);
        check_serving_until(&mut replica, Signal::INT);
    }
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_etag-lab"))
}

#[test]
fn an_order_to_stop_is_heard_while_nobody_reads_the_result() {
    let pipe = home().join("pipe");
    let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::from_raw_mode(0o600));
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, kind, mode, 0).expect("a pipe");
    let pipe = pipe.to_str().expect("temporary folders have plain names");
    let mut run = Running::start(etag_lab().args(["run", "--no-save", "--polls", "2", "-o", pipe]));
    let status = format!("/proc/{}/status", run.pid());
    eventually("a run that listens to signals", PATIENCE, || {
        let status = std::fs::read_to_string(&status).ok()?;
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
        let caught = u64::from_str_radix(caught.trim(), 16).ok()?;
        // Signal n is bit n - 1.
        (caught >> (Signal::INT.as_raw() - 1) & 1 == 1).then_some(())
    });
    // The first order ends the run, if it comes in time, and the second one the program.
    let ended = eventually("the end of a run", PATIENCE, || {
        let ended = run.ended();
        if ended.is_none() {
            run.signal(Signal::INT);
        }
        ended
    });
    assert_eq!(ended.code(), Some(130), "{}", run.stderr());
}

#[test]
fn a_port_in_use_is_named_and_exits_with_3() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
    let address = taken.local_addr().expect("a bound socket has an address").to_string();
    for args in [&["replica"][..], &["balancer", "--replica", "http://127.0.0.1:9001"]] {
        let output = ended(&[args, &["--listen", &address]].concat(), 3);
        let said = stderr(&output);
        assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
        assert!(said.contains("or take a free port with --listen 127.0.0.1:0"), "{said}");
        assert_eq!(said.trim_end().lines().count(), 2, "{said}");
    }
}

#[test]
fn a_replica_by_hand_notices_an_edited_file() {
    let file = home().join("config.json");
    std::fs::write(&file, "{\"limit\": 1}").expect("the file can be written");
    let replica = Served::start(&["replica", "--file", &file.display().to_string()]);
    let tag = |content: &[u8]| {
        let answer = get(replica.address, &[]).expect("it serves");
        let tag = answer.field("etag").expect("it has a tag").to_owned();
        (answer.content == content).then_some(tag)
    };
    let before = tag(b"{\"limit\": 1}").expect("the first content");
    let conditional = [format!("If-None-Match: {before}")];
    let conditional: Vec<_> = conditional.iter().map(String::as_str).collect();
    assert_eq!(get(replica.address, &conditional).expect("it serves").status, 304);
    std::fs::write(&file, "{\"limit\": 22}").expect("the file can be written");
    let after = eventually("the edited content", PATIENCE, || tag(b"{\"limit\": 22}"));
    assert_ne!(before, after);
    assert_eq!(get(replica.address, &conditional).expect("it serves").status, 200);
}

#[test]
fn a_balancer_by_hand_asks_another_replica_when_one_is_killed() {
    let replicas = [1, 2, 3].map(|_| Served::start(&["replica"]));
    let addresses = replicas.each_ref().map(|replica| replica.address);
    let balancer = balancer(&addresses, &["--policy", "round-robin"]);
    let url = url(balancer.address);
    let polls = ["poll", url.as_str(), "--polls", "6", "--no-save"];
    let asked =
        |record: &Value| record["arms"][0]["replicas"].as_array().map_or(0, std::vec::Vec::len);
    let before = run_json(&polls);
    assert_eq!((asked(&before), &before["arms"][0]["verdicts"]["error"]), (3, &Value::from(0)));
    replicas[1].process.signal(Signal::KILL);
    let after = run_json(&polls);
    assert_eq!((asked(&after), &after["arms"][0]["verdicts"]["error"]), (2, &Value::from(0)));
    let answer = get(balancer.address, &[]).expect("it serves");
    assert!(answer.field("via").is_some(), "a gateway says that it is one: {answer:?}");
}

#[test]
fn a_hostile_replica_behind_the_balancer_fails_its_polls_with_502_and_the_run_goes_on() {
    let hostile = serve_bytes(b"\x00\xff\x1b[31mno HTTP at all\r\n\r\n");
    let honest = Served::start(&["replica"]);
    let balancer = balancer(&[hostile, honest.address], &["--policy", "round-robin"]);
    let url = url(balancer.address);
    // Nine clients: each meets the two replicas in turn.
    let args = ["poll", &url, "--clients", "9", "--polls", "10", "--no-save", "--format", "json"];
    let output = ended(&args, 1);
    let record = json_of(&output);
    let arm = &record["arms"][0];
    assert_eq!(verdicts(arm, &["first_fetch", "validated", "error"]), [9, 36, 45], "{arm:#}");
    assert_eq!(arm["errors"][0]["reason"], "status 502");
}
