//! Common start of the shards of one schedule: shard 0 waits for the others, and tells everybody in how
//! much time to begin.
//!
//! ```text
//! shard i ─► etag-lab-barrier/1 i/n FINGERPRINT
//!         ◄─ ok                                   at once, which measures the way
//!         ◄─ go MICROSECONDS                      when all are there
//!         ◄─ no REASON
//! ```
//!
//! Trusts nobody on the network: lines and waiting connections are bounded, and a line that is no
//! greeting ends its connection.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::Shard;

const GREETING: &str = "etag-lab-barrier/1";
/// Longest line in either direction.
const LONGEST: u64 = 512;
/// Time for a greeting, and for its answer.
const GREETING_TIME: Duration = Duration::from_secs(5);
/// From the moment at which everybody is there to the start: far more than a message takes.
const LEAD: Duration = Duration::from_millis(200);
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Reason why there is no common start.
#[derive(Debug, thiserror::Error)]
pub enum BarrierError {
    /// The address cannot be listened on.
    #[error("the barrier cannot listen on {0}: {1}")]
    Listen(String, std::io::Error),
    /// Nobody there.
    #[error("no barrier at {0} for {1:?}: {2}")]
    Nobody(String, Duration, String),
    /// Shards that did not come.
    #[error("not all shards came to the barrier within {1:?}: {0} missing")]
    Missing(String, Duration),
    /// The barrier refused this shard.
    #[error("the barrier at {0} refused this shard: {1}")]
    Refused(String, String),
    /// The barrier is gone.
    #[error("the barrier at {0} ended while shards waited for it")]
    Ended(String),
    /// Not a barrier.
    #[error("at {0} is no barrier of this version of etag-lab")]
    Other(String),
}

/// What a barrier is about.
#[derive(Clone, Debug)]
pub(super) struct Meeting {
    pub(super) address: String,
    pub(super) timeout: Duration,
    pub(super) shard: Shard,
    /// The same for all shards of one run, and for no others.
    pub(super) fingerprint: String,
    /// Starts without those that did not come in time.
    pub(super) allow_missing: bool,
}

/// A start that was agreed on, and by how much it may differ from that of others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) at: Instant,
    pub(super) uncertainty: Duration,
}

impl Meeting {
    /// Waits until everybody is there.
    pub(super) async fn attend(&self) -> Result<Start, BarrierError> {
        if self.shard.index == 0 { self.hold().await } else { self.join().await }
    }

    /// Shard 0: the others come here.
    async fn hold(&self) -> Result<Start, BarrierError> {
        let failed = |error| BarrierError::Listen(self.address.clone(), error);
        let listener = self.listen().await.map_err(failed)?;
        let deadline = tokio::time::Instant::now() + self.timeout;
        let mut there: BTreeMap<u32, BufStream<TcpStream>> = BTreeMap::new();
        let mut greetings = JoinSet::new();
        while (there.len() as u32) < self.shard.total - 1 {
            tokio::select! {
                accepted = listener.accept() => {
                    let Ok((stream, _)) = accepted else {
                        // It comes again, and not at once where descriptors lack.
                        tokio::time::sleep(FIRST_PAUSE).await;
                        continue;
                    };
                    let meeting = self.clone();
                    greetings.spawn(async move { meeting.greeted(stream).await });
                }
                Some(greeted) = greetings.join_next() => {
                    if let Ok(Some((index, mut stream))) = greeted {
                        self.admit(&mut there, index, &mut stream).await;
                        there.entry(index).or_insert(stream);
                    }
                }
                gone = gone(&mut there), if !there.is_empty() => {
                    // It may have been started again; the run needs it either way.
                    there.remove(&gone);
                }
                () = tokio::time::sleep_until(deadline) => {
                    let missing = (1..self.shard.total).filter(|index| !there.contains_key(index));
                    let missing: Vec<_> = missing.map(|index| format!("shard {index}")).collect();
                    let missing = missing.join(", ");
                    if self.allow_missing {
                        break;
                    }
                    let reason = format!("{missing} did not come in time");
                    for stream in there.values_mut() {
                        let _ = say(stream, &format!("no {reason}")).await;
                    }
                    return Err(BarrierError::Missing(missing, self.timeout));
                }
            }
        }
        let at = Instant::now() + LEAD;
        for stream in there.values_mut() {
            let left = at.saturating_duration_since(Instant::now());
            // Whoever has gone in this moment is missing in the sum.
            let _ = say(stream, &format!("go {}", left.as_micros())).await;
        }
        let begun = Instant::now();
        tokio::spawn(async move { turn_away(&listener, begun).await });
        Ok(Start { at, uncertainty: Duration::ZERO })
    }

