//! Servers for a test: replicas and balancers of the lab started by hand, and servers of somebody
//! else that take a port.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::Command;

use super::process::{PATIENCE, Running};
use super::{etag_lab, eventually};

/// `etag-lab replica` or `etag-lab balancer`, started by hand on a free port.
pub(crate) struct Served {
    pub(crate) process: Running,
    pub(crate) address: SocketAddr,
}

impl Served {
    /// Starts the program with `args` and waits until it listens.
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::started_by(etag_lab().args(args).args(["--listen", "127.0.0.1:0"]))
    }

    /// The same for a command that ends up being the program.
    pub(crate) fn started_by(command: &mut Command) -> Self {
        let mut process = Running::start(command);
        let address = eventually("the address of a server", PATIENCE, || {
            let said = process.stderr();
            assert_eq!(process.ended(), None, "it ended early: {said}");
            announced(&said)
        });
        Self { process, address }
    }

    /// URL of its resource.
    pub(crate) fn url(&self) -> String {
        url(self.address)
    }
}

/// URL of the resource of a server of the lab.
pub(crate) fn url(address: SocketAddr) -> String {
    format!("http://{address}/api/config")
}

/// The address in `… on http://ADDRESS/…; stop it with Ctrl-C`, or after `https://`.
fn announced(said: &str) -> Option<SocketAddr> {
    let (line, _) = said.split_once("; stop it")?;
    let (_, url) = line.rsplit_once("://")?;
    url.split('/').next()?.parse().ok()
}

/// A balancer in front of `replicas`.
pub(crate) fn balancer(replicas: &[SocketAddr], args: &[&str]) -> Served {
    let urls = replicas.iter().map(|address| format!("--replica=http://{address}"));
    let urls: Vec<_> = urls.collect();
    let urls = urls.iter().map(String::as_str);
    Served::start(
        &["balancer"].into_iter().chain(args.iter().copied()).chain(urls).collect::<Vec<_>>(),
    )
}

/// Starts a server that wants to be told its port, and waits until it accepts there. Somebody else
/// may take the port in between: then the server ends and another port is tried.
pub(crate) fn start_on_a_free_port(
    mut command: impl FnMut(SocketAddr) -> Command,
) -> (Running, SocketAddr) {
    let mut said = String::new();
    for _ in 0..5 {
        let address = free_address();
        let mut process = Running::start(&mut command(address));
        if accepting(&mut process, address) {
            return (process, address);
        }
        said = process.stderr();
    }
    panic!("no server on any of five ports: {said}");
}

/// Waits until a server accepts at this address; `false` when it has ended instead.
pub(crate) fn accepting(process: &mut Running, address: SocketAddr) -> bool {
    eventually("a server that accepts or ends", PATIENCE, || {
        let ended = process.ended().map(|_| false);
        ended.or_else(|| TcpStream::connect(address).is_ok().then_some(true))
    })
}

/// An address at which nobody listens.
pub(crate) fn free_address() -> SocketAddr {
    let port = harness::ports::free(1).expect("there are free ports")[0];
    (Ipv4Addr::LOCALHOST, port).into()
}
