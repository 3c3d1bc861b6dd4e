//! A small application that is wrong in one named way.

use super::{
    CACHED, DATES, Deployment, HEALTHY, LOCAL, WEAKENED, apps_of, deployment, fleet, single,
};
use crate::check::servers::app;

pub(super) fn apps() -> Vec<Deployment> {
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
        of("app × 3, mtime and size", "etag-and-drift", LOCAL).of_dates(),
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
        of("app × 3, dates differ", "date-drift", DATES),
        of("app × 3, start of the process as date", "date-clock", DATES),
        of("app × 3, hash beside dates that differ", "date-drift-tagged", DATES),
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
        of("app × 3, weakened", "weaken", WEAKENED),
        of("app × 3, weak tags refused", "weak-refused", &["weakened-in-transit"]),
        of("app × 3, no Vary", "no-vary", &["missing-vary"]),
        of("app × 3, no-store", "no-store", &["revalidation-moot"]),
        of("app × 3, immutable", "immutable", &["healthy", "revalidation-moot"]),
        of("app × 3, behind a CDN", "cdn", CACHED),
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
