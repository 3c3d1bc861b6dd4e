//! The lab's edges beside the products that they are named for: real nginx, `HAProxy` and httpd
//! before the same replicas are asked the same, and what they do to tags and codings must be equal.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::peers::configuration;
use crate::support::process::Running;
use crate::support::served::{Served, balancer, start_on_a_free_port, url};
use crate::support::{at_home, fetched, home, http, output_of, peers, poll_json, require, stdout};

fn replicas(flags: &[&str]) -> Vec<Served> {
    let replica = ["replica", "--strategy", "content-hash"];
    (0..3).map(|_| Served::start(&[&replica[..], flags].concat())).collect()
}

/// Asks the product and the lab's edge of its name, as polling clients and by hand.
fn check(product: &str, start: impl FnOnce(&[SocketAddr]) -> (Running, SocketAddr)) {
    check_before(&[], product, start);
}

/// The same before replicas with these flags.
fn check_before(
    flags: &[&str],
    product: &str,
    start: impl FnOnce(&[SocketAddr]) -> (Running, SocketAddr),
) {
    let replicas = replicas(flags);
    let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
    let (_real, real) = start(&addresses);
    let ours = balancer(&addresses, &["--edge", product]);
    assert_eq!(polled(real), polled(ours.address), "{product}");
    let tags = known_tags(real);
    for fields in requests(&tags) {
        let fields: Vec<_> = fields.iter().map(String::as_str).collect();
        assert_eq!(answer(real, &fields), answer(ours.address, &fields), "{product}: {fields:?}");
    }
}

