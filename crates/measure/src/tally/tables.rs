//! Changes to clients' tables: a data plane's word for the content that each has stored.
//!
//! Counts transitions only; what a client does about an error is decided by the client.

use std::time::Duration;

use truth::Content;

use crate::record::TablesRecord;

impl TablesRecord {
    /// Counts what a complete response did to what its client holds, and so many such responses;
    /// returns whether the client has another content now.
    pub fn record_response(
        &mut self,
        before: Option<Content>,
        after: Option<Content>,
        times: u64,
    ) -> bool {
        // A response that must not be stored takes the table away. It is not lost: no poll failed.
        self.held_at_end += times * u64::from(before.is_none() && after.is_some());
        self.held_at_end -= times * u64::from(before.is_some() && after.is_none());
        // By content alone: another edition of the same content is no other table.
        let loaded = after.is_some_and(|after| before.is_none_or(|before| before.id != after.id));
        self.loads += times * u64::from(loaded);
        loaded
    }

    /// Counts failed polls whose clients go on with their tables.
    pub fn record_kept(&mut self, unconfirmed: Duration, times: u64) {
        self.kept_through_errors += times;
        self.record_unconfirmed(unconfirmed);
    }

    /// Notes how long a table had not been confirmed, because polls failed.
    pub fn record_unconfirmed(&mut self, unconfirmed: Duration) {
        let micros = u64::try_from(unconfirmed.as_micros()).unwrap_or(u64::MAX);
        self.longest_unconfirmed_us = self.longest_unconfirmed_us.max(micros);
    }

    /// Counts failed polls whose clients dropped their tables.
    pub fn record_lost(&mut self, times: u64) {
        self.held_at_end -= times;
        self.lost += times;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truth::ContentId;

    fn table(bytes: &str, edition: u32) -> Content {
        Content { id: ContentId::of(bytes.as_bytes()), edition: Some(edition) }
    }

    #[test]
    fn a_load_is_another_content_and_not_another_edition_of_the_same() {
        let mut tables = TablesRecord::default();
        assert!(tables.record_response(None, Some(table("a", 0)), 1));
        assert!(!tables.record_response(Some(table("a", 0)), Some(table("a", 2)), 1));
        assert!(tables.record_response(Some(table("a", 2)), Some(table("b", 3)), 1));
        assert_eq!((tables.loads, tables.held_at_end), (2, 1));
    }

    #[test]
    fn a_lost_table_is_held_no_more_and_loading_it_again_counts() {
        let mut tables = TablesRecord::default();
        tables.record_response(None, Some(table("a", 0)), 1);
        tables.record_lost(1);
        assert_eq!((tables.lost, tables.held_at_end), (1, 0));
        assert!(tables.record_response(None, Some(table("a", 0)), 1));
        assert_eq!((tables.loads, tables.held_at_end), (2, 1));
    }

    #[test]
    fn a_response_that_must_not_be_stored_takes_the_table_away_without_losing_it() {
        let mut tables = TablesRecord::default();
        tables.record_response(None, Some(table("a", 0)), 1);
        assert!(!tables.record_response(Some(table("a", 0)), None, 1));
        assert_eq!((tables.lost, tables.held_at_end), (0, 0));
    }

    #[test]
    fn the_longest_time_without_confirmation_is_kept() {
        let mut tables = TablesRecord::default();
        for seconds in [1, 3, 2] {
            tables.record_kept(Duration::from_secs(seconds), 1);
        }
        assert_eq!(tables.kept_through_errors, 3);
        assert_eq!(tables.longest_unconfirmed_us, 3_000_000);
    }
}
