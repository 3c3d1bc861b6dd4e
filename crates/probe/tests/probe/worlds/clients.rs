//! Clients of a simulated deployment: what they feel of its faults, counted by comparing contents.

use findings::evidence::{Method, ObservedRequest};

use super::deployment::{Caller, Deployment, World};
use super::server::Response;

/// Polls of each client.
const POLLS: u64 = 30;
/// Milliseconds between two polls.
const PAUSE: u64 = 10_000;

/// Harm to the client that has most of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Felt {
    /// 200s with the very content that it had.
    pub(crate) needless: u32,
    /// 304s while the content was another.
    pub(crate) false_304: u32,
    /// Polls that gave no page.
    pub(crate) broken: u32,
}

impl Felt {
    /// Reports whether it is more than one change explains.
    pub(crate) fn is_harm(self) -> bool {
        self.needless > 1 || self.false_304 > 0 || self.broken > 0
    }
}

/// Clients that send back what they got in different ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Habit {
    /// Tag and date together, compression welcome, connections kept for a while.
    Browser,
    /// The tag alone, or the date where there is none.
    Script,
    /// The same with compression.
    GzipScript,
}

/// A client that polls.
struct Poller {
    habit: Habit,
    held: Option<Held>,
}

/// A stored response.
struct Held {
    content: Vec<u8>,
    tag: Option<Vec<u8>>,
    date: Option<Vec<u8>>,
}

/// Harm to clients that poll from some moment on, answered by replicas that the check met.
pub(crate) fn feel(world: &World, from: u64, met: &[usize]) -> Felt {
    let mut all = Felt::default();
    for (number, habit) in
        [Habit::Browser, Habit::Script, Habit::GzipScript].into_iter().enumerate()
    {
        // Each in a world of its own, which has gone on as before.
        let mut deployment = Deployment::of(world);
        deployment.open = met.to_vec();
        let mut poller = Poller { habit, held: None };
        warm(&mut deployment, from);
        let felt = poller.poll(&mut deployment, from, number as u64);
        all.needless = all.needless.max(felt.needless);
        all.false_304 = all.false_304.max(felt.false_304);
        all.broken = all.broken.max(felt.broken);
    }
    all
}

/// Lets every process answer a few requests, as it did for the check.
fn warm(deployment: &mut Deployment<'_>, at: u64) {
    for replica in deployment.open.clone() {
        let client =
            Caller { address: 1_000, lane: Some(replica), connection: None, has_cookie: false };
        for _ in 0..4 {
            deployment.ask(at, client, &ObservedRequest::default());
        }
    }
}

impl Poller {
    fn poll(&mut self, deployment: &mut Deployment<'_>, from: u64, address: u64) -> Felt {
        let mut felt = Felt::default();
        for poll in 0..POLLS {
            let kept = (self.habit == Habit::Browser).then_some(address * 100 + poll / 3);
            let client =
                Caller { address, lane: None, connection: kept, has_cookie: kept.is_some() };
            let asked = self.request();
            let given = deployment.ask(from + poll * PAUSE, client, &asked);
            match (given.outcome, given.current) {
                (Ok(response), Some(current)) => self.take(&asked, response, &current, &mut felt),
                _ => felt.broken += 1,
            }
        }
        felt
    }

    fn request(&self) -> ObservedRequest {
        let (tag, date) = match &self.held {
            Some(held) => (held.tag.clone(), held.date.clone()),
            None => (None, None),
        };
        let coding = match self.habit {
            Habit::Browser => "gzip, deflate, br",
            Habit::Script => "identity",
            Habit::GzipScript => "gzip",
        };
        let sends_date = self.habit == Habit::Browser || tag.is_none();
        ObservedRequest {
            method: Method::Get,
            accept_encoding: Some(coding.to_owned()),
            none_match: tag.into_iter().collect(),
            modified_since: date.filter(|_| sends_date),
            ..ObservedRequest::default()
        }
    }

    fn take(
        &mut self,
        asked: &ObservedRequest,
        response: Response,
        current: &[u8],
        felt: &mut Felt,
    ) {
        let value = |name: &str| response.fields.get(name).map(<[u8]>::to_vec);
        match (response.status, &mut self.held) {
            (304, Some(held)) if !asked.is_plain() => {
                felt.broken += u32::from(!response.content.is_empty());
                felt.false_304 += u32::from(meaning(&held.content) != meaning(current));
                // A 304 renews what is stored (RFC 9111 §4.3.4).
                if self.habit == Habit::Browser {
                    held.tag = value("etag").or(held.tag.take());
                    held.date = value("last-modified").or(held.date.take());
                }
            }
            (200, _) if !response.content.is_empty() => {
                let known = self.held.as_ref().map(|held| &held.content);
                felt.needless += u32::from(known == Some(&response.content));
                let (tag, date) = (value("etag"), value("last-modified"));
                self.held = Some(Held { content: response.content, tag, date });
            }
            _ => felt.broken += 1,
        }
    }
}

/// A content without the token of each response: an older one is as good.
fn meaning(content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content);
    match text.split_once("\"token\":\"") {
        Some((before, after)) => format!("{before}{}", &after[16..]),
        None => text.into_owned(),
    }
}
