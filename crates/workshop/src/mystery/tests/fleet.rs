//! The fleet of a mystery in this process: the very replicas and balancer, on sockets, without processes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use balancer::{Balancer, Settings};
use http::HeaderValue;
use model::Editions;
use origin::{ContentSource, Replica, ReplicaSpec};
use scenario::{Arm, ChangeKind, Scenario};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use truth::ReplicaId;

/// A fleet that answers until it is dropped.
pub(super) struct LocalFleet {
    scenario: Scenario,
    editions: Editions,
    folder: TempDir,
    nodes: Vec<Arc<Replica>>,
    pub(super) balancer: SocketAddr,
    pub(super) addresses: Vec<SocketAddr>,
    _serving: JoinSet<()>,
}

impl LocalFleet {
    pub(super) async fn start(scenario: Scenario) -> Self {
        let arm = scenario.arms[0].clone();
        let folder = tempfile::tempdir().expect("a folder");
        let mut serving = JoinSet::new();
        let (mut nodes, mut addresses) = (Vec::new(), Vec::new());
        for index in 0..arm.setup.replicas.get() as usize {
            let copy = folder.path().join(format!("{index}"));
            let node = Arc::new(Replica::new(spec(&scenario, &arm, index, copy)).expect("a path"));
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            addresses.push(listener.local_addr().expect("bound"));
            serving.spawn(origin::serve(listener, Arc::clone(&node), std::future::pending()));
            nodes.push(node);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("bound");
        let replicas = (1..).zip(&addresses).map(|(id, address)| balancer::Replica {
            id: ReplicaId(id),
            authority: address.to_string(),
        });
        let mut settings = Settings::new(replicas.collect(), (arm.setup.policy.make)(1));
        (settings.edge, settings.declare_replica) = (arm.setup.edge, false);
        let balancer = Arc::new(Balancer::new(settings).expect("there are replicas"));
        serving.spawn(balancer::serve(listener, balancer, std::future::pending()));
        let editions = Editions::of(&scenario);
        let fleet =
            Self { scenario, editions, folder, nodes, balancer: at, addresses, _serving: serving };
        fleet.deploy(0);
        fleet
    }

    /// Gives all nodes new content.
    pub(super) fn change(&mut self) {
        let edition = self.editions.push(&self.scenario, ChangeKind::Edit);
        self.deploy(edition);
    }

    fn deploy(&self, edition: u32) {
        let content = self.editions.content(edition);
        for (index, node) in self.nodes.iter().enumerate() {
            let drift: Duration = self.scenario.arms[0].setup.deploy_drift;
            let modified = self.editions.modified(edition, index, drift);
            let source = ContentSource::Content(content);
            node.deploy(source, Some(edition), Some(modified)).expect("the folder is there");
        }
        assert!(self.folder.path().is_dir());
    }
}

fn spec(scenario: &Scenario, arm: &Arm, index: usize, copy: std::path::PathBuf) -> ReplicaSpec {
    let scenario::Replica::Strategy(strategy) = arm.replica else { panic!("it has a strategy") };
    let value = |text: &str| HeaderValue::from_str(text).expect("a field value");
    let cache_control = scenario.resource.cache_control.as_deref().map(value);
    ReplicaSpec {
        name: Some(ReplicaId(index as u32 + 1)),
        content_type: value(&scenario.resource.content_type),
        cache_control,
        path: scenario.resource.path.clone(),
        history: arm.setup.histories[index],
        last_modified: scenario.resource.last_modified,
        read_only: true,
        ..ReplicaSpec::new(strategy, copy)
    }
}
