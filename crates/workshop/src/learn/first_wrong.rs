//! The first exchange that went wrong, as a story of four lines: who asked with which tag, who answered
//! with which, and what was wrong with it.

use std::borrow::Cow;

use measure::{Verdict, WireExchange};
use text::excerpt;

/// The story of the first exchange with one of these verdicts; `changes` are the polls before which the
/// content changed.
pub(crate) fn story(
    exchanges: &[WireExchange],
    wrong: &[Verdict],
    changes: &[u32],
) -> Option<Vec<String>> {
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
    let who = exchange.replica.map_or_else(|| "the server".to_owned(), |id| id.to_string());
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
mod tests {
    use super::*;
    use measure::{ExchangeBytes, WireConnection, WireTiming};
    use truth::ReplicaId;

    fn exchange(
        number: u32,
        replica: u32,
        sent: &str,
        got: &str,
        verdict: Verdict,
    ) -> WireExchange {
        let sent =
            if sent.is_empty() { String::new() } else { format!("If-None-Match: {sent}\r\n") };
        WireExchange {
            client: 0,
            number,
            request: format!("GET / HTTP/1.1\r\nHost: h\r\n{sent}\r\n").into_bytes(),
            response_head: format!("HTTP/1.1 200 OK\r\nETag: {got}\r\n\r\n").into_bytes(),
            content: None,
            octets: None,
            tagged_content: None,
            held: None,
            verdict: Some(verdict),
            error: None,
            replica: Some(ReplicaId(replica)),
            bytes: ExchangeBytes { response_content: 8192, ..ExchangeBytes::default() },
            connection: WireConnection::default(),
            timing: WireTiming::default(),
        }
    }

    #[test]
    fn the_first_wrong_exchange_is_told_with_client_replica_and_both_tags() {
        let exchanges = [
            exchange(1, 1, "", "\"18\"", Verdict::FirstFetch),
            exchange(2, 2, "\"18\"", "\"35\"", Verdict::NeedlessTransfer),
            exchange(3, 1, "\"35\"", "\"18\"", Verdict::NeedlessTransfer),
        ];
        let told = story(&exchanges, &[Verdict::NeedlessTransfer], &[]);
        let expected = [
            "poll 2 of client 1",
            "sent  If-None-Match: \"18\"   (it came from r1)",
            "got   200 from r2, ETag: \"35\", 8,192 B of content",
            "so    the client had these very bytes: a 304 would have done",
        ];
        assert_eq!(told.expect("one went wrong"), expected);
    }

    #[test]
    fn a_change_that_was_made_is_no_fault_and_one_that_was_not_is() {
        let of = |number| [exchange(number, 1, "\"1\"", "\"2\"", Verdict::Changed)];
        assert!(story(&of(11), &[Verdict::Changed], &[11]).is_none());
        assert!(story(&of(12), &[Verdict::Changed], &[11]).is_some());
    }

    #[test]
    fn the_first_download_of_a_client_is_no_fault_and_a_later_one_is() {
        let of = |number| [exchange(number, 1, "", "\"2\"", Verdict::FirstFetch)];
        assert!(story(&of(1), &[Verdict::FirstFetch], &[]).is_none());
        assert!(story(&of(9), &[Verdict::FirstFetch], &[]).is_some());
    }

    #[test]
    fn tags_from_outside_reach_no_terminal_as_they_are() {
        let exchanges =
            [exchange(2, 1, "\"a\u{1b}[2J\"", "\"\u{202e}b\"", Verdict::NeedlessTransfer)];
        let told = story(&exchanges, &[Verdict::NeedlessTransfer], &[]).expect("one went wrong");
        assert!(!told.join("").contains(['\u{1b}', '\u{202e}']), "{told:?}");
    }
}
