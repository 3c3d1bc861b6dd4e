//! Answers most requests with octets that were prepared before: 304, and the whole content.
//!
//! Decides nothing of its own and makes no field: [`server::selected`] does, as for all other answers.

use http::HeaderMap;
use server::{Plain, Prepared};
use strategies::Computed;

use crate::replica::Replica;

/// Answers a plain read of the resource, and counts it; `None` leaves it to [`super::polled`].
pub(crate) fn quick(replica: &Replica, request: &Plain<'_>) -> Option<Prepared> {
    if !holds_answers(replica) || request.path != replica.spec.path {
        return None;
    }
    let current = replica.current(None)?;
    let mut fields = HeaderMap::new();
    replica.poll_interval.write(&mut fields);
    let selected = current.select(&replica.description, request);
    let (status, answer) = selected.prepared(request, fields)?;
    // No query was sent: what is held was made before.
    replica.accounts.answered(status, 0);
    Some(answer)
}

/// Returns true if the state held answers every client, and nothing has to be gathered or looked
/// up first.
fn holds_answers(replica: &Replica) -> bool {
    let spec = &replica.spec;
    let is_held = spec.strategy.computed == Computed::OnChange && spec.database.is_none();
    is_held && replica.shared_tags.is_none() && spec.token.is_none()
}
