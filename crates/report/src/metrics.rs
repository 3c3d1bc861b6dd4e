//! The rows of the table in their order: the number each shows, how it is put, and when it appears.
//!
//! Adding one is one entry here, or in the file of its group below, and every format shows it; a
//! number that is new is one more line in `numbers`. Nothing is counted here.

mod cache;
mod control_plane;
mod cost;
mod shared_tags;
mod writes;

use measure::record::{ArmRecord, LatencyRecord};

pub(crate) use control_plane::per_second;
pub(crate) use cost::{cpu_time, is_content_large};
pub(crate) use shared_tags::sharing;

use cost::content_per_200;

use crate::cell::{Cell, Tone};
use crate::change::{Change, WITHIN_SPREAD};
use crate::quantity::{bytes, durations, percent, percent_range};
use measure::numbers::{self, changes_polled, round_trips};
use text::count;

pub(crate) struct Metric {
    pub(crate) label: &'static str,
    column: [&'static str; 2],
    number: &'static str,
    look: fn(&ArmRecord, Option<f64>) -> Cell,
    /// The row appears when this holds for any arm.
    shown: fn(&ArmRecord, Option<f64>) -> bool,
    /// False for arms in which the number says nothing, though it was counted.
    applies: fn(&ArmRecord) -> bool,
    /// The form in which a change is reported, if it is.
    change: Option<Change>,
    /// True when the change is reported in the table of one run, not only between two.
    pub(crate) headline: bool,
    /// Name of its parent, in a medium that cannot indent it below.
    pub(crate) detail_of: Option<&'static str>,
    /// Left to a note where many arms have the same value.
    pub(crate) folds: bool,
    /// Begins a new block here where the columns do not all fit side by side.
    pub(crate) begins_block: bool,
}

// The heading of rows that are left out where arms go down: too many columns hide each other.
const NO_COLUMN: [&str; 2] = ["", ""];

static GROUPS: [&[Metric]; 9] = [
    POLLS,
    writes::ROWS,
    TABLES,
    TRANSFER,
    cache::ROWS,
    cost::ROWS,
    shared_tags::ROWS,
    TAGS,
    control_plane::ROWS,
];

pub(crate) fn all() -> impl Iterator<Item = &'static Metric> {
    GROUPS.into_iter().flatten()
}

/// The row that shows the number of this name; some numbers are in no row.
pub(crate) fn showing(number: &str) -> Option<&'static Metric> {
    all().find(|metric| metric.number == number)
}

// Each row has its label, its heading where arms go down (in two lines), the name of its number and
// how a cell looks; it is always there unless `when` says that an arm has to give it a reason.

static POLLS: &[Metric] = &[
    row("304 rate (conditional)", ["304", "rate"], "not_modified_ratio", rate)
        .change(Change::Points),
    row("predicted", ["", "predicted"], "predicted_not_modified_ratio", predicted)
        .when(measured)
        .change(Change::Points)
        .detail_of("304 rate"),
    row("needless 200s", ["needless", "200s"], "needless_transfer", needless),
    row("false 304s (stale)", ["false", "304s"], "false_validation", false_validations)
        .folds()
        // Where some 304s could not be verified, none found false does not mean that none was.
        .only_if(|arm| arm.verdicts.unverifiable == 0 || arm.verdicts.false_validation > 0),
    row("went back to old content", ["went", "back"], "regressed", fault).when(nonzero),
    row("unverifiable 304s", ["unverif.", "304s"], "unverifiable", number).when(nonzero),
    row("fresh hits (no request)", ["fresh", "hits"], "fresh_hit", number).when(nonzero),
    row("revalidations", ["", "revalidations"], "conditional", number)
        .when(|arm, _| arm.verdicts.fresh_hit > 0),
    row("downloads resumed", ["downloads", "resumed"], "resumes_partial", resumed)
        .when(measured)
        .only_if(|arm| arm.resumes.attempted > 0),
    row("GETs to complete a poll", ["second", "GETs"], "second_gets", number).when(measured),
    row("polls the server put off", ["polls", "put off"], "paused", number)
        .when(|arm, _| arm.setup.caching.obey_poll_interval),
    row("errors", ["", "errors"], "error", fault).when(nonzero),
];

const KEPT: &str = "tables_kept_through_errors";

