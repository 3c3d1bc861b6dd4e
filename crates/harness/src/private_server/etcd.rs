//! etcd: one member, on loopback.

use super::Product;

/// A cluster of one that elects itself at once. Its data outlive a kill, as they do in production;
/// that they reach the disk is not awaited, because a kill is not a power cut.
pub(crate) static ETCD: Product = Product {
    name: "etcd",
    programs: &["etcd"],
    installation: "install etcd (package etcd-server or etcd), name a server that runs with \
                   --source etcd://HOST:PORT, or leave --real out",
    ports: 2,
    arguments: |ports| {
        let [clients, peers] = [ports[0], ports[1]].map(|port| format!("http://127.0.0.1:{port}"));
        format!(
            "--name lab --data-dir data --listen-client-urls {clients} \
             --advertise-client-urls {clients} --listen-peer-urls {peers} \
             --initial-advertise-peer-urls {peers} --initial-cluster lab={peers} \
             --heartbeat-interval 10 --election-timeout 100 --unsafe-no-fsync"
        )
    },
};
