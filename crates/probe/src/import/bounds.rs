//! Limits of a capture: it may come from a pipe that never ends.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, Read};
use std::rc::Rc;

use findings::evidence::{Digests, Evidence, Fingerprint};

use super::{Captured, ImportError};

/// Most bytes that are read.
const MOST_BYTES: u64 = 1 << 30;
/// Most bytes from one exchange to the next.
pub(super) const MOST_BYTES_OF_ONE: u64 = 64 << 20;
/// Most exchanges that are kept.
const MOST_EXCHANGES: usize = 100_000;
/// Most bytes of all samples.
const MOST_SAMPLE_BYTES: usize = 64 << 20;

/// A capture as far as it may be read.
pub(super) struct Bounded<R> {
    inner: R,
    read: u64,
    since: Rc<Cell<u64>>,
    passed: Rc<Cell<Option<&'static str>>>,
}

/// Limits of what is being read, beside whoever reads it.
pub(super) struct Bounds {
    since: Rc<Cell<u64>>,
    passed: Rc<Cell<Option<&'static str>>>,
}

/// The capture with its limits.
pub(super) fn bounded<R: Read>(inner: R) -> (Bounded<R>, Bounds) {
    let bounds = Bounds { since: Rc::default(), passed: Rc::default() };
    let (since, passed) = (Rc::clone(&bounds.since), Rc::clone(&bounds.passed));
    (Bounded { inner, read: 0, since, passed }, bounds)
}

impl Bounds {
    /// From here on the next exchange is read.
    pub(super) fn next(&self) {
        self.since.set(0);
    }

    /// The reason for an error of reading.
    pub(super) fn reason(&self, error: &dyn std::fmt::Display) -> ImportError {
        match self.passed.get() {
            Some(limit) => ImportError::TooLarge(limit),
            None => ImportError::Unreadable(error.to_string()),
        }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.read += count as u64;
        self.since.set(self.since.get() + count as u64);
        let passed = if self.read > MOST_BYTES {
            Some("1 GiB")
        } else {
            (self.since.get() > MOST_BYTES_OF_ONE).then_some("64 MiB in one exchange")
        };
        self.passed.set(passed);
        passed.map_or(Ok(count), |limit| Err(io::Error::other(limit)))
    }
}

/// Exchanges that are kept, of one URL where one is wanted.
pub(super) struct Kept<'a, T> {
    pub(super) wanted: Option<&'a str>,
    pub(super) all: Vec<T>,
    pub(super) samples: Samples,
}

impl<'a, T> Kept<'a, T> {
    pub(super) fn of(wanted: Option<&'a str>) -> Self {
        Self { wanted, all: Vec::new(), samples: Samples::default() }
    }

    /// True if an exchange with this URL is to be kept.
    pub(super) fn wants(&self, url: &str) -> bool {
        self.wanted.is_none_or(|wanted| wanted == url)
    }

    pub(super) fn push(&mut self, one: T) -> Result<(), ImportError> {
        if self.all.len() == MOST_EXCHANGES {
            return Err(ImportError::TooLarge("100,000 exchanges"));
        }
        self.all.push(one);
        Ok(())
    }
}

/// Beginnings of contents, by their hashes: which of them are needed is known only at the end.
#[derive(Default)]
pub(super) struct Samples {
    contents: HashMap<Fingerprint, Vec<u8>>,
    bytes: usize,
}

impl Samples {
    /// Hashes the content of a 200, and lets go of all but its beginning.
    pub(super) fn digest(&mut self, one: &mut Captured, content: &[u8]) {
        let Ok(answer) = &mut one.outcome else { return };
        if answer.status != 200 {
            return;
        }
        let digests = Digests::of(content);
        answer.content.decoded = Some(digests);
        let sample = &content[..content.len().min(Evidence::SAMPLE_BYTES)];
        if self.bytes + sample.len() <= MOST_SAMPLE_BYTES
            && !self.contents.contains_key(&digests.sha256)
        {
            self.bytes += sample.len();
            self.contents.insert(digests.sha256, sample.to_vec());
        }
    }

    pub(super) fn get(&self, content: &Fingerprint) -> Option<&[u8]> {
        self.contents.get(content).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_ends_at_the_limits() {
        let (mut endless, bounds) = bounded(io::repeat(b' '));
        let mut block = vec![0; 1 << 20];
        let mut total = 0;
        let ended = loop {
            match endless.read(&mut block) {
                Ok(count) => total += count as u64,
                Err(error) => break bounds.reason(&error),
            }
            if total.is_multiple_of(MOST_BYTES_OF_ONE) {
                bounds.next();
            }
        };
        assert_eq!((ended, total), (ImportError::TooLarge("1 GiB"), MOST_BYTES));
        let (endless, bounds) = bounded(io::repeat(b' '));
        let error = io::copy(&mut endless.take(MOST_BYTES), &mut io::sink()).expect_err("a limit");
        assert_eq!(bounds.reason(&error), ImportError::TooLarge("64 MiB in one exchange"));
    }

    #[test]
    fn exchanges_are_counted() {
        let mut kept = Kept::of(None);
        assert!((0..MOST_EXCHANGES).all(|_| kept.push(()).is_ok()) && kept.push(()).is_err());
    }
}
