//! Applications on Python's frameworks, as people write them.

use super::languages::{Application, Peers};
use super::{DATES, Deployment, HEALTHY, LOCAL, WEAKENED};
use crate::check::peers::{Framework, Language};

const NO_VALIDATOR: Peers = &["no-validator"];
const IGNORED: Peers = &["conditionals-ignored"];
const FOLLOWS: Peers = &["tag-follows-request"];
const SEVERAL: Peers = &["shared-tag-across-contents"];
const SHARED: Peers = &["shared-tag-across-codings"];
const WHOLE_ONLY: Peers = &["if-range-ignored"];

const fn application(name: &'static str, library: Peers, module: &'static str) -> Application {
    let framework = Framework { language: Language::Python, name: module, variables: &[] };
    Application { name, peers: library, framework }
}

pub(super) fn pythons() -> Vec<Deployment> {
    [bottle(), tornado(), falcon(), webob(), django(), aiohttp(), cherrypy()].concat()
}

fn bottle() -> Vec<Deployment> {
    let app = application("Bottle", &["/usr/lib/python3/dist-packages/bottle.py"], "bottle");
    vec![
        app.two("a file", "/file", HEALTHY),
        app.apart(7_000, "a file, mtimes apart", "/file", DATES),
        app.one("a digest without quotes", "/unquoted", &["malformed-tag"]),
    ]
}

fn tornado() -> Vec<Deployment> {
    let app = application("Tornado", &["/usr/lib/python3/dist-packages/tornado/web.py"], "tornado");
    vec![
        app.two("JSON", "/body", HEALTHY),
        app.two("JSON, GET alone", "/get", &["healthy", "head-differs"]),
        app.with(&[("CODED", "1")]).one("JSON, compressed", "/body", SHARED),
        app.one("the time in the content", "/clock", &["content-changing"]),
        app.one("a stream", "/stream", NO_VALIDATOR),
        app.two("id() as tag", "/identity", LOCAL).because("process"),
        app.one("a file", "/static/config.json", WHOLE_ONLY),
        app.apart(7_000, "a file, mtimes apart", "/static/config.json", DATES).also(WHOLE_ONLY),
    ]
}

fn falcon() -> Vec<Deployment> {
    const WITH_NGINX: Peers = &["nginx", "/usr/lib/python3/dist-packages/falcon/app.py"];
    let app = application("Falcon", &["/usr/lib/python3/dist-packages/falcon/app.py"], "falcon");
    vec![
        app.compressed(WITH_NGINX, "strong comparison", "/strong", &["weakened-in-transit"]),
        // Falcon quotes what it is given.
        app.two("a bare digest", "/right", HEALTHY),
        app.one("an empty 200", "/empty", &["match-misanswered"]),
        app.one("412", "/refused", &["match-misanswered"]),
        app.two("a set in JSON", "/names", LOCAL).because("unordered-content"),
        app.one("by language", "/language", HEALTHY),
        app.one("by language, one tag", "/language?shared=1", FOLLOWS).also(SEVERAL),
        app.one("by language, no Vary", "/language?silent=1", FOLLOWS),
        app.one("by language, one tag, no Vary", "/language?silent=1&shared=1", FOLLOWS)
            .also(SEVERAL),
    ]
}

fn webob() -> Vec<Deployment> {
    let app = application("WebOb", &["/usr/lib/python3/dist-packages/webob/static.py"], "webob");
    vec![
        app.two("a file", "/file", HEALTHY),
        app.apart(7_000, "a file, mtimes apart", "/file", DATES),
        app.two("a body", "/body", HEALTHY),
        app.two("a body, not conditional", "/unconditional", IGNORED),
        app.one("a body, compressed behind its tag", "/coded", SHARED),
        app.one("the clock as date", "/clock", &["date-implausible"]),
    ]
}

fn django() -> Vec<Deployment> {
    let app =
        application("Django", &["/usr/lib/python3/dist-packages/django/urls/conf.py"], "django");
    let whitenoise = Application {
        name: "WhiteNoise",
        peers: &["/usr/lib/python3/dist-packages/whitenoise/middleware.py"],
        ..app.with(&[("MIDDLEWARE", "w")])
    };
    let compares = app.with(&[("MIDDLEWARE", "c")]);
    vec![
        compares.two("ConditionalGetMiddleware", "/body", HEALTHY),
        app.with(&[("MIDDLEWARE", "gc")]).one("GZip, then ConditionalGet", "/body", WEAKENED),
        app.with(&[("MIDDLEWARE", "cx")]).two(
            "a token in the form",
            "/form",
            &["content-changing"],
        ),
        app.with(&[("MIDDLEWARE", "sc")]).one("a session", "/session", HEALTHY),
        app.with(&[("MIDDLEWARE", "lc")]).one("by language", "/language", HEALTHY),
        compares.one("never_cache", "/never", &["no-validator", "revalidation-moot"]),
        whitenoise
            .apart(7_000, "mtimes apart", "/static/config.json", LOCAL)
            .because("mtime")
            .also(&["last-modified-differs", "list-not-understood"]),
    ]
}

fn aiohttp() -> Vec<Deployment> {
    let app = application("aiohttp", &["/usr/lib/python3/dist-packages/aiohttp/web.py"], "aiohttp");
    vec![
        app.apart(1_000, "files, mtimes apart", "/static/config.json", LOCAL).of_dates(),
        app.one("enable_compression", "/coded", &["shared-tag-across-codings", "missing-vary"]),
    ]
}

fn cherrypy() -> Vec<Deployment> {
    let app = application(
        "CherryPy",
        &["/usr/lib/python3/dist-packages/cherrypy/__init__.py"],
        "cherrypy",
    );
    vec![
        app.two("autotags", "/body", HEALTHY),
        app.one("autotags, gzip", "/coded", SHARED),
        app.apart(7_000, "files, autotags, mtimes apart", "/tagged/config.json", DATES)
            .also(&["if-range-ignored", "precedence-wrong"]),
    ]
}
