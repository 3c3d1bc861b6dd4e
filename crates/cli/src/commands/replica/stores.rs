//! Flags of a replica that shares something with others: the database with its content, its
//! entity tags, and the fields that control clients.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use origin::databases::{self, Database, DatabaseError};
use origin::shared_tags::protocol::TagProtocol;
use origin::shared_tags::stores::{self, OpenError};
use origin::shared_tags::{LEASE, SharedTagsSpec, TTL};
use origin::{ReplicaSpec, poll_interval_ms};
use strategies::{Entry, STRATEGIES};
use text::secret::{Secret, masked_url};

use crate::args::{choice, duration};
use crate::clear_text;
use crate::exit::Failure;
use crate::secrets;

#[derive(Debug, clap::Args)]
pub(super) struct StoreFlags {
    /// Store for shared entity tags, for `shared-revision`: sqlite:PATH or
    /// redis://[:PASS@]HOST:PORT[/DB]; for `version`, the database
    #[arg(long, value_name = "STORE", conflicts_with = "file")]
    store: Option<String>,
    /// Database from which each request reads the content; created if missing
    #[arg(long, value_name = "sqlite:PATH", conflicts_with = "file")]
    database: Option<String>,
    /// Lifetime of a shared tag after its last write [default: 20min]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    store_ttl: Option<Duration>,
    /// Lifetime of a writer's announcement, and time in which a store that has lost its data creates
    /// no tags [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    store_lease: Option<Duration>,
    /// Protocol of shared tags [default: hardened]
    #[arg(long, value_name = "RULES", value_parser = choice(PROTOCOLS))]
    store_protocol: Option<TagProtocol>,
    /// Prefix of the path in the keys of the store [default: etag-lab]
    #[arg(long, value_name = "NAME")]
    store_namespace: Option<String>,
    /// Poll-Interval to send, in milliseconds; -1 asks clients to stop
    #[arg(long, value_name = "MS", allow_negative_numbers = true,
          value_parser = clap::value_parser!(i64).range(-1..))]
    poll_interval: Option<i64>,
    /// Factor on the Poll-Interval, as operators set it; 0 asks clients to stop
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = factor,
          requires = "poll_interval")]
    poll_multiplier: f64,
    /// File whose first line is the password of a redis:// store
    #[arg(long, value_name = "FILE", requires = "store")]
    store_password_file: Option<PathBuf>,
    /// Answer 401 to requests without `Authorization: Bearer TEXT`
    #[arg(long, value_name = "TEXT")]
    token: Option<String>,
    /// File whose first line is that token
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    token_file: Option<PathBuf>,
}

const PROTOCOLS: [(&str, &str, TagProtocol); 2] = [
    ("as-published", "As GitLab published them, races included", TagProtocol::AsPublished),
    ("hardened", "The same with the races closed", TagProtocol::Hardened),
];

fn factor(text: &str) -> Result<f64, String> {
    let factor = text.parse().ok().filter(|factor: &f64| factor.is_finite() && *factor >= 0.0);
    factor.ok_or_else(|| "give a number from 0 up, such as 1.5".to_owned())
}

impl StoreFlags {
    /// Opens the stores that are named, and completes the spec.
    pub(super) fn apply(&self, spec: ReplicaSpec) -> Result<ReplicaSpec, Failure> {
        let shared_tags = self.shared_tags(spec.strategy)?;
        let database = self.content_database(spec.strategy)?;
        let poll_interval_ms =
            self.poll_interval.map(|interval| poll_interval_ms(interval, self.poll_multiplier));
        Ok(ReplicaSpec { database, shared_tags, token: self.token()?, poll_interval_ms, ..spec })
    }

    /// Reports whether requests need a token.
    pub(super) fn has_token(&self) -> bool {
        self.token.is_some() || self.token_file.is_some()
    }

    fn token(&self) -> Result<Option<Secret>, Failure> {
        if let Some(path) = &self.token_file {
            return secrets::token("--token-file", path).map(Some);
        }
        let Some(token) = &self.token else { return Ok(None) };
        // Checked here and not by clap, whose message repeats the value.
        if token.is_empty() || !token.bytes().all(|octet| octet.is_ascii_graphic()) {
            let help = "give letters, digits and signs of ASCII, or a file by --token-file";
            return Err(Failure::input("--token is no token that a request can carry", help));
        }
        Ok(Some(token.clone().into()))
    }

    /// The name of the store of shared tags, with the password from a file.
    fn store_with_password(&self, name: &str) -> Result<Secret, Failure> {
        const FLAG: &str = "--store-password-file";
        let Some(path) = &self.store_password_file else { return Ok(name.to_owned().into()) };
        let password = secrets::password(FLAG, path)?;
        stores::with_password(name, &password).ok_or_else(|| {
            let title = format!("{FLAG} is for a redis:// store without a password in its URL");
            Failure::input(title, "--store redis://HOST:PORT, or redis://USER@HOST:PORT")
        })
    }

    /// Warns of a password that leaves the machine in clear text.
    pub(super) fn warn(&self) {
        if let Some(store) = &self.store {
            clear_text::warn_of_store(store, self.store_password_file.is_some());
        }
    }

    // Users who start such a replica by hand see no scenario that tells the price of a lifetime.
    pub(super) fn notice(&self, strategy: &Entry) -> Option<String> {
        let ttl = humane(self.store_ttl.unwrap_or(TTL));
        strategy.reads.shared_tag.then(|| {
            format!(
                "tags expire {ttl} after their last write: each client gets at least one 200 in \
                 {ttl} even if nothing changes"
            )
        })
    }