    /// Binds to the address, or to its port where the address is that of a service and not ours, and
    /// where the name has none yet: a cluster may publish the name of a pod only after its start.
    async fn listen(&self) -> std::io::Result<TcpListener> {
        let is_ours = match tokio::net::lookup_host(&self.address).await {
            Ok(_) => TcpListener::bind(&self.address).await,
            Err(_) => Err(std::io::ErrorKind::AddrNotAvailable.into()),
        };
        match is_ours {
            Err(error) if error.kind() == std::io::ErrorKind::AddrNotAvailable => {
                let port = self.address.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
                let port = port.ok_or(error)?;
                // Both families, where the machine has both.
                let every = SocketAddr::from((std::net::Ipv6Addr::UNSPECIFIED, port));
                match TcpListener::bind(every).await {
                    Ok(listener) => Ok(listener),
                    Err(_) => TcpListener::bind(SocketAddr::from(([0, 0, 0, 0], port))).await,
                }
            }
            bound => bound,
        }
    }

    /// The shard that came, if it is one of this run.
    async fn greeted(&self, stream: TcpStream) -> Option<(u32, BufStream<TcpStream>)> {
        let _ = stream.set_nodelay(true);
        let mut stream = BufStream::new(stream);
        let line = tokio::time::timeout(GREETING_TIME, line(&mut stream)).await.ok()??;
        let mut words = line.split(' ');
        let (greeting, shard, fingerprint) = (words.next()?, words.next()?, words.next()?);
        if greeting != GREETING {
            return None;
        }
        let refusal = match Shard::parse(shard) {
            Some(shard) if shard.total != self.shard.total => {
                format!("it is one of {}, these are {}", shard.total, self.shard.total)
            }
            Some(Shard { index: 0, .. }) => "shard 0 is here already".to_owned(),
            Some(_) if fingerprint != self.fingerprint => {
                "its URL, seed or load is another one".to_owned()
            }
            Some(shard) => return Some((shard.index, stream)),
            None => return None,
        };
        let _ = say(&mut stream, &format!("no {refusal}")).await;
        None
    }

    async fn admit(
        &self,
        there: &mut BTreeMap<u32, BufStream<TcpStream>>,
        index: u32,
        stream: &mut BufStream<TcpStream>,
    ) {
        let answer = if there.contains_key(&index) {
            format!("no shard {index} is here already")
        } else {
            "ok".to_owned()
        };
        // One that has gone is found out by reading from it.
        let _ = say(stream, &answer).await;
    }

