//! Charts: which there are of a run, and each as a picture of its own.

use etag_lab_report::{Results, Style, chart, chart_names};
use measure::record::RunRecord;

use crate::{rendered, scenes};

fn drawn(record: &RunRecord) -> Vec<&'static str> {
    let names = chart_names().into_iter().map(|(name, _)| name);
    names.filter(|name| chart(Results::Run(record), name).is_some()).collect()
}

/// Titles of the page in their order.
fn titles(record: &RunRecord) -> Vec<String> {
    let page = rendered("html", record, Style::default());
    let titles = page.split("<section class=\"chart\">").skip(1);
    let title = |section: &str| {
        let (_, title) = section.split_once("<h2>").expect("a title");
        title.split("</h2>").next().unwrap_or_default().to_owned()
    };
    titles.map(title).collect()
}

#[test]
fn a_run_has_the_charts_of_what_it_is_about() {
    assert_eq!(drawn(&scenes::two_arms()), ["bytes", "latency", "rounds", "scale"]);
    assert_eq!(drawn(&scenes::control_plane()), ["bytes", "latency", "rounds", "source"]);
    assert_eq!(drawn(&scenes::shared_store()), ["bytes", "latency", "queries", "rounds"]);
    // Of a server whose replicas nobody counted a single rate is a diagnosis.
    assert_eq!(drawn(&scenes::one_arm()), ["latency", "scale"]);
    assert!(chart(Results::Run(&scenes::two_arms()), "tags").is_none());
}

#[test]
fn what_a_run_is_about_comes_first() {
    let first = |record| titles(&record).swap_remove(0);
    assert_eq!(first(scenes::five_arms()), "304 rate against replicas");
    assert_eq!(first(scenes::control_plane()), "What the source is asked");
    assert_eq!(first(scenes::shared_store()), "What the database is asked");
    assert_eq!(first(scenes::two_arms()), "How each round of polls was answered");
}

#[test]
fn a_single_point_makes_no_curve() {
    let mut record = scenes::two_arms();
    record.arms.truncate(1);
    assert!(!drawn(&record).contains(&"scale"));
}

#[test]
fn a_chart_alone_needs_nothing_around_it() {
    for (scene, record) in scenes::all() {
        for name in drawn(&record) {
            let svg = chart(Results::Run(&record), name).expect("it was drawn");
            assert!(
                svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" "),
                "{scene} {name}"
            );
            assert!(svg.ends_with("</svg>\n"), "{scene} {name}");
            for outside in ["var(", "href", "@import", "http-equiv", "<script"] {
                assert!(!svg.contains(outside), "{outside} in {scene} {name}");
            }
            assert_eq!(svg.matches("<svg").count(), svg.matches("</svg>").count());
        }
    }
}

#[test]
fn the_picture_of_a_chart() {
    let svg = chart(Results::Run(&scenes::control_plane()), "source").expect("a picture");
    let (before, rest) = svg.split_once("<style>").expect("a style sheet");
    let (_, after) = rest.split_once("</defs>").expect("patterns");
    insta::assert_snapshot!("source_chart", format!("{before}[style, patterns]{after}"));
}
