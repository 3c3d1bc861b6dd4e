//! Replicas to test: each with a directory of its own, served on a port the kernel chose.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use etag_lab_origin::shared_tags::{LEASE, SharedTagsSpec, stores};
use etag_lab_origin::{ChangeStep, ContentSource, Replica, ReplicaSpec, databases};
use semantics::EntityTag;
use strategies::Entry;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};
use truth::ReplicaId;

use crate::support::raw::Raw;

pub(crate) const CONTENT: &[u8] = br#"{"feature":true}"#;

/// A replica in service.
pub(crate) struct Served {
    pub(crate) replica: Arc<Replica>,
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    directory: TempDir,
}

pub(crate) fn entry(name: &str) -> &'static Entry {
    strategies::find(name).expect("tests name strategies of the catalogue")
}

/// Gives a replica what its strategy shares with others, in files of this directory.
pub(crate) fn share(spec: &mut ReplicaSpec, directory: &Path) -> Result<(), Box<dyn Error>> {
    let file = |name| format!("sqlite:{}", directory.join(name).display());
    let reads = spec.strategy.reads;
    if reads.revision || reads.shared_tag {
        spec.database = Some(databases::open(&file("store"))?);
    }
    if reads.shared_tag {
        spec.shared_tags = Some(SharedTagsSpec::new(stores::open(&file("tags"), Some(LEASE))?));
    }
    Ok(())
}

/// A replica that holds [`CONTENT`] as edition 1 under this strategy, and a client of it.
pub(crate) async fn connected(strategy: &str) -> Result<(Served, Raw), Box<dyn Error>> {
    let served = Served::with_content(entry(strategy)).await?;
    let client = served.connect().await?;
    Ok((served, client))
}

impl Served {
    /// Starts a replica without content; its spec is the default one, with a
    /// store of its own if the strategy reads one, as edited.
    pub(crate) async fn empty(
        entry: &'static Entry,
        edit: impl FnOnce(&mut ReplicaSpec),
    ) -> Result<Self, Box<dyn Error>> {
        let directory = tempfile::tempdir()?;
        let mut spec = ReplicaSpec::new(entry, directory.path().join("config.json"));
        spec.id = Some(ReplicaId(2));
        spec.hosts = vec!["lab".to_owned()];
        share(&mut spec, directory.path())?;
        edit(&mut spec);
        let replica = Arc::new(Replica::new(spec)?);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(etag_lab_origin::serve(listener, Arc::clone(&replica), async {
            let _ = stopped.await;
        }));
        Ok(Self { replica, address, stop, serving, directory })
    }

    /// Starts a replica that holds [`CONTENT`] as edition 1.
    pub(crate) async fn with_content(entry: &'static Entry) -> Result<Self, Box<dyn Error>> {
        let served = Self::empty(entry, |_| {}).await?;
        served.deploy(CONTENT, 1).await?;
        Ok(served)
    }

    /// Deploys as a harness does, on a thread that may wait for stores.
    pub(crate) async fn deploy(
        &self,
        content: &'static [u8],
        edition: u32,
    ) -> Result<Option<EntityTag>, Box<dyn Error>> {
        self.change(content, edition, None).await
    }

    /// The same in these steps.
    pub(crate) async fn change(
        &self,
        content: &'static [u8],
        edition: u32,
        steps: Option<&'static [ChangeStep]>,
    ) -> Result<Option<EntityTag>, Box<dyn Error>> {
        let replica = Arc::clone(&self.replica);
        let change =
            move || replica.change(ContentSource::Content(content), Some(edition), None, steps);
        Ok(spawn_blocking(change).await??)
    }

    pub(crate) async fn connect(&self) -> std::io::Result<Raw> {
        Raw::connect(self.address).await
    }

    /// A directory that lives as long as this.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Stops serving and waits for the end of every task.
    pub(crate) async fn stop(self) -> Result<(), Box<dyn Error>> {
        drop(self.stop);
        Ok(self.serving.await?)
    }
}
