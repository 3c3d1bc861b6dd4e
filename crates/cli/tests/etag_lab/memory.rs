//! Memory of servers: in proportion to what they hold, and used again.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use crate::support::eventually;
use crate::support::http::ask;
use crate::support::process::PATIENCE;
use crate::support::served::{Served, balancer};

/// The peak in KiB of a proxy that has this table of routes, as soon as it has it.
fn peak_with_table(name: &str, document: &str) -> u64 {
    let file = crate::support::home().join(name);
    std::fs::write(&file, document).expect("the file can be written");
    let file = file.display().to_string();
    let proxy = Served::start(&["coalesce", "--timeout=120s", "--upstream", &file]);
    eventually("a table", PATIENCE, || {
        let health = ask(proxy.address, "GET /health", &[]).expect("it answers");
        (health.status == 204).then_some(())
    });
    let peak = proxy.process.memory_kib("VmHWM").expect("it runs");
    let zone = ask(proxy.address, "GET /routes/-", &[]).map_or(0, |answer| answer.status);
    assert!(matches!(zone, 200 | 404), "{zone}");
    peak
}

/// Serves a table of these routes in a document, and compares what its peak adds to `base`, in KiB,
/// with the document.
fn check_table(base: u64, name: &str, route: impl Fn(usize) -> String) {
    let mut document = String::from("{\"routes\":[");
    for number in 0..200_000 {
        let comma = if number == 0 { "" } else { "," };
        // Never in the order in which they are served.
        write!(document, "{comma}{}", route(number * 7 % 200_000)).expect("memory takes it");
    }
    document.push_str("]}");
    let added = peak_with_table(name, &document).saturating_sub(base);
    let most = 7 * document.len() as u64 / 1024;
    assert!(added <= most, "{name}: {added} KiB for {} bytes, more than {most}", document.len());
}

#[test]
fn a_table_of_many_routes_takes_no_more_than_seven_times_its_document() {
    // The program's own pages, of which a debug build has more with each command, are no table.
    let base = peak_with_table("one.json", r#"{"routes":[{"id":"0"}]}"#);
    check_table(base, "zones.json", |n| format!(r#"{{"id":"r{n}","zone":"z{}"}}"#, n % 100));
    check_table(base, "tiny.json", |n| format!(r#"{{"id":"{n}"}}"#));
    let everywhere = |n| match n {
        0..15 => format!(r#"{{"id":"{n}","zone":"z{n}"}}"#),
        _ => format!(r#"{{"id":"{n}","to":"http://10.0.0.1/"}}"#),
    };
    check_table(base, "everywhere.json", everywhere);
    check_table(base, "alone.json", |n| format!(r#"{{"id":"{n}","zone":"{n}"}}"#));
}

/// Connections on each of which one request was answered.
fn idle(address: SocketAddr, count: usize) -> Vec<TcpStream> {
    let idle = |_| {
        let mut stream = TcpStream::connect(address).expect("it listens");
        let request = "GET /api/config HTTP/1.1\r\nHost: lab\r\n\r\n";
        stream.write_all(request.as_bytes()).expect("it reads");
        let (mut answer, mut block) = (Vec::new(), [0; 4096]);
        while !answer.ends_with(b"}") {
            let count = stream.read(&mut block).expect("it answers");
            assert!(count > 0, "{}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&block[..count]);
        }
        stream
    };
    (0..count).map(idle).collect()
}

#[test]
fn an_idle_connection_of_the_balancer_costs_less_than_four_kilobytes() {
    const COUNT: usize = 400;
    let file = crate::support::home().join("config.json");
    std::fs::write(&file, "{}").expect("the file can be written");
    let replica = Served::start(&["replica", "--file", &file.display().to_string()]);
    let front = balancer(&[replica.address], &[]);
    let memory = || front.process.memory_kib("VmRSS").expect("it runs");
    drop(idle(front.address, 20));
    let before = memory();
    let mut after = Vec::new();
    // What the first ones left is what the next ones use.
    for _ in 0..3 {
        let connections = idle(front.address, COUNT);
        after.push(memory());
        drop(connections);
    }
    let most = before + 4 * COUNT as u64;
    assert!(after.iter().all(|after| *after <= most), "{after:?} KiB, and {before} before");
}
