//! The summary of an account: what is printed in every format.

use std::collections::BTreeMap;

use measure::record::Severity;
use text::secret::masked;

use crate::account::Account;
use crate::account::course::{Bucket, Course};
use crate::account::path::Path;
use crate::agent::Family;
use crate::formats::Layout;
use crate::judges::{self, Conclusion, LogFinding};
use crate::moment;

/// Lines of a log.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// Lines that were read, empty ones and comments aside.
    pub read: u64,
    /// Lines that have another form.
    pub unparsed: u64,
    /// Number and shape of the first of them: letters and digits are covered.
    pub first_unparsed: Option<(u64, String)>,
}

impl Lines {
    /// Reports whether more than half of the lines have another form.
    pub fn are_mostly_unparsed(&self) -> bool {
        self.unparsed * 2 > self.read
    }
}

/// One path.
#[derive(Clone, Debug)]
pub struct PathRow {
    /// Host and path.
    pub path: String,
    /// All requests.
    pub requests: u64,
    /// GETs that were answered 200 or 304.
    pub polls: u64,
    /// 304s.
    pub not_modified: u64,
    /// Bytes of all responses.
    pub bytes: u64,
    /// Bytes of 200s with the size of the 200 that the client had before.
    pub needless_bytes: u64,
    /// Servers that answered.
    pub upstreams: usize,
}

impl PathRow {
    /// Share of 304s, `0.0..=1.0`; `None` without a poll.
    pub fn not_modified_ratio(&self) -> Option<f64> {
        (self.polls > 0).then(|| self.not_modified as f64 / self.polls as f64)
    }
}

/// Share of 304s of a part of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Name of the part.
    pub name: String,
    /// GETs that were answered 200 or 304.
    pub polls: u64,
    /// 304s.
    pub not_modified: u64,
}

impl Share {
    /// Share of 304s, `0.0..=1.0`; `None` without a poll.
    pub fn not_modified_ratio(&self) -> Option<f64> {
        (self.polls > 0).then(|| self.not_modified as f64 / self.polls as f64)
    }
}

/// Answers by the server that issued the tag of the request, and the one that answered.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// The path.
    pub path: String,
    /// Names of the servers.
    pub servers: Vec<String>,
    /// By issuer, then by answerer: 304s of all answers, such as `3/12`; a hyphen without any.
    pub cells: Vec<Vec<String>>,
}

