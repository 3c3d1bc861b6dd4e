//! Gateways and caches of other people.

use super::{CACHED, Deployment, HEALTHY, LOCAL, WEAKENED, apps_of, behind, deployment, three};
use crate::check::servers::{apache, app, copy, haproxy, nginx_before, varnish};

pub(super) fn caches() -> Vec<Deployment> {
    const COMPRESSION: &str = " compression algo gzip\n compression type application/json";
    let cached = |name, mode, expected| {
        deployment(name, &["nginx"], expected, move || {
            behind(apps_of(mode), |origins| {
                nginx_before(
                    origins,
                    "proxy_cache_path PLACE/cache keys_zone=z:1m;",
                    "proxy_cache z; proxy_cache_valid 200 60s; \
                     add_header X-Cache-Status $upstream_cache_status;",
                )
            })
        })
    };
    vec![
        deployment("HAProxy before hashes", &["haproxy"], HEALTHY, || {
            behind(apps_of("hash"), |origins| haproxy(origins, ""))
        }),
        deployment("HAProxy before counters", &["haproxy"], LOCAL, || {
            behind(apps_of("counter"), |origins| haproxy(origins, ""))
        })
        .because("process"),
        deployment("HAProxy before httpd, All", &["haproxy", "apache2"], LOCAL, || {
            behind(three(|_| apache(&copy(0), "FileETag All")), |origins| haproxy(origins, ""))
        })
        .because("inode"),
        deployment("HAProxy compresses", &["haproxy"], WEAKENED, || {
            behind(apps_of("hash"), |origins| haproxy(origins, COMPRESSION))
        }),
        deployment(
            "HAProxy compresses before strict origins",
            &["haproxy"],
            &["weakened-in-transit"],
            || behind(apps_of("weak-strict"), |origins| haproxy(origins, COMPRESSION)),
        )
        .also(&["list-not-understood"]),
        deployment("HAProxy sticky by cookie before counters", &["haproxy"], LOCAL, || {
            behind(apps_of("counter"), |origins| {
                haproxy(origins, " cookie S insert indirect dynamic\n dynamic-cookie-key x")
            })
        })
        .because("process"),
        deployment("Varnish before hashes", &["varnishd"], CACHED, || {
            behind(vec![app("hash", 1)], |origins| varnish(origins[0]))
        }),
        cached("nginx proxy_cache before counters", "counter", &["cache-answering"]),
        cached("nginx proxy_cache before hashes", "hash", CACHED),
    ]
}
