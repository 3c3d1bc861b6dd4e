//! The table, drawn once: a row per metric, a cell per arm, and of two arms the change.
//!
//! Cells are finished words, but as they came: formats neutralise, align and wrap them.

mod grid;
mod traits;

use measure::record::ArmRecord;

use crate::cell::Cell;
use crate::metrics::{self, Metric};

pub(crate) use grid::{Grid, Heading, Line};
pub(crate) use traits::{
    STRATEGY, after_errors, cadence, codings, differing, freshness, lifetime, pace, protocol,
    validation,
};

use grid::ARMS_SIDE_BY_SIDE;

pub(crate) struct Table {
    pub(crate) names: Vec<String>,
    /// The settings that differ between the arms, under their names.
    pub(crate) traits: Vec<Trait>,
    pub(crate) rows: Vec<Row>,
    /// Of many arms, what is the same in each, and in no row: `round trips 1,000`.
    pub(crate) alike: Vec<String>,
}

/// Something that was set, and not the same in every arm.
pub(crate) struct Trait {
    pub(crate) label: &'static str,
    /// One for each arm, readable alone: `3 replicas`.
    pub(crate) words: Vec<String>,
    /// One for each arm, beside or under the label: `3`.
    pub(crate) values: Vec<String>,
}

pub(crate) struct Row {
    pub(crate) metric: &'static Metric,
    pub(crate) cells: Vec<Cell>,
    pub(crate) change: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changes {
    /// The ones that a run is made to show.
    Headline,
    /// All: two runs side by side.
    Every,
}

impl Table {
    pub(crate) fn of(columns: &[(&str, &ArmRecord)], changes: Changes) -> Self {
        let arms: Vec<&ArmRecord> = columns.iter().map(|(_, arm)| *arm).collect();
        let shown = metrics::all().filter(|metric| arms.iter().any(|arm| metric.is_shown(arm)));
        let rows = shown.map(|metric| row(metric, &arms, changes));
        let is_tall = arms.len() > ARMS_SIDE_BY_SIDE;
        let (alike, rows): (Vec<_>, Vec<_>) = rows.partition(|row| is_tall && row.is_foldable());
        Self {
            names: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
            traits: differing(&arms),
            rows,
            alike: alike.iter().map(Row::in_words).collect(),
        }
    }

    pub(crate) fn has_changes(&self) -> bool {
        self.rows.iter().any(|row| row.change.is_some())
    }
}

impl Row {
    fn is_foldable(&self) -> bool {
        self.metric.folds && self.cells.windows(2).all(|pair| pair[0].text == pair[1].text)
    }

    fn in_words(&self) -> String {
        let value = self.cells.first().map_or("", |cell| cell.text.as_str());
        format!("{} {value}", self.metric.spoken())
    }
}

fn row(metric: &'static Metric, arms: &[&ArmRecord], changes: Changes) -> Row {
    // Within one run most changes are what the reader is to judge; only the rows that the run is
    // about state theirs.
    let wanted = changes == Changes::Every || metric.headline;
    let change = match arms {
        // Of more arms, the first and the last are not always what was changed into what.
        [first, last] if wanted => metric.change_between(first, last),
        _ => None,
    };
    Row { metric, cells: arms.iter().map(|arm| metric.cell(arm)).collect(), change }
}
