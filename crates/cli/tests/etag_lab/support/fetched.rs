//! Gateways that no package of the system has: `scripts/test` fetches them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::PATIENCE;
use super::served::start_on_a_free_port;
use super::{eventually, http, skip, workspace};
use crate::check::servers::{Server, folder, write};

/// A program of the packages; `None` and skipped where it was not fetched.
pub(crate) fn fetched(name: &str) -> Option<PathBuf> {
    let program = workspace().join("target/peers/gateways/bin").join(name);
    if !program.is_file() {
        skip(name);
        return None;
    }
    Some(program)
}

/// Envoy before these origins, with these access logs and filters, each an element of a YAML list.
pub(crate) fn envoy(program: &Path, origins: &[SocketAddr], logs: &str, filters: &str) -> Server {
    let indented =
        |text: &str| text.lines().flat_map(|line| ["          ", line, "\n"]).collect::<String>();
    let [logs, filters] = [logs, filters].map(indented);
    let endpoint = |origin: &SocketAddr| {
        format!("        - endpoint: {{ address: {} }}\n", socket_address(*origin))
    };
    let endpoints: String = origins.iter().map(endpoint).collect();
    let place = folder();
    start_on_a_free_port(|address| {
        let text = include_str!("envoy.yaml")
            .replace("          ACCESS_LOGS\n", &logs)
            .replace("          FILTERS\n", &filters)
            .replace("        ENDPOINTS\n", &endpoints)
            .replace("LISTENER", &socket_address(address));
        let mut command = Command::new(program);
        command.args(["--concurrency", "1", "--disable-hot-restart", "-l", "warning", "-c"]);
        command.arg(write(&place, "envoy.yaml", &text));
        command
    })
}

fn socket_address(address: SocketAddr) -> String {
    format!("{{ socket_address: {{ address: {}, port_value: {} }} }}", address.ip(), address.port())
}

/// Traefik before these origins, with further lines of its own configuration, and a middleware.
pub(crate) fn traefik(
    program: &Path,
    origins: &[SocketAddr],
    further: &str,
    middleware: Option<&str>,
) -> Server {
    let url = |origin: &SocketAddr| format!("          - url: \"http://{origin}\"\n");
    let (used, defined) = middleware.map_or(("", String::new()), |middleware| {
        (", middlewares: [added]", format!("  middlewares:\n    added: {{ {middleware} }}\n"))
    });
    let routes = format!(
        "http:\n  routers:\n    all: {{ rule: \"PathPrefix(`/`)\", service: fleet{used} }}\n{defined}  \
         services:\n    fleet:\n      loadBalancer:\n        servers:\n{}",
        origins.iter().map(url).collect::<String>()
    );
    let place = folder();
    let routes = write(&place, "routes.yaml", &routes);
    let server = start_on_a_free_port(|address| {
        let text = format!(
            "global: {{ checkNewVersion: false, sendAnonymousUsage: false }}\n\
             entryPoints: {{ web: {{ address: \"{address}\" }} }}\n\
             providers: {{ file: {{ filename: {} }} }}\n{further}",
            routes.display()
        );
        let path = write(&place, "traefik.yaml", &text);
        let mut command = Command::new(program);
        command.arg(format!("--configfile={}", path.display()));
        command
    });
    // It accepts before it has routes, and answers 404 then.
    eventually("Traefik", PATIENCE, || {
        http::get(server.1, &[]).ok().filter(|answer| answer.status == 200)
    });
    server
}
