//! Applications on Node's frameworks other than Express, each with tags of its own.

use super::languages::{Application, Peers, installed};
use super::{DATES, Deployment, HEALTHY, LOCAL};
use crate::check::peers::{Framework, Language};

const IGNORED: Peers = &["conditionals-ignored"];
const NO_LISTS: Peers = &["list-not-understood"];

const fn application(name: &'static str, module: &'static str) -> Application {
    let framework = Framework { language: Language::Node, name: module, variables: &[] };
    Application { name, peers: &["node"], framework }
}

pub(super) fn nodes() -> Vec<Deployment> {
    [
        installed("@fastify/etag", fastify()),
        installed("koa-static", koa()),
        installed("@hapi/inert", hapi()),
        installed("sirv", sirv()),
        installed("serve-handler", serve_handler()),
        installed("restify", restify()),
    ]
    .concat()
}

fn fastify() -> Vec<Deployment> {
    let app = application("Fastify", "fastify");
    vec![
        app.two("@fastify/etag", "/body", NO_LISTS),
        app.two("no plugin", "/bare", &["no-validator"]),
        app.two("keys in any order", "/order", LOCAL).because("unordered-content").also(NO_LISTS),
        app.apart(7_000, "files, mtimes apart", "/static/config.json", LOCAL).of_dates(),
    ]
}

fn koa() -> Vec<Deployment> {
    let app = application("Koa", "koa");
    let layers = |layers: &'static [(&'static str, &'static str)]| app.with(layers);
    let right = layers(&[("LAYERS", "ce")]);
    vec![
        right.two("conditional, etag", "/body", HEALTHY),
        right.one("a stream of a file", "/stream", HEALTHY),
        layers(&[("LAYERS", "e")]).two("etag alone", "/body", IGNORED),
        layers(&[("LAYERS", "ec")])
            .one("etag before conditional", "/body", IGNORED)
            .also(&["malformed-304"]),
        layers(&[("LAYERS", "c")]).one("a hash behind the first answers", "/cold", &["warm-up"]),
        layers(&[("LAYERS", "hce")]).one("no length for HEAD", "/body", &["head-differs"]),
        layers(&[("LAYERS", "s")]).one("koa-static alone", "/config.json", IGNORED),
        layers(&[("LAYERS", "s")])
            .in_turns(7_000, "koa-static alone, mtimes apart", "/config.json", IGNORED)
            .also(DATES),
        layers(&[("LAYERS", "cs")]).apart(7_000, "koa-static, mtimes apart", "/config.json", DATES),
    ]
}

fn hapi() -> Vec<Deployment> {
    let app = application("hapi", "hapi");
    vec![
        app.two("etag()", "/tag", HEALTHY),
        app.two("inert, hashed", "/hashed/config.json", HEALTHY),
        app.apart(7_000, "inert, simple, mtimes apart", "/simple/config.json", LOCAL).of_dates(),
    ]
}

fn sirv() -> Vec<Deployment> {
    const BESIDES: Peers = &["list-not-understood", "malformed-304"];
    let app = application("sirv", "sirv");
    vec![
        app.one("equal copies", "/config.json", BESIDES),
        app.apart(7_000, "mtimes apart", "/config.json", LOCAL).because("mtime").also(&[
            "last-modified-differs",
            "list-not-understood",
            "malformed-304",
        ]),
    ]
}

fn serve_handler() -> Vec<Deployment> {
    let app = application("serve-handler", "serve-handler");
    vec![
        app.with(&[("TAGS", "1")])
            .apart(7_000, "tags, mtimes apart", "/config.json", &["if-range-ignored"])
            .also(&["list-not-understood", "malformed-304"]),
        app.one("dates alone", "/config.json", IGNORED),
        app.in_turns(7_000, "dates alone, mtimes apart", "/config.json", IGNORED).also(DATES),
    ]
}

/// Its plugin takes the quotes off what clients send, and not off what it sends.
fn restify() -> Vec<Deployment> {
    vec![application("restify", "restify").two("conditionalRequest", "/body", IGNORED)]
}
