//! JSON, schema `etag-lab.logs/1`: fields are added, never renamed.

use probe::format::FindingRecord;
use serde::Serialize;

use crate::judges::LogFinding;
use crate::moment;
use crate::summary::{PathRow, Share, Summary};

#[derive(Serialize)]
struct Record<'a> {
    schema: &'static str,
    tool: Tool,
    format: &'a str,
    lines: LinesRecord,
    from: Option<String>,
    to: Option<String>,
    paths: Vec<PathRecord<'a>>,
    total: PathRecord<'a>,
    other_requests: u64,
    hosts: Vec<HostRecord<'a>>,
    hours: Vec<HourRecord<'a>>,
    findings: Vec<Found<'a>>,
    course: CourseRecord,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Tool {
    version: &'static str,
}

#[derive(Serialize)]
struct LinesRecord {
    read: u64,
    unparsed: u64,
}

#[derive(Serialize)]
struct PathRecord<'a> {
    path: &'a str,
    requests: u64,
    polls: u64,
    not_modified: u64,
    not_modified_ratio: Option<f64>,
    bytes: u64,
    needless_bytes_at_least: u64,
    upstreams: usize,
}

#[derive(Serialize)]
struct HostRecord<'a> {
    host: &'a str,
    polls: u64,
    not_modified: u64,
    not_modified_ratio: Option<f64>,
}

/// An hour, or several in a log of many days.
#[derive(Serialize)]
struct HourRecord<'a> {
    from: &'a str,
    polls: u64,
    not_modified: u64,
    not_modified_ratio: Option<f64>,
}

#[derive(Serialize)]
struct Found<'a> {
    #[serde(flatten)]
    finding: FindingRecord<'a>,
    /// The path with most needless bytes.
    path: Option<&'a str>,
    paths: &'a [String],
    since: Option<String>,
}

/// Counts over time: `[seconds since 1970, polls, 304s, 200s of the size that the client had]`.
#[derive(Serialize)]
struct CourseRecord {
    bucket_seconds: i64,
    buckets: Vec<(i64, u64, u64, u64)>,
}

fn path(row: &PathRow) -> PathRecord<'_> {
    PathRecord {
        path: &row.path,
        requests: row.requests,
        polls: row.polls,
        not_modified: row.not_modified,
        not_modified_ratio: row.not_modified_ratio(),
        bytes: row.bytes,
        needless_bytes_at_least: row.needless_bytes,
        upstreams: row.upstreams,
    }
}

fn host(share: &Share) -> HostRecord<'_> {
    HostRecord {
        host: &share.name,
        polls: share.polls,
        not_modified: share.not_modified,
        not_modified_ratio: share.not_modified_ratio(),
    }
}

fn hour(share: &Share) -> HourRecord<'_> {
    HourRecord {
        from: &share.name,
        polls: share.polls,
        not_modified: share.not_modified,
        not_modified_ratio: share.not_modified_ratio(),
    }
}

fn found(one: &LogFinding) -> Found<'_> {
    Found {
        finding: FindingRecord::of(&one.finding),
        path: one.paths.first().map(String::as_str),
        paths: &one.paths,
        since: one.since.map(moment::utc),
    }
}

pub(super) fn render(summary: &Summary) -> String {
    let buckets = summary.course.buckets().filter(|(_, bucket)| bucket.polls > 0);
    let buckets =
        buckets.map(|(begin, bucket)| (begin, bucket.polls, bucket.not_modified, bucket.repeated));
    let record = Record {
        schema: "etag-lab.logs/1",
        tool: Tool { version: env!("CARGO_PKG_VERSION") },
        format: &summary.format,
        lines: LinesRecord { read: summary.lines.read, unparsed: summary.lines.unparsed },
        from: summary.times.map(|(first, _)| moment::utc(first)),
        to: summary.times.map(|(_, last)| moment::utc(last)),
        paths: summary.paths.iter().map(path).collect(),
        total: path(&summary.total),
        other_requests: summary.other_requests,
        hosts: summary.hosts.iter().map(host).collect(),
        hours: summary.hours.iter().map(hour).collect(),
        findings: summary.findings.iter().map(found).collect(),
        course: CourseRecord { bucket_seconds: summary.course.width(), buckets: buckets.collect() },
        notes: &summary.notes,
    };
    let json = serde_json::to_string_pretty(&record).expect("strings and numbers can be written");
    text::json::escape(&json) + "\n"
}
