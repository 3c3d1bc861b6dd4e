//! A replica and curl: a client that nobody here wrote revalidates, resumes, decodes and uploads.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::served::Served;
use crate::support::{home, require, stderr, stdout};

/// A replica that serves a file of this test.
struct Site {
    curl: PathBuf,
    replica: Served,
    file: PathBuf,
}

impl Site {
    /// `None` where there is no curl.
    fn start(content: &[u8], args: &[&str]) -> Option<Self> {
        let curl = require("curl")?;
        let file = home().join("served.json");
        std::fs::write(&file, content).expect("the file can be written");
        let served = file.display().to_string();
        let args: Vec<_> = ["replica", "--file", &served].iter().chain(args).copied().collect();
        Some(Self { curl, replica: Served::start(&args), file })
    }

    /// Runs curl, which must not fail, and returns the status of its last response.
    fn curl(&self, args: &[&str]) -> String {
        let output = Command::new(&self.curl)
            .args(["--silent", "--show-error", "--max-time", "60", "--write-out", "%{http_code}"])
            .args(args)
            .arg(self.replica.url())
            .current_dir(home())
            .output()
            .expect("curl runs");
        let problem = stderr(&output);
        assert!(output.status.success(), "curl {args:?}: {}\n{problem}", output.status);
        let printed = stdout(&output);
        printed.get(printed.len().saturating_sub(3)..).unwrap_or_default().to_owned()
    }
}

