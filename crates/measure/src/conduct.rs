//! Conduct of the clients of an arm, as far as it, and not the server, explains what was counted.

use crate::record::ArmRecord;

/// Way in which clients ask, and what they do with what they are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conduct {
    /// They send back what they were given.
    #[default]
    Sound,
    /// They ask by HEAD, and GET after a 200.
    ByHead,
    /// They are scripts of another origin, which read what they are permitted.
    Script,
    /// They send the tag in another form.
    Mangles,
    /// They keep the tag and lose the content.
    LosesContent,
    /// They answer from what they have stored, and never ask again.
    NeverAsks,
    /// They store nothing.
    StoresNothing,
    /// They store nothing, and say so in each request.
    CacheOff,
    /// They send a date of their own.
    InventsDate,
}

impl Conduct {
    /// The conduct that the settings of a record name.
    pub(crate) fn of_record(arm: &ArmRecord) -> Self {
        let setting = |key: &str| arm.setup.settings.get(key).map_or("", String::as_str);
        match (setting("client"), setting("method"), setting("origin")) {
            ("strips-quotes", ..) => Self::Mangles,
            ("loses-content", ..) => Self::LosesContent,
            ("cache-first", ..) => Self::NeverAsks,
            ("no-store", ..) => Self::StoresNothing,
            ("cache-off", ..) => Self::CacheOff,
            ("invents-date", ..) => Self::InventsDate,
            (_, "head", _) => Self::ByHead,
            (_, _, "") => Self::Sound,
            _ => Self::Script,
        }
    }
}
