//! HTTP Archive 1.2: the form in which browsers' developer tools keep and open exchanges.
//!
//! Mirrors the specification (<http://www.softwareishard.com/blog/har-12-spec/>); custom fields
//! start with an underscore, as it demands. How an exchange becomes an entry: `entry`.

mod entry;

use measure::ArmTranscript;
use serde::Serialize;

use super::WireLog;
use entry::HarEntry;

/// Most octets of all contents together: a content is repeated in every entry that brought it.
const MOST_CONTENT_BYTES: usize = 64 << 20;

/// The whole file.
#[derive(Serialize)]
pub(super) struct Har<'a> {
    log: HarLog<'a>,
}

#[derive(Serialize)]
struct HarLog<'a> {
    version: &'static str,
    creator: Creator<'a>,
    pages: Vec<HarPage>,
    entries: Vec<HarEntry<'a>>,
    comment: String,
}

#[derive(Serialize)]
struct Creator<'a> {
    name: &'static str,
    version: &'a str,
}

/// One arm: developer tools group the entries by page.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HarPage {
    started_date_time: String,
    id: String,
    title: String,
    #[serde(rename = "pageTimings")]
    timings: PageTimings,
}

#[derive(Serialize)]
struct PageTimings {}

impl<'a> Har<'a> {
    pub(super) fn of(log: &WireLog<'a>) -> Self {
        let record = log.record;
        let mut room = MOST_CONTENT_BYTES;
        let mut entries = Vec::new();
        for arm in log.arms {
            let exchanges = &arm.transcript.exchanges;
            entries.extend(exchanges.iter().map(|exchange| HarEntry::of(arm, exchange, &mut room)));
        }
        let left_out: u64 = log.arms.iter().map(|arm| arm.transcript.left_out).sum();
        let mut comment = record.command.clone();
        if left_out > 0 {
            comment = format!("{comment}; without the last {left_out} exchanges");
        }
        if record.partial {
            comment.push_str("; interrupted");
        }
        let creator = Creator { name: "etag-lab", version: &record.tool.version };
        let pages = log.arms.iter().map(|arm| HarPage::of(log, arm)).collect();
        Self { log: HarLog { version: "1.2", creator, pages, entries, comment } }
    }
}

impl HarPage {
    fn of(log: &WireLog<'_>, arm: &ArmTranscript) -> Self {
        let record = log.record.arms.iter().find(|record| record.name == arm.arm);
        let strategy = record.map_or("", |record| &record.strategy);
        Self {
            started_date_time: entry::moment(arm.transcript.started),
            id: arm.arm.clone(),
            title: format!("{} · {} · {strategy}", log.record.scenario.name, arm.arm),
            timings: PageTimings {},
        }
    }
}
