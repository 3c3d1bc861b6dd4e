use std::sync::Arc;

use scenario::{Flags, Scenario};

use super::*;

fn session(name: &str) -> (Session, Plan) {
    let scenario = Scenario::load(Some(name), &Flags::default()).expect(name);
    let arm = scenario.arms.last().expect("an arm").clone();
    let plan = Plan::of(&scenario, &arm);
    (Session::new(Arc::new(scenario), arm), plan)
}

/// What each of these presses is called, one after the other.
fn check(name: &str, presses: &[&str], expected: &[&str]) {
    let (mut session, plan) = session(name);
    let mut labels = Vec::new();
    for press in presses {
        let switch: Switch = serde_json::from_str(press).expect(press);
        labels.push(match switch.press(&session, &plan) {
            Ok(press) => {
                press.played.iter().for_each(|played| session.apply(played));
                session.step += usize::from(press.key == "N");
                press.label
            }
            Err(reason) => reason,
        });
    }
    assert_eq!(labels, expected, "{name}");
}

#[test]
fn presses_go_from_what_there_is() {
    check(
        "all-200s",
        &[
            r#"{"switch":"break"}"#,
            r#"{"switch":"break"}"#,
            r#"{"switch":"strategy","name":"inode-hash","replica":2}"#,
            r#"{"switch":"kill","replica":2}"#,
            r#"{"switch":"replicas","by":1}"#,
            r#"{"switch":"clients","by":1}"#,
            r#"{"switch":"policy","name":"random"}"#,
            r#"{"switch":"fix"}"#,
            r#"{"switch":"reset"}"#,
            r#"{"switch":"reset"}"#,
        ],
        &[
            "break: strategy per-process-counter",
            "it is broken already",
            "strategy inode-hash on replica 2",
            "kill replica 2",
            "4 replicas",
            "15 clients",
            "policy random",
            "fix: strategy content-hash",
            "reset: restart replica 2, 3 replicas, policy round-robin, 10 clients",
            "reset",
        ],
    );
}

#[test]
fn what_cannot_be_says_why() {
    check(
        "all-200s",
        &[
            r#"{"switch":"restart","replica":4}"#,
            r#"{"switch":"replicas","count":10}"#,
            r#"{"switch":"source"}"#,
            r#"{"switch":"edge","name":"<b>"}"#,
        ],
        &[
            "there is no replica 4",
            "a live fleet has 1 to 9 replicas",
            "only a control plane has a source",
            "there is no edge `<b>`",
        ],
    );
    check(
        "control-plane-fanout",
        &[r#"{"switch":"break"}"#, r#"{"switch":"break"}"#, r#"{"switch":"fix"}"#],
        &["break: source down", "the source is down already", "fix: source up"],
    );
}

#[test]
fn what_is_no_switch_is_refused() {
    for text in [r#"{"switch":"rm"}"#, r#"{"switch":"change","x":1}"#, "{}", "[]"] {
        assert!(serde_json::from_str::<Switch>(text).is_err(), "{text}");
    }
}
