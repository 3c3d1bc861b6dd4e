//! Clients in virtual time: the very code that writes requests, judges responses, counts and stores,
//! over octets in memory.
//!
//! For a model, in which many polls are equal: each is judged once and counted as often as it happens.
//! The clock of a client stands at zero at each of its polls; what it then has to wait for is told as
//! [`Waits`].

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use measure::{ContentCoding, ErrorReason, ExchangeBytes, Tally};
use truth::{Content, ContentId};

use crate::cadence::Slot;
use crate::conditions::RecentConditions;
use crate::connection::BufferedResponse;
use crate::counts::RunCounts;
use crate::driver::fetch::{FetchResult, PollStep, sum, write_request};
use crate::driver::{fresh_hit, sent_poll};
use crate::freshness::ArrivalTime;
use crate::head;
use crate::judge::Judgement;
use crate::load::{Load, Milestone};
use crate::meter::Meter;
use crate::poll_interval::ServerPace;
use crate::poller::Poller;
use crate::response::PollResponse;
use crate::resume::{RestRequest, WantedPart};
use crate::target::PollTarget;

/// What one client has stored, without its clock; clients that are equal behave the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OfflinePoller(Poller);

/// One poll, or several that are equal.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// Number of the client, or of one of them.
    pub client: u32,
    /// Number of the poll within its client, from 0.
    pub round: u32,
    /// State of the tier at the poll.
    pub milestone: Milestone,
    /// Number of such polls.
    pub times: u64,
}

/// Time that has to pass before the next poll of a client makes a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Waits {
    /// Time for which what it has stored is fresh.
    pub fresh: Duration,
    /// Time for which its server wants no poll.
    pub held_back: Duration,
}

/// Part of a response that a client reads.
#[derive(Debug)]
pub struct Wanted(WantedPart);

/// A response that came, as far as the client read it.
#[derive(Clone, Debug)]
pub struct Answer {
    head: Rc<[u8]>,
    result: Result<BufferedResponse, ErrorReason>,
    bytes: ExchangeBytes,
}

/// Clients of one arm, with all that they have in common, and their counts.
pub struct OfflineClients {
    target: PollTarget,
    load: Load,
    counts: RunCounts,
    recent: RefCell<RecentConditions>,
}

impl OfflineClients {
    /// Clients that poll this target.
    pub fn new(target: PollTarget, load: Load) -> Self {
        let counts = RunCounts::new(&load, &Arc::new(Meter::default()));
        Self { target, load, counts, recent: RefCell::default() }
    }

    /// A target at which nobody listens, with an address as long as that of a real one.
    pub fn nowhere(path: &str) -> PollTarget {
        PollTarget::new(SocketAddr::from(([127, 0, 0, 1], 50_000)), path)
    }

    /// Everything counted so far.
    pub fn take(&self) -> Tally {
        self.counts.take().0
    }

    /// The request of a client for all of the resource.
    pub fn request(&self, OfflinePoller(poller): &OfflinePoller, client: u32) -> Vec<u8> {
        let mut request = Vec::new();
        let asked = (PollStep::Get, None);
        write_request((&self.target, &self.load), client, poller, &mut request, asked);
        request
    }

    /// Polls; `exchange` returns the response to a request, and is called again where the client hangs
    /// up in the middle. Changes what the client has stored; returns what it then waits for.
    pub fn poll(
        &self,
        OfflinePoller(poller): &mut OfflinePoller,
        turn: Turn,
        mut exchange: impl FnMut(&[u8], &Wanted) -> Answer,
    ) -> Waits {
        self.counts.times.set(turn.times);
        let place = (turn.slot(), self.target.resource(turn.client));
        let (fetched, head) = self.fetch(poller, turn.client, &mut exchange);
        let response = fetched.result.as_ref().map(|buffered| buffered.over(&head));
        let response = response.map_err(|reason| *reason);
        let conditional = !poller.conditions().is_empty();
        let judgement = Judgement::of(poller.held, conditional, fetched.rest.as_ref(), &response);
        let response = response.as_ref().ok();
        let exchange = sent_poll(place, poller, &fetched, response, &judgement, None);
        self.counts.count(&exchange, Some(&judgement));
        if fetched.rest.is_some() {
            self.counts.count_resume(&judgement);
        }
        if let (None, Some(response)) = (judgement.error, response) {
            let (before, moment) = (poller.held, || ArrivalTime::of_virtual(Duration::ZERO));
            let (caching, recent) = (&self.load.caching, &mut self.recent.borrow_mut());
            poller.store(&judgement, response, fetched.rest, caching, recent, moment);
            self.counts.count_change(poller, turn.milestone, judgement.held);
            self.counts.count_table(turn.client, poller, before, Duration::ZERO);
        } else {
            self.counts.count_failure(poller, self.load.on_error, Duration::ZERO);
        }
        if self.load.obey_poll_interval {
            let resumes = turn.milestone.resumes;
            let asked = |r: &PollResponse<'_>| ServerPace::asked(r.head, Duration::ZERO, resumes);
            poller.pace = response.map_or(ServerPace::Own, asked);
        }
        let (fresh, held_back) = poller.take_waits();
        Waits { fresh, held_back }
    }

