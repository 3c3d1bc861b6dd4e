//! Fleets whose replicas are not alike: one of them is set up in another way, or runs another
//! server. And servers of files that were compressed in advance.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{
    CACHED, Deployment, HEALTHY, LOCAL, WEAKENED, behind, deployment, fleet, single, three,
};
use crate::check::gateways::varnish_with;
use crate::check::servers::{Server, apache, app, caddy, copy, haproxy, lighttpd, nginx, odd_app};

pub(super) fn mixed() -> Vec<Deployment> {
    [unlike(), two_servers(), compressed_in_advance(), fields_by_hand()].concat()
}

const DEFLATE: &str = "AddOutputFilterByType DEFLATE application/json\n";
const EDIT: &str = "RequestHeader edit \"If-None-Match\" '^(.*)-gzip\"(.*)$' '$1\"$2'\n";

fn httpds(texts: [String; 3]) -> Vec<Server> {
    texts.into_iter().map(|text| apache(&copy(0), &text)).collect()
}

fn nginx_files(late: u64, text: &str) -> Server {
    nginx_of(&copy(late), text)
}

fn nginx_of(root: &Path, text: &str) -> Server {
    nginx("", &format!("root {}; {text}", root.display()))
}

/// One replica is set up in another way.
fn unlike() -> Vec<Deployment> {
    let like = |odd: &str| ["FileETag MTime Size", "FileETag MTime Size", odd].map(str::to_owned);
    vec![
        deployment("httpd × 3, one FileETag None", &["apache2"], &["no-validator"], move || {
            fleet(httpds(like("FileETag None")), "round-robin")
        }),
        deployment("nginx × 2, one etag off", &["nginx"], &["no-validator"], || {
            fleet(vec![nginx_files(0, ""), nginx_files(0, "etag off;")], "round-robin")
        }),
        deployment("httpd × 3, one Digest", &["apache2"], LOCAL, move || {
            fleet(httpds(like("FileETag Digest")), "round-robin")
        })
        .because("unknown"),
        deployment("httpd × 3, one deflates", &["apache2"], &["suffix-not-understood"], || {
            fleet(httpds([DEFLATE.to_owned(), String::new(), String::new()]), "round-robin")
        }),
        deployment(
            "httpd × 3, deflate, two remove the suffix on the way in",
            &["apache2"],
            &["suffix-not-understood"],
            || {
                let edits = format!("{DEFLATE}{EDIT}");
                fleet(httpds([DEFLATE.to_owned(), edits.clone(), edits]), "round-robin")
            },
        ),
        deployment("nginx × 2, one with gzip", &["nginx"], WEAKENED, || {
            let servers = vec![
                nginx_files(0, "gzip on; gzip_vary on; gzip_proxied any;"),
                nginx_files(0, ""),
            ];
            fleet(servers, "round-robin")
        }),
        deployment("nginx × 3, one with a later copy", &["nginx"], LOCAL, || {
            fleet(three(|n| nginx_files(if n == 3 { 90_000 } else { 0 }, "")), "random")
        })
        .of_dates(),
        deployment("nginx × 3, one canary", &["nginx"], &["content-differs-per-replica"], || {
            let canary = copy(90_000);
            fs::write(canary.join("config.json"), "{\"flag-0\":1}").expect("it is ours");
            fleet(vec![nginx_files(0, ""), nginx_files(0, ""), nginx_of(&canary, "")], "random")
        }),
    ]
}

/// Half of the fleet runs another server.
fn two_servers() -> Vec<Deployment> {
    vec![
        deployment("nginx beside httpd, equal mtimes", &["nginx", "apache2"], LOCAL, || {
            let servers = vec![nginx_files(0, ""), apache(&copy(0), "FileETag MTime Size")];
            fleet(servers, "round-robin")
        })
        .because("unknown"),
        deployment("nginx beside Caddy, equal mtimes", &["nginx", "caddy"], LOCAL, || {
            fleet(vec![nginx_files(0, ""), caddy(&copy(0), "")], "round-robin")
        })
        .because("unknown"),
    ]
}

