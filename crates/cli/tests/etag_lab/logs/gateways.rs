//! Gateways of other people that log what they pass on: with the configuration that `--print-format`
//! gives, and with their own format.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::check::gateways::{apache_before, haproxy_with};
use crate::check::servers::{Server, folder, nginx_before, with_sbin, write};
use crate::support::process::{PATIENCE, Running};
use crate::support::served::start_on_a_free_port;
use crate::support::{ended, eventually, fetched, http, stdout};

pub(crate) fn snippet(product: &str) -> String {
    stdout(&ended(&["logs", "--print-format", product], 0)).to_owned()
}

/// A gateway, and the log that it writes.
pub(crate) struct Gateway {
    pub(crate) server: Server,
    pub(crate) log: PathBuf,
    /// What writes the log in its place.
    writer: Option<Running>,
}

impl Gateway {
    fn new(server: Server, log: PathBuf) -> Self {
        Self { server, log, writer: None }
    }

    /// What the log has so far.
    pub(crate) fn text(&self) -> String {
        let written = std::fs::read_to_string(&self.log).unwrap_or_default();
        match &self.writer {
            // A line that is being written is not there yet.
            Some(writer) if written.is_empty() => writer.stdout(),
            // What `HAProxy` writes to its standard output is in the file of the process.
            None if written.is_empty() => self.server.0.stdout(),
            _ => written,
        }
    }
}

pub(crate) fn nginx(origins: &[SocketAddr]) -> Gateway {
    let log = folder().join("access.log");
    let location = format!("access_log {} etag_lab;", log.display());
    Gateway::new(nginx_before(origins, &snippet("nginx"), &location), log)
}

pub(crate) fn nginx_combined(origins: &[SocketAddr]) -> Gateway {
    let log = folder().join("access.log");
    let location = format!("access_log {} combined;", log.display());
    Gateway::new(nginx_before(origins, "", &location), log)
}

pub(crate) fn haproxy(origins: &[SocketAddr], lines: &str) -> Gateway {
    let log = folder().join("access.log");
    // A log goes to a descriptor or a socket; the descriptor is the file of the test.
    let backend = format!(
        " mode http\n balance random\n log stdout format raw local0\n option httplog\n{lines}"
    );
    let server = haproxy_with(origins, &backend);
    Gateway::new(server, log)
}

pub(crate) fn apache(origins: &[SocketAddr]) -> Gateway {
    let place = folder();
    let text = snippet("apache").replace("${APACHE_LOG_DIR}", &place.display().to_string());
    Gateway::new(apache_before(origins, &text), place.join("etag-lab.log"))
}

/// With the format that is called combined.
pub(crate) fn apache_combined(origins: &[SocketAddr]) -> Gateway {
    let log = folder().join("access.log");
    let format = "%h %l %u %t \\\"%r\\\" %>s %B \\\"%{Referer}i\\\" \\\"%{User-Agent}i\\\"";
    let text = format!("LogFormat \"{format}\" combined\nCustomLog {} combined", log.display());
    Gateway::new(apache_before(origins, &text), log)
}

pub(crate) fn caddy(origins: &[SocketAddr]) -> Gateway {
    caddy_with(origins, &snippet("caddy"))
}

/// With the log that `log` alone asks for, in a file.
pub(crate) fn caddy_default(origins: &[SocketAddr]) -> Gateway {
    caddy_with(origins, "log {\noutput file /var/log/caddy/etag-lab.log\n}")
}

fn caddy_with(origins: &[SocketAddr], log: &str) -> Gateway {
    let place = folder();
    let log = log.replace("/var/log/caddy", &place.display().to_string());
    let origins: Vec<_> = origins.iter().map(ToString::to_string).collect();
    let server = start_on_a_free_port(|address| {
        let text = format!(
            "{{\nadmin off\nauto_https off\n}}\nhttp://{address} {{\nbind 127.0.0.1\n{log}\n\
             reverse_proxy {} {{\nlb_policy random\n\
             header_down +X-Upstream {{http.reverse_proxy.upstream.hostport}}\n}}\n}}\n",
            origins.join(" ")
        );
        let path = write(&place, "Caddyfile", &text);
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(path);
        command.env("HOME", &place).env("XDG_DATA_HOME", &place);
        command
    });
    Gateway::new(server, place.join("etag-lab.log"))
}

/// Varnish, which passes everything on, and varnishncsa with these arguments.
pub(crate) fn varnish(origins: &[SocketAddr], format: &[&str]) -> Gateway {
    let place = folder();
    let server = start_on_a_free_port(|address| {
        let backend = |(n, origin): (usize, &SocketAddr)| {
            format!(
                "backend s{n} {{ .host = \"{}\"; .port = \"{}\"; }}\n",
                origin.ip(),
                origin.port()
            )
        };
        let backends: String = origins.iter().enumerate().map(backend).collect();
        let added = (0..origins.len()).map(|n| format!("fleet.add_backend(s{n}, 1.0);\n"));
        let text = format!(
            "vcl 4.1;\nimport directors;\nimport std;\n{backends}\
             sub vcl_init {{ new fleet = directors.random();\n{} }}\n\
             sub vcl_recv {{ set req.backend_hint = fleet.backend(); return (pass); }}\n\
             sub vcl_backend_response {{ set beresp.http.X-Backend = beresp.backend.name; }}\n\
             sub vcl_deliver {{ std.log(\"backend:\" + resp.http.X-Backend); }}\n",
            added.collect::<String>()
        );
        let path = write(&place, "default.vcl", &text);
        let mut command = Command::new("varnishd");
        command.args(["-F", "-j", "none", "-s", "malloc,8m", "-T", "none", "-n"]).arg(&place);
        command.args(["-a", &address.to_string(), "-f"]).arg(path);
        with_sbin(command)
    });
    let mut command = Command::new("varnishncsa");
    command.arg("-n").arg(&place).args(format);
    let writer = Running::start(&mut command);
    let gateway = Gateway { server, log: place.join("none.log"), writer: Some(writer) };
    // It accepts before it knows its origins, and it is logged from some moment on.
    eventually("Varnish", PATIENCE, || {
        let _ = http::ask(gateway.server.1, "GET /ready", &[]);
        gateway.text().contains("/ready").then_some(())
    });
    gateway
}

/// A snippet for the log of a product in this folder, or the log in its default format.
fn logging(product: &str, place: &Path, has_snippet: bool, default: &str) -> String {
    let text = if has_snippet { snippet(product) } else { default.to_owned() };
    text.replace(&format!("/var/log/{product}"), &place.display().to_string())
}

/// Envoy.
pub(crate) fn envoy(program: &Path, origins: &[SocketAddr], has_snippet: bool) -> Gateway {
    let place = folder();
    let default = "- name: envoy.access_loggers.file\n  typed_config:\n    \"@type\": \
                   type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog\n    \
                   path: /var/log/envoy/etag-lab.log\n";
    let log = logging("envoy", &place, has_snippet, default);
    Gateway::new(fetched::envoy(program, origins, &log, ""), place.join("etag-lab.log"))
}

/// Traefik.
pub(crate) fn traefik(program: &Path, origins: &[SocketAddr], has_snippet: bool) -> Gateway {
    let place = folder();
    let default = "accessLog:\n  filePath: /var/log/traefik/etag-lab.log\n";
    let log = logging("traefik", &place, has_snippet, default);
    Gateway::new(fetched::traefik(program, origins, &log, None), place.join("etag-lab.log"))
}
