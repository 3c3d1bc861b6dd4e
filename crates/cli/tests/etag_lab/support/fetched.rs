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
    started_envoy(program, origins, [logs, filters, ""])
}

/// Envoy before these origins, for clients that speak TLS: HTTP/1.1 and HTTP/2.
pub(crate) fn envoy_encrypted(
    program: &Path,
    origins: &[SocketAddr],
    [certificate, key]: &[String; 2],
) -> Server {
    let transport = format!(
        "name: envoy.transport_sockets.tls\n\
         typed_config:\n  \
           \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext\n  \
           common_tls_context:\n    \
             alpn_protocols: [h2, http/1.1]\n    \
             tls_certificates:\n    \
             - certificate_chain: {{ filename: {certificate} }}\n      \
               private_key: {{ filename: {key} }}\n"
    );
    started_envoy(program, origins, ["", "", &transport])
}

fn started_envoy(
    program: &Path,
    origins: &[SocketAddr],
    [logs, filters, transport]: [&str; 3],
) -> Server {
    let indented =
        |text: &str| text.lines().flat_map(|line| ["          ", line, "\n"]).collect::<String>();
    let [logs, filters, mut transport] = [logs, filters, transport].map(indented);
    if !transport.is_empty() {
        transport.insert_str(0, "      transport_socket:\n");
    }
    let endpoint = |origin: &SocketAddr| {
        format!("        - endpoint: {{ address: {} }}\n", socket_address(*origin))
    };
    let endpoints: String = origins.iter().map(endpoint).collect();
    let place = folder();
    start_on_a_free_port(|address| {
        let text = include_str!("envoy.yaml")
            .replace("          ACCESS_LOGS\n", &logs)
            .replace("          FILTERS\n", &filters)
            .replace("      TRANSPORT\n", &transport)
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
    let (used, defined) = middleware.map_or(("", String::new()), |middleware| {
        (", middlewares: [added]", format!("  middlewares:\n    added: {{ {middleware} }}\n"))
    });
    started_traefik(program, &routes(origins, used, &defined), further)
}

/// Traefik before these origins, for clients with and without TLS at one address.
pub(crate) fn traefik_encrypted(
    program: &Path,
    origins: &[SocketAddr],
    [certificate, key]: &[String; 2],
) -> Server {
    let encrypted = "    encrypted: { rule: \"PathPrefix(`/`)\", service: fleet, tls: {} }\n";
    let routes = routes(origins, "", encrypted);
    let pair = format!("certFile: {certificate}, keyFile: {key}");
    started_traefik(program, &format!("{routes}tls:\n  certificates:\n    - {{ {pair} }}\n"), "")
}

/// Routes to these origins, with what the first one uses, and lines that follow it.
fn routes(origins: &[SocketAddr], used: &str, following: &str) -> String {
    let url = |origin: &SocketAddr| format!("          - url: \"http://{origin}\"\n");
    format!(
        "http:\n  routers:\n    all: {{ rule: \"PathPrefix(`/`)\", service: fleet{used} }}\n{following}  \
         services:\n    fleet:\n      loadBalancer:\n        servers:\n{}",
        origins.iter().map(url).collect::<String>()
    )
}

fn started_traefik(program: &Path, routes: &str, further: &str) -> Server {
    let place = folder();
    let routes = write(&place, "routes.yaml", routes);
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
    // It accepts before it has routes, and answers 404 in its own words then.
    eventually("Traefik", PATIENCE, || {
        let answer = http::get(server.1, &[]).ok();
        answer.filter(|answer| !answer.content.starts_with(b"404 page not found"))
    });
    server
}
