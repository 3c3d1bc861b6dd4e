//! Ways of a block from the file to the account: on one thread, or across several.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::parse::parse;
use super::{Block, InputError, Job, Reading};
use crate::line::LineReader;

/// Octets of a block: few enough to stay in the cache of a processor.
const BLOCK: usize = 1 << 17;
/// Blocks that are on their way at once, for each thread.
const ON_THE_WAY: usize = 6;

/// Way of blocks; they arrive in the order in which they were sent.
pub(super) trait Way {
    /// An empty block with room.
    fn blank(&mut self) -> Block;
    /// Sends a block; false if nobody wants any more.
    fn send(&mut self, block: Block) -> bool;
}

fn emptied(mut block: Block) -> Block {
    if block.data.len() < BLOCK {
        block.data.resize(BLOCK, 0);
    }
    block.events.clear();
    (block.length, block.is_pause, block.note) = (0, false, None);
    block
}

/// Everything on the thread that reads.
pub(super) struct Direct<'a> {
    reading: &'a mut Reading,
    reader: LineReader,
    pause: &'a mut dyn FnMut(&Reading),
    spare: Option<Block>,
}

impl<'a> Direct<'a> {
    pub(super) fn new(
        reading: &'a mut Reading,
        shows_query: bool,
        pause: &'a mut dyn FnMut(&Reading),
    ) -> Self {
        let reader = LineReader { shows_query, ..LineReader::default() };
        Self { reading, reader, pause, spare: None }
    }
}

impl Way for Direct<'_> {
    fn blank(&mut self) -> Block {
        emptied(self.spare.take().unwrap_or_default())
    }

    fn send(&mut self, mut block: Block) -> bool {
        parse(&mut self.reader, &mut block);
        self.reading.take(&block);
        if block.is_pause {
            (self.pause)(self.reading);
        }
        self.spare = Some(block);
        true
    }
}

/// To several threads in turn.
struct Spread {
    blank: Receiver<Block>,
    full: Vec<SyncSender<Block>>,
    turn: usize,
}

impl Way for Spread {
    fn blank(&mut self) -> Block {
        emptied(self.blank.try_recv().unwrap_or_default())
    }

    fn send(&mut self, block: Block) -> bool {
        let channel = &self.full[self.turn % self.full.len()];
        self.turn += 1;
        channel.send(block).is_ok()
    }
}

/// Lets `send` read on a thread of its own, takes lines apart on several, and accounts for them on this one.
pub(super) fn across_threads(
    send: impl FnOnce(&mut dyn Way) -> Result<(), InputError> + Send,
    job: &Job,
    threads: usize,
    stop: &AtomicBool,
    reading: &mut Reading,
    pause: &mut dyn FnMut(&Reading),
) -> Result<(), InputError> {
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
        let mut way = Spread { blank, full, turn: 0 };
        let source = scope.spawn(move || send(&mut way));
        collect(reading, &parsed, &give_back, stop, pause);
        // Senders that wait for room end when the receivers are gone.
        drop(parsed);
        source.join().expect("reading does not panic")
    })
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

fn collect(
    reading: &mut Reading,
    parsed: &[Receiver<Block>],
    give_back: &SyncSender<Block>,
    stop: &AtomicBool,
    pause: &mut dyn FnMut(&Reading),
) {
    for turn in 0.. {
        let Ok(block) = parsed[turn % parsed.len()].recv() else { return };
        reading.take(&block);
        if block.is_pause {
            pause(reading);
        }
        if stop.load(Ordering::Relaxed) {
            return;
        }
        // Without room it is not needed.
        let _ = give_back.try_send(block);
    }
}