    /// The other shards: to shard 0, again and again until it is there.
    async fn join(&self) -> Result<Start, BarrierError> {
        let deadline = Instant::now() + self.timeout;
        let mut pause = FIRST_PAUSE;
        loop {
            let reason = match self.join_once(deadline).await {
                Ok(start) => return Ok(start),
                Err(Attempt::Final(error)) => return Err(error),
                Err(Attempt::Again(reason)) => reason,
            };
            if Instant::now() + pause >= deadline {
                return Err(BarrierError::Nobody(self.address.clone(), self.timeout, reason));
            }
            // Names of pods appear late: they are resolved in each attempt.
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn join_once(&self, deadline: Instant) -> Result<Start, Attempt> {
        let again = |error: std::io::Error| Attempt::Again(error.to_string());
        let connected =
            tokio::time::timeout(GREETING_TIME, TcpStream::connect(&self.address)).await;
        let stream = connected.map_err(|_| Attempt::Again("no answer".to_owned()))?;
        let stream = stream.map_err(again)?;
        let _ = stream.set_nodelay(true);
        let mut stream = BufStream::new(stream);
        let Shard { index, total } = self.shard;
        let greeting = format!("{GREETING} {index}/{total} {}", self.fingerprint);
        let asked = Instant::now();
        say(&mut stream, &greeting).await.map_err(again)?;
        let answer = tokio::time::timeout(GREETING_TIME, line(&mut stream)).await;
        let way = asked.elapsed();
        match answer.ok().flatten().as_deref() {
            Some("ok") => {}
            Some(answer) => return Err(self.refused(answer)),
            None => return Err(Attempt::Again("it closed the connection".to_owned())),
        }
        // Shard 0 has a time limit of its own, which began when it did.
        let patience = deadline.saturating_duration_since(asked) + self.timeout + LEAD;
        let word = tokio::time::timeout(patience, line(&mut stream)).await.ok().flatten();
        let arrived = Instant::now();
        let word = word.ok_or_else(|| Attempt::Final(BarrierError::Ended(self.address.clone())))?;
        let left = word.strip_prefix("go ").and_then(|micros| micros.parse().ok());
        let left = left.ok_or_else(|| self.refused(&word))?;
        // The word was under way for half of the time that the greeting took, more or less.
        let way = way / 2;
        let at = (arrived + Duration::from_micros(left)).checked_sub(way).unwrap_or(arrived);
        Ok(Start { at, uncertainty: way })
    }

    fn refused(&self, answer: &str) -> Attempt {
        let address = self.address.clone();
        Attempt::Final(match answer.strip_prefix("no ") {
            Some(reason) => BarrierError::Refused(address, text::excerpt(reason)),
            None => BarrierError::Other(address),
        })
    }
}

/// An attempt that failed.
enum Attempt {
    /// Shard 0 may not be there yet.
    Again(String),
    Final(BarrierError),
}

/// The shard that closes its connection, or says something although it is to wait.
async fn gone(there: &mut BTreeMap<u32, BufStream<TcpStream>>) -> u32 {
    std::future::poll_fn(|cx| {
        for (index, stream) in there.iter_mut() {
            let read = std::pin::pin!(stream.fill_buf());
            if read.poll(cx).is_ready() {
                return std::task::Poll::Ready(*index);
            }
        }
        std::task::Poll::Pending
    })
    .await
}

/// Tells those that come after the start that they are late.
async fn turn_away(listener: &TcpListener, begun: Instant) {
    while let Ok((stream, _)) = listener.accept().await {
        let mut stream = BufStream::new(stream);
        let late = begun.elapsed().as_secs_f64();
        let answer = format!("no the others began {late:.1} s ago");
        let told = async {
            // Read first: a connection that closes with unread bytes is reset.
            let _ = line(&mut stream).await;
            say(&mut stream, &answer).await
        };
        let _ = tokio::time::timeout(GREETING_TIME, told).await;
    }
}

async fn say(stream: &mut BufStream<TcpStream>, line: &str) -> std::io::Result<()> {
    stream.write_all(format!("{line}\n").as_bytes()).await?;
    stream.flush().await
}

/// A line, without its end; `None` for anything longer, for none, and at the end.
async fn line(stream: &mut BufStream<TcpStream>) -> Option<String> {
    let mut line = String::new();
    stream.take(LONGEST).read_line(&mut line).await.ok()?;
    line.strip_suffix('\n').map(str::to_owned)
}