/// Counts of each coding as polling clients saw them, and every tag; half of the clients accept gzip.
fn polled(address: SocketAddr) -> (Value, BTreeSet<String>) {
    let codings = ["--accept-encoding", "gzip", "--accept-encoding", "identity"];
    let load = [&url(address), "--clients", "10", "--polls", "7"];
    let record = poll_json(&[&load[..], &codings].concat());
    let arm = &record["arms"][0];
    assert_eq!(arm["verdicts"]["error"], 0, "{}", arm["errors"]);
    let replicas = arm["replicas"].as_array().expect("a list").iter();
    let tags = replicas.flat_map(|replica| replica["entity_tags"].as_array().expect("a list"));
    (arm["codings"].clone(), tags.filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The tags of the resource, plain and compressed, as this server gives them.
fn known_tags(address: SocketAddr) -> Vec<String> {
    let forms = [vec![], vec!["Accept-Encoding: gzip"]].into_iter();
    let tag = |fields: Vec<&str>| {
        let answer = http::get(address, &fields).expect("an answer");
        answer.field("etag").map(str::to_owned)
    };
    forms.filter_map(tag).collect()
}

fn requests(tags: &[String]) -> Vec<Vec<String>> {
    let accepted = ["gzip", "gzip;q=0", "identity", "br, gzip;q=0.5", "*;q=0, gzip"]
        .map(|value| vec![format!("Accept-Encoding: {value}")]);
    let conditional = tags.iter().flat_map(|tag| {
        let condition = format!("If-None-Match: {tag}");
        [vec![condition.clone()], vec!["Accept-Encoding: gzip".to_owned(), condition]]
    });
    std::iter::once(vec![]).chain(accepted).chain(conditional).collect()
}

/// Status, tag and coding.
fn answer(address: SocketAddr, fields: &[&str]) -> (u16, Option<String>, Option<String>) {
    let answer = http::get(address, fields).expect("an answer");
    let field = |name| answer.field(name).map(str::to_owned);
    (answer.status, field("etag"), field("content-encoding"))
}

#[test]
fn a_report_says_which_edge_there_was_and_what_clients_accepted() {
    let output = output_of(&["run", "gzip-strip", "--no-save"]);
    let text = stdout(&output);
    assert!(text.contains("edge gzip-strip"), "{text}");
    assert!(text.contains("clients accept gzip / identity"), "{text}");
}

#[test]
fn arms_whose_clients_accept_other_codings_are_told_apart_and_warned_of() {
    let arm = |name: &str, codings: &str| {
        format!(
            "[[arm]]\nname = \"{name}\"\nstrategy = \"content-hash\"\naccept-encoding = {codings}\n"
        )
    };
    let arms = [arm("plain", "[\"identity\"]"), arm("coded", "[\"gzip\"]")].concat();
    let text = format!("[balancer]\nedge = \"nginx\"\n[load]\npolls = 3\n{arms}");
    let file = configuration("unlike.toml", &text);
    let output = output_of(&["run", file.to_str().expect("text"), "--no-save"]);
    let text = stdout(&output);
    assert!(text.contains("ETL018"), "{text}");
    let row = text.lines().find(|line| line.contains("identity") && line.contains("gzip"));
    assert!(row.is_some(), "what each arm accepts stands under its name: {text}");
}

#[test]
fn nginx_compresses_as_the_edge_of_its_name() {
    let Some(nginx) = require("nginx") else { return };
    let gzip = "gzip on; gzip_proxied any; gzip_types application/json;";
    check("nginx", |replicas| {
        start_on_a_free_port(|address| nginx_command(&nginx, address, replicas, gzip))
    });
}

#[test]
fn nginx_hides_codings_as_the_edge_that_does() {
    let Some(nginx) = require("nginx") else { return };
    for (edge, directive) in [
        ("hide-codings", "proxy_set_header Accept-Encoding \"\";"),
        ("none", ""),
        ("proxy_hide_header-etag", "proxy_hide_header ETag;"),
    ] {
        check_before(&["--codings", "gzip"], edge, |replicas| {
            start_on_a_free_port(|address| nginx_command(&nginx, address, replicas, directive))
        });
    }
}

fn nginx_command(
    nginx: &Path,
    address: SocketAddr,
    replicas: &[SocketAddr],
    directives: &str,
) -> Command {
    let servers = peers::nginx_servers(replicas);
    let directives = format!(
        "access_log off;
         {directives}
         upstream replicas {{ {servers} }}
         server {{ listen {address}; location / {{ proxy_pass http://replicas; }} }}"
    );
    peers::nginx(nginx, &directives)
}

#[test]
fn haproxy_compresses_as_the_edge_of_its_name() {
    let Some(haproxy) = require("haproxy") else { return };
    check("haproxy", |replicas| {
        start_on_a_free_port(|address| haproxy_command(&haproxy, address, replicas))
    });
}

fn haproxy_command(haproxy: &Path, address: SocketAddr, replicas: &[SocketAddr]) -> Command {
    let clients = "    compression algo gzip\n    compression type application/json";
    peers::haproxy(haproxy, address, replicas, ["", clients])
}

#[test]
fn httpd_compresses_as_the_edge_of_its_module() {
    let Some(apache) = require("apache2") else { return };
    for (edge, directive) in [
        ("mod_deflate", ""),
        ("mod_deflate-nochange", "DeflateAlterETag NoChange"),
        ("mod_deflate-remove", "DeflateAlterETag Remove"),
        ("header-unset-etag", "SetEnv no-gzip 1\nHeader unset ETag"),
    ] {
        check(edge, |replicas| {
            start_on_a_free_port(|address| apache_command(&apache, address, replicas, directive))
        });
    }
}

#[test]
fn caddy_compresses_as_the_edge_of_its_version() {
    let Some(caddy) = require("caddy") else { return };
    let version = Command::new(&caddy).arg("version").output().expect("it tells its version");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let edge = if version.contains("2.6.") { "caddy-2.6" } else { "caddy" };
    check(edge, |replicas| {
        start_on_a_free_port(|address| caddy_command(&caddy, address, replicas))
    });
}

fn caddy_command(caddy: &Path, address: SocketAddr, replicas: &[SocketAddr]) -> Command {
    let replicas: Vec<_> = replicas.iter().map(SocketAddr::to_string).collect();
    let text = format!(
        "{{\nadmin off\n}}\nhttp://{address} {{\nencode gzip\nreverse_proxy {} {{\n\
         lb_policy round_robin\n}}\n}}\n",
        replicas.join(" ")
    );
    let mut command = at_home(caddy);
    command.args(["run", "--adapter", "caddyfile", "--config"]);
    command.arg(configuration("Caddyfile", &text));
    command.env("HOME", home()).env("XDG_DATA_HOME", home());
    command
}

#[test]
fn envoy_compresses_as_the_edges_of_its_filter() {
    let Some(envoy) = fetched::fetched("envoy") else { return };
    for (edge, setting) in [("envoy", "{}"), ("envoy-weaken", "{ weaken_etag_on_compress: true }")]
    {
        let filter = format!(
            "- name: envoy.filters.http.compressor\n  typed_config:\n    \"@type\": \
             type.googleapis.com/envoy.extensions.filters.http.compressor.v3.Compressor\n    \
             response_direction_config: {setting}\n    compressor_library:\n      name: gzip\n      \
             typed_config: {{ \"@type\": \
             type.googleapis.com/envoy.extensions.compression.gzip.compressor.v3.Gzip }}\n"
        );
        check(edge, |replicas| fetched::envoy(&envoy, replicas, "", &filter));
    }
}

#[test]
fn traefik_compresses_as_the_edge_of_its_middleware() {
    let Some(traefik) = fetched::fetched("traefik") else { return };
    let compress = "compress: { minResponseBodyBytes: 32, encodings: [gzip] }";
    check("traefik", |replicas| fetched::traefik(&traefik, replicas, "", Some(compress)));
}

/// One process (`-X`), with nothing but what forwards and compresses.
fn apache_command(
    apache: &Path,
    address: SocketAddr,
    replicas: &[SocketAddr],
    directive: &str,
) -> Command {
    let folder = home();
    let place = folder.display();
    let modules = "mpm_event authz_core proxy proxy_http proxy_balancer \
                   slotmem_shm lbmethod_byrequests filter deflate env headers";
    let load = |name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n");
    let modules: String = modules.split(' ').map(load).collect();
    let members: String = replicas
        .iter()
        .flat_map(|replica| [format!("BalancerMember http://{replica}\n")])
        .collect();
    let text = format!(
        "ServerRoot {place}
         ServerName lab
         Listen {address}
         PidFile {place}/apache.pid
         ErrorLog {place}/apache.log
         DefaultRuntimeDir {place}
         {modules}
         <Proxy balancer://replicas>
             {members}
         </Proxy>
         ProxyPass / balancer://replicas/
         {directive}
         AddOutputFilterByType DEFLATE application/json"
    );
    let mut command = Command::new(apache);
    command.arg("-X").arg("-f").arg(configuration("apache.conf", &text));
    command
}
