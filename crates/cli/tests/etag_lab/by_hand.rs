//! Replicas started by hand, each a process of its own, that share a file or a database.

use std::net::SocketAddr;

use strategies::{Agreement, Deployed, Entry, STRATEGIES};

use crate::support::http::get;
use crate::support::served::Served;
use crate::support::{Tested, ended, home, stderr};

/// Members enough that two hash maps will not have them in the same order by accident.
const CONFIG: &str = r#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":{"k":1,"l":2}}"#;

fn tag(address: SocketAddr) -> std::io::Result<Option<String>> {
    let answer = get(address, &[])?;
    assert_eq!(answer.status, 200);
    Ok(answer.field("etag").map(str::to_owned))
}

/// The tags of two processes that serve the same file, or read the same new database.
fn tags_of_two_processes(entry: &Entry) -> std::io::Result<[Option<String>; 2]> {
    let file = home().join("config.json");
    std::fs::write(&file, CONFIG)?;
    let sqlite =
        |name| format!("sqlite:{}", home().join(format!("{}.{name}", entry.name)).display());
    let (store, database) = (sqlite("store"), sqlite("database"));
    let file = file.display().to_string();
    let shared = match entry.reads {
        reads if reads.shared_tag => vec!["--store", &store, "--database", &database],
        reads if reads.revision => vec!["--store", &store],
        _ => vec!["--file", &file],
    };
    let start = |history| {
        let replica = ["replica", "--strategy", entry.name, "--changes-seen", history];
        Served::start(&[&replica[..], &shared].concat())
    };
    let processes = [start("41"), start("18")];
    Ok([tag(processes[0].address)?, tag(processes[1].address)?])
}

#[test]
fn two_processes_that_share_all_but_themselves_agree_exactly_as_far_as_claimed() -> Tested {
    for entry in STRATEGIES {
        let tags = tags_of_two_processes(entry)?;
        let claimed = !matches!(entry.agreement, Agreement::SameProcess | Agreement::Never)
            && entry.deployed != Deployed::NamingReplica;
        assert_eq!(tags[0] == tags[1], claimed, "{entry:?} {tags:?}");
        assert_eq!(tags[0].is_none(), entry.agreement == Agreement::NoTag, "{entry:?}");
    }
    Ok(())
}

#[test]
fn a_change_of_the_database_by_hand_is_served_by_every_replica_with_its_next_answer() -> Tested {
    let path = home().join("changed.sqlite");
    let store = format!("sqlite:{}", path.display());
    let start = || Served::start(&["replica", "--strategy", "version", "--store", &store]);
    let replicas = [start(), start()];
    let before = tag(replicas[0].address)?.unwrap_or_default();
    let update = "UPDATE resource SET content = 'by hand', version = version + 1";
    rusqlite::Connection::open(&path)?.execute(update, [])?;
    for replica in &replicas {
        let condition = format!("If-None-Match: {before}");
        let answer = get(replica.address, &[&condition])?;
        assert_eq!((answer.status, answer.content.as_slice()), (200, &b"by hand"[..]));
        let condition = format!("If-None-Match: {}", answer.field("etag").unwrap_or_default());
        assert_eq!(get(replica.address, &[&condition])?.status, 304);
    }
    Ok(())
}

#[test]
fn a_store_that_is_missing_unknown_or_idle_is_a_mistake_with_a_way_out() {
    for args in [
        &["--strategy", "version"][..],
        &["--strategy", "version", "--store", "store.sqlite"],
        &["--strategy", "version", "--store", "redis:localhost"],
        &["--strategy", "content-hash", "--store", "sqlite:store.sqlite"],
    ] {
        let listen = ["replica", "--listen", "127.0.0.1:0"];
        let output = ended(&[&listen[..], args].concat(), 2);
        let said = stderr(&output);
        assert_eq!(said.matches("error: ").count(), 1, "{said}");
        assert!(said.contains("= help: ") && said.contains("--store"), "{said}");
    }
    assert!(!home().join("store.sqlite").exists());
    let gone = "sqlite:/no/such/folder/store.sqlite";
    let args = ["replica", "--listen", "127.0.0.1:0", "--strategy", "version", "--store", gone];
    let output = ended(&args, 3);
    let said = stderr(&output);
    assert!(said.contains("/no/such/folder/store.sqlite"), "{said}");
}
