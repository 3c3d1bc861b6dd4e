//! Writers beside the polling clients, as values: how many there are, what each sends, and who writes in
//! which round.

use truth::ContentId;

/// Clients that read, change and PUT after each round of polls, in lock-step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writing {
    /// Number of them, at least 1.
    pub writers: u32,
    /// Condition of their writes.
    pub condition: WriteCondition,
    /// Octets of each content, as far as what it says has room in them.
    pub content_bytes: u64,
}

/// Condition under which clients write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WriteCondition {
    /// `If-Match` with the tag of what they read (RFC 9110 §13.1.1), as it came; none where it had no
    /// tag.
    #[default]
    IfMatch,
    /// None.
    None,
}

impl WriteCondition {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::IfMatch, Self::None];

    /// As it is written in a scenario and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::IfMatch => "if-match",
            Self::None => "none",
        }
    }
}

impl Writing {
    /// The writers of a round: one alone in the first, and all of them in the next, so that quiet
    /// rounds and conflicts both occur.
    pub(crate) fn in_round(self, round: u32) -> std::ops::Range<u32> {
        if round % 2 == 1 {
            return 0..self.writers;
        }
        let one = round / 2 % self.writers;
        one..one + 1
    }

    /// The content that a writer makes of what it read: no two are alike.
    pub(crate) fn content(self, writer: u32, round: u32, base: ContentId) -> Vec<u8> {
        let writer = writer + 1;
        let round = round + 1;
        let start =
            format!(r#"{{"writer":{writer},"round":{round},"instead-of":"{base}","rest":""#);
        let mut content = start.into_bytes();
        let end = br#""}"#;
        let length = usize::try_from(self.content_bytes).unwrap_or(usize::MAX);
        // No run of one octet: a compressor would leave nothing of it.
        let rest = (0..length.saturating_sub(content.len() + end.len())).map(letter);
        content.extend(rest);
        content.extend_from_slice(end);
        content
    }
}

/// Letters that repeat only after a while.
fn letter(index: usize) -> u8 {
    b'a' + (index.wrapping_mul(index + 7) / 5 % 26) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writing(writers: u32, content_bytes: u64) -> Writing {
        Writing { writers, condition: WriteCondition::IfMatch, content_bytes }
    }

    #[test]
    fn quiet_rounds_and_conflicts_take_turns() {
        let rounds = |writers| (0..6).map(move |round| writing(writers, 0).in_round(round));
        assert_eq!(rounds(2).collect::<Vec<_>>(), [0..1, 0..2, 1..2, 0..2, 0..1, 0..2]);
        assert!(rounds(1).all(|round| round == (0..1)));
    }

    #[test]
    fn contents_are_json_of_the_wanted_size_and_no_two_are_alike() {
        let base = ContentId::of(b"");
        let of = |writer, round| writing(2, 8_192).content(writer, round, base);
        assert_eq!(of(0, 0).len(), 8_192);
        assert!(of(0, 0) != of(1, 0) && of(0, 0) != of(0, 1));
        let small = String::from_utf8(writing(2, 1).content(1, 6, base)).expect("letters");
        assert_eq!(small, format!(r#"{{"writer":2,"round":7,"instead-of":"{base}","rest":""}}"#));
    }
}
