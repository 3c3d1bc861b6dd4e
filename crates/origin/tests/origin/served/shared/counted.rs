//! Queries that an answer costs, by strategy, and why shared tags were no hits.

use etag_lab_origin::{Misses, ReplicaCounts};

use super::Fleet;
use crate::support::Tested;
use crate::support::fleet::{CONTENT, Served, entry};

/// Queries of a first poll and ten more with its tag, as counted by the replica.
async fn polls(strategy: &str) -> Result<ReplicaCounts, Box<dyn std::error::Error>> {
    let served = Served::empty(entry(strategy), |spec| {
        if spec.database.is_none() {
            let path = spec.copy.with_file_name("database");
            let name = format!("sqlite:{}", path.display());
            spec.database =
                Some(etag_lab_origin::databases::open(&name).expect("the directory is ours"));
        }
    })
    .await?;
    served.deploy(CONTENT, 1).await?;
    let mut client = served.connect().await?;
    let tag = client.ask("GET", "").await?.field("etag").unwrap_or_default().to_owned();
    for _ in 0..10 {
        let answer = client.ask("GET", &format!("If-None-Match: {tag}\r\n")).await?;
        assert_eq!(answer.status, if tag.is_empty() { 200 } else { 304 }, "{strategy}");
    }
    let counts = served.replica.counts();
    served.stop().await?;
    Ok(counts)
}

#[tokio::test]
async fn a_hit_asks_nothing_a_version_one_query_and_everything_else_renders() -> Tested {
    for (strategy, queries, on_not_modified) in [
        ("none", 33, 0),
        ("per-process-counter", 33, 30),
        ("content-hash", 33, 30),
        // Rendered when it was deployed; after that, its version alone is asked for.
        ("version", 11, 10),
        ("shared-revision", 3, 0),
    ] {
        let counts = polls(strategy).await?;
        assert_eq!(counts.requests, 11, "{strategy}");
        assert_eq!(counts.queries, queries, "{strategy}");
        assert_eq!(counts.queries_on_not_modified, on_not_modified, "{strategy}");
        let shared = strategy == "shared-revision";
        assert_eq!(counts.hits, if shared { 10 } else { 0 }, "{strategy}");
        assert_eq!(counts.misses.header_missing, u64::from(shared), "{strategy}");
    }
    Ok(())
}

#[tokio::test]
async fn misses_are_counted_by_their_reason() -> Tested {
    let mut fleet = Fleet::of(|_| {}).await?;
    let tag = fleet.tag(0).await?;
    fleet.poll(0, "\"other\"").await?;
    fleet.poll(0, &tag).await?;
    let tags = rusqlite::Connection::open(fleet.shared.path().join("tags"))?;
    tags.execute("DELETE FROM tag", [])?;
    let answer = fleet.poll(0, &tag).await?;
    assert_eq!(answer.status, 200);
    assert_ne!(answer.field("etag"), Some(tag.as_str()));
    let counts = fleet.replicas[0].replica.counts();
    let misses = Misses { header_missing: 1, key_not_found: 1, resource_changed: 1 };
    let expected = ReplicaCounts {
        requests: 4,
        not_modified: 1,
        queries: 9,
        queries_on_not_modified: 0,
        hits: 1,
        misses,
        store_errors: 0,
    };
    assert_eq!(counts, expected);
    fleet.stop().await
}

#[tokio::test]
async fn a_counter_counts_what_its_own_process_was_told_and_the_content_is_everybodys() -> Tested {
    let directory = tempfile::tempdir()?;
    let name = format!("sqlite:{}", directory.path().join("database").display());
    let open = || etag_lab_origin::databases::open(&name).expect("the directory is ours");
    let counter = entry("per-process-counter");
    let one = Served::empty(counter, |spec| spec.database = Some(open())).await?;
    let two = Served::empty(counter, |spec| spec.database = Some(open())).await?;
    for served in [&one, &two] {
        served.deploy(CONTENT, 1).await?;
    }
    one.deploy(b"{}", 2).await?;
    let before = two.connect().await?.ask("GET", "").await?;
    assert_eq!((before.content.as_slice(), before.field("etag")), (&b"{}"[..], Some("\"0\"")));
    two.deploy(b"{}", 2).await?;
    let after = two.connect().await?.ask("GET", "").await?;
    assert_eq!((after.content.as_slice(), after.field("etag")), (&b"{}"[..], Some("\"1\"")));
    assert_eq!(one.connect().await?.ask("GET", "").await?.field("etag"), Some("\"1\""));
    for served in [one, two] {
        served.stop().await?;
    }
    Ok(())
}
