//! Every way to get a scenario wrong that we know of, with the message it earns.
//!
//! One entry is one mistake; its message is the snapshot of the same name. Whatever the mistake,
//! a message names a place and a way out, and prints nothing that a terminal would obey.

use std::path::Path;

use etag_lab_scenario::{Flags, Scenario};

const ARM: &str = "[[arm]]\nname = \"before\"\nstrategy = \"per-process-counter\"\n";

/// An arm whose tags are shared, beside the other.
const SHARED: &str = "[[arm]]\nname = \"after\"\nstrategy = \"shared-revision\"\n";

/// What differs from a sound scenario with one arm.
#[derive(Default)]
struct Mistake {
    /// Snapshot.
    name: &'static str,
    /// Stands before the arm.
    toml: &'static str,
    flags: Flags,
}

fn flags() -> Flags {
    Flags::default()
}

fn in_file(name: &'static str, toml: &'static str) -> Mistake {
    Mistake { name, toml, ..Mistake::default() }
}

fn in_flags(name: &'static str, flags: Flags) -> Mistake {
    Mistake { name, flags, ..Mistake::default() }
}

fn set(name: &'static str, set: &str) -> Mistake {
    in_flags(name, flags().with("set", set))
}

fn fail_if(name: &'static str, condition: &str) -> Mistake {
    in_flags(name, flags().with("fail-if", condition))
}

/// The message for this text, which stands in a file of its own.
fn message(argument: &Path, flags: &Flags) -> String {
    let argument = argument.to_str().expect("the path of a temporary file is text");
    let error = Scenario::load(Some(argument), flags).expect_err("this is a mistake");
    let message = error.render(false);
    let folder = Path::new(argument).parent().and_then(Path::to_str).unwrap_or_default();
    assert!(message.contains(" --> ") || message.contains("\n--> "), "a place: {message}");
    assert!(message.contains("= help: "), "a way out: {message}");
    assert!(!message.contains(|c: char| c.is_control() && c != '\n'), "{message:?}");
    if folder.is_empty() { message } else { message.replace(&format!("{folder}/"), "") }
}

fn check_all(mistakes: Vec<Mistake>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("scenario.toml");
    for Mistake { name, toml, flags } in mistakes {
        std::fs::write(&path, format!("{toml}{ARM}")).expect("written");
        insta::assert_snapshot!(name, message(&path, &flags), toml);
    }
}

#[test]
fn keys_and_types() {
    check_all(vec![
        in_file("not_toml", "[load]\nclients = \n"),
        in_file("text_without_quotes", "[balancer]\npolicy = random\n"),
        in_file("table_twice", "[load]\n[load]\n"),
        in_file("unknown_key", "[load]\ncleints = 10\n"),
        in_file("unknown_key_of_another_table", "[fleet]\nclients = 10\n"),
        in_file("unknown_key_at_the_top", "replicas = 3\n"),
        in_file("unknown_key_in_a_list", "[[change]]\nat-pol = 3\n"),
        in_file("unknown_table", "[baalncer]\npolicy = \"random\"\n"),
        in_file("unknown_key_like_nothing", "[load]\nfrobnicate = true\n"),
        in_file("escapes_in_a_key", "\"\\u001b[31m\\u009b\\u202eclients\" = 1\n"),
        in_file("text_for_a_number", "[load]\nclients = \"ten\"\n"),
        in_file("fraction_for_a_number", "[load]\npolls = 1.5\n"),
        in_file("number_for_a_text", "[balancer]\npolicy = 3\n"),
        in_file("number_for_a_table", "load = 3\n"),
        in_file("date_for_a_number", "[load]\nclients = 2026-01-01\n"),
        in_file("table_for_a_list", "[change]\nat-poll = 3\n"),
        in_file("negative_seed", "[load]\nseed = -1\n"),
        in_file("unknown_cadence", "[load]\ncadence = \"lock-step\"\n"),
        in_file("unknown_kind", "[[change]]\nat-poll = 3\nkind = \"delete\"\n"),
        in_file("escapes_in_a_name", "name = \"a\\u001b[31mb\"\n"),
    ]);
}

