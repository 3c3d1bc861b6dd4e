//! One page for a browser: the findings, the course of the 304s, the paths, and who issued a tag beside
//! who answered it.

use measure::record::FindingRecord;
use report::{Page, PageTable, ShareCourse};

use super::{HEADINGS, Options, cells, notes, parts, terminal};
use crate::judges::LogFinding;
use crate::moment;
use crate::summary::Summary;

/// Paths on a page.
const MOST_PATHS: usize = 100;

pub(super) fn render(summary: &Summary, options: Options) -> String {
    let rows = summary.paths.iter().take(MOST_PATHS).chain([&summary.total]);
    let paths = PageTable {
        title: "Paths".to_owned(),
        headings: HEADINGS.map(str::to_owned).to_vec(),
        rows: rows.map(|row| cells(row).to_vec()).collect(),
    };
    let worst = summary.findings.first().map(|one| one.finding.title.clone());
    report::page(&Page {
        title: super::title(summary),
        lead: worst.unwrap_or_default(),
        setup: parts(summary),
        tables: summary.matrix.iter().map(matrix).chain([paths]).collect(),
        findings: summary.findings.iter().map(record).collect(),
        course: course(summary),
        notes: notes(summary, options),
    })
}

fn record(one: &LogFinding) -> FindingRecord {
    let finding = &one.finding;
    let since = one.since.map(|since| format!("since {}", moment::utc(since)));
    let fix = (!finding.is_conclusion()).then(|| format!("fix: {}", finding.fix()));
    let lines = since.into_iter().chain(finding.evidence.iter().cloned()).chain(fix);
    FindingRecord {
        code: finding.kind.code.clone(),
        name: finding.kind.name.clone(),
        severity: finding.severity,
        arm: Some(if one.paths.is_empty() { "log".to_owned() } else { terminal::paths(one) }),
        title: finding.title.clone(),
        // The page takes several lines for one.
        evidence: lines.collect::<Vec<_>>().join("; "),
        fix: finding.fix(),
    }
}

fn matrix(matrix: &crate::summary::Matrix) -> PageTable {
    let issuer = |name: &String| format!("tag of {name}");
    PageTable {
        title: format!("304s by issuer of the tag and answering server: {}", matrix.path),
        headings: [String::new()].into_iter().chain(matrix.servers.iter().cloned()).collect(),
        rows: matrix
            .servers
            .iter()
            .zip(&matrix.cells)
            .map(|(name, cells)| [issuer(name)].into_iter().chain(cells.iter().cloned()).collect())
            .collect(),
    }
}

fn course(summary: &Summary) -> Option<ShareCourse> {
    let (first, last) = summary.times.filter(|(first, last)| first < last)?;
    let share = |bucket: &crate::account::course::Bucket| {
        (bucket.polls > 0).then(|| bucket.not_modified as f64 / bucket.polls as f64)
    };
    Some(ShareCourse {
        title: "Share of 304s over time".to_owned(),
        ends: [moment::utc(first), moment::utc(last)],
        shares: summary.course.buckets().map(|(_, bucket)| share(bucket)).collect(),
    })
}
