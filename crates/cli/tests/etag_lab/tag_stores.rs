//! Promises of every store of shared tags, over the whole catalogue: it does what a
//! [`TagSlot`](origin::shared_tags::slot::TagSlot) does, for all who open it, and forgets in time.

use std::sync::Arc;
use std::time::Duration;

use origin::shared_tags::protocol::{CreationResult, HeldTag, WriteResult};
use origin::shared_tags::slot::TagSlot;
use origin::shared_tags::stores::{self, STORES, TagStore};
use semantics::EntityTag;

use crate::support::process::PATIENCE;
use crate::support::redis::Redis;
use crate::support::{Tested, home};

const LONG: Duration = Duration::from_secs(3_600);
/// As short as lives can be.
const SHORT: Duration = Duration::from_millis(1);

/// A store that two processes have open, as it were, and what must be kept alive for it.
struct Opened {
    both: [Arc<dyn TagStore>; 2],
    name: String,
    redis: Option<Redis>,
}

impl Opened {
    /// `None` where its server is missing. Nobody announces anything in its absence.
    fn new(kind: &str) -> Result<Option<Self>, Box<dyn std::error::Error>> {
        let (name, redis) = match kind {
            "sqlite" => (format!("sqlite:{}", home().join("tags").display()), None),
            "redis" => {
                let Some(redis) = Redis::start() else { return Ok(None) };
                (redis.store(0), Some(redis))
            }
            other => panic!("say here how the store `{other}` is started"),
        };
        let both = [stores::open(&name, None)?, stores::open(&name, None)?];
        Ok(Some(Self { both, name, redis }))
    }

    /// Makes the store fail.
    fn stop(&mut self) -> std::io::Result<()> {
        match &mut self.redis {
            Some(redis) => redis.kill(),
            None => std::fs::rename(home().join("tags"), home().join("tags.away"))?,
        }
        Ok(())
    }

    fn start_again(&mut self) -> std::io::Result<()> {
        match &mut self.redis {
            Some(redis) => redis.restart(),
            None => std::fs::rename(home().join("tags.away"), home().join("tags"))?,
        }
        Ok(())
    }
}

fn tag(number: u32) -> EntityTag {
    EntityTag::weak(format!("{number:032x}")).expect("hexadecimal digits are etagc")
}

#[tokio::test]
async fn a_store_does_what_a_slot_does_whoever_asks() -> Tested {
    for entry in STORES {
        let Some(opened) = Opened::new(entry.name)? else { continue };
        let mut slot: TagSlot<EntityTag, String> = TagSlot::Missing;
        // Every operation after every other one, in an order that nobody chose.
        for step in 0..400_u32 {
            let drawn = step.wrapping_mul(2_654_435_761) >> 16;
            let store = &opened.both[(drawn / 64 % 2) as usize];
            let mark = format!("writer-{}", drawn / 8 % 3);
            let case = format!("{}, step {step}, {slot:?}", entry.name);
            match drawn % 5 {
                0 => {
                    let created = store.create("key", &tag(step), LONG).await;
                    assert_eq!(created, slot.create(tag(step)), "{case}");
                }
                1 | 2 => {
                    slot.publish(&mark, tag(step));
                    let published = store.publish("key", &mark, &tag(step), LONG).await;
                    assert_eq!(published, WriteResult::Done, "{case}");
                }
                3 => {
                    slot.announce(mark.clone());
                    let announced = store.announce("key", &mark, LONG).await;
                    assert_eq!(announced, WriteResult::Done, "{case}");
                }
                // A life of no length ends what is there.
                _ => {
                    slot.announce(mark.clone());
                    store.announce("key", &mark, SHORT).await;
                    missing(store.as_ref(), "key").await;
                    slot = TagSlot::Missing;
                }
            }
            for store in &opened.both {
                assert_eq!(store.get("key").await, slot.get(), "{case}");
                assert_eq!(store.get("other key").await, HeldTag::Missing, "{case}");
            }
        }
    }
    Ok(())
}

