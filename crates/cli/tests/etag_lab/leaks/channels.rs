//! The table of channels. A line is one way in which a credential may be given, the exit code that
//! it leads to, and `{…}` for what differs from run to run.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use rustix::process::Signal;

use super::{CANARY, etag_lab_with, printed, records, rendered, written};
use crate::support::http::serve_bytes;
use crate::support::process::{PATIENCE, Running};
use crate::support::served::Served;
use crate::support::{eventually, home, results};

/// Commands that end by themselves. The first words may set variables.
#[rustfmt::skip]
const COMMANDS: &[(i32, &[&str])] = &[
    // Request fields.
    (0, &["poll", "{url}", "-H", "Authorization: Bearer {canary}"]),
    (0, &["poll", "{url}", "-HCookie: s={canary}", "--header=X-Own: {canary}"]),
    (0, &["poll", "{url}", "--header-file", "{fields}", "--format", "html"]),
    (0, &["poll", "{url}", "--header-file", "{fields}", "--format", "json"]),
    (2, &["poll", "{url}", "-H", "{canary}"]),
    (2, &["poll", "{url}", "-H", "Bearer {canary}"]),
    (2, &["poll", "{url}", "-H", "X Y: {canary}"]),
    (2, &["poll", "{url}", "-H", "Content-Length: {canary}"]),
    (2, &["poll", "{url}", "--header-file", "{secret}"]),
    (2, &["check", "{url}", "-H", "{canary}"]),
    (2, &["coalesce", "--upstream", "{url}", "-H", "{canary}"]),
    (2, &["coalesce", "--upstream", "{url}", "-H", "TE: {canary}"]),
    (0, &["check", "{url}", "--rate", "0", "-H", "X-Own: {canary}"]),
    (0, &["check", "{url}", "--rate", "0", "-H", "X-Own: {canary}", "--format", "json"]),
    (0, &["check", "{url}", "--rate", "0", "--header-file", "{fields}", "--format", "junit"]),
    // URLs.
    (0, &["poll", "{url}?token={canary}&page=2", "--format", "markdown"]),
    (0, &["poll", "{url}?page=2#access_token={canary}"]),
    (0, &["poll", "{url}", "--path", "/api/config?api_key={canary}"]),
    (3, &["poll", "http://127.0.0.1:9/?token={canary}"]),
    (2, &["poll", "http://u:{canary}@127.0.0.1:9/"]),
    (2, &["poll", "http://u:x {canary}@127.0.0.1:9/"]),
    (3, &["poll", "https://127.0.0.1:9/?token={canary}"]),
    (2, &["poll", "ftp://u:{canary}@127.0.0.1:9/"]),
    (2, &["poll", "u:{canary}@127.0.0.1"]),
    (2, &["poll", "{url}", "--path", "no path?token={canary}"]),
    (2, &["poll", "{url}", "http://u:{canary}@h/"]),
    (0, &["check", "{url}?token={canary}", "--rate", "0"]),
    (0, &["check", "{url}?token={canary}", "--rate", "0", "--format", "markdown"]),
    (0, &["check", "{url}?token={canary}", "--rate", "0", "--format", "json"]),
    (0, &["check", "{url}?token={canary}", "--rate", "0", "--format", "junit"]),
    (3, &["check", "http://127.0.0.1:9/?token={canary}", "--rate", "0"]),
    (3, &["check", "http://127.0.0.1:9/?token={canary}", "--rate", "0", "--format", "json"]),
    (2, &["check", "http://u:{canary}@127.0.0.1:9/"]),
    (2, &["check", "{url}", "--backend", "u:{canary}@127.0.0.1:9"]),
    (2, &["check", "{url}", "--resolve", "u:{canary}@127.0.0.1:9"]),
    (2, &["check", "https://127.0.0.1:9/?token={canary}", "--cacert", "{secret}"]),
    (4, &["check", "http://{redirecting}/", "--rate", "0"]),
    (4, &["check", "http://{redirecting}/", "--rate", "0", "--format", "json"]),
    (4, &["check", "http://{redirecting}/", "--rate", "0", "--follow"]),
    (4, &["check", "http://{lost}/", "--rate", "0", "--follow"]),
    (1, &["check", "--har", "{har}"]),
    (2, &["check", "--har", "{har}", "http://h/?token={canary}&x"]),
    (1, &["check", "--wire", "{wire}", "--format", "markdown"]),
    // Programs.
    (0, &["run", "--replica-command", "API_KEY={canary} exec {lab} # --token {canary} -H 'X: {canary}' http://u:{canary}@h/"]),
    (0, &["run", "--set", "fleet.command=API_KEY={canary} exec {lab}", "--format", "html"]),
    (0, &["run", "{scenario}", "--format", "csv"]),
    (3, &["run", "--replica-command", "API_KEY={canary} no-such-program"]),
    (3, &["run", "--replica-command", "no-such-program token={canary}"]),
    (3, &["run", "--replica-command", "echo password: {canary}; false"]),
    (2, &["run", "--replica-command", "API_KEY={canary} x", "--clients", "0"]),
    (2, &["run", "{scenario}", "--clients", "0"]),
    (2, &["run", "{broken}"]),
    (2, &["run", "--set", "fleet.commnd=API_KEY={canary}"]),
    (2, &["run", "--tokn={canary}"]),
    (2, &["run", "--clients=http://u:{canary}@h/"]),
    (2, &["http://u:{canary}@h/"]),
    (0, &["wire", "--path", "/api/config?token={canary}"]),
    (0, &["wire", "--path", "/api/config?token={canary}", "--har"]),
    (0, &["run", "--path", "/api/config?token={canary}", "--format", "markdown"]),
    // Stores.
    (3, &["run", "shared-store", "--store", "redis://:{canary}@127.0.0.1:9/"]),
    (3, &["run", "shared-store", "--store", "redis://127.0.0.1:9/", "--store-password-file", "{secret}"]),
    (2, &["run", "shared-store", "--store", "redis://:{canary}@no host/"]),
    (2, &["run", "shared-store", "--store", "redis:u:{canary}@h"]),
    (2, &["run", "shared-store", "--source", "etcd://u:{canary}@h"]),
    (2, &["replica", "--listen=127.0.0.1:0", "--strategy=shared-revision", "--database=sqlite:d", "--store", "redis://:{canary}@[/"]),
    (2, &["replica", "--listen=127.0.0.1:0", "--strategy=shared-revision", "--database=sqlite:d", "--store", "rdis://:{canary}@h/"]),
    (2, &["replica", "--listen=127.0.0.1:0", "--strategy=version", "--store", "redis://:{canary}@h/"]),
    (2, &["replica", "--listen=127.0.0.1:0", "--token", "ä{canary}"]),
    (2, &["replica", "--listen=127.0.0.1:0", "--tokn", "{canary}"]),
    (2, &["replica", "--listen=127.0.0.1:0", "--cache-control", "token={canary}\u{1}"]),
    (2, &["balancer", "--replica", "http://u:{canary}@127.0.0.1:9"]),
    (2, &["source", "--store", "etcd://u:{canary}@127.0.0.1:9/x"]),
    (2, &["source", "--store", "file://u:{canary}@h"]),
    (2, &["coalesce", "--upstream", "http://u:{canary}@127.0.0.1:9/"]),
    (2, &["coalesce", "--upstream", "k8s+https://u:{canary}@127.0.0.1:9/"]),
    (2, &["coalesce", "--upstream", "etcd://127.0.0.1:9/x?token={canary}"]),
    (2, &["coalesce", "--upstream", "redis://:{canary}@127.0.0.1:9/"]),
    // Proxies.
    (3, &["http_proxy=http://u:{canary}@127.0.0.1:9", "check", "http://h.example/", "--rate", "0"]),
    (3, &["https_proxy=u:{canary}@127.0.0.1:9", "check", "https://h.example/", "--rate", "0"]),
    (2, &["HTTP_PROXY=socks5://u:{canary}@127.0.0.1:9", "check", "http://h.example/"]),
    (2, &["all_proxy=http://u:{canary}@a b", "check", "http://h.example/"]),
];

