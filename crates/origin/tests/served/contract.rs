//! What every strategy of the catalogue claims, seen on the wire between two replicas.

use std::fs;
use std::time::{Duration, UNIX_EPOCH};

use origin::{ReplicaSpec, Source};
use strategies::{Agreement, Entry, STRATEGIES};

use crate::Tested;
use crate::fleet::{CONTENT, Served};

async fn tag(served: &Served) -> std::io::Result<Option<String>> {
    let answer = served.connect().await?.ask("GET", "").await?;
    assert_eq!((answer.status, answer.content.as_slice()), (200, CONTENT));
    Ok(answer.field("etag").map(str::to_owned))
}

fn history(changes: u64) -> impl FnOnce(&mut ReplicaSpec) {
    move |spec| spec.history = changes
}

/// Two replicas with the same content in copies that share nothing else.
async fn apart(entry: &'static Entry) -> Result<[Served; 2], Box<dyn std::error::Error>> {
    let pair = [Served::empty(entry, history(41)).await?, Served::empty(entry, history(18)).await?];
    for (served, day) in pair.iter().zip([1, 2]) {
        let time = UNIX_EPOCH + Duration::from_secs(day * 86_400);
        served.replica.deploy(Source::Content(CONTENT), Some(1), Some(time))?;
    }
    Ok(pair)
}

/// Two replicas that serve one file.
async fn together(entry: &'static Entry) -> Result<[Served; 2], Box<dyn std::error::Error>> {
    let one = Served::empty(entry, history(41)).await?;
    let file = one.directory().join("config.json");
    fs::write(&file, CONTENT)?;
    let two = Served::empty(entry, |spec| (spec.copy, spec.history) = (file, 18)).await?;
    for served in [&one, &two] {
        served.replica.check_now()?;
    }
    Ok([one, two])
}

#[tokio::test]
async fn tags_agree_between_replicas_exactly_as_far_as_claimed() -> Tested {
    for entry in STRATEGIES {
        let (far, near) = (apart(entry).await?, together(entry).await?);
        let far_tags = (tag(&far[0]).await?, tag(&far[1]).await?);
        let near_tags = (tag(&near[0]).await?, tag(&near[1]).await?);
        assert_eq!(far_tags.0.is_none(), entry.agreement == Agreement::NoTag, "{entry:?}");
        let agree = (far_tags.0 == far_tags.1, near_tags.0 == near_tags.1);
        let claimed = match entry.agreement {
            Agreement::NoTag | Agreement::SameContent => (true, true),
            Agreement::SameFile => (false, true),
            Agreement::SameProcess => (false, false),
        };
        assert_eq!(agree, claimed, "{entry:?} {far_tags:?} {near_tags:?}");
        for served in far.into_iter().chain(near) {
            served.stop().await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn every_replica_validates_its_own_tag() -> Tested {
    for entry in STRATEGIES.iter().filter(|entry| entry.agreement != Agreement::NoTag) {
        let served = Served::with_content(entry).await?;
        let tag = tag(&served).await?.unwrap_or_default();
        let lines = format!("if-none-match: {tag}\r\n");
        let answer = served.connect().await?.ask("GET", &lines).await?;
        assert_eq!((answer.status, answer.field("etag")), (304, Some(tag.as_str())), "{entry:?}");
        served.stop().await?;
    }
    Ok(())
}
