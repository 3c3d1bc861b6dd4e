//! The logs as blocks of whole lines, in the order in which they are accounted for.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::open::open;
use super::way::Way;
use super::{Block, InputError, Job};
use crate::field::Fields;
use crate::formats::{Layout, recognise};
use crate::line::LineReader;

/// Octets that are looked at to recognise a format.
const FIRST: usize = 1 << 17;
/// Longest line that is kept: whatever is longer is no line of a log.
const LONGEST: usize = 1 << 24;
/// Time between two looks at a log that is followed.
const LOOK: Duration = Duration::from_millis(200);

/// Reads all logs, and sends their blocks.
pub(super) fn send(job: &Job, stop: &AtomicBool, way: &mut dyn Way) -> Result<(), InputError> {
    let files = in_order(job)?;
    let mut sender = Sender { way, stop };
    for (index, path) in files.iter().enumerate() {
        let is_last = index + 1 == files.len();
        let result = one(job, path, job.follow && is_last, &mut sender);
        match result {
            Ok(()) => {}
            Err(Stopped::Error(error)) => return Err(error),
            Err(Stopped::Gone) => return Ok(()),
        }
    }
    Ok(())
}

enum Stopped {
    Error(InputError),
    /// Nobody wants any more.
    Gone,
}

struct Sender<'a> {
    way: &'a mut dyn Way,
    stop: &'a AtomicBool,
}

impl Sender<'_> {
    fn send(&mut self, block: Block) -> Result<(), Stopped> {
        let is_wanted = !self.stop.load(Ordering::Relaxed) && self.way.send(block);
        if is_wanted && !self.stop.load(Ordering::Relaxed) { Ok(()) } else { Err(Stopped::Gone) }
    }
}

/// The files in the order of their first moments, if they have any: rotated logs are often named the
/// newest first.
fn in_order(job: &Job) -> Result<Vec<PathBuf>, InputError> {
    let is_piped = job.files.iter().any(|path| path.as_os_str() == "-");
    if job.files.len() < 2 || is_piped {
        return Ok(job.files.clone());
    }
    let mut files = Vec::new();
    for path in &job.files {
        let unreadable = |error| InputError::Unreadable(path.clone(), error);
        let mut first = vec![0; FIRST];
        let length = fill(&mut *open(path).map_err(unreadable)?, &mut first).map_err(unreadable)?;
        let layout = recognise(&job.wish, &first[..length]).ok();
        files.push((
            layout.and_then(|layout| first_moment(&layout, &first[..length])),
            path.clone(),
        ));
    }
    files.sort_by_key(|(moment, _)| *moment);
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

fn first_moment(layout: &Layout, text: &[u8]) -> Option<i64> {
    let mut reader = LineReader::default();
    text.split(|byte| *byte == b'\n').find_map(|line| {
        let mut fields = Fields::none();
        layout.split(line, &mut fields).then(|| reader.event(line, &fields)?.time).flatten()
    })
}

/// Fills a buffer as far as there is something; returns the number of octets.
fn fill(source: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match source.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Sends the blocks of one log.
fn one(job: &Job, path: &Path, follow: bool, sender: &mut Sender<'_>) -> Result<(), Stopped> {
    let unreadable = |error| Stopped::Error(InputError::Unreadable(path.to_owned(), error));
    let mut source = open(path).map_err(unreadable)?;
    let mut log = Log { job, path, layout: None };
    let mut block = sender.way.blank();
    let mut watched = follow.then(|| Watched::of(path)).flatten();
    let mut successor = None;
    loop {
        let mut end = None;
        while block.length < block.data.len() {
            match source.read(&mut block.data[block.length..]) {
                Ok(0) => {
                    end = Some(None);
                    break;
                }
                Ok(read) => block.length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    end = Some(Some(error));
                    break;
                }
            }
            if follow && sender.stop.load(Ordering::Relaxed) {
                return Err(Stopped::Gone);
            }
        }
        if let Some(Some(error)) = &end {
            let name = path.display();
            block.note = Some(format!("`{name}` was read up to an error: {error}"));
        }
        let is_end = end.is_some();
        let goes_on = is_end && watched.is_some() && !matches!(end, Some(Some(_)));
        let (next, is_cut) = log.cut(&mut block, is_end && !goes_on, sender)?;
        if !is_end || is_cut {
            sender.send(std::mem::replace(&mut block, next))?;
            continue;
        }
        block.is_pause = goes_on;
        sender.send(std::mem::replace(&mut block, next))?;
        let Some(watched) = watched.as_mut().filter(|_| goes_on) else { return Ok(()) };
        if let Some(other) = successor.take() {
            source = other;
            continue;
        }
        loop {
            if sender.stop.load(Ordering::Relaxed) {
                return Err(Stopped::Gone);
            }
            // What was written to the old one before it was replaced is read first.
            successor = watched.replaced();
            if successor.is_some() {
                break;
            }
            if watched.has_grown() {
                break;
            }
            std::thread::park_timeout(LOOK);
        }
    }
}

/// A log on its way.
struct Log<'a> {
    job: &'a Job,
    path: &'a Path,
    layout: Option<Arc<Layout>>,
}

