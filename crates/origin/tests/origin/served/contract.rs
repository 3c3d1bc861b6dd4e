//! Claims of every strategy of the catalogue, seen on the wire between two replicas.

use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use etag_lab_origin::{ContentSource, ReplicaSpec};
use strategies::{Agreement, Computed, Deployed, Discrimination, Entry, STRATEGIES};
use tempfile::TempDir;
use tokio::task::spawn_blocking;
use truth::ReplicaId;

use crate::support::Tested;
use crate::support::fleet::{Served, share};
use crate::support::raw::Answer;

/// Members enough that two hash maps will not have them in the same order by accident.
const CONFIG: &[u8] =
    br#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":{"k":10,"l":11,"m":12,"n":13}}"#;

/// Two replicas, and what they share.
struct Pair {
    replicas: [Served; 2],
    shared: TempDir,
}

impl Pair {
    /// Both without content: of different histories, with a common store where there is one.
    async fn of(entry: &'static Entry) -> Result<Self, Box<dyn Error>> {
        let shared = tempfile::tempdir()?;
        let spec = |id, history| {
            let shared = shared.path();
            move |spec: &mut ReplicaSpec| {
                (spec.id, spec.history) = (Some(ReplicaId(id)), history);
                share(spec, shared).expect("the directory is ours");
            }
        };
        let one = Served::empty(entry, spec(1, 41)).await?;
        let two = Served::empty(entry, spec(2, 18)).await?;
        Ok(Self { replicas: [one, two], shared })
    }

    /// The same content in copies that share nothing else.
    async fn apart(entry: &'static Entry) -> Result<Self, Box<dyn Error>> {
        let pair = Self::of(entry).await?;
        for (served, day) in pair.replicas.iter().zip([1, 2]) {
            let time = UNIX_EPOCH + Duration::from_secs(day * 86_400);
            let replica = Arc::clone(&served.replica);
            let deploy =
                move || replica.deploy(ContentSource::Content(CONFIG), Some(1), Some(time));
            spawn_blocking(deploy).await??;
        }
        Ok(pair)
    }

    /// The same file.
    async fn together(entry: &'static Entry) -> Result<Self, Box<dyn Error>> {
        let shared = tempfile::tempdir()?;
        let file = shared.path().join("config.json");
        fs::write(&file, CONFIG)?;
        let spec = |id, history| {
            let file = file.clone();
            move |spec: &mut ReplicaSpec| {
                (spec.id, spec.history, spec.copy) = (Some(ReplicaId(id)), history, file);
            }
        };
        let one = Served::empty(entry, spec(1, 41)).await?;
        let two = Served::empty(entry, spec(2, 18)).await?;
        for served in [&one, &two] {
            served.replica.check_now()?;
        }
        Ok(Self { replicas: [one, two], shared })
    }

    async fn answers(&self) -> std::io::Result<[Answer; 2]> {
        let [one, two] = &self.replicas;
        let one = one.connect().await?.ask("GET", "").await?;
        let two = two.connect().await?.ask("GET", "").await?;
        assert_eq!((one.status, two.status), (200, 200));
        Ok([one, two])
    }

    async fn stop(self) -> Tested {
        for served in self.replicas {
            served.stop().await?;
        }
        Ok(self.shared.close()?)
    }
}

/// True if the tags agree; only content that names its replica may differ.
#[track_caller]
fn agree(entry: &Entry, [one, two]: &[Answer; 2]) -> bool {
    let named = entry.deployed == Deployed::NamingReplica;
    assert_eq!(one.content != two.content, named, "{entry:?}");
    assert!(named || one.content == CONFIG, "{entry:?}");
    let tags = [one, two].map(|answer| answer.field("etag"));
    assert_eq!(tags.contains(&None), entry.agreement == Agreement::NoTag, "{entry:?} {tags:?}");
    tags[0] == tags[1]
}