/// The rows of a data plane: what became of the content that clients had stored, failures included.
static TABLES: &[Metric] = &[
    row("stored copies at the end", ["copies at", "the end"], "tables_held_at_end", held)
        .when(measured),
    row("stored copies lost", ["copies", "lost"], "tables_lost", fault).when(measured),
    row("stored copies loaded", ["copies", "loaded"], "tables_loads", number).when(measured),
    row("errors that left the copy", ["copy kept", "on errors"], KEPT, number).when(measured),
    row("longest on an old copy", NO_COLUMN, "tables_longest_unconfirmed_us", micros)
        .when(|arm, longest| longest.is_some() && arm.tables.kept_through_errors > 0)
        .change(Change::Unproven)
        .detail_of("stored copies"),
];

static TRANSFER: &[Metric] = &[
    row("bytes to clients", ["bytes to", "clients"], "response_bytes", size)
        .headline(Change::Percent)
        .begins_block(),
    row("bytes per unchanged poll", ["bytes if", "unchanged"], "bytes_per_unchanged_poll", size)
        .headline(Change::Times),
    row("bytes from clients", NO_COLUMN, "request_bytes", size).headline(Change::Percent),
    row("bytes, both directions", ["bytes, both", "directions"], "both_direction_bytes", size)
        .when(is_content_small)
        .headline(Change::Percent),
    row("TLS bytes to clients", NO_COLUMN, "tls_response_bytes", size).when(measured).no_change(),
    row("TLS bytes from clients", NO_COLUMN, "tls_request_bytes", size).when(measured).no_change(),
    row("framing bytes to clients", NO_COLUMN, "framing_response_bytes", size)
        .when(measured)
        .no_change(),
    row("framing bytes from clients", NO_COLUMN, "framing_request_bytes", size)
        .when(measured)
        .no_change(),
    row("TLS handshakes", NO_COLUMN, "tls_handshakes", number).when(measured).no_change(),
    row("round trips", ["round", "trips"], "round_trips", number).headline(Change::Percent).folds(),
    row("latency p50 / p99", ["latency", "p50 / p99"], "latency_p50_us", latency)
        .change(Change::Unproven),
    row("p50 of 200s / 304s", NO_COLUMN, "latency_200_p50_us", latency_by_status)
        .when(|arm, full| full.is_some() && arm.latency_304_us.is_some())
        .no_change()
        .detail_of("latency"),
];

static TAGS: &[Metric] = &[
    row(
        "distinct tags, same bytes",
        ["tags of", "content"],
        "tags_for_same_content",
        tags_for_same_content,
    )
    .when(|arm, _| arm.polls > arm.verdicts.error),
    row("distinct bytes, same tag", NO_COLUMN, "contents_for_same_tag", one).when(several),
    row(
        "distinct bytes, same edition",
        ["bytes for", "same edition"],
        "contents_for_same_edition",
        one,
    )
    .when(several),
    row("distinct bytes, in turn", NO_COLUMN, "contents_in_turn", one).when(takes_turns),
    row("codings, same strong tag", NO_COLUMN, "codings_for_same_strong_tag", one).when(several),
    row("change seen on next poll", NO_COLUMN, "changes_clients_updated", changes_seen)
        .when(measured)
        .only_if(|arm| changes_polled(arm) > 0),
];

