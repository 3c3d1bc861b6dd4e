//! Common ground of the replicas of a fleet behind the balancer: a database that they read for
//! each request, a store of tags, and what the server says about the pace of polling.

use std::path::PathBuf;
use std::time::Duration;

use origin::shared_tags::stores::with_password;
use wire::secret_file;

use crate::diagnostic::{Result, shown};
use crate::given::{Given, parse_duration};
use crate::{Arm, Replica};
use text::secret::masked_url;
use text::suggestion;

// Clients take anything longer for a day: one that never comes back cannot be told otherwise.
const LONGEST_PACE: Duration = Duration::from_secs(86_400);

/// Everything that an arm's replicas share, and how its application writes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sharing {
    /// True if each request that is rendered reads the resource from a database, whose queries are
    /// counted; otherwise each replica serves a copy of its own.
    pub database: bool,
    /// Store of shared tags.
    pub store: TagStore,
    /// File with the password of the store, where its URL has none.
    pub password_file: Option<PathBuf>,
    /// Lifetime of a shared tag after it was written; `None` for ever.
    pub ttl: Option<Duration>,
    /// Lifetime of the mark of a writer that has announced itself; `None` for the replicas'
    /// default.
    pub lease: Option<Duration>,
    /// In which order readers and writers speak to the store.
    pub protocol: TagProtocol,
    /// Moment at which a change replaces the tag.
    pub invalidate: Invalidate,
    /// Value that the server sends in `Poll-Interval` at the start of the arm; `None` sends none.
    pub poll_interval: Option<PollInterval>,
}

choices! {
    /// Order in which readers and writers use the store of tags.
    #[derive(Default)]
    pub enum TagProtocol {
        AsPublished = "as-published": "GitLab's, with its races.",
        // Writers announce themselves, losers take the winner's tag, and a store that is down costs
        // content and never an error.
        #[default]
        Hardened = "hardened": "The same without them.",
    }
}

choices! {
    /// Moment at which a change replaces a shared tag.
    #[derive(Default)]
    pub enum Invalidate {
        #[default]
        AfterCommit = "after-commit": "When the new content is committed.",
        BeforeCommit = "before-commit": "Before it is: a request in between gets old content under the new tag.",
        Never = "never": "Never: the writer dies, or the line is missing.",
    }
}

/// True if tags of this arm are kept in a store.
pub fn shares_tags(arm: &Arm) -> bool {
    match &arm.replica {
        Replica::Strategy(strategy) => strategy.reads.shared_tag,
        Replica::Command(_) | Replica::ControlPlane(_) => false,
    }
}

/// Value of a server's `Poll-Interval`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollInterval {
    /// Come back after this time, in whole milliseconds.
    Every(Duration),
    /// Do not come back (`-1`).
    Stop,
}

/// A pace from its key: a time of whole milliseconds, or the word for `-1`.
pub(crate) fn poll_interval(given: &Given<'_>) -> Result<PollInterval> {
    let text = given.text();
    if text == "stop" {
        return Ok(PollInterval::Stop);
    }
    let shortest = Duration::from_millis(1);
    let pace = parse_duration(text).filter(|pace| (shortest..=LONGEST_PACE).contains(pace));
    let whole = pace.filter(|pace| pace.subsec_nanos().is_multiple_of(1_000_000));
    whole.map(PollInterval::Every).ok_or_else(|| {
        let title = "`poll-interval` is a time of whole milliseconds, at most a day, or `stop`";
        let error = given.error(title, format!("this is `{}`", shown(text)));
        Box::new(error.help("poll-interval = \"5s\", or \"stop\", which is sent as -1"))
    })
}

impl PollInterval {
    /// The value of the field.
    pub fn milliseconds(self) -> i64 {
        match self {
            Self::Every(interval) => i64::try_from(interval.as_millis()).unwrap_or(i64::MAX),
            Self::Stop => -1,
        }
    }
}

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

    /// As a record tells it: with a password masked.
    pub fn shown(&self) -> String {
        match self {
            Self::Sqlite => "sqlite".to_owned(),
            Self::PrivateRedis => "redis".to_owned(),
            Self::Redis(url) => masked_url(url),
        }
    }
}

pub(crate) fn tag_store(given: &Given<'_>) -> Result<TagStore> {
    let text = given.text();
    TagStore::parse(text).ok_or_else(|| {
        let title = format!("unknown store `{}`", shown(&masked_url(text)));
        let error = given.error(title, "neither a name nor a URL of Redis");
        let error = error.help(suggestion(text, &["sqlite", "redis"]));
        Box::new(error.help("or the URL of a Redis that runs: redis://HOST:PORT"))
    })
}

/// The file with the password of this store, which is looked at before anything starts.
pub(crate) fn password_file(given: &Given<'_>, store: &TagStore) -> Result<PathBuf> {
    let has_place = |url: &str| with_password(url, &String::new().into()).is_some();
    if !matches!(store, TagStore::Redis(url) if has_place(url)) {
        let title = format!("`{}` is for a `redis://` store without a password", given.key.name);
        let error = given.error(title, format!("the store is `{}`", shown(&store.shown())));
        return Err(Box::new(error.help("store = \"redis://HOST:PORT\", or leave it out")));
    }
    let path = given.folder().join(given.text());
    match secret_file::password(&path) {
        Ok(_) => Ok(path),
        Err(problem) => {
            let title = format!("`{}` cannot be used", given.key.name);
            let error = given.error(title, problem.to_string());
            let looked = format!("looked for `{}`", shown(&path.to_string_lossy()));
            let help = "give a regular file of at most 64 KiB that holds it in its first line";
            Err(Box::new(error.remark(looked).help(help)))
        }
    }
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
        assert_eq!(shown("redis://:p@ss@db:1/2").as_deref(), Some("redis://…@db:1/2"));
        assert_eq!(shown("redis://db").as_deref(), Some("redis://db"));
    }
}
