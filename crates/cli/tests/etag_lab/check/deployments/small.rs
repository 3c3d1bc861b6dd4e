//! Small servers of files, and Squid in front of others.

use super::languages::at;
use super::{Deployment, HEALTHY, LOCAL, behind, deployment, fleet};
use crate::check::peers::{file_server, squid};
use crate::check::servers::{Server, app, copy};

pub(super) fn small() -> Vec<Deployment> {
    [files(), squids()].concat()
}

fn civetweb(late: u64) -> Server {
    let root = copy(late).display().to_string();
    file_server("civetweb", move |address| {
        let listens = address.to_string();
        ["-document_root", &root, "-listening_ports", &listens].map(str::to_owned).into()
    })
}

fn files() -> Vec<Deployment> {
    vec![
        deployment("civetweb × 2, mtimes apart", &["civetweb"], LOCAL, || {
            fleet((1..=2).map(|n| civetweb(7_000 * n)).collect(), "random")
        })
        .because("mtime")
        .also(&["last-modified-differs", "precedence-wrong", "list-not-understood"]),
    ]
}

/// Squid as an accelerator.
fn squids() -> Vec<Deployment> {
    let row = |name: &str, expected, mode: &'static str, text: &'static str| {
        deployment(format!("Squid {name}"), &["squid"], expected, move || {
            at(
                "/config.json",
                behind(vec![app(mode, 1), app(mode, 2)], |origins| squid(origins, text)),
            )
        })
    };
    vec![
        row("passes, before hashes", HEALTHY, "hash", "cache deny all"),
        row("passes, before counters", LOCAL, "counter", "cache deny all").because("process"),
        row(
            // It heeds what the check asks at the end, and shows them.
            "keeps, before counters",
            &["node-local-tag", "cache-answering"],
            "counter",
            "refresh_pattern . 10 20% 10",
        )
        .also(&["malformed-304"]),
        row(
            "drops If-None-Match",
            &["conditionals-ignored"],
            "hash",
            "cache deny all\nrequest_header_access If-None-Match deny all",
        ),
        row(
            "strips the tag",
            &["no-validator"],
            "hash",
            "cache deny all\nreply_header_access ETag deny all",
        ),
    ]
}
