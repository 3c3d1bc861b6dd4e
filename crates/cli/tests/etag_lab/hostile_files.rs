//! Files that somebody has put something else in the place of: pipes without a writer, devices,
//! folders, terabytes of nothing. No server hangs, dies or turns deaf, whether it is so from the start
//! or comes about while it runs.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use crate::support::http::{Answer, ask, get};
use crate::support::process::{PATIENCE, Running};
use crate::support::served::Served;
use crate::support::{Tested, ended, eventually, home, stderr};

const ROUTES: &str = r#"{"version":"1","routes":[{"id":"a","zone":"z","spec":{}}]}"#;
const LIST: &str = "GET /apis/networking.k8s.io/v1/ingresses";

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// Paths of things that are no file to be read, and the words for each.
fn hostile() -> Vec<(PathBuf, &'static str)> {
    let at = |name: &str| home().join(name);
    make_pipe(&at("pipe"));
    symlink("pipe", at("link")).expect("a link");
    symlink("loop", at("loop")).expect("a link");
    std::fs::create_dir(at("folder")).expect("a folder");
    make_sparse(&at("sparse"));
    vec![
        (at("pipe"), "it is a pipe, not a regular file"),
        (at("link"), "it is a pipe, not a regular file"),
        (at("folder"), "it is a folder, not a regular file"),
        ("/dev/zero".into(), "it is a device, not a regular file"),
        (at("sparse"), "it is larger than "),
        (at("loop"), "levels of symbolic links"),
        (at("gone"), "No such file"),
    ]
}

fn make_pipe(path: &Path) {
    let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::from_raw_mode(0o600));
    rustix::fs::mknodat(rustix::fs::CWD, path, kind, mode, 0).expect("a pipe");
}

fn make_sparse(path: &Path) {
    File::create(path).and_then(|file| file.set_len(15 << 40)).expect("a file without contents");
}

/// `PUT /api/config` on a connection of its own.
fn put(address: SocketAddr, content: &str) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = content.len();
    write!(
        stream,
        "PUT /api/config HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{content}"
    )?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Ok(Answer::read(&bytes).expect("it answers"))
}

fn check_ends(process: &mut Running) {
    process.signal(Signal::TERM);
    assert_eq!(process.wait().code(), Some(0), "{}", process.stderr());
}

#[test]
fn what_is_no_file_is_refused_at_the_start_and_named() {
    for (path, problem) in hostile() {
        let (file, store) = (text(&path), format!("file:{}", path.display()));
        let listen = "--listen=127.0.0.1:0";
        let https = "--upstream=https://127.0.0.1:1/";
        for (args, code) in [
            (&["replica", listen, "--file", file][..], 3),
            (&["source", listen, "--store", &store], 3),
            (&["coalesce", listen, "--upstream=http://127.0.0.1:1/", "--token-file", file], 2),
            (&["coalesce", listen, https, "--cacert", file], 2),
            (&["coalesce", listen, "--upstream=http://127.0.0.1:1/", "--cacert", file], 2),
            (&["check", "http://127.0.0.1:1/", "--cacert", file], 2),
            (&["run", "--no-save", "--file", file], 2),
        ] {
            let said = stderr(&ended(args, code)).to_owned();
            assert!(said.contains(problem), "{args:?} {said}");
            assert_eq!(said.matches("error: ").count(), 1, "{said}");
        }
    }
}

#[test]
fn a_run_without_an_end_is_read_no_further_than_the_limit() {
    for args in [&["report", "/dev/zero"][..], &["compare", "/dev/zero", "/dev/zero"]] {
        let said = stderr(&ended(args, 3)).to_owned();
        assert!(said.contains("it is longer than 64 MiB"), "{args:?} {said}");
    }
}

#[test]
fn a_replica_keeps_its_content_when_its_file_is_none_any_more() -> Tested {
    let file = home().join("f.json");
    std::fs::write(&file, "one")?;
    for spoil in [make_pipe, make_sparse, |path: &Path| std::fs::create_dir(path).expect("room")] {
        let mut replica = Served::start(&["replica", "--writable", "--file", text(&file)]);
        std::fs::remove_file(&file)?;
        spoil(&file);
        let noticed =
            || replica.process.stderr().contains("content cannot be checked").then_some(());
        eventually("a line in the log", PATIENCE, noticed);
        let answer = get(replica.address, &[])?;
        assert_eq!((answer.status, answer.content.as_slice()), (200, &b"one"[..]));
        let is_sparse = file.is_file();
        // A file that is too large can be replaced by one that is not; what is no file stays.
        assert_eq!(put(replica.address, "two")?.status, if is_sparse { 204 } else { 500 });
        let lines = replica.process.stderr().matches("content cannot be checked").count();
        assert_eq!(lines, 1, "{}", replica.process.stderr());
        check_ends(&mut replica.process);
        if file.is_dir() {
            std::fs::remove_dir(&file)?;
        } else {
            std::fs::remove_file(&file)?;
        }
        std::fs::write(&file, "one")?;
    }
    Ok(())
}