/// Servers, and what they say when the credential has been of use.
#[rustfmt::skip]
const SERVERS: &[(&str, &[&str])] = &[
    ("stop it", &["replica", "--token", "{canary}"]),
    ("stop it", &["replica", "--token-file", "{secret}"]),
    ("answer", &["replica", "--strategy=shared-revision", "--database=sqlite:d", "--store=redis://:{canary}@127.0.0.1:9"]),
    ("answer", &["replica", "--strategy=shared-revision", "--database=sqlite:e", "--store=redis://127.0.0.1:9", "--store-password-file={secret}"]),
    ("no table", &["coalesce", "--upstream=http://127.0.0.1:9/?token={canary}", "--token-file={secret}"]),
    ("no table", &["coalesce", "--upstream=http://{redirecting}/?token={canary}", "-HX-Own: {canary}"]),
    ("no table", &["coalesce", "--upstream=k8s+http://{redirecting}/?token={canary}", "--header-file={fields}"]),
];

const SCENARIO: &str =
    "[fleet]\ncommand = \"API_KEY={canary} exec {lab}\"\n[[arm]]\nname = \"own\"\n";
const BROKEN: &str = "[fleet]\ncommand = [\"API_KEY={canary} x\"]\n";
const HAR: &str = r#"{"log":{"entries":[{"request":{"method":"GET","url":
    "http://h/?token={canary}","headers":[]},"response":{"status":200,"headers":[
    {"name":"set-cookie","value":"session={canary}"}],"content":{}}}]}}"#;