#[tokio::test]
async fn tags_of_copies_agree_exactly_as_far_as_claimed() -> Tested {
    for entry in STRATEGIES {
        let pair = Pair::apart(entry).await?;
        let claimed = match entry.agreement {
            Agreement::NoTag | Agreement::SameRevision => true,
            Agreement::SameContent => entry.deployed != Deployed::NamingReplica,
            Agreement::SameFile => matches!(entry.deployed, Deployed::StampedWith(_)),
            Agreement::SameProcess | Agreement::Never => false,
        };
        let answers = pair.answers().await?;
        assert_eq!(agree(entry, &answers), claimed, "{entry:?} {answers:?}");
        pair.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn tags_of_one_file_agree_exactly_as_far_as_claimed() -> Tested {
    for entry in STRATEGIES.iter().filter(|entry| entry.agreement != Agreement::SameRevision) {
        let pair = Pair::together(entry).await?;
        let apart = matches!(entry.agreement, Agreement::SameProcess | Agreement::Never);
        let claimed = !apart && entry.deployed != Deployed::NamingReplica;
        let answers = pair.answers().await?;
        assert_eq!(agree(entry, &answers), claimed, "{entry:?} {answers:?}");
        pair.stop().await?;
    }
    Ok(())
}

/// Both replicas are sent other content, of the same size and then of another.
#[tokio::test]
async fn contents_are_told_apart_exactly_as_far_as_claimed() -> Tested {
    let same_size = CONFIG.iter().rev().copied().collect::<Vec<_>>().leak();
    for entry in STRATEGIES {
        let pair = Pair::apart(entry).await?;
        let before = pair.answers().await?;
        let mut differ = Vec::new();
        for (edition, content) in [(2, &*same_size), (3, b"{}")] {
            for served in &pair.replicas {
                served.deploy(content, edition).await?;
            }
            let after = pair.answers().await?;
            let tags = before.iter().zip(&after).map(|(b, a)| b.field("etag") != a.field("etag"));
            differ.extend(tags);
        }
        let claimed = match entry.tells_apart {
            Discrimination::Contents | Discrimination::Changes => [true; 4],
            Discrimination::Sizes => [false, false, true, true],
            Discrimination::Nothing => [false; 4],
        };
        assert_eq!(differ, claimed, "{entry:?}");
        pair.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn every_replica_validates_its_own_tag() -> Tested {
    for entry in STRATEGIES.iter().filter(|entry| entry.agreement != Agreement::NoTag) {
        let pair = Pair::apart(entry).await?;
        for (served, answer) in pair.replicas.iter().zip(pair.answers().await?) {
            let tag = answer.field("etag");
            let lines = format!("if-none-match: {}\r\n", tag.unwrap_or_default());
            let again = served.connect().await?.ask("GET", &lines).await?;
            let is_met_again = entry.agreement != Agreement::Never;
            let status = if is_met_again { 304 } else { 200 };
            assert_eq!(again.status, status, "{entry:?}");
            assert_eq!(again.field("etag") == tag, is_met_again, "{entry:?}");
        }
        pair.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_change_that_one_replica_is_told_of_is_served_by_all_that_share_a_store() -> Tested {
    for entry in STRATEGIES.iter().filter(|entry| entry.agreement == Agreement::SameRevision) {
        assert_eq!(entry.computed, Computed::PerRequest, "{entry:?}");
        let pair = Pair::apart(entry).await?;
        let before = pair.answers().await?;
        pair.replicas[1].deploy(b"{}", 2).await?;
        let after = pair.answers().await?;
        for answer in &after {
            assert_eq!(answer.content, b"{}");
            assert_ne!(answer.field("etag"), before[0].field("etag"));
            assert!(answer.field("lab-replica").is_some_and(|value| value.ends_with(".2")));
        }
        assert!(agree_on(&after));
        // Told later, the other one has nothing to add.
        pair.replicas[0].deploy(b"{}", 2).await?;
        assert_eq!(pair.answers().await?[0].field("etag"), after[0].field("etag"));
        pair.stop().await?;
    }
    Ok(())
}

fn agree_on([one, two]: &[Answer; 2]) -> bool {
    one.field("etag") == two.field("etag")
}

#[tokio::test]
async fn a_store_that_is_gone_leaves_the_last_good_content_in_service() -> Tested {
    let entry = crate::support::fleet::entry("version");
    let pair = Pair::apart(entry).await?;
    let before = pair.answers().await?;
    fs::write(pair.shared.path().join("store"), "no database any more")?;
    let after = pair.answers().await?;
    assert_eq!(after[0].content, CONFIG);
    assert_eq!(after[0].field("etag"), before[0].field("etag"));
    pair.stop().await
}
