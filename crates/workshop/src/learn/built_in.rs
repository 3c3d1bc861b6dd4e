//! The exercises that travel inside the program; one line each.
//!
//! A test compares the list with the folder `exercises`.

/// An exercise inside the program: its name, and paths and texts of its files.
pub(crate) type BuiltIn = (&'static str, &'static [(&'static str, &'static str)]);

macro_rules! exercise {
    ($name:literal, $file:literal $(, $companion:literal)*) => {
        ($name, &[
            exercise!(@ $name, "exercise.toml"),
            exercise!(@ $name, "task.md"),
            exercise!(@ $name, $file),
            (concat!("solution/", $file), include_str!(concat!("../../exercises/", $name, "/solution/", $file))),
            $(exercise!(@ $name, $companion),)*
        ])
    };
    (@ $name:literal, $file:literal) => {
        ($file, include_str!(concat!("../../exercises/", $name, "/", $file)))
    };
}

/// Every built-in exercise: its name, the file to mend, and what lies beside it.
pub(crate) const BUILT_IN: &[BuiltIn] = &[
    exercise!("two-nodes", "fleet.toml"),
    exercise!("counter-to-hash", "replica.py", "fleet.toml"),
    exercise!("hash-that-is-none", "replica.py", "fleet.toml"),
    exercise!("host-in-content", "replica.py", "fleet.toml"),
    exercise!("gzip-at-the-edge", "fleet.toml"),
    exercise!("load-test", "fleet.toml"),
    exercise!("false-304s", "replica.py", "fleet.toml"),
    exercise!("rolling-deploy", "fleet.toml"),
    exercise!("refused-saves", "fleet.toml"),
    exercise!("last-known-good", "fleet.toml"),
    exercise!("store-race", "fleet.toml"),
    exercise!("reading-a-log", "answer.toml", "access.log"),
    exercise!("your-own-service", "replica.py", "fleet.toml"),
];