const WIRE: &str = "> GET /?token={canary} HTTP/1.1\r\n> Host: h\r\n> Authorization: {canary}\r\n>\r\n\
                    < HTTP/1.1 200 OK\r\n< Set-Cookie: s={canary}\r\n<\r\n";

const REDIRECT: &[u8] =
    b"HTTP/1.1 302 x\r\nLocation: /?token=kanarienvogel\r\nContent-Length: 0\r\n\r\n";
const LOST: &[u8] =
    b"HTTP/1.1 302 x\r\nLocation: http://u:kanarienvogel@h/\r\nContent-Length: 0\r\n\r\n";

/// Values of the placeholders.
struct Places {
    inputs: tempfile::TempDir,
    replica: Served,
    redirecting: SocketAddr,
    lost: SocketAddr,
}

impl Places {
    fn new() -> Self {
        let inputs = tempfile::tempdir().expect("a folder");
        let places = Self {
            inputs,
            replica: Served::start(&["replica"]),
            redirecting: serve_bytes(REDIRECT),
            lost: serve_bytes(LOST),
        };
        for (name, text) in [
            ("secret", "{canary}\n"),
            ("fields", "Authorization: Bearer {canary}\n\nX-Own: {canary}\n"),
            ("scenario", SCENARIO),
            ("broken", BROKEN),
            ("har", HAR),
            ("wire", WIRE),
        ] {
            let mut file = std::fs::File::create(places.input(name)).expect("created");
            file.write_all(places.filled(text).as_bytes()).expect("written");
        }
        places
    }

    fn input(&self, name: &str) -> PathBuf {
        self.inputs.path().join(name)
    }

    fn filled(&self, text: &str) -> String {
        const LAB: &str =
            concat!(env!("CARGO_BIN_EXE_etag-lab"), " replica --listen 127.0.0.1:$PORT");
        let mut filled = text.replace("{canary}", CANARY).replace("{lab}", LAB);
        filled = filled.replace("{url}", &self.replica.url());
        filled = filled.replace("{redirecting}", &self.redirecting.to_string());
        filled = filled.replace("{lost}", &self.lost.to_string());
        for name in ["secret", "fields", "scenario", "broken", "har", "wire"] {
            let path = self.input(name).display().to_string();
            filled = filled.replace(&format!("{{{name}}}"), &path);
        }
        filled
    }

    /// Fault of a line of the table, which leaves nothing behind for the next.
    fn complaint(&self, code: i32, words: &[&str]) -> Option<String> {
        results();
        let output = etag_lab_with(words.iter().map(|word| self.filled(word))).output();
        let output = output.expect("etag-lab starts");
        let mut all = printed(&output);
        let saved = records();
        all.extend(saved.iter().map(|record| rendered(record)));
        all.push_str(&written(&home()));
        if home().join("results").exists() {
            std::fs::remove_dir_all(home().join("results")).expect("removed");
        }
        if output.status.code() != Some(code) {
            return Some(format!(
                "{words:?}: not {code} but {}\n{}",
                output.status,
                printed(&output)
            ));
        }
        all.lines().find(|line| line.contains(CANARY)).map(|leak| format!("{words:?}: {leak}"))
    }
}

#[test]
fn no_command_writes_a_credential() {
    let places = Places::new();
    let complaints: Vec<_> =
        COMMANDS.iter().filter_map(|(code, words)| places.complaint(*code, words)).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn no_server_writes_a_credential() {
    let places = Places::new();
    for (awaited, words) in SERVERS {
        let words: Vec<_> = words.iter().map(|word| places.filled(word)).collect();
        let listen = "--listen=127.0.0.1:0".to_owned();
        let mut server = Running::start(&mut etag_lab_with(words.iter().cloned().chain([listen])));
        eventually("the server to get that far", PATIENCE, || {
            assert_eq!(server.ended(), None, "{words:?}: {}", server.stderr());
            server.stderr().contains(awaited).then_some(())
        });
        server.signal(Signal::TERM);
        server.wait();
        let all = format!("{}{}{}", server.stdout(), server.stderr(), written(&home()));
        assert_eq!(all.lines().find(|line| line.contains(CANARY)), None, "{words:?}");
    }
}
