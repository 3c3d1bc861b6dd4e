//! The developer tools that Chromium brings along, looking at a page, and the archive that they
//! save: their own program writes it, the one behind "Save all as HAR with content".
//!
//! They are a page themselves, which the browser serves on a port of its own.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::chromium::{Browser, profile};
use super::eventually;
use super::process::PATIENCE;

/// True if the tools look at a page, and the parts that are needed are there.
const READY: &str = "(async () => { \
    const sdk = await import('/devtools/core/sdk/sdk.js'); \
    await import('/devtools/core/common/common.js'); \
    await import('/devtools/models/har/har.js'); \
    await import('/devtools/models/logs/logs.js'); \
    return sdk.TargetManager.TargetManager.instance().primaryPageTarget() !== null; })()";

/// A browser whose page is looked at.
pub(crate) struct DevTools {
    pub(crate) browser: Browser,
    session: String,
}

impl DevTools {
    /// Starts a browser and its tools; `None` without the browser, or where its tools are made of
    /// other parts than these.
    pub(crate) fn start() -> Option<Self> {
        let flags = ["--remote-debugging-port=0", "--remote-allow-origins=*"];
        let mut browser = Browser::start_with(&flags)?;
        let port = eventually("the port of the developer tools", PATIENCE, port);
        let page = browser.target().to_owned();
        let url = format!(
            "http://127.0.0.1:{port}/devtools/devtools_app.html?ws=127.0.0.1:{port}/devtools/page/{page}"
        );
        let session = browser.open_beside(&url);
        let mut tools = Self { browser, session };
        // Their parts are loaded one by one, and not every version has these.
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match tools.browser.evaluate_beside(&tools.session, READY) {
                Some(Value::Bool(true)) => return Some(tools),
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
        None
    }

    /// Opens an address, again and again until the tools have seen it.
    pub(crate) fn visit(&mut self, url: &str) {
        eventually("a request that the developer tools see", PATIENCE, || {
            self.browser.visit(url);
            (self.requests(url, 1) == true).then_some(())
        });
    }

    /// The archive that the tools write of at least so many requests for this address.
    pub(crate) fn export(&mut self, url: &str, requests: usize) -> Value {
        eventually("every request in the developer tools", PATIENCE, || {
            (self.requests(url, requests) == true).then_some(())
        });
        let text = self.evaluate(
            "(async () => { \
               const { NetworkLog } = await import('/devtools/models/logs/logs.js'); \
               const { Writer } = await import('/devtools/models/har/har.js'); \
               const { Progress } = await import('/devtools/core/common/common.js'); \
               let text = ''; \
               const stream = { write: async (part) => { text += part; }, close: async () => {} }; \
               await Writer.Writer.write(stream, NetworkLog.NetworkLog.instance().requests(), \
                                         { sanitize: true }, new Progress.Progress()); \
               return text; })()",
        );
        serde_json::from_str(text.as_str().expect("an archive is text")).expect("and JSON")
    }

    /// True if so many requests for this address are seen to be over within a while.
    fn requests(&mut self, url: &str, wanted: usize) -> Value {
        self.evaluate(&format!(
            "(async () => {{ \
               const {{ NetworkLog }} = await import('/devtools/models/logs/logs.js'); \
               const over = () => NetworkLog.NetworkLog.instance().requests() \
                 .filter((one) => one.url() === '{url}' && one.finished).length; \
               for (let n = 0; n < 40; n++) {{ if (over() >= {wanted}) return true; \
                 await new Promise((go) => setTimeout(go, 50)); }} return false; }})()"
        ))
    }

    fn evaluate(&mut self, expression: &str) -> Value {
        self.browser.evaluate_beside(&self.session, expression).expect("the tools are loaded")
    }
}

/// The port, once the browser has written it down.
fn port() -> Option<u16> {
    let text = std::fs::read_to_string(profile().join("DevToolsActivePort")).ok()?;
    text.lines().next()?.parse().ok()
}
