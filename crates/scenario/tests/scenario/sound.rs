//! Sound scenarios: what layers, flags and defaults make of them, and what the schema says.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use client::{Caching, IfRange, Interruption, OnError, Validate};
use etag_lab_scenario::{
    Arm, BUILT_IN, Cadence, Change, ChangeKind, Content, Event, EventKind, Flags, Program, Replica,
    Scenario, Source, default_histories, schema,
};
use measure::record::{EventKindRecord, OnErrorRecord};
use serde_json::{Value, json};

fn flags() -> Flags {
    Flags::default()
}

fn sets(sets: &[&str]) -> Flags {
    sets.iter().fold(flags(), |flags, set| flags.with("set", set))
}

fn load(argument: &str, flags: &Flags) -> Scenario {
    Scenario::load(Some(argument), flags)
        .unwrap_or_else(|error| panic!("{argument} {flags:?}\n{error}"))
}

/// A scenario from a file of its own, with one arm unless the text has some.
fn parse(toml: &str, flags: &Flags) -> Scenario {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("mine.toml");
    let arm = "\n[[arm]]\nname = \"before\"\nstrategy = \"per-process-counter\"\n";
    let arm = if toml.contains("[[arm]]") { "" } else { arm };
    std::fs::write(&path, format!("{toml}{arm}")).expect("written");
    load(path.to_str().expect("text"), flags)
}

fn names(scenario: &Scenario) -> Vec<&str> {
    scenario.arms.iter().map(|arm| arm.name.as_str()).collect()
}

fn strategy(arm: &Arm) -> &str {
    match &arm.replica {
        Replica::Strategy(strategy) => strategy.name,
        Replica::Command(program) => panic!("{program:?}"),
        Replica::ControlPlane(plane) => panic!("{plane:?}"),
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

#[test]
fn the_catalogue_and_the_folder_agree() {
    let mut listed: Vec<_> = BUILT_IN.iter().map(|b| format!("{}.toml", b.name)).collect();
    let mut found: Vec<_> = std::fs::read_dir(folder())
        .expect("the folder is there")
        .filter_map(|entry| entry.expect("readable").file_name().into_string().ok())
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "toml"))
        .collect();
    listed.sort();
    found.sort();
    assert_eq!(listed, found);
}

#[test]
fn what_flags_change_is_no_longer_what_the_summary_and_the_lesson_are_about() {
    let check = |flags: Flags, is_changed, has_lesson| {
        let scenario = load("all-200s", &flags);
        assert_eq!((scenario.is_changed, !scenario.lesson.is_empty()), (is_changed, has_lesson));
        let record = scenario.to_record();
        assert_eq!((record.changed, !record.lesson.is_empty()), (is_changed, has_lesson));
        assert_eq!(record.headline, ["not_modified_ratio", "response_bytes"]);
    };
    check(flags(), false, true);
    check(flags().with("seed", "7"), false, true);
    check(flags().with("clients", "10"), false, true);
    // The load is another one, and the lesson holds for any.
    check(flags().with("clients", "7"), true, true);
    check(flags().with("before", "mtime-size"), true, false);
    check(flags().with("replica-command", "node app.js"), true, false);
    let own = flags().with("clients", "7").with("set", "summary='Seven clients.'");
    check(own, false, true);
}

#[test]
fn every_built_in_scenario_resolves_and_says_what_it_is_about() {
    for built_in in BUILT_IN {
        let scenario = load(built_in.name, &flags());
        assert_eq!(scenario.name, built_in.name);
        assert!(!scenario.summary.is_empty() && scenario.source.is_some(), "{}", built_in.name);
        assert!(!scenario.expectations.is_empty(), "{}", built_in.name);
        let polls: u64 = scenario.arms.iter().map(|arm| arm.setup.polls.get()).sum();
        assert!(polls <= 20_000, "{} takes about a second", built_in.name);
        for word in ["Symptom", "Why", "Look for", "Fix"] {
            assert!(built_in.text.contains(&format!("# {word}")), "{} lacks {word}", built_in.name);
        }
    }
}

