//! Redis, or Valkey, which is the same to its clients.

use super::Product;

/// Bound to loopback, with nothing on disk: after a kill it comes back empty.
pub(crate) static REDIS: Product = Product {
    name: "Redis",
    programs: &["redis-server", "valkey-server"],
    installation: "install redis-server or valkey-server (packages of the same names), name a \
                   server that runs with --store redis://HOST:PORT, or leave --real out",
    ports: 1,
    arguments: |ports| {
        format!("--port {} --bind 127.0.0.1 --save '' --appendonly no --daemonize no", ports[0])
    },
};
