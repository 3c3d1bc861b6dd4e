//! Bytes to the clients, summed up over the rounds, against what had to be sent.

use measure::record::RoundBucketRecord;

use super::frame::{Frame, HEIGHT, path, picture, short_bytes, ticks};
use super::rounds::{round_names, round_ticks};
use super::{Chart, Figure, Subject};
use crate::formats::html::markup::{Element, number};
use crate::formats::html::tables;
use crate::quantity::bytes;

const READING: &str = "The solid line is what was read, the dashed line what would have been read \
    had no content travelled that the client already held. The hatched area between them is waste.";

// Runs that were saved before rounds were recorded have no such chart.
pub(super) fn chart(subjects: &[Subject<'_>]) -> Option<Chart> {
    let courses: Vec<_> = subjects.iter().filter_map(course).collect();
    let most = courses.iter().map(|(_, [read, _])| total(read)).max()?;
    let figures = courses
        .iter()
        .enumerate()
        .map(|(index, (subject, course))| lines(index, subject, course, most))
        .collect();
    let scale = if courses.len() > 1 { " All figures have one scale." } else { "" };
    Some(Chart::new("Bytes to the clients, summed up", format!("{READING}{scale}"), figures))
}

/// Bytes read and ideal bytes after each bucket.
type Course = [Vec<u64>; 2];

fn course<'a>(subject: &'a Subject<'a>) -> Option<(&'a Subject<'a>, Course)> {
    let buckets = &subject.arm.rounds.buckets;
    let sums = |of: fn(&RoundBucketRecord) -> u64| {
        let running = buckets.iter().scan(0_u64, |sum, bucket| {
            *sum = sum.saturating_add(of(bucket));
            Some(*sum)
        });
        running.collect()
    };
    let course = [sums(|bucket| bucket.response_bytes), sums(|bucket| bucket.ideal_response_bytes)];
    (!buckets.is_empty()).then_some((subject, course))
}

fn total(sums: &[u64]) -> u64 {
    sums.last().copied().unwrap_or(0)
}

fn lines(index: usize, subject: &Subject<'_>, course: &Course, most: u64) -> Figure {
    let frame = Frame::USUAL;
    let [read, ideal] = course;
    let about = format!("{}, ideal {}", bytes(total(read)), bytes(total(ideal)));
    let title = format!("{}: bytes read, summed up", subject.name);
    let places = |sums: &[u64]| -> Vec<String> {
        let place = |(at, sum): (usize, u64)| {
            let x = frame.x(at as f64 / (sums.len()) as f64);
            let y = frame.y(sum as f64 / most.max(1) as f64);
            format!("{} {}", number(x), number(y))
        };
        std::iter::once(0).chain(sums.iter().copied()).enumerate().map(place).collect()
    };
    let (read, ideal) = (places(read), places(ideal));
    let back = ideal.iter().rev().cloned().collect::<Vec<_>>().join("L");
    let scale = ticks(most as f64, 4).into_iter();
    let picture = picture(&format!("bytes-{index}"), HEIGHT, &title, &about)
        .children(scale.map(|tick| frame.tick_y(tick / most.max(1) as f64, &short_bytes(tick))))
        .child(path(&format!("M{}L{back}z", read.join("L"))).class("needless"))
        .child(path(&format!("M{}", read.join("L"))).class("read"))
        .child(path(&format!("M{}", ideal.join("L"))).class("ideal"))
        .children(round_ticks(frame, &subject.arm.rounds, 1.0))
        .child(frame.title_x("poll round"));
    let numbers = numbers(&title, subject, course);
    Figure::new(&subject.name, &about).picture(picture, HEIGHT).below([numbers])
}

fn numbers(title: &str, subject: &Subject<'_>, [read, ideal]: &Course) -> Element {
    let headings = ["up to round", "read", "ideal"].map(str::to_owned);
    let names = round_names(&subject.arm.rounds);
    let sums = read.iter().zip(ideal);
    let rows = names.into_iter().zip(sums).map(|(name, (read, ideal))| {
        let last = name.rsplit('–').next().unwrap_or_default().to_owned();
        vec![last, bytes(*read), bytes(*ideal)]
    });
    tables::numbers(title, &headings, rows.collect())
}
