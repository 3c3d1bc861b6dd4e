//! The one list of what may be said about a run.
//!
//! An entry says what a key is called and holds, whether an arm may set it for itself, which flag
//! sets it, and how its value enters the description. The reader of files, `--set`, the flags of
//! `run`, `wire` and `poll`, the JSON Schema, shell completions, the record, `compare` and
//! `scenarios/FORMAT.md` are made from it: a new key is an entry here and its use.

mod cache;
mod control_plane;
mod fleet;
mod load;
mod resource;
mod schedule;
mod top;

use std::time::Duration;

use crate::diagnostic::Result;
use crate::given::Given;
use crate::setup::Draft;

/// A table of the file, or the top of the file.
#[derive(Debug)]
pub struct Table {
    /// As in its header; empty for the top of the file.
    pub name: &'static str,
    /// True if it repeats: `[[change]]`.
    pub is_list: bool,
    /// Subject of the table.
    pub doc: &'static str,
    /// In the order in which they are listed.
    pub keys: &'static [Key],
    pub(crate) rivals: Option<Rivals>,
}

/// Two keys of which a table may hold one; the one of the upper layer counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rivals {
    pub(crate) keys: [&'static str; 2],
    pub(crate) labels: [&'static str; 2],
}

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// In kebab-case.
    pub name: &'static str,
    /// Type, with its range or choices.
    pub kind: Kind,
    /// Value of a missing key, as a text; empty where a missing key is no value at all.
    pub default: &'static str,
    /// One text for pages, editors and help.
    pub doc: &'static str,
    /// True if an arm may set it for itself.
    pub in_arm: bool,
    /// Flag of the command line that sets it.
    pub flag: Option<Flag>,
    /// Help of the flag in a few words, for `-h`; empty for a flag that only `--help` shows.
    pub brief: &'static str,
    /// Way out of a value that is out of range; empty for an example with the default.
    pub hint: &'static str,
    /// True if it means something only where the replicas are the run's own.
    pub of_fleet: bool,
    /// True if the record has a field for it; other keys are recorded by their name.
    pub has_field: bool,
    /// Enters a value into the description. Keys of lists are read by the rules of their list.
    pub(crate) enter: Enter,
}

