//! The scenarios that travel inside the program; one line each.
//!
//! A test compares the list with the `scenarios` folder.

/// A scenario inside the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// Name for `etag-lab run NAME`; the file's name without `.toml`.
    pub name: &'static str,
    /// The file.
    pub text: &'static str,
}

/// Scenario that runs when none is named.
pub const DEFAULT: &str = "all-200s";

/// A scenario to copy and change, with every table explained; it runs as it is.
pub const TEMPLATE: &str = include_str!("template.toml");

macro_rules! built_in {
    ($name:literal) => {
        BuiltIn { name: $name, text: include_str!(concat!("../../../scenarios/", $name, ".toml")) }
    };
}

/// Every built-in scenario, in the order in which to meet them.
pub const BUILT_IN: &[BuiltIn] = &[
    built_in!("all-200s"),
    built_in!("scale-out"),
    built_in!("content-change"),
    built_in!("aliasing"),
    built_in!("sticky-hides-it"),
    built_in!("counter-collision"),
    built_in!("same-second-edit"),
    built_in!("if-range-weak"),
    built_in!("max-age"),
    built_in!("shared-cache"),
    built_in!("shared-cache-not-revalidating"),
    built_in!("keep-alive-pinning"),
    built_in!("inode"),
    built_in!("mtime-drift"),
    built_in!("configmap-mtime"),
    built_in!("start-time"),
    built_in!("random-salt"),
    built_in!("process-seeded-hash"),
    built_in!("unordered-serialisation"),
    built_in!("host-in-content"),
    built_in!("rolling-restart"),
    built_in!("rolling-deploy"),
    built_in!("frozen-mtime"),
    built_in!("baked-image"),
    built_in!("lost-update"),
    built_in!("lost-update-weak"),
    built_in!("cached-writers"),
    built_in!("head-differs"),
    built_in!("cors-304"),
    built_in!("client-heuristics"),
    built_in!("service-worker"),
    built_in!("client-mangles-tag"),
    built_in!("cost"),
    built_in!("tiny-content"),
    built_in!("gzip-suffix"),
    built_in!("gzip-weaken"),
    built_in!("gzip-strip"),
    built_in!("gzip-keep"),
    built_in!("mixed-codings"),
    built_in!("compression-switched-on"),
    built_in!("codings-switched-on"),
    built_in!("negotiated-codings"),
    built_in!("control-plane-fanout"),
    built_in!("control-plane-sweep"),
    built_in!("freshness"),
    built_in!("proxy-dies"),
    built_in!("thundering-change"),
    built_in!("two-proxies"),
    built_in!("rollout"),
    built_in!("shared-store"),
    built_in!("three-ways"),
    built_in!("store-ttl"),
    built_in!("invalidate-before-commit"),
    built_in!("missed-invalidation"),
    built_in!("store-down"),
    built_in!("creation-race"),
    built_in!("poll-interval"),
];

/// The built-in scenario of this name.
pub fn find(name: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|built_in| built_in.name == name)
}

impl BuiltIn {
    /// The scenario's one sentence.
    pub fn summary(&self) -> String {
        let file: toml::Table = self.text.parse().expect("built-in scenarios are tested");
        file.get("summary").and_then(toml::Value::as_str).unwrap_or_default().to_owned()
    }
}