#[test]
fn a_built_in_scenario_reads_the_same_from_its_file() {
    for built_in in BUILT_IN {
        let path = folder().join(format!("{}.toml", built_in.name));
        let from_file = load(path.to_str().expect("text"), &flags());
        let built_in = load(built_in.name, &flags());
        assert_eq!(from_file.arms, built_in.arms);
        assert_eq!(from_file.expectations, built_in.expectations);
    }
}

#[test]
fn without_an_argument_the_default_scenario_is_meant() {
    let scenario = Scenario::load(None, &flags()).expect("sound");
    assert_eq!(names(&scenario), ["before", "after"]);
    assert_eq!(strategy(&scenario.arms[0]), "per-process-counter");
    assert_eq!(strategy(&scenario.arms[1]), "content-hash");
    let change = Change::at_once(26, ChangeKind::Edit);
    assert_eq!(scenario.changes, [change]);
    assert_eq!(scenario.to_record().polls, 500);
    assert_eq!(scenario.warnings(), []);
}

#[test]
fn an_arm_is_enough_and_the_rest_has_defaults() {
    let scenario = parse("", &flags());
    let setup = &scenario.arms[0].setup;
    assert_eq!(scenario.name, "mine");
    assert_eq!((setup.replicas.get(), setup.clients.get(), setup.polls.get()), (3, 10, 500));
    assert_eq!((setup.policy.name, setup.cadence), ("round-robin", Cadence::Lockstep));
    assert_eq!((setup.connections.get(), scenario.shared.seed), (10, 42));
    assert_eq!(setup.histories, [41, 18, 2]);
    assert_eq!(setup.deploy_drift, Duration::from_secs(7));
    assert_eq!(scenario.shared.timeout, Duration::from_secs(5));
    assert_eq!(scenario.resource.size_bytes(), 8_192);
    assert_eq!(scenario.resource.cache_control.as_deref(), Some("no-cache"));
    assert_eq!(scenario.resource.content_type, "application/json");
    assert_eq!(setup, &scenario.shared);
}

#[test]
fn codings_and_dates_reach_the_record() {
    let scenario = parse("", &flags());
    assert_eq!((&scenario.resource.codings[..], scenario.resource.last_modified), (&[][..], true));
    let file = "[resource]\ncodings = [\"zstd\", \"gzip\"]\n";
    let record = parse(file, &sets(&["resource.last-modified=false"])).to_record();
    assert_eq!(record.codings, ["zstd", "gzip"]);
    assert_eq!(record.last_modified, Some(false));
}

#[test]
fn flags_lie_over_sets_and_sets_over_the_file() {
    let file = "[load]\nclients = 11\npolls = 20\nseed = 1\n";
    let flags = sets(&["load.clients=22", "load.polls=30", "load.polls=40"]).with("clients", "33");
    let scenario = parse(file, &flags);
    assert_eq!(scenario.shared.clients.get(), 33);
    assert_eq!(scenario.shared.polls.get(), 33 * 40);
    assert_eq!(scenario.shared.seed, 1);
    let place = |key: &str| scenario.place_of(&["load", key]).expect("written");
    let text = |key: &str| {
        let place = place(key);
        place.source().text()[place.span().expect("a stretch")].to_owned()
    };
    assert_eq!(place("clients").source().text(), "--clients 33");
    assert_eq!(text("clients").as_str(), "33");
    assert_eq!(place("polls").source().text(), "--set load.polls=40");
    assert_eq!((text("seed").as_str(), text("timeout").as_str()), ("1", "load"));
}

