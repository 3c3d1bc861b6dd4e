//! The list of keys and what is made of it: the page of the format, and values that enter.

use std::path::Path;

use etag_lab_scenario::keys::{Key, Kind, TABLES};
use etag_lab_scenario::{Flags, Scenario, Setup, Source, page};
use measure::record::ScenarioRecord;

#[test]
fn the_page_of_the_format_is_that_of_the_list_of_keys() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/FORMAT.md");
    if std::env::var_os("REGENERATE").is_some() {
        std::fs::write(&path, page()).expect("the page can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let wanted = page();
    let differs = found.lines().zip(wanted.lines()).find(|(found, wanted)| found != wanted);
    assert!(found == wanted, "REGENERATE=1 writes the page; it differs first here: {differs:?}");
}

#[test]
fn every_choice_of_a_key_is_one_of_what_it_chooses_from() {
    for table in TABLES.iter().filter(|table| !table.is_list) {
        for key in table.keys {
            let (Kind::Choice(choices) | Kind::Choices(choices)) = key.kind else { continue };
            for (choice, _) in choices {
                let list = matches!(key.kind, Kind::Choices(_));
                let value = if list { format!("['{choice}']") } else { (*choice).to_owned() };
                let set = format!("{}.{}={value}", table.name, key.name);
                // Whether it means something alone is another question.
                let _ = Setup::of_flags(&Flags::default().with("set", &set));
            }
        }
    }
}

/// Fields of an arm that the run fills in, not the scenario.
const IN_THE_ARM: [&str; 5] = ["database", "store", "store-ttl", "store-protocol", "invalidate"];

/// Keys that no record has had so far, neither as a field nor by name.
const NOWHERE: [&str; 5] =
    ["source", "content-type", "store-lease", "store-password-file", "poll-interval"];

/// The record of a scenario in which every key has a meaning, with this one set; writers have another
/// one, since they have no open loop.
fn record_with(key: &Key, set: &str) -> ScenarioRecord {
    let load =
        if key.of_fleet { "writers = 1" } else { "cadence = \"open-loop\"\ninterrupt-at = 0.25" };
    let arm = "[[arm]]\nname = \"a\"\nstrategy = \"shared-revision\"\n";
    let file = &format!("[load]\n{load}\n{arm}");
    let flags = if set.is_empty() { Flags::default() } else { Flags::default().with("set", set) };
    let scenario = Scenario::from_source(&Source::file("all.toml", file), None, &flags);
    scenario.unwrap_or_else(|error| panic!("{set}\n{error}")).to_record()
}

/// A value that is not the one of the scenario above.
fn other_value(key: &Key) -> String {
    let text = match key.name {
        "path" => "/other",
        "file" => concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        "histories" => "[1, 2, 3]",
        "cadence" => "shuffled",
        "headline" => "['error']",
        "origin" => "['https://a.example']",
        _ => match key.kind {
            Kind::Integer(..) | Kind::Natural => "2",
            Kind::Number(..) | Kind::Share => "0.5",
            Kind::Bool if key.default == "true" => "false",
            Kind::Bool => "true",
            Kind::Duration(..) => "9s",
            Kind::Choice(choices) => choices[choices.len() - 1].0,
            Kind::Name(catalogue) => (catalogue.names)()[1],
            _ if matches!(key.kind, Kind::Texts | Kind::Choices(_)) => "['gzip']",
            _ => "other",
        },
    };
    text.to_owned()
}

#[test]
fn a_key_is_in_the_record_by_its_field_or_else_by_its_name() {
    for table in TABLES.iter().filter(|table| !table.is_list && table.name != "control-plane") {
        for key in table.keys {
            if IN_THE_ARM.contains(&key.name) || NOWHERE.contains(&key.name) {
                continue;
            }
            let path = [table.name, key.name].join(".");
            let path = path.trim_start_matches('.');
            let before = record_with(key, "");
            let mut after = record_with(key, &format!("{path}={}", other_value(key)));
            // Any key that the command line sets changes the summary, whether or not it is recorded.
            after.changed = before.changed;
            let mut settings = after.setup.settings.clone();
            let by_name = settings.remove(key.name) != before.setup.settings.get(key.name).cloned();
            after.setup.settings = before.setup.settings.clone();
            let by_field = after != before;
            assert_eq!((by_field, by_name), (key.has_field, !key.has_field), "{path}");
        }
    }
}
