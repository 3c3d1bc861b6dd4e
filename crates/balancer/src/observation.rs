//! What was asked and answered, for a page of metrics; nothing is looked at where nobody wants one.
//!
//! Looks whether a request asks for a 304, and at no tag.

use traffic::Answered;

use crate::balancer::Balancer;
use crate::client::Client;

/// Fields by which a request asks for a 304, in lower case.
const CONDITIONS: [&[u8]; 2] = [b"if-none-match:", b"if-modified-since:"];

impl Balancer {
    /// Counts the answer to the request whose head is in `client.rooms.forwarded`; an empty one was
    /// refused before anybody knew what it was about.
    pub(crate) fn count_answer(
        &self,
        client: &Client,
        status: u16,
        content_bytes: u64,
        upstream: Option<usize>,
    ) {
        let Some(traffic) = &self.traffic else { return };
        let path = path(&client.rooms.forwarded);
        let is_conditional = client.is_conditional && !path.is_empty();
        traffic.count(&Answered { path, status, is_conditional, content_bytes, upstream });
    }
}

/// Target in the request line of a head; empty where there is none.
fn path(head: &[u8]) -> &str {
    let target = head.split(|&byte| byte == b' ').nth(1);
    target.and_then(|target| str::from_utf8(target).ok()).unwrap_or_default()
}

/// True if the head has a field that asks for a 304.
pub(crate) fn is_conditional(head: &[u8]) -> bool {
    head.split(|&byte| byte == b'\n').skip(1).any(|line| {
        let begins = |name: &&[u8]| {
            line.split_at_checked(name.len())
                .is_some_and(|(start, _)| start.eq_ignore_ascii_case(name))
        };
        CONDITIONS.iter().any(begins)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_known_by_its_target_and_its_conditions() {
        for (head, expected) in [
            ("GET /a?b HTTP/1.1\r\nhost: h\r\nIF-None-Match: \"1\"\r\n\r\n", ("/a?b", true)),
            ("GET /a HTTP/1.1\r\nIf-Modified-Since: x\r\n\r\n", ("/a", true)),
            (
                "GET /if-none-match: HTTP/1.1\r\nx: if-none-match:\r\n\r\n",
                ("/if-none-match:", false),
            ),
            ("", ("", false)),
        ] {
            assert_eq!(
                (path(head.as_bytes()), is_conditional(head.as_bytes())),
                expected,
                "{head}"
            );
        }
    }
}
