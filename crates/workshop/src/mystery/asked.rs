//! What was asked of the fleet, and what it answered, as far as it is evidence.

use http::{HeaderMap, HeaderName, Request, StatusCode, header};

/// The way by which something was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// Through the balancer.
    Balancer,
    /// A node by itself, counted from 0.
    Node(usize),
}

/// One exchange.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub(super) way: Way,
    /// Whether compression was welcome.
    pub(super) compressed: bool,
    /// Tags that were sent back, without weakness.
    pub(super) sent_tags: Vec<String>,
    /// Date that was sent back.
    pub(super) sent_date: Option<String>,
    pub(super) status: u16,
    pub(super) tag: Option<String>,
    pub(super) date: Option<String>,
    /// Changes and restarts before it.
    pub(super) epoch: (u32, u32),
}

impl Asked {
    pub(super) fn of<B>(way: Way, request: &Request<B>) -> Self {
        let fields = request.headers();
        let tags = text(fields, &header::IF_NONE_MATCH).unwrap_or_default();
        Self {
            way,
            compressed: text(fields, &header::ACCEPT_ENCODING)
                .is_some_and(|accepted| accepted.contains("gzip")),
            sent_tags: tags.split(',').map(opaque).filter(|tag| !tag.is_empty()).collect(),
            sent_date: text(fields, &header::IF_MODIFIED_SINCE),
            status: 0,
            tag: None,
            date: None,
            epoch: (0, 0),
        }
    }

    pub(super) fn answered(&mut self, status: StatusCode, fields: &HeaderMap) {
        self.status = status.as_u16();
        self.tag = text(fields, &header::ETAG);
        self.date = text(fields, &header::LAST_MODIFIED);
    }

    /// True if it got what a client can use.
    pub(super) fn is_usual(&self) -> bool {
        [200, 304].contains(&self.status)
    }
}

/// A tag as weak comparison wants it.
pub(super) fn opaque(tag: &str) -> String {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag).to_owned()
}

fn text(fields: &HeaderMap, name: &HeaderName) -> Option<String> {
    fields.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
