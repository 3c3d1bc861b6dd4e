//! The replicas of one arm: processes that are started, given content, killed, restarted and
//! stopped.
//!
//! A fleet never outlives its owner: the lab's own replicas end with their standard input, and a
//! foreign program runs under a guard that kills its process group when its own input ends.
//! Decides nothing about when things happen; that is the script's part.

use std::ffi::OsString;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use origin::{Coding, Counts};
use thiserror::Error;
use truth::ReplicaId;

use crate::guarded::PATIENCE;
use scenario::TagProtocol;

mod cpu;
mod foreign;
mod own;
mod sharing;

pub(crate) use cpu::of_process as cpu_of_process;

/// What all replicas of a fleet have in common.
#[derive(Clone, Debug)]
pub(crate) struct FleetSpec {
    /// The `etag-lab` program, which is its own replica and its own guard.
    pub(crate) program: PathBuf,
    /// Folder for the replicas' copies and logs; must exist.
    pub(crate) directory: PathBuf,
    /// What is started.
    pub(crate) kind: ReplicaKind,
    /// Changes each replica has seen before the run; its length is the number of replicas.
    pub(crate) histories: Vec<u64>,
    /// Path of the resource, without query.
    pub(crate) path: String,
    /// Media type of the resource.
    pub(crate) content_type: String,
    /// Cache-Control of the resource; `None` sends none.
    pub(crate) cache_control: Option<String>,
    /// The database that all replicas read, for strategies that read one.
    pub(crate) store: Option<PathBuf>,
    /// What replicas of the lab share besides.
    pub(crate) shared: Shared,
    /// Content codings on offer, the preferred one first.
    pub(crate) codings: Vec<Coding>,
    /// Whether to send Last-Modified.
    pub(crate) last_modified: bool,
}

/// What the replicas of a fleet share.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    /// The database of their application.
    pub(crate) database: Option<PathBuf>,
    /// What they say in `Poll-Interval`.
    pub(crate) poll_interval_ms: Option<i64>,
    /// Their tags.
    pub(crate) tags: Option<SharedTags>,
}

/// The tags that a fleet shares.
#[derive(Clone, Debug)]
pub(crate) struct SharedTags {
    /// As replicas are told of the store.
    pub(crate) store: OsString,
    /// What stands before the path in its keys.
    pub(crate) namespace: String,
    /// How long a tag lives; `None` for longer than any run.
    pub(crate) ttl: Option<Duration>,
    /// How long the mark of a writer stands; `None` as replicas have it.
    pub(crate) lease: Option<Duration>,
    /// By which rules they are read and written.
    pub(crate) protocol: TagProtocol,
}

/// Whose program a replica is.
#[derive(Clone, Debug)]
pub(crate) enum ReplicaKind {
    /// `etag-lab replica` with this tag strategy.
    Own {
        /// Name in the catalogue of strategies.
        strategy: String,
    },
    /// A command line for the shell; it gets `PORT`, `REPLICA`, `REPLICAS` and `RESOURCE`.
    Foreign {
        /// The command line.
        command: String,
    },
}

/// Content for one replica.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    /// File with the content; copied, not moved.
    pub(crate) source: PathBuf,
    /// Number of changes before this one.
    pub(crate) edition: u32,
    /// Modification time that the replica's copy gets.
    pub(crate) modified: SystemTime,
}

