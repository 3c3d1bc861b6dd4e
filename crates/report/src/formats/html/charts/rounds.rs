//! Responses to each round of polls: a stack for each round, from 304s to needless 200s.

use std::collections::BTreeSet;

use measure::record::{EventKindRecord, RoundBucketRecord, RoundsRecord};

use super::frame::{Frame, HEIGHT, path, picture, ticks};
use super::meaning::{VerdictStyle, bar, occurring};
use super::{Chart, Figure, Subject};
use crate::formats::html::markup::{Element, number};
use crate::formats::html::tables;
use crate::quantity::percent;
use text::{count, counted};

const READING: &str = "In round n each client makes its poll number n. Height is the share of the \
    round’s polls.";

// Runs that were saved before rounds were recorded have no such chart.
pub(super) fn chart(subjects: &[Subject<'_>]) -> Option<Chart> {
    let recorded = || subjects.iter().filter(|subject| has_rounds(subject));
    let buckets = recorded().flat_map(|subject| &subject.arm.rounds.buckets);
    let meanings = occurring(&buckets.map(|bucket| &bucket.verdicts).collect::<Vec<_>>());
    let figures: Vec<_> =
        recorded().enumerate().map(|(index, subject)| stacks(index, subject, &meanings)).collect();
    (!figures.is_empty()).then(|| {
        let title = "How each round of polls was answered";
        Chart { legend: meanings, ..Chart::new(title, reading(subjects), figures) }
    })
}

fn has_rounds(subject: &Subject<'_>) -> bool {
    !subject.arm.rounds.buckets.is_empty()
}

fn reading(subjects: &[Subject<'_>]) -> String {
    let any = |happened: fn(&Subject<'_>) -> Vec<u32>| {
        subjects.iter().any(|subject| !happened(subject).is_empty())
    };
    // Arms differ in width when one ended early: its buckets never had to be merged.
    let widest = subjects.iter().map(|subject| subject.arm.rounds.width).max().unwrap_or(0);
    let sentences = [
        Some(READING.to_owned()),
        any(changes).then(|| "▼\u{a0}marks a change of the content.".to_owned()),
        any(events).then(|| format!("▽\u{a0}marks {}.", incidents(subjects))),
        (widest > 1).then(|| format!("One bar is up to {widest} rounds.")),
    ];
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn incidents(subjects: &[Subject<'_>]) -> String {
    let kinds: BTreeSet<&str> = subjects
        .iter()
        .flat_map(|subject| &subject.scenario.events)
        .map(|event| match event.kind {
            EventKindRecord::Edge => "another edge",
            EventKindRecord::Reconnect => "all clients reconnecting",
            EventKindRecord::Strategy => "another strategy",
            EventKindRecord::Policy => "another policy",
            EventKindRecord::Scale => "another number of replicas",
            EventKindRecord::Clients => "another number of clients",
            _ => "a replica killed or restarted",
        })
        .collect();
    kinds.into_iter().collect::<Vec<_>>().join(", or ")
}

fn stacks(index: usize, subject: &Subject<'_>, meanings: &[&VerdictStyle]) -> Figure {
    let (arm, rounds, frame) = (subject.arm, &subject.arm.rounds, Frame::USUAL);
    let rate = arm.not_modified_ratio.map(|ratio| format!("304 rate {}", percent(ratio)));
    let rate = rate.unwrap_or_else(|| "no 304 rate".to_owned());
    let sum = format!("{rate}, {}", counted(arm.verdicts.needless_transfer, "needless 200"));
    let about = format!("{sum} in {}", counted(arm.polls, "poll"));
    let title = format!("{}: polls of each round by answer", subject.name);
    let grid = [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")];
    let picture = picture(&format!("rounds-{index}"), HEIGHT, &title, &about)
        .children(grid.map(|(share, name)| frame.tick_y(share, name)))
        .children(meanings.iter().enumerate().filter_map(|(level, meaning)| {
            let bars = bars(frame, rounds, &meanings[..level], meaning);
            (!bars.is_empty()).then(|| path(&bars).class(meaning.class))
        }))
        .children(round_ticks(frame, rounds, 0.5))
        .child(frame.title_x("poll round"))
        .children(marks(frame, subject));
    let numbers = numbers(&title, rounds, meanings);
    Figure::new(&subject.name, &sum).picture(picture, HEIGHT).below([numbers])
}

/// One meaning in every round, on top of those `below` it.
fn bars(
    frame: Frame,
    rounds: &RoundsRecord,
    below: &[&VerdictStyle],
    meaning: &VerdictStyle,
) -> String {
    let step = 1.0 / rounds.buckets.len() as f64;
    let width = (frame.right - frame.left) * step;
    // Bars of their own while they are wide enough to be counted.
    let gap = if width >= 4.0 { 0.8 } else { 0.0 };
    let share = |bucket: &RoundBucketRecord, meaning: &VerdictStyle| {
        (meaning.count)(&bucket.verdicts) as f64 / bucket.polls.max(1) as f64
    };
    let bars = rounds.buckets.iter().enumerate().filter_map(|(index, bucket)| {
        let height = share(bucket, meaning);
        let foot: f64 = below.iter().map(|meaning| share(bucket, meaning)).sum();
        let (top, bottom) = (frame.y(foot + height), frame.y(foot));
        let left = frame.x(step * index as f64) + gap / 2.0;
        (height > 0.0).then(|| bar(left, top, width - gap, bottom - top))
    });
    bars.collect()
}

/// Names of rounds below the axis; `within` is the place of a round in its bucket.
pub(super) fn round_ticks(frame: Frame, rounds: &RoundsRecord, within: f64) -> Vec<Element> {
    let buckets = rounds.buckets.len() as f64;
    let width = f64::from(rounds.width.max(1));
    let round = ticks(buckets * width, 5).into_iter().map(|tick| tick.max(1.0));
    round
        .map(|round| {
            let index = ((round - 1.0) / width).floor();
            frame.tick_x((index + within) / buckets, &count(round as u64))
        })
        .collect()
}

// Before which polls the content changed, as far as it was the lab's to change.
fn changes(subject: &Subject<'_>) -> Vec<u32> {
    // When the content of a foreign server changes is not known.
    let own = subject.scenario.resource_bytes.is_some();
    let changes = subject.scenario.changes.iter().filter(|_| own);
    reached(subject, changes.map(|change| change.at_poll))
}

/// Before which polls something happened to a replica.
fn events(subject: &Subject<'_>) -> Vec<u32> {
    reached(subject, subject.scenario.events.iter().map(|event| event.at_poll))
}

fn reached(subject: &Subject<'_>, polls: impl Iterator<Item = u32>) -> Vec<u32> {
    let rounds = &subject.arm.rounds;
    let made = rounds.buckets.len() as u64 * u64::from(rounds.width);
    polls.filter(|at_poll| u64::from(*at_poll) <= made).collect()
}

fn marks(frame: Frame, subject: &Subject<'_>) -> Vec<Element> {
    let rounds = &subject.arm.rounds;
    let mark = |(at_poll, class): (u32, &str)| {
        let index = at_poll.saturating_sub(1) / rounds.width.max(1);
        let x = number(frame.x(f64::from(index) / rounds.buckets.len() as f64));
        let (tip, top) = (number(frame.top - 2.0), number(frame.top - 10.0));
        let triangle = path(&format!("M{x} {tip}l-4.5 -8h9z")).class(class);
        let line = path(&format!("M{x} {top}V{}", number(frame.bottom))).class("moment");
        Element::new("g").child(line).child(triangle)
    };
    let changes = changes(subject).into_iter().map(|at_poll| (at_poll, "change"));
    let events = events(subject).into_iter().map(|at_poll| (at_poll, "event"));
    changes.chain(events).map(mark).collect()
}

fn numbers(title: &str, rounds: &RoundsRecord, meanings: &[&VerdictStyle]) -> Element {
    // A column of zeros would only hide the others.
    let occurs = |meaning: &&&VerdictStyle| {
        rounds.buckets.iter().any(|bucket| (meaning.count)(&bucket.verdicts) > 0)
    };
    let meanings: Vec<_> = meanings.iter().filter(occurs).collect();
    let names = meanings.iter().map(|meaning| meaning.name.to_owned());
    let headings: Vec<_> =
        ["round".to_owned(), "polls".to_owned()].into_iter().chain(names).collect();
    let row = |(name, bucket): (String, &RoundBucketRecord)| {
        let counts = meanings.iter().map(|meaning| count((meaning.count)(&bucket.verdicts)));
        [name, count(bucket.polls)].into_iter().chain(counts).collect()
    };
    let rows = round_names(rounds).into_iter().zip(&rounds.buckets).map(row).collect();
    tables::numbers(title, &headings, rows)
}

/// `1`, or `1–8` where rounds share a bucket.
pub(super) fn round_names(rounds: &RoundsRecord) -> Vec<String> {
    let width = u64::from(rounds.width.max(1));
    let name = |index: u64| match (index * width + 1, (index + 1) * width) {
        (first, last) if first == last => count(first),
        (first, last) => format!("{}–{}", count(first), count(last)),
    };
    (0..rounds.buckets.len() as u64).map(name).collect()
}
