//! Remarks that recorders add to an entry beside the standard: whether a request was made at all, and
//! whether a 200 was a 304 on the wire.
//!
//! Browsers tell pages 200 when they revalidate, and some recorders write down what pages are told.
//! Reads Chromium's and Playwright's, Firefox's and Safari's ways; others keep to the standard.

use serde_json::Value;

use super::fields;

/// Program that wrote an archive, and what may be relied on in it.
#[derive(Default)]
pub(super) struct Recorder {
    is_firefox: bool,
    /// True if it knows how much was transferred: some write 0 everywhere.
    tells_sizes: bool,
}

/// Remarks on one entry. What they mean depends on the recorder, of which some is known at the end.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one remark of one recorder")]
pub(super) struct Remarks {
    /// As Chromium and Playwright say it.
    is_from_cache: bool,
    /// Answered by a service worker, from wherever it took that.
    pub(super) is_by_worker: bool,
    /// As Firefox says it; others write the same of every entry.
    has_cache_entry: bool,
    /// As Safari says it.
    is_cache_fetch: bool,
    /// A 200 to a precondition.
    is_conditional_200: bool,
    /// Content, of which nothing travelled if sizes are told.
    is_bodyless: bool,
    /// Less travelled than the content alone has.
    is_short: bool,
}

impl Recorder {
    /// Takes note of the value of `creator`.
    pub(super) fn is_named(&mut self, creator: &Value) {
        self.is_firefox = creator["name"] == "Firefox";
    }

    /// Takes note of any entry.
    pub(super) fn see(&mut self, entry: &Value) {
        self.tells_sizes |= entry["response"]["bodySize"].as_i64().unwrap_or(0) > 0;
    }

    /// Reports whether the browser answered by itself: from its cache, or by a script of the page.
    pub(super) fn is_unasked(&self, remarks: Remarks) -> bool {
        remarks.is_from_cache
            || remarks.is_by_worker
            || remarks.is_cache_fetch
            || (self.is_firefox && remarks.has_cache_entry)
    }

    /// Reports whether a 200 was sent as a 304: a precondition, and content that did not travel.
    pub(super) fn is_revalidated(&self, remarks: Remarks) -> bool {
        let nothing = self.tells_sizes && remarks.is_bodyless;
        remarks.is_conditional_200 && (nothing || remarks.is_short)
    }
}

impl Remarks {
    pub(super) fn of(entry: &Value) -> Self {
        let (response, how) = (&entry["response"], entry["_fetchType"].as_str());
        let is_conditional = is_conditional(entry);
        let size = response["content"]["size"].as_i64().unwrap_or(0);
        // Fields included.
        let transferred = response["_transferSize"].as_i64().filter(|bytes| *bytes > 0);
        let coded = fields(&response["headers"]).get("content-encoding").is_some();
        Self {
            is_from_cache: !entry["_fromCache"].is_null(),
            is_by_worker: response["_fetchedViaServiceWorker"] == true,
            // The field is there, with null where nothing more is known.
            has_cache_entry: entry["cache"].get("afterRequest").is_some()
                && response["status"] != 304,
            is_cache_fetch: how.is_some_and(|how| how.ends_with("Cache")) && !is_conditional,
            is_conditional_200: is_conditional && response["status"] == 200,
            is_bodyless: size > 0 && response["bodySize"] == 0,
            is_short: (!coded && transferred.is_some_and(|bytes| bytes < size))
                || how == Some("Disk Cache"),
        }
    }
}

fn is_conditional(entry: &Value) -> bool {
    let sent = fields(&entry["request"]["headers"]);
    ["if-none-match", "if-modified-since"].iter().any(|name| sent.get(name).is_some())
}
