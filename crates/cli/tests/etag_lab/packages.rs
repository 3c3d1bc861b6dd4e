//! What `scripts/package` makes of this program: unpacked and installed where nothing else is.
//! `scripts/package --check` goes further, into a whole Debian, and builds the sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::process::Running;
use crate::support::{assert_code, at_home, eventually, home, require, stdout, workspace};

/// Packages the built program, and returns the folder of the archives; `None` where a tool is missing.
fn packaged() -> Option<PathBuf> {
    for tool in ["bash", "tar", "gzip", "dpkg-deb"] {
        require(tool)?;
    }
    let archives = home().join("archives");
    let mut package = Command::new(workspace().join("scripts/package"));
    package.args([
        "--fast",
        "--no-sources",
        "--program",
        env!("CARGO_BIN_EXE_etag-lab"),
        "--output",
    ]);
    // The time of a commit, of which an archive without a repository knows nothing.
    package.arg(&archives).env("SOURCE_DATE_EPOCH", "1767225600");
    assert_code(&package.output().expect("bash starts"), 0);
    Some(archives)
}

/// The one archive whose name ends so.
fn archive(archives: &Path, end: &str) -> PathBuf {
    let entries = archives.read_dir().expect("a folder of archives");
    let mut all = entries.map(|entry| entry.expect("an entry").path());
    let found = all.find(|path| path.to_string_lossy().ends_with(end));
    found.unwrap_or_else(|| panic!("no {end} in {}", archives.display()))
}

fn done(program: &str, args: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    let output = Command::new(program).args(args.iter().map(AsRef::as_ref)).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert_code(&output, 0);
    output
}

/// Every file that is to be there below `/usr`, but for those of scenarios and exercises.
const EACH: [&str; 8] = [
    "bin/etag-lab",
    "share/bash-completion/completions/etag-lab",
    "share/doc/etag-lab/CHANGELOG.md.gz",
    "share/doc/etag-lab/README.md",
    "share/doc/etag-lab/copyright",
    "share/fish/vendor_completions.d/etag-lab.fish",
    "share/man/man1/etag-lab.1.gz",
    "share/zsh/vendor-completions/_etag-lab",
];

/// Paths of all files below a folder.
fn files(folder: &Path) -> BTreeSet<String> {
    let listed = done("find", &[&folder, &"-type", &"f", &"-printf", &"%P\n"]);
    stdout(&listed).lines().map(str::to_owned).collect()
}

fn has_everything(prefix: &Path) {
    let there = files(prefix);
    for file in EACH {
        assert!(there.contains(file), "{file} is not in {there:?}");
    }
    let of = |folder: PathBuf| files(&folder);
    assert_eq!(of(prefix.join("share/etag-lab/scenarios")), of(workspace().join("scenarios")));
    let exercises = workspace().join("crates/workshop/exercises");
    assert_eq!(of(prefix.join("share/etag-lab/exercises")), of(exercises));
    let manual = done("gzip", &[&"-dc", &prefix.join("share/man/man1/etag-lab.1.gz")]);
    assert!(stdout(&manual).contains(".SS \"live"), "it is the manual page");
    let completions = prefix.join("share/bash-completion/completions/etag-lab");
    let completions = std::fs::read_to_string(completions).expect("completions");
    assert!(completions.contains("gzip-suffix"), "they know the scenarios");
}

/// The installed program runs a fleet of itself, and its files are what it reads.
fn works(prefix: &Path) {
    let installed = |args: &[&str]| {
        let output = at_home(prefix.join("bin/etag-lab")).args(args).output().expect("it starts");
        assert_code(&output, 0);
        stdout(&output).to_owned()
    };
    let shared = prefix.join("share/etag-lab").display().to_string();
    let ran = installed(&["run", "--no-save", &format!("{shared}/scenarios/all-200s.toml")]);
    assert!(ran.contains("5 of 5 expectations held"), "{ran}");
    let exercises = format!("{shared}/exercises/two-nodes");
    let checked = installed(&["learn", "check", &exercises]);
    assert!(checked.starts_with("ok       two-nodes"), "{checked}");
    let mut live = at_home(prefix.join("bin/etag-lab"));
    let mut live = Running::start(live.args(["live", "--listen", "127.0.0.1:0"]));
    eventually("a page", crate::support::process::PATIENCE, || {
        live.stdout().contains("end it").then_some(())
    });
    live.signal(rustix::process::Signal::INT);
    assert!(live.wait().success());
}

#[test]
fn an_archive_has_all_that_a_room_needs_and_works_wherever_it_is_unpacked() {
    let Some(archives) = packaged() else { return };
    let unpacked = home().join("unpacked");
    std::fs::create_dir(&unpacked).expect("a folder can be made");
    let packed = archive(&archives, ".tar.gz");
    done("tar", &[&"-xzf", &packed, &"--strip-components=1", &"-C", &unpacked]);
    has_everything(&unpacked);
    works(&unpacked);
    let listed = done("tar", &[&"-tvzf", &packed, &"--numeric-owner", &"--utc"]);
    for line in stdout(&listed).lines() {
        assert!(line.contains(" 0/0 ") && line.contains(" 2026-01-01 00:00 "), "{line}");
    }
    let read = |end: &str| std::fs::read(archive(&archives, end)).expect("an archive");
    let first = [".tar.gz", ".deb"].map(read);
    packaged().expect("it was packaged a moment ago");
    let again = [".tar.gz", ".deb"].map(read);
    assert!(first == again, "the same program and time give the same bytes");
}

#[test]
fn a_package_installs_into_an_empty_root_and_leaves_nothing_when_it_is_removed() {
    let Some(archives) = packaged() else { return };
    let Some(_) = require("dpkg") else { return };
    let package = archive(&archives, ".deb");
    let root = home().join("root");
    for folder in ["var/lib/dpkg/updates", "var/lib/dpkg/info", "var/log"] {
        std::fs::create_dir_all(root.join(folder)).expect("a folder can be made");
    }
    for file in ["var/lib/dpkg/status", "var/lib/dpkg/available"] {
        std::fs::write(root.join(file), "").expect("a file can be written");
    }
    let dpkg = |args: &[&dyn AsRef<std::ffi::OsStr>]| {
        let at = format!("--root={}", root.display());
        // An empty root has no C library, and is not to need root's rights.
        let first: [&dyn AsRef<std::ffi::OsStr>; 4] =
            [&at, &"--force-depends", &"--force-not-root", &"--force-script-chrootless"];
        done("dpkg", &[&first[..], args].concat())
    };
    dpkg(&[&"--install", &package]);
    let said = dpkg(&[&"--status", &"etag-lab"]);
    let said = stdout(&said);
    assert!(said.contains("Status: install ok installed"), "{said}");
    assert!(said.contains("Depends: libc6 (>= 2."), "{said}");
    has_everything(&root.join("usr"));
    works(&root.join("usr"));
    dpkg(&[&"--purge", &"etag-lab"]);
    assert!(!root.join("usr").exists(), "nothing is left");
}

#[test]
fn an_option_that_it_does_not_know_is_refused_with_a_way_out() {
    let Some(_) = require("bash") else { return };
    let mut package = Command::new(workspace().join("scripts/package"));
    let output = package.arg("--chekc").output().expect("bash starts");
    assert_code(&output, 2);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(said, "there is no option --chekc; see scripts/package --help\n");
}
