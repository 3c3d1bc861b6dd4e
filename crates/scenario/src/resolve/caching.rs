//! What clients do with what they have stored: the keys of `[load]` that an arm may override.

use client::{Caching, IfRange, Interruption, OnError, Validate};

use super::setup::{OfArm, nearest};
use super::{Given, Resolver};
use crate::diagnostic::{Diagnostic, Result};
use crate::file::{IfRangeKey, OnErrorKey, ValidateKey};

impl Resolver<'_> {
    pub(super) fn caching(&self, arm: OfArm<'_>) -> Result<Caching> {
        let load = self.load();
        let validate = nearest(arm, |arm| arm.validate, load.validate, "load", "validate").value;
        let freshness = nearest(
            arm,
            |arm| arm.honour_freshness,
            load.honour_freshness,
            "load",
            "honour-freshness",
        );
        let honour_freshness = freshness.value.unwrap_or_default();
        let mut caching = Caching {
            validate: validate.map_or_else(Validate::default, Into::into),
            honour_freshness,
            interruption: self.interruption(arm)?,
            ..Caching::default()
        };
        if honour_freshness || self.obeys_poll_interval(arm) {
            caching.round_interval = self.interval()?;
        }
        Ok(caching)
    }

    /// What an arm or all say of it; `None` where nobody says anything.
    pub(super) fn on_error(&self, arm: OfArm<'_>) -> Option<OnError> {
        let shared = self.load().on_error;
        nearest(arm, |arm| arm.on_error, shared, "load", "on-error").value.map(Into::into)
    }

    pub(super) fn obeys_poll_interval(&self, arm: OfArm<'_>) -> bool {
        let shared = self.load().obey_poll_interval;
        let obeys =
            nearest(arm, |arm| arm.obey_poll_interval, shared, "load", "obey-poll-interval");
        obeys.value.unwrap_or_default()
    }

    fn interruption(&self, arm: OfArm<'_>) -> Result<Option<Interruption>> {
        let load = self.load();
        let at = nearest(arm, |arm| arm.interrupt_at, load.interrupt_at, "load", "interrupt-at");
        let if_range = nearest(arm, |arm| arm.if_range, load.if_range, "load", "if-range");
        match (at.value, if_range.value) {
            (Some(share), if_range) if share > 0.0 && share < 1.0 => {
                let if_range = if_range.map_or_else(IfRange::default, Into::into);
                Ok(Some(Interruption { at: share, if_range }))
            }
            (Some(share), _) => Err(self.no_share(&at, share)),
            (None, Some(_)) if !self.any_interruption() => Err(self.nothing_to_resume(&if_range)),
            (None, _) => Ok(None),
        }
    }

    /// Whether any arm cuts downloads: what all share may then be meant for that one.
    fn any_interruption(&self) -> bool {
        let mut arms = self.file.arm.iter().flatten();
        self.load().interrupt_at.is_some() || arms.any(|arm| arm.interrupt_at.is_some())
    }

    fn nothing_to_resume(&self, if_range: &Given<IfRangeKey>) -> Box<Diagnostic> {
        let title = "`if-range` has no meaning where no download is interrupted";
        let error = self.error(&if_range.path, title, "there is nothing to resume");
        Box::new(error.help("interrupt-at = 0.5 (--interrupt-at 0.5)"))
    }

    fn no_share(&self, at: &Given<f64>, share: f64) -> Box<Diagnostic> {
        let title = "`interrupt-at` must lie between 0 and 1";
        let error = self.error(&at.path, title, format!("this is {share}"));
        let help = "it is a share of the content: interrupt-at = 0.5 hangs up in the middle";
        Box::new(error.help(help))
    }
}

impl From<ValidateKey> for Validate {
    fn from(key: ValidateKey) -> Self {
        match key {
            ValidateKey::Etag => Self::EntityTag,
            ValidateKey::LastModified => Self::LastModified,
            ValidateKey::Both => Self::Both,
        }
    }
}

impl From<OnErrorKey> for OnError {
    fn from(key: OnErrorKey) -> Self {
        match key {
            OnErrorKey::Keep => Self::Keep,
            OnErrorKey::Drop => Self::Drop,
        }
    }
}

impl From<IfRangeKey> for IfRange {
    fn from(key: IfRangeKey) -> Self {
        match key {
            IfRangeKey::Any => Self::Any,
            IfRangeKey::StrongOnly => Self::StrongOnly,
        }
    }
}
