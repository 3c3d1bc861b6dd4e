//! Requests and answers of a paste, put together.
//!
//! An answer belongs to the request line before it, or to the command that is known to have printed
//! it; one that belongs to nothing is left out, and counted.

use std::collections::VecDeque;
use std::io::Read;

use ::wire::coding::decode_all;
use findings::evidence::{ContentSummary, FieldLines, Method, ObservedResponse};

use super::command::{Command, Manner, Request, Showing, redirected};
use super::line::{Mark, Style};
use super::log::{Log, Part, Reason};
use crate::import::bounds::Kept;
use crate::import::left_out::LeftOut;
use crate::import::{Captured, ImportError, asked, method};

/// The longest content that is decoded.
const LONGEST: usize = 8 * 1024 * 1024;

/// Stands for a URL where a paste shows none.
const NOT_SHOWN: &str = "(not shown)";

/// What was read, and what is expected next.
pub(super) struct Dialogue<'a, 'b, R> {
    log: Log<'b, R>,
    pub(super) kept: Kept<'a, Captured>,
    pub(super) left_out: LeftOut,
    pub(super) has_begun: bool,
    /// True if the paste holds answers alone, which are taken for those of one URL.
    pub(super) is_alone: bool,
    /// Requests whose answers are still to come, in their order.
    pending: VecDeque<Pending>,
    /// The command that was called last, whose URL knows the scheme, as a request line does not.
    called: Option<Command>,
    /// True from the request for a tunnel to its answer.
    is_tunnelling: bool,
    last: Option<Answer>,
    /// Answers without a request, which are judged where there is nothing else.
    alone: Vec<Captured>,
}

/// Answers without a request that are kept.
const MOST_ALONE: usize = 1_000;

/// Request without an answer so far.
#[derive(Clone)]
struct Pending {
    request: Request,
    manner: Manner,
    is_scheme_guessed: bool,
    /// True if its own request line was seen.
    is_shown: bool,
}

impl Pending {
    fn of(request: Request, manner: Manner) -> Self {
        Self { request, manner, is_scheme_guessed: false, is_shown: false }
    }
}

#[derive(PartialEq, Eq)]
struct Answer {
    status: u16,
    fields: FieldLines,
}

impl<'a, 'b, R: Read> Dialogue<'a, 'b, R> {
    pub(super) fn of(log: Log<'b, R>, wanted: Option<&'a str>) -> Self {
        Self {
            log,
            kept: Kept::of(wanted),
            left_out: LeftOut::default(),
            has_begun: false,
            is_alone: false,
            pending: VecDeque::new(),
            called: None,
            is_tunnelling: false,
            last: None,
            alone: Vec::new(),
        }
    }

    /// Reads all of it; an error of reading is left in the log.
    pub(super) fn read(&mut self) -> Result<Option<std::io::Error>, ImportError> {
        while let Some(part) = self.log.next() {
            match part {
                Part::Request { method, target, version, style } => {
                    self.has_begun = true;
                    self.request(method, &target, version, style);
                }
                Part::Answer { status, version, reason, style } => {
                    let fields = self.log.fields(style);
                    // A sentence that begins like an answer.
                    if fields.is_empty() && reason == Reason::Other && style.mark == Mark::None {
                        continue;
                    }
                    self.has_begun = true;
                    let is_tunnel =
                        std::mem::take(&mut self.is_tunnelling) || reason == Reason::Tunnel;
                    // Interim answers are followed by the one that counts.
                    if status >= 200 && !is_tunnel {
                        self.answer(Answer { status, fields }, version)?;
                    }
                }
                Part::Command(command) => self.called(command),
                Part::Retrieval(url) => self.retrieval(&url),
            }
        }
        self.forget();
        if self.kept.all.is_empty() && self.left_out.is_of_requestless() && !self.alone.is_empty() {
            self.left_out.requestless -= self.alone.len();
            self.kept.all = std::mem::take(&mut self.alone);
            self.is_alone = true;
        }
        Ok(self.log.failed.take())
    }

