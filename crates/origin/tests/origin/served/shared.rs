//! Replicas that share random tags: what the middleware answers before the application is asked.

mod counted;
mod races;

use std::error::Error;
use std::fs;

use etag_lab_origin::ReplicaSpec;
use tempfile::TempDir;

use crate::support::Tested;
use crate::support::fleet::{CONTENT, Served, entry, share};
use crate::support::raw::{Answer, Raw};
use etag_lab_origin::shared_tags::protocol::TagProtocol;

/// Two replicas with one database and one store of tags, and a client at each of them.
struct Fleet {
    replicas: [Served; 2],
    clients: [Raw; 2],
    shared: TempDir,
}

impl Fleet {
    async fn of(edit: impl Fn(&mut ReplicaSpec)) -> Result<Self, Box<dyn Error>> {
        let shared = tempfile::tempdir()?;
        let start = async || {
            Served::empty(entry("shared-revision"), |spec| {
                share(spec, shared.path()).expect("the directory is ours");
                edit(spec);
            })
            .await
        };
        let replicas = [start().await?, start().await?];
        for replica in &replicas {
            replica.deploy(CONTENT, 1).await?;
        }
        let clients = [replicas[0].connect().await?, replicas[1].connect().await?];
        Ok(Self { replicas, clients, shared })
    }

    async fn under(protocol: TagProtocol) -> Result<Self, Box<dyn Error>> {
        Self::of(|spec| {
            spec.shared_tags.as_mut().expect("tags are shared").protocol = protocol;
        })
        .await
    }

    async fn get(&mut self, replica: usize, lines: &str) -> std::io::Result<Answer> {
        self.clients[replica].ask("GET", lines).await
    }

    /// Asks with a tag.
    async fn poll(&mut self, replica: usize, tag: &str) -> std::io::Result<Answer> {
        self.get(replica, &format!("If-None-Match: {tag}\r\n")).await
    }

    /// The tag of a 200.
    async fn tag(&mut self, replica: usize) -> std::io::Result<String> {
        Ok(tag_of(&self.get(replica, "").await?))
    }

    async fn stop(self) -> Tested {
        drop(self.clients);
        for served in self.replicas {
            served.stop().await?;
        }
        Ok(())
    }
}

fn tag_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.field("etag").unwrap_or_else(|| panic!("no tag in {answer:?}")).to_owned()
}

#[tokio::test]
async fn every_replica_gives_the_same_tag_and_a_304_for_it_whatever_the_query() -> Tested {
    let mut fleet = Fleet::of(|spec| spec.poll_interval_ms = Some(3_000)).await?;
    let full = fleet.get(0, "").await?;
    let tag = tag_of(&full);
    assert!(tag.starts_with("W/\"") && tag.len() == 36, "{tag}");
    assert_eq!(fleet.tag(1).await?, tag);
    for (replica, target) in [(1, "/api/config"), (0, "/api/config?scope=all&b")] {
        let lines = format!("If-None-Match: {tag}\r\n");
        let answer = fleet.clients[replica].ask_at("GET", target, &lines).await?;
        assert_eq!((answer.status, answer.content.len()), (304, 0));
        for name in ["etag", "cache-control", "poll-interval", "vary"] {
            assert_eq!(answer.field(name), full.field(name), "{name}");
        }
        assert!(answer.field("date").is_some());
        let head = fleet.clients[replica].ask_at("HEAD", target, &lines).await?;
        assert_eq!((head.status, head.names()), (304, answer.names()));
    }
    fleet.stop().await
}

/// Two changes in one second have one date, and another process may have made the second one.
#[tokio::test]
async fn a_date_validates_nothing() -> Tested {
    let mut fleet = Fleet::of(|_| {}).await?;
    let full = fleet.get(0, "").await?;
    let date = full.field("last-modified").expect("content has a date").to_owned();
    let since = format!("If-Modified-Since: {date}\r\n");
    for replica in [0, 1] {
        assert_eq!(fleet.get(replica, &since).await?.status, 200);
    }
    let tag = tag_of(&full);
    assert_eq!(fleet.get(1, &format!("{since}If-None-Match: {tag}\r\n")).await?.status, 304);
    fleet.stop().await
}

