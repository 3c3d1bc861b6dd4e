//! Answers as octets, as hyper would write them.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, StatusCode};

/// A response that lacks its date only; to clone it is to count references.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Status line and field lines, without the empty line that ends them.
    head: Bytes,
    content: Bytes,
    status: StatusCode,
}

impl Prepared {
    /// 304 with these fields, and with those that the server adds; `None` where it would change
    /// some of these.
    pub fn not_modified(fields: &HeaderMap) -> Option<Self> {
        if fields.contains_key(CONTENT_LENGTH) {
            return None;
        }
        Self::new(StatusCode::NOT_MODIFIED, fields, Bytes::new())
    }

    /// 200 with these fields, and with those that the server adds; `None` where it would change some
    /// of these, and without `Content-Length`. To a HEAD, the content is empty all the same.
    pub fn ok(fields: &HeaderMap, content: Bytes) -> Option<Self> {
        let length = fields.get(CONTENT_LENGTH)?;
        if !content.is_empty() && *length != HeaderValue::from(content.len()) {
            return None;
        }
        Self::new(StatusCode::OK, fields, content)
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn content_bytes(&self) -> u64 {
        self.content.len() as u64
    }

    fn new(status: StatusCode, fields: &HeaderMap, content: Bytes) -> Option<Self> {
        if [CONNECTION, DATE, TRANSFER_ENCODING].iter().any(|name| fields.contains_key(name)) {
            return None;
        }
        let mut head = Vec::with_capacity(64 * (fields.len() + 1));
        for part in ["HTTP/1.1 ", status.as_str(), " ", status.canonical_reason()?, "\r\n"] {
            head.extend_from_slice(part.as_bytes());
        }
        for (name, value) in fields {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
        Some(Self { head: head.into(), content, status })
    }

    /// The head, complete with this line.
    pub(super) fn write_head(&self, to: &mut Vec<u8>, date_line: &[u8]) {
        for part in [&self.head, date_line, b"\r\n"] {
            to.extend_from_slice(part);
        }
    }

    pub(super) fn into_content(self) -> Bytes {
        self.content
    }
}
