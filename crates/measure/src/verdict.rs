//! The meaning of one exchange to the client that made it.
//!
//! Pure: the truth about contents comes from the caller, never from the tag.

use truth::Content;

use crate::record::VerdictsRecord;

/// Meaning of one poll, from its response and from the content that the client held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// 200, and nothing was held.
    FirstFetch,
    /// 304, and the client holds what the replica holds.
    Validated,
    /// 200 with content newer than the client held.
    Changed,
    /// 200 with content older than the client held.
    Regressed,
    /// 200 with the content the client already held: bytes sent for nothing.
    NeedlessTransfer,
    /// 304, but the replica holds other content: the client now shows stale content.
    FalseValidation,
    /// No request: the stored response was still fresh (RFC 9111 §4.2).
    FreshHit,
    /// 304, and the replica's content was not declared.
    Unverifiable,
    /// Anything else: refused, cut, malformed, another status, timed out.
    Error,
}

impl Verdict {
    /// Every verdict, in the order in which reports list them.
    pub const ALL: [Self; 9] = [
        Self::FirstFetch,
        Self::Validated,
        Self::Changed,
        Self::Regressed,
        Self::NeedlessTransfer,
        Self::FalseValidation,
        Self::FreshHit,
        Self::Unverifiable,
        Self::Error,
    ];

    /// Its name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstFetch => "first_fetch",
            Self::Validated => "validated",
            Self::Changed => "changed",
            Self::Regressed => "regressed",
            Self::NeedlessTransfer => "needless_transfer",
            Self::FalseValidation => "false_validation",
            Self::FreshHit => "fresh_hit",
            Self::Unverifiable => "unverifiable",
            Self::Error => "error",
        }
    }

    /// True when the response was a 304 (RFC 9110 §15.4.5).
    pub fn is_not_modified(self) -> bool {
        matches!(self, Self::Validated | Self::FalseValidation | Self::Unverifiable)
    }

    /// True when the client already held the current content, as far as is known.
    pub fn is_unchanged(self) -> bool {
        matches!(self, Self::Validated | Self::NeedlessTransfer | Self::Unverifiable)
    }
}

/// Facts shown by a complete, well-formed response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation {
    /// A 304; `current` is what the replica declares to hold.
    NotModified {
        /// `None` when the server declares nothing.
        current: Option<Content>,
    },
    /// A 200 with this content.
    Content(Content),
}

/// Judges one exchange by what the client held before it.
///
/// The same edition is the same state of the resource, even if replicas make different bytes of it: a
/// body with the replica's name in it brings nothing new, so such a 200 is needless. Without numbered
/// editions a 200 with other content is `Changed`: its age cannot be known, so `Regressed` is never
/// guessed.
pub fn classify(held: Option<Content>, observed: Observation) -> Verdict {
    match (held, observed) {
        (None, Observation::Content(_)) => Verdict::FirstFetch,
        // No validator was sent, so there is nothing that a 304 could confirm (RFC 9110 §15.4.5).
        (None, Observation::NotModified { .. }) => Verdict::Error,
        (Some(_), Observation::NotModified { current: None }) => Verdict::Unverifiable,
        (Some(held), Observation::NotModified { current: Some(current) }) => {
            if is_same_state(held, current) { Verdict::Validated } else { Verdict::FalseValidation }
        }
        (Some(held), Observation::Content(served)) if is_same_state(held, served) => {
            Verdict::NeedlessTransfer
        }
        // Only declared editions have an order: of two unnumbered contents none is the older one.
        (Some(held), Observation::Content(served)) => match (served.edition, held.edition) {
            (Some(served), Some(held)) if served < held => Verdict::Regressed,
            _ => Verdict::Changed,
        },
    }
}

/// Equal bytes, or the same edition where both are numbered.
fn is_same_state(one: Content, other: Content) -> bool {
    one.id == other.id || (one.edition.is_some() && one.edition == other.edition)
}

/// The content that the client holds after the exchange; only for exchanges that are not errors.
///
/// A validated copy counts as the newest edition with these bytes, so that after A → B → A a
/// late B is recognised as older.
pub fn held_after(held: Option<Content>, observed: Observation) -> Option<Content> {
    match observed {
        Observation::Content(served) => Some(served),
        Observation::NotModified { current } => held.map(|held| match current {
            Some(current) if current.id == held.id => {
                Content { id: held.id, edition: held.edition.max(current.edition) }
            }
            // A false 304 leaves the client with what it held, and later polls are judged by that.
            _ => held,
        }),
    }
}