#[tokio::test]
async fn a_list_is_matched_weakly_and_star_by_whether_there_is_content() -> Tested {
    let mut fleet = Fleet::of(|_| {}).await?;
    let tag = fleet.tag(0).await?;
    let strong = tag.trim_start_matches("W/").to_owned();
    for (lines, status) in [
        (format!("If-None-Match: \"x\", {tag}\r\n"), 304),
        (format!("If-None-Match: \"x\"\r\nIf-None-Match: {strong}\r\n"), 304),
        ("If-None-Match: *\r\n".to_owned(), 304),
        ("If-None-Match: \"x\"\r\n".to_owned(), 200),
        (format!("If-None-Match: {}\r\n", strong.trim_matches('"')), 200),
        // A weak tag is no condition for a change: If-Match compares strongly, and comes first.
        (format!("If-Match: {tag}\r\nIf-None-Match: {tag}\r\n"), 412),
        (format!("If-None-Match: {tag}\r\nIf-Unmodified-Since: {LONG_AGO}\r\n"), 412),
    ] {
        assert_eq!(fleet.get(0, &lines).await?.status, status, "{lines}");
    }
    fleet.stop().await
}

const LONG_AGO: &str = "Thu, 01 Jan 1970 00:00:00 GMT";

#[tokio::test]
async fn as_published_the_field_is_compared_as_a_string() -> Tested {
    let mut fleet = Fleet::under(TagProtocol::AsPublished).await?;
    let tag = fleet.tag(0).await?;
    assert_eq!(fleet.poll(1, &tag).await?.status, 304);
    for other in [format!("\"x\", {tag}"), tag.trim_start_matches("W/").to_owned()] {
        assert_eq!(fleet.poll(1, &other).await?.status, 200, "{other}");
    }
    fleet.stop().await
}

#[tokio::test]
async fn each_coding_has_its_tag_and_is_validated_without_being_made() -> Tested {
    let mut fleet = Fleet::of(|spec| spec.codings = vec![etag_lab_origin::Coding::Gzip]).await?;
    let gzip = fleet.get(0, "Accept-Encoding: gzip\r\n").await?;
    let tag = tag_of(&gzip);
    assert!(tag.ends_with("-gzip\"") && gzip.field("content-encoding") == Some("gzip"), "{tag}");
    let lines = format!("Accept-Encoding: gzip\r\nIf-None-Match: {tag}\r\n");
    let answer = fleet.get(1, &lines).await?;
    assert_eq!((answer.status, answer.field("etag")), (304, Some(tag.as_str())));
    assert_eq!(answer.field("vary"), Some("Accept-Encoding"));
    assert_eq!(fleet.poll(1, &tag).await?.status, 200, "this client wants no coding");
    fleet.stop().await
}

#[tokio::test]
async fn a_change_anywhere_ends_the_304s_everywhere() -> Tested {
    let mut fleet = Fleet::of(|_| {}).await?;
    let tag = fleet.tag(0).await?;
    let published = fleet.replicas[1].deploy(b"{}", 2).await?.map(|tag| tag.to_string());
    let answer = fleet.poll(0, &tag).await?;
    assert_eq!((answer.status, answer.content.as_slice()), (200, &b"{}"[..]));
    assert_eq!(answer.field("etag"), published.as_deref());
    let tag = tag_of(&answer);
    // Told of the same change later, nobody publishes another tag.
    assert_eq!(fleet.replicas[0].deploy(b"{}", 2).await?, None);
    assert_eq!(fleet.poll(1, &tag).await?.status, 304);
    let put = b"PUT /api/config HTTP/1.1\r\nHost: lab\r\nContent-Length: 3\r\n\r\nput";
    fleet.clients[0].send(put).await?;
    assert_eq!(fleet.clients[0].receive("PUT").await?.status, 204);
    let answer = fleet.poll(1, &tag).await?;
    assert_eq!((answer.status, answer.content.as_slice()), (200, &b"put"[..]));
    let tag = tag_of(&answer);
    assert_eq!(fleet.poll(0, &tag).await?.status, 304);
    fleet.stop().await
}

