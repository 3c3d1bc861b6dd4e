//! The three modes of a rollout: off, beside what there is, and in between.

use serde_json::Value;

use super::{PATIENCE, Tested, await_polls, get, holding, metric, start, table};
use crate::support::eventually;

#[test]
fn off_polls_nothing_and_serves_nobody() {
    let (_, source) = table("table.json", r#"{"routes":[{"id":"a"}]}"#);
    let proxy = start(&source, &["--mode=off"]);
    for target in ["/routes", "/routes/-", "/health"] {
        assert_eq!(get(proxy.address, target, &[]).status, 503, "{target}");
    }
    assert_eq!(get(proxy.address, "/diff", &[]).status, 404);
    assert_eq!(super::polls(proxy.address, "changed"), 0);
    assert!(proxy.process.stderr().contains("which polls nothing and serves nobody"));
}

#[test]
fn pre_lists_what_differs_from_what_clients_get_and_serves_nobody() -> Tested {
    let (_, ours) = table("ours.json", r#"{"routes":[{"id":"a","x":1},{"id":"b"},{"id":"d"}]}"#);
    let (path, theirs) =
        table("theirs.json", r#"{"routes":[{"id":"a","x":2},{"id":"\u009b2J"},{"id":"d"}]}"#);
    let proxy = holding(&ours, &["--mode=pre", "--direct", &theirs]);
    let diff = eventually("a comparison", PATIENCE, || {
        let answer = get(proxy.address, "/diff", &[]);
        (answer.status == 200).then_some(answer)
    });
    assert!(diff.content.is_ascii());
    let diff: Value = serde_json::from_slice(&diff.content)?;
    assert_eq!(diff["missing"]["routes"][0]["id"], "\u{9b}2J");
    assert_eq!(diff["extra"]["routes"][0]["id"], "b");
    let different = &diff["different"]["routes"][0];
    assert_eq!((&different["id"], &different["members"][0]), (&"a".into(), &"x".into()));
    for kind in ["missing", "extra", "different"] {
        assert_eq!(diff[kind]["count"], 1);
        let line = format!("coalescer_diff_routes{{kind=\"{kind}\"}}");
        assert_eq!(metric::<u64>(proxy.address, &line), 1);
    }
    assert_eq!(get(proxy.address, "/routes", &[]).status, 503);
    assert_eq!(get(proxy.address, "/health", &[]).status, 204);
    // Differences that are told when nothing is compared any more are old ones, which is told too.
    assert_eq!(metric::<u64>(proxy.address, "coalescer_direct_up"), 1);
    std::fs::write(&path, "half a tab")?;
    eventually("what clients get is lost", PATIENCE, || {
        (metric::<u64>(proxy.address, "coalescer_direct_up") == 0).then_some(())
    });
    assert_eq!(metric::<u64>(proxy.address, "coalescer_diff_routes{kind=\"missing\"}"), 1);
    std::fs::write(path, r#"{"routes":[{"id":"d"},{"id":"b"},{"x":1,"id":"a"}]}"#)?;
    eventually("no difference", PATIENCE, || {
        let none = ["missing", "extra", "different"].iter().all(|kind| {
            metric::<u64>(proxy.address, &format!("coalescer_diff_routes{{kind=\"{kind}\"}}")) == 0
        });
        none.then_some(())
    });
    // Told when it became another, and not with each poll.
    await_polls(proxy.address, "unchanged");
    let said = proxy.process.stderr();
    assert_eq!(said.matches("compared with what clients get").count(), 2, "{said}");
    Ok(())
}
