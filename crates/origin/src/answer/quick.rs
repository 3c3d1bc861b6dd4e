//! What most requests come to, as octets that were prepared before: 304, and the whole content.
//!
//! Decides nothing of its own, and makes no field: the same functions do that answer all others.
//! Whatever else is due is left to them.

use http::{HeaderMap, StatusCode};
use semantics::{Decision, FieldName, Method, RequestFields as _};
use server::{Plain, Prepared};
use strategies::Computed;

use super::{Selected, conditional, declare, full, not_modified};
use crate::replica::Replica;

/// Answers a plain read of the resource, and counts it; `None` where somebody else has to.
pub(crate) fn quick(replica: &Replica, request: &Plain<'_>) -> Option<Prepared> {
    if !holds_answers(replica) || request.path != replica.spec.path {
        return None;
    }
    let current = replica.current(None)?;
    let selected = Selected::by(replica, &current, request);
    let decision = conditional::decide(request.method, request, Some(&selected.validators()));
    let (status, answer) = match decision {
        Decision::NotModified => (StatusCode::NOT_MODIFIED, selected.kept_not_modified()?),
        Decision::Proceed if request.lines(FieldName::Range).next().is_none() => {
            (StatusCode::OK, selected.whole(request.method)?)
        }
        Decision::Proceed | Decision::PreconditionFailed => return None,
    };
    // Nobody was asked anything: what is held was made before.
    replica.accounts.answered(status, 0);
    Some(answer)
}

/// Whether what is held answers anybody, and nothing has to be gathered or asked for first.
fn holds_answers(replica: &Replica) -> bool {
    let spec = &replica.spec;
    let is_held = spec.strategy.computed == Computed::OnChange && spec.store.is_none();
    is_held && replica.sharing.is_none() && spec.token.is_none()
}

impl Selected<'_> {
    fn kept_not_modified(&self) -> Option<Prepared> {
        // What clients are told of their pace may change at any time.
        if self.replica.pace.is_told() {
            return self.not_modified();
        }
        if let Some(kept) = self.variant.not_modified.get() {
            return Some(kept.clone());
        }
        let made = self.not_modified()?;
        Some(self.variant.not_modified.get_or_init(|| made).clone())
    }

    fn not_modified(&self) -> Option<Prepared> {
        Prepared::not_modified(not_modified(self, self.declared()).headers())
    }

    fn whole(&self, method: Method) -> Option<Prepared> {
        let response = full(self, method, self.declared());
        let content = match method {
            Method::Head => bytes::Bytes::new(),
            Method::Get | Method::Other => self.variant.content.clone(),
        };
        Prepared::ok(response.headers(), content)
    }

    fn declared(&self) -> HeaderMap {
        let mut fields = HeaderMap::new();
        declare(&mut fields, self.current.declaration.as_ref());
        fields
    }
}
