//! The command line of the lab's own replicas, as far as all of an arm share it.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use scenario::{Arm, Resource};

use crate::tag_store::RunningStore;

/// A lifetime of tags that outlasts any run.
const FOR_EVER: Duration = Duration::from_secs(365 * 86_400);

/// The arguments that all replicas of this arm get; files that they share go to `directory`.
pub(super) fn arguments(
    strategy: &'static strategies::Entry,
    arm: &Arm,
    resource: &Resource,
    directory: &Path,
    tags: Option<&RunningStore>,
) -> Vec<OsString> {
    let sharing = &arm.setup.sharing;
    let mut arguments = vec![OsString::from("replica")];
    let mut flag = |flag: &str, value: &dyn AsRef<std::ffi::OsStr>| {
        arguments.extend([flag.into(), value.as_ref().to_owned()]);
    };
    flag("--strategy", &strategy.name);
    flag("--path", &resource.path.split('?').next().unwrap_or_default());
    flag("--content-type", &resource.content_type);
    flag("--cache-control", &resource.cache_control.as_deref().unwrap_or_default());
    if !resource.codings.is_empty() {
        let codings: Vec<_> = resource.codings.iter().map(|coding| coding.as_str()).collect();
        flag("--codings", &codings.join(","));
    }
    if sharing.database {
        flag("--database", &sqlite(directory, "database.sqlite"));
    } else if strategy.reads.revision {
        flag("--store", &sqlite(directory, "store.sqlite"));
    }
    if let Some(tags) = tags {
        flag("--store", &tags.name());
        if let Some(file) = tags.password_file() {
            flag("--store-password-file", &file);
        }
        flag("--store-namespace", &tags.namespace);
        flag("--store-protocol", &sharing.protocol.name());
        flag("--store-ttl", &millis(sharing.ttl.unwrap_or(FOR_EVER)));
        if let Some(lease) = sharing.lease {
            flag("--store-lease", &millis(lease));
        }
    }
    if !resource.last_modified {
        arguments.push("--no-last-modified".into());
    }
    // A PUT of a client that is not the run's would change what the lab measures.
    arguments.push(if arm.setup.writers.is_some() { "--writable" } else { "--read-only" }.into());
    arguments
}

fn sqlite(directory: &Path, file: &str) -> OsString {
    let mut name = OsString::from("sqlite:");
    name.push(directory.join(file));
    name
}

fn millis(duration: Duration) -> String {
    format!("{}ms", duration.as_millis())
}
