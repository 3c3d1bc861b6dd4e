//! Conditions that are handled wrongly, at each server or at one of several, and what looks like it.

use super::{Deployment, HEALTHY, backends, behind, deployment, fleet, single, three};
use crate::check::servers::{copy, handling_app, nginx, nginx_before};

const IGNORED: &[&str] = &["conditionals-ignored"];
const TOGETHER: &[&str] = &["precedence-wrong"];
const ODD: &[&str] = &["match-misanswered"];
const FOLLOWS: &[&str] = &["tag-follows-request"];
const EARLY: &[&str] = &["warm-up"];

fn one(habits: &'static str, expected: &'static [&'static str]) -> Deployment {
    deployment(format!("handling, {habits}"), &["python3"], expected, move || {
        single(handling_app(habits, 1))
    })
}

fn of(habits: &'static str, policy: &'static str, expected: &'static [&'static str]) -> Deployment {
    deployment(format!("handling × 3, {habits}, {policy}"), &["python3"], expected, move || {
        fleet(three(|replica| handling_app(habits, replica)), policy)
    })
}

fn named(habits: &'static str, expected: &'static [&'static str]) -> Deployment {
    let name = format!("handling × 3, {habits}, named backends");
    deployment(name, &["python3"], expected, move || {
        backends(three(|replica| handling_app(habits, replica)))
    })
}

pub(super) fn handling() -> Vec<Deployment> {
    [ignored(), misanswered(), by_request(), early(), real()].concat()
}

fn ignored() -> Vec<Deployment> {
    vec![
        one("right", HEALTHY),
        of("right", "random", HEALTHY),
        named("right", HEALTHY),
        one("no-date", HEALTHY),
        one("no-tag", HEALTHY),
        of("ignores-tags@1", "random", IGNORED),
        of("ignores-tags@2", "round-robin", IGNORED),
        named("ignores-tags@3", IGNORED),
        of("ignores-coded@1", "random", IGNORED),
        of("ignores-coded@2", "round-robin", IGNORED),
        named("ignores-coded@3", IGNORED),
        of("no-tag+ignores-dates@1", "random", IGNORED),
        of("no-tag+ignores-dates@2", "round-robin", IGNORED),
        named("no-tag+ignores-dates@3", IGNORED),
        one("no-tag+ignores-dates", IGNORED),
        one("ignores-pairs", TOGETHER),
        of("ignores-pairs", "random", TOGETHER),
        named("ignores-pairs@2", TOGETHER),
    ]
}

fn misanswered() -> Vec<Deployment> {
    vec![
        one("empty-200", ODD),
        of("empty-200", "random", ODD),
        named("empty-200", ODD),
        one("message-200", ODD),
        of("message-200", "round-robin", ODD),
        one("match-412", ODD),
        of("match-412", "random", ODD),
        one("match-500", ODD),
        of("match-500", "round-robin", ODD),
        one("match-404", ODD),
        one("no-tag+empty-200", ODD),
        one("no-date+empty-200", ODD),
    ]
}

fn by_request() -> Vec<Deployment> {
    vec![
        one("by-accept", FOLLOWS),
        of("by-accept", "random", FOLLOWS),
        one("by-language", FOLLOWS),
        one("by-agent", FOLLOWS),
        one("by-accept-negotiated", HEALTHY),
        one("by-language-negotiated", HEALTHY),
        of("by-agent-negotiated", "random", HEALTHY),
    ]
}

fn early() -> Vec<Deployment> {
    vec![
        one("late-tag", EARLY),
        of("late-tag", "round-robin", EARLY),
        of("late-tag", "random", EARLY),
        named("late-tag", EARLY),
        one("late-strength", EARLY),
        one("no-date+late-tag", EARLY),
    ]
}

/// nginx does it when it is told to; its own manual calls it a way to get rid of the date.
fn real() -> Vec<Deployment> {
    vec![
        deployment("nginx, if_modified_since off", &["nginx"], TOGETHER, || {
            single(nginx("", &format!("root {}; if_modified_since off;", copy(0).display())))
        }),
        deployment("nginx, if_modified_since before", &["nginx"], HEALTHY, || {
            single(nginx("", &format!("root {}; if_modified_since before;", copy(0).display())))
        }),
        deployment("nginx before an empty 200", &["nginx"], ODD, || {
            behind(vec![handling_app("empty-200", 1)], |origins| nginx_before(origins, "", ""))
        }),
    ]
}
