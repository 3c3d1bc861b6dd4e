//! What polls come to, as octets that were prepared before: 304, and the whole content.
//!
//! Decides nothing and makes no field: [`Selected`] does. Whatever else is due is left to whoever
//! answers all requests.

use http::{HeaderMap, StatusCode};
use semantics::Decision;
use server::{Plain, Prepared};

use super::selected::Selected;
use crate::proxy::state::Proxy;
use crate::proxy::target::Target;

impl Proxy {
    /// Answers a plain read of a table or a route, and counts it; `None` where somebody else has to.
    pub(super) fn polled(&self, request: &Plain<'_>) -> Option<Prepared> {
        let target = Target::of(request.path);
        if !matches!(target, Target::Table | Target::Zone(_) | Target::Route(..)) {
            return None;
        }
        let held = self.served()?;
        let selected = Selected::by(&held, held.resource(&target)?, request);
        match selected.decide(request.method, request) {
            Decision::NotModified => {
                let answer = selected.kept_not_modified()?;
                self.metrics.avoided(selected.variant.content.len());
                self.metrics.answered(StatusCode::NOT_MODIFIED);
                Some(answer)
            }
            Decision::Proceed => {
                let mut fields = HeaderMap::new();
                selected.describe(&mut fields);
                let content = selected.content(request.method);
                let bytes = content.len();
                let answer = Prepared::ok(&fields, content)?;
                self.metrics.served(bytes);
                self.metrics.answered(StatusCode::OK);
                Some(answer)
            }
            Decision::PreconditionFailed => None,
        }
    }
}

impl Selected<'_> {
    fn kept_not_modified(&self) -> Option<Prepared> {
        if let Some(kept) = self.variant.not_modified.get() {
            return Some(kept.clone());
        }
        let mut fields = HeaderMap::new();
        self.identify(&mut fields);
        let made = Prepared::not_modified(&fields)?;
        Some(self.variant.not_modified.get_or_init(|| made).clone())
    }
}
