//! A dozen mistakes through the built program: one error, its place, a way out, the code, and
//! nothing else happens. All known mistakes have their messages tested in `harness`.

use std::net::TcpListener;

use crate::support::{assert_code, ended, home, output_of, stderr, stdout};

const ARM: &str = "[[arm]]\nname = \"before\"\nstrategy = \"per-process-counter\"\n";

/// The complaint about this command line.
fn complaint(args: &[&str], code: i32) -> String {
    let output = output_of(args);
    assert_code(&output, code);
    assert_eq!(stdout(&output), "", "{args:?}");
    let complaint = stderr(&output);
    assert_eq!(complaint.matches("error: ").count(), 1, "{complaint}");
    assert!(!home().join("results").exists(), "{args:?} saved something");
    complaint.to_owned()
}

#[test]
fn a_mistake_in_a_scenario_is_one_error_with_a_place_and_a_way_out() {
    let cases: [(&str, &[&str]); 13] = [
        ("[load]\ncleints = 10\n", &[]),
        ("[load]\nclients = \"ten\"\n", &[]),
        ("[fleet]\nreplicas = 0\n", &[]),
        ("[fleet]\nreplicas = 3\nhistories = [1, 2]\n", &[]),
        ("[balancer]\npolicy = \"roundrobin\"\n", &[]),
        ("[[change]]\nat-poll = 51\n", &[]),
        ("[[expect]]\nthat = \"before.polls = 500\"\n", &[]),
        ("[[expect]]\nthat = \"polls == 1\"\n[[expect]]\nthat = \"polls == 2\"\n", &[]),
        ("[resource]\nfile = \"no-such-file\"\n", &[]),
        ("[load]\nclients = \n", &[]),
        ("", &["--after", "content-hash"]),
        ("", &["--set", "load.clinets=5"]),
        ("", &["--fail-if", "after.polls > 0"]),
    ];
    for (toml, flags) in cases {
        std::fs::write(home().join("scenario.toml"), format!("{toml}{ARM}")).expect("written");
        let complaint = complaint(&[&["run", "scenario.toml"], flags].concat(), 2);
        assert!(complaint.starts_with("error: "), "{complaint}");
        assert!(complaint.contains("--> "), "a place: {complaint}");
        assert!(complaint.contains("= help: "), "a way out: {complaint}");
    }
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    for flags in [
        &["--interval", "1s"][..],
        &["--clients", "0"],
        &["--polls", "1"],
        &["--polls", "5", "--total-polls", "50"],
        &["--file", "no-such-file"],
        &["--set", "load.clients=many"],
    ] {
        let complaint = complaint(&[&["run"], flags].concat(), 2);
        assert!(complaint.contains("--> ") && complaint.contains("= help: "), "{complaint}");
    }
}

#[test]
fn names_that_do_not_exist_are_answered_with_those_that_do() {
    for (args, expected) in [
        (&["run", "no-such-scenario"][..], "`all-200s`, `scale-out`"),
        (&["run", "scaleout"], "did you mean `scale-out`?"),
        (&["run", "--policy", "robin"], "round-robin"),
        (&["run", "--before", "content-hahs"], "`content-hash`"),
        (&["list", "tags"], "strategies"),
        (&["completions", "tcsh"], "bash"),
        (&["rum"], "`etag-lab run`"),
        (&["run", "--client", "12"], "`--clients`"),
        (&["replica", "--strategy", "hash"], "content-hash"),
    ] {
        let complaint = complaint(args, 2);
        assert!(complaint.contains(expected), "{complaint}");
    }
}