#[test]
fn numbers_and_names() {
    check_all(vec![
        in_file("zero_replicas", "[fleet]\nreplicas = 0\n"),
        in_file("too_many_clients", "[load]\nclients = 1_000_001\n"),
        in_file("negative_polls", "[load]\npolls = -5\n"),
        in_file("too_many_polls_together", "[load]\nclients = 100_000\npolls = 100_000\n"),
        in_file("polls_and_total_polls", "[load]\npolls = 5\ntotal-polls = 50\n"),
        in_file("unknown_policy", "[balancer]\npolicy = \"roundrobin\"\n"),
        in_file("unknown_policy_like_nothing", "[balancer]\npolicy = \"xyz\"\n"),
        in_file("bad_duration", "[load]\ntimeout = \"5\"\n"),
        in_file("negative_duration", "[fleet]\ndeploy-drift = \"-7s\"\n"),
        in_file("duration_too_long", "[load]\ntimeout = \"2 hours\"\n"),
        in_file("jitter_too_large", "[load]\ncadence = \"open-loop\"\njitter = 2\n"),
        in_file("interval_in_lockstep", "[load]\ninterval = \"1s\"\n"),
        in_file("jitter_when_shuffled", "[load]\ncadence = \"shuffled\"\njitter = 0.5\n"),
        in_file("histories_of_wrong_length", "[fleet]\nreplicas = 3\nhistories = [41, 18]\n"),
        in_file("negative_history", "[fleet]\nhistories = [41, -18, 2]\n"),
        in_file("empty_command", "[fleet]\ncommand = \" \"\n"),
    ]);
}

#[test]
fn resource() {
    check_all(vec![
        in_file("file_and_size", "[resource]\nfile = \"a.json\"\nsize-bytes = 10\n"),
        in_file("file_is_missing", "[resource]\nfile = \"no-such-file.json\"\n"),
        in_file("file_is_a_folder", "[resource]\nfile = \".\"\n"),
        in_file("empty_resource", "[resource]\nsize-bytes = 0\n"),
        in_file("line_break_in_a_field", "[resource]\ncache-control = \"a\\r\\nX: b\"\n"),
        in_file("a_coding_twice", "[resource]\ncodings = [\"gzip\", \"br\", \"gzip\"]\n"),
        in_file("unknown_coding", "[resource]\ncodings = [\"gzip\", \"brotli\"]\n"),
        in_file("empty_content_type", "[resource]\ncontent-type = \"\"\n"),
    ]);
}

#[test]
fn caching() {
    check_all(vec![
        in_file("interrupted_at_the_end", "[load]\ninterrupt-at = 1.0\n"),
        in_file("interrupted_nowhere", "[load]\ninterrupt-at = 0\n"),
        in_file("if_range_without_interruption", "[load]\nif-range = \"any\"\n"),
        in_file("unknown_validator", "[load]\nvalidate = \"date\"\n"),
        in_file("freshness_in_words", "[load]\nhonour-freshness = \"yes\"\n"),
        in_file("on_error_like_nothing", "[load]\non-error = \"forget\"\n"),
        in_file("poll_interval_in_words", "[load]\nobey-poll-interval = \"yes\"\n"),
        in_file(
            "jitter_of_a_virtual_clock",
            "[load]\nhonour-freshness = true\ninterval = \"2s\"\njitter = 0.1\n",
        ),
        in_flags("flag_interrupted_at_the_end", flags().with("interrupt-at", "1.5")),
    ]);
}

