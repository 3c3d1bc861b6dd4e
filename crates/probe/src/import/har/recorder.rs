//! Remarks that recorders add to an entry beside the standard: whether a request was made at all, and
//! whether a 200 was a 304 on the wire.
//!
//! Browsers tell pages 200 when they revalidate, and some recorders write down what pages are told.
//! Reads Chromium's and Playwright's, Firefox's and Safari's ways; others keep to the standard.

use serde_json::Value;

use super::fields;

/// Program that wrote an archive, and what may be relied on in it.
pub(super) struct Recorder {
    is_firefox: bool,
    /// True if it knows how much was transferred: some write 0 everywhere.
    tells_sizes: bool,
}

impl Recorder {
    /// The recorder of this archive.
    pub(super) fn of(log: &Value, entries: &[Value]) -> Self {
        let transferred = |entry: &Value| entry["response"]["bodySize"].as_i64().unwrap_or(0) > 0;
        Self {
            is_firefox: log["creator"]["name"] == "Firefox",
            tells_sizes: entries.iter().any(transferred),
        }
    }

    /// Reports whether the browser answered by itself: from its cache, or by a script of the page.
    pub(super) fn is_unasked(&self, entry: &Value) -> bool {
        let chromium =
            !entry["_fromCache"].is_null() || entry["response"]["_fetchedViaServiceWorker"] == true;
        // The field is there, with null where nothing more is known.
        let firefox = self.is_firefox
            && entry["cache"].get("afterRequest").is_some()
            && entry["response"]["status"] != 304;
        let safari = entry["_fetchType"].as_str().is_some_and(|how| how.ends_with("Cache"));
        chromium || firefox || (safari && !is_conditional(entry))
    }

    /// Reports whether a 200 was sent as a 304: a precondition, and content that did not travel.
    pub(super) fn is_revalidated(&self, entry: &Value) -> bool {
        let response = &entry["response"];
        if response["status"] != 200 || !is_conditional(entry) {
            return false;
        }
        let size = response["content"]["size"].as_i64().unwrap_or(0);
        let nothing = self.tells_sizes && size > 0 && response["bodySize"] == 0;
        // Fields included.
        let transferred = response["_transferSize"].as_i64().filter(|bytes| *bytes > 0);
        let coded = fields(&response["headers"]).get("content-encoding").is_some();
        let too_little = !coded && transferred.is_some_and(|bytes| bytes < size);
        nothing || too_little || entry["_fetchType"] == "Disk Cache"
    }
}

fn is_conditional(entry: &Value) -> bool {
    let sent = fields(&entry["request"]["headers"]);
    ["if-none-match", "if-modified-since"].iter().any(|name| sent.get(name).is_some())
}