/// Command lines of a new user, parts of the answer, and the exit code.
const TYPED: &[(&str, &[&str], i32)] = &[
    // Commands.
    ("rnu", &["no command `rnu`", "`etag-lab run`"], 2),
    ("chekc http://h/", &["`etag-lab check`"], 2),
    ("all-200s", &["`etag-lab run all-200s`"], 2),
    ("scaleout", &["`etag-lab run scale-out`"], 2),
    ("my.toml", &["`etag-lab run my.toml`"], 2),
    ("saved.json", &["`etag-lab report saved.json`"], 2),
    ("http://127.0.0.1:1/x", &["`etag-lab check http://127.0.0.1:1/x`"], 2),
    ("ETL001", &["`etag-lab explain ETL001`"], 2),
    ("frobnicate", &["etag-lab --help"], 2),
    ("help rnu", &["`etag-lab run`"], 2),
    ("--verison", &["`--version`"], 2),
    // Names.
    ("run nosuch.toml", &["neither a built-in scenario nor a file", "etag-lab list scenarios"], 2),
    ("run --edge apache", &["--edge does not know `apache`", "`httpd`", "list edges"], 2),
    ("run --edge apach", &["--edge does not know `apach`", "`httpd`", "list edges"], 2),
    ("run --edge gzip", &["`gzip-keep`", "`gzip-weaken`"], 2),
    ("run --before sha256", &["`content-hash`", "list strategies"], 2),
    ("run --before xyzzy", &["known: `none`", " more", "list strategies"], 2),
    ("run --policy rr", &["`round-robin`", "list policies"], 2),
    ("run --cadence fast", &["`lockstep`, `shuffled`, `open-loop`"], 2),
    ("run --format htm", &["`html`"], 2),
    ("run --format pdf", &["known: `text`"], 2),
    ("run --color red", &["known: `auto`"], 2),
    ("list scenario", &["`scenarios`"], 2),
    ("list foo", &["known: `strategies`"], 2),
    ("completions zhs", &["`zsh`"], 2),
    ("show all200s", &["`all-200s`", "list scenarios"], 2),
    ("show nothing-like-it", &["known: ", "list scenarios"], 2),
    ("explain nodlocal-tag", &["`node-local-tag`", "etag-lab explain"], 2),
    ("explain ETL999", &["nothing here is called `ETL999`", "etag-lab explain"], 2),
    ("explain qwertz", &["nothing here is called", "etag-lab list"], 2),
    ("check http://h/ --fail-on always", &["`warn`, `bad`"], 2),
    ("check http://h/ --format xml", &["`junit`"], 2),
    ("replica --strategy md5", &["`content-hash`"], 2),
    ("balancer --replica h:1 --policy roundrobin", &["`round-robin`"], 2),
    // Numbers, times, addresses.
    ("run --clients ten", &["must be an integer", "8k (8,000)"], 2),
    ("run --seed abc", &["must be an integer", "8Ki (8,192)"], 2),
    ("run --size 8q", &["must be an integer", "8Ki (8,192)"], 2),
    ("run --set load.clients=many", &["must be an integer", "8k (8,000)"], 2),
    ("run --jitter abc", &["must be a number", "10%"], 2),
    ("run --clients -1", &["between 1 and 1,000,000"], 2),
    ("run --interval 3", &["not a duration", "250ms"], 2),
    ("run --polls 1", &["at least 2 polls of each client", "--no-changes"], 2),
    ("check http://h/ --rate -1", &["`-1` is no value for --rate", "requests a second"], 2),
    ("check http://h/ --rate fast", &["requests a second"], 2),
    ("check http://h/ --budget ten", &["whole number"], 2),
    ("check http://h/ --budget 0", &["from 1 to 10,000"], 2),
    ("check http://h/ --timeout 5", &["number and a unit"], 2),
    ("wire --content x", &["whole number"], 2),
    ("replica --size 1T", &["8Ki (8,192)"], 2),
    ("replica --size 0", &["from 1 to 67,108,864"], 2),
    ("replica --listen 8080", &["127.0.0.1:9001"], 2),
    ("replica --listen 203.0.113.9:9", &["cannot listen on", "127.0.0.1"], 3),
    ("replica --codings gzp", &["gzip, br or zstd"], 2),
    ("replica --file nosuch", &["cannot read nosuch", "a file that exists"], 3),
    ("coalesce --upstream x --jitter 20", &["from 0 to 1"], 2),
    // Flags.
    ("run --client 3", &["no flag `--client`", "`--clients`"], 2),
    ("run -clients 3", &["`--clients`"], 2),
    ("run -n 3", &["no flag `-n`", "etag-lab run --help"], 2),
    ("run clients=3 x", &["one argument too many"], 2),
    ("run all-200s clients=3", &["`--clients`"], 2),
    ("run a b", &["`b` is one argument too many", "etag-lab run [OPTIONS] [SCENARIO]"], 2),
    ("run --clients", &["--clients", "etag-lab run -h"], 2),
    ("run --no-save --no-save", &["twice"], 2),
    ("wire --format html", &["--har", "run --format html"], 2),
    ("poll http://h/ --replicas 3", &["`--replicas`"], 2),
    ("poll http://h/ --url x", &["the URL needs no flag"], 2),
    ("check http://h/ -k", &["--insecure"], 2),
    ("poll http://h/ -k", &["--insecure"], 2),
    ("poll http://h/ -u a:b", &["-H 'Authorization: …'"], 2),
    ("poll http://h/ -n 5", &["--polls"], 2),
    ("replica --port 9001", &["no flag `--port`", "--listen 127.0.0.1:PORT"], 2),
    ("balancer --replica h:1 -p 9001", &["--listen 127.0.0.1:PORT"], 2),
    ("run --port 9001", &["no flag `--port`", "etag-lab run --help"], 2),
    ("check http://h/ -v", &["etag-lab wire"], 2),
    ("check --har a --wire b", &["exclude each other"], 2),
    ("check", &["needs <URL>", "https://api.example.com/config"], 2),
    ("poll", &["needs <URL>"], 2),
    ("show", &["needs", "etag-lab show all-200s"], 2),
    ("report", &["needs <RUN.json>"], 2),
    ("balancer", &["needs --replica <URL>"], 2),
    ("source", &["needs --store <STORE>"], 2),
    ("check http://h/ --for 30m", &["needs --watch", "without --watch: add it, or leave"], 2),
    ("replica --require-if-match", &["needs --writable", "without --writable: add it"], 2),
    (
        "coalesce --upstream etcd://127.0.0.1:1 --user u",
        &["needs --password-file <FILE>", "without --password-file: add it"],
        2,
    ),
    ("coalesce --upstream x --tls-cert c", &["needs --tls-key <FILE>", "without --tls-key:"], 2),
    // URLs.
    ("check localhost:1/x", &["http://localhost:1/x", "https://localhost:1/x"], 2),
    ("check ftp://h/", &["https://api.example.com/config"], 2),
    ("check http://127.0.0.1:1/", &["is it running"], 3),
    ("check http://127.0.0.1:1/ --backend 127.0.0.1:2", &["--backend 127.0.0.1:2"], 3),
    ("poll localhost:1/x", &["http://localhost:1/x"], 2),
    ("poll gopher://h/", &["http:// or https://"], 2),
    ("poll http://127.0.0.1:1/ --polls 2", &["is it running"], 3),
    // Conditions.
    ("run --fail-if after.polls", &["operator"], 2),
    ("run --fail-if after.304_rate<3", &["unknown number `304_rate`", "not_modified_ratio"], 2),
    ("run --fail-if after.neddless_transfer>3", &["`needless_transfer`"], 2),
    ("run --set clients=3", &["belongs in [load]: --set load.clients=…"], 2),
    ("run --fail-if error>5", &["`error` of which arm?", "`before.error`, `after.error`"], 2),
];

