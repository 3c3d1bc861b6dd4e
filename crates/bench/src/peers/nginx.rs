//! nginx, one worker: as the server of a static file, and as balancer with kept-alive upstream
//! connections. Tuned for this load as its manual advises.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::bench::{Bench, CONNECTIONS};
use crate::process::{Server, free_address};

/// Starts `count` servers of the file, each with a worker of its own.
pub(crate) fn origins(bench: &Bench, count: usize) -> Result<Vec<Server>> {
    (0..count).map(|_| origin(bench)).collect()
}

/// Starts one server of the file.
pub(crate) fn origin(bench: &Bench) -> Result<Server> {
    let address = free_address()?;
    let root = bench.served.display();
    let server = format!(
        "open_file_cache max=100 inactive=1h; open_file_cache_valid 1h; sendfile on;
         server {{ listen {address}; root {root}; default_type application/json; }}"
    );
    start(bench, address, &server)
}

/// Starts a balancer in front of these servers.
pub(crate) fn balancer(bench: &Bench, origins: &[Server]) -> Result<Server> {
    let address = free_address()?;
    let members: Vec<_> =
        origins.iter().map(|origin| format!("server {};", origin.address)).collect();
    let server = format!(
        "upstream fleet {{ {} keepalive {CONNECTIONS}; keepalive_requests 1000000000; }}
         server {{ listen {address}; location / {{ proxy_pass http://fleet;
           proxy_http_version 1.1; proxy_set_header Connection \"\"; }} }}",
        members.join(" ")
    );
    start(bench, address, &server)
}

fn start(bench: &Bench, address: SocketAddr, server: &str) -> Result<Server> {
    let prefix = bench.path(&format!("nginx-{}", address.port()));
    fs::create_dir_all(&prefix)?;
    let file = prefix.join("nginx.conf");
    fs::write(&file, configuration(&prefix, server))?;
    let mut command = Command::new("nginx");
    command.arg("-p").arg(&prefix).arg("-c").arg(&file).arg("-e").arg(prefix.join("error.log"));
    Server::start(&mut command, address, &prefix.join("output.log"))
}

fn configuration(prefix: &Path, server: &str) -> String {
    // A worker of root gives up its rights, and could not read a temporary directory any more.
    let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
    let prefix = prefix.display();
    let own_directories: Vec<_> = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("{kind}_temp_path {prefix}/{kind};"))
        .collect();
    format!(
        "{user} daemon off; worker_processes 1; pid {prefix}/pid;
         events {{ worker_connections 4096; }}
         http {{ access_log off; error_log {prefix}/error.log; {}
           keepalive_timeout 1h; keepalive_requests 1000000000; tcp_nodelay on;
           {server} }}\n",
        own_directories.join(" ")
    )
}
