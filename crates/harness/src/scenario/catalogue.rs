//! The scenarios that travel inside the program; one line each.
//!
//! A test compares the list with the `scenarios` folder.

/// A scenario inside the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// What `etag-lab run NAME` takes; the file's name without `.toml`.
    pub name: &'static str,
    /// The file.
    pub text: &'static str,
}

/// What runs when nothing is named.
pub const DEFAULT: &str = "all-200s";

/// Every built-in scenario, in the order in which to meet them.
pub const BUILT_IN: &[BuiltIn] = &[
    BuiltIn { name: "all-200s", text: include_str!("../../../../scenarios/all-200s.toml") },
    BuiltIn { name: "scale-out", text: include_str!("../../../../scenarios/scale-out.toml") },
    BuiltIn {
        name: "content-change",
        text: include_str!("../../../../scenarios/content-change.toml"),
    },
    BuiltIn { name: "aliasing", text: include_str!("../../../../scenarios/aliasing.toml") },
    BuiltIn {
        name: "sticky-hides-it",
        text: include_str!("../../../../scenarios/sticky-hides-it.toml"),
    },
    BuiltIn {
        name: "counter-collision",
        text: include_str!("../../../../scenarios/counter-collision.toml"),
    },
    BuiltIn {
        name: "same-second-edit",
        text: include_str!("../../../../scenarios/same-second-edit.toml"),
    },
    BuiltIn {
        name: "if-range-weak",
        text: include_str!("../../../../scenarios/if-range-weak.toml"),
    },
    BuiltIn { name: "max-age", text: include_str!("../../../../scenarios/max-age.toml") },
    BuiltIn {
        name: "keep-alive-pinning",
        text: include_str!("../../../../scenarios/keep-alive-pinning.toml"),
    },
    BuiltIn { name: "inode", text: include_str!("../../../../scenarios/inode.toml") },
    BuiltIn { name: "mtime-drift", text: include_str!("../../../../scenarios/mtime-drift.toml") },
    BuiltIn { name: "start-time", text: include_str!("../../../../scenarios/start-time.toml") },
    BuiltIn { name: "random-salt", text: include_str!("../../../../scenarios/random-salt.toml") },
    BuiltIn {
        name: "process-seeded-hash",
        text: include_str!("../../../../scenarios/process-seeded-hash.toml"),
    },
    BuiltIn {
        name: "unordered-serialisation",
        text: include_str!("../../../../scenarios/unordered-serialisation.toml"),
    },
    BuiltIn {
        name: "host-in-content",
        text: include_str!("../../../../scenarios/host-in-content.toml"),
    },
    BuiltIn {
        name: "rolling-restart",
        text: include_str!("../../../../scenarios/rolling-restart.toml"),
    },
    BuiltIn {
        name: "rolling-deploy",
        text: include_str!("../../../../scenarios/rolling-deploy.toml"),
    },
    BuiltIn { name: "frozen-mtime", text: include_str!("../../../../scenarios/frozen-mtime.toml") },
    BuiltIn { name: "cost", text: include_str!("../../../../scenarios/cost.toml") },
    BuiltIn { name: "tiny-content", text: include_str!("../../../../scenarios/tiny-content.toml") },
    BuiltIn { name: "gzip-suffix", text: include_str!("../../../../scenarios/gzip-suffix.toml") },
    BuiltIn { name: "gzip-weaken", text: include_str!("../../../../scenarios/gzip-weaken.toml") },
    BuiltIn { name: "gzip-strip", text: include_str!("../../../../scenarios/gzip-strip.toml") },
    BuiltIn { name: "gzip-keep", text: include_str!("../../../../scenarios/gzip-keep.toml") },
    BuiltIn {
        name: "mixed-codings",
        text: include_str!("../../../../scenarios/mixed-codings.toml"),
    },
    BuiltIn {
        name: "compression-switched-on",
        text: include_str!("../../../../scenarios/compression-switched-on.toml"),
    },
    BuiltIn {
        name: "codings-switched-on",
        text: include_str!("../../../../scenarios/codings-switched-on.toml"),
    },
    BuiltIn {
        name: "negotiated-codings",
        text: include_str!("../../../../scenarios/negotiated-codings.toml"),
    },
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
