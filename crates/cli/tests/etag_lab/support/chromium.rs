//! A real browser without a window, spoken to in the `DevTools` protocol over two pipes: no port,
//! and nothing that outlives the test.
//!
//! Notes what a page complains of and what it asks the network for; judges neither.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};

use super::process::PATIENCE;
use super::{home, require_any, scratch};

/// Names under which it is packaged.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Nothing of its own on the network, so that every request is the page's. The sandbox needs
/// rights that a container seldom gives; only files of the test are opened.
const FLAGS: &str = "--headless --no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage \
                     --no-first-run --no-default-browser-check --disable-background-networking \
                     --disable-component-update --disable-sync --remote-debugging-pipe";

/// A browser with one page, ended with the test.
pub(crate) struct Browser {
    child: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    session: Option<String>,
    target: String,
    sent: u64,
    events: Vec<Value>,
}

impl Browser {
    /// Starts one, if this machine has one.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same with further flags.
    pub(crate) fn start_with(flags: &[&str]) -> Option<Self> {
        let program = require_any(&NAMES)?;
        // The protocol is spoken on descriptors 3 and 4, which the shell makes of 0 and 1.
        let mut command = Command::new("sh");
        command
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null"])
            .arg(program)
            .args(FLAGS.split(' '))
            .args(flags)
            .arg(format!("--user-data-dir={}", profile().display()))
            .env("HOME", home())
            .env("TMPDIR", scratch())
            // So that its helpers can be ended with it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("there is a shell");
        let commands = child.stdin.take().expect("it was asked for");
        let answers = child.stdout.take().expect("it was asked for");
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let messages = BufReader::new(answers).split(0).map_while(Result::ok);
            let messages = messages.map_while(|bytes| serde_json::from_slice(&bytes).ok());
            messages.map_while(|message| sender.send(message).ok()).for_each(drop);
        });
        let (session, target, sent, events) = (None, String::new(), 0, Vec::new());
        let mut browser = Self { child, commands, messages, session, target, sent, events };
        browser.attach();
        Some(browser)
    }

    /// The name of its page.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    fn attach(&mut self) {
        let target = self.call("Target.createTarget", &json!({"url": "about:blank"}));
        let name = target["targetId"].as_str().expect("a page has a name");
        name.clone_into(&mut self.target);
        let target = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.call("Target.attachToTarget", &target)["sessionId"].clone();
        self.session = Some(session.as_str().expect("a session has a name").to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(&format!("{domain}.enable"), &json!({}));
        }
    }

    /// Opens a further page without a look at what it does; its session.
    pub(crate) fn open_beside(&mut self, url: &str) -> String {
        let page = self.session.take();
        let target = self.call("Target.createTarget", &json!({"url": url}));
        let target = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.call("Target.attachToTarget", &target)["sessionId"].clone();
        self.session = page;
        session.as_str().expect("a session has a name").to_owned()
    }

    /// The value of an expression in a page that was opened beside; `None` while it is loaded, or
    /// when the expression throws.
    pub(crate) fn evaluate_beside(&mut self, session: &str, expression: &str) -> Option<Value> {
        let page = self.session.replace(session.to_owned());
        let arguments = json!({"expression": expression, "returnByValue": true,
                               "awaitPromise": true});
        let answer = self.ask("Runtime.evaluate", &arguments);
        self.session = page;
        let answer = answer.filter(|answer| answer["exceptionDetails"].is_null())?;
        Some(answer["result"]["value"].clone())
    }

    /// Opens a file in a window of this width and waits until it is loaded.
    pub(crate) fn open(&mut self, file: &Path, width: u32, scheme: &str) {
        self.emulate([width, 800], &[("prefers-color-scheme", scheme)]);
        self.visit(&url(file));
    }

    /// Makes the window so wide and high, and its user one of these preferences.
    pub(crate) fn emulate(&mut self, [width, height]: [u32; 2], media: &[(&str, &str)]) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1,
                          "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", &size);
        let feature = |(name, value): &(&str, &str)| json!({"name": name, "value": value});
        let features: Vec<_> = media.iter().map(feature).collect();
        self.call("Emulation.setEmulatedMedia", &json!({"features": features}));
    }

    /// Presses a key and lets it go.
    pub(crate) fn press(&mut self, key: &str) {
        let down = json!({"type": "keyDown", "key": key, "text": key});
        self.call("Input.dispatchKeyEvent", &down);
        self.call("Input.dispatchKeyEvent", &json!({"type": "keyUp", "key": key}));
    }

    /// Opens an address and waits until it is loaded.
    pub(crate) fn visit(&mut self, url: &str) {
        self.events.clear();
        self.call("Page.navigate", &json!({"url": url}));
        self.receive_until(|events| {
            events.iter().any(|event| event["method"] == "Page.loadEventFired")
        });
    }

    /// Collects events until they suffice.
    pub(crate) fn receive_until(&mut self, suffices: impl Fn(&[Value]) -> bool) {
        while !suffices(&self.events) {
            let event = self.receive();
            self.events.push(event);
        }
    }

    /// Events since the page was opened.
    pub(crate) fn events(&self) -> &[Value] {
        &self.events
    }

    /// The decoded content of a response as an archive has it; `None` when there is none.
    pub(crate) fn content(&mut self, request: &str) -> Option<Value> {
        let answer = self.ask("Network.getResponseBody", &json!({"requestId": request}))?;
        let text = answer["body"].as_str()?;
        let mut content = json!({"size": text.len(), "text": text});
        if answer["base64Encoded"] == true {
            content["encoding"] = "base64".into();
        }
        Some(content)
    }

    /// The value of an expression in the page; of a promise, what it comes to.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let arguments = json!({"expression": expression, "returnByValue": true,
                               "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", &arguments);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer:#}");
        answer["result"]["value"].clone()
    }

    /// Exceptions, console messages and log entries (violations of the page's policy are among
    /// them) since the page was opened.
    pub(crate) fn complaints(&self) -> Vec<&Value> {
        let kinds = ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"];
        let complaint = |event: &&Value| kinds.iter().any(|kind| event["method"] == *kind);
        self.events.iter().filter(complaint).map(|event| &event["params"]).collect()
    }

    /// Addresses that were asked for since then, the page's own first.
    pub(crate) fn requested(&self) -> Vec<&str> {
        let request = |event: &&Value| event["method"] == "Network.requestWillBeSent";
        let requests = self.events.iter().filter(request);
        requests.filter_map(|event| event["params"]["request"]["url"].as_str()).collect()
    }

    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.ask(method, params).unwrap_or_else(|| panic!("refused: {method} {params}"))
    }

    /// The answer, unless the browser refuses one.
    fn ask(&mut self, method: &str, params: &Value) -> Option<Value> {
        self.sent += 1;
        let mut command = json!({"id": self.sent, "method": method, "params": params});
        if let Some(session) = &self.session {
            command["sessionId"] = session.as_str().into();
        }
        let mut command = command.to_string().into_bytes();
        command.push(0);
        self.commands.write_all(&command).expect("the browser runs");
        loop {
            let message = self.receive();
            if message["id"] == self.sent {
                return message.get("result").cloned();
            }
            self.events.push(message);
        }
    }

    fn receive(&mut self) -> Value {
        let asked = Instant::now();
        self.messages.recv_timeout(PATIENCE).unwrap_or_else(|problem| {
            panic!("no word from the browser after {:?}: {problem}", asked.elapsed())
        })
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Errors mean that it has ended, which is what is wanted.
        let group = Pid::from_raw(self.child.id().cast_signed()).expect("no process is number 0");
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Folder of its profile.
pub(crate) fn profile() -> PathBuf {
    home().join("browser")
}

/// A file as the browser names it.
pub(crate) fn url(file: &Path) -> String {
    let file: PathBuf = file.canonicalize().expect("there is such a file");
    format!("file://{}", file.display())
}