/// Summary of a log.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Name of the format.
    pub format: String,
    /// Lines.
    pub lines: Lines,
    /// Seconds since 1970 of the first and the last line; `None` where there are no moments.
    pub times: Option<(i64, i64)>,
    /// All paths together.
    pub total: PathRow,
    /// Paths, the one with most needless bytes first.
    pub paths: Vec<PathRow>,
    /// Paths that are counted together, because there are too many.
    pub other_requests: u64,
    /// Requests that are no polls: HEAD, ranges, other methods and statuses.
    pub apart: [(&'static str, u64); 3],
    /// By family of clients: polls of those that had a 200 before, and 304s among them.
    pub families: Vec<(&'static str, u64, u64)>,
    /// By host, the one with most polls first.
    pub hosts: Vec<Share>,
    /// By hour, named by its beginning in UTC; by several where the log has many days. Bots aside.
    pub hours: Vec<Share>,
    /// Findings, worst first, then the conclusion.
    pub findings: Vec<LogFinding>,
    /// Issuers and answerers of the path with a finding or, without one, with most needless bytes.
    pub matrix: Option<Matrix>,
    /// Polls over time.
    pub course: Course,
    /// Limits of the log and of the account.
    pub notes: Vec<String>,
    conclusion: Conclusion,
}

impl Summary {
    /// Judges an account.
    pub fn of(account: &Account, layouts: &[Layout], lines: Lines) -> Self {
        let mut formats: Vec<_> = layouts.iter().map(|layout| layout.name.clone()).collect();
        formats.dedup();
        let product = layouts.first().map_or("", |layout| layout.product);
        let keys = account.settle();
        let (mut findings, open) = judges::judge(account, &keys, product, &|_| true);
        let conclusion = judges::conclude(account, &mut findings, &open);
        let mut paths: Vec<PathRow> = account.paths.iter().map(row).collect();
        paths.sort_by_key(|row| std::cmp::Reverse((row.needless_bytes, row.requests)));
        let sum = |of: fn(&Path) -> u64| {
            account.paths.iter().chain([&account.others]).map(of).sum::<u64>()
        };
        let family = |family: Family| {
            let of = account.paths.iter().map(|path| path.of_family(family));
            let sums = of
                .fold([0, 0], |sum, one| [sum[0] + u64::from(one[0]), sum[1] + u64::from(one[1])]);
            (family.name(), sums[0], sums[1])
        };
        let families = Family::ALL.map(family).into_iter().filter(|(_, all, _)| *all > 0);
        Self {
            format: formats.join(", "),
            times: account.times,
            total: PathRow { upstreams: account.upstream_names.len(), ..total(account) },
            paths,
            other_requests: account.others.requests,
            apart: [
                ("HEAD", sum(|path| path.heads)),
                ("ranges", sum(|path| path.partial)),
                ("other methods and statuses", sum(|path| path.other)),
            ],
            families: families.collect(),
            hosts: hosts(account),
            hours: hours(account),
            findings,
            matrix: matrix(account),
            course: account.course.clone(),
            notes: notes(account, &lines),
            lines,
            conclusion,
        }
    }

    /// The worst severity found.
    pub fn worst(&self) -> Severity {
        self.findings.iter().map(|one| one.finding.severity).min().unwrap_or(Severity::Info)
    }

    /// Reports whether the log leaves open whether revalidation works.
    pub fn is_inconclusive(&self) -> bool {
        self.conclusion == Conclusion::Open
    }

    /// Mean size of the 200s of the path with most needless bytes; `None` without any.
    pub fn size_of_worst(&self) -> Option<u64> {
        let path = self.paths.first()?;
        path.bytes.checked_div(path.polls.saturating_sub(path.not_modified))
    }

    /// Needless bytes a day, at the rate of the log; `None` of a log of less than a minute.
    pub fn needless_bytes_a_day(&self) -> Option<f64> {
        let (first, last) = self.times?;
        let seconds = last - first;
        (seconds >= 60).then(|| self.total.needless_bytes as f64 * 86_400.0 / seconds as f64)
    }
}

fn hosts(account: &Account) -> Vec<Share> {
    let mut sums = BTreeMap::<&[u8], [u64; 2]>::new();
    for path in &account.paths {
        let sum = sums.entry(&path.host).or_default();
        *sum = [sum[0] + path.polls, sum[1] + path.not_modified];
    }
    let share = |(host, [polls, not_modified]): (&[u8], [u64; 2])| Share {
        name: masked(&String::from_utf8_lossy(host)),
        polls,
        not_modified,
    };
    let mut hosts: Vec<_> = sums.into_iter().map(share).filter(|host| host.polls > 0).collect();
    hosts.sort_by_key(|host| std::cmp::Reverse(host.polls));
    hosts
}

fn hours(account: &Account) -> Vec<Share> {
    if account.times.is_none() {
        return Vec::new();
    }
    let polled = account.hours.buckets().filter(|(_, bucket)| bucket.polls > 0);
    let share = |(begin, bucket): (i64, &Bucket)| Share {
        name: moment::utc(begin),
        polls: bucket.polls,
        not_modified: bucket.not_modified,
    };
    polled.map(share).collect()
}

fn row(path: &Path) -> PathRow {
    PathRow {
        path: path.name(),
        requests: path.requests,
        polls: path.polls,
        not_modified: path.not_modified,
        bytes: path.bytes,
        needless_bytes: path.repeated_bytes,
        upstreams: path.upstreams.len(),
    }
}

fn total(account: &Account) -> PathRow {
    let rows = account.paths.iter().chain([&account.others]).map(row);
    let none = PathRow {
        path: "all paths".to_owned(),
        requests: 0,
        polls: 0,
        not_modified: 0,
        bytes: 0,
        needless_bytes: 0,
        upstreams: 0,
    };
    rows.fold(none, |mut sum, row| {
        sum.requests += row.requests;
        sum.polls += row.polls;
        sum.not_modified += row.not_modified;
        sum.bytes += row.bytes;
        sum.needless_bytes += row.needless_bytes;
        sum
    })
}

/// Matrix of the path with most needless bytes that has one.
fn matrix(account: &Account) -> Option<Matrix> {
    const MOST: usize = 16;
    let with = account.paths.iter().filter_map(|path| Some((path, path.details.as_deref()?)));
    let with = with.filter(|(_, details)| !details.tags.matrix.is_empty());
    let (path, details) = with.max_by_key(|(path, _)| path.repeated_bytes)?;
    let cells = &details.tags.matrix;
    let mut servers: Vec<u16> = cells.keys().flat_map(|(one, other)| [*one, *other]).collect();
    servers.sort_unstable();
    servers.dedup();
    servers.truncate(MOST);
    let cell = |issuer: u16, answerer: u16| match cells.get(&(issuer, answerer)) {
        Some([kept, lost]) => format!("{kept}/{}", kept + lost),
        None => "–".to_owned(),
    };
    let row = |issuer: &u16| servers.iter().map(|other| cell(*issuer, *other)).collect();
    Some(Matrix {
        path: path.name(),
        cells: servers.iter().map(row).collect(),
        servers: servers.iter().map(|number| account.server_name(*number)).collect(),
    })
}

fn notes(account: &Account, lines: &Lines) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some((number, shape)) = &lines.first_unparsed {
        notes.push(format!(
            "{} of {} have another form; the first, line {}, with its letters and digits covered: {shape}",
            text::count(lines.unparsed),
            text::counted(lines.read, "line"),
            text::count(*number)
        ));
    }
    if account.known.evicted > 0 {
        notes.push(format!(
            "{} made room for newer ones: needless bytes are more than these",
            text::counted(account.known.evicted, "answer")
        ));
    }
    if account.others.requests > 0 {
        notes.push(format!(
            "{} to paths beyond the first 65,536 are counted together",
            text::counted(account.others.requests, "request")
        ));
    }
    notes
}