#[test]
fn a_mistake_is_answered_with_what_to_type_instead() {
    let mut problems = Vec::new();
    for (line, expected, code) in TYPED {
        let complaint = complaint(&line.split(' ').collect::<Vec<_>>(), *code);
        let missing =
            expected.iter().chain(&["= help: "]).find(|piece| !complaint.contains(*piece));
        // Names of types and the errors of the standard library are for programmers.
        let words = ["in string", "float literal", "(Custom", "tip:", "Other("];
        let foreign = words.iter().find(|word| complaint.contains(*word));
        let is_wall = complaint.lines().any(|line| line.chars().count() > 240);
        if missing.is_some() || foreign.is_some() || is_wall {
            problems.push(format!("{line}: {missing:?} {foreign:?} {is_wall}\n{complaint}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_saved_run_given_as_a_scenario_is_named() {
    std::fs::write(home().join("saved.json"), "{\"schema\":\"etag-lab.run/1\"}").expect("written");
    for command in ["run", "wire"] {
        let complaint = complaint(&[command, "saved.json"], 2);
        assert!(complaint.contains("etag-lab report saved.json"), "{complaint}");
    }
}

#[test]
fn numbers_with_units_and_both_words_for_lock_step_are_understood() {
    let flags = "--no-save --cadence lock-step --size 8Ki --clients 1_0 --polls 0.05k";
    let set = "--set load.connections=1k --set load.timeout=5s --jitter";
    let args: Vec<_> = ["run"].into_iter().chain(flags.split(' ')).collect();
    assert_code(&output_of(&args), 0);
    let args = args.into_iter().chain(set.split(' ').filter(|word| *word != "--jitter"));
    let output = output_of(&args.collect::<Vec<_>>());
    assert_code(&output, 0);
    assert!(stdout(&output).contains("10 clients × 50 polls, lock-step"), "{}", stdout(&output));
}

#[test]
fn codings_to_no_effect_are_noted() {
    let run =
        |coding| output_of(&["run", "--no-save", "--polls", "4", "--accept-encoding", coding]);
    for (coding, expected) in [("gzp", "did you mean `gzip`?"), ("gzip,br", "nothing compresses")] {
        let output = run(coding);
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    assert!(!stderr(&run("identity")).contains("compress"));
}

#[test]
fn expectations_that_do_not_count_are_one_line() {
    let output = output_of(&["run", "--no-save", "--clients", "11"]);
    let lines = stderr(&output).lines().filter(|line| line.contains("expectations"));
    assert_eq!(lines.count(), 1, "{}", stderr(&output));
    assert_eq!(stderr(&output).trim().lines().count(), 1, "{}", stderr(&output));
}

#[test]
fn no_command_at_all_is_answered_with_the_commands() {
    let output = ended(&[], 2);
    assert_eq!(stdout(&output), "");
    assert!(stderr(&output).contains("Start with `etag-lab run`."), "{}", stderr(&output));
}

#[test]
fn a_port_in_use_is_an_error_of_the_environment() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("it has an address").to_string();
    for args in [
        &["replica", "--listen", &address][..],
        &["balancer", "--listen", &address, "--replica", "http://127.0.0.1:9"],
    ] {
        let complaint = complaint(args, 3);
        assert!(
            complaint.starts_with(&format!("error: cannot listen on {address}")),
            "{complaint}"
        );
        assert!(complaint.contains("--listen 127.0.0.1:0"), "{complaint}");
    }
}

#[test]
fn the_address_of_a_replica_is_host_and_port() {
    for url in ["foo", "https://127.0.0.1:9001", "http://127.0.0.1:9001/path", "http://:1"] {
        let complaint = complaint(&["balancer", "--replica", url], 2);
        assert!(complaint.contains("--replica http://127.0.0.1:9001"), "{complaint}");
    }
}
