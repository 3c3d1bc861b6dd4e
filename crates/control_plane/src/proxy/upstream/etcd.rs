//! Routes as keys of etcd (v3), by its JSON gateway: each key under a folder is one route.
//!
//! One transaction per poll, hence one snapshot. It compares first: while no key of the folder was
//! modified after the revision that is held, and there are as many as before, only their number
//! travels. That is believed on the connection on which the folder was read, and on no other: an etcd
//! that was started again with other data may have the same cluster id, and revisions of two
//! histories do not compare. Who puts a proxy between that outlives etcd gives this up.
//!
//! Agreement on a date is the business of `agreement`; where none is asked for, nothing but the folder
//! is read, as a user may have to be content with, and nothing is written.

mod agreement;

use semantics::EntityTag;

use super::{Fetched, InvalidUpstream, Modified, UpstreamError, UpstreamSettings, aside, in_time};
use crate::etcd::Etcd;
use crate::etcd::gateway::{self, KeyValue, Range, Transaction};
use crate::proxy::table::Routes;
use agreement::{Agreed, DateAgreement};
use text::excerpt;
use tokio::time::Instant;
use wire::url::Url;

#[derive(Debug)]
pub(super) struct Folder {
    etcd: Etcd,
    prefix: String,
    agreement: Option<DateAgreement>,
    held: Option<FolderState>,
    fetched: Option<FolderState>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FolderState {
    // Restored from a backup, a cluster has another id: revisions of the two do not compare.
    cluster: u64,
    revision: i64,
    keys: i64,
    connection: u64,
}

impl Folder {
    pub(super) fn new(
        url: &Url,
        prefix: &str,
        settings: &UpstreamSettings,
    ) -> Result<Self, InvalidUpstream> {
        let etcd = Etcd::new(url.clone(), settings.requests.clone(), settings.login.clone());
        Ok(Self {
            etcd: etcd.map_err(|error| InvalidUpstream::Tls(excerpt(&url.authority), error))?,
            prefix: prefix.to_owned(),
            agreement: settings.agrees_on_date.then(|| DateAgreement::new(prefix)),
            held: None,
            fetched: None,
        })
    }

    pub(super) async fn fetch(&mut self, deadline: Instant) -> Result<Fetched, UpstreamError> {
        self.fetched = None;
        if let Some(held) = self.held {
            let question = gateway::if_unmodified(&self.prefix, self.key(), held.revision);
            let answer = in_time(deadline, self.etcd.transact(&question)).await?;
            if !answer.succeeded {
                return self.routes(answer).await;
            }
            if answer.same_as(held) && self.etcd.connections() == held.connection {
                self.take_note(&answer);
                return Ok(Fetched::Unchanged);
            }
        }
        let question = gateway::everything(&self.prefix, self.key());
        let answer = in_time(deadline, self.etcd.transact(&question)).await?;
        self.routes(answer).await
    }

    pub(super) fn keep(&mut self) {
        self.held = self.fetched.take().or(self.held);
    }

    /// The date that the instances agree on for the table with this tag. The first that sees it
    /// without one proposes; who comes second takes what is there, or finds it at the next poll.
    pub(super) async fn modified(&mut self, tag: &EntityTag) -> Option<Modified> {
        let agreement = self.agreement.as_mut()?;
        if let Some(agreed) = agreement.on(tag) {
            return Some(agreed.modified());
        }
        let proposal = agreement.proposal(tag);
        match self.etcd.transact(&proposal).await {
            Ok(answer) => agreement.seen(answer.second()),
            Err(error) => {
                tracing::debug!(%error, "no date could be agreed on");
                return None;
            }
        }
        agreement.on(tag).map(Agreed::modified)
    }

    /// The key beside the folder, where instances agree on a date.
    fn key(&self) -> Option<&str> {
        self.agreement.as_ref().map(|agreement| agreement.key.as_str())
    }

    fn take_note(&mut self, answer: &Transaction) {
        if let Some(agreement) = &mut self.agreement {
            agreement.seen(answer.second());
        }
    }

    async fn routes(&mut self, answer: Transaction) -> Result<Fetched, UpstreamError> {
        self.take_note(&answer);
        let Transaction { header, responses, .. } = answer;
        let folder = responses.into_iter().next().and_then(|response| response.response_range);
        let folder = folder.unwrap_or_default();
        let seen = FolderState {
            cluster: header.cluster_id,
            revision: header.revision,
            keys: folder.count,
            connection: self.etcd.connections(),
        };
        if folder.more || i64::try_from(folder.kvs.len()) != Ok(folder.count) {
            return Err(UpstreamError::Malformed("etcd sent only a part of the keys".to_owned()));
        }
        let prefix_bytes = self.prefix.len();
        let routes = aside(move || parse(folder, prefix_bytes)).await?;
        self.fetched = Some(seen);
        Ok(Fetched::Routes(routes))
    }
}

impl Transaction {
    fn same_as(&self, held: FolderState) -> bool {
        // What was deleted shows in the number of keys alone.
        let folder = self.responses.first().and_then(|folder| folder.response_range.as_ref());
        let keys = folder.map_or(0, |folder| folder.count);
        self.header.cluster_id == held.cluster
            && self.header.revision >= held.revision
            && keys == held.keys
    }

    /// The key beside the folder.
    fn second(&self) -> Option<&KeyValue> {
        self.responses.last()?.response_range.as_ref()?.kvs.first()
    }
}

fn parse(folder: Range, prefix_bytes: usize) -> Result<Routes, UpstreamError> {
    let mut routes = Routes::default();
    // Each is given up as it is read, so that not all of them are there twice.
    for pair in folder.kvs {
        let key = String::from_utf8_lossy(&pair.key);
        // Without a name that is text, the value has to say its `id`.
        let name = pair.key.get(prefix_bytes..).and_then(|name| str::from_utf8(name).ok());
        let pushed = routes.push(&pair.value, name.filter(|name| !name.is_empty()));
        let pushed = routes.or_leave_out(format_args!("the key {key:?}"), pushed);
        pushed.map_err(|error| UpstreamError::Malformed(error.to_string()))?;
    }
    Ok(routes)
}
