//! Replica processes that share tags, in a file and in Redis: hits without queries, changes on any of
//! them, and a store that is killed and comes back.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::http::{Answer, get};
use crate::support::process::PATIENCE;
use crate::support::redis::Redis;
use crate::support::served::Served;
use crate::support::{Tested, ended, etag_lab, eventually, home, output_of, stderr, stdout};

/// Two replicas by hand that share a database and this store of tags.
fn pair(store: &str) -> [Served; 2] {
    let database = format!("sqlite:{}", home().join("database").display());
    let start = || {
        let shared = ["--strategy=shared-revision", "--store", store, "--database", &database];
        let replica = ["replica", "--store-lease=100ms", "--writable", "--host=lab"];
        Served::start(&[&replica, &shared[..]].concat())
    };
    [start(), start()]
}

fn poll(address: SocketAddr, tag: &str) -> std::io::Result<Answer> {
    get(address, &[&format!("If-None-Match: {tag}")])
}

/// The tag of a replica as soon as it gives one.
fn tag(address: SocketAddr) -> String {
    eventually("a tag", PATIENCE, || {
        let answer = get(address, &[]).expect("the replica runs");
        assert_eq!(answer.status, 200);
        answer.field("etag").map(str::to_owned)
    })
}

fn put(address: SocketAddr, content: &str) -> std::io::Result<u16> {
    let mut stream = TcpStream::connect(address)?;
    let length = content.len();
    write!(
        stream,
        "PUT /api/config HTTP/1.1\r\nHost: lab\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{content}"
    )?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Ok(Answer::read(&bytes).expect("it answers").status)
}

fn check_sharing(replicas: &[Served; 2]) -> Tested {
    let [one, two] = [replicas[0].address, replicas[1].address];
    let first = tag(one);
    assert_eq!(poll(two, &first)?.status, 304);
    assert_eq!(put(two, "put")?, 204);
    let answer = poll(one, &first)?;
    assert_eq!((answer.status, answer.content.as_slice()), (200, &b"put"[..]));
    let second = tag(one);
    assert_ne!(first, second);
    assert_eq!(poll(two, &second)?.status, 304);
    Ok(())
}

#[test]
fn two_processes_share_tags_in_a_file() -> Tested {
    let replicas = pair(&format!("sqlite:{}", home().join("tags").display()));
    assert!(replicas[0].process.stderr().contains("at least one 200 in 20 min"));
    check_sharing(&replicas)
}

#[test]
fn two_processes_share_tags_in_redis_which_is_killed_and_comes_back() -> Tested {
    let Some(mut redis) = Redis::start() else { return Ok(()) };
    let replicas = pair(&redis.store(3));
    check_sharing(&replicas)?;
    let [one, two] = [replicas[0].address, replicas[1].address];
    for _ in 0..3 {
        let before = tag(one);
        redis.kill();
        for address in [one, two, one] {
            let answer = poll(address, &before)?;
            assert_eq!((answer.status, answer.field("etag")), (200, None));
        }
        assert_eq!(put(one, "while it was down")?, 204);
        redis.restart();
        let after = tag(two);
        assert_ne!(before, after);
        let answer = eventually("a 304 of the other replica", PATIENCE, || {
            poll(one, &after).ok().filter(|answer| answer.status == 304)
        });
        assert_eq!(answer.field("etag"), Some(after.as_str()));
        assert_eq!(get(two, &[])?.content, b"while it was down");
    }
    Ok(())
}

#[test]
fn a_replica_starts_without_its_redis_and_says_so_once() -> Tested {
    // A port that nobody listens on any more.
    let port = harness::ports::free(1)?[0];
    let replicas = pair(&format!("redis://:secret@127.0.0.1:{port}/0"));
    for _ in 0..5 {
        let answer = get(replicas[0].address, &[])?;
        assert_eq!((answer.status, answer.field("etag")), (200, None));
    }
    let said = replicas[0].process.stderr();
    let place = format!("redis://127.0.0.1:{port}/0");
    assert_eq!(said.matches("tag store does not answer").count(), 1, "{said}");
    assert!(said.contains(&place) && !said.contains("secret"), "{said}");
    Ok(())
}