    /// Lets go of what was not answered.
    fn forget(&mut self) {
        let shown = self.pending.iter().filter(|pending| pending.is_shown).count();
        // A command need not have printed anything.
        self.left_out.unanswered += shown;
        self.pending.clear();
    }

    fn called(&mut self, command: Command) {
        self.forget();
        let requests = command.requests.iter().cloned();
        self.pending = requests.map(|request| Pending::of(request, command.manner)).collect();
        self.called = Some(command);
    }

    /// wget says what it asks; the command says how.
    fn retrieval(&mut self, url: &str) {
        self.forget();
        let called = self.called.as_ref();
        let known = called.and_then(|command| Some((command.requests.first()?, command.manner)));
        let (request, manner) = match known {
            Some((request, manner)) => (request.clone(), manner),
            // Without the command it is what wget asks by itself.
            None => (Request::of_wget(), Manner::default()),
        };
        let request = Request { url: url.to_owned(), ..request };
        let manner = Manner { follows: false, repeats: false, ..manner };
        self.pending.push_back(Pending::of(request, manner));
    }

    fn request(&mut self, method: String, target: &str, version: &str, style: Style) {
        let fields = self.log.fields(style);
        self.is_tunnelling = method == "CONNECT";
        if self.is_tunnelling {
            return;
        }
        self.forget();
        let (url, is_scheme_guessed) = self.url(target, &fields, version);
        let request = Request { method, url, fields };
        let pending = Pending::of(request, Manner::default());
        self.pending.push_back(Pending { is_scheme_guessed, is_shown: true, ..pending });
    }

    /// URL of a request line, and whether its scheme is a guess.
    fn url(&self, target: &str, fields: &FieldLines, version: &str) -> (String, bool) {
        if target.contains("://") && !target.starts_with('/') {
            return (target.to_owned(), false);
        }
        let Some(host) = fields.text("host") else { return (target.to_owned(), false) };
        let rest = format!("://{host}");
        let requests = self.called.iter().flat_map(|command| &command.requests);
        let named = requests.map(|request| request.url.split_once("://").unwrap_or_default());
        let mut same = named.filter(|(_, named)| named.split('/').next() == Some(host.as_str()));
        let remarks = self.log.connection;
        let (scheme, is_guessed) = match same.next() {
            Some((scheme, _)) => (scheme, false),
            None if remarks.is_secure => ("https", false),
            None if remarks.is_known => ("http", false),
            // Hardly anybody has it without TLS.
            None if version != "HTTP/1.1" => ("https", true),
            None => ("http", true),
        };
        (format!("{scheme}{rest}{target}"), is_guessed)
    }

    fn answer(&mut self, answer: Answer, version: &'static str) -> Result<(), ImportError> {
        let Some(mut pending) = self.next_pending(&answer) else {
            self.repeated(&answer, version);
            return Ok(());
        };
        if pending.manner.showing == Showing::NoFile {
            self.date_by_file(&mut pending, answer.status);
        }
        let has_content = pending.request.method == "GET" && answer.status != 304;
        let content = if has_content { self.log.content(&answer.fields) } else { None };
        if pending.manner.showing == Showing::Hidden {
            self.left_out.hidden += 1;
        } else if method(&pending.request.method).is_none() {
            self.left_out.method(&pending.request.method);
        } else if self.kept.wants(&pending.request.url) {
            let (mut one, content) = self.captured(pending, &answer, version, content);
            if let Some(content) = content {
                self.kept.samples.digest(&mut one, &content);
            }
            self.kept.push(one)?;
        }
        self.last = Some(answer);
        Ok(())
    }