const fn row(
    label: &'static str,
    column: [&'static str; 2],
    number: &'static str,
    look: fn(&ArmRecord, Option<f64>) -> Cell,
) -> Metric {
    Metric {
        label,
        column,
        number,
        look,
        shown: |_, _| true,
        applies: |_| true,
        change: Some(Change::Count),
        headline: false,
        detail_of: None,
        folds: false,
        begins_block: false,
    }
}

impl Metric {
    const fn when(self, shown: fn(&ArmRecord, Option<f64>) -> bool) -> Self {
        Self { shown, ..self }
    }

    const fn change(self, change: Change) -> Self {
        Self { change: Some(change), ..self }
    }

    const fn no_change(self) -> Self {
        Self { change: None, ..self }
    }

    const fn headline(self, change: Change) -> Self {
        Self { headline: true, ..self.change(change) }
    }

    const fn only_if(self, applies: fn(&ArmRecord) -> bool) -> Self {
        Self { applies, ..self }
    }

    const fn detail_of(self, parent: &'static str) -> Self {
        Self { detail_of: Some(parent), ..self }
    }

    const fn folds(self) -> Self {
        Self { folds: true, ..self }
    }

    const fn begins_block(self) -> Self {
        Self { begins_block: true, ..self }
    }

    /// Name of the number that it shows.
    pub(crate) fn number(&self) -> &'static str {
        self.number
    }

    pub(crate) fn column(&self) -> Option<[&'static str; 2]> {
        (self.column != NO_COLUMN).then_some(self.column)
    }

    pub(crate) fn is_shown(&self, arm: &ArmRecord) -> bool {
        (self.shown)(arm, self.value(arm))
    }

    pub(crate) fn cell(&self, arm: &ArmRecord) -> Cell {
        let cell = (self.look)(arm, self.value(arm));
        match self.range(arm) {
            Some([least, most]) if least != most => cell.note(Some(format!("{least} – {most}"))),
            _ => cell,
        }
    }

    /// Least and most of several runs as cells show them; `None` where there was one.
    fn range(&self, arm: &ArmRecord) -> Option<[String; 2]> {
        let range = arm.spread.get(self.number).filter(|_| (self.applies)(arm))?;
        Some(range.map(|value| (self.look)(&with(arm, self.number, value), Some(value)).text))
    }

    /// The change of its number in words; `None` where none is reported or it was not measured.
    pub(crate) fn change_between(&self, from: &ArmRecord, to: &ArmRecord) -> Option<String> {
        let (change, values) = (self.change?, (self.value(from), self.value(to)));
        match (from.spread.get(self.number), to.spread.get(self.number)) {
            (Some(a), Some(b)) if differs([*a, *b]) && a[0] <= b[1] && b[0] <= a[1] => {
                Some(WITHIN_SPREAD.to_owned())
            }
            // Several runs of each show what single ones cannot.
            (Some(_), Some(_)) if change == Change::Unproven => {
                Change::Times.describe(values.0, values.1)
            }
            _ => change.describe(values.0, values.1),
        }
    }

    /// Its name in a sentence, without what only a table needs to say.
    pub(crate) fn spoken(&self) -> &'static str {
        self.label.split(" (").next().unwrap_or(self.label)
    }

    pub(crate) fn value(&self, arm: &ArmRecord) -> Option<f64> {
        numbers::value(arm, self.number).filter(|_| (self.applies)(arm))
    }
}

/// True where some repetition gave another number: else equal ones are unchanged, and not by chance.
fn differs(ranges: [[f64; 2]; 2]) -> bool {
    ranges.iter().any(|[least, most]| least < most)
}

/// The arm with another value of a number that a cell reads for itself.
fn with(arm: &ArmRecord, number: &str, value: f64) -> ArmRecord {
    let mut arm = arm.clone();
    let micros = value.round() as u64;
    match (number, &mut arm.latency_us, &mut arm.latency_200_us) {
        ("latency_p50_us", Some(all), _) => all.p50 = micros,
        ("latency_200_p50_us", _, Some(full)) => full.p50 = micros,
        _ => {}
    }
    arm
}

fn measured(_: &ArmRecord, value: Option<f64>) -> bool {
    value.is_some()
}

fn nonzero(_: &ArmRecord, value: Option<f64>) -> bool {
    value > Some(0.0)
}

fn several(_: &ArmRecord, value: Option<f64>) -> bool {
    value > Some(1.0)
}

/// True where replicas, as far as can be seen, have contents of their own.
fn takes_turns(arm: &ArmRecord, _: Option<f64>) -> bool {
    arm.contents_in_turn > 1
}

// Content no larger than the fields that travel with it: a 304 may save nothing then.
fn is_content_small(arm: &ArmRecord, both_directions: Option<f64>) -> bool {
    let fields = arm.bytes.response_fields as f64 / round_trips(arm).max(1) as f64;
    // Records from before both directions were counted have zero here.
    both_directions > Some(0.0) && content_per_200(arm).is_some_and(|content| content <= fields)
}

fn number(_: &ArmRecord, value: Option<f64>) -> Cell {
    Cell::maybe(value.map(|number| count(number.round() as u64)))
}

fn size(_: &ArmRecord, value: Option<f64>) -> Cell {
    Cell::maybe(value.map(|number| bytes(number.round() as u64)))
}

fn micros(_: &ArmRecord, value: Option<f64>) -> Cell {
    Cell::maybe(value.map(cpu_time))
}

/// A count that should be zero.
fn fault(arm: &ArmRecord, value: Option<f64>) -> Cell {
    toned(number(arm, value), value, |count| count == 0.0)
}

