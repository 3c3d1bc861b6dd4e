//! Meaning of a write: what became of it, and whether an update of somebody else got lost by it.
//!
//! Pure: the identity of contents comes from the clients that read and wrote them, never from a tag.
//! Replicas with copies of their own need no other rule: a write that reached one of them is current,
//! and whoever replaces it elsewhere without having read it has lost it.

use truth::ContentId;

use crate::record::WritesRecord;

/// The content that is current: that of the last write that was accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteHistory {
    current: Option<ContentId>,
}

/// A server's answer to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteAnswer {
    /// 2xx (RFC 9110 §9.3.4).
    Accepted,
    /// 412 (RFC 9110 §15.5.13), or 428 (RFC 6585 §3).
    Refused,
    /// Any other status, or none.
    Failed,
}

/// Meaning of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteVerdict {
    /// Accepted, and its writer had read what it replaced.
    Accepted,
    /// Accepted over a write that its writer had not read.
    Lost,
    /// Refused, since somebody else had written.
    RefusedRightly,
    /// Refused although nobody had.
    RefusedWrongly,
    /// Without a result.
    Failed,
}

impl WriteAnswer {
    /// The answer that a response with this status is.
    pub fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Accepted,
            412 | 428 => Self::Refused,
            _ => Self::Failed,
        }
    }
}

impl WriteHistory {
    /// Notes a content that was read. Before the first write all that is read is current.
    pub fn read(&mut self, content: ContentId) {
        self.current.get_or_insert(content);
    }

    /// Judges a write of `new` by a client that had read `base`.
    pub fn judge(&mut self, base: ContentId, new: ContentId, answer: WriteAnswer) -> WriteVerdict {
        let is_current = self.current.is_none_or(|current| current == base);
        match answer {
            WriteAnswer::Accepted => {
                self.current = Some(new);
                if is_current { WriteVerdict::Accepted } else { WriteVerdict::Lost }
            }
            WriteAnswer::Refused if is_current => WriteVerdict::RefusedWrongly,
            WriteAnswer::Refused => WriteVerdict::RefusedRightly,
            WriteAnswer::Failed => WriteVerdict::Failed,
        }
    }
}

impl WritesRecord {
    /// Counts a write.
    pub fn count(&mut self, verdict: WriteVerdict) {
        match verdict {
            WriteVerdict::Accepted => self.accepted += 1,
            WriteVerdict::Lost => {
                self.accepted += 1;
                self.lost += 1;
            }
            WriteVerdict::RefusedRightly => self.refused_rightly += 1,
            WriteVerdict::RefusedWrongly => self.refused_wrongly += 1,
            WriteVerdict::Failed => self.failed += 1,
        }
    }

    /// Writes that were tried.
    pub fn attempted(&self) -> u64 {
        let Self { accepted, refused_rightly, refused_wrongly, lost: _, failed } = *self;
        [accepted, refused_rightly, refused_wrongly, failed]
            .into_iter()
            .fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Judges writes, each of a new content after the base of that number; 0 is the first content.
    fn check(writes: &[(usize, u16, WriteVerdict)]) {
        let content = |number: usize| ContentId::of(number.to_string().as_bytes());
        let mut history = WriteHistory::default();
        history.read(content(0));
        for (index, (base, status, expected)) in writes.iter().enumerate() {
            let answer = WriteAnswer::of(*status);
            let verdict = history.judge(content(*base), content(index + 1), answer);
            assert_eq!(verdict, *expected, "write {index} of {writes:?}");
        }
    }

    #[test]
    fn a_write_over_one_that_was_not_read_loses_it() {
        use WriteVerdict::{Accepted, Lost};
        check(&[(0, 204, Accepted), (1, 200, Accepted), (1, 201, Lost), (0, 204, Lost)]);
    }

    #[test]
    fn a_refusal_is_right_only_where_somebody_has_written() {
        use WriteVerdict::{Accepted, RefusedRightly, RefusedWrongly};
        check(&[
            (0, 412, RefusedWrongly),
            (0, 428, RefusedWrongly),
            (0, 204, Accepted),
            (0, 412, RefusedRightly),
            (3, 412, RefusedWrongly),
        ]);
    }

    #[test]
    fn what_has_no_result_changes_nothing() {
        use WriteVerdict::{Accepted, Failed};
        check(&[(0, 500, Failed), (0, 405, Failed), (0, 302, Failed), (0, 204, Accepted)]);
    }

    #[test]
    fn a_lost_update_is_an_accepted_write_as_well() {
        let mut writes = WritesRecord::default();
        writes.count(WriteVerdict::Lost);
        writes.count(WriteVerdict::RefusedWrongly);
        assert_eq!((writes.accepted, writes.lost, writes.attempted()), (1, 1, 2));
    }
}
