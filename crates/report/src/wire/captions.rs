//! One line for each exchange: who answered, what it meant, what travelled.

use std::borrow::Cow;

use measure::{Verdict, WireConnection, WireExchange};

use crate::quantity::bytes;
use text::counted;

/// The parties, the meaning and the bytes of an exchange, in parts: `client 1, request 2 → r2`, the meaning, the bytes.
pub(super) fn of(exchange: &WireExchange) -> Vec<String> {
    let to = exchange.replica.map_or_else(|| "unnamed".to_owned(), |id| id.to_string());
    vec![
        format!("client {}, request {} → {to}", exchange.client + 1, exchange.number),
        meaning(exchange).into_owned(),
        format!(
            "{} sent, {} received",
            bytes(exchange.bytes.request),
            bytes(exchange.bytes.response())
        ),
    ]
}

fn meaning(exchange: &WireExchange) -> Cow<'static, str> {
    let Some(verdict) = exchange.verdict else {
        let octets = counted(exchange.bytes.response_content, "octet");
        return format!("the client hung up after {octets}, and asks for the rest").into();
    };
    Cow::Borrowed(match verdict {
        Verdict::FirstFetch => "first fetch: the client held nothing",
        Verdict::Validated => "304: what the client holds is right",
        Verdict::Changed => "changed: content new to the client",
        Verdict::Regressed => "went back: older content than the client held",
        Verdict::NeedlessTransfer => "needless 200: the client held these very bytes",
        Verdict::FalseValidation => {
            "false 304: the replica holds other content, the client shows stale content"
        }
        Verdict::FreshHit => "still fresh: no request",
        Verdict::Unverifiable => "304, and nobody declared what the replica holds",
        Verdict::Error => {
            let reason = exchange.error.map_or_else(String::new, |reason| format!(": {reason}"));
            return format!("error{reason}").into();
        }
    })
}

/// The connection that carried it; `None` when none was opened.
pub(super) fn connection(connection: WireConnection) -> Option<String> {
    let (local, server) = connection.ends?;
    let how = if connection.reused { "kept alive" } else { "new" };
    Some(format!("connection {} to {server}, {how}", local.port()))
}
