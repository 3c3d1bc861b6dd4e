//! PUT: what is stored, for whom, and who wins when many write at once.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use etag_lab_origin::{ReplicaSpec, databases};
use strategies::{Agreement, Deployed, STRATEGIES};

use crate::support::Tested;
use crate::support::fleet::{CONTENT, Served, entry};
use crate::support::raw::{Answer, Raw};

async fn put(client: &mut Raw, lines: &str, content: &str) -> std::io::Result<Answer> {
    let head = format!("PUT /api/config HTTP/1.1\r\nHost: lab\r\n{lines}");
    let length = content.len();
    client.send(format!("{head}Content-Length: {length}\r\n\r\n{content}").as_bytes()).await?;
    client.receive("PUT").await
}

#[tokio::test]
async fn what_is_put_is_served_stored_and_counted() -> Tested {
    for entry in STRATEGIES {
        let served = Served::with_content(entry).await?;
        let mut client = served.connect().await?;
        let answer = put(&mut client, "", "{\"put\":1}").await?;
        assert_eq!(answer.status, 204, "{entry:?}");
        let read = client.ask("GET", "").await?;
        // A tag goes with content that is served as it was sent, and with no other. A shared one does
        // not go at all: another writer may have been between this content and this tag.
        let as_sent = entry.deployed != Deployed::NamingReplica;
        let told = as_sent && !entry.reads.shared_tag;
        let is_met_again = entry.agreement != Agreement::Never;
        assert_eq!(read.content == b"{\"put\":1}", as_sent, "{entry:?}");
        let tag = read.field("etag").filter(|_| told);
        assert_eq!(answer.field("etag") == tag, is_met_again, "{entry:?}");
        assert_eq!(read.field("etag").is_none(), entry.agreement == Agreement::NoTag);
        assert_eq!(answer.field("lab-replica"), read.field("lab-replica"));
        if entry.agreement != Agreement::SameRevision {
            assert_eq!(fs::read(served.directory().join("config.json"))?, b"{\"put\":1}");
        }
        assert_eq!(served.replica.changes_seen(), 1);
        served.stop().await?;
    }
    Ok(())
}

/// Two replicas that read one store.
async fn sharing(store: &str) -> Result<[Served; 2], Box<dyn std::error::Error>> {
    let open = |spec: &mut ReplicaSpec| spec.database = databases::open(store).ok();
    let strategy = entry("version");
    Ok([Served::empty(strategy, open).await?, Served::empty(strategy, open).await?])
}

