//! Readers and writers race on the real stores of shared tags.
//!
//! `origin/tests/origin/shared_protocol` tries every order of steps on a reference of a store. Here the
//! orders are those that threads, `SQLite` and Redis make of it, while tags expire. The application
//! and its database are a number; the middleware has tests of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use origin::shared_tags::protocol::{Creation, ReadStep, TagProtocol, WriteResult, WriteStep};
use origin::shared_tags::stores::{self, TagStore};
use semantics::EntityTag;
use tokio::runtime;
use tokio::sync::Mutex;

use crate::support::redis::Redis;

const CLIENTS: u64 = 6;
const POLLS: u64 = 150;
const WRITERS: u64 = 3;
const CHANGES: u64 = 15;
const KEY: &str = "races:/resource";

/// Short enough that tags expire while clients poll.
const RACING_TTL: Duration = Duration::from_millis(10);
const LONG: Duration = Duration::from_secs(3_600);
/// The store does not stop here, so that there is nothing to wait for when it is new.
const GRACE: Duration = Duration::from_millis(1);

/// State that all replicas share besides the store.
#[derive(Default)]
struct Database {
    /// The content is the number of the last commit.
    committed: AtomicU64,
    transaction: Mutex<()>,
    /// Number of tags made so far; no two are the same.
    tags: AtomicU64,
}

/// A replica with a connection of its own to the store, in a thread of its own.
struct Replica<'a> {
    database: &'a Database,
    store: Arc<dyn TagStore>,
    ttl: Duration,
}

/// The response that a client has stored.
struct Stored {
    tag: Option<EntityTag>,
    version: u64,
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    NotModified,
    Content,
}

impl Replica<'_> {
    /// One request, and the check of its answer.
    async fn poll(&self, turn: u64, stored: &mut Option<Stored>) -> Answer {
        let committed_before = self.database.committed.load(SeqCst);
        let sent = stored.as_ref().and_then(|stored| stored.tag.clone());
        let matches = sent.map(|sent| move |tag: &EntityTag| tag.weak_eq(&sent));
        let held = self.store.get(KEY).await;
        give_way(turn);
        let mut read = TagProtocol::Hardened.looked_up(held, matches, true, || self.new_tag());
        if let ReadStep::Create(creation) = read {
            read = self.create(creation).await;
            give_way(turn);
        }
        match read {
            ReadStep::NotModified(_) => {
                let version = stored.as_ref().expect("a 304 follows a condition").version;
                assert!(version >= committed_before, "304 for {version} of {committed_before}");
                Answer::NotModified
            }
            ReadStep::Render(rendering) => {
                let version = self.database.committed.load(SeqCst);
                *stored = Some(Stored { tag: rendering.tag, version });
                Answer::Content
            }
            other => panic!("neither 200 nor 304: {other:?}"),
        }
    }

    async fn create(&self, creation: Creation<EntityTag>) -> ReadStep<EntityTag> {
        let created = self.store.create(KEY, &creation.candidate, self.ttl).await;
        creation.answered(created)
    }

    /// One change; rolled back if the store has not heard of it, so that all of the protocol's
    /// assumptions hold on a machine that is too busy to answer.
    async fn change(&self, turn: u64) {
        let mark = turn.to_string();
        assert_eq!(TagProtocol::Hardened.first_write(), WriteStep::Announce);
        let transaction = self.database.transaction.lock().await;
        let announced = self.store.announce(KEY, &mark, LONG).await;
        give_way(turn);
        if announced == WriteResult::Done {
            self.database.committed.fetch_add(1, SeqCst);
        }
        drop(transaction);
        give_way(turn);
        let mut next = WriteStep::committed();
        while next == WriteStep::Publish {
            let written = self.store.publish(KEY, &mark, &self.new_tag(), self.ttl).await;
            next = TagProtocol::Hardened.published(written);
        }
    }

    fn new_tag(&self) -> EntityTag {
        let number = self.database.tags.fetch_add(1, SeqCst);
        EntityTag::weak(number.to_string()).expect("digits are etagc")
    }
}

/// Lets others go first, some more often than others.
fn give_way(turn: u64) {
    for _ in 0..turn * 7 % 5 {
        thread::yield_now();
    }
}

fn store(name: &str) -> Arc<dyn TagStore> {
    stores::open(name, Some(GRACE)).expect("the store is there")
}

/// Calls `act` with a replica on the store of this name.
fn with_replica<T>(
    name: &str,
    database: &Database,
    ttl: Duration,
    act: impl AsyncFnOnce(&Replica<'_>) -> T,
) -> T {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let replica = Replica { database, store: store(name), ttl };
    runtime.expect("a runtime can be made").block_on(act(&replica))
}

/// Clients poll and writers change at the same time; what the clients have stored in the end.
fn race(name: &str, database: &Database) -> Vec<Option<Stored>> {
    let write = |writer| {
        with_replica(name, database, RACING_TTL, async |replica| {
            for change in 0..CHANGES {
                replica.change(change * WRITERS + writer).await;
            }
        });
    };
    let poll = |client| {
        with_replica(name, database, RACING_TTL, async |replica| {
            let mut stored = None;
            for poll in 0..POLLS {
                replica.poll(poll + client, &mut stored).await;
            }
            stored
        })
    };
    thread::scope(|scope| {
        let writers: Vec<_> =
            (0..WRITERS).map(|writer| scope.spawn(move || write(writer))).collect();
        let clients: Vec<_> =
            (0..CLIENTS).map(|client| scope.spawn(move || poll(client))).collect();
        for writer in writers {
            writer.join().expect("no writer panics");
        }
        clients.into_iter().map(|client| client.join().expect("no client panics")).collect()
    })
}

fn check(name: &str) {
    let database = Database::default();
    let clients = race(name, &database);
    // Nobody is pinned: after a last change each client gets its content once, and then keeps it.
    with_replica(name, &database, LONG, async |replica| {
        replica.change(WRITERS * CHANGES).await;
        for (turn, mut stored) in (0..).zip(clients) {
            let answers =
                [replica.poll(turn, &mut stored).await, replica.poll(turn, &mut stored).await];
            assert_eq!(answers, [Answer::Content, Answer::NotModified], "client {turn}");
            let version = stored.expect("it has been answered").version;
            assert_eq!(version, database.committed.load(SeqCst), "client {turn}");
        }
    });
}

#[test]
fn no_race_on_sqlite_gives_a_304_for_stale_content() {
    check(&format!("sqlite:{}", crate::support::home().join("tags").display()));
}

#[test]
fn no_race_on_redis_gives_a_304_for_stale_content() {
    if let Some(redis) = Redis::start() {
        check(&redis.store(0));
    }
}
