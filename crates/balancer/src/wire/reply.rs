//! Responses that the gateway makes itself when no replica can answer.

use super::fields::{push_date, push_field, push_via};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Status code, one that [`reason_phrase`] knows.
    pub(crate) status: u16,
    /// Reason in one lowercase fragment; the whole content.
    pub(crate) reason: &'static str,
}

impl Reply {
    pub(crate) const fn new(status: u16, reason: &'static str) -> Self {
        Self { status, reason }
    }
}

/// Appends the response; `head` leaves the content out, as for HEAD.
pub(crate) fn write_reply(out: &mut Vec<u8>, reply: Reply, head: bool, close: bool) {
    let Reply { status, reason } = reply;
    out.extend_from_slice(format!("HTTP/1.1 {status} {}\r\n", reason_phrase(status)).as_bytes());
    push_date(out);
    push_via(out, 1);
    if close {
        push_field(out, "connection", b"close");
    }
    if status == 204 {
        out.extend_from_slice(b"\r\n");
        return;
    }
    push_field(out, "content-type", b"text/plain; charset=utf-8");
    push_field(out, "content-length", (reason.len() + 1).to_string().as_bytes());
    out.extend_from_slice(b"\r\n");
    if !head {
        out.extend_from_slice(reason.as_bytes());
        out.push(b'\n');
    }
}

fn reason_phrase(status: u16) -> &'static str {
    match status {
        204 => "No Content",
        400 => "Bad Request",
        408 => "Request Timeout",
        414 => "URI Too Long",
        421 => "Misdirected Request",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}
