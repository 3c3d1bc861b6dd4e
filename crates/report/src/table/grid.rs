//! The table laid out: metrics going down, or arms going down when they are many.
//!
//! Knows directions and order, not widths: a format decides which layout fits it.

use std::ops::Range;

use super::{Row, Table, Trait};
use crate::cell::{Cell, Tone};
use crate::change::WITHIN_NOISE;

// Five columns of numbers and their labels do not fit into 80 columns of a terminal.
pub(super) const ARMS_SIDE_BY_SIDE: usize = 4;

/// Headings and lines, every line with a cell for each heading.
pub(crate) struct Grid<'a> {
    /// One for each column; the first is empty where metrics go down.
    pub(crate) headings: Vec<Heading>,
    /// The settings that differ between the arms, where these are side by side.
    pub(crate) subheadings: &'a [Trait],
    pub(crate) lines: Vec<Line>,
}

pub(crate) struct Heading {
    /// Two lines, of which the first may be empty.
    pub(crate) words: [String; 2],
    pub(crate) is_arm: bool,
    pub(crate) is_number: bool,
}

pub(crate) struct Line {
    /// Name of its parent.
    pub(crate) detail_of: Option<&'static str>,
    pub(crate) cells: Vec<Cell>,
}

impl Table {
    pub(crate) fn is_tall(&self) -> bool {
        self.names.len() > ARMS_SIDE_BY_SIDE
    }

    /// The layout for a medium without a width of its own.
    pub(crate) fn grid(&self) -> Grid<'_> {
        if self.is_tall() {
            self.arms_down(0..self.columns(), true)
        } else {
            self.metrics_down("change")
        }
    }

    /// Metrics going down, arms side by side, the change last.
    pub(crate) fn metrics_down(&self, change_heading: &str) -> Grid<'_> {
        let has_changes = self.has_changes();
        let mut headings = vec![Heading::new(["", ""], false)];
        headings.extend(self.names.iter().map(|name| Heading::arm(name)));
        if has_changes {
            headings.push(Heading::new(["", change_heading], true));
        }
        Grid {
            headings,
            subheadings: &self.traits,
            lines: self.rows.iter().map(|row| Line::of_metric(row, has_changes)).collect(),
        }
    }

    /// Number of metrics that can be side by side.
    pub(crate) fn columns(&self) -> usize {
        self.rows.iter().filter(|row| row.metric.column().is_some()).count()
    }

    /// The one of the [`Table::columns`] that should begin a new block.
    pub(crate) fn block_start(&self) -> Option<usize> {
        let mut columns = self.rows.iter().filter(|row| row.metric.column().is_some());
        columns.position(|row| row.metric.begins_block)
    }

    /// Arms going down, these of the [`Table::columns`] side by side. The settings that differ
    /// come before the first of them. Without notes it is narrower.
    pub(crate) fn arms_down(&self, columns: Range<usize>, notes: bool) -> Grid<'_> {
        let traits = if columns.start == 0 { &self.traits[..] } else { &[] };
        let metrics: Vec<([&str; 2], &Row)> = self
            .rows
            .iter()
            .filter_map(|row| Some((row.metric.column()?, row)))
            .skip(columns.start)
            .take(columns.len())
            .collect();
        let mut headings = vec![Heading::new(["", "arm"], false)];
        headings.extend(traits.iter().map(Heading::of_trait));
        headings.extend(metrics.iter().map(|(words, _)| Heading::new(*words, true)));
        let line = |arm: usize| {
            let name = Cell::new(self.names[arm].clone());
            let traits = traits.iter().map(|each| Cell::new(each.values[arm].clone()));
            let metrics = metrics.iter().map(|(_, row)| {
                let cell = row.cells[arm].clone();
                if notes { cell } else { cell.note(None) }
            });
            Line {
                detail_of: None,
                cells: [name].into_iter().chain(traits).chain(metrics).collect(),
            }
        };
        let lines = (0..self.names.len()).map(line).collect();
        Grid { headings, subheadings: &[], lines }
    }
}

impl Heading {
    fn new(words: [&str; 2], is_number: bool) -> Self {
        Self { words: words.map(str::to_owned), is_arm: false, is_number }
    }

    fn arm(name: &str) -> Self {
        Self { is_arm: true, ..Self::new(["", name], true) }
    }

    fn of_trait(each: &Trait) -> Self {
        let is_number = each.values.iter().all(|value| value.parse::<u64>().is_ok());
        Self::new(["", each.label], is_number)
    }
}

impl Line {
    fn of_metric(row: &Row, has_changes: bool) -> Self {
        let detail_of = row.metric.detail_of;
        let tone = if detail_of.is_some() { Tone::Faint } else { Tone::Plain };
        let mut cells = vec![Cell::new(row.metric.label.to_owned()).tone(tone)];
        cells.extend(row.cells.iter().cloned());
        if has_changes {
            let change = row.change.clone().unwrap_or_default();
            let tone = if change == WITHIN_NOISE { Tone::Faint } else { Tone::Plain };
            cells.push(Cell::new(change).tone(tone));
        }
        Self { detail_of, cells }
    }
}
