//! Scripts of pages of another origin: what they may read of a response, by the rules of the Fetch
//! standard (§4.9 CORS check, §3.3.2 `Access-Control-Expose-Headers`).
//!
//! Such a script revalidates by itself, with the tag that it could read; its requests carry no
//! credentials. What a browser's own cache does is not here, nor are preflights.

use measure::ErrorReason;

use crate::head;
use crate::response::PollResponse;

/// The origins of scripts, which they take in turn; none for clients that are no scripts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(Vec<Box<str>>);

impl Origins {
    pub(crate) fn new(origins: &[String]) -> Self {
        Self(origins.iter().map(|origin| origin.as_str().into()).collect())
    }

    pub(crate) fn are_some(&self) -> bool {
        !self.0.is_empty()
    }

    fn of(&self, client: u32) -> Option<&str> {
        let origins = self.0.as_slice();
        (!origins.is_empty()).then(|| &*origins[client as usize % origins.len()])
    }

    /// Appends the field line of this client, if it has an origin.
    pub(crate) fn write(&self, client: u32, out: &mut Vec<u8>) {
        if let Some(origin) = self.of(client) {
            out.extend_from_slice(format!("origin: {origin}\r\n").as_bytes());
        }
    }

    /// The response as this client may read it.
    pub(crate) fn readable<'a>(
        &self,
        client: u32,
        response: PollResponse<'a>,
    ) -> Result<PollResponse<'a>, ErrorReason> {
        let Some(origin) = self.of(client) else { return Ok(response) };
        let allowed = head::value(response.head, "access-control-allow-origin");
        if !allowed.is_some_and(|allowed| allowed == b"*" || allowed == origin.as_bytes()) {
            return Err(ErrorReason::CrossOrigin);
        }
        let hides_tag = !exposes_tag(response.head);
        Ok(PollResponse { hides_tag, ..response })
    }
}

fn exposes_tag(head: &[u8]) -> bool {
    let is_named =
        |(name, _): &(&[u8], &[u8])| name.eq_ignore_ascii_case(b"access-control-expose-headers");
    let mut names = head::lines(head)
        .filter(is_named)
        .flat_map(|(_, value)| value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii));
    names.any(|name| name == b"*" || name.eq_ignore_ascii_case(b"etag"))
}

#[cfg(test)]
mod tests {
    use measure::ContentCoding;
    use truth::ContentId;

    use super::*;

    /// Whether the second of two origins may read a response with these fields, and its tag.
    fn check(fields: &str, expected: Result<bool, ErrorReason>) {
        let head = format!("HTTP/1.1 304 x\r\n{fields}\r\n");
        let response = PollResponse {
            status: 304,
            head: head.as_bytes(),
            entity_tag: Some(b"\"1\""),
            declaration: None,
            content: ContentId::of(b""),
            coding: ContentCoding::Identity,
            octets: 0,
            hides_tag: false,
        };
        let origins = Origins::new(&["https://a.example", "https://b.example"].map(str::to_owned));
        let read = origins.readable(3, response).map(|response| !response.hides_tag);
        assert_eq!(read, expected, "{fields}");
    }

    #[test]
    fn a_response_is_read_where_its_origin_is_allowed_and_a_tag_where_it_is_exposed() {
        let expose = "Access-Control-Expose-Headers:";
        let allow = "Access-Control-Allow-Origin: https://b.example\r\n";
        check("", Err(ErrorReason::CrossOrigin));
        check("Access-Control-Allow-Origin: https://a.example\r\n", Err(ErrorReason::CrossOrigin));
        check(allow, Ok(false));
        check("Access-Control-Allow-Origin: *\r\n", Ok(false));
        check(&format!("{allow}{expose} X-Count\r\n{expose} a, etag\r\n"), Ok(true));
        check(&format!("{allow}{expose} *\r\n"), Ok(true));
        check(&format!("{allow}{expose} X-ETag\r\n"), Ok(false));
    }

    #[test]
    fn who_is_no_script_reads_everything() {
        let mut request = Vec::new();
        Origins::default().write(0, &mut request);
        assert!(request.is_empty());
    }
}
