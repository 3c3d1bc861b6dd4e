//! The deployments that are checked: how each is started, and what is true of it.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::servers::{
    Server, apache, app, caddy, copy, flask, haproxy, lighttpd, nginx, nginx_before, python_files,
    varnish,
};
use crate::support::served::{Served, balancer, url};

/// One deployment.
#[derive(Clone)]
pub(crate) struct Deployment {
    pub(crate) name: &'static str,
    /// Programs that it needs.
    pub(crate) peers: &'static [&'static str],
    /// Findings that must be named.
    pub(crate) expected: &'static [&'static str],
    /// Findings that are true of it and not the point.
    pub(crate) true_as_well: &'static [&'static str],
    /// The cause of a node-local tag.
    pub(crate) cause: Option<&'static str>,
    pub(crate) start: Arc<dyn Fn() -> Stage + Send + Sync>,
}

impl Deployment {
    fn also(mut self, names: &'static [&'static str]) -> Self {
        self.true_as_well = names;
        self
    }

    fn because(mut self, cause: &'static str) -> Self {
        self.cause = Some(cause);
        self
    }
}

/// A deployment that runs; ends when it is dropped.
pub(crate) struct Stage {
    pub(crate) url: String,
    pub(crate) args: Vec<String>,
    pub(crate) servers: Vec<Server>,
    pub(crate) served: Vec<Served>,
}

/// Every deployment.
pub(crate) fn all() -> Vec<Deployment> {
    [nginxes(), apaches(), other_files(), flasks(), lab(), apps(), caches()].concat()
}

fn deployment(
    name: &'static str,
    peers: &'static [&'static str],
    expected: &'static [&'static str],
    start: impl Fn() -> Stage + Send + Sync + 'static,
) -> Deployment {
    Deployment { name, peers, expected, true_as_well: &[], cause: None, start: Arc::new(start) }
}

const HEALTHY: &[&str] = &["healthy"];
const LOCAL: &[&str] = &["node-local-tag"];

fn single(server: Server) -> Stage {
    let url = format!("http://{}/config.json", server.1);
    Stage { url, args: Vec::new(), servers: vec![server], served: Vec::new() }
}

/// Servers behind a balancer of the lab.
fn fleet(servers: Vec<Server>, policy: &str) -> Stage {
    let addresses = addresses(&servers);
    let front = balancer(&addresses, &["--policy", policy]);
    let url = format!("http://{}/config.json", front.address);
    Stage { url, args: Vec::new(), servers, served: vec![front] }
}

/// Servers behind a server of somebody else.
fn behind(origins: Vec<Server>, front: impl FnOnce(&[SocketAddr]) -> Server) -> Stage {
    let front = front(&addresses(&origins));
    let url = format!("http://{}/config.json", front.1);
    let servers = std::iter::once(front).chain(origins).collect();
    Stage { url, args: Vec::new(), servers, served: Vec::new() }
}

/// Servers that are named one by one.
fn backends(servers: Vec<Server>) -> Stage {
    let args = addresses(&servers).iter().map(|address| format!("--backend={address}")).collect();
    let url = "http://api.example.test/config.json".to_owned();
    Stage { url, args, servers, served: Vec::new() }
}

fn addresses(servers: &[Server]) -> Vec<SocketAddr> {
    servers.iter().map(|(_, address)| *address).collect()
}

fn three(start: impl Fn(usize) -> Server) -> Vec<Server> {
    (1..=3).map(start).collect()
}

fn apps_of(mode: &'static str) -> Vec<Server> {
    three(|replica| app(mode, replica))
}

fn nginx_files(late: u64, text: &str) -> Server {
    nginx("", &format!("root {}; {text}", copy(late).display()))
}

