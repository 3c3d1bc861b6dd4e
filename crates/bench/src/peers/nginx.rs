//! nginx, one worker: as the server of a static file, in all the ways that clients reach one, and as
//! balancer with kept-alive upstream connections. Tuned for this load as its manual advises.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::bench::{Bench, CONNECTIONS};
use crate::peers::certificate::Certificate;
use crate::process::{Server, free_address};

/// Starts `count` servers of the file, each with a worker of its own.
pub(crate) fn origins(bench: &Bench, count: usize) -> Result<Vec<Server>> {
    (0..count).map(|_| origin(bench)).collect()
}

/// Starts one server of the file.
pub(crate) fn origin(bench: &Bench) -> Result<Server> {
    let address = free_address()?;
    start(bench, address, &serving_file(bench, &format!("listen {address};")))
}

/// The only one that is offered: left to themselves, h2load chooses a cheaper one than the others.
const CIPHERS: &str = "TLS_AES_256_GCM_SHA384";

/// One server of the file at several addresses, so that nothing differs between them but the protocol.
#[derive(Debug)]
pub(crate) struct Protocols {
    /// At the address without TLS, over HTTP/1.1.
    pub(crate) servers: [Server; 1],
    /// HTTP/1.1 over TLS.
    pub(crate) tls: SocketAddr,
    /// HTTP/2 in clear text.
    pub(crate) http2: SocketAddr,
    /// HTTP/2 over TLS.
    pub(crate) http2_tls: SocketAddr,
}

/// Starts a server of the file that speaks all of them.
pub(crate) fn with_protocols(bench: &Bench, certificate: &Certificate) -> Result<Protocols> {
    let [plain, tls, http2, http2_tls] =
        [free_address()?, free_address()?, free_address()?, free_address()?];
    let Certificate { file, key } = certificate;
    let listen = format!(
        "listen {plain}; listen {tls} ssl; listen {http2} http2; listen {http2_tls} ssl http2;
         ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites {CIPHERS};
         ssl_certificate {}; ssl_certificate_key {};",
        file.display(),
        key.display()
    );
    let server = start(bench, plain, &serving_file(bench, &listen))?;
    Ok(Protocols { servers: [server], tls, http2, http2_tls })
}

fn serving_file(bench: &Bench, listen: &str) -> String {
    let root = bench.served.display();
    format!(
        "open_file_cache max=100 inactive=1h; open_file_cache_valid 1h; sendfile on;
         server {{ {listen} root {root}; default_type application/json; }}"
    )
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
