//! Writes of some clients: each reads, changes what it read, and puts it back.
//!
//! All writers of a round read before the first of them writes, so that a run repeats to the byte.
//! Their bytes are none of the polls'.

use std::time::Instant;

use measure::{ErrorReason, WriteAnswer, WriteHistory, WriteVerdict, WrongWrite};
use truth::{CLIENT_FIELD, ContentId, ReplicaId};

use super::SharedRun;
use crate::connection::{PollConnection, Request, Verb};
use crate::response::PollResponse;
use crate::resume::WantedPart;
use crate::writing::{WriteCondition, Writing};

/// The writers of a run, each on a connection of its own.
pub(super) struct Writers {
    writing: Writing,
    connections: Vec<PollConnection>,
    history: WriteHistory,
    request: Vec<u8>,
}

/// A content that a writer read.
struct Base {
    content: ContentId,
    entity_tag: Option<Vec<u8>>,
    replica: Option<ReplicaId>,
}

/// Status of an answer, and the replica that gave it.
type Answered = (u16, Option<ReplicaId>);

impl Writers {
    pub(super) fn new(shared: &SharedRun, writing: Writing) -> Self {
        let connection = |_| PollConnection::new(shared.load.timeout, None, None);
        Self {
            writing,
            connections: (0..writing.writers).map(connection).collect(),
            history: WriteHistory::default(),
            request: Vec::new(),
        }
    }

    /// Makes the writes of a round.
    pub(super) async fn write_round(&mut self, shared: &SharedRun, round: u32) {
        let mut bases = Vec::new();
        for writer in self.writing.in_round(round) {
            let base = self.read(shared, writer).await;
            if let Some(base) = &base {
                self.history.read(base.content);
            }
            bases.push((writer, base));
        }
        for (writer, base) in bases {
            let verdict = match base {
                Some(base) => self.write(shared, writer, round, &base).await,
                None => WriteVerdict::Failed,
            };
            shared.counts.count_write(verdict);
        }
    }

    pub(super) fn close(&mut self) {
        self.connections.iter_mut().for_each(PollConnection::close);
    }

    /// Reads the content anew, as an editor does that is opened; `None` where that fails.
    async fn read(&mut self, shared: &SharedRun, writer: u32) -> Option<Base> {
        self.begin(shared, writer, Verb::Get);
        self.request.extend_from_slice(b"\r\n");
        let read = |response: PollResponse<'_>| {
            let entity_tag = response.entity_tag.map(<[u8]>::to_vec);
            let replica = replica_of(&response);
            let base = Base { content: response.content, entity_tag, replica };
            (response.status == 200).then_some(base)
        };
        self.exchange(shared, writer, Verb::Get, read).await.ok()?
    }

    fn write_condition(&mut self, base: &Base) {
        // A client without a tag has nothing to name: it writes, and nobody can refuse it.
        if let (WriteCondition::IfMatch, Some(tag)) = (self.writing.condition, &base.entity_tag) {
            for part in [b"if-match: ", tag.as_slice(), b"\r\n"] {
                self.request.extend_from_slice(part);
            }
        }
    }

    async fn write(
        &mut self,
        shared: &SharedRun,
        writer: u32,
        round: u32,
        base: &Base,
    ) -> WriteVerdict {
        let content = self.writing.content(writer, round, base.content);
        self.begin(shared, writer, Verb::Put);
        let length = content.len();
        let described = format!("content-type: application/json\r\ncontent-length: {length}\r\n");
        self.request.extend_from_slice(described.as_bytes());
        self.write_condition(base);
        self.request.extend_from_slice(b"\r\n");
        self.request.extend_from_slice(&content);
        let read = |response: PollResponse<'_>| (response.status, replica_of(&response));
        let answered = self.exchange(shared, writer, Verb::Put, read).await.ok();
        let answer = answered.map_or(WriteAnswer::Failed, |(status, _)| WriteAnswer::of(status));
        let verdict = self.history.judge(base.content, ContentId::of(&content), answer);
        if let (Some(log), Some(answered)) = (&shared.recorder, answered)
            && matches!(verdict, WriteVerdict::Lost | WriteVerdict::RefusedWrongly)
        {
            let wrong = self.wrong(writer, round, verdict, base, answered);
            log.borrow_mut().keep_write(wrong);
        }
        verdict
    }

    fn wrong(
        &self,
        writer: u32,
        round: u32,
        verdict: WriteVerdict,
        base: &Base,
        (status, answered_by): Answered,
    ) -> WrongWrite {
        let if_match = base.entity_tag.clone();
        let if_match = if_match.filter(|_| self.writing.condition == WriteCondition::IfMatch);
        let read_from = base.replica;
        WrongWrite { writer, round, verdict, if_match, read_from, answered_by, status }
    }

    /// Begins a request of a writer: all lines that reads and writes share.
    fn begin(&mut self, shared: &SharedRun, writer: u32, verb: Verb) {
        let target = &shared.target;
        self.request.clear();
        target.write_request_line(verb, 0, &mut self.request);
        self.request.extend_from_slice(target.fields());
        self.request.extend_from_slice(target.accept_encoding(writer));
        if shared.load.identify_clients {
            // After those of the polling clients.
            let number = shared.load.rounds.clients + writer;
            self.request.extend_from_slice(format!("{CLIENT_FIELD}: {number}\r\n").as_bytes());
        }
    }

    async fn exchange<T>(
        &mut self,
        shared: &SharedRun,
        writer: u32,
        verb: Verb,
        read: impl FnOnce(PollResponse<'_>) -> T,
    ) -> Result<T, ErrorReason> {
        let connection = &mut self.connections[writer as usize];
        let request = Request { octets: &self.request, part: &WantedPart::Whole, verb };
        let (result, _) = connection.exchange(&shared.peer, request, Instant::now()).await;
        result.map(|buffered| read(connection.response(&buffered)))
    }
}

fn replica_of(response: &PollResponse<'_>) -> Option<ReplicaId> {
    response.declaration.map(|declaration| declaration.replica)
}
