//! Applications in Ruby, Perl and PHP, as people write them.

use super::languages::{Application, Peers};
use super::{DATES, Deployment, HEALTHY, LOCAL, WEAKENED};
use crate::check::peers::{Framework, Language};

const IGNORED: Peers = &["conditionals-ignored"];
const NO_LISTS: Peers = &["list-not-understood"];
const SHARED: Peers = &["shared-tag-across-codings"];

const fn application(name: &'static str, peers: Peers, language: Language) -> Application {
    let framework = Framework { language, name, variables: &[] };
    Application { name, peers, framework }
}

pub(super) fn scripts() -> Vec<Deployment> {
    [rack(), ruby(), perl(), plack(), php(), php_wrong()].concat()
}

fn rack() -> Vec<Deployment> {
    let app = application("Rack", &["puma"], Language::Rack);
    let right = app.with(&[("LAYERS", "ce")]);
    vec![
        right.two("ConditionalGet, ETag", "/body", NO_LISTS),
        right.two("String#hash as tag", "/hash", LOCAL).because("process").also(NO_LISTS),
        right.two("a token in the content", "/token", &["content-changing"]),
        app.with(&[("LAYERS", "e")]).two("ETag alone", "/body", IGNORED),
        app.with(&[("LAYERS", "dce")]).one("Deflater, ConditionalGet, ETag", "/body", NO_LISTS),
        app.with(&[("LAYERS", "")]).apart(7_000, "files, mtimes apart", "/file/config.json", DATES),
    ]
}

fn ruby() -> Vec<Deployment> {
    const SINATRA: &str = "/usr/share/doc/ruby-sinatra/copyright";
    let sinatra = application("Sinatra", &["puma", SINATRA], Language::Ruby);
    let webrick = Application {
        peers: &["ruby", "/usr/share/doc/ruby-webrick/copyright"],
        name: "WEBrick",
        framework: Framework { language: Language::Ruby, name: "webrick", variables: &[] },
    };
    vec![
        sinatra.two("etag", "/tag", HEALTHY),
        sinatra.two("etag, dates apart", "/dated", DATES),
        sinatra.one("a redirect", "/moved", &["inconclusive"]),
        webrick.one("a file", "/config.json", &["malformed-tag", "precedence-wrong"]),
        webrick
            .two("files, equal mtimes", "/config.json", LOCAL)
            .because("inode")
            .also(&["malformed-tag", "precedence-wrong"]),
    ]
}

fn perl() -> Vec<Deployment> {
    let app = application("Mojolicious", &["/usr/share/perl5/Mojolicious/Lite.pm"], Language::Perl);
    vec![
        app.two("is_fresh", "/fresh", HEALTHY),
        app.with(&[("CODED", "1")]).one("is_fresh, compressed", "/fresh", SHARED),
        // An MD5 of the modification time, with quotes.
        app.apart(7_000, "files, mtimes apart", "/config.json", LOCAL).of_dates(),
        app.one("a file", "/config.json", &["if-range-ignored"]),
        app.one("every third answer a 503", "/third", &["inconclusive"]),
    ]
}

fn plack() -> Vec<Deployment> {
    // Its own server says that HEAD has no length.
    const HEAD: Peers = &["head-differs"];
    let app = application("Plack", &["plackup"], Language::Plack);
    let right = app.with(&[("LAYERS", "c")]);
    vec![
        right.two("ConditionalGET", "/tag", NO_LISTS).also(HEAD),
        right.apart(7_000, "files, mtimes apart", "/file", DATES),
        app.with(&[("LAYERS", "")]).one("nobody compares", "/tag", IGNORED).also(HEAD),
    ]
}

const fn php_application() -> Application {
    application("PHP", &["php"], Language::Php)
}

fn php() -> Vec<Deployment> {
    const WITH_NGINX: Peers = &["nginx", "php"];
    let app = php_application();
    vec![
        app.two("weak comparison", "/weak", HEALTHY),
        app.compressed(WITH_NGINX, "weak comparison", "/weak", WEAKENED),
        app.compressed(WITH_NGINX, "===", "/strict", &["weakened-in-transit"]).also(NO_LISTS),
        app.one("a cookie each time", "/cookie", HEALTHY),
    ]
}

fn php_wrong() -> Vec<Deployment> {
    let app = php_application();
    vec![
        app.one("md5() without quotes", "/unquoted", &["malformed-tag"]),
        app.one("the tag of nothing", "/of-nothing", &["tag-shared-across-urls"]),
        app.one("a session", "/session", &["revalidation-moot"]),
        app.one("a fatal error at a match", "/fatal", &["match-misanswered"]),
        // What the handler flushes is bytes behind a 304, were one sent; here nobody compares.
        app.one("ob_gzhandler", "/coded", IGNORED).also(SHARED),
        app.two("two types", "/type", &["stale-fields"]),
        app.one("any date", "/dated", &["malformed-304"]),
        app.one("date or tag", "/either", &["precedence-wrong"]).also(NO_LISTS),
        app.one("HEAD has the tag of nothing", "/head", &["head-differs"]),
        app.one("by language, one tag", "/language", &["tag-follows-request"])
            .also(&["shared-tag-across-contents"]),
    ]
}