    fn shared_tags(&self, strategy: &Entry) -> Result<Option<SharedTagsSpec>, Failure> {
        if !strategy.reads.shared_tag {
            return self.no_shared_tags(strategy);
        }
        let name = self.store.as_deref().ok_or_else(|| {
            Failure::input(
                format_args!("the strategy `{}` reads tags that all replicas share", strategy.name),
                format_args!("give every replica the same --store: {}", forms()),
            )
        })?;
        if file(name).is_some() && file(name) == self.database.as_deref().and_then(file) {
            return Err(Failure::input(
                "--store and --database name the same file",
                "a file for each: a change writes to the one while it locks the other",
            ));
        }
        let lease = self.store_lease.unwrap_or(LEASE);
        let protocol = self.store_protocol.unwrap_or_default();
        let announces = protocol == TagProtocol::Hardened;
        let full = self.store_with_password(name)?;
        let store =
            stores::open(full.reveal(), announces.then_some(lease)).map_err(
                |error| match error {
                    OpenError::Refused(error) => Failure::environment(error),
                    error => Failure::input(
                        format_args!("--store `{}` names no store: {error}", shown(name)),
                        format_args!("--store {}", forms()),
                    ),
                },
            )?;
        let unset = SharedTagsSpec::new(store);
        Ok(Some(SharedTagsSpec {
            ttl: self.store_ttl.unwrap_or(unset.ttl),
            protocol,
            lease,
            namespace: self.store_namespace.clone().unwrap_or(unset.namespace),
            store: unset.store,
        }))
    }

    // A flag that does nothing is refused: whoever gave it expects its effect in the numbers.
    fn no_shared_tags(&self, strategy: &Entry) -> Result<Option<SharedTagsSpec>, Failure> {
        let given = [
            (self.store_ttl.is_some(), "--store-ttl"),
            (self.store_lease.is_some(), "--store-lease"),
            (self.store_protocol.is_some(), "--store-protocol"),
            (self.store_namespace.is_some(), "--store-namespace"),
            (self.store_password_file.is_some(), "--store-password-file"),
        ];
        let Some((_, flag)) = given.into_iter().find(|(given, _)| *given) else { return Ok(None) };
        Err(Failure::input(
            format_args!(
                "the strategy `{}` shares no tags, so {flag} means nothing",
                strategy.name
            ),
            format_args!("--strategy {}, or no {flag}", readers(|entry| entry.reads.shared_tag)),
        ))
    }

    /// The database, for strategies that need one and for those that are given one.
    fn content_database(&self, strategy: &Entry) -> Result<Option<Arc<dyn Database>>, Failure> {
        let (reads, name) = (strategy.reads, strategy.name);
        let refused = |what: &str, help: &str| {
            Err(Failure::input(format!("the strategy `{name}` {what}"), help))
        };
        // Before tags could be shared, the store of `version` was its database; so it is still.
        let old = self.store.as_ref().filter(|_| !reads.shared_tag);
        let (flag, name) = match (&self.database, old) {
            (Some(_), Some(_)) if reads.revision => {
                let help = "--store and --database mean the same here: give one of them";
                return refused("has one database", help);
            }
            (_, Some(_)) if !reads.revision => {
                let readers = readers(|entry| entry.reads.revision || entry.reads.shared_tag);
                return refused("reads no store", &format!("--strategy {readers}, or no --store"));
            }
            (Some(name), _) => ("--database", name),
            (None, Some(name)) => ("--store", name),
            (None, None) if reads.revision => {
                let help = "give every replica the same --store sqlite:PATH";
                return refused("reads a revision that all replicas share", help);
            }
            (None, None) if reads.shared_tag => {
                let what = "shares tags of one content, in a database that all replicas read";
                let help =
                    "give every replica the same --database sqlite:PATH together with --store";
                return refused(what, help);
            }
            (None, None) => return Ok(None),
        };
        databases::open(name).map(Some).map_err(|error| match error {
            DatabaseError::Refused(error) => Failure::environment(error),
            DatabaseError::Unknown(name) => Failure::input(
                format_args!("{flag} `{}` names no database", shown(&name)),
                format_args!("{flag} sqlite:PATH"),
            ),
        })
    }
}

/// The file that an `SQLite` store is in, or would be, however its name is spelt.
fn file(name: &str) -> Option<PathBuf> {
    let path = Path::new(name.strip_prefix("sqlite:")?);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let made =
        || Some(folder.unwrap_or(Path::new(".")).canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(made)
}

/// Strategies that do something, to choose from.
fn readers(does: impl Fn(&Entry) -> bool) -> String {
    let readers: Vec<_> =
        STRATEGIES.iter().filter(|entry| does(entry)).map(|entry| entry.name).collect();
    readers.join(" or ")
}

fn forms() -> String {
    let forms: Vec<_> = stores::STORES.iter().map(|entry| entry.form).collect();
    forms.join(" or ")
}

/// The name of a store as it may be shown.
fn shown(name: &str) -> String {
    text::excerpt(&masked_url(name))
}

fn humane(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds >= 60.0 { format!("{:.3} min", seconds / 60.0) } else { format!("{seconds:.3} s") }
        .replace(".000", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_same_however_it_is_spelt() {
        assert_eq!(file("sqlite:new"), file("sqlite:./new"));
        assert_eq!(file("sqlite:Cargo.toml"), file("sqlite:src/../Cargo.toml"));
        assert_ne!(file("sqlite:new"), file("sqlite:other"));
        assert_eq!(
            [file("redis://h"), file("sqlite:"), file("sqlite:no/folder")],
            [None, None, None]
        );
    }

    #[test]
    fn times_are_told_in_seconds_or_minutes() {
        assert_eq!(humane(TTL), "20 min");
        assert_eq!(humane(Duration::from_millis(1_500)), "1.500 s");
    }
}