fn nginxes() -> Vec<Deployment> {
    let files = |late: u64| move |replica: usize| nginx_files(late * replica as u64, "");
    vec![
        deployment("nginx, one server", &["nginx"], HEALTHY, || single(nginx_files(0, ""))),
        deployment("nginx × 3, equal mtimes, round robin", &["nginx"], HEALTHY, move || {
            fleet(three(files(0)), "round-robin")
        }),
        deployment("nginx × 3, mtimes 7 s apart, round robin", &["nginx"], LOCAL, move || {
            fleet(three(files(7_000)), "round-robin")
        })
        .because("mtime")
        .also(&["last-modified-differs"]),
        deployment("nginx × 3, mtimes 7 s apart, random", &["nginx"], LOCAL, move || {
            fleet(three(files(7_000)), "random")
        })
        .because("mtime")
        .also(&["last-modified-differs"]),
        deployment("nginx × 3, mtimes apart, named backends", &["nginx"], LOCAL, move || {
            backends(three(files(7_000)))
        })
        .because("mtime")
        .also(&["last-modified-differs"]),
        deployment("nginx × 3, equal mtimes, named backends", &["nginx"], HEALTHY, move || {
            backends(three(files(0)))
        }),
        deployment(
            "nginx, gzip with Vary",
            &["nginx"],
            &["healthy", "weakened-in-transit"],
            || single(nginx_files(0, "gzip on; gzip_vary on;")),
        ),
        deployment("nginx, gzip without Vary", &["nginx"], &["missing-vary"], || {
            single(nginx_files(0, "gzip on;"))
        }),
        deployment("nginx, etag off", &["nginx"], HEALTHY, || single(nginx_files(0, "etag off;"))),
        deployment(
            "nginx × 3, etag off, mtimes apart",
            &["nginx"],
            &["last-modified-differs"],
            || fleet(three(|n| nginx_files(9_000 * n as u64, "etag off;")), "round-robin"),
        ),
        deployment("nginx, neither tag nor date", &["nginx"], &["no-validator"], || {
            single(nginx_files(0, "etag off; add_header Last-Modified '';"))
        }),
        deployment("nginx, no-store", &["nginx"], &["revalidation-moot"], || {
            single(nginx_files(0, "add_header Cache-Control no-store;"))
        }),
        deployment(
            "nginx, expires in a year",
            &["nginx"],
            &["healthy", "revalidation-moot"],
            || single(nginx_files(0, "expires 1y;")),
        ),
        deployment("nginx drops If-None-Match", &["nginx"], &["conditionals-ignored"], || {
            behind(vec![app("hash", 1)], |origins| {
                nginx_before(origins, "", "proxy_set_header If-None-Match '';")
            })
        }),
        deployment(
            "nginx before hashes, gzip",
            &["nginx"],
            &["healthy", "weakened-in-transit"],
            || {
                behind(apps_of("hash"), |origins| {
                    nginx_before(origins, "gzip on; gzip_vary on; gzip_proxied any;", "")
                })
            },
        ),
        deployment(
            "nginx before strict origins, gzip",
            &["nginx"],
            &["weakened-in-transit"],
            || {
                behind(apps_of("weak-strict"), |origins| {
                    nginx_before(origins, "gzip on; gzip_vary on; gzip_proxied any;", "")
                })
            },
        )
        .also(&["list-not-understood"]),
        deployment("nginx ip_hash before counters", &["nginx"], HEALTHY, || {
            behind(apps_of("counter"), |origins| {
                let servers: Vec<_> = origins.iter().map(|at| format!("server {at};")).collect();
                let servers = servers.concat();
                nginx(
                    &format!("upstream sticky {{ ip_hash; {servers} }}"),
                    "location / { proxy_pass http://sticky; }",
                )
            })
        }),
    ]
}