#[test]
fn a_source_goes_on_when_its_file_is_none_any_more_and_finds_it_again() -> Tested {
    let file = home().join("routes.json");
    std::fs::write(&file, ROUTES)?;
    let mut source = Served::start(&["source", "--store", &format!("file:{}", file.display())]);
    for spoil in [make_pipe, make_sparse] {
        assert_eq!(ask(source.address, LIST, &[])?.status, 200);
        std::fs::remove_file(&file)?;
        spoil(&file);
        for _ in 0..3 {
            assert_eq!(ask(source.address, LIST, &[])?.status, 500);
        }
        assert_eq!(ask(source.address, "GET /metrics", &[])?.status, 200);
        std::fs::remove_file(&file)?;
        std::fs::write(&file, ROUTES)?;
    }
    assert_eq!(source.process.stderr().matches("no list").count(), 1 + 1, "once each");
    std::fs::remove_file(&file)?;
    make_pipe(&file);
    assert_eq!(ask(source.address, LIST, &[])?.status, 500);
    check_ends(&mut source.process);
    Ok(())
}

#[test]
fn a_proxy_goes_on_when_its_token_is_no_file_any_more() -> Tested {
    let (routes, token) = (home().join("routes.json"), home().join("token"));
    std::fs::write(&routes, r#"{"routes":[{"id":"a"}]}"#)?;
    std::fs::write(&token, "secret")?;
    let source = Served::start(&["replica", "--path=/table", "--file", text(&routes)]);
    let upstream = format!("http://{}/table", source.address);
    let args = ["coalesce", "--interval=20ms", "--upstream", &upstream, "--token-file"];
    let mut proxy = Served::start(&[&args[..], &[text(&token)]].concat());
    let status = |status| {
        eventually("a table", PATIENCE, || {
            let answer = ask(proxy.address, "GET /routes", &[]).expect("it answers");
            (answer.status == status).then_some(())
        });
    };
    status(200);
    std::fs::remove_file(&token)?;
    make_pipe(&token);
    let failing =
        || proxy.process.stderr().contains("it is a pipe, not a regular file").then_some(());
    eventually("a line in the log", PATIENCE, failing);
    status(200);
    assert_eq!(ask(proxy.address, "GET /metrics", &[])?.status, 200);
    check_ends(&mut proxy.process);
    Ok(())
}

#[test]
fn a_put_through_a_link_replaces_what_it_leads_to() -> Tested {
    let at = |name: &str| home().join(name);
    std::fs::create_dir(at("data"))?;
    std::fs::write(at("data/f.json"), "one")?;
    symlink("data/f.json", at("f.json"))?;
    let replica = Served::start(&["replica", "--writable", "--file", text(&at("f.json"))]);
    assert_eq!(put(replica.address, "two")?.status, 204);
    assert_eq!(std::fs::read(at("data/f.json"))?, b"two");
    assert!(std::fs::symlink_metadata(at("f.json"))?.is_symlink());
    Ok(())
}

#[test]
fn a_replica_that_is_killed_while_it_writes_leaves_nothing_behind_once_it_starts_again() -> Tested {
    let folder = home().join("served");
    let file = folder.join("f.json");
    std::fs::create_dir(&folder)?;
    std::fs::write(&file, "one")?;
    // What one that was killed in the midst of a write has left.
    std::fs::write(folder.join(".etag-lab-0123456789abcdef.new"), "half")?;
    let content = "x".repeat(8 << 20);
    for _ in 0..5 {
        let replica = Served::start(&["replica", "--writable", "--file", text(&file)]);
        let address = replica.address;
        let writing = std::thread::spawn({
            let content = content.clone();
            move || while put_is_answered(address, &content) {}
        });
        let begun = || {
            let fresh = folder.read_dir().ok()?.flatten().count() > 1;
            fresh.then_some(())
        };
        eventually("a write under way", PATIENCE, begun);
        replica.process.signal(Signal::KILL);
        writing.join().expect("the writer ends with its server");
    }
    let replica = Served::start(&["replica", "--writable", "--file", text(&file)]);
    let names: Vec<_> = folder.read_dir()?.flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names, ["f.json"]);
    // Each was killed before its first content was in place, or after it.
    let served = get(replica.address, &[])?.content;
    assert!(served == b"one" || served == content.as_bytes(), "{} bytes", served.len());
    Ok(())
}

fn put_is_answered(address: SocketAddr, content: &str) -> bool {
    let sent = || -> std::io::Result<usize> {
        let mut stream = TcpStream::connect(address)?;
        let length = content.len();
        let head = format!("PUT /api/config HTTP/1.1\r\nHost: {address}\r\n");
        write!(stream, "{head}Connection: close\r\nContent-Length: {length}\r\n\r\n{content}")?;
        stream.read_to_end(&mut Vec::new())
    };
    sent().is_ok_and(|bytes| bytes > 0)
}
