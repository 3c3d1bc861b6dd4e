//! `HAProxy`, one thread: as balancer, with upstream connections shared among all clients.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::bench::Bench;
use crate::process::{Server, free_address};

/// Starts a balancer in front of these servers.
pub(crate) fn balancer(bench: &Bench, origins: &[Server]) -> Result<Server> {
    let address = free_address()?;
    let members: Vec<_> = origins
        .iter()
        .enumerate()
        .map(|(index, origin)| format!("  server s{index} {}\n", origin.address))
        .collect();
    let configuration = format!(
        "global\n  nbthread 1\n  maxconn 4096\n\
         defaults\n  mode http\n  option http-keep-alive\n  timeout connect 5s\n  \
         timeout client 1h\n  timeout server 1h\n  timeout http-keep-alive 1h\n\
         frontend front\n  bind {address}\n  default_backend fleet\n\
         backend fleet\n  balance roundrobin\n  http-reuse always\n{}",
        members.concat()
    );
    let file = bench.path(&format!("haproxy-{}.cfg", address.port()));
    fs::write(&file, configuration)?;
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(&file);
    Server::start(&mut command, address, &file.with_extension("log"))
}