/// Nothing to be glad of where contents take turns: then no client is sent what it has.
fn needless(arm: &ArmRecord, value: Option<f64>) -> Cell {
    let says_nothing = value == Some(0.0) && takes_turns(arm, None);
    if says_nothing { number(arm, value) } else { fault(arm, value) }
}

/// A count that should be one.
fn one(arm: &ArmRecord, value: Option<f64>) -> Cell {
    toned(number(arm, value), value, |count| count <= 1.0)
}

/// Of these so many, and all should be.
fn part_of(whole: u64, noun: &str, value: Option<f64>) -> Cell {
    let text = value.map(|part| format!("{}/{}{noun}", count(part as u64), count(whole)));
    toned(Cell::maybe(text), value, |part| part as u64 == whole)
}

fn toned(cell: Cell, value: Option<f64>, is_good: impl Fn(f64) -> bool) -> Cell {
    match value {
        Some(number) => cell.tone(if is_good(number) { Tone::Good } else { Tone::Bad }),
        None => cell,
    }
}

fn rate(arm: &ArmRecord, ratio: Option<f64>) -> Cell {
    let of = format!("{}/{}", count(arm.counts.not_modified), count(arm.counts.conditional));
    // A rate of few requests says little, so its parts are shown with it.
    let cell = Cell::maybe(ratio.map(percent)).note(ratio.map(|_| of));
    let counts = &arm.verdicts;
    let faults = [counts.needless_transfer, counts.false_validation, counts.unverifiable];
    match ratio {
        Some(ratio) if faults == [0; 3] && ratio > 0.9 => cell.tone(Tone::Good),
        Some(_) if counts.needless_transfer > arm.counts.not_modified => cell.tone(Tone::Bad),
        _ => cell,
    }
}

fn predicted(arm: &ArmRecord, ratio: Option<f64>) -> Cell {
    let cell = Cell::maybe(ratio.map(percent)).tone(Tone::Faint);
    cell.note(arm.predicted_interval.filter(|_| ratio.is_some()).map(percent_range))
}

fn false_validations(arm: &ArmRecord, value: Option<f64>) -> Cell {
    match value {
        Some(_) => fault(arm, value),
        None => Cell::new("unknown".to_owned()).tone(Tone::Faint),
    }
}

fn resumed(arm: &ArmRecord, partial: Option<f64>) -> Cell {
    part_of(arm.resumes.attempted, "", partial)
}

fn held(arm: &ArmRecord, tables: Option<f64>) -> Cell {
    part_of(arm.setup.clients.into(), " clients", tables)
}

fn changes_seen(arm: &ArmRecord, updated: Option<f64>) -> Cell {
    // With several changes a client is counted once for each, so the noun would be wrong.
    let noun = if arm.changes_seen.len() == 1 { " clients" } else { "" };
    part_of(changes_polled(arm), noun, updated)
}

fn latency(arm: &ArmRecord, _: Option<f64>) -> Cell {
    Cell::maybe(arm.latency_us.map(|all| durations(&[Some(all.p50), Some(all.p99)])))
}

fn latency_by_status(arm: &ArmRecord, _: Option<f64>) -> Cell {
    let p50 = |latency: Option<LatencyRecord>| latency.map(|latency| latency.p50);
    let both = [p50(arm.latency_200_us), p50(arm.latency_304_us)];
    Cell::maybe(both.iter().any(Option::is_some).then(|| durations(&both)))
}

fn tags_for_same_content(arm: &ArmRecord, tags: Option<f64>) -> Cell {
    match tags {
        Some(1.0) if takes_turns(arm, None) => number(arm, tags),
        Some(several) if several > 0.0 => one(arm, tags),
        // Zero would read like a good result.
        _ => Cell::new("no tag".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_headings_are_unique() {
        let mut labels: Vec<_> = all().map(|metric| (metric.detail_of, metric.label)).collect();
        let mut headings: Vec<_> = all().filter_map(Metric::column).collect();
        let (all_labels, all_headings) = (labels.len(), headings.len());
        labels.sort_unstable();
        labels.dedup();
        headings.sort_unstable();
        headings.dedup();
        assert_eq!((labels.len(), headings.len()), (all_labels, all_headings));
    }

    #[test]
    fn every_row_has_a_number() {
        let arm = measure::Tally::default().to_record();
        all().for_each(|metric| drop(metric.cell(&arm)));
        let known = |name| numbers::all().any(|(known, _)| *known == name);
        assert!(all().all(|metric| known(metric.number)));
    }
}
