//! Predictions for replicas that send dates, which a run can only confirm for one kind of replica, and
//! behind edges that are in no catalogue.

use balancer::{Edge, EdgeEntry};

use std::time::{Duration, SystemTime};

use etag_lab_model::{Editions, prediction};
use scenario::{Flags, Scenario, Source};

/// A moment after every date of these scenarios.
const NOW: Duration = Duration::from_secs(1_790_000_000);

/// The predicted ratio of a scenario with these lines and one arm, after some adjustment.
fn predicted_of(lines: &str, adjust: impl FnOnce(&mut Scenario)) -> Option<f64> {
    let arm = "[[arm]]\nname = \"a\"\nstrategy = \"content-hash\"\n";
    let source = Source::file("s.toml", format!("{lines}\n{arm}"));
    let mut scenario = Scenario::from_source(&source, None, &Flags::default())
        .unwrap_or_else(|error| panic!("{error}"));
    adjust(&mut scenario);
    let (arm, editions) = (&scenario.arms[0], Editions::of(&scenario));
    let prediction = prediction::of(&scenario, arm, &editions, SystemTime::UNIX_EPOCH + NOW);
    prediction.map(|prediction| prediction.ratio)
}

/// The same with replicas that are `dated`.
fn predicted(lines: &str, dated: bool) -> Option<f64> {
    predicted_of(lines, |scenario| scenario.resource.last_modified = dated)
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

/// Polls 4 and 5 of 11 find nobody; who forgets is not conditional in poll 5 and fetches anew in 6.
#[test]
fn who_forgets_on_errors_fetches_anew() {
    let outage =
        "[[event]]\nat-poll = 4\nkind = \"kill\"\n[[event]]\nat-poll = 6\nkind = \"restart\"\n";
    let with = |key| predicted(&format!("{}{key}\n{outage}", load("etag")), true);
    assert_eq!(with(""), Some(8.0 / 10.0));
    assert_eq!(with("on-error = \"keep\""), Some(8.0 / 10.0));
    assert_eq!(with("on-error = \"drop\""), Some(7.0 / 8.0));
}

#[test]
fn clients_that_a_server_slows_down_make_fewer_polls_and_get_the_same_answers() {
    let paced = "obey-poll-interval = true\n[fleet]\npoll-interval = \"3s\"\n";
    assert_eq!(predicted(&format!("{}{paced}", load("etag")), true), Some(1.0));
}

#[test]
fn without_dates_nothing_is_conditional_by_date() {
    assert_eq!(predicted(&load("last-modified"), false), None);
    assert_eq!(predicted(&load("both"), false), Some(1.0));
}

const UNLISTED: EdgeEntry =
    EdgeEntry { name: "unlisted", summary: "", products: &[], effect: "", edge: None };

fn behind(edge: &'static EdgeEntry, lines: &str) -> Option<f64> {
    predicted_of(lines, |scenario| scenario.arms[0].setup.edge = edge)
}

#[test]
fn an_edge_that_takes_dates_out_of_responses_leaves_conditions_by_tag_alone() {
    static EDGE: EdgeEntry = EdgeEntry {
        edge: Some(Edge {
            inbound: |_| {},
            outbound: |_, response| {
                response.remove("last-modified");
                None
            },
        }),
        ..UNLISTED
    };
    assert_eq!(behind(&EDGE, &load("last-modified")), None);
    assert_eq!(behind(&EDGE, &load("both")), Some(1.0));
}

#[test]
fn an_edge_that_takes_tags_out_of_requests_leaves_conditions_by_date_alone() {
    static EDGE: EdgeEntry = EdgeEntry {
        edge: Some(Edge {
            inbound: |request| request.remove("if-none-match"),
            outbound: |_, _| None,
        }),
        ..UNLISTED
    };
    assert_eq!(behind(&EDGE, &load("etag")), Some(0.0));
    let drifting = format!("[fleet]\ndeploy-drift = \"7s\"\n{}", load("both"));
    assert_eq!(behind(&EDGE, &drifting), Some(0.8));
}

/// Of 11 polls a second apart, every third makes a request while a response is fresh for 3 seconds.
#[test]
fn an_edge_that_forbids_to_store_or_says_for_how_long_is_heeded_by_clients_that_heed_freshness() {
    static FORBIDS: EdgeEntry = EdgeEntry {
        edge: Some(Edge {
            inbound: |_| {},
            outbound: |_, response| {
                response.set("cache-control", b"no-store");
                None
            },
        }),
        ..UNLISTED
    };
    static ALLOWS: EdgeEntry = EdgeEntry {
        edge: Some(Edge {
            inbound: |_| {},
            outbound: |_, response| {
                response.remove("cache-control");
                // A 304 that says nothing renews with what is stored.
                if response.status() == 200 {
                    response.add("cache-control", b"max-age=3");
                }
                None
            },
        }),
        ..UNLISTED
    };
    let heeding = format!("{}honour-freshness = true\n", load("etag"));
    assert_eq!(behind(&FORBIDS, &heeding), None);
    assert_eq!(behind(&FORBIDS, &load("etag")), Some(1.0));
    let edited = |load: &str| behind(&ALLOWS, &format!("{load}{EDIT}"));
    assert_eq!(edited(&load("etag")), Some(0.9));
    assert_eq!(edited(&heeding), Some(2.0 / 3.0));
}
