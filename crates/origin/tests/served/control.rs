//! The orders of a harness, over pipes in memory.

use std::fs;
use std::sync::Arc;

use origin::control::{self, Order, Report};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines};
use tokio::task::JoinHandle;

use crate::Tested;
use crate::fleet::{CONTENT, Served, entry};

/// The harness's ends of both pipes, and the replica that obeys.
struct Harness {
    orders: DuplexStream,
    reports: Lines<BufReader<DuplexStream>>,
    obeying: JoinHandle<std::io::Result<()>>,
}

impl Harness {
    fn of(served: &Served) -> Self {
        let (orders, theirs) = tokio::io::duplex(1_024);
        let (reports, ours) = tokio::io::duplex(1_024);
        let replica = Arc::clone(&served.replica);
        Self {
            orders,
            reports: BufReader::new(ours).lines(),
            obeying: tokio::spawn(control::obey(BufReader::new(theirs), reports, replica)),
        }
    }

    async fn order(&mut self, line: &[u8]) -> Result<Report, Box<dyn std::error::Error>> {
        self.orders.write_all(line).await?;
        self.orders.write_all(b"\n").await?;
        let report = self.reports.next_line().await?.ok_or("no report")?;
        Ok(serde_json::from_str(&report)?)
    }
}

#[tokio::test]
async fn an_ordered_change_is_served_and_acknowledged_with_its_tag() -> Tested {
    let served = Served::empty(entry("mtime-size"), |_| {}).await?;
    let source = served.directory().join("source.json");
    fs::write(&source, CONTENT)?;
    let mut harness = Harness::of(&served);
    let order = Order::Change {
        source,
        edition: Some(3),
        modified_ms: Some(1_767_600_000_000),
        steps: None,
    };
    let report = harness.order(&serde_json::to_vec(&order)?).await?;
    let answer = served.connect().await?.ask("GET", "").await?;
    assert_eq!(answer.content, CONTENT);
    assert!(answer.field("lab-replica").is_some_and(|value| value.ends_with(".3")));
    let entity_tag = answer.field("etag").map(str::to_owned);
    assert_eq!(entity_tag.as_deref(), Some("\"695b6f80-10\""));
    assert_eq!(report, Report::Changed { edition: Some(3), entity_tag });
    drop(harness.orders);
    harness.obeying.await??;
    served.stop().await
}

#[tokio::test]
async fn what_is_no_order_or_cannot_be_done_is_reported_and_survived() -> Tested {
    let served = Served::with_content(entry("content-hash")).await?;
    let mut harness = Harness::of(&served);
    for line in [
        &b"change"[..],
        b"{}",
        b"[]",
        b"{\"restart\":{}}",
        b"{\"change\":{}}",
        b"{\"change\":{\"source\":1}}",
        b"{\"change\":{\"source\":\"x\",\"editoin\":1}}",
        b"\xff\xfe",
        b"\n \r\n{\"change\":{\"source\":\"/absent/config.json\"}}",
    ] {
        let report = harness.order(line).await?;
        assert!(matches!(report, Report::Failed { .. }), "{} {report:?}", line.escape_ascii());
    }
    assert_eq!(served.connect().await?.ask("GET", "").await?.content, CONTENT);
    drop(harness.orders);
    harness.obeying.await??;
    served.stop().await
}

fn check(report: &Report, line: &str) -> Tested {
    assert_eq!(serde_json::to_string(report)?, line);
    assert_eq!(&serde_json::from_str::<Report>(line)?, report);
    Ok(())
}

#[tokio::test]
async fn the_messages_are_spelled_as_documented() -> Tested {
    let ready = Report::Ready { address: ([127, 0, 0, 1], 40_123).into() };
    check(&ready, r#"{"ready":{"address":"127.0.0.1:40123"}}"#)?;
    let entity_tag = Some("\"41\"".to_owned());
    let changed = Report::Changed { edition: Some(1), entity_tag };
    check(&changed, r#"{"changed":{"edition":1,"entity_tag":"\"41\""}}"#)?;
    check(&Report::Failed { reason: "x".to_owned() }, r#"{"failed":{"reason":"x"}}"#)?;
    let order = r#"{"change":{"source":"/new","edition":1,"modified_ms":1767600000000}}"#;
    assert_eq!(serde_json::to_string(&serde_json::from_str::<Order>(order)?)?, order);
    let mut written = Vec::new();
    control::report(&mut written, &ready).await?;
    assert!(written.ends_with(b"}}\n"));
    Ok(())
}
