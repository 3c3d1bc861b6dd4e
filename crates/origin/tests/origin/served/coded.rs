//! Content codings as they arrive: they decode to the content, whole or in parts, at every change.

use std::io::Read as _;

use etag_lab_origin::{Coding, ContentSource};
use strategies::Agreement;

use crate::support::Tested;
use crate::support::fleet::{CONTENT, Served, entry};

fn decode(coding: Coding, content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut decoded = Vec::new();
    match coding {
        Coding::Gzip => flate2::read::GzDecoder::new(content).read_to_end(&mut decoded)?,
        Coding::Br => brotli::Decompressor::new(content, 4_096).read_to_end(&mut decoded)?,
        Coding::Zstd => zstd::Decoder::new(content)?.read_to_end(&mut decoded)?,
    };
    Ok(decoded)
}

async fn coded(strategy: &str) -> Result<Served, Box<dyn std::error::Error>> {
    let served = Served::empty(entry(strategy), |spec| spec.codings = Coding::ALL.to_vec()).await?;
    served.replica.deploy(ContentSource::Content(CONTENT), Some(1), None)?;
    Ok(served)
}

#[tokio::test]
async fn each_coding_decodes_to_what_is_current() -> Tested {
    let served = coded("content-hash").await?;
    let mut client = served.connect().await?;
    for content in [CONTENT, b"{\"feature\":false}"] {
        served.replica.deploy(ContentSource::Content(content), None, None)?;
        for coding in Coding::ALL {
            let lines = format!("Accept-Encoding: {}\r\n", coding.as_str());
            let answer = client.ask("GET", &lines).await?;
            assert_eq!(answer.field("content-encoding"), Some(coding.as_str()));
            assert_eq!(decode(coding, &answer.content)?, content, "{coding:?}");
            // The lab's truth is about what the client has in the end.
            let plain = client.ask("GET", "").await?;
            assert_eq!(answer.field("lab-replica"), plain.field("lab-replica"));
        }
    }
    served.stop().await
}

#[tokio::test]
async fn all_variants_have_tags_of_their_own_also_when_tags_are_made_per_request() -> Tested {
    for entry in strategies::STRATEGIES {
        let served = Served::empty(entry, |spec| spec.codings = Coding::ALL.to_vec()).await?;
        served.deploy(CONTENT, 1).await?;
        let mut client = served.connect().await?;
        let mut tags = Vec::new();
        for accepted in ["identity", "gzip", "br", "zstd"] {
            let answer = client.ask("GET", &format!("Accept-Encoding: {accepted}\r\n")).await?;
            let Some(tag) = answer.field("etag") else { continue };
            let lines = format!("Accept-Encoding: {accepted}\r\nIf-None-Match: {tag}\r\n");
            let status = if entry.agreement == Agreement::Never { 200 } else { 304 };
            assert_eq!(client.ask("GET", &lines).await?.status, status, "{entry:?} {accepted}");
            tags.push(tag.to_owned());
        }
        let all = tags.len();
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), all, "{entry:?}: {tags:?}");
        served.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn parts_of_a_coded_content_join_to_the_coded_content() -> Tested {
    let served = coded("content-hash").await?;
    let mut client = served.connect().await?;
    let whole = client.ask("GET", "Accept-Encoding: gzip\r\n").await?;
    let tag = whole.field("etag").unwrap_or_default();
    let mut joined = Vec::new();
    for range in ["0-9", "10-"] {
        let lines = format!("Accept-Encoding: gzip\r\nRange: bytes={range}\r\nIf-Range: {tag}\r\n");
        let part = client.ask("GET", &lines).await?;
        assert_eq!((part.status, part.field("etag")), (206, Some(tag)));
        joined.extend(part.content);
    }
    assert_eq!(joined, whole.content);
    assert_eq!(decode(Coding::Gzip, &joined)?, CONTENT);
    served.stop().await
}