#[test]
fn every_flag_reaches_its_key() {
    let flags = flags()
        .with("before", "none")
        .with("replicas", "2")
        .with("clients", "4")
        .with("polls", "6")
        .with("cadence", "open-loop")
        .with("interval", "20ms")
        .with("jitter", "0.5")
        .with("policy", "random")
        .with("size", "100")
        .with("cache-control", "")
        .with("seed", "18446744073709551615")
        .with("connections", "3")
        .with("timeout", "1m 30s");
    let scenario = parse("", &flags);
    let setup = &scenario.arms[0].setup;
    assert_eq!(strategy(&scenario.arms[0]), "none");
    assert_eq!((setup.replicas.get(), setup.clients.get(), setup.polls.get()), (2, 4, 24));
    let interval = Duration::from_millis(20);
    assert_eq!(setup.cadence, Cadence::OpenLoop { interval, jitter: 0.5 });
    assert_eq!((setup.policy.name, setup.connections.get()), ("random", 3));
    assert_eq!((scenario.resource.size_bytes(), &scenario.resource.cache_control), (100, &None));
    assert_eq!(scenario.shared.seed, u64::MAX);
    assert_eq!(scenario.shared.timeout, Duration::from_secs(90));
    let record = scenario.to_record();
    assert_eq!((record.interval_ms, record.setup.cadence.as_str()), (Some(20.0), "open-loop"));
}

#[test]
fn what_clients_do_with_what_they_stored_is_shared_unless_an_arm_says_otherwise() {
    let caching = |toml: &str, flags: &Flags| parse(toml, flags).arms[0].setup.caching;
    assert_eq!(caching("", &flags()), Caching::default());
    let file = "[load]\nvalidate = \"both\"\nhonour-freshness = true\ninterval = \"2s\"\n\
                [[arm]]\nname = \"a\"\nstrategy = \"none\"\nvalidate = \"last-modified\"\n\
                interrupt-at = 0.25\nif-range = \"strong-only\"\n";
    let interruption = Some(Interruption { at: 0.25, if_range: IfRange::StrongOnly });
    let own = Caching {
        validate: Validate::LastModified,
        habit: client::Habit::Cache,
        honour_freshness: true,
        round_interval: Duration::from_secs(2),
        interruption,
    };
    assert_eq!(caching(file, &flags()), own);
    let record = parse(file, &flags()).to_record();
    assert_eq!(record.interval_ms, Some(2_000.0));
    assert_eq!(record.setup.caching.validate.as_str(), "both");
    let typed =
        flags().with("validate", "etag").with("interrupt-at", "0.5").with("if-range", "any");
    let interruption = Some(Interruption { at: 0.5, if_range: IfRange::Any });
    let flagged = Caching { validate: Validate::EntityTag, interruption, ..own };
    assert_eq!(caching(file, &typed), flagged);
    let honour = flags().with("honour-freshness", "");
    assert!(caching("", &honour).honour_freshness);
}

#[test]
fn what_clients_do_on_errors_and_at_whose_pace_is_shared_unless_an_arm_says_otherwise() {
    let regime = |toml: &str, flags: &Flags| {
        let setup = &parse(toml, flags).arms[0].setup;
        (setup.on_error, setup.obey_poll_interval, setup.caching.round_interval)
    };
    let second = Duration::from_secs(1);
    assert_eq!(regime("", &flags()), (None, false, second));
    let file = "[load]\non-error = \"keep\"\nobey-poll-interval = true\ninterval = \"2s\"\n\
                [[arm]]\nname = \"a\"\nstrategy = \"none\"\non-error = \"drop\"\n";
    assert_eq!(regime(file, &flags()), (Some(OnError::Drop), true, 2 * second));
    let record = parse(file, &flags()).to_record();
    let caching = &record.setup.caching;
    assert_eq!((caching.on_error, caching.obey_poll_interval), (Some(OnErrorRecord::Keep), true));
    assert_eq!(record.interval_ms, Some(2_000.0));
    let keep = flags().with("on-error", "keep");
    assert_eq!(regime(file, &keep).0, Some(OnError::Keep));
    let own = "[[arm]]\nname = \"a\"\nstrategy = \"none\"\nobey-poll-interval = false\n";
    assert!(!regime(own, &flags()).1);
    let obey = flags().with("obey-poll-interval", "");
    assert!(regime(own, &obey).1);
}

