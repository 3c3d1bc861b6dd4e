//! Logs from files and standard input: read in blocks of whole lines, taken apart, and accounted for in
//! their order.
//!
//! The only part of this crate that reads files and starts threads. A block and its events go round and
//! are used again, so that nothing is allocated while lines are read. With one processor everything
//! happens on one thread, while a block is still in its cache; the result is the same either way,
//! because blocks are accounted for in their order.

mod open;
mod parse;
mod source;
mod way;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::account::Account;
use crate::formats::{FormatError, Layout, Wish};
use crate::line::Event;
use crate::summary::Lines;

/// Logs, and the way in which they are read.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// Files; `-` is standard input.
    pub files: Vec<PathBuf>,
    /// Wish for a format.
    pub wish: Wish,
    /// Takes queries for a part of the paths.
    pub shows_query: bool,
    /// Goes on at the end of the last file, also when another takes its place.
    pub follow: bool,
    /// Threads that take lines apart; 0 for as many as there are processors, up to four.
    pub threads: usize,
}

/// Reason why a log was not read.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The file cannot be read.
    #[error("cannot read `{path}`: {error}", path = .0.display(), error = .1)]
    Unreadable(PathBuf, io::Error),
    /// Its format is not known.
    #[error("cannot read `{path}`: {error}", path = .0.display(), error = .1)]
    Format(PathBuf, FormatError),
}

/// What was read.
#[derive(Debug, Default)]
pub struct Reading {
    /// The account.
    pub account: Account,
    /// Format of each log that has lines.
    pub layouts: Vec<Layout>,
    /// Lines.
    pub lines: Lines,
    /// Problems that ended a log early.
    pub notes: Vec<String>,
}

/// A block of whole lines on its way through.
#[derive(Debug, Default)]
struct Block {
    data: Vec<u8>,
    /// Octets that count.
    length: usize,
    layout: Option<Arc<Layout>>,
    events: Vec<Event>,
    lines: Lines,
    /// The log is at its end for now.
    is_pause: bool,
    note: Option<String>,
}

/// Reads logs until their end, or until `stop` becomes true. `pause` is called with what was read so far
/// whenever a log that is followed is at its end.
pub fn read(
    job: &Job,
    stop: &AtomicBool,
    pause: &mut dyn FnMut(&Reading),
) -> Result<Reading, InputError> {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 4);
    let threads = if job.threads == 0 { processors() } else { job.threads };
    let mut reading = Reading::default();
    if threads == 1 {
        let mut way = way::Direct::new(&mut reading, job.shows_query, pause);
        source::send(job, stop, &mut way)?;
    } else {
        let send = |way: &mut dyn way::Way| source::send(job, stop, way);
        way::across_threads(send, job, threads, stop, &mut reading, pause)?;
    }
    Ok(reading)
}

impl Reading {
    /// Takes a block that was taken apart into account.
    fn take(&mut self, block: &Block) {
        if let Some(layout) = &block.layout {
            let is_new = self.layouts.last().is_none_or(|last| last.name != layout.name);
            if is_new {
                self.layouts.push(Layout::clone(layout));
            }
            self.account.columns = self.account.columns.and(layout.columns());
        }
        self.account.add_all(&block.events, &block.data[..block.length]);
        if let (None, Some((number, shape))) =
            (&self.lines.first_unparsed, &block.lines.first_unparsed)
        {
            self.lines.first_unparsed = Some((self.lines.read + number, shape.clone()));
        }
        self.lines.read += block.lines.read;
        self.lines.unparsed += block.lines.unparsed;
        self.notes.extend(block.note.clone());
    }
}