fn read(name: &str) -> Vec<u8> {
    let path: &Path = &home().join(name);
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Letters that no coding makes longer and no two parts of which are alike.
fn letters() -> Vec<u8> {
    (0..20_000).flat_map(|n: u32| format!("{n:07} ").into_bytes()).collect()
}

#[test]
fn etag_save_and_etag_compare_fetch_a_content_once_until_it_changes() {
    for strategy in ["content-hash", "weak-content-hash", "inode-size-mtime", "mtime-size"] {
        let args = ["--writable", "--strategy", strategy];
        let Some(site) = Site::start(b"{\"one\":1}", &args) else { return };
        let fetch = || {
            let tags = ["--etag-compare", "tag.txt", "--etag-save", "tag.txt"];
            site.curl(&[&tags[..], &["--output", "copy.json"]].concat())
        };
        std::fs::write(home().join("tag.txt"), "").expect("no tag is known yet");
        assert_eq!([fetch(), fetch(), fetch()], ["200", "304", "304"], "{strategy}");
        assert_eq!(read("copy.json"), b"{\"one\":1}", "{strategy}");
        assert_eq!(site.curl(&["--request", "PUT", "--data-binary", "longer than it was"]), "204");
        assert_eq!([fetch(), fetch()], ["200", "304"], "{strategy}");
        assert_eq!(read("copy.json"), b"longer than it was", "{strategy}");
    }
}

#[test]
fn a_date_that_curl_keeps_with_the_file_revalidates_it() {
    let Some(site) = Site::start(b"{}", &["--strategy", "none"]) else { return };
    assert_eq!(site.curl(&["--remote-time", "--output", "copy.json"]), "200");
    assert_eq!(site.curl(&["--time-cond", "copy.json", "--output", "copy.json"]), "304");
    let unmodified = "-Thu, 01 Jan 1970 00:00:01 GMT";
    assert_eq!(site.curl(&["--time-cond", unmodified, "--output", "other.json"]), "412");
}

#[test]
fn a_download_that_was_cut_is_resumed_and_a_complete_one_is_left_alone() {
    let Some(site) = Site::start(&letters(), &[]) else { return };
    std::fs::write(home().join("copy.json"), &letters()[..12_345]).expect("a part of it");
    let resume = ["--continue-at", "-", "--output", "copy.json"];
    assert_eq!(site.curl(&resume), "206");
    assert_eq!(read("copy.json"), letters());
    assert_eq!(site.curl(&resume), "416");
    assert_eq!(read("copy.json"), letters());
}

#[test]
fn if_range_resumes_what_is_current_and_starts_anew_when_it_is_not() {
    for (strategy, same) in [("content-hash", "206"), ("weak-content-hash", "200")] {
        let args = ["--writable", "--strategy", strategy];
        let Some(site) = Site::start(&letters(), &args) else { return };
        site.curl(&["--etag-save", "tag.txt", "--output", "copy.json"]);
        let tag = String::from_utf8(read("tag.txt")).expect("tags of the lab are ASCII");
        let if_range = format!("If-Range: {}", tag.trim());
        let ask = || site.curl(&["--range", "5-", "--header", &if_range, "--output", "rest"]);
        assert_eq!(ask(), same, "{strategy}");
        site.curl(&["--request", "PUT", "--data-binary", "changed"]);
        assert_eq!(ask(), "200", "{strategy}");
        assert_eq!(read("rest"), b"changed");
    }
}

#[test]
fn parts_arrive_one_by_one_and_together() {
    let Some(site) = Site::start(&letters(), &[]) else { return };
    assert_eq!(site.curl(&["--range", "-7", "--output", "part"]), "206");
    assert_eq!(read("part"), &letters()[letters().len() - 7..]);
    assert_eq!(site.curl(&["--range", "8-14,160-166", "--output", "parts"]), "206");
    let parts = String::from_utf8(read("parts")).expect("letters and fields");
    assert!(parts.contains("content-range: bytes 8-14/160000\r\n\r\n0000001\r\n--"), "{parts}");
    assert!(parts.contains("content-range: bytes 160-166/160000\r\n\r\n0000020\r\n--"), "{parts}");
}

#[test]
fn each_coding_that_curl_knows_is_decoded_and_revalidated_with_a_tag_of_its_own() {
    let Some(curl) = require("curl") else { return };
    let features = Command::new(curl).arg("--version").output().expect("curl runs");
    let features = stdout(&features).to_lowercase();
    for (coding, library) in [("gzip", "zlib"), ("br", "brotli"), ("zstd", "zstd")] {
        if !features.contains(library) {
            continue;
        }
        let Some(site) = Site::start(&letters(), &["--codings", coding]) else { return };
        let tags = ["--compressed", "--etag-save", "tag.txt", "--dump-header", "head.txt"];
        assert_eq!(site.curl(&[&tags[..], &["--output", "copy.json"]].concat()), "200");
        assert_eq!(read("copy.json"), letters(), "{coding}");
        let head = String::from_utf8(read("head.txt")).expect("fields are ASCII").to_lowercase();
        assert!(head.contains(&format!("content-encoding: {coding}\r\n")), "{head}");
        assert!(head.contains("vary: accept-encoding\r\n"), "{head}");
        let compare = ["--etag-compare", "tag.txt", "--output", "again.json"];
        assert_eq!(site.curl(&[&["--compressed"], &compare[..]].concat()), "304", "{coding}");
        assert_eq!(site.curl(&compare), "200", "{coding}: identity has another tag");
        assert_eq!(read("again.json"), letters());
    }
}

#[test]
fn uploads_replace_the_file_unless_it_changed_in_between() {
    let Some(site) = Site::start(b"{}", &["--writable", "--require-if-match"]) else { return };
    // So large that curl asks with `Expect: 100-continue` whether to send it.
    let large: Vec<u8> = letters().repeat(14);
    std::fs::write(home().join("large"), &large).expect("the upload can be written");
    assert_eq!(site.curl(&["--upload-file", "large"]), "428");
    site.curl(&["--etag-save", "tag.txt", "--output", "copy.json"]);
    let tag = String::from_utf8(read("tag.txt")).expect("tags of the lab are ASCII");
    let if_match = format!("If-Match: {}", tag.trim());
    assert_eq!(site.curl(&["--upload-file", "large", "--header", &if_match]), "204");
    let stored = std::fs::read(&site.file).expect("the file is there");
    assert!(stored == large, "{} bytes are stored", stored.len());
    assert_eq!(site.curl(&["--upload-file", "large", "--header", &if_match]), "412");
    let Some(site) = Site::start(b"{}", &["--read-only"]) else { return };
    assert_eq!(site.curl(&["--upload-file", "large"]), "405");
    assert_eq!(std::fs::read(&site.file).expect("the file is there"), b"{}");
}
