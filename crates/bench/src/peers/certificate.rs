//! A certificate for loopback, signed by itself, as openssl makes one.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::bench::Bench;

/// A certificate and its key, each the path of a file.
#[derive(Debug)]
pub(crate) struct Certificate {
    pub(crate) file: PathBuf,
    pub(crate) key: PathBuf,
}

/// Makes a certificate; `name` must be new in this run.
pub(crate) fn make(bench: &Bench, name: &str) -> Result<Certificate> {
    let [file, key] = ["pem", "key"].map(|kind| bench.path(&format!("{name}.{kind}")));
    // An authority that is a server too would be refused: CA:FALSE.
    let extensions = ["subjectAltName=IP:127.0.0.1", "basicConstraints=critical,CA:FALSE"];
    let mut command = Command::new("openssl");
    command.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
    ]);
    command.args(["-days", "7", "-subj", "/CN=bench", "-keyout"]).arg(&key).arg("-out").arg(&file);
    for extension in extensions {
        command.args(["-addext", extension]);
    }
    let output = command.output().context("cannot start openssl; scripts/bench installs it")?;
    ensure!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
    Ok(Certificate { file, key })
}