#[test]
fn changes_and_events() {
    check_all(vec![
        in_file("change_beyond_the_last_poll", "[load]\npolls = 50\n[[change]]\nat-poll = 60\n"),
        in_file("change_before_the_first_poll", "[[change]]\nat-poll = 1\n"),
        in_file("change_without_a_poll", "[[change]]\nkind = \"edit\"\n"),
        in_file("change_with_one_poll", "[load]\npolls = 1\n[[change]]\nat-poll = 2\n"),
        in_file("two_changes_at_once", "[[change]]\nat-poll = 9\n[[change]]\nat-poll = 9\n"),
        in_file("revert_of_nothing", "[[change]]\nat-poll = 9\nkind = \"revert\"\n"),
        in_file("lag_of_a_change_at_once", "[[change]]\nat-poll = 9\nlag = 2\n"),
        in_file(
            "change_during_a_rollout",
            "[[change]]\nat-poll = 9\nrollout = \"rolling\"\nlag = 4\n[[change]]\nat-poll = 12\n",
        ),
        in_file(
            "event_for_a_missing_replica",
            "[[event]]\nat-poll = 9\nkind = \"kill\"\nreplica = 9\n",
        ),
        in_file("event_for_replica_zero", "[[event]]\nat-poll = 9\nkind = \"kill\"\nreplica = 0\n"),
        in_file("event_without_a_kind", "[[event]]\nat-poll = 9\n"),
        in_file(
            "reconnect_of_a_replica",
            "[[event]]\nat-poll = 9\nkind = \"reconnect\"\nreplica = 2\n",
        ),
        in_file(
            "event_with_an_unknown_edge",
            "[[event]]\nat-poll = 9\nkind = \"edge\"\nedge = \"gzip-sufix\"\n",
        ),
        in_file("event_without_its_edge", "[[event]]\nat-poll = 9\nkind = \"edge\"\n"),
        in_file(
            "edge_event_for_a_replica",
            "[[event]]\nat-poll = 9\nkind = \"edge\"\nedge = \"nginx\"\nreplica = 1\n",
        ),
        in_file(
            "edge_event_for_a_missing_arm",
            "[[event]]\nat-poll = 9\nkind = \"edge\"\nedge = \"nginx\"\narm = \"after\"\n",
        ),
        in_file(
            "replica_event_with_an_edge",
            "[[event]]\nat-poll = 9\nkind = \"kill\"\nedge = \"nginx\"\n",
        ),
        in_file("unknown_edge", "[balancer]\nedge = \"ngnix\"\n"),
        in_file("unknown_edge_like_nothing", "[balancer]\nedge = \"squid\"\n"),
        in_file("accept_encoding_of_nobody", "[load]\naccept-encoding = []\n"),
        in_file("accept_encoding_that_splits", "[load]\naccept-encoding = [\"gzip\\r\\nx: y\"]\n"),
        in_flags("accept_encoding_by_flag", flags().with("accept-encoding", "gzip\"")),
        in_file("event_beyond_the_last_poll", "[[event]]\nat-poll = 51\nkind = \"kill\"\n"),
    ]);
}

#[test]
fn arms() {
    check_all(vec![
        in_file("two_arms_of_one_name", ARM),
        in_file("arm_without_a_name", "[[arm]]\nstrategy = \"content-hash\"\n"),
        in_file("arm_with_spaces", "[[arm]]\nname = \"a b\"\nstrategy = \"content-hash\"\n"),
        in_file("arm_with_a_reserved_name", "[[arm]]\nname = \"comparison\"\n"),
        in_file("arm_without_a_strategy", "[[arm]]\nname = \"after\"\n"),
        in_file("unknown_strategy", "[[arm]]\nname = \"after\"\nstrategy = \"content-hahs\"\n"),
        in_file(
            "strategy_and_command",
            "[[arm]]\nname = \"a\"\nstrategy = \"none\"\ncommand = \"python3 server.py\"\n",
        ),
        in_file(
            "arm_with_zero_clients",
            "[[arm]]\nname = \"a\"\nstrategy = \"none\"\nclients = 0\n",
        ),
        in_file(
            "arm_with_other_replicas_than_histories",
            "[fleet]\nhistories = [1, 2, 3]\n[[arm]]\nname = \"a\"\nstrategy = \"none\"\nreplicas = 5\n",
        ),
    ]);
}

