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

use axum::body::Body;
use axum::response::Response;
use http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
use http::{HeaderMap, StatusCode};
use semantics::{Decision, EntityTag, FieldName, Method, RequestFields as _, Validators};
use server::fields::HeaderFields;
use server::response::response;
use server::{Tag, selected};

use super::protocol::{Creation, CreationResult, HeldTag, ReadStep, TagProtocol};
use super::{SharedTagsState, fresh_tag};
use crate::answer;
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
    let is_authorised = answer::is_granted(&replica, &fields);
    let mut read = look_up(&replica, shared, method, &fields, is_authorised).await;
    loop {
        match read {
            ReadStep::Create(creation) => read = create(&replica, shared, creation).await,
            ReadStep::NotModified(tag) => return hit(&replica, shared, &fields, &tag),
            ReadStep::Fail => return answer::failed(&replica),
            ReadStep::Unauthorized => return answer::unauthorized(&replica),
            ReadStep::Render(rendering) => {
                rendering.miss.inspect(|miss| replica.accounts.missed(*miss));
                // As published, this is the first time that anybody asks: a hit needs no authority.
                if !is_authorised {
                    return answer::unauthorized(&replica);
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
    shared.spec.protocol.looked_up(held, matches, is_authorised, || {
        shared.spec.store.candidate().unwrap_or_else(fresh_tag)
    })
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

/// The tag of what a request selects, made of that of the content in no coding.
fn selected_tag(replica: &Replica, fields: &HeaderMap, tag: &EntityTag) -> Tag {
    let (accepted, offer) = (HeaderFields(fields), replica.spec.codings.iter().copied());
    let coding = semantics::coding::preferred(accepted.lines(FieldName::AcceptEncoding), offer);
    Tag::new(coding.map_or_else(|| tag.clone(), |coding| tag.coded(coding)))
}

/// Returns true if the answer is 304 whatever the content is: by the tag, and by nothing else.
fn matches(
    replica: &Replica,
    protocol: TagProtocol,
    method: Method,
    fields: &HeaderMap,
    tag: &EntityTag,
) -> bool {
    let tag = selected_tag(replica, fields, tag);
    if protocol == TagProtocol::AsPublished {
        return fields.get(IF_NONE_MATCH).is_some_and(|line| line == tag.field);
    }
    // These two come before `If-None-Match`, and only the application knows their answer.
    if fields.contains_key(IF_MATCH) || fields.contains_key(IF_UNMODIFIED_SINCE) {
        return false;
    }
    let is_not_modified = |entity_tag| {
        let validators = Validators { entity_tag, last_modified: None };
        let decision = selected::decide(method, &HeaderFields(fields), Some(&validators));
        decision == Decision::NotModified
    };
    // What matches without any tag is `*`, which asks whether there is any content.
    is_not_modified(Some(&tag.value)) && !is_not_modified(None)
}

/// 304 without a query, with those fields that a 200 would have (RFC 9110 §15.4.5), and with the truth
/// about the content as far as a harness has declared it; the server adds `Date`.
fn hit(
    replica: &Replica,
    shared: &SharedTagsState,
    asked: &HeaderMap,
    tag: &EntityTag,
) -> Response {
    replica.accounts.hit();
    let mut fields = HeaderMap::new();
    let truth = shared.declared();
    answer::declare(&mut fields, truth.as_ref().or(replica.bare_declaration.as_ref()));
    replica.description.identify(Some(&selected_tag(replica, asked, tag)), &mut fields);
    replica.poll_interval.write(&mut fields);
    replica.accounts.answered(StatusCode::NOT_MODIFIED, 0);
    response(StatusCode::NOT_MODIFIED, fields, Body::empty())
}
