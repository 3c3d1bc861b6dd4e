//! The products that can run as private servers.

/// A server product that can be run privately.
#[derive(Debug)]
pub(crate) struct Product {
    /// Its name in messages.
    pub(crate) name: &'static str,
    /// Names of its program, the usual one first.
    pub(crate) programs: &'static [&'static str],
    /// Advice for whoever does not have it.
    pub(crate) installation: &'static str,
    /// Number of ports that it needs. Clients connect to the first one.
    pub(crate) ports: usize,
    /// Its arguments, words for the shell, for these ports of 127.0.0.1. The working directory is
    /// an empty folder of its own, which a restart finds as it was left.
    pub(crate) arguments: fn(ports: &[u16]) -> String,
}

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
