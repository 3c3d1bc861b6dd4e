//! An archive as a stream: one entry after the other is read, reduced and let go.

use std::io::{BufReader, Read};

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value;

use super::recorder::{Recorder, Remarks};
use super::{captured, connection, content, requested};
use crate::import::bounds::{Bounds, Kept, bounded};
use crate::import::left_out::LeftOut;
use crate::import::{Captured, ImportError, method};
use findings::evidence::Method;

/// Parts of an archive that are kept.
pub(super) struct Archive<'a> {
    pub(super) entries: Kept<'a, Entry>,
    pub(super) recorder: Recorder,
    pub(super) left_out: LeftOut,
}

/// Parts of a GET or a HEAD that are kept: whether it was one, and what it meant, is known at the end only.
pub(super) struct Entry {
    pub(super) one: Captured,
    /// Key of its connection.
    pub(super) connection: Option<String>,
    pub(super) remarks: Remarks,
}

impl<'a> Archive<'a> {
    pub(super) fn read(input: impl Read, wanted: Option<&'a str>) -> Result<Self, ImportError> {
        let (input, bounds) = bounded(input);
        let input = without_mark(input).map_err(|error| bounds.reason(&error))?;
        let archive = Self {
            entries: Kept::of(wanted),
            recorder: Recorder::default(),
            left_out: LeftOut::default(),
        };
        let mut reading = Reading { archive, bounds, has_entries: false, refused: None };
        let mut json = serde_json::Deserializer::from_reader(BufReader::new(input));
        let read = Level::Archive.of(&mut reading).deserialize(&mut json).and_then(|()| json.end());
        let Reading { archive, bounds, has_entries, refused } = reading;
        match (refused, read) {
            (Some(refused), _) => Err(refused),
            (None, Err(error)) if error.is_io() => Err(bounds.reason(&error)),
            (None, Err(error)) => Err(ImportError::NotHar(error.to_string())),
            (None, Ok(())) if has_entries => Ok(archive),
            (None, Ok(())) => Err(ImportError::NotHar("`log.entries` is missing".to_owned())),
        }
    }

    fn push(&mut self, entry: &Value) -> Result<(), ImportError> {
        self.recorder.see(entry);
        let Some(url) = requested(entry).filter(|url| self.entries.wants(url)) else {
            return Ok(());
        };
        let name = entry["request"]["method"].as_str().unwrap_or_default();
        let Some(method) = method(name) else {
            self.left_out.method(name);
            return Ok(());
        };
        let mut one = captured(url, method, entry);
        if let Some(content) = content(&entry["response"]["content"])
            && method == Method::Get
        {
            self.entries.samples.digest(&mut one, &content);
        }
        let connection = connection(entry).map(str::to_owned);
        self.entries.push(Entry { one, connection, remarks: Remarks::of(entry) })
    }
}

/// The input without the byte order mark that some tools write.
fn without_mark(mut input: impl Read) -> std::io::Result<impl Read> {
    let mut first = Vec::new();
    input.by_ref().take(3).read_to_end(&mut first)?;
    if first == b"\xef\xbb\xbf" {
        first.clear();
    }
    Ok(std::io::Cursor::new(first).chain(input))
}

struct Reading<'a> {
    archive: Archive<'a>,
    bounds: Bounds,
    has_entries: bool,
    /// An error of ours, which the parser's own errors cannot carry.
    refused: Option<ImportError>,
}

/// Place of a value in the archive.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Archive,
    Log,
    Entries,
}

struct Place<'r, 'a>(Level, &'r mut Reading<'a>);

impl Level {
    fn of<'r, 'a>(self, reading: &'r mut Reading<'a>) -> Place<'r, 'a> {
        Place(self, reading)
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.0 {
            Level::Entries => deserializer.deserialize_seq(self),
            Level::Archive | Level::Log => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Place<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Level::Archive => "an object with `log`",
            Level::Log => "an object with `entries`",
            Level::Entries => "a list of entries",
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(level, reading) = self;
        while let Some(name) = map.next_key::<String>()? {
            match (level, name.as_str()) {
                (Level::Archive, "log") => map.next_value_seed(Level::Log.of(reading))?,
                (Level::Log, "entries") => map.next_value_seed(Level::Entries.of(reading))?,
                (Level::Log, "creator") => {
                    reading.archive.recorder.is_named(&map.next_value::<Value>()?);
                }
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let Self(_, reading) = self;
        reading.has_entries = true;
        while let Some(entry) = entries.next_element::<Value>()? {
            reading.bounds.next();
            if let Err(refused) = reading.archive.push(&entry) {
                reading.refused = Some(refused);
                return Err(A::Error::custom("an entry is refused"));
            }
        }
        Ok(())
    }
}
