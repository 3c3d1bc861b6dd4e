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
        (&["run", "--before", "content-hahs"], "'content-hash'"),
        (&["list", "tags"], "strategies"),
        (&["completions", "tcsh"], "bash"),
        (&["rum"], "'run'"),
        (&["run", "--client", "12"], "'--clients'"),
        (&["replica", "--strategy", "hash"], "content-hash"),
    ] {
        let complaint = complaint(args, 2);
        assert!(complaint.contains(expected), "{complaint}");
    }
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
    }
}

#[test]
fn the_address_of_a_replica_is_host_and_port() {
    for url in ["foo", "https://127.0.0.1:9001", "http://127.0.0.1:9001/path", "http://:1"] {
        let complaint = complaint(&["balancer", "--replica", url], 2);
        assert!(complaint.contains("--replica http://127.0.0.1:9001"), "{complaint}");
    }
}
