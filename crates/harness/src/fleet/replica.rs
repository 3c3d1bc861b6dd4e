//! One replica of a fleet: the lab's own program, which takes orders, or a foreign one.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use origin::control::{ReplicaOrder, ReplicaReport};
use origin::{ChangeStep, ReplicaCounts};
use truth::ReplicaId;

use super::{FleetSpec, ReplicaProgram};
use crate::disclosure::NODE;
use crate::editions::Deployment;
use crate::error::RunError;
use crate::files::{WriteError, deploy};
use crate::process::Process;

/// A running replica.
#[derive(Debug)]
pub(super) struct FleetReplica {
    pub(super) id: ReplicaId,
    /// Its own copy of the content.
    copy: PathBuf,
    pub(super) process: Process,
    /// Address that it was told to listen on.
    listen: SocketAddr,
    shares_tags: bool,
    /// Its arguments, where they are not on its command line.
    introduction: Option<Vec<String>>,
}

impl FleetReplica {
    pub(super) fn launch(
        spec: &FleetSpec,
        index: usize,
        port: u16,
        history: u64,
        deployment: &Deployment,
    ) -> Result<Self, RunError> {
        let id = u32::try_from(index + 1).expect("a scenario has at most 512 replicas");
        let folder = spec.directory.join(format!("replica-{id}"));
        std::fs::create_dir_all(&folder).map_err(WriteError::of(&folder))?;
        let copy = folder.join("resource");
        let log = spec.directory.join(format!("replica-{id}.log"));
        // With port 0 it takes a free one itself, which no other process can take before.
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let name = format!("replica {}", ReplicaId(id));
        let program = spec.program(index);
        let mut introduction = None;
        let process = match program {
            ReplicaProgram::Own { arguments, poll_interval_ms, .. } => {
                let mut arguments = arguments.clone();
                let mut flag =
                    |flag: &str, value: String| arguments.extend([flag.into(), value.into()]);
                flag("--listen", listen.to_string());
                flag("--id", id.to_string());
                flag("--changes-seen", history.to_string());
                if let Some(interval) = poll_interval_ms {
                    flag("--poll-interval", interval.to_string());
                }
                arguments.extend(["--copy".into(), OsString::from(&copy)]);
                if !spec.disclosure.declares() {
                    arguments.push("--undeclared".into());
                }
                if spec.disclosure.names() {
                    Process::under_control(name, &spec.lab, arguments, log)?
                } else {
                    introduction = Some(in_text(arguments));
                    Process::reporting(name, &spec.lab, [NODE.into()], log)?
                }
            }
            ReplicaProgram::Foreign(program) => {
                // Before it starts: it may read its content only once.
                put_copy(&copy, deployment)?;
                // It starts in a folder of its own choice.
                let resource = std::path::absolute(&copy).map_err(WriteError::of(&copy))?;
                let variables = [
                    ("PORT", port.to_string().into()),
                    ("REPLICA", id.to_string().into()),
                    ("REPLICAS", spec.histories.len().to_string().into()),
                    ("RESOURCE", resource.into()),
                ];
                let folder = program.folder.as_deref();
                Process::guarded(name, &spec.lab, &program.line, folder, variables, log)?
            }
        };
        let shares_tags = matches!(program, ReplicaProgram::Own { shares_tags: true, .. });
        Ok(Self { id: ReplicaId(id), copy, process, listen, shares_tags, introduction })
    }

    /// Returns when it serves this content, or at least accepts connections.
    pub(super) async fn become_ready(&mut self, deployment: &Deployment) -> Result<(), RunError> {
        if self.process.is_foreign() {
            let port = format!("PORT={}", self.listen.port());
            return Ok(self.process.accepts(self.listen, &port).await?);
        }
        if let Some(arguments) = &self.introduction {
            self.process.introduce(arguments).await?;
        }
        self.process.ready().await?;
        self.deploy(deployment).await?;
        // The price of starting is not the price of any poll.
        self.process.begin_account();
        Ok(())
    }

    /// True if it is the lab's own and runs.
    pub(super) fn takes_orders(&self) -> bool {
        !self.process.is_foreign() && self.process.is_alive()
    }

    /// Gives it new content. A foreign program may or may not read its copy again.
    pub(super) async fn deploy(&mut self, deployment: &Deployment) -> Result<(), RunError> {
        if self.process.is_foreign() {
            return put_copy(&self.copy, deployment);
        }
        if !self.shares_tags {
            return self.change(deployment, None).await;
        }
        // The tag stays what it is, and answers without content declare this content from now on.
        self.change(deployment, Some(&[ChangeStep::Commit])).await?;
        let (source, edition) = (deployment.source.clone(), Some(deployment.edition));
        let order = ReplicaOrder::Declare { source, edition };
        self.order(&order, "declare its content", &ReplicaReport::Declared { edition }).await
    }

    /// Makes a change, or some steps of it.
    pub(super) async fn change(
        &mut self,
        deployment: &Deployment,
        steps: Option<&[ChangeStep]>,
    ) -> Result<(), RunError> {
        let modified = deployment.modified.duration_since(UNIX_EPOCH);
        let order = ReplicaOrder::Change {
            source: deployment.source.clone(),
            edition: Some(deployment.edition),
            modified_ms: modified.ok().map(|since| since.as_millis() as u64),
            steps: steps.map(<[_]>::to_vec),
        };
        let changed = |report| {
            let ReplicaReport::Changed { edition, .. } = report else { return None };
            (edition == Some(deployment.edition)).then_some(())
        };
        Ok(self.process.order(&order, "take the new content", changed).await?)
    }

    pub(super) async fn counts(&mut self) -> Result<ReplicaCounts, RunError> {
        let counts = |report| match report {
            ReplicaReport::Counts(counts) => Some(counts),
            _ => None,
        };
        Ok(self.process.order(&ReplicaOrder::Counts {}, "report its counts", counts).await?)
    }

    /// Gives an order whose report is known in advance.
    pub(super) async fn order(
        &mut self,
        order: &ReplicaOrder,
        task: &str,
        expected: &ReplicaReport,
    ) -> Result<(), RunError> {
        let confirmed = |report| (report == *expected).then_some(());
        Ok(self.process.order(order, task, confirmed).await?)
    }
}

/// Arguments as one message holds them, with those of a server under control.
fn in_text(arguments: Vec<OsString>) -> Vec<String> {
    let control = ["--control", "stdio"].map(OsString::from);
    let all = arguments.into_iter().chain(control);
    // A path that is no text is found missing by the replica, whose complaint names it.
    all.map(|argument| argument.to_string_lossy().into_owned()).collect()
}

fn put_copy(copy: &Path, deployment: &Deployment) -> Result<(), RunError> {
    let write = |fresh: &Path| std::fs::copy(&deployment.source, fresh).map(drop);
    Ok(deploy(copy, deployment.modified, write)?)
}
