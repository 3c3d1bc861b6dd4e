//! The list of keys and what is made of it: the page of the format, and values that enter.

use std::path::Path;

use etag_lab_scenario::keys::{Kind, TABLES};
use etag_lab_scenario::{Flags, Setup, page};

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
