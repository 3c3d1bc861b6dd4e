//! Configurations of servers of somebody else: what every test needs of them to run as one process
//! in the foreground, with all its files in the test's folder.
//!
//! What they are to do is said in the tests.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::home;

/// Writes a file into the test's folder.
pub(crate) fn configuration(name: &str, text: &str) -> PathBuf {
    let file = home().join(name);
    std::fs::write(&file, text).expect("the configuration can be written");
    file
}

/// nginx with these directives inside `http`: one process without a master, so that no worker
/// outlives a failed test.
pub(crate) fn nginx(program: &Path, directives: &str) -> Command {
    let folder = home();
    let place = folder.display();
    let text = format!(
        "daemon off; master_process off; pid {place}/nginx.pid; error_log {place}/nginx-error.log;
         events {{ worker_connections 256; }}
         http {{
             client_body_temp_path {place}/nginx-body; proxy_temp_path {place}/nginx-proxy;
             fastcgi_temp_path {place}/nginx-fastcgi; uwsgi_temp_path {place}/nginx-uwsgi;
             scgi_temp_path {place}/nginx-scgi;
             {directives}
         }}"
    );
    let mut command = Command::new(program);
    command.arg("-p").arg(&folder).arg("-e").arg(folder.join("nginx-error.log"));
    command.arg("-c").arg(configuration("nginx.conf", &text));
    command
}

/// These replicas as the members of an `upstream` of nginx.
pub(crate) fn nginx_servers(replicas: &[SocketAddr]) -> String {
    replicas.iter().fold(String::new(), |mut servers, replica| {
        write!(servers, "server {replica}; ").expect("a string takes everything");
        servers
    })
}

/// `HAProxy` at `address` in front of these replicas, with these lines in its sections `global`
/// and `frontend clients`.
///
/// One thread: what it has sent is counted before it can be asked for the counts. The connection by
/// which a test saw that it listens is a probe to be ignored, not a bad request to be answered.
pub(crate) fn haproxy(
    program: &Path,
    address: impl std::fmt::Display,
    replicas: &[SocketAddr],
    [global, clients]: [&str; 2],
) -> Command {
    let server = |(number, replica): (u32, &SocketAddr)| format!("    server r{number} {replica}");
    let servers = (1..).zip(replicas).map(server).collect::<Vec<_>>().join("\n");
    let text = format!(
        "global
    nbthread 1
{global}
defaults
    mode http
    option http-ignore-probes
    timeout connect 30s
    timeout client 60s
    timeout server 60s
frontend clients
    bind {address}
{clients}
    default_backend replicas
backend replicas
    balance roundrobin
{servers}
"
    );
    let mut command = Command::new(program);
    command.arg("-db").arg("-f").arg(configuration("haproxy.cfg", &text));
    command
}
