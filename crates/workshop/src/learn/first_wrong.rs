//! The first exchange that went wrong, as a story of four lines: who asked with which tag, who answered
//! with which, and what was wrong with it.

use std::borrow::Cow;
use std::fmt::Display;

use measure::{Transcript, Verdict, WireExchange, WriteVerdict, WrongWrite};
use text::excerpt;

/// The story of the first write that went wrong, else of the first exchange with one of these verdicts;
/// `changes` are the polls before which the content changed.
pub(crate) fn story(
    transcript: &Transcript,
    wrong: &[Verdict],
    changes: &[u32],
) -> Option<Vec<String>> {
    // Where clients write, saves are what the exercise is about.
    if let Some(write) = &transcript.wrong_write {
        return Some(told_write(write));
    }
    let exchanges = &transcript.exchanges;
    let is_wrong = |exchange: &WireExchange| {
        let verdict = exchange.verdict.filter(|verdict| wrong.contains(verdict));
        verdict.is_some_and(|verdict| match verdict {
            Verdict::FirstFetch => exchange.number > 1,
            // A change that was made is news, and not a fault.
            Verdict::Changed => !changes.contains(&exchange.number),
            Verdict::Unverifiable => changes.contains(&exchange.number),
            _ => true,
        })
    };
    let at = exchanges.iter().position(is_wrong)?;
    let exchange = &exchanges[at];
    let before = exchanges[..at].iter().filter(|one| one.client == exchange.client);
    Some(told(exchange, &before.collect::<Vec<_>>()))
}

fn told(exchange: &WireExchange, before: &[&WireExchange]) -> Vec<String> {
    let who = server(exchange.replica);
    let sent = field(&exchange.request, "if-none-match");
    let sent = match &sent {
        Some(tag) => format!("If-None-Match: {}{}", excerpt(tag), origin(tag, before)),
        None => "no tag".to_owned(),
    };
    let got = field(&exchange.response_head, "etag");
    let got = got.map_or_else(|| "no tag".to_owned(), |tag| format!("ETag: {}", excerpt(&tag)));
    let bytes = text::count(exchange.bytes.response_content);
    let status = status(&exchange.response_head);
    vec![
        format!("poll {} of client {}", exchange.number, exchange.client + 1),
        format!("sent  {sent}"),
        format!("got   {status} from {who}, {got}, {bytes} B of content"),
        format!("so    {}", meaning(exchange)),
    ]
}

fn told_write(write: &WrongWrite) -> Vec<String> {
    let (read_from, answered_by) = (server(write.read_from), server(write.answered_by));
    let sent = match &write.if_match {
        Some(tag) => {
            let tag = excerpt(&String::from_utf8_lossy(tag));
            format!("PUT, If-Match: {tag}   (it came from {read_from})")
        }
        None => format!("PUT without If-Match, of what {read_from} had sent"),
    };
    let so = if write.verdict == WriteVerdict::Lost {
        "somebody else had saved meanwhile, and that is lost"
    } else {
        "nobody else had saved: it was to be accepted"
    };
    vec![
        format!(
            "a save of writer {}, after round {} of the polls",
            write.writer + 1,
            write.round + 1
        ),
        format!("sent  {sent}"),
        format!("got   {} from {answered_by}", write.status),
        format!("so    {so}"),
    ]
}

/// The replica from which the client has its tag.
fn origin(tag: &str, before: &[&WireExchange]) -> String {
    let has_it = |one: &&&WireExchange| field(&one.response_head, "etag").as_deref() == Some(tag);
    let source = before.iter().rev().find(has_it).and_then(|one| one.replica);
    source.map_or_else(String::new, |id| format!("   (it came from {id})"))
}

fn meaning(exchange: &WireExchange) -> Cow<'static, str> {
    Cow::Borrowed(match exchange.verdict {
        Some(Verdict::NeedlessTransfer) => "the client had these very bytes: a 304 would have done",
        Some(Verdict::FalseValidation) => {
            "the replica has other content: the client goes on showing what is old"
        }
        Some(Verdict::Regressed) => "this content is older than what the client had",
        Some(Verdict::Changed) => "this is other content, although nothing was changed",
        Some(Verdict::FirstFetch) => "the client had content and a tag once, and has lost both",
        Some(Verdict::Unverifiable) => "the content was changed, and the client is not told",
        Some(Verdict::Validated) => "a 304: the client met the replica that made its tag",
        Some(Verdict::Error) => {
            let reason = exchange.error.map_or_else(String::new, |reason| format!(": {reason}"));
            return format!("the poll failed{reason}").into();
        }
        _ => "this was not to happen",
    })
}

/// Name of the one that answered.
fn server(replica: Option<impl Display>) -> String {
    replica.map_or_else(|| "the server".to_owned(), |id| id.to_string())
}

fn status(head: &[u8]) -> String {
    let line = head.split(|octet| *octet == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let code = line.split_whitespace().nth(1).unwrap_or("nothing");
    excerpt(code)
}

/// Value of the first field of this name.
fn field(head: &[u8], name: &str) -> Option<String> {
    let lines = head.split(|octet| *octet == b'\n').skip(1);
    let mut values = lines.filter_map(|line| {
        let line = String::from_utf8_lossy(line);
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    });
    values.next()
}

#[cfg(test)]
mod tests;