fn apaches() -> Vec<Deployment> {
    fn files(late: u64, text: &str) -> Server {
        apache(&copy(late), text)
    }
    const DEFLATE: &str = "AddOutputFilterByType DEFLATE application/json\n";
    let of = |text: &'static str, late: u64| {
        move || fleet(three(|replica| files(late * replica as u64, text)), "round-robin")
    };
    vec![
        deployment("httpd, one server", &["apache2"], HEALTHY, || single(files(0, ""))),
        deployment(
            "httpd × 3, MTime Size, equal",
            &["apache2"],
            HEALTHY,
            of("FileETag MTime Size", 0),
        ),
        deployment(
            "httpd × 3, MTime Size, mtimes apart",
            &["apache2"],
            LOCAL,
            of("FileETag MTime Size", 7_000),
        )
        .because("mtime")
        .also(&["last-modified-differs"]),
        deployment("httpd × 3, All, equal mtimes", &["apache2"], LOCAL, of("FileETag All", 0))
            .because("inode"),
        deployment("httpd × 3, All, mtimes apart", &["apache2"], LOCAL, of("FileETag All", 7_000))
            .because("inode")
            .also(&["last-modified-differs"]),
        deployment("httpd × 3, INode", &["apache2"], LOCAL, of("FileETag INode", 0))
            .because("inode"),
        deployment("httpd × 3, INode Size", &["apache2"], LOCAL, of("FileETag INode Size", 0))
            .because("inode"),
        deployment(
            "httpd × 3, MTime, mtimes apart",
            &["apache2"],
            LOCAL,
            of("FileETag MTime", 7_000),
        )
        .because("mtime")
        .also(&["last-modified-differs"]),
        deployment(
            "httpd × 3, mtimes 300 ms apart",
            &["apache2"],
            LOCAL,
            of("FileETag MTime Size", 300),
        )
        .because("mtime"),
        deployment("httpd × 3, Digest, equal", &["apache2"], HEALTHY, of("FileETag Digest", 0)),
        deployment(
            "httpd × 3, Digest, mtimes apart",
            &["apache2"],
            &["last-modified-differs", "precedence-wrong"],
            of("FileETag Digest", 7_000),
        ),
        deployment("httpd, None", &["apache2"], HEALTHY, || single(files(0, "FileETag None"))),
        deployment("httpd, None and no date", &["apache2"], &["no-validator"], || {
            single(files(0, "FileETag None\nHeader unset Last-Modified"))
        }),
        deployment("httpd, deflate AddSuffix", &["apache2"], &["suffix-not-understood"], || {
            single(files(0, DEFLATE))
        }),
        deployment(
            "httpd, deflate AddSuffix, suffix removed on the way in",
            &["apache2"],
            HEALTHY,
            || {
                single(files(
                    0,
                    &format!(
                        "{DEFLATE}RequestHeader edit \"If-None-Match\" '^(.*)-gzip\"(.*)$' '$1\"$2'"
                    ),
                ))
            },
        ),
        deployment("httpd, deflate NoChange", &["apache2"], &["shared-tag-across-codings"], || {
            single(files(0, &format!("{DEFLATE}DeflateAlterETag NoChange")))
        }),
        deployment("httpd, deflate Remove", &["apache2"], &["stripped-when-compressed"], || {
            single(files(0, &format!("{DEFLATE}DeflateAlterETag Remove")))
        }),
        deployment("httpd × 3, All and AddSuffix", &["apache2"], LOCAL, || {
            fleet(three(|_| files(0, &format!("FileETag All\n{DEFLATE}"))), "random")
        })
        .because("inode")
        .also(&["suffix-not-understood"]),
    ]
}

fn other_files() -> Vec<Deployment> {
    const INODE: &str = "etag.use-inode = \"enable\"";
    const NO_INODE: &str = "etag.use-inode = \"disable\"";
    let lighttpds = |text: &'static str, late: u64| {
        move || fleet(three(|n| lighttpd(&copy(late * n as u64), text)), "round-robin")
    };
    let caddies =
        |late: u64| move || fleet(three(|n| caddy(&copy(late * n as u64), "")), "round-robin");
    vec![
        deployment("lighttpd, one server", &["lighttpd"], HEALTHY, || {
            single(lighttpd(&copy(0), INODE))
        }),
        deployment("lighttpd × 3, use-inode", &["lighttpd"], LOCAL, lighttpds(INODE, 0))
            .because("inode"),
        deployment("lighttpd × 3, no inode, equal", &["lighttpd"], HEALTHY, lighttpds(NO_INODE, 0)),
        deployment(
            "lighttpd × 3, no inode, mtimes apart",
            &["lighttpd"],
            LOCAL,
            lighttpds(NO_INODE, 7_000),
        )
        .because("mtime")
        .also(&["last-modified-differs"]),
        deployment("Caddy, one server", &["caddy"], HEALTHY, || single(caddy(&copy(0), ""))),
        deployment("Caddy × 3, equal mtimes", &["caddy"], HEALTHY, caddies(0)),
        deployment("Caddy × 3, mtimes apart", &["caddy"], LOCAL, caddies(7_000))
            .because("mtime")
            .also(&["last-modified-differs"]),
        deployment("Caddy, encode gzip", &["caddy"], &["shared-tag-across-codings"], || {
            single(caddy(&copy(0), "encode gzip"))
        }),
        deployment("python http.server", &["python3"], HEALTHY, || single(python_files(&copy(0)))),
        deployment(
            "python http.server × 3, mtimes apart",
            &["python3"],
            &["last-modified-differs"],
            || fleet(three(|n| python_files(&copy(7_000 * n as u64))), "round-robin"),
        ),
    ]
}

fn flasks() -> Vec<Deployment> {
    fn of(name: &'static str, path: &'static str, expected: &'static [&'static str]) -> Deployment {
        deployment(name, &["flask"], expected, move || {
            let mut stage = fleet(three(|n| flask(&copy(60_000 * n as u64))), "random");
            stage.url = stage.url.replace("/config.json", path);
            stage
        })
    }
    vec![
        of("Flask × 3, files, mtimes apart", "/file", LOCAL)
            .because("mtime")
            .also(&["last-modified-differs"]),
        of("Flask × 3, make_conditional", "/conditional", HEALTHY),
        of("Flask × 3, make_conditional forgotten", "/unconditional", &["conditionals-ignored"]),
        of("Flask × 3, Python's hash()", "/seeded", LOCAL).because("process"),
        of("Flask × 3, a set in JSON", "/set", LOCAL).because("unordered-content"),
    ]
}

