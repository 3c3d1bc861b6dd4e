//! The log of a run as it was on the wire: in the style of `curl -v`, or as HAR 1.2.
//!
//! ```text
//! ArmTranscript ─► story (which exchanges) ─► text     `>` and `<` lines, credentials masked
//!               └► every exchange ──────────► har      for a browser's developer tools
//! ```
//!
//! What a line of the text starts with says what it is: `>` was sent, `<` was received, `|` is
//! content, `*` is a note; everything else is about the arm. Octets that are no UTF-8 and
//! characters that act unseen are spelled out in the text; HAR keeps them all.
//! Selects and shows; the only counts made here are of what is shown.

mod ending;
mod har;
mod line;
mod message;
mod story;
mod text;

pub use line::{WireLine, wire_lines};

use std::borrow::Cow;

use measure::record::RunRecord;
use measure::{ArmTranscript, Verdict, WireConnection, WireExchange};

use crate::formats::{RenderError, Style};
use crate::quantity::bytes;
use ::text::counted;

/// The captured exchanges, and the record of the same run.
#[derive(Clone, Copy, Debug)]
pub struct WireLog<'a> {
    /// Settings and counts of the run.
    pub record: &'a RunRecord,
    /// The arms to show.
    pub arms: &'a [&'a ArmTranscript],
}

/// Options of the text.
#[derive(Clone, Copy, Debug, Default)]
pub struct WireOptions {
    /// Every exchange, instead of one for each replica.
    pub all: bool,
    /// Octets of each content.
    pub content_bytes: usize,
}

impl WireLog<'_> {
    /// The log for people, in the style of `curl -v`.
    pub fn text(&self, options: WireOptions, style: Style) -> String {
        text::render(self, options, style)
    }

    /// Every exchange as HAR 1.2.
    pub fn har(&self) -> Result<String, RenderError> {
        let mut json = serde_json::to_string_pretty(&har::har(self))?;
        json.push('\n');
        Ok(::text::json::escape(&json))
    }
}

fn caption(exchange: &WireExchange) -> Vec<String> {
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
fn connection(connection: WireConnection) -> Option<String> {
    let (local, server) = connection.ends?;
    let how = if connection.reused { "kept alive" } else { "new" };
    Some(format!("connection {} to {server}, {how}", local.port()))
}