#[test]
fn clients_reconnect_without_a_replica_and_an_edit_may_be_of_the_same_second() {
    let file = "[[event]]\nat-poll = 9\nkind = \"reconnect\"\n\
                [[change]]\nat-poll = 9\nkind = \"same-second\"\n";
    let scenario = parse(file, &flags());
    let event = Event::new(9, EventKind::Reconnect);
    assert_eq!(scenario.events, [event]);
    let change = Change::at_once(9, ChangeKind::SameSecond);
    assert_eq!(scenario.changes, [change]);
    let record = scenario.to_record();
    assert_eq!(record.events[0].kind, EventKindRecord::Reconnect);
    assert_eq!(&*record.changes[0].kind, "same-second");
}

#[test]
fn of_keys_that_exclude_each_other_the_upper_layer_is_meant() {
    let total = flags().with("total-polls", "25");
    let scenario = parse("[load]\npolls = 50\n", &total);
    assert_eq!(scenario.shared.polls.get(), 25);
    assert_eq!(scenario.to_record().polls_per_client.to_string(), "2.5");
    let polls = flags().with("polls", "3");
    assert_eq!(parse("[load]\ntotal-polls = 7\n", &polls).shared.polls.get(), 30);
    let size = flags().with("size", "3");
    assert_eq!(parse("[resource]\nfile = \"gone.json\"\n", &size).resource.size_bytes(), 3);
    let lockstep = flags().with("cadence", "lockstep");
    let open = "[load]\ncadence = \"open-loop\"\ninterval = \"2s\"\njitter = 0\n";
    assert_eq!(parse(open, &lockstep).shared.cadence, Cadence::Lockstep);
}

#[test]
fn a_text_may_be_set_without_quotes() {
    for set in ["balancer.policy=random", "balancer.policy=\"random\"", "balancer.policy = random "]
    {
        assert_eq!(parse("", &sets(&[set])).shared.policy.name, "random", "{set}");
    }
    assert_eq!(
        parse("", &sets(&["fleet.command=a=b 'c' \"d\""])).command.map(|it| it.line).as_deref(),
        Some("a=b 'c' \"d\"")
    );
}

#[test]
fn lists_are_replaced_as_a_whole() {
    let file = "[[change]]\nat-poll = 20\n[[change]]\nat-poll = 30\n";
    assert_eq!(parse(file, &flags()).changes.len(), 2);
    assert_eq!(parse(file, &sets(&["change=[{at-poll=5}]"])).changes.len(), 1);
    let none = flags().with("no-changes", "").with("polls", "1");
    assert_eq!(parse(file, &none).changes, []);
}

#[test]
fn changes_and_events_keep_their_share_of_the_run() {
    let at =
        |flag: &str, value: &str| load("all-200s", &flags().with(flag, value)).changes[0].at_poll;
    assert_eq!(at("polls", "10"), 6);
    assert_eq!(at("polls", "500"), 251);
    assert_eq!(at("polls", "2"), 2);
    assert_eq!(at("total-polls", "1000"), 51);
    assert_eq!(at("clients", "7"), 26);
    let event = "[load]\npolls = 40\n[[event]]\nat-poll = 21\nkind = \"restart\"\n";
    let half = flags().with("polls", "20");
    assert_eq!(parse(event, &half).events[0].at_poll, 11);
    let literal = sets(&["event=[{at-poll=20,kind='kill',replica=2}]"]).with("polls", "20");
    let events = parse(event, &literal).events;
    assert_eq!((events[0].at_poll, events[0].replica), (20, NonZeroU32::new(2)));
}

#[test]
fn changes_are_sorted_and_rolling_ones_have_a_lag() {
    let file = "[[change]]\nat-poll = 30\nkind = \"revert\"\n\
                [[change]]\nat-poll = 9\nrollout = \"rolling\"\n";
    let changes = parse(file, &flags()).changes;
    assert_eq!(changes[0], Change { lag: 1, ..Change::at_once(9, ChangeKind::Edit) });
    assert_eq!(changes[1], Change::at_once(30, ChangeKind::Revert));
}