fn lab() -> Vec<Deployment> {
    let local = |name, strategy, cause| {
        deployment(name, &[], LOCAL, replicas(strategy, &["--policy=random"])).because(cause)
    };
    let agreeing =
        |name, strategy| deployment(name, &[], HEALTHY, replicas(strategy, &["--policy=random"]));
    let edge = |name, edge: &'static [&'static str], expected| {
        deployment(name, &[], expected, replicas("content-hash", edge))
    };
    vec![
        local("lab, counters", "per-process-counter", "process"),
        local("lab, nonces", "process-nonce", "process"),
        local("lab, start times", "start-time", "process"),
        local("lab, seeded hash", "seeded-hash", "process"),
        local("lab, inode, size and mtime", "inode-size-mtime", "inode"),
        deployment(
            "lab, hash of unordered JSON",
            &[],
            LOCAL,
            replicas("unordered-content-hash", &[]),
        ),
        deployment(
            "lab, host name in the content",
            &[],
            &["content-differs-per-replica"],
            replicas("host-in-content", &["--policy=random"]),
        ),
        deployment("lab, no tag", &[], &["no-validator"], replicas("none", &[])),
        agreeing("lab, content hash", "content-hash"),
        agreeing("lab, weak content hash", "weak-content-hash"),
        agreeing("lab, BLAKE3", "content-hash-blake3"),
        agreeing("lab, XXH3", "content-hash-xxh3"),
        agreeing("lab, hash of sorted JSON", "sorted-content-hash"),
        agreeing("lab, hash of each request", "content-hash-per-request"),
        agreeing("lab, as Rack does", "rack-body-hash"),
        agreeing("lab, as Express does", "express-body-hash"),
        agreeing("lab, as Spring does", "spring-shallow"),
        edge("lab, edge gzip-suffix", &["--edge=gzip-suffix"], &["suffix-not-understood"]),
        edge("lab, edge gzip-suffix-understood", &["--edge=gzip-suffix-understood"], HEALTHY),
        edge("lab, edge gzip-weaken", &["--edge=gzip-weaken"], &["healthy", "weakened-in-transit"]),
        edge("lab, edge gzip-strip", &["--edge=gzip-strip"], &["stripped-when-compressed"]),
        edge("lab, edge gzip-keep", &["--edge=gzip-keep"], &["shared-tag-across-codings"]),
    ]
}

/// Three replicas of the lab by hand, without dates, behind its balancer with these flags.
fn replicas(
    strategy: &'static str,
    flags: &'static [&'static str],
) -> impl Fn() -> Stage + Send + Sync {
    move || {
        let start = |number: u32| {
            let seen = (number * 11).to_string();
            let flags = ["--changes-seen", &seen, "--no-last-modified"];
            Served::start(&[&["replica", "--strategy", strategy], &flags[..]].concat())
        };
        let mut served: Vec<_> = (1..=3).map(start).collect();
        let addresses: Vec<_> = served.iter().map(|one| one.address).collect();
        let front = balancer(&addresses, flags);
        let url = url(front.address);
        served.push(front);
        Stage { url, args: Vec::new(), servers: Vec::new(), served }
    }
}

