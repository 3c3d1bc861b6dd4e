//! Tags in Redis or Valkey: one string for each key, a mark with `!` before it.
//!
//! Before the key stands the number of the server's run: a server that starts again may have lost
//! everything or come back with what it saved some time ago, and either way nothing of an earlier run
//! is believed. In a new run nothing is created until the marks that may have been lost with the old
//! one are past their lease. What evicts keys before their time may evict marks: `noeviction` and
//! `volatile-ttl` do not, or not first.
//!
//! One connection carries all requests. A server that is dead or stuck costs a request at most
//! [`PATIENCE`], and then not each request, but one in every [`super::breaker::PAUSE`]. What must
//! happen at one blow is a script, so that every version since 2.6 will do.

mod bounded;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Cmd, ConnectionAddr, FromRedisValue, IntoConnectionInfo as _,
    RedisConnectionInfo, RedisResult, ToRedisArgs, cmd,
};
use semantics::EntityTag;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::breaker::{Asker, Breaker};
use super::{
    Asked, Created, OpenError, PATIENCE, TagStore, TagStoreEntry, Written, stored, written,
};
use crate::shared_tags::protocol::{CreationResult, HeldTag};
use bounded::{Bounded, Unread, connect};

pub(super) const ENTRY: TagStoreEntry = TagStoreEntry {
    name: "redis",
    form: "redis://[:PASS@]HOST:PORT[/DB]",
    summary: "A Redis or Valkey server.",
    open: |name, lease| Ok(Arc::new(RedisTags::new(name, lease)?)),
};

// No tag of ours begins with it.
const MARK: u8 = b'!';

// Reads a slot, the grace of a new run included; marks need not last any longer than that. That a run
// has begun is noted for a day: so nothing of it stays in a server that is saved, and once more a
// grace does no harm.
/// KEYS: the slot, the run, its grace. ARGV: the lease, or 0 where nobody announces anything.
const HELD: &str = "
local held = redis.call('GET', KEYS[1])
if ARGV[1] ~= '0' then
  if redis.call('SET', KEYS[2], 1, 'NX', 'EX', 86400) then redis.call('SET', KEYS[3], 1, 'PX', ARGV[1]) end
  if not held and redis.call('EXISTS', KEYS[3]) == 1 then held = '!' end
end
";

// A server that is full takes no mark and gives old tags all the same; what it can do is to forget.
// Then the tag goes, and the note that this run has begun: so it begins once more, with its grace.
/// KEYS: the slot, the run. ARGV: the mark, its lease.
const ANNOUNCE: &str = "
local taken = redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if taken.err then redis.call('DEL', KEYS[1], KEYS[2]) end";

const CREATE: &str = "
if held then return held end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return false";

const PUBLISH: &str = "
if held and string.sub(held, 1, 1) == '!' and held ~= ARGV[2] then return end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])";

#[derive(Debug)]
struct RedisTags {
    host: String,
    port: u16,
    settings: RedisConnectionInfo,
    open: Mutex<Option<OpenConnection>>,
    /// Time for which nothing is created in a new run; `None` where nobody announces anything.
    lease: Option<Duration>,
    breaker: Breaker,
}

/// A connection to one run of the server: it does not survive that run.
#[derive(Clone, Debug)]
struct OpenConnection {
    connection: MultiplexedConnection,
    run: Arc<str>,
    unread: Unread,
    /// Reads and writes for it, until the last copy is dropped.
    _driver: Arc<JoinSet<()>>,
}

/// A command for a run of the server.
type RunCommand<'a> = &'a (dyn Fn(&str) -> Cmd + Sync);

