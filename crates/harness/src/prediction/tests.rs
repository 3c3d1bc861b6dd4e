//! Predictions for replicas that send dates, which a run can only confirm for one kind of replica.

use super::Case;
use crate::editions::Editions;
use crate::scenario::{Names, Overrides, Resource, Scenario, Source};
use crate::timeline::Timeline;

/// The predicted ratio of a scenario with these lines and one arm, whose replicas are `dated`.
fn predicted(lines: &str, dated: bool) -> Option<f64> {
    let arm = "[[arm]]\nname = \"a\"\nstrategy = \"content-hash\"\n";
    let source = Source::file("s.toml", format!("{lines}\n{arm}"));
    let names = Names::of_catalogues();
    let scenario = Scenario::from_source(&source, None, &Overrides::default(), &names)
        .unwrap_or_else(|error| panic!("{error}"));
    let setup = &scenario.arms[0].setup;
    let resource = Resource { last_modified: dated, ..scenario.resource.clone() };
    let case = Case {
        strategy: strategies::find("content-hash").expect("in the catalogue"),
        policy: balancer::catalogue::find(&setup.policy).expect("in the catalogue"),
        setup,
        resource: &resource,
        changes: &scenario.changes,
        timeline: &Timeline::of(&scenario, &scenario.arms[0]),
        editions: &Editions::of(&scenario),
        seed: scenario.seed,
    };
    case.predict().map(|prediction| prediction.ratio)
}

const EDIT: &str = "[[change]]\nat-poll = 6\n";
const SAME_SECOND: &str = "[[change]]\nat-poll = 6\nkind = \"same-second\"\n";

fn load(validate: &str) -> String {
    format!("[load]\nclients = 1\npolls = 11\nvalidate = \"{validate}\"\n")
}

#[test]
fn one_date_for_all_is_as_good_as_a_tag_until_the_second_edit_of_a_second() {
    let one_date = "[fleet]\ndeploy-drift = \"0s\"\n";
    let by = |validate, change| predicted(&format!("{one_date}{}{change}", load(validate)), true);
    assert_eq!(by("last-modified", EDIT), Some(0.9));
    assert_eq!(by("last-modified", SAME_SECOND), Some(1.0));
    assert_eq!(by("both", SAME_SECOND), Some(0.9));
    assert_eq!(by("etag", SAME_SECOND), Some(0.9));
}

/// The client goes from replica 1 to 2 to 3, each with a later copy, and has the latest date then.
#[test]
fn dates_that_differ_cost_one_content_for_each_later_copy() {
    let drifting = format!("[fleet]\ndeploy-drift = \"7s\"\n{}", load("last-modified"));
    assert_eq!(predicted(&drifting, true), Some(0.8));
}

#[test]
fn without_dates_nothing_is_conditional_by_date() {
    assert_eq!(predicted(&load("last-modified"), false), None);
    assert_eq!(predicted(&load("both"), false), Some(1.0));
}
