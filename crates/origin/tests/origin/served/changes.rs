//! Ways of content to a replica, and what clients see before, during and after.

use std::fs;
use std::time::{Duration, UNIX_EPOCH};

use etag_lab_origin::ContentSource;
use semantics::EntityTag;
use strategies::{
    Agreement, Computed, Deployed, Discrimination, Entry, Reads, RepresentationFacts, Strategy,
};
use truth::{ContentId, Declaration};

use crate::support::Tested;
use crate::support::fleet::{CONTENT, Served, connected, entry};
use crate::support::raw::Answer;

fn declared(answer: &Answer) -> Declaration {
    let value = answer.field("lab-replica").expect("the replica declares itself");
    Declaration::parse(value.as_bytes()).expect("what it declares is well-formed")
}

#[tokio::test]
async fn a_deploy_makes_a_new_tag_and_declares_content_and_edition() -> Tested {
    let (served, mut client) = connected("content-hash").await?;
    let one = client.ask("GET", "").await?;
    served.replica.deploy(ContentSource::Content(b"{}"), Some(2), None)?;
    let if_one = format!("if-none-match: {}\r\n", one.field("etag").unwrap_or_default());
    let two = client.ask("GET", &if_one).await?;
    assert_eq!((two.status, two.content.as_slice()), (200, &b"{}"[..]));
    assert_ne!(one.field("etag"), two.field("etag"));
    for (answer, content, edition) in [(&one, CONTENT, 1), (&two, b"{}", 2)] {
        let declared = declared(answer).content.expect("content is declared");
        assert_eq!((declared.id, declared.edition), (ContentId::of(content), Some(edition)));
    }
    served.stop().await
}

#[tokio::test]
async fn every_deploy_but_the_first_adds_to_the_declared_history() -> Tested {
    let served = Served::empty(entry("per-process-counter"), |spec| spec.history = 40).await?;
    let mut tags = Vec::new();
    for content in ["1", "2", "2"] {
        tags.push(served.replica.deploy(ContentSource::Content(content.as_bytes()), None, None)?);
    }
    assert_eq!(served.replica.changes_seen(), 42);
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[2] == served.replica.entity_tag());
    served.stop().await
}

#[tokio::test]
async fn a_failed_deploy_names_its_source_and_the_old_content_is_served_on() -> Tested {
    let served = Served::with_content(entry("content-hash")).await?;
    let absent = served.directory().join("absent.json");
    let error = served.replica.deploy(ContentSource::File(&absent), Some(2), None);
    let error = error.expect_err("there is no such file").to_string();
    assert!(error.contains("absent.json") && error.contains("No such file"), "{error}");
    let answer = served.connect().await?.ask("GET", "").await?;
    assert_eq!((answer.status, answer.content.as_slice()), (200, CONTENT));
    assert_eq!(declared(&answer).content.and_then(|content| content.edition), Some(1));
    assert_eq!(served.replica.changes_seen(), 0);
    served.stop().await
}

#[tokio::test]
async fn each_deploy_of_the_same_bytes_has_an_inode_of_its_own() -> Tested {
    let served = Served::empty(entry("inode-size-mtime"), |_| {}).await?;
    let time = Some(UNIX_EPOCH + Duration::from_secs(1_767_600_000));
    let one = served.replica.deploy(ContentSource::Content(CONTENT), None, time)?;
    let two = served.replica.deploy(ContentSource::Content(CONTENT), None, time)?;
    assert_ne!(one, two);
    served.stop().await
}

#[tokio::test]
async fn an_edited_file_is_noticed_by_the_next_check_and_an_unchanged_one_is_not() -> Tested {
    let served = Served::empty(entry("content-hash"), |_| {}).await?;
    let (replica, copy) = (&served.replica, served.directory().join("config.json"));
    assert!(replica.check_now().is_err());
    fs::write(&copy, "one")?;
    assert!(replica.check_now()? && !replica.check_now()?);
    fs::write(&copy, "three")?;
    assert!(replica.check_now()?);
    let answer = served.connect().await?.ask("GET", "").await?;
    assert_eq!(answer.content, b"three");
    assert_eq!(declared(&answer).content.map(|content| content.edition), Some(None));
    fs::remove_file(&copy)?;
    assert!(replica.check_now().is_err());
    assert_eq!(served.connect().await?.ask("GET", "").await?.content, b"three");
    assert_eq!(replica.changes_seen(), 1);
    served.stop().await
}

#[tokio::test]
async fn the_watch_serves_what_it_finds_until_it_is_told_to_stop() -> Tested {
    let served = Served::empty(entry("content-hash"), |_| {}).await?;
    fs::write(served.directory().join("config.json"), CONTENT)?;
    let mut client = served.connect().await?;
    let seen = async {
        while client.ask("GET", "").await?.status == 503 {}
        Ok::<_, std::io::Error>(())
    };
    let replica = std::sync::Arc::clone(&served.replica);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let watching = tokio::spawn(etag_lab_origin::watch::watch(
        replica,
        etag_lab_origin::watch::INTERVAL,
        async {
            let _ = stopped.await;
        },
    ));
    seen.await?;
    drop(stop);
    watching.await?;
    served.stop().await
}

/// The content as its own tag, so that a test sees what was read.
fn verbatim(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    EntityTag::strong(facts.content()).ok()
}

/// The file's size, without reading it.
fn size(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    EntityTag::strong(facts.file().size_bytes.to_string()).ok()
}

static VERBATIM: Entry = per_request(Reads::CONTENT, verbatim);
static SIZE: Entry = per_request(Reads::FILE, size);

const fn per_request(reads: Reads, strategy: Strategy) -> Entry {
    Entry {
        name: "per-request",
        summary: "",
        seen_in: "",
        reads,
        agreement: Agreement::SameContent,
        tells_apart: Discrimination::Contents,
        computed: Computed::PerRequest,
        deployed: Deployed::AsGiven,
        strategy,
    }
}

#[tokio::test]
async fn facts_for_a_tag_made_per_request_are_gathered_for_each_request() -> Tested {
    for (entry, tags) in [(&VERBATIM, ["\"one\"", "\"three\""]), (&SIZE, ["\"3\"", "\"5\""])] {
        let served = Served::empty(entry, |_| {}).await?;
        served.replica.deploy(ContentSource::Content(b"one"), Some(1), None)?;
        let mut client = served.connect().await?;
        assert_eq!(client.ask("GET", "").await?.field("etag"), Some(tags[0]));
        let copy = served.directory().join("config.json");
        fs::write(&copy, "three")?;
        let answer = client.ask("GET", &format!("if-none-match: {}\r\n", tags[0])).await?;
        assert_eq!(answer.field("etag"), Some(tags[1]));
        assert_eq!(answer.content.as_slice(), &b"three"[..]);
        assert_eq!(served.replica.changes_seen(), 1);
        fs::remove_file(&copy)?;
        let answer = client.ask("GET", "").await?;
        assert_eq!(answer.field("etag"), Some(tags[1]));
        assert_eq!(answer.content.as_slice(), &b"three"[..]);
        served.stop().await?;
    }
    Ok(())
}
