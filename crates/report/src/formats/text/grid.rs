//! A grid in terminal columns: which layout fits, how wide the gaps are, which cells are coloured.
//!
//! Widths and alignment are comfy-table's. Colour is laid over the finished lines, so that no
//! escape code is ever measured.

use std::ops::Range;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Width, presets};

use super::page::{FAINT, Ink, STRONG};
use crate::cell::{Cell, Tone};
use crate::table::{Grid, Heading, Line, Table, Trait};
use text::{shorten, visible, width};

// Of an arm, a strategy or a policy: names are whole in every other format.
const NAME_COLUMNS: usize = 24;

/// Names up to this length always stay in one line.
const SHORT_NAME_COLUMNS: usize = 14;

const GAPS: [usize; 3] = [4, 3, 2];

/// Lines of the table, in blocks below one another where it is wider than the terminal.
pub(super) fn draw(table: &Table, columns: usize, ink: Ink) -> Vec<String> {
    // With two arms it is plain what changed into what.
    let mut side_by_side = Sheet::of(&table.metrics_down(""), columns);
    if !table.is_tall() && side_by_side.fits() {
        return side_by_side.lines(ink);
    }
    // Two arms must be side by side to be compared, so their cells wrap instead.
    if table.names.len() <= 2 {
        side_by_side.break_names(broken);
        if !side_by_side.fits() {
            side_by_side.break_names(broken_at_each);
        }
        return side_by_side.lines(ink);
    }
    let blocks = blocks(table, columns).into_iter();
    let drawn = blocks.map(|block| Sheet::of(&table.arms_down(block, false), columns).lines(ink));
    drawn.collect::<Vec<_>>().join(&String::new())
}

/// Groups the columns that are shown side by side: all, or those that belong together, or as many as fit.
fn blocks(table: &Table, columns: usize) -> Vec<Range<usize>> {
    let fits =
        |block: &Range<usize>| Sheet::of(&table.arms_down(block.clone(), false), columns).fits();
    let all = table.columns();
    let middle = table.block_start().unwrap_or(all);
    let mut blocks = Vec::new();
    let mut first = 0;
    while first < all {
        // Once the first block had to be cut short, what is left is not split at its seam again.
        let preferred = [all, middle].into_iter().filter(|end| *end == all || first == 0);
        // A block holds at least one column, so the loop ends even on the narrowest terminal.
        let fewer = (first + 1..all).rev();
        let candidates = preferred.chain(fewer).map(|end| first..end);
        let block = candidates.into_iter().find(fits).unwrap_or(first..first + 1);
        first = block.end;
        blocks.push(block);
    }
    blocks
}

/// A grid whose cells are final: neutralised, shortened, in one string each.
struct Sheet {
    headings: Vec<String>,
    heading_lines: usize,
    right: Vec<bool>,
    subheadings: Vec<Vec<String>>,
    lines: Vec<Vec<(String, Tone)>>,
    columns: usize,
}

impl Sheet {
    fn of(grid: &Grid<'_>, columns: usize) -> Self {
        let arms_down = grid.headings.iter().all(|heading| !heading.is_arm);
        // A heading of two lines makes all of them two lines, so that they stay aligned.
        let tall = grid.headings.iter().any(|heading| !heading.words[0].is_empty());
        let note_column = note_column(grid);
        let line = |line: &Line| {
            let cells = line.cells.iter().enumerate();
            let words = |(index, cell): (usize, &Cell)| {
                let indent = if line.detail_of.is_some() && index == 0 { "  " } else { "" };
                let text = visible(&with_note(cell, note_column));
                let text = if arms_down { shorten(&text, NAME_COLUMNS) } else { text };
                (format!("{indent}{text}"), cell.tone)
            };
            cells.map(words).collect()
        };
        let subheading = |subheading: &Trait| {
            // The label would only repeat what the words say.
            let words = subheading.words.iter().map(|word| name(word));
            let mut cells: Vec<_> = [String::new()].into_iter().chain(words).collect();
            cells.resize(grid.headings.len(), String::new());
            cells
        };
        Self {
            headings: grid.headings.iter().map(|each| heading(each, tall)).collect(),
            heading_lines: if tall { 2 } else { 1 },
            right: grid.headings.iter().map(|each| arms_down && each.is_number).collect(),
            subheadings: grid.subheadings.iter().map(subheading).collect(),
            lines: grid.lines.iter().map(line).collect(),
            columns,
        }
    }

    fn break_names(&mut self, broken: fn(&str) -> String) {
        let names = self.headings.iter_mut().chain(self.subheadings.iter_mut().flatten());
        names.for_each(|name| *name = broken(&name.replace('\n', "")));
        let heights = self.headings.iter().map(|name| name.split('\n').count());
        self.heading_lines = heights.max().unwrap_or(1);
    }

    /// Width of the longest word of a column, which no line break parts.
    fn longest_word(&self, column: usize) -> usize {
        let names =
            self.subheadings.iter().map(|line| &line[column]).chain([&self.headings[column]]);
        let cells = self.lines.iter().map(|line| &line[column].0);
        names.chain(cells).flat_map(|text| text.split_whitespace()).map(width).max().unwrap_or(0)
    }

    fn fits(&self) -> bool {
        self.natural_width(GAPS[2]) <= self.columns
    }

    fn natural_width(&self, gap: usize) -> usize {
        let widest = |column: usize| {
            let heading = self.headings[column].split('\n').map(width).max().unwrap_or(0);
            let above =
                self.subheadings.iter().flat_map(|line| line[column].split('\n').map(width));
            let body = self.lines.iter().map(|line| width(&line[column].0));
            above.chain(body).fold(heading, usize::max)
        };
        let columns = self.headings.len();
        (0..columns).map(widest).sum::<usize>() + gap * columns.saturating_sub(1)
    }

