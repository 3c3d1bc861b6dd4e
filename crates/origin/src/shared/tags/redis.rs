//! Tags in Redis or Valkey: one string for each key, a mark with `!` before it.
//!
//! One connection carries all requests. A server that is dead or stuck costs a request at most
//! [`PATIENCE`], and then not each request, but one in every [`super::breaker::PAUSE`]. What must
//! happen at one blow is a script, so that every version since 2.6 will do.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, IntoConnectionInfo as _, cmd};
use semantics::EntityTag;
use tokio::time::timeout;

use super::breaker::{Asker, Breaker};
use super::{Asked, Entry, OpenError, TagStore, stored};
use crate::shared::protocol::{Created, Held, Written};

pub(super) const ENTRY: Entry = Entry {
    name: "redis",
    form: "redis://[:PASSWORD@]HOST:PORT[/DB]",
    summary: "A Redis or Valkey server.",
    open: |name| Ok(Arc::new(RedisTags::new(name)?)),
};

/// How long a request waits at most for an answer, a new connection included.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a mark begins with; no tag of ours does.
const MARK: u8 = b'!';

const CREATE: &str = "local held = redis.call('GET', KEYS[1])
if held then return held end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false";

const PUBLISH: &str = "local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, 1) == '!' and held ~= ARGV[1] then return end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])";

#[derive(Debug)]
struct RedisTags {
    client: Client,
    connection: Mutex<Option<MultiplexedConnection>>,
    breaker: Breaker,
}

/// A command, who sends it, and whether it may be sent again after it may have been carried out.
#[derive(Clone, Copy)]
struct Question<'a> {
    command: &'a Cmd,
    asker: Asker,
    repeats: bool,
}

/// Why the server did not answer.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("no answer within {PATIENCE:?}")]
    TooSlow,
    #[error(transparent)]
    Redis(#[from] redis::RedisError),
    #[error("it holds something that is no entity tag")]
    NoTag,
}

impl RedisTags {
    fn new(name: &str) -> Result<Self, OpenError> {
        let malformed = |error: redis::RedisError| OpenError::Malformed(error.to_string());
        if !name.starts_with("redis://") {
            return Err(OpenError::Malformed("it has no `//` before the host".to_owned()));
        }
        let info = name.into_connection_info().map_err(malformed)?;
        // A password is nobody's business.
        let shown = format!("redis://{}/{}", info.addr(), info.redis_settings().db());
        let client = Client::open(info).map_err(malformed)?;
        Ok(Self { client, connection: Mutex::new(None), breaker: Breaker::new(shown) })
    }

    /// `None` if the server does not answer, or has not answered just now.
    async fn ask<T: FromRedisValue>(&self, question: Question<'_>) -> Option<T> {
        if !self.breaker.allows(question.asker, Instant::now()) {
            return None;
        }
        let answer = timeout(PATIENCE, self.answer(question)).await;
        let answer = answer.unwrap_or(Err(Problem::TooSlow));
        match &answer {
            Ok(_) => self.breaker.succeeded(),
            Err(problem) => self.failed(problem),
        }
        answer.ok()
    }

    async fn answer<T: FromRedisValue>(&self, question: Question<'_>) -> Result<T, Problem> {
        let open = self.connection().clone();
        if let Some(mut connection) = open {
            match question.command.query_async(&mut connection).await {
                // A server that was started again has closed it, and is none the worse for that.
                Err(error) if question.repeats && error.is_unrecoverable_error() => {}
                answer => return Ok(answer?),
            }
        }
        Ok(question.command.query_async(&mut self.connect().await?).await?)
    }

    async fn connect(&self) -> Result<MultiplexedConnection, Problem> {
        // Bounded as a whole by whoever asks.
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let connected = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        *self.connection() = Some(connected.clone());
        Ok(connected)
    }

    fn failed(&self, problem: &Problem) {
        // Whatever it was, the next one begins with a new connection.
        *self.connection() = None;
        self.breaker.failed(Instant::now(), problem);
    }

    fn connection(&self) -> std::sync::MutexGuard<'_, Option<MultiplexedConnection>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a value says; `None` for one that nobody of us wrote.
    fn read(&self, value: &[u8]) -> Option<Held<EntityTag>> {
        let held = match value.first() {
            Some(&MARK) => Some(Held::Announced),
            _ => stored(value).map(Held::Tag),
        };
        if held.is_none() {
            self.breaker.failed(Instant::now(), &Problem::NoTag);
        }
        held
    }
}

impl TagStore for RedisTags {
    fn get<'a>(&'a self, key: &'a str) -> Asked<'a, Held<EntityTag>> {
        Box::pin(async move {
            match self.ask::<Option<Vec<u8>>>(reading(cmd("GET").arg(key))).await {
                None => Held::Down,
                Some(None) => Held::Missing,
                Some(Some(value)) => self.read(&value).unwrap_or(Held::Down),
            }
        })
    }

    fn create<'a>(
        &'a self,
        key: &'a str,
        candidate: &'a EntityTag,
        ttl: Duration,
    ) -> Asked<'a, Created<EntityTag>> {
        Box::pin(async move {
            let mut create = script(CREATE, key);
            create.arg(candidate.opaque()).arg(milliseconds(ttl));
            match self.ask::<Option<Vec<u8>>>(reading(&create)).await {
                None => Created::Down,
                Some(None) => Created::Won,
                Some(Some(value)) => match self.read(&value) {
                    Some(Held::Tag(winner)) => Created::Lost(winner),
                    Some(Held::Announced) => Created::Announced,
                    Some(Held::Missing | Held::Down) | None => Created::Down,
                },
            }
        })
    }

    fn announce<'a>(&'a self, key: &'a str, mark: &'a str, lease: Duration) -> Asked<'a, Written> {
        Box::pin(async move {
            let mut set = cmd("SET");
            set.arg(key).arg(marked(mark)).arg("PX").arg(milliseconds(lease));
            let question = Question { command: &set, asker: Asker::Writer, repeats: true };
            written(self.ask(question).await)
        })
    }

    fn publish<'a>(
        &'a self,
        key: &'a str,
        mark: &'a str,
        tag: &'a EntityTag,
        ttl: Duration,
    ) -> Asked<'a, Written> {
        Box::pin(async move {
            let mut publish = script(PUBLISH, key);
            publish.arg(marked(mark)).arg(tag.opaque()).arg(milliseconds(ttl));
            // Not again: others may have published since, and their tag must stay.
            let question = Question { command: &publish, asker: Asker::Writer, repeats: false };
            written(self.ask(question).await)
        })
    }
}

fn reading(command: &Cmd) -> Question<'_> {
    Question { command, asker: Asker::Reader, repeats: true }
}

fn script(text: &str, key: &str) -> Cmd {
    let mut eval = cmd("EVAL");
    eval.arg(text).arg(1).arg(key);
    eval
}

fn marked(mark: &str) -> String {
    format!("{}{mark}", char::from(MARK))
}

/// At least one: Redis refuses what has expired already.
fn milliseconds(time: Duration) -> u64 {
    (time.as_millis() as u64).max(1)
}

fn written(answer: Option<()>) -> Written {
    answer.map_or(Written::Down, |()| Written::Done)
}
