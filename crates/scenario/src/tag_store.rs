//! The store in which the replicas of a fleet keep the tags that they share.

use crate::diagnostic::{Result, shown};
use crate::given::Given;
use text::suggestion;

/// A store of tags, by who runs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TagStore {
    /// A file of the run that every replica opens.
    #[default]
    Sqlite,
    /// A Redis that the run starts for itself, and may kill.
    PrivateRedis,
    /// A Redis of somebody's, by its URL. Only keys of the run are written, and removed at its end.
    Redis(String),
}

impl TagStore {
    /// Names that a scenario may use, apart from the URL.
    pub(crate) const NAMES: [&str; 2] = ["sqlite", "redis"];

    /// Reads `sqlite`, `redis`, or a URL that begins with `redis://` and names a host.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "sqlite" => Some(Self::Sqlite),
            "redis" => Some(Self::PrivateRedis),
            _ => {
                let host = text.strip_prefix("redis://")?;
                let printable = !text.contains(|c: char| c.is_control() || c.is_whitespace());
                (!host.is_empty() && printable).then(|| Self::Redis(text.to_owned()))
            }
        }
    }

    /// As a record tells it: without a password.
    pub fn shown(&self) -> String {
        match self {
            Self::Sqlite => "sqlite".to_owned(),
            Self::PrivateRedis => "redis".to_owned(),
            Self::Redis(url) => Self::shown_url(url),
        }
    }

    /// A URL without what stands between `//` and the last `@`; any other text as it is.
    pub fn shown_url(url: &str) -> String {
        match (url.split_once("://"), url.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
            _ => url.to_owned(),
        }
    }
}

/// The store that a key names.
pub(crate) fn entered(given: &Given<'_>) -> Result<TagStore> {
    let text = given.text();
    TagStore::parse(text).ok_or_else(|| {
        let title = format!("unknown store `{}`", shown(&TagStore::shown_url(text)));
        let error = given.error(title, "neither a name nor a URL of Redis");
        let error = error.help(suggestion(text, &TagStore::NAMES));
        Box::new(error.help("or the URL of a Redis that runs: redis://HOST:PORT"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_a_name_or_a_url_and_nothing_else() {
        let url = |text: &str| Some(TagStore::Redis(text.to_owned()));
        assert_eq!(TagStore::parse("sqlite"), Some(TagStore::Sqlite));
        assert_eq!(TagStore::parse("redis"), Some(TagStore::PrivateRedis));
        assert_eq!(TagStore::parse("redis://db:6379/2"), url("redis://db:6379/2"));
        for text in ["", "redis:", "redis://", "Redis", "http://db", "redis://db\n", "sqlite:x"] {
            assert_eq!(TagStore::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_password_is_not_for_a_record() {
        let shown = |text| TagStore::parse(text).map(|store| store.shown());
        assert_eq!(shown("redis://:p@ss@db:1/2").as_deref(), Some("redis://db:1/2"));
        assert_eq!(shown("redis://db").as_deref(), Some("redis://db"));
    }
}
