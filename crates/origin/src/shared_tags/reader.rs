//! The middleware: answers a read from the shared tag before the application is asked at all.
//!
//! Its order of steps is [`TagProtocol`]'s, and a match is decided by the function that decides about
//! every request. It answers only what the tag alone decides: with `*`, `If-Match` or
//! `If-Unmodified-Since` the application has to know whether there is content and how old it is. Sends
//! no query; what it cannot answer, the application does, under the tag that was read *before*.
//!
//! An answer without content declares what a harness has declared, because a guess would hide the
//! very staleness that is to be counted; without a harness such a 304 declares no content.

use std::sync::Arc;

use axum::response::Response;
use http::HeaderMap;
use http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
use semantics::{EntityTag, Method};

use super::protocol::{Creation, CreationResult, HeldTag, ReadStep, TagProtocol};
use super::{SharedTagsState, fresh_tag};
use crate::answer::{self, Unrendered};
use crate::authority;
use crate::replica::Replica;

/// Answers a GET or HEAD for the resource of a replica with shared tags.
pub(crate) async fn answer(
    replica: Arc<Replica>,
    method: Method,
    mut fields: HeaderMap,
) -> Response {
    let Some(shared) = &replica.shared_tags else {
        return answer::polled(&replica, method, fields, None);
    };
    let is_authorised = authority::is_granted(&replica, &fields);
    let mut read = look_up(&replica, shared, method, &fields, is_authorised).await;
    loop {
        match read {
            ReadStep::Create(creation) => read = create(&replica, shared, creation).await,
            ReadStep::NotModified(tag) => return hit(&replica, shared, &fields, &tag),
            ReadStep::Fail => return answer::failed(&replica),
            ReadStep::Unauthorized => return authority::refusal(&replica),
            ReadStep::Render(rendering) => {
                rendering.miss.inspect(|miss| replica.accounts.missed(*miss));
                if !is_authorised {
                    return authority::refusal(&replica);
                }
                match shared.spec.protocol {
                    // There, nobody looks at it a second time.
                    TagProtocol::AsPublished => fields.remove(IF_NONE_MATCH),
                    // Two changes in one second have one date, and others may have made them.
                    TagProtocol::Hardened => fields.remove(IF_MODIFIED_SINCE),
                };
                return answer::polled(&replica, method, fields, rendering.tag.as_ref());
            }
        }
    }
}

/// The tag that the store has for the resource, for whoever renders without creating one.
pub(crate) async fn tag(replica: &Replica) -> Option<EntityTag> {
    let shared = replica.shared_tags.as_ref()?;
    match shared.spec.store.get(&shared.key).await {
        HeldTag::Tag(tag) => Some(tag),
        HeldTag::Announced | HeldTag::Missing | HeldTag::Down => None,
    }
}

async fn look_up(
    replica: &Replica,
    shared: &SharedTagsState,
    method: Method,
    fields: &HeaderMap,
    is_authorised: bool,
) -> ReadStep<EntityTag> {
    let held = shared.spec.store.get(&shared.key).await;
    if held == HeldTag::Down {
        replica.accounts.store_failed();
    }
    let matches = fields.contains_key(IF_NONE_MATCH).then_some(|tag: &EntityTag| {
        let protocol = shared.spec.protocol;
        matches(replica, protocol, method, fields, tag)
    });
    shared.spec.protocol.looked_up(held, matches, is_authorised, fresh_tag)
}

async fn create(
    replica: &Replica,
    shared: &SharedTagsState,
    creation: Creation<EntityTag>,
) -> ReadStep<EntityTag> {
    shared.gate.pass().await;
    let tags = &shared.spec;
    let created = tags.store.create(&shared.key, &creation.candidate, tags.ttl).await;
    if created == CreationResult::Down {
        replica.accounts.store_failed();
    }
    creation.answered(created)
}

/// Returns true if the answer is 304 whatever the content is: by the tag, and by nothing else.
///
/// `*` asks whether there is any content, and the other two conditions come before `If-None-Match`:
/// all of that only the application knows.
fn matches(
    replica: &Replica,
    protocol: TagProtocol,
    method: Method,
    fields: &HeaderMap,
    tag: &EntityTag,
) -> bool {
    let unrendered = Unrendered::new(replica, fields, tag);
    match protocol {
        TagProtocol::AsPublished => {
            fields.get(IF_NONE_MATCH).is_some_and(|line| line == unrendered.tag().field)
        }
        TagProtocol::Hardened => {
            let is_plain =
                !fields.contains_key(IF_MATCH) && !fields.contains_key(IF_UNMODIFIED_SINCE);
            is_plain && unrendered.is_named(method, fields)
        }
    }
}

/// 304 without a query, and with the truth about the content as far as a harness has declared it.
fn hit(
    replica: &Replica,
    shared: &SharedTagsState,
    fields: &HeaderMap,
    tag: &EntityTag,
) -> Response {
    replica.accounts.hit();
    let unrendered = Unrendered::new(replica, fields, tag);
    let truth = shared.declared();
    unrendered.not_modified(truth.as_ref().or(replica.bare_declaration.as_ref()))
}