fn apps() -> Vec<Deployment> {
    fn of(name: &'static str, mode: &'static str, expected: &'static [&'static str]) -> Deployment {
        deployment(name, &["python3"], expected, move || fleet(apps_of(mode), "random"))
    }
    let local = |name, mode, cause| of(name, mode, LOCAL).because(cause);
    vec![
        of("app × 3, hash", "hash", HEALTHY),
        of("app × 3, sha1 in base64", "sha1-base64", HEALTHY),
        of("app × 3, weak hash, gzip", "weak", HEALTHY),
        local("app × 3, counter", "counter", "process"),
        local("app × 3, salted md5", "salt", "process"),
        local("app × 3, salted sha256, weak", "salt-sha", "process"),
        local("app × 3, Python's hash()", "seeded-hash", "process"),
        local("app × 3, start time", "start-time", "process"),
        local("app × 3, host name in the tag", "host-in-tag", "process"),
        local("app × 3, UUID of the process", "uuid", "process"),
        local("app × 3, UUID per response", "per-response", "process"),
        local("app × 3, counter of requests", "request-counter", "process"),
        local("app × 3, keys in any order", "unordered", "unordered-content"),
        local("app × 3, list in any order", "unordered-list", "unordered-content"),
        local("app × 3, lines in any order", "unordered-lines", "unordered-content"),
        of("app × 3, mtime and size", "etag-and-drift", LOCAL)
            .because("mtime")
            .also(&["last-modified-differs"]),
        of("app × 3, host name in the content", "host-name", &["content-differs-per-replica"]),
        of("app × 3, frozen mtime", "frozen", &["shared-tag-across-contents"])
            .also(&["content-differs-per-replica"]),
        of("app × 3, live content", "live", &["content-changing"]),
        of("app × 3, request id in the content", "request-id", &["content-changing"]),
        of("app × 3, preconditions ignored", "ignored", &["conditionals-ignored"]),
        of("app × 3, one ignores preconditions", "some-ignore", &["conditionals-ignored"]),
        of("app × 3, no tag", "none", &["no-validator"]),
        of("app × 3, one without a tag", "some-bare", &["no-validator"]),
        of("app × 3, date only", "date-only", HEALTHY),
        of("app × 3, date ignored", "date-ignored", &["conditionals-ignored"]),
        of("app × 3, dates differ", "date-drift", &["last-modified-differs"]),
        of("app × 3, start of the process as date", "date-clock", &["last-modified-differs"]),
        of(
            "app × 3, hash beside dates that differ",
            "date-drift-tagged",
            &["last-modified-differs"],
        ),
        of("app × 3, compared as one string", "one-string", &["list-not-understood"]),
        of("app × 3, no lists", "no-list", &["list-not-understood"]),
        of("app × 3, date wins over another tag", "date-wins", &["precedence-wrong"]),
        of(
            "app × 3, date wins over the tag",
            "date-wins-matching",
            &["healthy", "precedence-wrong"],
        ),
        deployment("app, content in 304s", &["python3"], &["malformed-304"], || {
            single(app("body-304", 1))
        }),
        of("app × 3, 304s without tag", "bare-304", &["malformed-304"]),
        of("app × 3, stripped when compressed", "strip", &["stripped-when-compressed"]),
        of("app × 3, suffix not understood", "suffix", &["suffix-not-understood"]),
        of("app × 3, suffix understood", "suffix-fine", HEALTHY),
        of("app × 3, one strong tag for both codings", "shared", &["shared-tag-across-codings"]),
        of("app × 3, weakened", "weaken", &["healthy", "weakened-in-transit"]),
        of("app × 3, weak tags refused", "weak-refused", &["weakened-in-transit"]),
        of("app × 3, no Vary", "no-vary", &["missing-vary"]),
        of("app × 3, no-store", "no-store", &["revalidation-moot"]),
        of("app × 3, immutable", "immutable", &["healthy", "revalidation-moot"]),
        of("app × 3, behind a CDN", "cdn", &["healthy", "cache-answering"]),
        of("app, 404", "404", &["inconclusive"]),
        of("app, 500", "500", &["inconclusive"]),
        of("app, 401", "401", &["inconclusive"]),
        of("app, redirect", "redirect", &["inconclusive"]),
        deployment("app, redirect followed", &["python3"], HEALTHY, || {
            let mut stage = fleet(apps_of("redirect"), "random");
            stage.args.push("--follow".to_owned());
            stage
        }),
    ]
}

fn caches() -> Vec<Deployment> {
    const COMPRESSION: &str = " compression algo gzip\n compression type application/json";
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
        deployment("HAProxy compresses", &["haproxy"], &["healthy", "weakened-in-transit"], || {
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
        deployment("Varnish before hashes", &["varnishd"], &["healthy", "cache-answering"], || {
            behind(vec![app("hash", 1)], |origins| varnish(origins[0]))
        }),
        deployment("nginx proxy_cache before counters", &["nginx"], &["cache-answering"], || {
            behind(apps_of("counter"), |origins| {
                nginx_before(
                    origins,
                    "proxy_cache_path PLACE/cache keys_zone=z:1m;",
                    "proxy_cache z; proxy_cache_valid 200 60s; \
                     add_header X-Cache-Status $upstream_cache_status;",
                )
            })
        }),
        deployment(
            "nginx proxy_cache before hashes",
            &["nginx"],
            &["healthy", "cache-answering"],
            || {
                behind(apps_of("hash"), |origins| {
                    nginx_before(
                        origins,
                        "proxy_cache_path PLACE/cache keys_zone=z:1m;",
                        "proxy_cache z; proxy_cache_valid 200 60s; \
                     add_header X-Cache-Status $upstream_cache_status;",
                    )
                })
            },
        ),
    ]
}
