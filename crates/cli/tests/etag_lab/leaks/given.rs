//! Credentials from files: used where they are right, refused at the start where they are not, and
//! fields that no user may set.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::support::http::{get, serve_bytes};
use crate::support::redis::Redis;
use crate::support::served::Served;
use crate::support::{assert_code, ended, home, output_of, results, stderr};

/// A file in the folder of the test.
fn file(name: &str, content: &[u8]) -> String {
    let path = home().join(name);
    std::fs::write(&path, content).expect("written");
    path.display().to_string()
}

#[test]
fn a_token_and_fields_from_files_are_sent_and_asked_for() {
    let token = file("token", b" s3same \nnot this\n");
    let fields = file("fields", b"Authorization: Bearer s3same\r\n\r\nX-Own: y\n");
    let replica = Served::start(&["replica", "--token-file", &token]);
    let with = |fields: &[&str]| get(replica.address, fields).map(|answer| answer.status).ok();
    assert_eq!(with(&[]), Some(401));
    assert_eq!(with(&["Authorization: Bearer s3same"]), Some(200));
    let url = replica.url();
    ended(&["poll", &url, "--polls=2", "--header-file", &fields], 0);
    ended(&["check", &url, "--rate=0", "--header-file", &fields], 0);
    ended(&["poll", &url, "--polls=2", "-H", "Authorization: Bearer other"], 3);
}

#[test]
fn a_password_from_a_file_opens_a_store() {
    let Some(redis) = Redis::start_with(Some("p@ss word")) else { return };
    let (right, wrong) = (file("right", b"p@ss word\n"), file("wrong", b"other\n"));
    let store = format!("redis://127.0.0.1:{}/0", redis.port());
    let run = ["run", "shared-store", "--store", &store, "--polls=4", "--store-password-file"];
    ended(&[&run[..], &[&right]].concat(), 0);
    ended(&[&run[..], &[&wrong]].concat(), 3);
}

#[test]
fn a_file_that_holds_no_credential_is_refused_at_the_start() {
    let made = Command::new("mkfifo").arg(home().join("pipe")).status();
    assert!(made.expect("mkfifo runs").success());
    let folder = home().display().to_string();
    let pipe = home().join("pipe").display().to_string();
    let missing = home().join("missing").display().to_string();
    let huge = file("huge", &vec![b'x'; 64 * 1024 + 1]);
    let (empty, octets) = (file("empty", b"\n"), file("octets", b"\xff\xfe\n"));
    let replica =
        ["replica", "--listen=127.0.0.1:0", "--strategy=shared-revision", "--database=sqlite:d"];
    let stored = ["--store=redis://127.0.0.1:9", "--store-password-file"];
    let commands: [&[&str]; 7] = [
        &["replica", "--listen=127.0.0.1:0", "--token-file"],
        &[&replica[..], &stored].concat(),
        &[&["run", "shared-store"][..], &stored].concat(),
        &["coalesce", "--upstream=http://127.0.0.1:9/", "--token-file"],
        &["coalesce", "--upstream=http://127.0.0.1:9/", "--header-file"],
        &["poll", "http://127.0.0.1:9/", "--header-file"],
        &["check", "http://127.0.0.1:9/", "--header-file"],
    ];
    for command in commands {
        for path in [&folder, &pipe, &missing, &huge, &empty, &octets, "/dev/zero"] {
            let output = output_of(&[command, &[path]].concat());
            assert_code(&output, 2);
            let said = stderr(&output);
            assert_eq!(said.matches("error: ").count(), 1, "{said}");
            assert!(said.contains(path) && said.contains("= help: "), "{command:?}: {said}");
        }
    }
}

#[test]
fn a_password_file_is_for_a_redis_store_without_a_password() {
    let password = file("password", b"x\n");
    for store in ["sqlite:tags", "redis://:y@127.0.0.1:9"] {
        let replica = [
            "replica",
            "--listen=127.0.0.1:0",
            "--strategy=shared-revision",
            "--database=sqlite:d",
        ];
        let args = ["--store", store, "--store-password-file", &password];
        ended(&[&replica[..], &args].concat(), 2);
    }
    ended(&["run", "shared-store", "--store-password-file", &password], 2);
}

#[test]
fn fields_that_frame_a_message_or_decide_its_answer_are_refused_everywhere() {
    let address = serve_bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let url = format!("http://{address}/");
    for field in [
        "Connection",
        "Content-Length",
        "Expect",
        "Keep-Alive",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "If-None-Match",
        "Range",
    ] {
        let line = format!("{field}: 5");
        for command in [
            &["poll", &url][..],
            &["check", &url],
            &["coalesce", "--listen=127.0.0.1:0", "--upstream", &url],
        ] {
            let output = ended(&[command, &["-H", &line]].concat(), 2);
            let said = stderr(&output);
            assert!(said.contains(&field.to_ascii_lowercase()), "{said}");
            assert!(said.contains("= help: "), "{said}");
        }
    }
}

#[test]
fn a_host_that_is_given_replaces_the_one_of_the_url() {
    // One that has two fields Host is refused (RFC 9112 §3.2).
    let replica = Served::start(&["replica"]);
    ended(&["poll", &replica.url(), "--polls=2", "-H", "Host: api.example"], 0);
}

#[test]
fn only_the_user_can_read_what_a_run_saves() {
    let command = "exec \"$ETAG_LAB\" replica --listen 127.0.0.1:$PORT";
    let lab = env!("CARGO_BIN_EXE_etag-lab");
    let command = command.replace("$ETAG_LAB", lab);
    results();
    ended(&["run", "--polls=2", "--replica-command", &command, "-o", "result.txt"], 0);
    let mode = |path: &std::path::Path| {
        std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    };
    let entries = std::fs::read_dir(home().join("results/runs")).expect("runs are saved");
    let paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    assert!(paths.len() > 1, "a record and logs: {paths:?}");
    assert_eq!(paths.iter().map(|path| mode(path)).max(), Some(0o600), "{paths:?}");
    // A result in a file of its own is made to be passed on.
    assert_ne!(mode(&home().join("result.txt")) & 0o040, 0);
}