/// Why a fleet cannot do what it was asked.
#[derive(Debug, Error)]
pub enum FleetError {
    /// The program cannot be started at all.
    #[error("cannot start `{program}` as replica {replica}: {error}")]
    Start {
        /// Who.
        replica: ReplicaId,
        /// What.
        program: String,
        /// Why.
        error: std::io::Error,
    },
    /// It ended on its own.
    #[error("replica {replica} ended unexpectedly ({status}){output}")]
    Ended {
        /// Who.
        replica: ReplicaId,
        /// How.
        status: String,
        /// The end of its log, which does not outlive the run, as an appendix.
        output: String,
    },
    /// It runs but does not answer.
    #[error("replica {replica} was not ready within {} s: {what}{output}", PATIENCE.as_secs())]
    NotReady {
        /// Who.
        replica: ReplicaId,
        /// What was waited for.
        what: String,
        /// The end of its log, which does not outlive the run, as an appendix.
        output: String,
    },
    /// It refused the content.
    #[error("replica {replica} cannot take the new content: {reason}")]
    Refused {
        /// Who.
        replica: ReplicaId,
        /// Why.
        reason: String,
    },
    /// A file of the fleet cannot be written.
    #[error("cannot prepare `{}`: {error}", path.display())]
    Prepare {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// Running replicas, numbered from 1.
#[derive(Debug)]
pub(crate) struct Fleet {
    spec: FleetSpec,
    replicas: Vec<Process>,
    /// CPU time of processes that others have taken the place of.
    departed: Duration,
    /// What killed processes had counted.
    departed_counts: Counts,
}

/// One replica, whoever's program it is.
#[derive(Debug)]
enum Process {
    Own(own::OwnReplica),
    Foreign(foreign::ForeignReplica),
}

impl Fleet {
    /// Starts all replicas and gives each its first content. All start at the same time; on
    /// failure those already started are stopped.
    pub(crate) async fn start(
        spec: FleetSpec,
        deployments: &[Deployment],
    ) -> Result<Self, FleetError> {
        let ports = foreign::free_ports(&spec)?;
        let mut starting = Vec::new();
        for (index, deployment) in deployments.iter().enumerate() {
            let seat = Seat::new(&spec, index);
            starting.push(Process::launch(
                &spec,
                seat,
                ports[index],
                spec.histories[index],
                deployment,
            )?);
        }
        let mut replicas = Vec::new();
        for (mut process, deployment) in starting.into_iter().zip(deployments) {
            process.become_ready(deployment).await?;
            replicas.push(process);
        }
        Ok(Self { spec, replicas, departed: Duration::ZERO, departed_counts: Counts::default() })
    }

    /// Where each replica listens, in order.
    pub(crate) fn addresses(&self) -> Vec<(ReplicaId, SocketAddr)> {
        let address = |(index, process): (usize, &Process)| (id_of(index), process.address());
        self.replicas.iter().enumerate().map(address).collect()
    }

    /// Gives one replica (counted from 0) new content; returns when it serves it.
    pub(crate) async fn deploy(
        &mut self,
        index: usize,
        deployment: &Deployment,
    ) -> Result<(), FleetError> {
        match &mut self.replicas[index] {
            Process::Own(replica) => replica.deploy(deployment).await,
            Process::Foreign(replica) => replica.deploy(deployment),
        }
    }

    /// Ends one replica at once, as `kill -9` does; returns when it is gone.
    pub(crate) async fn kill(&mut self, index: usize) {
        self.remember_counts(index).await;
        match &mut self.replicas[index] {
            Process::Own(replica) => replica.kill().await,
            Process::Foreign(replica) => replica.kill().await,
        }
    }

    /// Kills one replica and starts it again at the same address with the same content; what it
    /// knew of earlier changes is gone.
    pub(crate) async fn restart(
        &mut self,
        index: usize,
        deployment: &Deployment,
    ) -> Result<(), FleetError> {
        self.kill(index).await;
        let port = self.replicas[index].address().port();
        let seat = Seat::new(&self.spec, index);
        let mut process = Process::launch(&self.spec, seat, port, 0, deployment)?;
        process.become_ready(deployment).await?;
        self.departed += self.replicas[index].cpu().unwrap_or_default();
        self.replicas[index] = process;
        Ok(())
    }

    /// CPU time that the replicas have spent since each was ready; `None` where the operating
    /// system does not tell, and for programs of the user's.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        let spent: Option<Duration> = self.replicas.iter().map(Process::cpu).sum();
        spent.map(|spent| spent + self.departed)
    }

    /// Asks every replica to stop and waits until it has.
    pub(crate) async fn stop(self) {
        for replica in self.replicas {
            match replica {
                Process::Own(replica) => replica.stop().await,
                Process::Foreign(mut replica) => replica.kill().await,
            }
        }
    }
}

impl Process {
    fn launch(
        spec: &FleetSpec,
        seat: Seat,
        port: u16,
        changes_seen: u64,
        deployment: &Deployment,
    ) -> Result<Self, FleetError> {
        match &spec.kind {
            ReplicaKind::Own { strategy } => {
                own::OwnReplica::launch(spec, seat, strategy, port, changes_seen).map(Self::Own)
            }
            ReplicaKind::Foreign { command } => {
                foreign::ForeignReplica::launch(spec, seat, command, port, deployment)
                    .map(Self::Foreign)
            }
        }
    }

    async fn become_ready(&mut self, deployment: &Deployment) -> Result<(), FleetError> {
        match self {
            Self::Own(replica) => {
                replica.ready().await?;
                replica.deploy(deployment).await?;
                replica.begin_account();
                Ok(())
            }
            Self::Foreign(replica) => replica.ready().await,
        }
    }

    fn cpu(&self) -> Option<Duration> {
        match self {
            Self::Own(replica) => replica.cpu(),
            // The guard's account is not the program's.
            Self::Foreign(_) => None,
        }
    }

    fn address(&self) -> SocketAddr {
        match self {
            Self::Own(replica) => replica.address(),
            Self::Foreign(replica) => replica.address(),
        }
    }
}

/// A replica's number and its files, whichever process sits there at the moment.
#[derive(Clone, Debug)]
struct Seat {
    replica: ReplicaId,
    copy: PathBuf,
    log: PathBuf,
}

impl Seat {
    fn new(spec: &FleetSpec, index: usize) -> Self {
        let replica = id_of(index);
        Self {
            replica,
            copy: spec.directory.join(format!("replica-{}", replica.0)).join("resource"),
            log: spec.directory.join(format!("replica-{}.log", replica.0)),
        }
    }

    /// Makes the folder of the copy and opens the log, which a restart continues.
    fn prepare(&self) -> Result<std::fs::File, FleetError> {
        let folder = self.copy.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)
            .map_err(|error| FleetError::Prepare { path: folder.to_owned(), error })?;
        std::fs::File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(|error| FleetError::Prepare { path: self.log.clone(), error })
    }
}

fn id_of(index: usize) -> ReplicaId {
    ReplicaId(u32::try_from(index + 1).expect("a scenario has at most 512 replicas"))
}

/// The end of a log, as an appendix to an error message. A program may have written anything, so
/// hidden characters are spelled out.
pub(crate) fn last_lines(log: &Path) -> String {
    const LINES: usize = 5;
    let end = end_of(log).unwrap_or_default();
    let end = String::from_utf8_lossy(&end);
    let lines: Vec<_> = end.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.is_empty() {
        return ", without output".to_owned();
    }
    let last = &lines[lines.len().saturating_sub(LINES)..];
    format!("; its last lines:\n    {}", text::visible_lines(&last.join("\n    ")))
}

/// The last part of a file, which may be long.
fn end_of(log: &Path) -> std::io::Result<Vec<u8>> {
    const BYTES: u64 = 16 * 1024;
    let mut file = std::fs::File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(BYTES)))?;
    let mut end = Vec::new();
    file.take(BYTES).read_to_end(&mut end)?;
    Ok(end)
}
