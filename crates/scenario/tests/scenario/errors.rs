//! Every way to get a scenario wrong that we know of, with the message it earns.
//!
//! One entry is one mistake; its message is the snapshot of the same name. Whatever the mistake,
//! a message names a place and a way out, and prints nothing that a terminal would obey.

use std::path::Path;

use etag_lab_scenario::{Flags, Scenario};

const ARM: &str = "[[arm]]\nname = \"before\"\nstrategy = \"per-process-counter\"\n";

/// An arm whose tags are shared, beside the other.
const SHARED: &str = "[[arm]]\nname = \"after\"\nstrategy = \"shared-revision\"\n";

/// Difference from a sound scenario with one arm.
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

/// Every mistake of this group of `mistakes.txt`, and these besides.
fn check_all(group: &str, more: Vec<Mistake>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("scenario.toml");
    let mut groups = include_str!("mistakes.txt").split("\n===== ").filter_map(cut);
    let listed = groups.find(|(title, _)| *title == group).map_or("", |(_, mistakes)| mistakes);
    let listed = listed.split("----- ").filter_map(cut);
    let listed = listed.map(|(name, toml)| in_file(name, toml));
    for Mistake { name, toml, flags } in listed.chain(more) {
        std::fs::write(&path, format!("{toml}{ARM}")).expect("written");
        insta::assert_snapshot!(name, message(&path, &flags), toml);
    }
}

/// The first line, and what stands below it.
fn cut(text: &'static str) -> Option<(&'static str, &'static str)> {
    text.split_once('\n')
}

#[test]
fn keys_and_types() {
    check_all("keys_and_types", vec![]);
}

#[test]
fn numbers_and_names() {
    check_all("numbers_and_names", vec![]);
}

#[test]
fn resource() {
    check_all("resource", vec![]);
}

#[test]
fn caching() {
    check_all(
        "caching",
        vec![in_flags("flag_interrupted_at_the_end", flags().with("interrupt-at", "1.5"))],
    );
}

#[test]
fn writers() {
    check_all("writers", vec![]);
}

#[test]
fn changes_and_events() {
    check_all(
        "changes_and_events",
        vec![in_flags("accept_encoding_by_flag", flags().with("accept-encoding", "gzip\""))],
    );
}

#[test]
fn arms() {
    check_all("arms", vec![in_file("two_arms_of_one_name", ARM)]);
}

#[test]
fn expectations() {
    let expect = |name, toml| in_file(name, toml);
    check_all(
        "expectations",
        vec![
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
        ],
    );
}

#[test]
fn of_flags() {
    check_all(
        "of_flags",
        vec![
            in_flags("flag_zero_clients", flags().with("clients", "0").with("polls", "5")),
            in_flags("flag_unknown_strategy", flags().with("before", "counter")),
            in_flags("flag_without_its_arm", flags().with("after", "content-hash")),
            in_flags("flag_unknown_cadence", flags().with("cadence", "open-lop")),
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
            set("set_unknown_key", "load.clientss=5"),
            set("set_wrong_type", "load.clients=many"),
            set("set_out_of_range", "load.clients=0"),
            set("set_unknown_name", "balancer.policy=randon"),
            set("set_an_element_of_a_list", "arm.0.strategy=content-hash"),
            set("set_a_broken_key", "load..clients=5"),
        ],
    );
}

#[test]
fn control_planes() {
    // In the place of the arm that every mistake has, which names a strategy.
    let one_arm = || flags().with("set", "arm = [{ name = 'first' }]");
    let from = |source: &str| one_arm().with("source", source);
    let of = |name, toml| Mistake { name, toml, flags: one_arm() };
    let down = "[control-plane]\n[[event]]\nat-poll = 2\nkind = \"source-down\"\n";
    check_all(
        "control_planes",
        vec![
            Mistake {
                flags: from("zookeeper://db:1"),
                ..of("plane_unknown_source", "[control-plane]\n")
            },
            of(
                "plane_that_sets_a_pace",
                "[control-plane]\n[[event]]\nat-poll = 2\nkind = \"pace\"\n",
            ),
            of("plane_with_replicas", "[control-plane]\n[fleet]\nreplicas = 3\n"),
            of("plane_with_a_resource", "[control-plane]\n[resource]\nsize-bytes = 1\n"),
            of(
                "plane_rolled_out",
                "[control-plane]\n[[change]]\nat-poll = 2\nrollout = \"rolling\"\n",
            ),
            of(
                "plane_changed_while_down",
                "[control-plane]\n[[event]]\nat-poll = 2\nkind = \"source-down\"\n[[change]]\nat-poll = 3\n",
            ),
            Mistake { flags: from("etcd://127.0.0.1:1"), ..of("plane_of_somebody_else", down) },
        ],
    );
}

#[test]
fn shared_stores() {
    let beside = |name, toml: &str| Mistake {
        name,
        toml: format!("{toml}{SHARED}").leak(),
        ..Mistake::default()
    };
    let event = |kind: &str| format!("[[event]]\nat-poll = 5\nkind = \"{kind}\"\n");
    check_all(
        "shared_stores",
        vec![
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
            beside(
                "poll_interval_elsewhere",
                &format!("{}poll-interval = \"5s\"\n", event("resume")),
            ),
            beside(
                "event_of_a_replica_that_is_shared",
                &format!("{}replica = 2\n", event("store-up")),
            ),
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
        ],
    );
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

#[test]
fn every_group_of_the_file_is_tried() {
    for (group, _) in include_str!("mistakes.txt").split("\n===== ").skip(1).filter_map(cut) {
        assert!(include_str!("errors.rs").contains(&format!("\"{group}\",")), "{group}");
    }
}