#[tokio::test]
async fn a_response_can_go_without_a_tag() -> Tested {
    let mut fleet = Fleet::of(|_| {}).await?;
    let database = rusqlite::Connection::open(fleet.shared.path().join("store"))?;
    database.execute("UPDATE delivery SET tagged = 0", [])?;
    let answer = fleet.get(0, "").await?;
    assert_eq!((answer.status, answer.field("etag")), (200, None));
    database.execute("UPDATE delivery SET tagged = 1", [])?;
    fleet.tag(0).await?;
    fleet.stop().await
}

#[tokio::test]
async fn nobody_unauthorised_gets_a_304_and_as_published_everybody_does() -> Tested {
    for (protocol, refused) in [(TagProtocol::Hardened, 401), (TagProtocol::AsPublished, 304)] {
        let mut fleet = Fleet::of(|spec| {
            spec.token = Some("secret".to_owned().into());
            spec.shared_tags.as_mut().expect("tags are shared").protocol = protocol;
        })
        .await?;
        let full = fleet.get(0, "authorization: bearer secret\r\n").await?;
        let tag = tag_of(&full);
        let with = |token: &str| format!("If-None-Match: {tag}\r\nAuthorization: {token}\r\n");
        assert_eq!(fleet.get(1, &with("Bearer secret")).await?.status, 304);
        for token in ["", "secret", "Bearer", "Bearer secre", "Bearer secret2", "Basic secret"] {
            let answer = fleet.get(1, &with(token)).await?;
            assert_eq!(answer.status, refused, "{protocol:?} {token:?}");
            let answer = fleet.get(1, &format!("Authorization: {token}\r\n")).await?;
            assert_eq!((answer.status, answer.field("etag")), (401, None), "{token:?}");
            assert_eq!(answer.field("www-authenticate"), Some("Bearer"));
        }
        let put = b"PUT /api/config HTTP/1.1\r\nHost: lab\r\nContent-Length: 3\r\n\r\nput";
        fleet.clients[0].send(put).await?;
        assert_eq!(fleet.clients[0].receive("PUT").await?.status, 401);
        fleet.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_store_that_is_down_costs_the_tag_and_as_published_the_answer() -> Tested {
    for (protocol, status) in [(TagProtocol::Hardened, 200), (TagProtocol::AsPublished, 500)] {
        let mut fleet = Fleet::under(protocol).await?;
        let tag = fleet.tag(0).await?;
        let file = fleet.shared.path().join("tags");
        let away = fleet.shared.path().join("tags.away");
        fs::rename(&file, &away)?;
        for replica in [0, 1, 0] {
            let answer = fleet.poll(replica, &tag).await?;
            assert_eq!((answer.status, answer.field("etag")), (status, None));
            assert_eq!(answer.content == CONTENT, status == 200);
        }
        // A change goes on; the store hears of it as soon as it is back.
        fleet.replicas[0].deploy(b"{}", 2).await?;
        fs::rename(&away, &file)?;
        let back = loop {
            let answer = fleet.poll(1, &tag).await?;
            if answer.status == 304 {
                // As published, the invalidation was lost.
                assert_eq!(protocol, TagProtocol::AsPublished);
                break None;
            }
            if let Some(tag) = answer.field("etag") {
                assert_eq!(answer.content, b"{}");
                break Some(tag.to_owned());
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(back.is_some(), protocol == TagProtocol::Hardened);
        if let Some(tag) = back {
            assert_eq!(fleet.poll(1, &tag).await?.status, 304);
        }
        assert!(fleet.replicas[0].replica.counts().store_errors > 0);
        fleet.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_pace_can_be_changed_stopped_and_left_unsaid() -> Tested {
    let mut fleet = Fleet::of(|_| {}).await?;
    let tag = fleet.tag(0).await?;
    for pace in [None, Some(3_000), Some(-1), Some(0), None] {
        fleet.replicas[0].replica.set_poll_interval_ms(pace);
        let expected = pace.map(|pace| pace.to_string());
        let full = fleet.get(0, "").await?;
        let hit = fleet.poll(0, &tag).await?;
        assert_eq!((full.status, hit.status), (200, 304));
        assert_eq!(full.field("poll-interval"), expected.as_deref());
        assert_eq!(hit.field("poll-interval"), expected.as_deref());
    }
    fleet.stop().await
}