#[test]
fn edges_are_named_by_product_differ_by_arm_and_change_where_it_is_said() {
    let toml = "[balancer]\nedge = \"envoy\"\n[load]\naccept-encoding = [\"gzip\", \"\"]\n\
                [[event]]\nat-poll = 30\nkind = \"edge\"\nedge = \"none\"\n\
                [[event]]\nat-poll = 9\nkind = \"edge\"\nedge = \"nginx\"\narm = \"b\"\n\
                [[arm]]\nname = \"a\"\nstrategy = \"none\"\n\
                [[arm]]\nname = \"b\"\nstrategy = \"none\"\nedge = \"gzip-keep\"\n";
    let scenario = parse(toml, &flags());
    let edges = |arm: &Arm| {
        let switch = |event: &Event| Some((event.at_poll, event.edge?.name));
        let switches: Vec<_> = arm.setup.events.iter().filter_map(switch).collect();
        (arm.setup.edge.name, switches)
    };
    assert_eq!(edges(&scenario.arms[0]), ("gzip-strip", vec![(30, "none")]));
    let of_second = vec![(9, "gzip-weaken"), (30, "none")];
    assert_eq!(edges(&scenario.arms[1]), ("gzip-keep", of_second));
    assert!(scenario.arms.iter().all(|arm| arm.setup.fields.accept_encoding == ["gzip", ""]));
    let record = scenario.to_record();
    assert_eq!((record.setup.edge.as_str(), record.events.len()), ("gzip-strip", 2));
    assert_eq!(record.events[0].arm.as_deref(), Some("b"));
}

#[test]
fn flags_for_edge_and_codings_reach_every_arm() {
    let flags = flags()
        .with("edge", "haproxy")
        .with("accept-encoding", "gzip")
        .with("accept-encoding", "identity");
    let scenario = load("all-200s", &flags);
    for arm in &scenario.arms {
        assert_eq!(arm.setup.edge.name, "gzip-weaken");
        assert_eq!(arm.setup.fields.accept_encoding, ["gzip", "identity"]);
    }
}

#[test]
fn a_flag_for_replicas_drops_histories_of_another_length() {
    let five = flags().with("replicas", "5");
    let scenario = load("all-200s", &five);
    assert_eq!(scenario.arms[0].setup.histories, default_histories(5));
    assert!(scenario.warnings().iter().any(|note| note.title.contains("default histories")));
    let three = flags().with("replicas", "3");
    assert_eq!(load("counter-collision", &three).arms[0].setup.histories, [7, 6, 5]);
}

#[test]
fn a_flag_wins_over_arms_that_do_not_differ() {
    let file = "[[arm]]\nname = \"a\"\nstrategy = \"none\"\nclients = 4\npolicy = \"random\"\n\
                [[arm]]\nname = \"b\"\nstrategy = \"content-hash\"\nclients = 4\npolicy = \"sticky\"\n";
    let scenario = parse(file, &flags().with("clients", "7"));
    assert!(scenario.arms.iter().all(|arm| arm.setup.clients.get() == 7));
    assert_eq!(scenario.arms[1].setup.policy.name, "sticky");
}

#[test]
fn before_and_after_name_the_strategies_of_those_arms() {
    let flags = flags().with("before", "process-nonce").with("after", "mtime-size");
    let scenario = load("all-200s", &flags);
    assert_eq!(
        scenario.arms.iter().map(strategy).collect::<Vec<_>>(),
        ["process-nonce", "mtime-size"]
    );
    let place = scenario.place_of(&["arm", "1", "strategy"]).expect("a flag");
    let typed = &place.source().text()[place.span().expect("a stretch")];
    assert_eq!((place.source().name(), typed), ("command line", "mtime-size"));
}

