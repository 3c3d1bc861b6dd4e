//! Nobody can tell whether a replica answers a request in its fast lane: the whole list, word for
//! word, and once more without a wish about the connection, which is what the lane is for.

use std::net::SocketAddr;

use super::{current, rows, servers};
use crate::support::lanes::both;

/// Longer ones may be refused before they are read, and a reset takes the refusal away.
const READ_AT_ONCE: usize = 16 * 1_024;

const LAST: &str = "Connection: close\r\n";

#[test]
fn the_lanes_of_a_replica_answer_alike() {
    servers::write_resource();
    let replica = servers::replica();
    let server = replica.address;
    let unchanged = current(server);
    let mut faults = Vec::new();
    let mut plain = 0;
    for row in rows::reads() {
        let last = row.bytes(&unchanged);
        let kept = String::from_utf8_lossy(&last).replace(LAST, "").into_bytes();
        plain += usize::from(kept.len() < last.len());
        for request in [last, kept].iter().filter(|request| request.len() < READ_AT_ONCE) {
            faults.extend(fault(server, request).map(|fault| format!("{}: {fault}", row.name)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(plain > 100, "{plain}");
}

fn fault(server: SocketAddr, request: &[u8]) -> Option<String> {
    let [quick, by_hyper] = both(server, request);
    (quick != by_hyper).then(|| format!("{quick:.300}\ninstead of {by_hyper:.300}"))
}
