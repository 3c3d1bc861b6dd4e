//! Logs from files and standard input: read in blocks of whole lines, taken apart on several threads,
//! and handed on in their order.
//!
//! The only part of this crate that reads files and starts threads. A block and its events go round and
//! are used again, so that nothing is allocated while lines are read.

mod open;
mod source;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::account::Account;
use crate::field::Fields;
use crate::formats::{FormatError, Layout, Wish, trimmed};
use crate::line::{Event, LineReader};
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

/// Blocks that are on their way at once, for each thread.
const ON_THE_WAY: usize = 3;

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
    let threads = std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 4);
    let mut reading = Reading::default();
    std::thread::scope(|scope| {
        let (give_back, blank) = sync_channel(threads * (2 * ON_THE_WAY + 2));
        let (full, parsed): (Vec<_>, Vec<_>) = (0..threads)
            .map(|_| {
                let (full, taken) = sync_channel::<Block>(ON_THE_WAY);
                let (done, parsed) = sync_channel::<Block>(ON_THE_WAY);
                scope.spawn(move || parse_all(&taken, &done, job.shows_query));
                (full, parsed)
            })
            .unzip();
        let source = scope.spawn(move || source::send(job, stop, &blank, &full));
        collect(&mut reading, &parsed, &give_back, stop, pause);
        // Senders that wait for room end when the receivers are gone.
        drop(parsed);
        source.join().expect("reading does not panic")
    })?;
    Ok(reading)
}

fn collect(
    reading: &mut Reading,
    parsed: &[Receiver<Block>],
    give_back: &SyncSender<Block>,
    stop: &AtomicBool,
    pause: &mut dyn FnMut(&Reading),
) {
    for turn in 0.. {
        let Ok(mut block) = parsed[turn % parsed.len()].recv() else { return };
        reading.take(&block);
        if block.is_pause {
            pause(reading);
        }
        if stop.load(Ordering::Relaxed) {
            return;
        }
        block.events.clear();
        // Without room it is not needed.
        let _ = give_back.try_send(block);
    }
}

impl Reading {
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

fn parse_all(taken: &Receiver<Block>, done: &SyncSender<Block>, shows_query: bool) {
    let mut reader = LineReader { shows_query, ..LineReader::default() };
    while let Ok(mut block) = taken.recv() {
        parse(&mut reader, &mut block);
        if done.send(block).is_err() {
            return;
        }
    }
}

fn parse(reader: &mut LineReader, block: &mut Block) {
    block.lines = Lines::default();
    let Some(layout) = &block.layout else { return };
    reader.key = layout.key;
    let data = &block.data[..block.length];
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\n', data).chain([data.len()]);
    for end in ends {
        let line = trimmed(&data[start..end]);
        start = (end + 1).min(data.len());
        // Lines of a W3C log that are no data begin with a number sign.
        if line.is_empty() || line[0] == b'#' {
            continue;
        }
        block.lines.read += 1;
        let mut fields = Fields::none();
        let event = layout.split(line, &mut fields).then(|| reader.event(data, &fields)).flatten();
        if let Some(event) = event {
            block.events.push(event);
        } else {
            block.lines.unparsed += 1;
            let number = block.lines.read;
            block.lines.first_unparsed.get_or_insert_with(|| (number, shape(line)));
        }
    }
}

/// A line with its letters and digits covered, because anything may stand in it.
fn shape(line: &[u8]) -> String {
    const MOST: usize = 120;
    let cover = |c: char| match c {
        c if c.is_ascii_digit() => '0',
        c if c.is_alphanumeric() => 'a',
        c => c,
    };
    let text = String::from_utf8_lossy(&line[..line.len().min(MOST)]);
    let covered: String = text.chars().map(cover).collect();
    if line.len() > MOST { covered + "…" } else { covered }
}