async fn missing(store: &dyn TagStore, key: &str) {
    let wait = async {
        while store.get(key).await != HeldTag::Missing {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("what is short-lived is forgotten");
}

#[tokio::test]
async fn a_tag_lives_from_its_last_write_however_often_it_is_read() -> Tested {
    for entry in STORES {
        let Some(opened) = Opened::new(entry.name)? else { continue };
        let store = opened.both[0].as_ref();
        assert_eq!(store.create("created", &tag(1), SHORT).await, CreationResult::Won);
        assert_eq!(store.publish("published", "mark", &tag(2), SHORT).await, WriteResult::Done);
        missing(store, "created").await;
        missing(store, "published").await;
        assert_eq!(store.create("created", &tag(3), LONG).await, CreationResult::Won);
    }
    Ok(())
}

#[tokio::test]
async fn a_store_that_fails_is_down_for_everybody_and_comes_back() -> Tested {
    for entry in STORES {
        let Some(mut opened) = Opened::new(entry.name)? else { continue };
        let store = Arc::clone(&opened.both[0]);
        store.publish("key", "mark", &tag(1), LONG).await;
        opened.stop()?;
        for _ in 0..3 {
            assert_eq!(store.get("key").await, HeldTag::Down, "{}", entry.name);
            assert_eq!(store.create("key", &tag(2), LONG).await, CreationResult::Down);
            assert_eq!(store.announce("key", "mark", LONG).await, WriteResult::Down);
            assert_eq!(store.publish("key", "mark", &tag(2), LONG).await, WriteResult::Down);
        }
        opened.start_again()?;
        // A writer asks at once; from then on readers do, too.
        assert_eq!(store.publish("key", "mark", &tag(3), LONG).await, WriteResult::Done);
        assert_eq!(store.get("key").await, HeldTag::Tag(tag(3)), "{}", entry.name);
        assert_eq!(stores::open(&opened.name, None)?.get("key").await, HeldTag::Tag(tag(3)));
    }
    Ok(())
}

#[tokio::test]
async fn a_file_in_whose_place_another_came_is_the_store_if_it_can_be() -> Tested {
    let Some(opened) = Opened::new("sqlite")? else { return Ok(()) };
    let store = opened.both[0].as_ref();
    let [path, other] = [home().join("tags"), home().join("other")];
    assert_eq!(store.publish("key", "mark", &tag(1), LONG).await, WriteResult::Done);
    std::fs::write(&other, "these are notes and no database at all".repeat(40))?;
    std::fs::rename(&other, &path)?;
    // The log of the old file is no part of the new one.
    for side in ["tags-wal", "tags-shm"] {
        std::fs::remove_file(home().join(side))?;
    }
    assert_eq!(store.get("key").await, HeldTag::Down);
    assert_eq!(store.publish("key", "mark", &tag(2), LONG).await, WriteResult::Down);
    let another = stores::open(&format!("sqlite:{}", other.display()), None)?;
    assert_eq!(another.publish("key", "mark", &tag(3), LONG).await, WriteResult::Done);
    drop(another);
    std::fs::rename(&other, &path)?;
    assert_eq!(store.publish("other", "mark", &tag(4), LONG).await, WriteResult::Done);
    assert_eq!(store.get("key").await, HeldTag::Tag(tag(3)));
    Ok(())
}

#[tokio::test]
async fn a_server_that_lost_everything_creates_nothing_while_a_lost_mark_may_stand() -> Tested {
    let Some(mut redis) = Redis::start() else { return Ok(()) };
    let (patient, heedless) =
        (stores::open(&redis.store(1), Some(LONG))?, stores::open(&redis.store(2), None)?);
    for store in [&patient, &heedless] {
        assert_eq!(store.publish("key", "mark", &tag(1), LONG).await, WriteResult::Done);
    }
    redis.restart();
    // Connections of the old run are replaced by the first question.
    assert_eq!(patient.get("key").await, HeldTag::Missing);
    assert_eq!(patient.create("key", &tag(2), LONG).await, CreationResult::Announced);
    assert_eq!(patient.publish("key", "lost", &tag(2), LONG).await, WriteResult::Done);
    assert_eq!(patient.get("key").await, HeldTag::Missing, "the writer may have committed or not");
    assert_eq!(patient.announce("key", "mark", LONG).await, WriteResult::Done);
    assert_eq!(patient.publish("key", "mark", &tag(3), LONG).await, WriteResult::Done);
    assert_eq!(patient.get("key").await, HeldTag::Tag(tag(3)), "whoever began since is known");
    assert_eq!(heedless.get("key").await, HeldTag::Missing);
    assert_eq!(heedless.create("key", &tag(4), LONG).await, CreationResult::Won);
    Ok(())
}

/// It refuses whatever may need memory, and would go on giving the old tag.
#[tokio::test]
async fn a_server_that_is_full_gives_no_old_tag_after_an_announcement() -> Tested {
    let Some(redis) = Redis::start() else { return Ok(()) };
    let store = stores::open(&redis.store(0), Some(LONG))?;
    assert_eq!(store.announce("key", "mark", LONG).await, WriteResult::Done);
    assert_eq!(store.publish("key", "mark", &tag(1), LONG).await, WriteResult::Done);
    assert_eq!(redis.tell("CONFIG SET maxmemory 1")?, "+OK");
    assert_eq!(store.get("key").await, HeldTag::Tag(tag(1)));
    assert_eq!(store.announce("key", "mark", LONG).await, WriteResult::Done);
    assert_eq!(store.get("key").await, HeldTag::Missing);
    assert_eq!(store.publish("key", "mark", &tag(2), LONG).await, WriteResult::Down);
    // There is room before the commit, and still nobody may label the content that is about to go.
    assert_eq!(redis.tell("CONFIG SET maxmemory 0")?, "+OK");
    assert_eq!(store.publish("other", "mark", &tag(3), LONG).await, WriteResult::Done);
    assert_eq!(store.create("key", &tag(4), LONG).await, CreationResult::Announced);
    Ok(())
}

#[tokio::test]
async fn a_password_and_the_number_of_a_database_are_heeded() -> Tested {
    let Some(redis) = Redis::start_with(Some("secret")) else { return Ok(()) };
    let [one, two] = [stores::open(&redis.store(1), None)?, stores::open(&redis.store(2), None)?];
    assert_eq!(one.publish("key", "mark", &tag(1), LONG).await, WriteResult::Done);
    assert_eq!(one.get("key").await, HeldTag::Tag(tag(1)));
    assert_eq!(two.get("key").await, HeldTag::Missing);
    for wrong in ["", ":wrong@"] {
        let name = format!("redis://{wrong}127.0.0.1:{}/1", redis.port());
        assert_eq!(stores::open(&name, None)?.get("key").await, HeldTag::Down, "{name}");
    }
    Ok(())
}

#[test]
fn a_name_in_no_form_is_refused_with_its_reason() {
    for name in ["", "sqlite", "sqlite:", "redis:localhost", "redis://", "etcd://h:1", "/tmp/tags"]
    {
        assert!(stores::open(name, None).is_err(), "{name}");
    }
    for name in ["redis://localhost/x", "redis://localhost:port", "rediss://localhost"] {
        let error = stores::open(name, None).err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| !error.contains(':')), "{name}");
    }
}
