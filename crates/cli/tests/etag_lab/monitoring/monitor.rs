//! A real Prometheus with the rules of the pack, their times made short.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;

use super::{pack, succeeds};
use crate::support::http::{Answer, ask};
use crate::support::process::{PATIENCE, Running};
use crate::support::served::{accepting, start_on_a_free_port};
use crate::support::{eventually, home, require};

/// The rules of the pack with seconds in the place of minutes, as files.
fn short_rules(sources: &[&str]) -> Vec<PathBuf> {
    let names = sources.iter().map(|name| format!("sources/{name}.yml"));
    let names = names.chain(["revalidation.yml".to_owned()]);
    let short = |name: String| {
        let text = std::fs::read_to_string(pack(&name)).expect("there are rules");
        let mut short = text;
        for (long, short_one) in [
            ("[5m]", "[4s]"),
            ("[30m]", "[2s]"),
            ("[1h] offset 23h30m", "[3s] offset 30s"),
            ("for: 15m", "for: 1s"),
            ("for: 1h", "for: 1s"),
        ] {
            short = short.replace(long, short_one);
        }
        assert!(!short.contains("m]") && !short.contains("for: 30m"), "{short}");
        let file = home().join(name.replace('/', "-"));
        std::fs::write(&file, short).expect("the file can be written");
        file
    };
    names.map(short).collect()
}

/// A Prometheus with its folder.
pub(super) struct Monitor {
    program: PathBuf,
    address: SocketAddr,
    process: Running,
}

impl Monitor {
    /// Starts one that looks at each of these targets twice a second; `None` where there is none.
    pub(super) fn start(sources: &[&str], targets: &[(&str, SocketAddr, &str)]) -> Option<Self> {
        let program = require("prometheus")?;
        let mut text = "global: { scrape_interval: 500ms, scrape_timeout: 400ms, \
                        evaluation_interval: 500ms }\nrule_files:\n"
            .to_owned();
        for file in short_rules(sources) {
            let _ = writeln!(text, "  - {}", file.display());
        }
        text.push_str("scrape_configs:\n");
        for (job, address, path) in targets {
            let _ = writeln!(
                text,
                "  - job_name: {job}\n    metrics_path: {path}\n    static_configs: \
                 [{{ targets: ['{address}'] }}]"
            );
        }
        let file = home().join("prometheus.yml");
        std::fs::write(&file, text).expect("the file can be written");
        succeeds(Command::new(require("promtool")?).args(["check", "config"]).arg(&file));
        let (process, address) = start_on_a_free_port(|address| command(&program, address));
        Some(Self { program, address, process })
    }

    /// Ends it as an upgrade does, and starts it with what it has kept.
    pub(super) fn restart(&mut self) {
        self.process.signal(Signal::TERM);
        assert!(self.process.wait().success(), "{}", self.process.stderr());
        self.process = Running::start(&mut command(&self.program, self.address));
        assert!(accepting(&mut self.process, self.address), "{}", self.process.stderr());
    }

    /// Labels and value of each series.
    pub(super) fn query(&self, expression: &str) -> Vec<(Value, f64)> {
        let digits = |byte: u8| format!("%{byte:02X}");
        let query: String = expression.bytes().map(digits).collect();
        let answer = ask(self.address, &format!("GET /api/v1/query?query={query}"), &[]);
        let Ok(Answer { status: 200, content, .. }) = answer else { return Vec::new() };
        let answer = dechunked(&content);
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        let series = answer["data"]["result"].as_array().expect("a vector");
        let value = |it: &Value| it["value"][1].as_str().and_then(|text| text.parse().ok());
        series.iter().map(|it| (it["metric"].clone(), value(it).expect("a number"))).collect()
    }

    /// Waits until the expression has a value.
    #[track_caller]
    pub(super) fn awaits(&self, expression: &str) -> Vec<(Value, f64)> {
        eventually(expression, PATIENCE, || {
            Some(self.query(expression)).filter(|found| !found.is_empty())
        })
    }

    /// Names of the alerts that fire now.
    pub(super) fn firing(&self) -> Vec<String> {
        let alerts = self.query("count by (alertname) (ALERTS{alertstate=\"firing\"})");
        let name = |(labels, _): &(Value, f64)| labels["alertname"].as_str().map(str::to_owned);
        alerts.iter().filter_map(name).collect()
    }
}

fn command(program: &PathBuf, address: SocketAddr) -> Command {
    let mut command = Command::new(program);
    command.arg(format!("--config.file={}", home().join("prometheus.yml").display()));
    command.arg(format!("--storage.tsdb.path={}", home().join("series").display()));
    command.arg(format!("--web.listen-address={address}"));
    command
}

/// Content that may have come in chunks, as a large answer of Prometheus does.
fn dechunked(content: &[u8]) -> Vec<u8> {
    if content.starts_with(b"{") {
        return content.to_vec();
    }
    let (mut rest, mut whole) = (content, Vec::new());
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).expect("a size");
        let size = usize::from_str_radix(size, 16).expect("a size");
        whole.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
    }
    whole
}
