//! A service that somebody is called for at night: replicas behind a balancer, with and without TLS and
//! a token, and a shell that the blocks of the runbook are pasted into.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::Command;

use crate::support::certificates::Authority;
use crate::support::process::Running;
use crate::support::served::{Served, accepting, balancer, free_address};
use crate::support::{etag_lab, home, peers, require, stderr, workspace};

/// The block below `<!-- name -->`.
pub(super) fn block(name: &str) -> String {
    let path = workspace().join("scenarios/RUNBOOK.md");
    let text = std::fs::read_to_string(path).expect("there is a runbook");
    let marker = format!("<!-- {name} -->\n```sh\n");
    let (_, after) = text.split_once(&marker).unwrap_or_else(|| panic!("no block {name}"));
    after.split("```").next().unwrap_or_default().to_owned()
}

/// Replicas behind a balancer, and a shell that knows their addresses.
pub(super) struct Night {
    pub(super) replicas: Vec<Served>,
    _balancer: Served,
    /// nginx in front of all of them, where they speak TLS and ask for a token.
    guard: Option<Running>,
    /// Scheme of all addresses.
    scheme: &'static str,
    /// As clients reach it, and each replica.
    pub(super) base: SocketAddr,
    pub(super) nodes: Vec<SocketAddr>,
}

impl Night {
    /// One replica for each list of arguments.
    pub(super) fn with(replicas: &[&[&str]]) -> Option<Self> {
        for peer in ["sh", "curl", "python3", "cksum", "seq", "awk"] {
            require(peer)?;
        }
        let start = |args: &&[&str]| Served::start(&[&["replica"], *args].concat());
        let replicas: Vec<_> = replicas.iter().map(start).collect();
        let nodes: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
        let balancer = balancer(&nodes, &["--policy", "round-robin"]);
        let (base, scheme) = (balancer.address, "http");
        Some(Self { replicas, _balancer: balancer, guard: None, scheme, base, nodes })
    }

    /// The same behind certificates of an authority that nobody knows, for holders of a token.
    pub(super) fn guarded(replicas: &[&[&str]]) -> Option<Self> {
        let (nginx, authority) = (require("nginx")?, Authority::new("authority")?);
        let mut night = Self::with(replicas)?;
        let [certificate, key] = authority.sign("server");
        // Somebody else may take a port in between: then nginx ends, and others are tried.
        for _ in 0..5 {
            let behind = [night.base].into_iter().chain(night.nodes.iter().copied());
            let pairs: Vec<_> = behind.map(|server| (free_address(), server)).collect();
            let log = home().join("access.log");
            let mut servers = format!("access_log {} combined;", log.display());
            for (address, server) in &pairs {
                let _ = write!(
                    servers,
                    "server {{ listen {address} ssl; ssl_certificate {certificate};
                       ssl_certificate_key {key};
                       location / {{
                         if ($http_authorization != \"{TOKEN}\") {{ return 401; }}
                         proxy_pass http://{server}; }} }}"
                );
            }
            let mut guard = Running::start(&mut peers::nginx(&nginx, &servers));
            if pairs.iter().all(|(address, _)| accepting(&mut guard, *address)) {
                let mut addresses = pairs.into_iter().map(|(address, _)| address);
                night.base = addresses.next().expect("the balancer comes first");
                night.nodes = addresses.collect();
                night.scheme = "https";
                night.guard = Some(guard);
                return Some(night);
            }
        }
        panic!("nginx does not start on any of five sets of ports")
    }

    /// Both ways to have the same replicas.
    pub(super) fn both(replicas: &[&[&str]]) -> Vec<Self> {
        [Self::with(replicas), Self::guarded(replicas)].into_iter().flatten().collect()
    }

    /// The setup with the addresses of this night.
    fn setup(&self) -> String {
        let url = |address| format!("{}://{address}", self.scheme);
        let nodes: Vec<_> = self.nodes.iter().map(url).collect();
        let (fields, insecure) = match self.guard {
            Some(_) => (format!("Authorization: {TOKEN}\nAccept: */*"), "yes"),
            None => Default::default(),
        };
        let log = home().join("access.log");
        let values = [
            ("BASE", url(&self.base)),
            ("NODES", nodes.join(" ")),
            ("FIELDS", fields),
            ("INSECURE", insecure.to_owned()),
            ("LOG", log.display().to_string()),
        ];
        // Each stands once, at the beginning of its line.
        values.iter().fold(block("setup"), |setup, (name, value)| {
            let line = setup.lines().find(|line| line.starts_with(&format!("{name}=")));
            let line = line.unwrap_or_else(|| panic!("no {name} in the setup")).to_owned();
            setup.replacen(&line, &format!("{name}='{value}'"), 1)
        })
    }

    /// The setup, `more` and the block; what they print, and whether the last command succeeded.
    pub(super) fn paste_failing(&self, more: &str, name: &str) -> (String, bool) {
        // Slowly is for the deployments of others.
        let pasted = block(name).replace("check \"$BASE", "check --rate 1000 \"$BASE");
        let script = format!("{}{more}\n{pasted}", self.setup());
        let program = etag_lab();
        let folder = std::path::Path::new(program.get_program()).parent().expect("it is somewhere");
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
        let output = Command::new("sh")
            .args(["-u", "-c", &script])
            .env("TMPDIR", home())
            .env("PATH", path)
            .output()
            .expect("sh starts");
        let said = stderr(&output);
        assert!(said.is_empty() || name == "cost", "{script}\n{said}");
        let text = String::from_utf8(output.stdout).expect("it prints text");
        (text, output.status.success())
    }

    /// The same where every command succeeds.
    pub(super) fn paste(&self, more: &str, name: &str) -> String {
        let (text, is_well) = self.paste_failing(&format!("set -e\n{more}"), name);
        assert!(is_well, "{name}: {text}");
        text
    }
}

const TOKEN: &str = "Bearer s3cr3t-of-the-night";
