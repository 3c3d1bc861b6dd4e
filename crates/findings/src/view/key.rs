//! Identity of contents: a hash, a declaration, or a length alone.

use truth::{Declaration, REPLICA_FIELD};

use crate::evidence::{Fingerprint, ObservedResponse};

/// Identity of the content of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContentKey {
    /// Hashed, or named by a replica of the lab.
    Known(Fingerprint),
    /// Not seen whole; presumed from its length alone.
    Presumed(u64),
}

/// Identity of the content of an answer; `None` where nothing of it is known.
pub(crate) fn key(answer: &ObservedResponse) -> Option<ContentKey> {
    let length = || answer.fields.text("content-length")?.parse().ok();
    match answer.content.decoded.map(|digests| digests.sha256).or_else(|| declared(answer)) {
        Some(content) => Some(ContentKey::Known(content)),
        None => length().filter(|_| answer.coding() == "identity").map(ContentKey::Presumed),
    }
}

/// Hash of a content that was not seen, as replicas of the lab declare it.
fn declared(answer: &ObservedResponse) -> Option<Fingerprint> {
    let declaration = Declaration::parse(answer.fields.get(REPLICA_FIELD)?)?;
    let id = declaration.content?.id.to_string();
    let mut fingerprint = Fingerprint::default();
    fingerprint.iter_mut().zip(id.bytes()).for_each(|(byte, own)| *byte = own);
    Some(fingerprint)
}
