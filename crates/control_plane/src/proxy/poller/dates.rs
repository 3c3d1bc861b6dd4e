//! The date of a table, and its use as a condition.
//!
//! Dates come from the source; here is known which ones other tables had.

use semantics::{EntityTag, HttpDate};
use server::date;

use crate::proxy::snapshot::Dated;
use crate::proxy::upstream::Modified;

/// The dates of the tables that this process has seen.
#[derive(Debug, Default)]
pub(super) struct Dates {
    current: Option<(EntityTag, Modified)>,
    /// The latest date of any table before.
    before: Option<HttpDate>,
}

impl Dates {
    /// The date that this very table had when it was last asked for.
    pub(super) fn of(&self, tag: &EntityTag) -> Option<Modified> {
        self.current.as_ref().filter(|(known, _)| known == tag).map(|(_, modified)| *modified)
    }

    /// The date as it may be told now. One from the future may not (RFC 9110 §8.8.2.1), and one that
    /// is not later than that of another table answers no condition (§8.8.2.2).
    pub(super) fn dated(&mut self, tag: &EntityTag, modified: Modified) -> Option<Dated> {
        if let Some((known, at)) = &self.current
            && known != tag
        {
            self.before = self.before.max(Some(at.date));
        }
        self.current = Some((tag.clone(), modified));
        let is_alone = self.before.is_none_or(|before| before < modified.date);
        let may_be_told = modified.date <= date::now();
        may_be_told.then(|| Dated::new(modified.date, modified.moves && is_alone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::table::entity_tag;

    fn date(seconds: u64) -> HttpDate {
        HttpDate::from_unix_seconds(seconds).expect("the year is not 9999")
    }

    fn condition(dates: &mut Dates, content: &[u8], seconds: u64, moves: bool) -> Option<u64> {
        let modified = Modified { date: date(seconds), moves };
        let told = dates.dated(&entity_tag(content), modified).expect("it is past");
        told.is_condition.then_some(told.date).map(HttpDate::unix_seconds)
    }

    #[test]
    fn a_date_that_another_table_had_answers_no_condition() {
        let mut dates = Dates::default();
        assert_eq!(condition(&mut dates, b"a", 100, true), Some(100));
        assert_eq!(condition(&mut dates, b"a", 100, true), Some(100));
        assert_eq!(condition(&mut dates, b"b", 100, true), None);
        assert_eq!(condition(&mut dates, b"c", 99, true), None);
        assert_eq!(condition(&mut dates, b"d", 101, true), Some(101));
        assert_eq!(condition(&mut dates, b"e", 102, false), None);
    }

    #[test]
    fn a_date_from_the_future_is_not_told() {
        let later = Modified { date: HttpDate::MAX, moves: true };
        assert_eq!(Dates::default().dated(&entity_tag(b"a"), later), None);
    }
}
