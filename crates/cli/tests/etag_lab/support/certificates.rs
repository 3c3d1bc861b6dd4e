//! Certificates for a test, made with openssl: an authority, and pairs of certificate and key that it
//! signs for `localhost` and 127.0.0.1.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{home, require};

const KEY: [&str; 5] = ["-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];

/// An authority that nobody knows.
pub(crate) struct Authority {
    openssl: PathBuf,
    name: String,
}

impl Authority {
    /// Makes one; `None` where there is no openssl: then the test is to return.
    pub(crate) fn new(name: &str) -> Option<Self> {
        let authority = Self { openssl: require("openssl")?, name: name.to_owned() };
        let (certificate, key) = (authority.file("pem"), authority.file("key"));
        let mut command = authority.command("req");
        command.args(["-x509", "-days", "2", "-subj", &format!("/CN={name}")]).args(KEY);
        command.arg("-keyout").arg(key).arg("-out").arg(certificate);
        run(&mut command);
        Some(authority)
    }

    /// File of its certificate.
    pub(crate) fn certificate(&self) -> String {
        text(&self.file("pem"))
    }

    /// Files of a certificate and its key, for a server or a client.
    pub(crate) fn sign(&self, name: &str) -> [String; 2] {
        self.sign_for(name, 2)
    }

    /// The same for a number of days, negative for one that has expired.
    pub(crate) fn sign_for(&self, name: &str, days: i32) -> [String; 2] {
        let at = |kind: &str| home().join(format!("{name}.{kind}"));
        let mut request = self.command("req");
        request.args(["-new", "-subj", &format!("/CN={name}")]).args(KEY);
        request.arg("-keyout").arg(at("key")).arg("-out").arg(at("csr"));
        run(&mut request);
        let usage = "subjectAltName=DNS:localhost,IP:127.0.0.1\n\
                     extendedKeyUsage=serverAuth,clientAuth\n";
        std::fs::write(at("ext"), usage).expect("the file can be written");
        let mut sign = self.command("x509");
        sign.args(["-req", "-days", &days.to_string(), "-CAcreateserial", "-in"]).arg(at("csr"));
        sign.arg("-CA").arg(self.file("pem")).arg("-CAkey").arg(self.file("key"));
        sign.arg("-extfile").arg(at("ext")).arg("-out").arg(at("pem"));
        run(&mut sign);
        [text(&at("pem")), text(&at("key"))]
    }

    fn file(&self, kind: &str) -> PathBuf {
        home().join(format!("{}.{kind}", self.name))
    }

    fn command(&self, what: &str) -> Command {
        let mut command = Command::new(&self.openssl);
        command.arg(what);
        command
    }
}

fn run(command: &mut Command) {
    let made = command.output().expect("openssl starts");
    assert!(made.status.success(), "{command:?} {made:?}");
}

fn text(path: &Path) -> String {
    path.to_str().expect("temporary folders have plain names").to_owned()
}