fn program(line: &str, folder: Option<&str>) -> Replica {
    Replica::Command(Program { line: line.to_owned(), folder: folder.map(Into::into) })
}

#[test]
fn a_program_of_the_users_takes_the_place_of_strategies() {
    let command = || flags().with("replica-command", "./serve");
    let alone = load("all-200s", &command());
    assert_eq!(names(&alone), ["before"]);
    assert_eq!(alone.arms[0].replica, program("./serve", None));
    let both = load("all-200s", &command().with("after", "content-hash"));
    assert_eq!(names(&both), ["before", "after"]);
    assert_eq!(strategy(&both.arms[1]), "content-hash");
    let curve = load("scale-out", &command());
    assert_eq!(names(&curve).len(), 5, "one arm for each size of the fleet");
    assert_eq!(curve.arms[4].setup.replicas.get(), 8);
}

#[test]
fn an_arm_inherits_the_fleets_program_unless_it_says_otherwise() {
    let file = "[fleet]\ncommand = \"./serve\"\n[[arm]]\nname = \"mine\"\n\
                [[arm]]\nname = \"other\"\ncommand = \"./other\"\n\
                [[arm]]\nname = \"lab\"\nstrategy = \"content-hash\"\n";
    let scenario = parse(file, &flags());
    let line = |arm: &Arm| match &arm.replica {
        Replica::Command(program) => program.line.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!([0, 1].map(|arm| line(&scenario.arms[arm])), ["./serve", "./other"]);
    assert_eq!(strategy(&scenario.arms[2]), "content-hash");
}

#[test]
fn a_program_of_a_file_starts_beside_that_file_and_a_typed_one_where_it_was_typed() {
    let file = Source::file("lab/own.toml", "[[arm]]\nname = \"mine\"\ncommand = \"./serve\"\n");
    let load = |flags: &Flags| {
        let scenario =
            Scenario::from_source(&file, Some("lab".into()), flags).expect("it is valid");
        scenario.arms[0].replica.clone()
    };
    assert_eq!(load(&flags()), program("./serve", Some("lab")));
    assert_eq!(load(&flags().with("replica-command", "./typed")), program("./typed", None));
}

#[test]
fn expectations_of_a_built_in_scenario_hold_for_it_as_shipped() {
    let count = |flags: &Flags| load("all-200s", flags).expectations.len();
    let set_aside = |flags: &Flags| load("all-200s", flags).set_aside.len();
    let shipped = count(&flags());
    assert!(shipped > 0);
    let harmless = flags().with("seed", "7").with("timeout", "9s");
    assert_eq!((count(&harmless), set_aside(&harmless)), (shipped, 0));
    let changed = flags().with("clients", "20");
    assert_eq!((count(&changed), set_aside(&changed)), (0, shipped));
    // Those about an arm that is gone are about nothing.
    let one_arm = flags().with("replica-command", "./serve");
    assert!((1..shipped).contains(&set_aside(&one_arm)));
    let fail_if = changed.clone().with("fail-if", "after.error > 0");
    assert_eq!(count(&fail_if), 1);
    let own = "[[expect]]\nthat = \"error == 0\"\n";
    assert_eq!(parse(own, &changed).expectations.len(), 1, "those of a file always count");
}

#[test]
fn a_file_is_found_beside_its_scenario_and_a_flag_in_the_working_directory() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scenario = folder.path().join("s.toml");
    let arm = "[[arm]]\nname = \"a\"\nstrategy = \"none\"\n";
    std::fs::write(&scenario, format!("[resource]\nfile = \"a.json\"\n{arm}")).expect("written");
    std::fs::write(folder.path().join("a.json"), "[1]").expect("written");
    let argument = scenario.to_str().expect("text");
    let Content::File { bytes, .. } = load(argument, &flags()).resource.content else {
        panic!("a file was given");
    };
    assert_eq!(&*bytes, b"[1]");
    let flag = flags().with("file", "Cargo.toml");
    assert!(load(argument, &flag).resource.size_bytes() > 100);
}

