//! Races whose outcome is decided by orders: what a harness uses to show them.

use std::fs;

use etag_lab_origin::ChangeStep::{Announce, Commit, Publish};
use etag_lab_origin::control::ReplicaOrder;
use etag_lab_origin::control::ReplicaReport::{Declared, Held, Holding, Released};
use etag_lab_origin::shared_tags::protocol::TagProtocol;
use server::stdio::Report;

use super::{Fleet, tag_of};
use crate::served::control::Harness;
use crate::support::Tested;

const NOTHING: &str = "DELETE FROM tag";

/// Lets a request of replica 0 stop where it is about to create a tag, and meanwhile one of
/// replica 1 create it; returns the tags that both give.
async fn created_twice(protocol: TagProtocol) -> Result<[String; 2], Box<dyn std::error::Error>> {
    let mut fleet = Fleet::under(protocol).await?;
    rusqlite::Connection::open(fleet.shared.path().join("tags"))?.execute(NOTHING, [])?;
    let mut harness = Harness::of(&fleet.replicas[0]);
    assert_eq!(harness.order(br#"{"hold":{"at":"create"}}"#).await?, Report::Own(Holding {}));
    let [one, two] = &mut fleet.clients;
    let meanwhile = async {
        assert_eq!(harness.order(br#"{"await_held":{}}"#).await?, Report::Own(Held {}));
        let winner = tag_of(&two.ask("GET", "").await?);
        assert_eq!(harness.order(br#"{"release":{}}"#).await?, Report::Own(Released {}));
        Ok::<_, Box<dyn std::error::Error>>(winner)
    };
    let (loser, winner) = tokio::join!(one.ask("GET", ""), meanwhile);
    let tags = [tag_of(&loser?), winner?];
    harness.end().await?;
    fleet.stop().await?;
    Ok(tags)
}

#[tokio::test]
async fn the_loser_of_a_creation_gives_the_winners_tag_and_as_published_its_own() -> Tested {
    let [loser, winner] = created_twice(TagProtocol::Hardened).await?;
    assert_eq!(loser, winner);
    let [loser, winner] = created_twice(TagProtocol::AsPublished).await?;
    assert_ne!(loser, winner);
    Ok(())
}

#[tokio::test]
async fn an_invalidation_before_the_commit_pins_what_is_stale() -> Tested {
    let mut fleet = Fleet::under(TagProtocol::AsPublished).await?;
    let before = fleet.tag(0).await?;
    fleet.replicas[0].change(b"{}", 2, Some(&[Publish])).await?;
    let early = fleet.poll(0, &before).await?;
    let pinned = tag_of(&early);
    fleet.replicas[0].change(b"{}", 2, Some(&[Commit])).await?;
    // The tag is new, the content that came with it old; nobody will find out.
    assert_eq!(early.content, crate::support::fleet::CONTENT);
    assert_eq!(fleet.poll(1, &pinned).await?.status, 304);
    assert_eq!(fleet.get(1, "").await?.content, b"{}");
    fleet.stop().await
}

#[tokio::test]
async fn while_a_change_is_announced_nobody_gets_or_creates_a_tag() -> Tested {
    let mut fleet = Fleet::under(TagProtocol::Hardened).await?;
    let before = fleet.tag(0).await?;
    fleet.replicas[0].change(b"{}", 2, Some(&[Announce])).await?;
    for replica in [0, 1] {
        let answer = fleet.poll(replica, &before).await?;
        assert_eq!((answer.status, answer.field("etag")), (200, None));
        assert_eq!(answer.content, crate::support::fleet::CONTENT);
    }
    fleet.replicas[0].change(b"{}", 2, Some(&[Commit])).await?;
    let answer = fleet.get(1, "").await?;
    assert_eq!((answer.field("etag"), answer.content.as_slice()), (None, &b"{}"[..]));
    // Another writer's publication does not end this one's announcement.
    fleet.replicas[1].change(b"{}", 2, Some(&[Publish])).await?;
    assert_eq!(fleet.get(1, "").await?.field("etag"), None);
    let published = fleet.replicas[0].change(b"{}", 2, Some(&[Publish])).await?;
    let tag = fleet.tag(1).await?;
    assert_eq!(published.map(|tag| tag.to_string()), Some(tag));
    assert_eq!(fleet.replicas[0].replica.counts().misses.resource_changed, 1);
    fleet.stop().await
}

#[tokio::test]
async fn an_answer_without_content_declares_what_a_harness_says_is_true() -> Tested {
    let mut fleet = Fleet::under(TagProtocol::Hardened).await?;
    let full = fleet.get(0, "").await?;
    let tag = tag_of(&full);
    assert_eq!(fleet.poll(0, &tag).await?.field("lab-replica"), Some("2"));
    let source = fleet.shared.path().join("truth");
    fs::write(&source, crate::support::fleet::CONTENT)?;
    let mut harness = Harness::of(&fleet.replicas[0]);
    let order = ReplicaOrder::Declare { source: source.clone(), edition: Some(1) };
    let report = harness.order(&serde_json::to_vec(&order)?).await?;
    assert_eq!(report, Report::Own(Declared { edition: Some(1) }));
    let hit = fleet.poll(0, &tag).await?;
    assert_eq!((hit.status, hit.field("lab-replica")), (304, full.field("lab-replica")));
    // The truth may be another than what is served; a 200 says what it sends.
    fs::write(&source, "{}")?;
    harness
        .order(&serde_json::to_vec(&ReplicaOrder::Declare { source, edition: Some(2) })?)
        .await?;
    let hit = fleet.poll(0, &tag).await?;
    assert!(hit.status == 304 && hit.field("lab-replica") != full.field("lab-replica"));
    assert_eq!(fleet.get(0, "").await?.field("lab-replica"), full.field("lab-replica"));
    harness.end().await?;
    fleet.stop().await
}
