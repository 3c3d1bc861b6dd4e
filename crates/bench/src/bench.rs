//! The surroundings that the rows of a run of the benchmark share.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use tempfile::TempDir;

use crate::stop::Stop;

/// Size of the resource that every server serves.
pub(crate) const RESOURCE_BYTES: usize = 8_192;

/// Connections of every load.
pub(crate) const CONNECTIONS: u32 = 64;

/// What the rows share.
#[derive(Debug)]
pub(crate) struct Bench {
    /// Rounds of each row.
    pub(crate) pairs: u32,
    /// Length of one measurement in seconds.
    pub(crate) seconds: u32,
    /// The etag-lab that is measured.
    pub(crate) program: PathBuf,
    /// Asked in every wait.
    pub(crate) stop: Stop,
    directory: TempDir,
    /// Parent of the served file; the file is `api/config`, so that all URLs have one path.
    pub(crate) served: PathBuf,
}

impl Bench {
    pub(crate) fn new(pairs: u32, seconds: u32, program: PathBuf) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("etag-lab-bench-").tempdir()?;
        let served = directory.path().join("served");
        fs::create_dir_all(served.join("api"))?;
        fs::write(served.join("api/config"), vec![b'x'; RESOURCE_BYTES])?;
        Ok(Self { pairs, seconds, program, stop: Stop::on_signals()?, directory, served })
    }

    /// A path for a file or directory of this run; `name` must be new.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Nominal length of one measurement.
    pub(crate) fn length(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }
}