type Enter = fn(&Given<'_>, &mut Draft) -> Result<()>;

/// Type of a key's value, with its range or choices.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// An integer from the first to the second.
    Integer(i64, i64),
    /// An integer of 64 bits without a sign.
    Natural,
    /// A number from the first to the second.
    Number(f64, f64),
    /// A number between 0 and 1, neither of them included.
    Share,
    /// `true` or `false`.
    Bool,
    /// Any text; the entry checks it.
    Text,
    /// A text that may be a URL. Its user and password are in no message.
    Url,
    /// A number and a unit, from the first to the second.
    Duration(Duration, Duration),
    /// One of these.
    Choice(&'static [Choice]),
    /// A name in a catalogue.
    Name(&'static Catalogue),
    /// A list of names in a catalogue.
    Names(&'static Catalogue),
    /// A list of integers, each from the first to the second.
    Integers(i64, i64),
    /// A list of texts.
    Texts,
    /// A list of choices.
    Choices(&'static [Choice]),
}

/// One of the values that a key may have, and what it means.
pub type Choice = (&'static str, &'static str);

/// Catalogue in which the names of a key are listed.
#[derive(Debug)]
pub struct Catalogue {
    /// Noun for what is named.
    pub what: &'static str,
    /// Argument of `etag-lab list` that shows all of them; empty where none does.
    pub list: &'static str,
    /// Label beside an unknown name.
    pub unknown: &'static str,
    /// All names.
    pub names: fn() -> Vec<&'static str>,
    /// Other names for the same things.
    pub aliases: fn() -> Vec<&'static str>,
}

/// A flag that sets a key, or does what no key of a file does.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Without the dashes.
    pub name: &'static str,
    /// Name of its value; empty for a flag without one.
    pub value: &'static str,
}

/// A flag that stands for no single key.
#[derive(Clone, Copy, Debug)]
pub struct SpecialFlag {
    /// Name, and the name of its value.
    pub flag: Flag,
    /// Kind of its value.
    pub kind: Kind,
    /// Help.
    pub doc: &'static str,
    /// Help in a few words, for `-h`; empty for a flag that only `--help` shows.
    pub brief: &'static str,
    /// True if it may be repeated.
    pub repeats: bool,
    /// Flags that may not stand beside it.
    pub conflicts: &'static [&'static str],
}

/// A key that the record has by its name, with the other settings.
const fn key(name: &'static str, kind: Kind) -> Key {
    Key {
        name,
        kind,
        default: "",
        doc: "",
        in_arm: false,
        flag: None,
        brief: "",
        hint: "",
        of_fleet: false,
        has_field: false,
        enter: |_, _| Ok(()),
    }
}

/// A key that has a field of its own in the record.
const fn field(name: &'static str, kind: Kind) -> Key {
    Key { has_field: true, ..key(name, kind) }
}

impl Key {
    const fn default(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    const fn doc(self, doc: &'static str) -> Self {
        Self { doc, ..self }
    }

    const fn flag(self, name: &'static str, value: &'static str) -> Self {
        Self { flag: Some(Flag { name, value }), ..self }
    }

    const fn brief(self, brief: &'static str) -> Self {
        Self { brief, ..self }
    }

    const fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    const fn of_fleet(self) -> Self {
        Self { of_fleet: true, ..self }
    }

    /// Enters a value that is one for all arms.
    const fn shared(self, enter: Enter) -> Self {
        Self { enter, ..self }
    }

    /// Enters a value that an arm may set for itself.
    const fn per_arm(self, enter: Enter) -> Self {
        Self { enter, in_arm: true, ..self }
    }
}

/// Every table, in the order of the page.
pub static TABLES: &[Table] = &[
    top::TOP,
    resource::TABLE,
    fleet::FLEET,
    control_plane::TABLE,
    fleet::BALANCER,
    cache::TABLE,
    load::TABLE,
    schedule::CHANGE,
    schedule::EVENT,
    top::ARM,
    schedule::EXPECT,
];

/// Flags that stand for no single key.
pub static SPECIAL_FLAGS: &[SpecialFlag] = &[
    SpecialFlag {
        kind: top::STRATEGY,
        brief: "Tags of the first arm (list strategies)",
        ..special("before", "STRATEGY", "Tag strategy of the arm `before`.")
    },
    SpecialFlag {
        kind: top::STRATEGY,
        brief: "Tags of the second arm",
        ..special("after", "STRATEGY", "Tag strategy of the arm `after`.")
    },
    SpecialFlag {
        conflicts: &["store", "source"],
        ..special(
            "real",
            "",
            "Real servers, found on the PATH and started for the run, instead of what is embedded.",
        )
    },
    special("no-changes", "", "No content change during the run."),
    SpecialFlag {
        repeats: true,
        brief: "Any key, such as load.clients=20; repeatable",
        ..special(
            "set",
            "KEY=VALUE",
            "Any key of the scenario file, such as load.clients=20; may be repeated.",
        )
    },
    SpecialFlag {
        repeats: true,
        brief: "Exit with 1 if it holds; repeatable",
        ..special(
            "fail-if",
            "CONDITION",
            "Exit with 1 if this holds, such as `after.false_validation > 0` or \
             `after.not_modified_ratio < 95 %`; may be repeated.",
        )
    },
];

const fn special(name: &'static str, value: &'static str, doc: &'static str) -> SpecialFlag {
    let flag = Flag { name, value };
    SpecialFlag { flag, kind: Kind::Text, doc, brief: "", repeats: false, conflicts: &[] }
}

/// The keys with a flag, each with its table.
pub fn flagged() -> impl Iterator<Item = (&'static Table, &'static Key, Flag)> {
    TABLES
        .iter()
        .flat_map(|table| table.keys.iter().filter_map(move |key| Some((table, key, key.flag?))))
}

pub(crate) fn in_arm() -> impl Iterator<Item = (&'static Table, &'static Key)> {
    TABLES
        .iter()
        .flat_map(|table| table.keys.iter().filter(|key| key.in_arm).map(move |key| (table, key)))
}

/// True if the flag of this name takes no value.
pub fn is_switch(name: &str) -> bool {
    let of_keys = flagged().map(|(_, _, flag)| flag);
    let mut flags = of_keys.chain(SPECIAL_FLAGS.iter().map(|special| special.flag));
    flags.any(|flag| flag.name == name && flag.value.is_empty())
}

pub(crate) fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

impl Table {
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// `[load]`, `[[arm]]`; empty for the top of the file.
    pub(crate) fn header(&self) -> String {
        match (self.name, self.is_list) {
            ("", _) => String::new(),
            (name, true) => format!("[[{name}]]"),
            (name, false) => format!("[{name}]"),
        }
    }

    /// True if an arm holds its keys in a table of this name, and not flat.
    pub(crate) fn is_nested_in_arm(&self) -> bool {
        [control_plane::TABLE.name, cache::TABLE.name].contains(&self.name)
    }
}

/// Enters a value that needs no further check.
#[expect(clippy::unnecessary_wraps, reason = "entries end with it, and others may fail")]
fn set<T>(place: &mut T, value: T) -> Result<()> {
    *place = value;
    Ok(())
}
