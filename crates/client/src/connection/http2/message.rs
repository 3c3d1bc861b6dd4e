//! Messages in the two forms that they have here: the text that a request is written as, and the head that
//! a response would have over HTTP/1.1.

use http::header::HOST;
use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use http::{HeaderName, HeaderValue, Request, Response, Version};
use measure::ErrorReason;

const UNFIT: ErrorReason = ErrorReason::Http2("the request has fields that HTTP/2 does not have");

/// The request that this text is, for a server with or without TLS.
pub(super) fn request(text: &[u8], is_tls: bool) -> Result<Request<()>, ErrorReason> {
    let mut lines = text.split(|&octet| octet == b'\n').map(<[u8]>::trim_ascii_end);
    let path = lines.next().and_then(|line| line.split(|&octet| octet == b' ').nth(1));
    let path = PathAndQuery::try_from(path.unwrap_or_default()).map_err(|_| UNFIT)?;
    let mut request = Request::new(());
    let mut authority = None;
    for line in lines.take_while(|line| !line.is_empty()) {
        let colon = line.iter().position(|&octet| octet == b':').ok_or(UNFIT)?;
        let name = HeaderName::from_bytes(&line[..colon]).map_err(|_| UNFIT)?;
        let value = line[colon + 1..].trim_ascii();
        if name == HOST {
            // It has a place of its own (RFC 9113 §8.3.1).
            authority = Some(Authority::try_from(value).map_err(|_| UNFIT)?);
        } else {
            let value = HeaderValue::from_bytes(value).map_err(|_| UNFIT)?;
            request.headers_mut().append(name, value);
        }
    }
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(if is_tls { Scheme::HTTPS } else { Scheme::HTTP });
    parts.authority = authority;
    parts.path_and_query = Some(path);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| UNFIT)?;
    *request.version_mut() = Version::HTTP_2;
    Ok(request)
}

/// Writes the head that this response would have over HTTP/1.1.
pub(super) fn write_head<B>(response: &Response<B>, buffer: &mut Vec<u8>) {
    buffer.clear();
    buffer.extend_from_slice(b"HTTP/1.1 ");
    buffer.extend_from_slice(response.status().as_str().as_bytes());
    buffer.extend_from_slice(b" \r\n");
    for (name, value) in response.headers() {
        buffer.extend_from_slice(name.as_str().as_bytes());
        buffer.extend_from_slice(b": ");
        buffer.extend_from_slice(value.as_bytes());
        buffer.extend_from_slice(b"\r\n");
    }
    buffer.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_keeps_its_fields_and_its_host_becomes_the_authority() {
        let text =
            b"GET /a?b=c HTTP/1.1\r\nhost: h:81\r\nif-none-match: W/\"1\"\r\nX: y: z\r\n\r\n";
        let made = request(text, true).expect("a request");
        assert_eq!(made.uri(), "https://h:81/a?b=c");
        let fields: Vec<_> = made.headers().iter().collect();
        let value = HeaderValue::from_static;
        assert_eq!(
            fields.iter().map(|(name, value)| (name.as_str(), *value)).collect::<Vec<_>>(),
            [("if-none-match", &value("W/\"1\"")), ("x", &value("y: z"))]
        );
        assert_eq!(request(b"GET / HTTP/1.1\r\nhost: a b\r\n\r\n", false).err(), Some(UNFIT));
        assert_eq!(request(b"GET / HTTP/1.1\r\nuser-agent: x\r\n\r\n", false).err(), Some(UNFIT));
    }

    #[test]
    fn a_response_is_read_like_one_over_http_1_1() {
        let response = Response::builder().status(304).header("etag", "\"1\"").body(());
        let mut buffer = vec![1; 7];
        write_head(&response.expect("a response"), &mut buffer);
        assert_eq!(buffer, b"HTTP/1.1 304 \r\netag: \"1\"\r\n\r\n");
        let head = crate::head::parse(&buffer).ok().flatten().expect("a head");
        assert_eq!((head.message.status, head.message.len), (304, buffer.len()));
    }
}