#[tokio::test]
async fn replicas_that_share_a_store_let_one_writer_win_each_version() -> Tested {
    let shared = tempfile::tempdir()?;
    let pair = sharing(&format!("sqlite:{}", shared.path().join("store").display())).await?;
    let mut clients = [pair[0].connect().await?, pair[1].connect().await?];
    assert_eq!(put(&mut clients[0], "If-None-Match: *\r\n", "first").await?.status, 201);
    assert_eq!(put(&mut clients[1], "If-None-Match: *\r\n", "late").await?.status, 412);
    for round in 0..20 {
        let tag = clients[0].ask("GET", "").await?.field("etag").unwrap_or_default().to_owned();
        let lines = format!("If-Match: {tag}\r\n");
        let [one, two] = &mut clients;
        let contents = [format!("one, {round}"), format!("two, {round}")];
        let answers = tokio::join!(put(one, &lines, &contents[0]), put(two, &lines, &contents[1]));
        let answers = [answers.0?, answers.1?];
        let winner = usize::from(answers[1].status == 204);
        assert_eq!((answers[winner].status, answers[1 - winner].status), (204, 412), "{round}");
        for client in &mut clients {
            let read = client.ask("GET", "").await?;
            assert_eq!(read.content, contents[winner].as_bytes());
            assert_eq!(read.field("etag"), answers[winner].field("etag"));
        }
    }
    for served in pair {
        served.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn content_that_somebody_deleted_from_the_store_can_be_put_again() -> Tested {
    let served = Served::with_content(entry("version")).await?;
    let store = rusqlite::Connection::open(served.directory().join("store"))?;
    store.execute("DELETE FROM resource", [])?;
    let mut client = served.connect().await?;
    assert_eq!(put(&mut client, "", "again").await?.status, 204);
    assert_eq!(client.ask("GET", "").await?.content, b"again");
    served.stop().await
}

#[tokio::test]
async fn the_first_content_is_created_and_the_second_replaces_it() -> Tested {
    let served = Served::empty(entry("content-hash"), |_| {}).await?;
    let mut client = served.connect().await?;
    assert_eq!(put(&mut client, "If-Match: *\r\n", "one").await?.status, 412);
    assert_eq!(client.ask("GET", "").await?.status, 503);
    let created = put(&mut client, "If-None-Match: *\r\n", "one").await?;
    assert_eq!((created.status, created.field("content-length")), (201, Some("0")));
    assert!(created.field("etag").is_some());
    assert_eq!(put(&mut client, "If-None-Match: *\r\n", "two").await?.status, 412);
    assert_eq!(client.ask("GET", "").await?.content, b"one");
    let lines = format!("If-Match: {}\r\n", created.field("etag").unwrap_or_default());
    assert_eq!(put(&mut client, &lines, "two").await?.status, 204);
    assert_eq!(put(&mut client, &lines, "three").await?.status, 412);
    assert_eq!(client.ask("GET", "").await?.content, b"two");
    served.stop().await
}

#[tokio::test]
async fn an_edit_of_the_file_that_nobody_has_noticed_yet_makes_a_stale_tag_fail() -> Tested {
    let served = Served::with_content(entry("content-hash")).await?;
    let tag = served.replica.entity_tag().map(|tag| tag.to_string()).unwrap_or_default();
    fs::write(served.directory().join("config.json"), "edited by hand")?;
    let mut client = served.connect().await?;
    let answer = put(&mut client, &format!("If-Match: {tag}\r\n"), "lost update").await?;
    assert_eq!(answer.status, 412);
    assert_eq!(client.ask("GET", "").await?.content, b"edited by hand");
    served.stop().await
}

#[tokio::test]
async fn a_content_that_cannot_be_stored_is_500_and_the_old_one_is_served_on() -> Tested {
    let served = Served::with_content(entry("content-hash")).await?;
    let copy = served.directory().join("config.json");
    // In the way of a rename even for root.
    fs::remove_file(&copy)?;
    fs::create_dir_all(copy.join("within"))?;
    let mut client = served.connect().await?;
    assert_eq!(put(&mut client, "", "x").await?.status, 500);
    assert_eq!(client.ask("GET", "").await?.content, CONTENT);
    served.stop().await
}

#[tokio::test]
async fn a_refused_content_is_not_stored() -> Tested {
    let served = Served::empty(entry("content-hash"), |spec| spec.max_content_bytes = 4).await?;
    let mut client = served.connect().await?;
    assert_eq!(put(&mut client, "", "four").await?.status, 201);
    for lines in ["If-Match: \"x\"\r\n", "Content-Range: bytes 0-3/4\r\n", "If-None-Match: *\r\n"] {
        assert!(put(&mut client, lines, "none").await?.status >= 400, "{lines}");
    }
    assert_eq!(put(&mut client, "", "too long").await?.status, 413);
    // Nobody knew its length before it was too long.
    let chunked = "PUT /api/config HTTP/1.1\r\nHost: lab\r\nTransfer-Encoding: chunked\r\n\r\n";
    client.send(format!("{chunked}8\r\ntoo long\r\n0\r\n\r\n").as_bytes()).await?;
    let answer = client.receive("PUT").await?;
    assert_eq!((answer.status, answer.field("connection")), (413, Some("close")));
    let mut client = served.connect().await?;
    client.send(format!("{chunked}3\r\nabc\r\n").as_bytes()).await?;
    client.finish().await?;
    assert_eq!(client.receive("PUT").await?.status, 400);
    assert_eq!(served.connect().await?.ask("GET", "").await?.content, b"four");
    served.stop().await
}

// The changes themselves are made on threads of their own, so this is a race on one thread, too.
#[tokio::test]
async fn of_many_that_write_at_once_exactly_one_wins_each_tag() -> Tested {
    const WRITERS: usize = 16;
    let served = Served::with_content(entry("content-hash")).await?;
    for round in 0..10 {
        let tag = served.replica.entity_tag().map(|tag| tag.to_string()).unwrap_or_default();
        let lines: Arc<str> = format!("If-Match: {tag}\r\n").into();
        let start = Arc::new(tokio::sync::Barrier::new(WRITERS));
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let mut client = served.connect().await?;
            let (lines, start) = (Arc::clone(&lines), Arc::clone(&start));
            writers.spawn(async move {
                start.wait().await;
                let content = format!("round {round}, writer {writer}");
                let answer = put(&mut client, &lines, &content).await?;
                Ok::<_, std::io::Error>((answer, content))
            });
        }
        let mut winners = Vec::new();
        while let Some(written) = writers.join_next().await {
            let (answer, content) = written??;
            match answer.status {
                204 => winners.push((answer, content)),
                status => assert_eq!(status, 412, "{answer:?}"),
            }
        }
        let [(answer, content)] = &winners[..] else { panic!("{} winners", winners.len()) };
        let read = served.connect().await?.ask("GET", "").await?;
        assert_eq!(read.content, content.as_bytes());
        assert_eq!(read.field("etag"), answer.field("etag"));
    }
    served.stop().await
}

#[tokio::test]
async fn the_second_edit_within_a_second_has_a_date_that_does_not_resume() -> Tested {
    let served = Served::empty(entry("none"), |_| {}).await?;
    let long_ago = Some(SystemTime::now() - Duration::from_secs(100));
    let deploy = |content: &str| {
        served.replica.deploy(
            etag_lab_origin::ContentSource::Content(content.as_bytes()),
            None,
            long_ago,
        )
    };
    deploy("one")?;
    let mut client = served.connect().await?;
    let one = client.ask("GET", "").await?;
    let date = one.field("last-modified").unwrap_or_default();
    let lines = format!("Range: bytes=0-1\r\nIf-Range: {date}\r\n");
    assert_eq!(client.ask("GET", &lines).await?.status, 206);
    deploy("two")?;
    assert_eq!(client.ask("GET", &lines).await?.content, b"two");
    // The date is as good as ever for a condition, and wrong: that is why there are tags.
    let lines = format!("If-Modified-Since: {date}\r\n");
    assert_eq!(client.ask("GET", &lines).await?.status, 304);
    served.stop().await
}

#[tokio::test]
async fn a_content_for_which_there_is_no_memory_is_to_be_sent_later() -> Tested {
    let served = Served::empty(entry("content-hash"), |spec| spec.memory_bytes = 10).await?;
    let mut client = served.connect().await?;
    for _ in 0..3 {
        // Each gives its memory back.
        assert!(matches!(put(&mut client, "", "ten octets").await?.status, 201 | 204));
    }
    let answer = put(&mut client, "", "eleven byte").await?;
    assert_eq!((answer.status, answer.field("retry-after")), (503, Some("1")));
    assert_eq!(answer.field("connection"), Some("close"));
    assert_eq!(served.connect().await?.ask("GET", "").await?.content, b"ten octets");
    served.stop().await
}
