//! `etag-lab poll` against Envoy and Traefik: over TLS and over HTTP/2 its verdicts are those of plain
//! HTTP/1.1 against the same gateway.

use std::net::SocketAddr;

use serde_json::Value;

use super::{poll, url_of};
use crate::check::servers::Server;
use crate::independent_bytes::{LOCKSTEP, three_replicas};
use crate::support::certificates::Authority;
use crate::support::served::{Served, url};
use crate::support::{fetched, poll_json};

/// Verdicts that depend on no choice among replicas: 10 clients get the content, and 190 polls confirm it.
fn expected(record: &Value, case: &str) -> Value {
    let arm = &record["arms"][0];
    assert_eq!(
        (&arm["polls"], &arm["not_modified"]),
        (&200.into(), &190.into()),
        "{case}: {arm:#}"
    );
    assert_eq!(arm["verdicts"]["error"], 0, "{case}: {}", arm["errors"]);
    arm["verdicts"].clone()
}

/// Polls what listens at `plain` over HTTP/1.1, and at `encrypted` over both versions with TLS.
fn check(name: &str, plain: SocketAddr, encrypted: SocketAddr, authority: &Authority) {
    let in_clear = poll_json(&[&[url(plain).as_str()], LOCKSTEP].concat());
    let verdicts = expected(&in_clear, name);
    let prior = poll_json(&[&[url(plain).as_str(), "--http2"], LOCKSTEP].concat());
    assert_eq!(expected(&prior, name), verdicts, "{name}, HTTP/2 in clear text");
    for (version, flags) in [("HTTP/1.1", &[][..]), ("HTTP/2", &["--http2"])] {
        let case = format!("{name}, {version} over TLS to {}", url_of(encrypted));
        let record = poll(encrypted, authority, &[LOCKSTEP, flags].concat());
        assert_eq!(expected(&record, &case), verdicts, "{case}");
        let bytes = &record["arms"][0]["bytes"];
        assert!(bytes["tls"]["handshakes"].as_u64() >= Some(1), "{case}: {bytes}");
        assert_eq!(bytes["framing"].is_object(), version == "HTTP/2", "{case}: {bytes}");
        let content = |record: &Value| record["arms"][0]["bytes"]["response_content"].clone();
        assert_eq!(content(&record), content(&in_clear), "{case}");
    }
}

/// A gateway before three replicas that agree.
fn before(start: impl FnOnce(&[SocketAddr]) -> Server) -> (Server, Vec<Served>) {
    let replicas = three_replicas("content-hash");
    let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
    (start(&addresses), replicas)
}

#[test]
fn envoy_is_polled_over_tls_and_http_2_with_the_verdicts_of_plain_http() {
    let (Some(program), Some(authority)) = (fetched::fetched("envoy"), Authority::new("authority"))
    else {
        return;
    };
    let pair = authority.sign("server");
    let (plain, _replicas) = before(|origins| fetched::envoy(&program, origins, "", ""));
    let (encrypted, _others) = before(|origins| fetched::envoy_encrypted(&program, origins, &pair));
    check("Envoy", plain.1, encrypted.1, &authority);
}

#[test]
fn traefik_is_polled_over_tls_and_http_2_with_the_verdicts_of_plain_http() {
    let (Some(program), Some(authority)) =
        (fetched::fetched("traefik"), Authority::new("authority"))
    else {
        return;
    };
    let pair = authority.sign("server");
    let (both, _replicas) = before(|origins| fetched::traefik_encrypted(&program, origins, &pair));
    check("Traefik", both.1, both.1, &authority);
}