    fn lines(&self, ink: Ink) -> Vec<String> {
        let gap = GAPS.into_iter().find(|gap| self.natural_width(*gap) <= self.columns);
        self.painted(self.drawn(gap.unwrap_or(GAPS[2])), ink)
    }

    fn drawn(&self, gap: usize) -> Vec<String> {
        let mut table = comfy_table::Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(self.columns).unwrap_or(u16::MAX))
            .set_header(&self.headings)
            .add_rows(&self.subheadings)
            .add_rows(self.lines.iter().map(|line| line.iter().map(|(text, _)| text)));
        let last = self.headings.len().saturating_sub(1);
        let gap = u16::try_from(gap).unwrap_or(u16::MAX);
        let words: Vec<_> = (0..=last).map(|column| self.longest_word(column)).collect();
        // Where cells have to wrap, words are kept whole; but wider than the terminal is worse than a
        // word in two parts.
        let narrowest = words.iter().sum::<usize>() + usize::from(gap) * last;
        let keeps_words = !self.fits() && narrowest <= self.columns;
        for (index, column) in table.column_iter_mut().enumerate() {
            let gap = if index == last { 0 } else { gap };
            column.set_padding((0, gap));
            if keeps_words {
                let word = u16::try_from(words[index]).unwrap_or(u16::MAX);
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(word + gap)));
            }
            if self.right[index] {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.lines().map(|line| line.trim_end().to_owned()).collect()
    }

    /// Headings strong, what is under them faint, cells by their tone. When anything had to be
    /// wrapped, lines are no longer rows, and only the headings are painted.
    fn painted(&self, drawn: Vec<String>, ink: Ink) -> Vec<String> {
        let height = |line: &Vec<String>| line.iter().map(|cell| cell.split('\n').count()).max();
        let body = self.heading_lines + self.subheadings.iter().filter_map(height).sum::<usize>();
        // The drawing library returns finished lines: only if each row took one line is it known
        // which cell is where.
        let whole = drawn.len() == body + self.lines.len();
        let paint = |(index, line): (usize, String)| {
            if index < self.heading_lines {
                ink.paint(STRONG, &line)
            } else if !whole {
                line
            } else if index < body {
                ink.paint(FAINT, &line)
            } else {
                painted_cells(&line, &self.lines[index - body], ink)
            }
        };
        drawn.into_iter().enumerate().map(paint).collect()
    }
}

// The lines of a heading are aligned at the bottom.
fn heading(heading: &Heading, tall: bool) -> String {
    let [above, below] = &heading.words;
    let below = if heading.is_arm { name(&below.to_uppercase()) } else { below.clone() };
    if tall { format!("{above}\n{below}") } else { below }
}

/// Parted after the hyphen that leaves the shortest longer half; as it is without one.
fn broken(name: &str) -> String {
    let longer = |at: &usize| width(&name[..=*at]).max(width(&name[at + 1..]));
    let hyphens = name.match_indices('-').map(|(at, _)| at);
    match hyphens.min_by_key(longer) {
        Some(at) if width(name) > SHORT_NAME_COLUMNS => {
            format!("{}\n{}", &name[..=at], &name[at + 1..])
        }
        _ => name.to_owned(),
    }
}

/// Parted after hyphens wherever a line would be longer than most words are.
fn broken_at_each(name: &str) -> String {
    const WORD_COLUMNS: usize = 10;
    let mut lines: Vec<String> = Vec::new();
    for part in name.split_inclusive('-') {
        match lines.last_mut() {
            Some(line) if width(line) + width(part) <= WORD_COLUMNS => line.push_str(part),
            _ => lines.push(part.to_owned()),
        }
    }
    lines.join("\n")
}

fn name(text: &str) -> String {
    shorten(&visible(text), NAME_COLUMNS)
}

fn painted_cells(line: &str, cells: &[(String, Tone)], ink: Ink) -> String {
    let mut painted = String::with_capacity(line.len());
    let mut rest = line;
    for (text, tone) in cells {
        let text = text.trim();
        // The same words may also occur within another cell; only white space may come before the
        // right one.
        let Some((gap, after)) = rest.split_once(text).filter(|(gap, _)| gap.trim().is_empty())
        else {
            continue;
        };
        painted.push_str(gap);
        painted.push_str(&ink.toned(*tone, text));
        rest = after;
    }
    painted + rest
}

// Aligns notes below one another, for values of any width.
fn note_column(grid: &Grid<'_>) -> usize {
    let noted = grid.lines.iter().flat_map(|line| &line.cells).filter(|cell| cell.note.is_some());
    noted.map(|cell| width(&cell.text)).max().unwrap_or(0)
}

fn with_note(cell: &Cell, text_width: usize) -> String {
    match &cell.note {
        None => cell.text.clone(),
        Some(note) => {
            let pad = " ".repeat(text_width.saturating_sub(width(&cell.text)));
            format!("{}{pad}  {note}", cell.text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_part_after_a_hyphen_near_their_middle() {
        assert_eq!(broken("unordered-content-hash"), "unordered-\ncontent-hash");
        assert_eq!(broken("per-process-counter"), "per-process-\ncounter");
        assert_eq!(broken("content-hash"), "content-hash");
        assert_eq!(broken("a_name_without_hyphens"), "a_name_without_hyphens");
        assert_eq!(broken_at_each("per-process-counter"), "per-\nprocess-\ncounter");
    }
}
