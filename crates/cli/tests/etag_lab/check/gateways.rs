//! Gateways of other people before servers: layer 4, TLS and HTTP/2, caches.
//! Knows nothing of what is found there.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::check::servers::{Server, folder, is_root, nginx_that_listens, with_sbin, write};
use crate::support::process::PATIENCE;
use crate::support::served::start_on_a_free_port;
use crate::support::{eventually, http};

/// nginx's module for layer 4, where Debian installs it.
pub(crate) const NGINX_STREAM: &str = "/usr/lib/nginx/modules/ngx_stream_module.so";

/// Connections in turns, whatever they carry.
pub(crate) fn nginx_stream(origins: &[SocketAddr]) -> Server {
    let servers: Vec<_> = origins.iter().map(|origin| format!("server {origin};")).collect();
    start_on_a_free_port(|address| {
        let place = folder();
        let text = format!(
            "load_module {NGINX_STREAM}; daemon off; master_process off; pid {at}/pid;
             error_log {at}/error.log; events {{ worker_connections 256; }}
             stream {{ upstream fleet {{ {servers} }}
                       server {{ listen {address}; proxy_pass fleet; }} }}",
            at = place.display(),
            servers = servers.concat()
        );
        let path = write(&place, "nginx.conf", &text);
        let mut command = Command::new("nginx");
        command.args(["-p", &place.display().to_string(), "-e", "stderr", "-c"]).arg(path);
        with_sbin(command)
    })
}

/// `HAProxy` with this section for its backend, which names its mode, and lines for its frontend.
pub(crate) fn haproxy_with(origins: &[SocketAddr], backend: &str) -> Server {
    start_on_a_free_port(|address| {
        let place = folder();
        let servers = (1..).zip(origins).map(|(n, origin)| format!(" server s{n} {origin}\n"));
        let text = format!(
            "global\n maxconn 200\ndefaults\n timeout client 10s\n timeout server 10s\n \
             timeout connect 5s\ncache small\n total-max-size 4\n max-age 60\n\
             listen f\n bind {address}\n{backend}\n{}",
            servers.collect::<String>()
        );
        let path = write(&place, "haproxy.cfg", &text);
        let mut command = Command::new("haproxy");
        command.args(["-db", "-f"]).arg(path);
        with_sbin(command)
    })
}

/// Varnish before one server, with subroutines of its own.
pub(crate) fn varnish_with(origin: SocketAddr, subroutines: &str) -> Server {
    let server = start_on_a_free_port(|address| {
        let place = folder();
        let (host, port) = (origin.ip(), origin.port());
        let text = format!(
            "vcl 4.1;\nbackend default {{ .host = \"{host}\"; .port = \"{port}\"; }}\n{subroutines}\n"
        );
        let path = write(&place, "default.vcl", &text);
        let mut command = Command::new("varnishd");
        command.args(["-F", "-j", "none", "-s", "malloc,8m", "-T", "none", "-n"]).arg(&place);
        command.args(["-a", &address.to_string(), "-f"]).arg(path);
        with_sbin(command)
    });
    // It accepts before it knows its origin.
    eventually("Varnish", PATIENCE, || {
        http::get(server.1, &[]).ok().filter(|answer| answer.status == 200)
    });
    server
}

/// Apache httpd before servers: `mod_proxy_balancer`, and `mod_cache` where the text says so.
pub(crate) fn apache_before(origins: &[SocketAddr], text: &str) -> Server {
    start_on_a_free_port(|address| {
        let place = folder();
        let at = place.display();
        let modules = "mpm_event authz_core headers filter deflate proxy proxy_http proxy_balancer \
                       lbmethod_byrequests slotmem_shm cache cache_socache socache_shmcb";
        let modules = modules.split(' ').map(|name| {
            format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n")
        });
        let user = if is_root() { "User www-data\nGroup www-data\n" } else { "" };
        let members = (1..)
            .zip(origins)
            .map(|(n, origin)| format!("BalancerMember http://{origin} route=s{n}\n"));
        let text = format!(
            "{}{user}ServerRoot {at}\nDefaultRuntimeDir {at}\nPidFile {at}/pid\n\
             ErrorLog {at}/error.log\nListen {address}\nServerName localhost\n\
             <Proxy balancer://fleet>\n{}</Proxy>\n{text}\nProxyPass / balancer://fleet/\n",
            modules.collect::<String>(),
            members.collect::<String>()
        );
        let path = write(&place, "httpd.conf", &text);
        let mut command = Command::new("apache2");
        command.args(["-X", "-f"]).arg(path);
        with_sbin(command)
    })
}

/// nginx with TLS and HTTP/2 before servers.
pub(crate) fn nginx_with_tls_before(origins: &[SocketAddr], text: &str) -> Server {
    let servers: Vec<_> = origins.iter().map(|origin| format!("server {origin};")).collect();
    let (key, certificate) = certificate(&folder());
    let server = format!(
        "ssl_certificate {}; ssl_certificate_key {};
         location / {{ proxy_pass http://fleet; proxy_http_version 1.1; {text} }}",
        certificate.display(),
        key.display()
    );
    let before = format!("upstream fleet {{ {} }}", servers.concat());
    nginx_that_listens("ssl http2", &before, &server)
}

/// Caddy with TLS, and so HTTP/2, before servers.
pub(crate) fn caddy_with_tls_before(origins: &[SocketAddr]) -> Server {
    let (key, certificate) = certificate(&folder());
    let origins: Vec<_> = origins.iter().map(ToString::to_string).collect();
    let server = start_on_a_free_port(|address| {
        let place = folder();
        let text = format!(
            "{{\nadmin off\nauto_https off\n}}\nhttps://localhost:{port} {{\nbind 127.0.0.1\n\
             tls {} {}\nreverse_proxy {}\n}}\n",
            certificate.display(),
            key.display(),
            origins.join(" "),
            port = address.port()
        );
        let path = write(&place, "Caddyfile", &text);
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(path);
        command.env("HOME", &place).env("XDG_DATA_HOME", &place);
        command
    });
    // It accepts when it can serve: nothing is left to load.
    server
}

/// A key, and a certificate that signs itself for `localhost` and `api.example.test`.
pub(crate) fn certificate(place: &Path) -> (PathBuf, PathBuf) {
    let (key, certificate) = (place.join("key.pem"), place.join("certificate.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"])
        .args(["-addext", "subjectAltName=DNS:localhost,DNS:api.example.test", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("openssl starts");
    assert!(made.status.success(), "{made:?}");
    (key, certificate)
}