impl VerdictsRecord {
    fn count_of(&mut self, verdict: Verdict) -> &mut u64 {
        match verdict {
            Verdict::FirstFetch => &mut self.first_fetch,
            Verdict::Validated => &mut self.validated,
            Verdict::Changed => &mut self.changed,
            Verdict::Regressed => &mut self.regressed,
            Verdict::NeedlessTransfer => &mut self.needless_transfer,
            Verdict::FalseValidation => &mut self.false_validation,
            Verdict::FreshHit => &mut self.fresh_hit,
            Verdict::Unverifiable => &mut self.unverifiable,
            Verdict::Error => &mut self.error,
        }
    }

    /// Counts one.
    pub fn add(&mut self, verdict: Verdict) {
        self.add_times(verdict, 1);
    }

    /// Counts so many.
    pub fn add_times(&mut self, verdict: Verdict, times: u64) {
        *self.count_of(verdict) += times;
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        for verdict in Verdict::ALL {
            let count = self.count_of(verdict);
            *count = count.saturating_add(other.of(verdict));
        }
    }

    /// Number of polls with this verdict.
    pub fn of(&self, verdict: Verdict) -> u64 {
        // A copy of nine numbers spares us the same list a second time.
        *{ *self }.count_of(verdict)
    }

    /// Polls in all, those without a request included.
    pub fn total(&self) -> u64 {
        Verdict::ALL.into_iter().map(|verdict| self.of(verdict)).sum()
    }

    /// Responses that were 304.
    pub fn not_modified(&self) -> u64 {
        Verdict::ALL.into_iter().filter(|v| v.is_not_modified()).map(|v| self.of(v)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truth::ContentId;

    fn content(bytes: &str, edition: impl Into<Option<u32>>) -> Content {
        Content { id: ContentId::of(bytes.as_bytes()), edition: edition.into() }
    }

    fn check(held: Option<Content>, observed: Observation, expected: Verdict) {
        assert_eq!(classify(held, observed), expected, "{held:?} {observed:?}");
    }

    #[test]
    fn the_design_table_holds_row_by_row() {
        let (a, b) = (content("a", 1), content("b", 2));
        let not_modified = |current| Observation::NotModified { current };
        check(None, Observation::Content(a), Verdict::FirstFetch);
        check(Some(a), not_modified(Some(a)), Verdict::Validated);
        check(Some(a), Observation::Content(b), Verdict::Changed);
        check(Some(b), Observation::Content(a), Verdict::Regressed);
        check(Some(a), Observation::Content(a), Verdict::NeedlessTransfer);
        check(Some(a), not_modified(Some(b)), Verdict::FalseValidation);
        check(Some(a), not_modified(None), Verdict::Unverifiable);
        check(None, not_modified(Some(a)), Verdict::Error);
    }

    #[test]
    fn other_bytes_of_the_same_edition_are_the_same_state() {
        let (one, two) = (content("served by r1", 1), content("served by r2", 1));
        check(Some(one), Observation::Content(two), Verdict::NeedlessTransfer);
        check(Some(one), Observation::NotModified { current: Some(two) }, Verdict::Validated);
        let held = held_after(Some(one), Observation::NotModified { current: Some(two) });
        assert_eq!(held, Some(one));
    }

    #[test]
    fn other_bytes_without_an_edition_are_another_state() {
        let (one, two) = (content("served by r1", None), content("served by r2", None));
        check(Some(one), Observation::Content(two), Verdict::Changed);
        let half = Observation::NotModified { current: Some(content("served by r2", 1)) };
        check(Some(one), half, Verdict::FalseValidation);
    }

    #[test]
    fn a_revert_is_a_change_and_not_a_regression() {
        let (b, a_again) = (content("b", 1), content("a", 2));
        check(Some(b), Observation::Content(a_again), Verdict::Changed);
    }

    #[test]
    fn a_validated_copy_takes_the_newest_edition_of_its_bytes() {
        let (a, b, a_again) = (content("a", 0), content("b", 1), content("a", 2));
        let held = held_after(Some(a), Observation::NotModified { current: Some(a_again) });
        assert_eq!(held, Some(a_again));
        check(held, Observation::Content(b), Verdict::Regressed);
    }

    #[test]
    fn a_false_validation_leaves_the_old_content_in_place() {
        let (a, b) = (content("a", 0), content("b", 1));
        assert_eq!(held_after(Some(a), Observation::NotModified { current: Some(b) }), Some(a));
    }

    #[test]
    fn without_editions_older_is_never_guessed() {
        check(Some(content("b", None)), Observation::Content(content("a", None)), Verdict::Changed);
    }

    #[test]
    fn counts_are_kept_per_verdict() {
        let mut counts = VerdictsRecord::default();
        for verdict in Verdict::ALL {
            counts.add(verdict);
        }
        let mut twice = counts;
        twice.merge(&counts);
        assert!(Verdict::ALL.into_iter().all(|v| counts.of(v) == 1 && twice.of(v) == 2));
        assert_eq!((twice.total(), twice.not_modified()), (18, 6));
    }
}
