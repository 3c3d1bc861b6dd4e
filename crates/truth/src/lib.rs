//! The declaration that a replica makes about itself, so that no verdict is ever a guess from a tag.
//!
//! Every replica of the lab adds one small field to its responses:
//!
//! ```text
//! lab-replica: 2/8qLdT1xA.1
//!              │ │        └ edition: how many changes the resource had seen (harness runs only)
//!              │ └ content id: 48 bits of the content's XXH3 digest, base64url
//!              └ replica id
//! ```
//!
//! The balancer adds `lab-replica: 2` where a foreign replica sends none. The field line is at
//! most [`MAX_FIELD_LINE_BYTES`] on the wire and is counted apart as instrumentation.
//! This crate only encodes and decodes; it knows no HTTP and no socket.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Name of the response field that carries a [`Declaration`], in lower case.
pub const REPLICA_FIELD: &str = "lab-replica";

/// Name of the request field by which a logical client names itself to a sticky balancer.
pub const CLIENT_FIELD: &str = "lab-client";

/// Longest declared field line on the wire, `name: value CRLF`, with at most 999 replicas and
/// 9,999 editions.
pub const MAX_FIELD_LINE_BYTES: usize = 32;

const CONTENT_ID_BITS: u32 = 48;
const CONTENT_ID_CHARS: usize = 8;

/// Number of a replica: `1..=N` in the lab, the port for a replica started by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicaId(pub u32);

impl fmt::Display for ReplicaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

/// Identity of a content by its bytes: equal ids mean equal bytes, for the lab's purposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentId(u64);

impl ContentId {
    /// The id of these bytes.
    pub fn of(content: &[u8]) -> Self {
        Self::from_digest(xxhash_rust::xxh3::xxh3_64(content))
    }

    // 48 bits are eight characters of base64url without padding, which keeps the field line short;
    // a run sees far too few contents for two of them to share an id.
    fn from_digest(digest: u64) -> Self {
        Self(digest >> (u64::BITS - CONTENT_ID_BITS))
    }

    fn parse(text: &[u8]) -> Option<Self> {
        if text.len() != CONTENT_ID_CHARS {
            return None;
        }
        let mut bytes = [0; 8];
        let written = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes[2..]).ok()?;
        (written == 6).then(|| Self(u64::from_be_bytes(bytes)))
    }
}

impl std::str::FromStr for ContentId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::parse(text.as_bytes()).ok_or(())
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(&self.0.to_be_bytes()[2..]))
    }
}

/// Finds the id of a content that arrives in pieces.
#[derive(Clone, Default)]
pub struct ContentHasher(xxhash_rust::xxh3::Xxh3Default);

impl ContentHasher {
    /// Appends a piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The id of all pieces together.
    pub fn id(&self) -> ContentId {
        ContentId::from_digest(self.0.digest())
    }
}

impl fmt::Debug for ContentHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ContentHasher").field(&self.id()).finish()
    }
}

/// A content and, where the changes are numbered, its place in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Content {
    /// Identity of the bytes.
    pub id: ContentId,
    /// Number of changes the resource had seen; `None` where they are not numbered.
    pub edition: Option<u32>,
}

/// The declaration in one response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The replica that answered.
    pub replica: ReplicaId,
    /// The content this replica holds at the moment of answering, also on a 304.
    pub content: Option<Content>,
}

impl Declaration {
    /// Decodes a field value; `None` for anything that is not exactly a declaration.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let (replica, content) = split(value, b'/');
        let replica = ReplicaId(parse_decimal(replica)?);
        // Half a declaration is none: what it says would be counted as the truth.
        let content = content.map_or(Some(None), |content| parse_content(content).map(Some))?;
        Some(Self { replica, content })
    }
}

impl fmt::Display for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.replica.0)?;
        if let Some(content) = self.content {
            write!(f, "/{}", content.id)?;
            if let Some(edition) = content.edition {
                write!(f, ".{edition}")?;
            }
        }
        Ok(())
    }
}

fn parse_content(text: &[u8]) -> Option<Content> {
    let (id, edition) = split(text, b'.');
    let edition = edition.map_or(Some(None), |edition| parse_decimal(edition).map(Some))?;
    Some(Content { id: ContentId::parse(id)?, edition })
}

fn split(text: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    let mut parts = text.splitn(2, |&byte| byte == separator);
    (parts.next().unwrap_or_default(), parts.next())
}

// Digits only, without sign, space or leading zero, so that equal values have one spelling.
fn parse_decimal(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 10 || (text[0] == b'0' && text.len() > 1) {
        return None;
    }
    text.iter().try_fold(0_u32, |value, &digit| {
        let digit = digit.is_ascii_digit().then(|| u32::from(digit - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expected: Option<Declaration>) {
        assert_eq!(Declaration::parse(value.as_bytes()), expected, "{value:?}");
        if let Some(declaration) = expected {
            assert_eq!(declaration.to_string(), value);
        }
    }

    #[test]
    fn a_declaration_reads_back_as_it_was_written() {
        let content = Content { id: ContentId::of(b"{}"), edition: Some(12) };
        for content in [None, Some(content), Some(Content { edition: None, ..content })] {
            let declaration = Declaration { replica: ReplicaId(3), content };
            check(&declaration.to_string(), Some(declaration));
        }
    }

    #[test]
    fn anything_else_is_no_declaration() {
        for value in [
            "",
            "r1",
            "01",
            "-1",
            "1/",
            "1/short",
            "1/AAAAAAA=",
            "1/AAAAAAAA.",
            "1/AAAAAAAA.x",
            "99999999999",
            "1 ",
            "1/AAAAAAAAA",
        ] {
            check(value, None);
        }
    }

    #[test]
    fn the_field_line_keeps_its_promised_length() {
        let content = Content { id: ContentId::of(b"x"), edition: Some(9_999) };
        let declaration = Declaration { replica: ReplicaId(999), content: Some(content) };
        assert_eq!(format!("{REPLICA_FIELD}: {declaration}\r\n").len(), MAX_FIELD_LINE_BYTES);
    }

    #[test]
    fn a_content_in_pieces_has_the_id_of_the_whole() {
        let mut hasher = ContentHasher::default();
        let content = vec![7; 100_000];
        content.chunks(999).for_each(|piece| hasher.update(piece));
        assert_eq!(hasher.id(), ContentId::of(&content));
    }

    #[test]
    fn different_bytes_have_different_ids() {
        assert_ne!(ContentId::of(b"a"), ContentId::of(b"b"));
        assert_eq!(ContentId::of(b"a"), ContentId::of(b"a"));
    }
}
