//! Gateways between the check and the servers: layer 4, stickiness, TLS and HTTP/2, caches.

use super::{
    CACHED, Deployment, HEALTHY, LOCAL, Stage, WEAKENED, apps_of, behind, deployment, single,
};
use crate::check::gateways::{
    NGINX_STREAM, apache_before, caddy_with_tls_before, haproxy_with, nginx_stream,
    nginx_with_tls_before, varnish_with,
};
use crate::check::servers::{app, caddy, copy, nginx};

pub(super) fn gateways() -> Vec<Deployment> {
    [balancers(), apaches(), tls(), caches()].concat()
}

/// Every connection of a probe is its own, so that pinning by connection hides nothing. Pinning by
/// address does: what was seen is one server.
fn balancers() -> Vec<Deployment> {
    fn of(how: &'static str, mode: &'static str, expected: &'static [&'static str]) -> Deployment {
        let name = format!("HAProxy, {}, before {mode}", how.replace('\n', ","));
        deployment(name, &["haproxy"], expected, move || {
            behind(apps_of(mode), |origins| haproxy_with(origins, &format!(" {how}")))
        })
    }
    fn stream(mode: &'static str, expected: &'static [&'static str]) -> Deployment {
        let name = format!("nginx stream before {mode}");
        deployment(name, &["nginx", NGINX_STREAM], expected, move || {
            behind(apps_of(mode), nginx_stream)
        })
    }
    const COOKIE: &str = "mode http\n balance roundrobin\n cookie S insert indirect nocache dynamic\n \
                          dynamic-cookie-key x";
    vec![
        of("mode tcp", "counter", LOCAL).because("process"),
        of("mode tcp", "salt", LOCAL).because("process"),
        of("mode tcp", "hash", HEALTHY),
        of("mode tcp\n balance leastconn", "counter", LOCAL).because("process"),
        of("mode http\n balance leastconn", "counter", LOCAL).because("process"),
        of("mode http\n balance random", "counter", LOCAL).because("process"),
        of("mode http\n balance random", "hash", HEALTHY),
        of("mode http\n balance source", "counter", HEALTHY),
        of(COOKIE, "counter", LOCAL).because("process"),
        of(COOKIE, "hash", HEALTHY),
        stream("counter", LOCAL).because("process"),
        stream("etag-and-drift", LOCAL).of_dates(),
        stream("hash", HEALTHY),
    ]
}

fn apaches() -> Vec<Deployment> {
    fn of(
        how: &'static str,
        text: &'static str,
        mode: &'static str,
        expected: &'static [&'static str],
    ) -> Deployment {
        let name = format!("httpd as a gateway{how}, before {mode}");
        deployment(name, &["apache2"], expected, move || {
            behind(apps_of(mode), |origins| apache_before(origins, text))
        })
    }
    const STICKY: &str = "Header add Set-Cookie \"ROUTE=.%{BALANCER_WORKER_ROUTE}e; path=/\" \
                          env=BALANCER_ROUTE_CHANGED\nProxySet balancer://fleet stickysession=ROUTE";
    const CACHE: &str = "CacheEnable socache /\nCacheSocache shmcb\nCacheIgnoreCacheControl On\n\
                         CacheIgnoreNoLastMod On\nCacheDefaultExpire 60\nCacheHeader on";
    const DEFLATE: &str = "AddOutputFilterByType DEFLATE application/json";
    vec![
        of("", "", "hash", HEALTHY),
        of("", "", "counter", LOCAL).because("process"),
        of(", sticky", STICKY, "counter", LOCAL).because("process"),
        of(" that compresses", DEFLATE, "hash", &["suffix-not-understood"]),
        of(" with mod_cache", CACHE, "hash", CACHED),
    ]
}

/// HTTP/2 over TLS before servers of HTTP/1.1.
fn tls() -> Vec<Deployment> {
    fn secure(mut stage: Stage) -> Stage {
        stage.url = stage.url.replace("http://127.0.0.1", "https://localhost");
        stage.args.push("--insecure".to_owned());
        stage
    }
    fn of(mode: &'static str, expected: &'static [&'static str]) -> [Deployment; 2] {
        [
            deployment(
                format!("nginx with HTTP/2 before {mode}"),
                &["nginx", "openssl"],
                expected,
                move || secure(behind(apps_of(mode), |at| nginx_with_tls_before(at, ""))),
            ),
            deployment(
                format!("Caddy with HTTP/2 before {mode}"),
                &["caddy", "openssl"],
                expected,
                move || secure(behind(apps_of(mode), caddy_with_tls_before)),
            ),
        ]
    }
    let counters = of("counter", LOCAL).map(|one| one.because("process"));
    let drifting = of("etag-and-drift", LOCAL);
    let drifting = drifting.map(Deployment::of_dates);
    let compressing = deployment(
        "nginx with HTTP/2 and gzip before hash",
        &["nginx", "openssl"],
        WEAKENED,
        || {
            let text = "gzip on; gzip_vary on; gzip_proxied any;";
            secure(behind(apps_of("hash"), |at| nginx_with_tls_before(at, text)))
        },
    );
    [counters, drifting, of("hash", HEALTHY), of("ignored", &["conditionals-ignored"])]
        .concat()
        .into_iter()
        .chain([compressing])
        .collect()
}

fn caches() -> Vec<Deployment> {
    const USE: &str = " mode http\n balance roundrobin\n http-request cache-use small\n \
                       http-response set-header Cache-Control max-age=60\n \
                       http-response cache-store small";
    fn varnish(
        name: &'static str,
        mode: &'static str,
        text: &'static str,
        expected: &'static [&'static str],
    ) -> Deployment {
        deployment(name, &["varnishd"], expected, move || {
            behind(vec![app(mode, 1)], |origins| varnish_with(origins[0], text))
        })
    }
    vec![
        deployment("HAProxy cache before hashes", &["haproxy"], CACHED, || {
            behind(apps_of("hash"), |origins| haproxy_with(origins, USE))
        }),
        deployment("HAProxy cache before counters", &["haproxy"], CACHED, || {
            behind(apps_of("counter"), |origins| haproxy_with(origins, USE))
        }),
        varnish("Varnish before a weak tag, gzip", "weak", "", CACHED),
        varnish("Varnish before a tag for each coding", "vary-fine", "", &["cache-answering"]),
        varnish(
            "Varnish compresses",
            "hash",
            "sub vcl_backend_response { set beresp.do_gzip = true; }",
            CACHED,
        ),
        varnish("Varnish passes everything", "hash", "sub vcl_recv { return (pass); }", HEALTHY),
        deployment("Caddy, encode zstd", &["caddy"], &["shared-tag-across-codings"], || {
            single(caddy(&copy(0), "encode zstd"))
        }),
        deployment(
            "nginx before Caddy that encodes zstd",
            &["caddy", "nginx"],
            &["shared-tag-across-codings"],
            || {
                behind(vec![caddy(&copy(0), "encode zstd gzip")], |origins| {
                    nginx("", &format!("location / {{ proxy_pass http://{}; }}", origins[0]))
                })
            },
        ),
    ]
}