    /// Polls of clients that use what they have stored, which is fresh.
    pub fn use_fresh(&self, OfflinePoller(poller): &mut OfflinePoller, turn: Turn) {
        self.counts.times.set(turn.times);
        let place = (turn.slot(), self.target.resource(turn.client));
        self.counts.count(&fresh_hit(place, poller), None);
        self.counts.count_change(poller, turn.milestone, poller.held);
    }

    /// Polls that are not made, because the server does not want them.
    pub fn hold_back(&self, times: u64) {
        self.counts.times.set(times);
        self.counts.count_paused();
    }

    /// The exchanges of one poll, and the head of the last response.
    fn fetch(
        &self,
        poller: &Poller,
        client: u32,
        exchange: &mut impl FnMut(&[u8], &Wanted) -> Answer,
    ) -> (FetchResult, Rc<[u8]>) {
        let interruption = self.load.caching.interruption;
        let part = interruption.map_or(WantedPart::Whole, |cut| WantedPart::Share(cut.at));
        let (mut rest, mut total, mut request) = (None, ExchangeBytes::default(), Vec::new());
        let mut wanted = Wanted(part);
        // The model has no clients that ask by HEAD first.
        let step = PollStep::Get;
        loop {
            let run = (&self.target, &self.load);
            let instrumentation =
                write_request(run, client, poller, &mut request, (step, rest.as_ref()));
            let mut answer = exchange(&request, &wanted);
            answer.bytes.request = request.len() as u64;
            answer.bytes.instrumentation += instrumentation;
            total = sum(total, answer.bytes);
            if let Some((missing, part)) = self.missing(&mut answer) {
                (rest, wanted) = (Some(missing), Wanted(part));
                continue;
            }
            let Answer { head, result, bytes: last } = answer;
            return (FetchResult { result, rest, step, last, total }, head);
        }
    }

    fn missing(&self, answer: &mut Answer) -> Option<(RestRequest, WantedPart)> {
        let buffered = answer.result.as_mut().ok()?;
        let broken = buffered.broken.take()?;
        let if_range = self.load.caching.interruption?.if_range;
        let response = buffered.over(&answer.head);
        let conditions = self.recent.borrow_mut().of(&response, self.load.caching.validators());
        Some(RestRequest::of(&response, broken, if_range, conditions))
    }
}

/// All of a client that decides how its poll is counted once the answer is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Standing {
    held: Option<Content>,
    coding: ContentCoding,
    conditional: bool,
    changes_seen: u32,
}

impl OfflinePoller {
    /// Its standing before a poll.
    pub fn standing(&self) -> Standing {
        let Poller { held, coding, changes_seen, .. } = self.0;
        Standing { held, coding, conditional: !self.0.conditions().is_empty(), changes_seen }
    }

    /// True if its server has told it to stop, and nobody has started it again.
    pub fn is_stopped(&self, resumes: u32) -> bool {
        matches!(self.0.pace, ServerPace::Stopped { resumes: before } if before == resumes)
    }
}

impl Turn {
    fn slot(self) -> Slot {
        Slot { poller: self.client, round: self.round, due: None }
    }
}

impl Answer {
    /// Reads a response, as far as it is wanted.
    pub fn read(octets: &[u8], Wanted(part): &Wanted) -> Self {
        let mut bytes = ExchangeBytes::default();
        let (mut head, mut read) = (Rc::from([]), octets.len() as u64);
        let result = (|| {
            let parsed = head::parse(octets)?.ok_or(ErrorReason::Cut)?;
            let (fields, content) = octets.split_at(parsed.message.len);
            head = Rc::from(fields);
            let mut decoder = part.decoder(&parsed)?;
            let end = part.cut_after(&parsed).map_or(content.len(), |end| end as usize);
            decoder.feed(&content[..end])?;
            read -= (content.len() - end) as u64;
            bytes.response_content = decoder.octets();
            bytes.instrumentation = parsed.fields.instrumentation as u64;
            let is_complete = decoder.is_complete();
            let content = if is_complete { decoder.id()? } else { ContentId::of(b"") };
            let octets = decoder.octets();
            let broken = if is_complete {
                None
            } else {
                crate::resume::BrokenDownload::of(&parsed, decoder)
            };
            Ok(BufferedResponse { head: parsed, content, octets, sample: None, broken })
        })();
        bytes.response_fields = read - bytes.response_content;
        Self { head, result, bytes }
    }

    /// True for a whole 200, which is the same whatever it answers.
    pub fn is_full(&self) -> bool {
        let is_full = |it: &BufferedResponse| it.broken.is_none() && it.head.message.status == 200;
        self.result.as_ref().is_ok_and(is_full)
    }
}