impl Log<'_> {
    /// Cuts a block behind its last whole line, or before a line from which on columns are others; the
    /// rest is the beginning of the next one. True if lines that are whole are among it.
    fn cut(
        &mut self,
        block: &mut Block,
        is_end: bool,
        sender: &mut Sender<'_>,
    ) -> Result<(Block, bool), Stopped> {
        let mut next = sender.way.blank();
        let data = &block.data[..block.length];
        let all =
            if is_end { data.len() } else { memchr::memrchr(b'\n', data).map_or(0, |at| at + 1) };
        let whole = self.of_one_layout(&data[..all])?;
        let rest = &data[whole..];
        // Of a line that is longer only the end is left, which has no form.
        if rest.len() < LONGEST {
            if next.data.len() < rest.len() * 2 {
                next.data.resize(rest.len() * 2, 0);
            }
            next.data[..rest.len()].copy_from_slice(rest);
            next.length = rest.len();
        }
        block.length = whole;
        block.layout.clone_from(&self.layout);
        Ok((next, whole < all))
    }

    /// Length of the lines that have one layout, which is recognised.
    fn of_one_layout(&mut self, lines: &[u8]) -> Result<usize, Stopped> {
        let first = &lines[..lines.len().min(FIRST)];
        let layout = match self.layout.take() {
            Some(layout) if layout.until_other_columns(lines) == Some(0) => {
                // What cannot be read stays with the layout before it, and is counted.
                recognise(&self.job.wish, first).map_or(layout, Arc::new)
            }
            Some(layout) => layout,
            None if lines.is_empty() => return Ok(0),
            None => Arc::new(recognise(&self.job.wish, first).map_err(|error| {
                Stopped::Error(InputError::Format(self.path.to_owned(), error))
            })?),
        };
        let other = layout.until_other_columns(lines).filter(|at| *at > 0);
        self.layout = Some(layout);
        Ok(other.unwrap_or(lines.len()))
    }
}

/// A file that is followed.
struct Watched {
    path: PathBuf,
    state: (u64, u64),
}

impl Watched {
    fn of(path: &Path) -> Option<Self> {
        Some(Self { path: path.to_owned(), state: state(path)? })
    }

    /// Another file in the place of the one that was read, or the same from its beginning.
    fn replaced(&mut self) -> Option<Box<dyn Read + Send>> {
        let now = state(&self.path)?;
        let is_other = now.0 != self.state.0 || now.1 < self.state.1;
        let source = is_other.then(|| open(&self.path).ok()).flatten()?;
        self.state = now;
        Some(source)
    }

    fn has_grown(&mut self) -> bool {
        let Some(now) = state(&self.path) else { return false };
        let has_grown = now.0 == self.state.0 && now.1 > self.state.1;
        if has_grown {
            self.state = now;
        }
        has_grown
    }
}

/// Number and size of a file.
fn state(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.ino(), metadata.len()))
}
