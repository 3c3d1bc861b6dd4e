//! An access log as a fleet of clients leaves it, the same in each run.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Result;

/// Form of the lines.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Combined,
    Json,
}

/// Log to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Corpus {
    pub(super) form: Form,
    pub(super) clients: u64,
    pub(super) bytes: u64,
}

const AGENTS: [&str; 8] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl/8.5.0",
    "Go-http-client/1.1",
    "python-requests/2.32.3",
    "okhttp/4.12.0",
];
const REFERERS: [&str; 4] =
    ["-", "-", "https://www.example.org/", "https://app.example.org/dashboard?tab=routes"];
const PATHS: u64 = 400;

impl Corpus {
    /// Writes it, and gives the path back.
    pub(super) fn write(self, path: &Path) -> Result<PathBuf> {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        let (mut written, mut number, mut line) = (0, 0, Vec::new());
        while written < self.bytes {
            line.clear();
            self.line(number, &mut line)?;
            file.write_all(&line)?;
            written += line.len() as u64;
            number += 1;
        }
        file.flush()?;
        Ok(path.to_owned())
    }

    fn line(self, number: u64, line: &mut Vec<u8>) -> Result<()> {
        let lot = mixed(number);
        let client = mixed((lot >> 20) % self.clients);
        let [a, b, c, d, ..] = client.to_le_bytes();
        let agent = AGENTS[(client >> 40) as usize % AGENTS.len()];
        let referer = REFERERS[(lot >> 8) as usize % REFERERS.len()];
        // Few paths get most requests.
        let path = lot % [8, 8, 60, PATHS][(lot >> 12) as usize % 4];
        let target = ["/api/v1/routes/", "/img/products/large/", "/feeds/", "/config?since="];
        let target = target[path as usize % 4];
        let (status, bytes) = match lot >> 32 & 15 {
            0..=10 => (304, 0),
            11..=14 => (200, 1_000 + path * 37),
            _ => (404, 162),
        };
        let second = number / 2_500;
        let (hour, minute, second) = (second / 3_600 % 24, second / 60 % 60, second % 60);
        match self.form {
            Form::Combined => writeln!(
                line,
                "{a}.{b}.{c}.{d} - - [30/Nov/2026:{hour:02}:{minute:02}:{second:02} +0000] \
                 \"GET {target}{path} HTTP/1.1\" {status} {bytes} \"{referer}\" \"{agent}\""
            )?,
            Form::Json => writeln!(
                line,
                "{{\"time\":\"2026-11-30T{hour:02}:{minute:02}:{second:02}+00:00\",\
                 \"remote_addr\":\"{a}.{b}.{c}.{d}\",\"request_method\":\"GET\",\
                 \"request_uri\":\"{target}{path}\",\"status\":{status},\
                 \"body_bytes_sent\":{bytes},\"http_referer\":\"{referer}\",\
                 \"http_user_agent\":\"{agent}\"}}"
            )?,
        }
        Ok(())
    }
}

/// A number in whose place no order of the numbers before it is left.
fn mixed(number: u64) -> u64 {
    let mixed =
        (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9).wrapping_add(0x9e37_79b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_has_its_size_and_whole_lines() {
        let folder = tempfile::tempdir().expect("a folder");
        for form in [Form::Combined, Form::Json] {
            let corpus = Corpus { form, clients: 100, bytes: 20_000 };
            let path = corpus.write(&folder.path().join("log")).expect("it is written");
            let text = std::fs::read_to_string(path).expect("it is text");
            assert!((20_000..20_600).contains(&text.len()) && text.ends_with('\n'));
            let whole = |line: &str| line.ends_with('"') || line.ends_with("\"}");
            assert!(text.lines().count() > 40 && text.lines().all(whole), "{form:?}");
        }
    }
}