#[test]
fn connections_are_at_most_one_for_each_client() {
    let connections = |toml: &str| parse(toml, &flags()).shared.connections.get();
    assert_eq!(connections("[load]\nclients = 1000\n"), 64);
    assert_eq!(connections("[load]\nclients = 5\nconnections = 64\n"), 5);
}

fn warnings(toml: &str, flags: &Flags) -> String {
    let warnings: Vec<_> =
        parse(toml, flags).warnings().iter().map(|w| format!("{}\n", w.render(false))).collect();
    let text = warnings.join("\n");
    let folder = |line: &str| match (line.find("--> "), line.rfind('/')) {
        (Some(arrow), Some(slash)) => format!("{}{}", &line[..arrow + 4], &line[slash + 1..]),
        _ => line.to_owned(),
    };
    text.lines().map(folder).collect::<Vec<_>>().join("\n")
}

#[test]
fn aliasing_is_pointed_at_as_on_the_product_page() {
    let file = "name = \"x\"\n\n\n\n[load]\nclients = 12\n[[change]]\nat-poll = 26\n";
    insta::assert_snapshot!(warnings(file, &flags()), @r#"
    warning[ETL014]: 12 clients is a multiple of 3 replicas
     --> mine.toml:6:11
      |
    6 | clients = 12
      |           ^^ in lock-step each client always meets the same replica
      |
      = effect: node-local tags look healthy (predicted 98.0 %)
      = help: clients = 10, or cadence = "shuffled"
    "#);
}

#[test]
fn aliasing_by_a_flag_points_at_the_flag() {
    let flags = flags().with("replicas", "5");
    insta::assert_snapshot!(warnings("[load]\nclients = 10\n", &flags), @r#"
    warning[ETL014]: 10 clients is a multiple of 5 replicas
    --> command line:1:12
     |
     | --replicas 5
     |            ^ in lock-step each client always meets the same replica
     |
     = effect: node-local tags look healthy (predicted 100.0 %)
     = help: clients = 11, or cadence = "shuffled"
    "#);
}

#[test]
fn arms_with_the_same_trap_share_one_warning() {
    let arms = "[load]\nclients = 9\n[[arm]]\nname = \"a\"\nstrategy = \"none\"\n\
                [[arm]]\nname = \"b\"\nstrategy = \"content-hash\"\n\
                [[arm]]\nname = \"c\"\nstrategy = \"content-hash\"\nclients = 8\n\
                [[arm]]\nname = \"d\"\nstrategy = \"content-hash\"\npolicy = \"random\"\n\
                [[arm]]\nname = \"e\"\nstrategy = \"content-hash\"\ncadence = \"shuffled\"\n\
                [[arm]]\nname = \"f\"\nstrategy = \"content-hash\"\nreplicas = 1\n";
    assert_eq!(warnings(arms, &flags()).matches("ETL014").count(), 1);
}

#[test]
fn pinning_and_agreement_are_pointed_at() {
    let file = "[fleet]\nhistories = [5, 5, 5]\n[balancer]\npolicy = \"sticky\"\n";
    insta::assert_snapshot!(warnings(file, &flags()), @r#"
    warning[ETL015]: `sticky` keeps each client with one replica
     --> mine.toml:4:10
      |
    4 | policy = "sticky"
      |          ^^^^^^^^ no client meets the tags of another replica
      |
      = effect: node-local tags look healthy (predicted 100.0 %), until a reconnect, a restart or a deploy
      = help: policy = "round-robin" or policy = "random"

    warning[ETL016]: every replica has seen 5 changes
     --> mine.toml:2:13
      |
    2 | histories = [5, 5, 5]
      |             ^^^^^^^^^ equal histories: the counters agree
      |
      = effect: there is nothing to see: real replicas start late, restart and miss updates
      = help: histories that differ, such as [41, 18, 2], or leave `histories` out
    "#);
}

#[test]
fn a_sound_scenario_has_no_warning() {
    let sound = "[load]\nclients = 13\npolls = 2\n";
    assert_eq!(warnings(sound, &flags()), "");
}

/// The tables of the schema with the schema of each key.
fn tables() -> Vec<(String, Value)> {
    let schema = schema();
    let properties = schema["properties"].as_object().expect("a table").clone();
    let definition = |name: &str, property: &Value| {
        let resolved = resolve(&schema, property);
        let resolved = if resolved["type"] == "array" {
            resolve(&schema, &resolved["items"])
        } else {
            resolved
        };
        resolved.get("properties").map(|properties| (name.to_owned(), properties.clone()))
    };
    properties.iter().filter_map(|(name, property)| definition(name, property)).collect()
}

fn resolve<'a>(schema: &'a Value, property: &'a Value) -> &'a Value {
    match property["$ref"].as_str() {
        Some(reference) => schema.pointer(&reference[1..]).expect("a definition"),
        None => property,
    }
}

#[test]
fn the_schema_knows_every_key_and_no_other() {
    let mut keys = 0;
    for (table, properties) in tables() {
        for (key, property) in properties.as_object().expect("keys") {
            // The type is wrong, but the key is known.
            let misfit = if property["type"] == "boolean" { "1" } else { "true" };
            let list = ["change", "event", "arm", "expect"].contains(&table.as_str());
            let set = if list {
                format!("{table}=[{{{key}={misfit}}}]")
            } else {
                format!("{table}.{key}={misfit}")
            };
            let error = Scenario::load(None, &sets(&[&set])).expect_err(&set);
            assert!(error.title.contains("must be"), "{set}: {error}");
            keys += 1;
        }
    }
    assert!(keys > 35, "{keys}");
    let description = |value: &Value| value["description"].is_string();
    assert!(
        tables()
            .iter()
            .all(|(_, keys)| keys.as_object().is_some_and(|k| k.values().all(description)))
    );
}

#[test]
fn every_built_in_scenario_is_valid_by_the_schema() {
    let schema = schema();
    for built_in in BUILT_IN {
        let toml: toml::Table = built_in.text.parse().expect("TOML");
        let json = serde_json::to_value(toml).expect("JSON");
        assert_eq!(problems(&schema, &schema, &json, built_in.name), Vec::<String>::new());
    }
}

#[test]
fn the_schema_refuses_what_a_scenario_may_not_say() {
    let schema = schema();
    for wrong in [
        json!({"frobnicate": 1}),
        json!({"load": {"clients": 0}}),
        json!({"load": {"clients": "ten"}}),
        json!({"load": {"cadence": "sometimes"}}),
        json!({"arm": {"name": "a"}}),
        json!({"fleet": {"histories": [-1]}}),
        json!({"name": null}),
    ] {
        assert!(!problems(&schema, &schema, &wrong, "").is_empty(), "{wrong}");
    }
}

/// The part of JSON Schema that the scenario's schema uses; anything else is a problem.
fn problems(root: &Value, schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let schema = resolve(root, schema);
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = choices.iter().any(|choice| choice["const"] == *value);
        return if fits { Vec::new() } else { vec![format!("{path}: {value} is no choice")] };
    }
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        other => return vec![format!("{path}: unknown type {other:?}")],
    };
    let beyond = |limit: &str, wrong: fn(f64, f64) -> bool| {
        schema[limit].as_f64().zip(value.as_f64()).is_some_and(|(limit, value)| wrong(value, limit))
    };
    let mut found = Vec::new();
    if !fits || beyond("minimum", |v, limit| v < limit) || beyond("maximum", |v, limit| v > limit) {
        found.push(format!("{path}: {value} does not fit {schema}"));
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let path = format!("{path}.{key}");
        match schema["properties"].get(key) {
            Some(property) => found.extend(problems(root, property, inner, &path)),
            None => found.push(format!("{path} is unknown")),
        }
    }
    for inner in value.as_array().into_iter().flatten() {
        found.extend(problems(root, &schema["items"], inner, path));
    }
    found
}
