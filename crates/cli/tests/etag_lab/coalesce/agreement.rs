//! Two instances answer alike, tag and date, before and after changes and restarts.

use std::net::SocketAddr;

use rustix::process::Signal;

use super::{PATIENCE, Tested, await_polls, await_table, file, get, holding, metric};
use crate::support::etcd::Etcd;
use crate::support::served::Served;
use crate::support::{eventually, home};

/// Tag and date of everything that an instance serves here.
fn validators(address: SocketAddr) -> Vec<(Option<String>, Option<String>)> {
    let targets = ["/routes", "/routes/-", "/routes/-/a"];
    let validators = targets.map(|target| {
        let answer = get(address, target, &[]);
        let field = |name| answer.field(name).map(str::to_owned);
        (field("etag"), field("last-modified"))
    });
    validators.to_vec()
}

/// Waits until the tables of both hold `text`.
fn await_both(instances: &[Served; 2], text: &str) {
    for instance in instances {
        await_table(instance.address, text);
    }
}

/// Waits until both say the same, with a date, and returns it.
fn await_agreement(instances: &[Served; 2]) -> Vec<(Option<String>, Option<String>)> {
    eventually("an agreement", PATIENCE, || {
        let [one, two] = instances.each_ref().map(|instance| validators(instance.address));
        let is_dated = one.iter().all(|(tag, date)| tag.is_some() && date.is_some());
        (one == two && is_dated).then_some(one)
    })
}

#[test]
fn instances_on_one_etcd_agree_before_and_after_changes_and_restarts() {
    let Some(etcd) = Etcd::start() else { return };
    etcd.put("/routes/a", "{}");
    let mut instances = [
        holding(&etcd.source(), &["--agree-on-date"]),
        holding(&etcd.source(), &["--agree-on-date"]),
    ];
    let first = await_agreement(&instances);
    etcd.put("/routes/b", "{}");
    await_both(&instances, r#"{"id":"b"}"#);
    let second = await_agreement(&instances);
    assert_ne!(first[0].0, second[0].0);
    assert_eq!(first[2].0, second[2].0, "the route did not change");
    // One restarts, and one more comes: both find the date that was agreed on.
    instances[0] = holding(&etcd.source(), &["--agree-on-date"]);
    assert_eq!(await_agreement(&instances), second);
    // There and back between two polls of one instance, or not: they end the same.
    etcd.delete("/routes/b");
    etcd.put("/routes/b", "{}");
    etcd.delete("/routes/b");
    await_both(&instances, r#"{"routes":[{"id":"a"}]}"#);
    let last = await_agreement(&instances);
    assert_eq!(last[0].0, first[0].0, "the content is that of the beginning");
}

#[test]
fn an_instance_that_missed_a_change_and_its_reversal_takes_the_date_of_the_others() {
    let Some(etcd) = Etcd::start() else { return };
    etcd.put("/routes/a", "{}");
    let instances = [
        holding(&etcd.source(), &["--agree-on-date"]),
        holding(&etcd.source(), &["--agree-on-date"]),
    ];
    let before = await_agreement(&instances);
    let [awake, asleep] = &instances;
    asleep.process.signal(Signal::STOP);
    // Dates have whole seconds: it takes another one to tell that there is a new date.
    eventually("another date", PATIENCE, || {
        etcd.put("/routes/b", "{}");
        await_table(awake.address, r#"{"id":"b"}"#);
        etcd.delete("/routes/b");
        await_table(awake.address, r#"{"routes":[{"id":"a"}]}"#);
        let now = validators(awake.address);
        (now[0].1.is_some() && now[0].1 != before[0].1).then_some(())
    });
    asleep.process.signal(Signal::CONT);
    let after = await_agreement(&instances);
    assert_eq!(after[0].0, before[0].0);
    assert_ne!(after[0].1, before[0].1);
}

#[test]
fn nothing_is_written_into_etcd_unless_it_is_asked_for() {
    let Some(etcd) = Etcd::start() else { return };
    etcd.put("/routes/a", "{}");
    let silent = holding(&etcd.source(), &[]);
    await_polls(silent.address, "unchanged");
    let answer = get(silent.address, "/routes", &[]);
    assert!(answer.field("etag").is_some() && answer.field("last-modified").is_none());
    assert_eq!(etcd.keys("etag-lab/"), [""; 0]);
    let writing = holding(&etcd.source(), &["--agree-on-date"]);
    assert!(get(writing.address, "/routes", &[]).field("last-modified").is_some());
    assert_eq!(etcd.keys("etag-lab/"), ["etag-lab/coalescer/1/modified/routes/"]);
    await_polls(silent.address, "unchanged");
    assert_eq!(get(silent.address, "/routes", &[]).field("last-modified"), None);
}

#[test]
fn instances_on_one_folder_agree_also_when_a_file_is_deleted() -> Tested {
    let folder = home().join("routes");
    std::fs::create_dir(&folder)?;
    file("routes/a.json", "{}");
    let source = format!("dir:{}", folder.display());
    let mut instances = [holding(&source, &[]), holding(&source, &[])];
    let first = await_agreement(&instances);
    file("routes/b.json", "{}");
    await_both(&instances, r#"{"id":"b"}"#);
    let second = await_agreement(&instances);
    assert_ne!(first[0].0, second[0].0);
    std::fs::remove_file(folder.join("b.json"))?;
    await_both(&instances, r#"{"routes":[{"id":"a"}]}"#);
    let third = await_agreement(&instances);
    instances[1] = holding(&source, &[]);
    assert_eq!(await_agreement(&instances), third);
    assert_eq!(metric::<u64>(instances[0].address, "coalescer_table_routes"), 1);
    Ok(())
}
