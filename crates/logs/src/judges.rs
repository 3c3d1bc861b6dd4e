//! Findings from an account, by the codes and words of the one catalogue.
//!
//! A judge claims nothing that another explanation of the same lines would leave open: then the log is
//! inconclusive, and the line of configuration that would settle it is named.

mod client_at_fault;
mod conclusion;
mod conditionals;
mod node_local;
mod shared_tag;
mod turns;

use findings::Finding;
use findings::log::{LogJudgement, finding};

use crate::account::Account;
use crate::account::path::{Details, Path};
use crate::account::turns::Keys;

pub(crate) use conclusion::{Conclusion, conclude};

/// One path, with what judges need of the whole account.
pub(crate) struct Subject<'a> {
    pub(crate) account: &'a Account,
    pub(crate) path: &'a Path,
    pub(crate) details: &'a Details,
    pub(crate) keys: &'a Keys,
}

/// Judgement about one path.
pub(crate) struct PathJudgement {
    /// Name of the kind of finding.
    pub(crate) name: &'static str,
    pub(crate) judgement: LogJudgement,
    /// Seconds since 1970 from which on it holds.
    pub(crate) since: Option<i64>,
}

/// Result of a judge.
pub(crate) enum Judged {
    Found(PathJudgement),
    /// Sentence about what the log leaves open, and what would settle it.
    Open(String),
}

const JUDGES: &[fn(&Subject<'_>) -> Option<Judged>] = &[
    node_local::judge,
    turns::judge,
    conditionals::judge,
    shared_tag::judge,
    client_at_fault::judge,
];

/// Names of all findings that logs can show.
#[cfg(test)]
pub(crate) const NAMES: [&str; 6] = [
    node_local::NAME,
    conditionals::IGNORED,
    conditionals::SUFFIX,
    conditionals::PRECEDENCE,
    shared_tag::NAME,
    client_at_fault::NAME,
];

/// Finding about one path or more of them.
#[derive(Clone, Debug)]
pub struct LogFinding {
    /// The finding.
    pub finding: Finding,
    /// Paths that have it, the one with most needless bytes first.
    pub paths: Vec<String>,
    /// Seconds since 1970 from which on it holds.
    pub since: Option<i64>,
}

/// Findings, worst first, and what is left open.
pub(crate) fn judge(
    account: &Account,
    keys: &[Keys],
    product: &str,
    shows: &dyn Fn(&Path) -> bool,
) -> (Vec<LogFinding>, Vec<String>) {
    let mut places: Vec<usize> = (0..account.paths.len()).collect();
    places.sort_by_key(|place| std::cmp::Reverse(account.paths[*place].repeated_bytes));
    let (mut found, mut open): (Vec<LogFinding>, Vec<String>) = (Vec::new(), Vec::new());
    for place in places {
        let path = &account.paths[place];
        let Some(details) = path.details.as_deref().filter(|_| shows(path)) else { continue };
        let subject = Subject { account, path, details, keys: &keys[place] };
        for judge in JUDGES {
            match judge(&subject) {
                Some(Judged::Found(judged)) => add(&mut found, judged, path, product),
                Some(Judged::Open(sentence)) => {
                    open.push(format!("{}: {sentence}", path.name()));
                }
                None => {}
            }
        }
    }
    found.sort_by_key(|one| one.finding.severity);
    (found, open)
}

/// One finding for all paths that have it for the same cause.
fn add(found: &mut Vec<LogFinding>, judged: PathJudgement, path: &Path, product: &str) {
    let finding = finding(judged.name, judged.judgement, product);
    let known = found.iter_mut().find(|known| {
        known.finding.kind == finding.kind
            && known.finding.cause == finding.cause
            && known.finding.severity == finding.severity
    });
    match known {
        Some(known) => {
            known.paths.push(path.name());
            known.since = known.since.zip(judged.since).map(|(one, other)| one.min(other));
        }
        None => {
            found.push(LogFinding { finding, paths: vec![path.name()], since: judged.since });
        }
    }
}

/// `3 of 8 polls`.
fn of_all(part: u64, all: u64, noun: &str) -> String {
    format!("{} of {}", text::count(part), text::counted(all, noun))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_findings_of_logs_are_those_that_the_catalogue_names_for_them() {
        let mut names = super::NAMES.to_vec();
        let mut listed = findings::log::FOUND.to_vec();
        names.sort_unstable();
        listed.sort_unstable();
        assert_eq!(names, listed);
    }
}
