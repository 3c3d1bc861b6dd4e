//! The deployments that are checked: how each is started, and what is true of it.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::check::servers::{Server, app};
use crate::support::served::{Served, balancer};

mod apache;
mod apps;
mod caches;
mod fields;
mod files;
mod frameworks;
mod gateways;
mod handling;
mod lab;
mod languages;
mod mixed;
mod nginx;
mod node;
mod odd;
mod python;
mod scripts;
mod small;

/// One deployment.
#[derive(Clone)]
pub(crate) struct Deployment {
    pub(crate) name: String,
    /// Programs that it needs.
    pub(crate) peers: &'static [&'static str],
    /// Findings that must be named.
    pub(crate) expected: &'static [&'static str],
    /// Findings that are true of it and not the point.
    pub(crate) true_as_well: &'static [&'static str],
    /// The cause of the first finding that is expected.
    pub(crate) cause: Option<&'static str>,
    pub(crate) start: Arc<dyn Fn() -> Stage + Send + Sync>,
}

impl Deployment {
    fn also(mut self, names: &'static [&'static str]) -> Self {
        self.true_as_well = names;
        self
    }

    /// A tag of the modification time, which differs from copy to copy.
    fn of_dates(self) -> Self {
        self.because("mtime").also(DATES)
    }

    fn because(mut self, cause: &'static str) -> Self {
        self.cause = Some(cause);
        self
    }
}

/// A deployment that runs; ends when it is dropped.
pub(crate) struct Stage {
    pub(crate) url: String,
    pub(crate) args: Vec<String>,
    pub(crate) servers: Vec<Server>,
    pub(crate) served: Vec<Served>,
}

/// Every deployment.
pub(crate) fn all() -> Vec<Deployment> {
    [
        nginx::nginxes(),
        apache::apaches(),
        files::other_files(),
        frameworks::flasks(),
        frameworks::starlettes(),
        frameworks::expresses(),
        lab::lab(),
        apps::apps(),
        odd::odd(),
        caches::caches(),
        fields::fields(),
        gateways::gateways(),
        mixed::mixed(),
        handling::handling(),
        python::pythons(),
        node::nodes(),
        scripts::scripts(),
        small::small(),
    ]
    .concat()
}

fn deployment(
    name: impl Into<String>,
    peers: &'static [&'static str],
    expected: &'static [&'static str],
    start: impl Fn() -> Stage + Send + Sync + 'static,
) -> Deployment {
    let name = name.into();
    Deployment { name, peers, expected, true_as_well: &[], cause: None, start: Arc::new(start) }
}

const HEALTHY: &[&str] = &["healthy"];
const WEAKENED: &[&str] = &["healthy", "weakened-in-transit"];
const CACHED: &[&str] = &["healthy", "cache-answering"];
const LOCAL: &[&str] = &["node-local-tag"];
const DATES: &[&str] = &["last-modified-differs"];

fn single(server: Server) -> Stage {
    let url = format!("http://{}/config.json", server.1);
    Stage { url, args: Vec::new(), servers: vec![server], served: Vec::new() }
}

/// Servers behind a balancer of the lab.
fn fleet(servers: Vec<Server>, policy: &str) -> Stage {
    let addresses = addresses(&servers);
    let front = balancer(&addresses, &["--policy", policy]);
    let url = format!("http://{}/config.json", front.address);
    Stage { url, args: Vec::new(), servers, served: vec![front] }
}

/// Servers behind a server of somebody else.
fn behind(origins: Vec<Server>, front: impl FnOnce(&[SocketAddr]) -> Server) -> Stage {
    let front = front(&addresses(&origins));
    let url = format!("http://{}/config.json", front.1);
    let servers = std::iter::once(front).chain(origins).collect();
    Stage { url, args: Vec::new(), servers, served: Vec::new() }
}

/// Servers that are named one by one.
fn backends(servers: Vec<Server>) -> Stage {
    let args = addresses(&servers).iter().map(|address| format!("--backend={address}")).collect();
    let url = "http://api.example.test/config.json".to_owned();
    Stage { url, args, servers, served: Vec::new() }
}

fn addresses(servers: &[Server]) -> Vec<SocketAddr> {
    servers.iter().map(|(_, address)| *address).collect()
}

fn three(start: impl Fn(usize) -> Server) -> Vec<Server> {
    (1..=3).map(start).collect()
}

fn apps_of(mode: &'static str) -> Vec<Server> {
    three(|replica| app(mode, replica))
}
