//! Output of each format for each scene, to the letter. Review them like code.

use etag_lab_report::Style;
use measure::record::SightingRecord;

use crate::{rendered, scenes};

#[test]
fn the_terminal_table_of_every_scene_in_80_and_120_columns() {
    for (scene, record) in scenes::all() {
        for width in [80, 120] {
            let text = rendered("text", &record, Style { color: false, width });
            insta::assert_snapshot!(format!("{scene}_text_{width}"), text);
        }
    }
}

#[test]
fn the_markdown_of_every_scene() {
    for (scene, record) in scenes::all() {
        let text = rendered("markdown", &record, Style::default());
        insta::assert_snapshot!(format!("{scene}_markdown"), text);
    }
}

#[test]
fn the_csv_of_every_scene() {
    for (scene, record) in scenes::all() {
        insta::assert_snapshot!(format!("{scene}_csv"), rendered("csv", &record, Style::default()));
    }
}

#[test]
fn tags_of_two_codings_are_no_fault_where_all_responses_agree() {
    let mut record = scenes::two_arms();
    for arm in &mut record.arms {
        for replica in &mut arm.replicas {
            let mut sighting = replica.sightings[0].clone();
            sighting.entity_tag = "\"one\"".to_owned();
            let coded =
                SightingRecord { entity_tag: "\"one-gzip\"".to_owned(), ..sighting.clone() };
            replica.sightings = vec![sighting, coded];
        }
    }
    let mut fault = |tags| {
        record.arms.iter_mut().for_each(|arm| arm.tags_for_same_content = tags);
        let html = rendered("html", &record, Style::default());
        (html.contains("1 of 2 tags for A"), html.contains("A in one coding or form"))
    };
    assert_eq!(fault(1), (false, true));
    assert_eq!(fault(2), (true, false));
}

#[test]
fn the_html_of_one_arm_and_of_two() {
    for (scene, record) in [("one_arm", scenes::one_arm()), ("two_arms", scenes::two_arms())] {
        let html = rendered("html", &record, Style::default());
        let (before, rest) = html.split_once("<style>").expect("a style sheet");
        let (_, after) = rest.split_once("</style>").expect("an end of it");
        let hash = before.split("&#39;").find(|word| word.starts_with("sha256-"));
        let before = before.replace(hash.expect("the hash of the style sheet"), "sha256-[hash]");
        insta::assert_snapshot!(
            format!("{scene}_html"),
            format!("{before}<style>[style]</style>{after}")
        );
    }
}

#[test]
fn the_json_of_a_run() {
    let json = rendered("json", &scenes::two_arms(), Style::default());
    insta::assert_snapshot!("two_arms_json", json);
}

#[test]
fn the_colours_of_a_run() {
    let style = Style { color: true, width: 80 };
    let text = rendered("text", &scenes::troubled(), style);
    insta::assert_snapshot!("troubled_text_colour", text.replace('\u{1b}', "␛"));
}
