//! The orders of a harness, over pipes in memory.

use std::fs;
use std::sync::Arc;

use etag_lab_origin::ReplicaCounts;
use etag_lab_origin::control::{self, ReplicaOrder, ReplicaReport};
use server::stdio::{self, Messages, Report};
use tokio::io::{AsyncWriteExt as _, BufReader, DuplexStream};
use tokio::task::JoinHandle;

use crate::support::Tested;
use crate::support::fleet::{CONTENT, Served, entry};

/// The harness's ends of both pipes, and the replica that obeys.
pub(crate) struct Harness {
    orders: DuplexStream,
    reports: Messages<BufReader<DuplexStream>>,
    obeying: JoinHandle<std::io::Result<()>>,
}

impl Harness {
    pub(crate) fn of(served: &Served) -> Self {
        let (orders, theirs) = tokio::io::duplex(1_024);
        let (reports, ours) = tokio::io::duplex(1_024);
        let theirs = Messages::from(BufReader::new(theirs));
        let replica = Arc::clone(&served.replica);
        Self {
            orders,
            reports: Messages::from(BufReader::new(ours)),
            obeying: tokio::spawn(control::obey(theirs, reports, replica)),
        }
    }

    pub(crate) async fn order(
        &mut self,
        line: &[u8],
    ) -> Result<Report<ReplicaReport>, Box<dyn std::error::Error>> {
        self.orders.write_all(line).await?;
        self.orders.write_all(b"\n").await?;
        Ok(self.reports.next().await?.ok_or("no report")??)
    }

    /// Ends the orders, and waits until the replica has noticed.
    pub(crate) async fn end(self) -> Tested {
        drop(self.orders);
        Ok(self.obeying.await??)
    }
}

#[tokio::test]
async fn an_ordered_change_is_served_and_acknowledged_with_its_tag() -> Tested {
    let served = Served::empty(entry("mtime-size"), |_| {}).await?;
    let source = served.directory().join("source.json");
    fs::write(&source, CONTENT)?;
    let mut harness = Harness::of(&served);
    let order = ReplicaOrder::Change {
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
    assert_eq!(report, Report::Own(ReplicaReport::Changed { edition: Some(3), entity_tag }));
    harness.end().await?;
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
    harness.end().await?;
    served.stop().await
}

#[tokio::test]
async fn what_is_counted_and_told_of_the_pace_is_ordered_too() -> Tested {
    let served = Served::with_content(entry("content-hash")).await?;
    let mut harness = Harness::of(&served);
    let report = harness.order(br#"{"pace":{"poll_interval_ms":-1}}"#).await?;
    assert_eq!(report, Report::Own(ReplicaReport::Paced {}));
    let answer = served.connect().await?.ask("GET", "").await?;
    assert_eq!(answer.field("poll-interval"), Some("-1"));
    assert_eq!(
        harness.order(br#"{"pace":{"poll_interval_ms":null}}"#).await?,
        Report::Own(ReplicaReport::Paced {})
    );
    let answer = served.connect().await?.ask("GET", "").await?;
    assert_eq!(answer.field("poll-interval"), None);
    let report = harness.order(br#"{"counts":{}}"#).await?;
    assert_eq!(
        report,
        Report::Own(ReplicaReport::Counts(ReplicaCounts {
            requests: 2,
            ..ReplicaCounts::default()
        }))
    );
    // There is no tag that a request could create.
    for order in
        [&br#"{"hold":{"at":"create"}}"#[..], br#"{"await_held":{}}"#, br#"{"release":{}}"#]
    {
        assert!(matches!(harness.order(order).await?, Report::Failed { .. }));
    }
    harness.end().await?;
    served.stop().await
}

#[tokio::test]
async fn the_end_of_the_orders_does_not_wait_for_a_request_to_stop() -> Tested {
    let served = Served::with_content(entry("shared-revision")).await?;
    let mut harness = Harness::of(&served);
    harness.order(br#"{"hold":{"at":"create"}}"#).await?;
    harness.orders.write_all(b"{\"await_held\":{}}\n").await?;
    harness.end().await?;
    served.stop().await
}

fn check(report: &Report<ReplicaReport>, line: &str) -> Tested {
    assert_eq!(serde_json::to_string(report)?, line);
    assert_eq!(&serde_json::from_str::<Report<ReplicaReport>>(line)?, report);
    Ok(())
}

#[tokio::test]
async fn the_messages_are_spelled_as_documented() -> Tested {
    let ready = Report::Ready { address: ([127, 0, 0, 1], 40_123).into() };
    check(&ready, r#"{"ready":{"address":"127.0.0.1:40123"}}"#)?;
    let entity_tag = Some("\"41\"".to_owned());
    let changed = Report::Own(ReplicaReport::Changed { edition: Some(1), entity_tag });
    check(&changed, r#"{"changed":{"edition":1,"entity_tag":"\"41\""}}"#)?;
    check(
        &Report::Own(ReplicaReport::Declared { edition: Some(1) }),
        r#"{"declared":{"edition":1}}"#,
    )?;
    check(&Report::Own(ReplicaReport::Held {}), r#"{"held":{}}"#)?;
    check(
        &Report::Own(ReplicaReport::Counts(ReplicaCounts::default())),
        r#"{"counts":{"requests":0,"not_modified":0,"queries":0,"queries_on_not_modified":0,"hits":0,"misses":{"header_missing":0,"key_not_found":0,"resource_changed":0},"store_errors":0}}"#,
    )?;
    check(&Report::Failed { reason: "x".to_owned() }, r#"{"failed":{"reason":"x"}}"#)?;
    let order = r#"{"change":{"source":"/new","edition":1,"modified_ms":1767600000000}}"#;
    assert_eq!(serde_json::to_string(&serde_json::from_str::<ReplicaOrder>(order)?)?, order);
    let mut written = Vec::new();
    stdio::send(&mut written, &ready).await?;
    assert!(written.ends_with(b"}}\n"));
    Ok(())
}