/// A replica under orders.
struct Controlled {
    child: Child,
    orders: ChildStdin,
    reports: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Controlled {
    fn start(args: &[&str]) -> Result<Self, Box<dyn std::error::Error>> {
        let copy = home().join("copy");
        let mut command = etag_lab();
        command.args(["replica", "--control=stdio", "--listen=127.0.0.1:0", "--copy"]).arg(copy);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn()?;
        let orders = child.stdin.take().ok_or("standard input is piped")?;
        let reports = BufReader::new(child.stdout.take().ok_or("standard output is piped")?);
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut controlled = Self { child, orders, reports, address };
        let ready = controlled.report()?;
        controlled.address = ready["ready"]["address"].as_str().ok_or("no address")?.parse()?;
        Ok(controlled)
    }

    fn report(&mut self) -> Result<Value, Box<dyn std::error::Error>> {
        let mut line = String::new();
        self.reports.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }

    fn order(&mut self, order: &Value) -> Result<Value, Box<dyn std::error::Error>> {
        writeln!(self.orders, "{order}")?;
        self.report()
    }

    fn stop(mut self) -> std::io::Result<()> {
        drop(self.orders);
        assert!(self.child.wait()?.success());
        Ok(())
    }
}

#[test]
fn queries_are_counted_per_answer_and_a_hit_has_none() -> Tested {
    let folder = home();
    let (store, database) = (folder.join("tags"), folder.join("database"));
    let store = format!("sqlite:{}", store.display());
    let database = format!("sqlite:{}", database.display());
    let source = folder.join("source.json");
    std::fs::write(&source, "{}")?;
    let shared = ["--strategy=shared-revision", "--store", &store, "--database", &database];
    let mut replica = Controlled::start(&shared)?;
    let changed = replica.order(&json!({"change": {"source": source, "edition": 1}}))?;
    let published = changed["changed"]["entity_tag"].as_str().ok_or("no tag")?.to_owned();
    let declared = replica.order(&json!({"declare": {"source": source, "edition": 1}}))?;
    assert_eq!(declared, json!({"declared": {"edition": 1}}));
    assert_eq!(tag(replica.address), published);
    for _ in 0..10 {
        let answer = poll(replica.address, &published)?;
        assert_eq!(answer.status, 304);
        assert!(answer.field("lab-replica").is_some_and(|truth| truth.ends_with(".1")));
    }
    let counts = replica.order(&json!({"counts": {}}))?;
    let expected = json!({"counts": {
        "requests": 11, "not_modified": 10, "queries": 3, "queries_on_not_modified": 0, "hits": 10,
        "misses": {"header_missing": 1, "key_not_found": 0, "resource_changed": 0},
        "store_errors": 0,
    }});
    assert_eq!(counts, expected);
    Ok(replica.stop()?)
}

#[test]
fn what_makes_no_sense_is_one_mistake_with_a_way_out() {
    let shared = "--strategy=shared-revision";
    for (args, named) in [
        (&[shared][..], "--store"),
        (&[shared, "--store=sqlite:tags"], "--database"),
        (&[shared, "--store=tags", "--database=sqlite:db"], "redis://"),
        (&[shared, "--store=redis:localhost", "--database=sqlite:db"], "redis://"),
        (&[shared, "--store=redis://:secret@host:port", "--database=sqlite:db"], "redis://…@host"),
        (&[shared, "--store=sqlite:db", "--database=sqlite:db"], "a file for each"),
        (&[shared, "--store=sqlite:db", "--database=sqlite:./db"], "a file for each"),
        (&[shared, "--store=sqlite:tags", "--database=db"], "--database sqlite:PATH"),
        (&["--strategy=content-hash", "--database=redis://h:1"], "--database sqlite:PATH"),
        (&["--strategy=content-hash", "--store-ttl=1s"], "no --store-ttl"),
        (&["--strategy=version", "--store=sqlite:a", "--database=sqlite:b"], "one of them"),
    ] {
        let output = ended(&[&["replica", "--listen", "127.0.0.1:0"], args].concat(), 2);
        let said = stderr(&output);
        assert_eq!(said.matches("error: ").count(), 1, "{said}");
        assert!(said.contains("= help: ") && said.contains(named), "{args:?}: {said}");
        assert!(!said.contains("secret"), "{said}");
    }
    for args in [
        &["--poll-interval=-2"][..],
        &["--poll-interval=1", "--poll-multiplier=-1"],
        &["--poll-multiplier=2"],
        &["--token="],
    ] {
        ended(&[&["replica", "--listen", "127.0.0.1:0"], args].concat(), 2);
    }
}

#[test]
fn the_stores_are_listed() {
    let output = output_of(&["list", "stores"]);
    let said = stdout(&output);
    for entry in origin::shared_tags::stores::STORES {
        assert!(said.contains(entry.name) && said.contains(entry.form), "{said}");
    }
}

#[test]
fn a_store_that_does_not_answer_costs_a_start_a_read_and_a_change_a_second_at_most() -> Tested {
    // It accepts, and says nothing for ever.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let store = format!("redis://{}/0", silent.local_addr()?);
    let database = format!("sqlite:{}", home().join("database").display());
    let args = ["replica", "--strategy=shared-revision", "--writable", "--host=lab"];
    // A busy machine adds to each second; four seconds were spent before.
    let limit = Duration::from_secs(3);
    let start = Instant::now();
    let shared = ["--store", &store, "--database", &database];
    let replica = Served::start(&[&args, &shared[..]].concat());
    assert_eq!(get(replica.address, &[])?.status, 200);
    assert!(start.elapsed() < limit, "{:?}", start.elapsed());
    let start = Instant::now();
    assert_eq!(put(replica.address, "put")?, 204);
    assert!(start.elapsed() < limit, "{:?}", start.elapsed());
    assert_eq!(get(replica.address, &[])?.content, b"put");
    Ok(())
}
