//! A control plane in the place of replicas: a source of routes, and proxies before it.

use std::net::SocketAddr;
use std::time::Duration;

use crate::diagnostic::{Result, shown};
use crate::given::Given;
use text::secret::masked_url;
use text::suggestion;

/// Servers of routes for the clients of an arm, and the source of the routes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ControlPlane {
    /// Proxies that run, at most 64; 0 exactly where the mode is [`Mode::Off`].
    pub proxies: u32,
    /// Degree to which they are rolled out.
    pub mode: Mode,
    /// Place of the routes.
    pub source: RouteSource,
    /// Time between two polls of the source by one proxy, as it passes in the run.
    pub source_interval: Duration,
    /// Factor by which every interval would be longer outside the lab; at least 1.
    pub time_factor: f64,
    /// Extent of what one tag stands for.
    pub granularity: Granularity,
    /// Number of routes, at least 1.
    pub routes: u32,
    /// Number of zones, `1..=26`.
    pub zones: u32,
    /// The one zone that the proxies know, counted from 0, where they are set up wrongly.
    pub only_zone: Option<u32>,
}

choices! {
    /// Degree to which proxies are rolled out.
    #[derive(Default)]
    pub enum Mode {
        #[default]
        Off = "off": "Not there: clients poll the source.",
        Pre = "pre": "They run, and compare what they would serve with what clients get.",
        Exec = "exec": "Clients poll them.",
    }
}

/// Place of the routes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RouteSource {
    /// In a file behind the lab's stand-in for the Kubernetes API, which everybody polls.
    #[default]
    File,
    /// In a file that proxies read themselves, as they would a mounted one; clients without a proxy
    /// poll it through the stand-in.
    SharedFile,
    /// In an etcd that the run starts for itself, and may kill.
    PrivateEtcd,
    /// In an etcd of somebody's. Only keys of the run are written, and removed at its end.
    Etcd(SocketAddr),
}

choices! {
    /// Extent of what one tag stands for.
    #[derive(Default)]
    pub enum Granularity {
        #[default]
        Table = "table": "Every client polls the whole table.",
        Route = "route":
            "Client k polls one route, the k-th in turn: as many clients as routes make one table.",
    }
}

impl ControlPlane {
    /// True if clients poll the source itself.
    pub fn is_direct(&self) -> bool {
        self.mode != Mode::Exec
    }

    /// Name in the place of a tag strategy's.
    pub fn strategy(&self) -> &'static str {
        match (self.mode, self.granularity) {
            (Mode::Off | Mode::Pre, _) => "direct",
            (Mode::Exec, Granularity::Table) => "table-tag",
            (Mode::Exec, Granularity::Route) => "route-tag",
        }
    }
}

impl RouteSource {
    /// Reads `file`, `shared-file`, `etcd`, or a URL such as `etcd://127.0.0.1:2379`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "file" => Some(Self::File),
            "shared-file" => Some(Self::SharedFile),
            "etcd" => Some(Self::PrivateEtcd),
            _ => {
                let authority = text.strip_prefix("etcd://")?.trim_end_matches('/');
                let authority = authority.replacen("localhost", "127.0.0.1", 1);
                authority.parse().ok().map(Self::Etcd)
            }
        }
    }

    /// As a record tells it.
    pub fn shown(&self) -> String {
        match self {
            Self::File => "file".to_owned(),
            Self::SharedFile => "shared-file".to_owned(),
            Self::PrivateEtcd => "etcd".to_owned(),
            Self::Etcd(address) => format!("etcd://{address}"),
        }
    }
}

pub(crate) fn source(given: &Given<'_>) -> Result<RouteSource> {
    let text = given.text();
    RouteSource::parse(text).ok_or_else(|| {
        let title = format!("unknown source `{}`", shown(&masked_url(text)));
        let label = if text.starts_with("etcd://") {
            "an etcd is named by its IP address and its port"
        } else {
            "neither a name nor the address of an etcd"
        };
        let help = suggestion(text, &["file", "shared-file", "etcd"]);
        Box::new(given.error(title, label).help(format!("{help}, or `etcd://127.0.0.1:2379`")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_name_or_the_address_of_etcd() {
        let etcd = |text: &str| text.parse().ok().map(RouteSource::Etcd);
        assert_eq!(RouteSource::parse("file"), Some(RouteSource::File));
        assert_eq!(RouteSource::parse("shared-file"), Some(RouteSource::SharedFile));
        assert_eq!(RouteSource::parse("etcd"), Some(RouteSource::PrivateEtcd));
        assert_eq!(RouteSource::parse("etcd://127.0.0.1:2379/"), etcd("127.0.0.1:2379"));
        assert_eq!(RouteSource::parse("etcd://localhost:2379"), etcd("127.0.0.1:2379"));
        for text in ["", "etcd:", "etcd://", "etcd://host", "http://127.0.0.1:1", "files"] {
            assert_eq!(RouteSource::parse(text), None, "{text:?}");
        }
    }
}