#[test]
fn expectations() {
    let expect = |name, toml| in_file(name, toml);
    check_all(vec![
        expect(
            "expect_unknown_number",
            "[[expect]]\narm = \"before\"\nthat = \"not_modified_ratoi == 0\"\n",
        ),
        expect("expect_unknown_operator", "[[expect]]\nthat = \"before.polls = 500\"\n"),
        expect("expect_unknown_arm", "[[expect]]\narm = \"befor\"\nthat = \"polls == 500\"\n"),
        expect("expect_unknown_arm_in_the_path", "[[expect]]\nthat = \"befor.polls == 500\"\n"),
        expect("expect_nothing", "[[expect]]\narm = \"before\"\n"),
        expect("expect_half_a_condition", "[[expect]]\nthat = \"polls ==\"\n"),
        expect("expect_or", "[[expect]]\nthat = \"polls == 1 or polls == 2\"\n"),
        expect("expect_a_word", "[[expect]]\nthat = \"polls == many\"\n"),
        expect("expect_a_text_of_the_record", "[[expect]]\nthat = \"strategy == 1\"\n"),
        expect(
            "expect_a_comparison_of_one_arm",
            "[[expect]]\nthat = \"comparison.bytes_saved > 0\"\n",
        ),
        expect(
            "expect_the_impossible",
            "[[expect]]\nthat = \"not_modified_ratio == 0\"\n[[expect]]\narm = \"before\"\nthat = \"not_modified_ratio > 97 %\"\n",
        ),
        fail_if("fail_if_unknown_number", "before.false_validations > 0"),
        fail_if("fail_if_escapes", "before.\u{1b}[31m > 0"),
    ]);
}

#[test]
fn of_flags() {
    check_all(vec![
        in_flags("flag_zero_clients", flags().with("clients", "0").with("polls", "5")),
        in_flags("flag_unknown_strategy", flags().with("before", "counter")),
        in_flags("flag_without_its_arm", flags().with("after", "content-hash")),
        in_flags("flag_unknown_cadence", flags().with("cadence", "openloop")),
        in_flags("flag_interval_in_lockstep", flags().with("interval", "1s")),
        in_flags("flag_polls_twice", flags().with("polls", "5").with("total-polls", "9")),
        in_flags("flag_missing_file", flags().with("file", "no such file")),
        in_flags("flag_escapes", flags().with("policy", "\u{1b}[2J\n")),
        Mistake {
            name: "flag_too_few_polls_for_a_change",
            toml: "[[change]]\nat-poll = 26\n",
            flags: flags().with("polls", "1"),
        },
        Mistake {
            name: "flag_too_few_polls_for_two_changes",
            toml: "[[change]]\nat-poll = 20\n[[change]]\nat-poll = 26\n",
            flags: flags().with("polls", "3"),
        },
        Mistake {
            name: "flag_too_few_replicas_for_an_event",
            toml: "[[event]]\nat-poll = 26\nkind = \"kill\"\nreplica = 3\n",
            flags: flags().with("replicas", "2"),
        },
        Mistake {
            name: "flag_against_the_point_of_the_arms",
            toml: "[[arm]]\nname = \"one\"\nstrategy = \"none\"\nreplicas = 1\n",
            flags: flags().with("replicas", "5"),
        },
        in_flags("flag_real_without_a_place_for_it", flags().with("real", "")),
        in_flags("flag_unknown_store", flags().with("store", "memcached://db")),
        set("set_without_equals", "load.clients"),
        set("set_without_a_key", "=5"),
        set("set_unknown_key", "load.client=5"),
        set("set_wrong_type", "load.clients=many"),
        set("set_out_of_range", "load.clients=0"),
        set("set_unknown_name", "balancer.policy=randon"),
        set("set_an_element_of_a_list", "arm.0.strategy=content-hash"),
        set("set_a_broken_key", "load..clients=5"),
    ]);
}

#[test]
fn control_planes() {
    // In the place of the arm that every mistake has, which names a strategy.
    let one_arm = || flags().with("set", "arm = [{ name = 'first' }]");
    let from = |source: &str| one_arm().with("source", source);
    let of = |name, toml| Mistake { name, toml, flags: one_arm() };
    let down = "[control-plane]\n[[event]]\nat-poll = 2\nkind = \"source-down\"\n";
    check_all(vec![
        in_file("plane_with_a_strategy", "[control-plane]\nproxies = 1\n"),
        in_file("plane_unknown_key", "[control-plane]\nproxy = 1\n"),
        in_file("plane_too_many_proxies", "[control-plane]\nproxies = 65\n"),
        in_file("plane_time_stands_still", "[control-plane]\ntime-factor = 0.5\n"),
        in_file("plane_zone_that_is_not_there", "[control-plane]\nzones = 2\nonly-zone = 3\n"),
        Mistake {
            flags: from("zookeeper://db:1"),
            ..of("plane_unknown_source", "[control-plane]\n")
        },
        of("plane_that_sets_a_pace", "[control-plane]\n[[event]]\nat-poll = 2\nkind = \"pace\"\n"),
        of("plane_with_replicas", "[control-plane]\n[fleet]\nreplicas = 3\n"),
        of("plane_with_a_resource", "[control-plane]\n[resource]\nsize-bytes = 1\n"),
        of("plane_rolled_out", "[control-plane]\n[[change]]\nat-poll = 2\nrollout = \"rolling\"\n"),
        of(
            "plane_changed_while_down",
            "[control-plane]\n[[event]]\nat-poll = 2\nkind = \"source-down\"\n[[change]]\nat-poll = 3\n",
        ),
        Mistake { flags: from("etcd://127.0.0.1:1"), ..of("plane_of_somebody_else", down) },
        in_file("source_without_a_plane", "[[event]]\nat-poll = 2\nkind = \"source-down\"\n"),
    ]);
}

