//! How the commands of a participant reach the running mystery: one line each way over a socket that only
//! this user can open. It is the only file of a mystery, and nothing can be read in it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use harness::Scratch;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use server::stdio::{self, Messages};
use tokio::io::BufReader;
use tokio::net::UnixStream;

use super::MysteryError;
use super::repair::Fix;

/// Kind of the folders in which mysteries have their sockets.
pub(super) const KIND: &str = "mystery";
/// Name of the socket there.
pub(super) const SOCKET: &str = "talk";
/// Longest wait for an order that has been begun.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
/// Longest wait for a reply: a repair runs a load of a second or two.
const REPLY: Duration = Duration::from_secs(60);

/// What a participant wants of the running mystery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Errand {
    /// Only to know whose mystery it is.
    Seed,
    /// The ticket once more.
    Ticket,
    /// The evidence that was gathered.
    Evidence,
    /// New content on every node.
    Change,
    /// A node starts again, or each of them.
    Restart {
        /// Counted from 1.
        node: Option<u32>,
    },
    /// The next hint, and those before it.
    Hint,
    /// What is wrong, by the code of a finding and a cause.
    Answer {
        /// Code or name.
        code: String,
        /// Name of a cause.
        cause: Option<String>,
    },
    /// A repair.
    Repair(Fix),
    /// The truth, at the price of all points.
    Reveal,
}

/// How an errand went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Went {
    /// It was done, or the answer was right.
    Well,
    /// The answer was wrong, or the repair is none.
    Wrong,
    /// There is not enough evidence for it.
    Early,
    /// It cannot be asked so.
    Amiss,
}

/// The reply to an errand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TalkReply {
    /// How it went.
    pub went: Went,
    /// Text for the participant, in lines of at most 80 columns.
    pub text: String,
    /// Seed of the mystery.
    pub seed: u64,
}

/// Runs an errand at the mystery of this seed, or at the only one that runs.
pub async fn run_errand(errand: &Errand, seed: Option<u64>) -> Result<TalkReply, MysteryError> {
    let mut running = Vec::new();
    for socket in sockets() {
        // One that nobody listens at is left of a mystery that was killed.
        if let Ok(reply) = ask(&socket, &Errand::Seed).await {
            running.push((reply.seed, socket));
        }
    }
    running.retain(|(of, _)| seed.is_none_or(|seed| seed == *of));
    match running.as_slice() {
        [] => Err(MysteryError::NoneRuns(seed)),
        [(_, socket)] => ask(socket, errand).await.map_err(MysteryError::Talk),
        several => {
            let mut seeds: Vec<_> = several.iter().map(|(seed, _)| seed.to_string()).collect();
            seeds.sort();
            Err(MysteryError::SeveralRun(seeds.join(", ")))
        }
    }
}

/// Sockets of all mysteries of this user, also of those that are gone.
fn sockets() -> Vec<PathBuf> {
    let folders = Scratch::folders(KIND).into_iter();
    folders.map(|folder| folder.join(SOCKET)).filter(|socket| socket.exists()).collect()
}

async fn ask(socket: &Path, errand: &Errand) -> io::Result<TalkReply> {
    let stream = UnixStream::connect(socket).await?;
    let (read, mut write) = stream.into_split();
    stdio::send(&mut write, errand).await?;
    let reply = tokio::time::timeout(REPLY, heard(read)).await;
    reply.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// The one message of a stream.
pub(super) async fn heard<M: DeserializeOwned>(
    stream: impl tokio::io::AsyncRead + Unpin,
) -> io::Result<M> {
    let message = Messages::from(BufReader::new(stream)).next().await?;
    message.ok_or(io::ErrorKind::UnexpectedEof)?.map_err(io::Error::other)
}