    /// Adds the date that `wget -N` asks with: the modification time of the file, which it set to
    /// Last-Modified when it saved the answer before. An older file is not shown.
    fn date_by_file(&self, pending: &mut Pending, status: u16) {
        let is_saved = |one: &&Captured| {
            let is_whole = one.outcome.as_ref().is_ok_and(|answer| answer.status == 200);
            is_whole && one.url == pending.request.url && one.asked.method == Method::Get
        };
        let saved = self.kept.all.iter().rev().find(is_saved);
        let saved = saved.and_then(|one| one.outcome.as_ref().ok());
        match saved.and_then(ObservedResponse::last_modified) {
            Some(date) => pending.request.fields.push("if-modified-since", date),
            None if status == 304 => pending.manner.showing = Showing::Hidden,
            None => {}
        }
    }

    /// The request that an answer is for. One that leads elsewhere is followed by the next.
    fn next_pending(&mut self, answer: &Answer) -> Option<Pending> {
        let pending = self.pending.front()?.clone();
        if !pending.manner.repeats {
            self.pending.pop_front();
        }
        let location = answer.fields.text("location");
        if let Some(location) =
            location.filter(|_| pending.manner.follows && answer.status / 100 == 3)
        {
            let manner = Manner { repeats: false, ..pending.manner };
            if let Some(url) = redirected(&pending.request.url, &location) {
                let request = Request { url, ..pending.request.clone() };
                self.pending.push_front(Pending { request, manner, ..pending.clone() });
            }
        }
        Some(pending)
    }

    /// An answer without a request: the last one once more, as `-v -i` and `wget -d` print it, or one
    /// that is left out.
    fn repeated(&mut self, answer: &Answer, version: &'static str) {
        let content = if answer.status == 200 { self.log.content(&answer.fields) } else { None };
        if self.last.as_ref() != Some(answer) {
            self.left_out.requestless += 1;
            self.keep_alone(answer, version, content);
            return;
        }
        if let (Some(content), Some(one)) = (content, self.kept.all.last_mut())
            && let Ok(known) = &one.outcome
            && known.fields == answer.fields
            && let Ok(content) =
                decode_all(&known.fields.list("content-encoding"), content, LONGEST)
        {
            self.kept.samples.digest(one, &content);
        }
    }

    /// Keeps an answer without a request; one that leads elsewhere says nothing of a content.
    fn keep_alone(&mut self, answer: &Answer, version: &'static str, content: Option<Vec<u8>>) {
        let leads_on = answer.status / 100 == 3 && answer.status != 304;
        if leads_on || self.alone.len() >= MOST_ALONE {
            return;
        }
        let url = self.kept.wanted.unwrap_or(NOT_SHOWN).to_owned();
        // Nothing is known of the codings that it accepts.
        let fields = [("accept-encoding", "*")].into_iter().collect();
        let request = Request { method: "GET".to_owned(), url, fields };
        let pending = Pending::of(request, Manner::default());
        let (mut one, content) = self.captured(pending, answer, version, content);
        if let Some(content) = content {
            self.kept.samples.digest(&mut one, &content);
        }
        self.alone.push(one);
    }

    /// An exchange, and its content, decoded.
    fn captured(
        &self,
        pending: Pending,
        answer: &Answer,
        version: &'static str,
        content: Option<Vec<u8>>,
    ) -> (Captured, Option<Vec<u8>>) {
        let Request { method: name, url, fields: sent } = pending.request;
        let fields = answer.fields.clone();
        let coded_bytes = content.as_ref().map_or(0, Vec::len) as u64;
        let decoded = content.and_then(|content| {
            decode_all(&fields.list("content-encoding"), content, LONGEST).ok()
        });
        let content = ContentSummary { coded_bytes, ..ContentSummary::default() };
        let one = Captured {
            url: url.split('#').next().unwrap_or_default().to_owned(),
            is_scheme_guessed: pending.is_scheme_guessed,
            is_kept: self.log.connection.is_kept,
            asked: asked(method(&name).unwrap_or_default(), &sent),
            outcome: Ok(ObservedResponse { version, status: answer.status, fields, content }),
        };
        (one, decoded)
    }
}
