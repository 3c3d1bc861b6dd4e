//! The programs that are measured, each as it is started, loaded and read.

pub(crate) mod certificate;
pub(crate) mod h2load;
pub(crate) mod haproxy;
pub(crate) mod lab;
pub(crate) mod nginx;
mod optional;
pub(crate) mod wrk;

pub(crate) use optional::{cache_simulator, log_readers};

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Version of every program, by name.
pub(crate) fn versions(lab: &Path) -> Result<BTreeMap<String, String>> {
    let lab = lab.to_string_lossy();
    let ask = [
        ("etag-lab", &*lab, "--version"),
        ("nginx", "nginx", "-v"),
        ("HAProxy", "haproxy", "-v"),
        ("wrk", "wrk", "-v"),
        ("h2load", "h2load", "--version"),
    ];
    let version = |(name, program, flag): (&str, &str, &str)| {
        Ok((name.to_owned(), version(&said(program, flag)?)))
    };
    ask.into_iter().map(version).collect()
}

fn said(program: &str, flag: &str) -> Result<String> {
    let output = Command::new(program)
        .arg(flag)
        .output()
        .with_context(|| format!("cannot start {program}; scripts/bench installs it"))?;
    // Some of them print their version as an error, and wrk ends with code 1.
    Ok(String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr))
}

/// The first word of the first line that has a digit followed by a dot.
fn version(said: &str) -> String {
    let words = said.lines().next().unwrap_or_default().split([' ', '/']);
    let mut versions = words.filter(|word| {
        word.as_bytes().windows(2).any(|pair| pair[0].is_ascii_digit() && pair[1] == b'.')
    });
    versions.next().unwrap_or("of unknown version").to_owned()
}

/// A load of 304s moves few bytes; much more means that content travelled and the run is void.
pub(crate) fn ensure_not_modified(polls: u64, bytes_read: f64) -> Result<()> {
    ensure!(polls > 0, "no poll was answered");
    let each = bytes_read / polls as f64;
    ensure!(each < 1_000.0, "{each:.0} bytes for each poll: these were not 304s");
    Ok(())
}

/// A number with one of the suffixes of wrk and h2load, such as `1.50MB`, in bytes.
fn bytes(text: &str) -> Option<f64> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let scale = match &text[unit..] {
        "B" => 1.0,
        "KB" => 1024.0,
        "MB" => 1024.0 * 1024.0,
        "GB" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some(text[..unit].parse::<f64>().ok()? * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_say() {
        for (said, expected) in [
            ("etag-lab 0.1.0\n", "0.1.0"),
            ("nginx version: nginx/1.22.1\n", "1.22.1"),
            ("HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://x/\n", "2.6.12-1+deb12u4"),
            ("wrk debian/4.1.0-3+b2 [epoll] Copyright (C) 2012\n", "4.1.0-3+b2"),
            ("h2load nghttp2/1.52.0\n", "1.52.0"),
            ("", "of unknown version"),
        ] {
            assert_eq!(version(said), expected);
        }
    }

    #[test]
    fn byte_counts_are_read_with_their_unit() {
        assert_eq!(bytes("512B"), Some(512.0));
        assert_eq!(bytes("1.50MB"), Some(1_572_864.0));
        assert_eq!((bytes("12"), bytes("1.5XB"), bytes("")), (None, None, None));
    }

    #[test]
    fn a_load_that_moved_content_is_void() {
        assert!(ensure_not_modified(10, 2_000.0).is_ok());
        assert!(ensure_not_modified(10, 82_000.0).is_err());
        assert!(ensure_not_modified(0, 0.0).is_err());
    }
}
