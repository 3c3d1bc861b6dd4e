//! Ways to a deployment: TLS, HTTP/2, named backends, fixed addresses, proxies.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Output;

use crate::check::gateways::certificate;
use crate::check::servers::{Server, app, copy, folder, nginx_with_tls};
use crate::support::{etag_lab, json_of, require, stdout};

fn check(args: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = etag_lab();
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_ascii_uppercase());
    }
    command.arg("check").args(args).args(["--rate", "0"]);
    if !args.iter().any(|argument| argument.starts_with("--format")) {
        command.arg("--format=json");
    }
    command.envs(environment.iter().copied()).output().expect("etag-lab starts")
}

fn assert_healthy(args: &[&str], environment: &[(&str, &str)]) {
    let output = check(args, environment);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {output:?}");
    let findings = &json_of(&output)["findings"];
    let healthy =
        findings.as_array().is_some_and(|all| all.iter().any(|one| one["name"] == "healthy"));
    assert!(healthy, "{args:?}: {findings:#}");
}

/// A certificate that signs itself, for `localhost` and `api.example.test`, and a server that shows
/// it.
fn tls_server() -> (PathBuf, Server) {
    let (key, certificate) = certificate(&folder());
    let root = copy(0);
    let text = format!(
        "ssl_certificate {}; ssl_certificate_key {}; root {};",
        certificate.display(),
        key.display(),
        root.display()
    );
    (certificate, nginx_with_tls(&text))
}

#[test]
fn tls_is_verified_and_both_versions_of_http_are_spoken() {
    let (Some(_), Some(_)) = (require("nginx"), require("openssl")) else { return };
    let (certificate, server) = tls_server();
    let certificate = certificate.display().to_string();
    let backend = format!("--backend={}", server.1);
    let url = format!("https://localhost:{}/config.json", server.1.port());
    for version in ["auto", "1.1", "2"] {
        assert_healthy(&[&url, "--http", version, "--cacert", &certificate], &[]);
        assert_healthy(&[&url, "--http", version, "--insecure"], &[]);
    }
    for (format, trusting, verifying) in [
        ("text", "no certificate was verified (--insecure)", ""),
        ("markdown", "no certificate was verified", ""),
        ("json", "\"certificate_verified\": false", "\"certificate_verified\": true"),
        ("junit", "name=\"certificate-verified\" value=\"false\"", "value=\"true\""),
    ] {
        let format = format!("--format={format}");
        let said = check(&[&url, &format, "--insecure"], &[]);
        assert!(stdout(&said).contains(trusting), "{said:?}");
        let said = check(&[&url, &format, "--cacert", &certificate], &[]);
        assert!(stdout(&said).contains(verifying), "{said:?}");
        assert!(!stdout(&said).contains("no certificate was verified"), "{said:?}");
    }
    let named = "https://api.example.test/config.json";
    assert_healthy(&[named, &backend, "--cacert", &certificate], &[]);
    let port = server.1.port();
    let resolve = format!("--resolve=api.example.test:{port}:127.0.0.1");
    let url_with_port = format!("https://api.example.test:{port}/config.json");
    assert_healthy(&[&url_with_port, &resolve, "--cacert", &certificate], &[]);
    let unknown = check(&[&url], &[]);
    assert_eq!(unknown.status.code(), Some(3), "{unknown:?}");
    let wrong = ["https://other.example.test/config.json", &backend, "--cacert", &certificate];
    assert_eq!(check(&wrong, &[]).status.code(), Some(3), "a certificate is for its names only");
}

#[test]
fn proxies_of_the_environment_are_used_and_exceptions_kept() {
    let Some(_) = require("python3") else { return };
    // The app takes whole URLs as a proxy does.
    let plain = app("hash", 1);
    let proxy = format!("http://{}", plain.1);
    let url = "http://api.example.test/config.json";
    assert_healthy(&[url], &[("http_proxy", &proxy)]);
    assert_healthy(&[url], &[("ALL_PROXY", &proxy)]);
    let exempt = check(&[url], &[("http_proxy", &proxy), ("no_proxy", "example.test")]);
    assert_eq!(exempt.status.code(), Some(3), "{exempt:?}");
    let socks = check(&[url], &[("http_proxy", "socks5://127.0.0.1:1")]);
    assert_eq!(socks.status.code(), Some(2), "{socks:?}");
}

#[test]
fn a_tunnel_through_a_proxy_leads_to_tls() {
    let (Some(_), Some(_)) = (require("nginx"), require("openssl")) else { return };
    let (certificate, server) = tls_server();
    let proxy = format!("http://{}", tunnel(server.1));
    let certificate = certificate.display().to_string();
    let args = ["https://api.example.test/config.json", "--cacert", &certificate];
    assert_healthy(&args, &[("https_proxy", &proxy)]);
}

/// A proxy that opens every tunnel to the same server.
fn tunnel(server: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
    let address = listener.local_addr().expect("a bound socket has an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // A client that went away is no concern of this proxy.
            std::thread::spawn(move || relay(stream, server));
        }
    });
    address
}

fn relay(client: TcpStream, server: SocketAddr) -> std::io::Result<()> {
    let mut lines = BufReader::new(client.try_clone()?);
    let mut line = String::new();
    while lines.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut client = client;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let mut upstream = TcpStream::connect(server)?;
    let (mut from_upstream, mut to_client) = (upstream.try_clone()?, client.try_clone()?);
    std::thread::spawn(move || std::io::copy(&mut from_upstream, &mut to_client));
    std::io::copy(&mut client, &mut upstream)?;
    Ok(())
}