/// Reason why the server did not answer.
#[derive(Debug, thiserror::Error)]
enum RedisProblem {
    #[error("no answer within {PATIENCE:?}")]
    TooSlow,
    #[error(transparent)]
    Unreachable(#[from] std::io::Error),
    #[error(transparent)]
    Redis(#[from] redis::RedisError),
    #[error("it holds something that is no entity tag")]
    NoTag,
    #[error("it does not tell its runs apart: no `run_id` in INFO")]
    NoRun,
}

impl RedisTags {
    fn new(name: &str, lease: Option<Duration>) -> Result<Self, OpenError> {
        let malformed = |error: redis::RedisError| OpenError::Malformed(error.to_string());
        if !name.starts_with("redis://") {
            return Err(OpenError::Malformed("it has no `//` before the host".to_owned()));
        }
        let info = name.into_connection_info().map_err(malformed)?;
        // A password is nobody's business.
        let shown = format!("redis://{}/{}", info.addr(), info.redis_settings().db());
        let ConnectionAddr::Tcp(host, port) = info.addr().clone() else {
            return Err(OpenError::Malformed("it names no host".to_owned()));
        };
        let (settings, breaker) = (info.redis_settings().clone(), Breaker::new(shown));
        Ok(Self { host, port, settings, open: Mutex::new(None), lease, breaker })
    }

    /// `None` if the server does not answer, or has not answered just now. A command that `repeats` may
    /// be sent again after it may have been carried out.
    async fn ask<T: FromRedisValue>(
        &self,
        asker: Asker,
        repeats: bool,
        command: RunCommand<'_>,
    ) -> Option<T> {
        if !self.breaker.allows(asker, Instant::now()) {
            return None;
        }
        let answer = timeout(PATIENCE, self.answer(repeats, command)).await;
        let answer = answer.unwrap_or(Err(RedisProblem::TooSlow));
        match &answer {
            Ok(_) => self.breaker.succeeded(),
            Err(problem) => self.failed(problem),
        }
        answer.ok()
    }

    async fn answer<T: FromRedisValue>(
        &self,
        repeats: bool,
        command: RunCommand<'_>,
    ) -> Result<T, RedisProblem> {
        let open = self.open().clone();
        if let Some(open) = open {
            match open.answer(command).await {
                // A server that was started again has closed it, and is none the worse for that.
                Err(error) if repeats && error.is_unrecoverable_error() => {}
                answer => return Ok(answer?),
            }
        }
        Ok(self.connect().await?.answer(command).await?)
    }

    async fn connect(&self) -> Result<OpenConnection, RedisProblem> {
        // Bounded as a whole by whoever asks.
        // Not the connection manager of the crate, whose reconnecting hides which run answers.
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let unread = Unread::default();
        let stream = Bounded::new(connect(&self.host, self.port).await?, unread.clone());
        let (mut connection, driver) =
            MultiplexedConnection::new_with_config(&self.settings, stream, config).await?;
        let mut driving = JoinSet::new();
        driving.spawn(driver);
        let server: String = cmd("INFO").arg("server").query_async(&mut connection).await?;
        unread.reply_came();
        let run = server.lines().find_map(|line| line.strip_prefix("run_id:"));
        let run = run.ok_or(RedisProblem::NoRun)?.trim().into();
        let open = OpenConnection { connection, run, unread, _driver: driving.into() };
        *self.open() = Some(open.clone());
        Ok(open)
    }

    fn failed(&self, problem: &RedisProblem) {
        // Whatever it was, the next one begins with a new connection.
        *self.open() = None;
        self.breaker.failed(Instant::now(), problem);
    }

    fn open(&self) -> MutexGuard<'_, Option<OpenConnection>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A script that begins by looking at what is held; its own arguments come after the lease.
    fn script(&self, text: &str, run: &str, key: &str, arguments: impl ToRedisArgs) -> Cmd {
        let mut eval = cmd("EVAL");
        eval.arg(format!("{HELD}{text}")).arg(3).arg(slot(run, key));
        eval.arg(began(run)).arg(format!("{run}:grace"));
        eval.arg(self.lease.map_or(0, milliseconds)).arg(arguments);
        eval
    }

    /// The meaning of a value; `None` for one that no replica of ours wrote.
    fn read(&self, value: &[u8]) -> Option<HeldTag<EntityTag>> {
        let held = match value.first() {
            Some(&MARK) => Some(HeldTag::Announced),
            _ => stored(value).map(HeldTag::Tag),
        };
        if held.is_none() {
            self.breaker.failed(Instant::now(), &RedisProblem::NoTag);
        }
        held
    }
}

impl TagStore for RedisTags {
    fn get<'a>(&'a self, key: &'a str) -> Asked<'a, HeldTag<EntityTag>> {
        Box::pin(async move {
            let get = |run: &str| Cmd::get(slot(run, key));
            match self.ask::<Option<Vec<u8>>>(Asker::Reader, true, &get).await {
                None => HeldTag::Down,
                Some(None) => HeldTag::Missing,
                Some(Some(value)) => self.read(&value).unwrap_or(HeldTag::Down),
            }
        })
    }

    fn create<'a>(&'a self, key: &'a str, candidate: &'a EntityTag, ttl: Duration) -> Created<'a> {
        Box::pin(async move {
            let tag = (candidate.opaque(), milliseconds(ttl));
            let create = |run: &str| self.script(CREATE, run, key, tag);
            // Not again: it may have succeeded, and a change may have come since.
            match self.ask::<Option<Vec<u8>>>(Asker::Reader, false, &create).await {
                None => CreationResult::Down,
                Some(None) => CreationResult::Won,
                Some(Some(value)) => match self.read(&value) {
                    Some(HeldTag::Tag(winner)) => CreationResult::Lost(winner),
                    Some(HeldTag::Announced) => CreationResult::Announced,
                    Some(HeldTag::Missing | HeldTag::Down) | None => CreationResult::Down,
                },
            }
        })
    }

    fn announce<'a>(&'a self, key: &'a str, mark: &'a str, lease: Duration) -> Written<'a> {
        Box::pin(async move {
            let announce = |run: &str| {
                let mut eval = cmd("EVAL");
                eval.arg(ANNOUNCE).arg(2).arg(slot(run, key)).arg(began(run));
                eval.arg(marked(mark)).arg(milliseconds(lease));
                eval
            };
            written(self.ask(Asker::TagWriter, true, &announce).await)
        })
    }

    fn publish<'a>(
        &'a self,
        key: &'a str,
        mark: &'a str,
        tag: &'a EntityTag,
        ttl: Duration,
    ) -> Written<'a> {
        Box::pin(async move {
            let marked = marked(mark);
            let tag = (&marked, tag.opaque(), milliseconds(ttl));
            let publish = |run: &str| self.script(PUBLISH, run, key, tag);
            // Not again: others may have published since, and their tag must stay.
            written(self.ask(Asker::TagWriter, false, &publish).await)
        })
    }
}

impl OpenConnection {
    async fn answer<T: FromRedisValue>(mut self, command: RunCommand<'_>) -> RedisResult<T> {
        let answer = command(&self.run).query_async(&mut self.connection).await;
        if answer.is_ok() {
            self.unread.reply_came();
        }
        answer
    }
}

fn slot(run: &str, key: &str) -> String {
    format!("{run}:{key}")
}

fn began(run: &str) -> String {
    format!("{run}:began")
}

fn marked(mark: &str) -> String {
    format!("{}{mark}", char::from(MARK))
}

fn milliseconds(time: Duration) -> u64 {
    // At least one: Redis refuses what has expired already.
    (time.as_millis() as u64).max(1)
}
