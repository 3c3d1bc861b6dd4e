//! Starts frameworks and small servers of many languages, each on a free port. Knows nothing of what
//! is found there.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::check::servers::{Server, folder, with_sbin, write};
use crate::support::served::start_on_a_free_port;

/// Variables of a program's environment.
pub(crate) type Variables = &'static [(&'static str, &'static str)];

/// A framework of an application script, and what it is to do.
#[derive(Clone, Copy)]
pub(crate) struct Framework {
    pub(crate) language: Language,
    pub(crate) name: &'static str,
    pub(crate) variables: Variables,
}

#[derive(Clone, Copy)]
pub(crate) enum Language {
    Python,
    Node,
    Ruby,
    Rack,
    Perl,
    Plack,
    Php,
}

/// Modules of Node, where `scripts/test` puts them.
pub(crate) const MODULES: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/peers/node_modules");

/// The folder of the application scripts.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/etag_lab/check");

impl Framework {
    /// Starts the application with this folder, as this replica.
    pub(crate) fn start(self, root: &Path, replica: u64) -> Server {
        start_on_a_free_port(|address| {
            let mut command = self.command(address);
            command.env("COPY", root).env("PORT", address.port().to_string());
            command.env("FRAMEWORK", self.name).env("REPLICA", replica.to_string());
            command.env("PYTHONDONTWRITEBYTECODE", "1").env("NODE_PATH", MODULES);
            command.envs(self.variables.iter().copied()).current_dir(root);
            command
        })
    }

    fn command(self, address: SocketAddr) -> Command {
        let script = |name| format!("{SCRIPTS}/{name}");
        let port = address.port().to_string();
        let (program, arguments): (&str, Vec<String>) = match self.language {
            Language::Python => {
                ("/usr/bin/python3", vec![script("python_app.py"), port, self.name.to_owned()])
            }
            Language::Node => ("node", vec![script("node_app.js")]),
            Language::Ruby => ("ruby", vec![script("ruby_app.rb"), port, self.name.to_owned()]),
            Language::Rack => (
                "puma",
                vec!["-q".into(), "-b".into(), format!("tcp://{address}"), script("rack_app.ru")],
            ),
            Language::Perl => ("perl", vec![script("perl_app.pl"), port]),
            Language::Plack => (
                "plackup",
                [
                    &["-s", "HTTP::Server::PSGI", "-E", "production", "-o", "127.0.0.1", "-p"][..],
                    &[&port],
                ]
                .concat()
                .into_iter()
                .map(str::to_owned)
                .chain([script("plack_app.psgi")])
                .collect(),
            ),
            Language::Php => ("php", vec!["-S".into(), address.to_string(), script("php_app.php")]),
        };
        let mut command = Command::new(program);
        command.args(arguments);
        command
    }
}

/// A server that is told all on its command line.
pub(crate) fn file_server(program: &str, arguments: impl Fn(SocketAddr) -> Vec<String>) -> Server {
    start_on_a_free_port(|address| {
        let mut command = Command::new(program);
        command.args(arguments(address));
        with_sbin(command)
    })
}

/// Squid in front of servers, with further lines.
pub(crate) fn squid(origins: &[SocketAddr], text: &str) -> Server {
    start_on_a_free_port(|address| {
        let place = folder();
        let peers = (1..).zip(origins).map(|(n, origin)| {
            let (host, port) = (origin.ip(), origin.port());
            format!("cache_peer {host} parent {port} 0 no-query no-digest originserver round-robin name=s{n}\n")
        });
        let text = format!(
            "http_port {address} accel defaultsite=localhost no-vhost\n{}http_access allow all\n\
             pid_filename none\ncache_log /dev/null\naccess_log none\ncache_store_log none\n\
             coredump_dir {}\nvisible_hostname edge\nshutdown_lifetime 0 seconds\n\
             memory_cache_shared off\ncache_mem 8 MB\n{text}\n",
            peers.collect::<String>(),
            place.display()
        );
        let path = write(&place, "squid.conf", &text);
        let mut command = Command::new("squid");
        // Several of one name share their memory.
        command.args(["-N", "-n", &format!("edge{}", address.port()), "-f"]).arg(path);
        with_sbin(command)
    })
}