/// A `.gz` beside the file: another tag, and mostly another date.
fn compressed_in_advance() -> Vec<Deployment> {
    const STATIC: &str = "gzip_static on; gzip_vary on; gzip_proxied any;";
    vec![
        deployment("nginx, gzip_static", &["nginx"], HEALTHY, || {
            single(nginx_of(&with_gz(0), STATIC))
        }),
        deployment("nginx, gzip_static, made a minute later", &["nginx"], HEALTHY, || {
            single(nginx_of(&with_gz(60_000), STATIC))
        }),
        deployment("nginx × 2, gzip_static, mtimes of .gz apart", &["nginx"], LOCAL, || {
            let servers = [0, 60_000].map(|late| nginx_of(&with_gz(late), STATIC));
            fleet(servers.into(), "round-robin")
        })
        .of_dates(),
        deployment("nginx, gzip_static without Vary", &["nginx"], &["missing-vary"], || {
            single(nginx_of(&with_gz(60_000), "gzip_static on;"))
        }),
        deployment("odd × 2, tag of bytes with random padding", &["python3"], LOCAL, || {
            fleet([1, 2].map(|replica| odd_app("gzip-padding", replica)).into(), "round-robin")
        })
        .because("compressed"),
        deployment("lighttpd, deflate", &["lighttpd"], HEALTHY, || {
            let text = "server.modules += (\"mod_deflate\")\n\
                        deflate.mimetypes = (\"application/json\")\n\
                        deflate.allowed-encodings = (\"gzip\", \"br\")";
            single(lighttpd(&copy(0), text))
        }),
    ]
}

/// Tags and preconditions that a configuration writes or drops.
fn fields_by_hand() -> Vec<Deployment> {
    const IGNORED: &[&str] = &["conditionals-ignored"];
    vec![
        deployment("nginx, add_header ETag", &["nginx"], IGNORED, || {
            single(nginx_files(0, "etag off; add_header ETag '\"v1\"';"))
        }),
        deployment("nginx, sub_filter", &["nginx"], &["no-validator"], || {
            single(nginx_files(0, "sub_filter_types *; sub_filter flag-1 flag-x;"))
        }),
        deployment("httpd, Header set ETag", &["apache2"], IGNORED, || {
            single(apache(&copy(0), "Header set ETag '\"v1\"'"))
        }),
        deployment("httpd drops If-None-Match", &["apache2"], IGNORED, || {
            single(apache(&copy(0), "RequestHeader unset If-None-Match early"))
        }),
        deployment("Caddy, respond with a tag", &["caddy"], IGNORED, || {
            single(caddy(&copy(0), "header ETag `\"v1\"`\nrespond `{}`"))
        }),
        deployment(
            "HAProxy removes tag and date",
            &["haproxy", "nginx"],
            &["no-validator"],
            || {
                behind(vec![nginx_files(0, "")], |origins| {
                    let lines = " http-response del-header etag\n \
                                 http-response del-header last-modified";
                    haproxy(origins, lines)
                })
            },
        ),
        deployment("Varnish, hit-for-miss", &["varnishd", "python3"], HEALTHY, || {
            behind(vec![app("hash", 1)], |origins| {
                let text = "sub vcl_backend_response { set beresp.uncacheable = true; }";
                varnish_with(origins[0], text)
            })
        }),
        deployment("Varnish, grace", &["varnishd", "python3"], CACHED, || {
            behind(vec![app("hash", 1)], |origins| {
                let text = "sub vcl_backend_response { set beresp.ttl = 1s; \
                                set beresp.grace = 60s; }";
                varnish_with(origins[0], text)
            })
        }),
    ]
}

/// A copy with its `.gz`, which is so many milliseconds younger.
fn with_gz(late: u64) -> std::path::PathBuf {
    let root = copy(0);
    let content = fs::read(root.join("config.json")).expect("it was just written");
    let path = root.join("config.json.gz");
    let file = fs::File::create(&path).expect("the folder is ours");
    let mut encoder = GzEncoder::new(&file, Compression::best());
    encoder.write_all(&content).and_then(|()| encoder.try_finish()).expect("it can be written");
    drop(encoder);
    let moment = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_000 + late);
    file.set_modified(moment).expect("it is ours");
    root
}
