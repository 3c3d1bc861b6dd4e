//! What rows on frameworks of many languages have in common.

use std::path::Path;

use super::{Deployment, Stage, behind, deployment, fleet, single};
use crate::check::peers::{Framework, MODULES, Variables};
use crate::check::servers::{copy, nginx_before};
use crate::support::left_out;

/// Programs and files that rows need.
pub(super) type Peers = &'static [&'static str];

/// An application at a path: its copies are modified so many milliseconds apart.
#[derive(Clone, Copy)]
pub(super) struct Application {
    pub(super) name: &'static str,
    pub(super) peers: Peers,
    pub(super) framework: Framework,
}

impl Application {
    /// The same with these variables.
    pub(super) fn with(self, variables: Variables) -> Self {
        Self { framework: Framework { variables, ..self.framework }, ..self }
    }

    /// One process.
    pub(super) fn one(self, what: &str, path: &'static str, expected: Peers) -> Deployment {
        deployment(format!("{}, {what}", self.name), self.peers, expected, move || {
            at(path, single(self.framework.start(&copy(0), 1)))
        })
    }

    /// Two replicas with equal copies behind a balancer.
    pub(super) fn two(self, what: &str, path: &'static str, expected: Peers) -> Deployment {
        self.apart(0, what, path, expected)
    }

    /// Two replicas whose copies are so many milliseconds apart.
    pub(super) fn apart(
        self,
        late: u64,
        what: &str,
        path: &'static str,
        expected: Peers,
    ) -> Deployment {
        self.balanced("random", late, what, path, expected)
    }

    /// The same, one after the other: each date is sure to come back to the replica that gave it.
    pub(super) fn in_turns(
        self,
        late: u64,
        what: &str,
        path: &'static str,
        expected: Peers,
    ) -> Deployment {
        self.balanced("round-robin", late, what, path, expected)
    }

    fn balanced(
        self,
        policy: &'static str,
        late: u64,
        what: &str,
        path: &'static str,
        expected: Peers,
    ) -> Deployment {
        deployment(format!("{} × 2, {what}", self.name), self.peers, expected, move || {
            let replicas = (1..=2).map(|n| self.framework.start(&copy(late * n), n)).collect();
            at(path, fleet(replicas, policy))
        })
    }
}

impl Application {
    /// One process behind nginx, which compresses; both are among the peers.
    pub(super) fn compressed(
        self,
        peers: Peers,
        what: &str,
        path: &'static str,
        expected: Peers,
    ) -> Deployment {
        let name = format!("{}, {what}, nginx compresses", self.name);
        deployment(name, peers, expected, move || {
            let origin = self.framework.start(&copy(0), 1);
            let gzip = "gzip on; gzip_vary on; gzip_proxied any;";
            at(path, behind(vec![origin], |origins| nginx_before(origins, "", gzip)))
        })
    }
}

/// The stage with another path.
pub(super) fn at(path: &str, mut stage: Stage) -> Stage {
    stage.url = stage.url.replace("/config.json", path);
    stage
}

/// Rows for which npm could install the packages.
pub(super) fn installed(package: &str, rows: Vec<Deployment>) -> Vec<Deployment> {
    if Path::new(MODULES).join(package).join("package.json").is_file() {
        return rows;
    }
    left_out(&format!("{package} (npm)"));
    Vec::new()
}