#[test]
fn shared_stores() {
    let beside = |name, toml: &str| Mistake {
        name,
        toml: format!("{toml}{SHARED}").leak(),
        ..Mistake::default()
    };
    let event = |kind: &str| format!("[[event]]\nat-poll = 5\nkind = \"{kind}\"\n");
    check_all(vec![
        in_file("store_that_nobody_uses", "[fleet]\nstore = \"sqlite\"\n"),
        in_file("store_event_without_a_store", event("store-down").leak()),
        beside("store_unknown", "[fleet]\nstore = \"redys\"\n"),
        beside("store_ttl_of_zero", "[fleet]\nstore-ttl = \"0s\"\n"),
        beside("store_protocol_unknown", "[fleet]\nstore-protocol = \"hard\"\n"),
        beside("invalidate_unknown", "[[change]]\nat-poll = 5\ninvalidate = \"commit\"\n"),
        beside(
            "window_over_the_next_change",
            "[[change]]\nat-poll = 5\nwindow = 3\n[[change]]\nat-poll = 8\n",
        ),
        beside("poll_interval_of_half_a_millisecond", "[fleet]\npoll-interval = \"500us\"\n"),
        beside("poll_interval_elsewhere", &format!("{}poll-interval = \"5s\"\n", event("resume"))),
        beside("event_of_a_replica_that_is_shared", &format!("{}replica = 2\n", event("store-up"))),
        beside("event_in_no_arm", &format!("{}arm = \"befor\"\n", event("pace"))),
        beside("hold_in_lockstep", &event("hold-creation")),
        beside(
            "hold_with_too_few_in_flight",
            &format!("[load]\nclients = 4\ncadence = \"shuffled\"\n{}", event("hold-creation")),
        ),
        Mistake {
            flags: flags().with("store", "redis://:secret@db:6379"),
            ..beside("store_of_somebody_killed", &event("store-down"))
        },
    ]);
}

#[test]
fn files() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let check = |name: &str, file: &str, content: Option<&[u8]>| {
        let path = folder.path().join(file);
        if let Some(content) = content {
            std::fs::write(&path, content).expect("written");
        }
        insta::assert_snapshot!(name, message(&path, &flags()));
    };
    check("empty_file", "empty.toml", Some(b""));
    check("no_arms", "fleet.toml", Some(b"[fleet]\nreplicas = 3\n"));
    check("not_utf8", "latin1.toml", Some(b"name = \"caf\xe9\"\n"));
    check("a_megabyte", "large.toml", Some(&vec![b'#'; (1 << 20) + 1]));
    check("no_such_file", "scaleout.toml", None);
    check("escapes_in_a_file_name", "\u{1b}[31m.toml", Some(b""));
    std::fs::create_dir(folder.path().join("scenario.d")).expect("created");
    check("a_folder", "scenario.d", None);
}

#[test]
fn names_of_built_in_scenarios() {
    for (snapshot, argument) in [("misspelt_scenario", "scaleout"), ("unknown_scenario", "xyz")] {
        insta::assert_snapshot!(snapshot, message(Path::new(argument), &flags()));
    }
    let flags = flags().with("replicas", "4");
    insta::assert_snapshot!("scale_out_with_replicas", message(Path::new("scale-out"), &flags));
}
