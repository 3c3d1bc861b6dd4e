//! Contents that no edition tells apart, in the order in which they were seen.
//!
//! Contents of replicas take turns from the first poll to the last. Those of moments follow one
//! another; in a rollout, or where several polls are in flight, they take turns for a while.

mod course;

use std::collections::BTreeMap;

use truth::ContentId;

use super::Tally;

use course::Course;

/// Resources, and contents of one resource, remembered at most; a server without end of new contents
/// must not make a long run grow.
const MOST: usize = 256;
/// Contents of one resource of which the octets are kept: enough to show where two differ.
const SAMPLES: usize = 2;
/// Contents among which these are looked for: the second one may never be seen again.
const ATTEMPTS: u32 = 64;

/// The contents of each resource.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns {
    resources: BTreeMap<u32, Contents>,
}

/// The contents of one resource.
#[derive(Clone, Debug, Default)]
struct Contents {
    /// Those that were sent.
    sent: Course,
    /// The same, and those that a 304 confirmed to clients that had them.
    known: Course,
    samples: BTreeMap<ContentId, Vec<u8>>,
    attempts: u32,
}

/// Contents of one resource that no edition tells apart.
#[derive(Clone, Copy, Debug)]
pub struct Unnumbered<'a>(&'a Contents);

impl Tally {
    /// Notes a content without an edition, of a resource numbered from 0.
    pub(super) fn record_unnumbered(&mut self, resource: u32, content: ContentId) {
        if let Some(contents) = self.turns.of(resource) {
            contents.sent.note(content, &self.verdicts);
            contents.known.note(content, &self.verdicts);
        }
    }

    /// Notes that a tag was honoured whose content nobody declares; `held` is what the client had it
    /// with.
    pub fn record_confirmed(&mut self, resource: u32, held: ContentId) {
        if let Some(contents) = self.turns.of(resource) {
            contents.known.note(held, &self.verdicts);
        }
    }

    /// Reports whether the octets of the next content of this resource are of use.
    pub fn wants_sample(&self, resource: u32) -> bool {
        // Where all contents are equal, as they nearly always are, nothing is ever kept.
        self.turns.resources.get(&resource).is_some_and(|contents| {
            contents.sent.new > 1
                && contents.samples.len() < SAMPLES
                && contents.attempts < ATTEMPTS
        })
    }

    /// Keeps the octets of a content, or the beginning of them, as far as they are of use.
    pub fn keep_sample(&mut self, resource: u32, content: ContentId, octets: Vec<u8>) {
        if let Some(contents) = self.turns.resources.get_mut(&resource)
            && contents.samples.len() < SAMPLES
        {
            contents.attempts += 1;
            contents.samples.entry(content).or_insert(octets);
        }
    }

    /// The contents of each resource whose replicas number no editions.
    pub fn unnumbered(&self) -> impl Iterator<Item = Unnumbered<'_>> {
        self.turns.resources.values().map(Unnumbered)
    }

    /// The most contents of one resource that took turns from the first poll to the last, sent or
    /// confirmed; 0 where none did, and where an edition tells them apart.
    pub fn contents_in_turn(&self) -> usize {
        let each = self.unnumbered();
        each.map(|it| it.sent_in_turn(self).max(it.known_in_turn(self))).max().unwrap_or(0)
    }
}

impl Turns {
    fn of(&mut self, resource: u32) -> Option<&mut Contents> {
        let has_room = self.resources.len() < MOST || self.resources.contains_key(&resource);
        has_room.then(|| self.resources.entry(resource).or_default())
    }
}

impl<'a> Unnumbered<'a> {
    /// Contents that were sent.
    pub fn sent(self) -> u64 {
        self.0.sent.responses
    }

    /// Of these, those that came back after another.
    pub fn returns(self) -> u64 {
        self.0.sent.returns()
    }

    /// Reports whether contents came back again and again, each time after all clients had got others:
    /// what a change, its revert and polls in flight do not explain.
    pub fn goes_to_and_fro(self) -> bool {
        let Course { late_returns, responses, .. } = self.0.sent;
        let returns = self.returns();
        late_returns > 2 || (returns > 8 && 8 * returns > responses)
    }

    /// Number of contents that were sent, as far as they are remembered.
    pub fn contents(self) -> usize {
        self.0.sent.seen.len()
    }

    /// Reports whether no content was sent twice.
    pub fn is_new_each_time(self) -> bool {
        self.0.sent.new == self.0.sent.responses
    }

    /// Octets of contents that differ.
    pub fn samples(self) -> impl Iterator<Item = &'a [u8]> {
        self.0.samples.values().map(Vec::as_slice)
    }

    /// Contents that were sent in turns from the first poll to the last; 0 where they belong to
    /// moments.
    pub fn sent_in_turn(self, tally: &Tally) -> usize {
        self.0.sent.in_turn(tally.verdicts.total())
    }

    /// The same, where a 304 counts for the content that it confirmed.
    pub fn known_in_turn(self, tally: &Tally) -> usize {
        // A tag that stands for several contents confirms either of them.
        if tally.contents_for_same_tag() > 1 {
            return 0;
        }
        self.0.known.in_turn(tally.verdicts.total())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Exchange;
    use crate::tally::fixture::exchange;
    use crate::verdict::Verdict;

    /// One 200 for each character: a letter is a content, a dot a 304.
    fn tally(polls: impl IntoIterator<Item = char>) -> Tally {
        let mut tally = Tally::default();
        for content in polls {
            let verdict = if content == '.' { Verdict::Unverifiable } else { Verdict::Changed };
            tally.record(&exchange(verdict, 1, ""));
            if content != '.' {
                let id = ContentId::of(content.to_string().as_bytes());
                tally.record_state(0, truth::Content { id, edition: None });
            }
        }
        tally
    }

    fn check(polls: &str, expected: usize) {
        assert_eq!(tally(polls.chars()).contents_in_turn(), expected, "{polls}");
    }

    #[test]
    fn contents_that_come_back_again_and_again_are_told_from_a_revert() {
        let goes = |polls: &str| {
            // Ten clients, whose first polls these are.
            let mut tally = Tally::default();
            (0..10).for_each(|_| tally.record(&exchange(Verdict::FirstFetch, 1, "")));
            for content in polls.chars().filter(|content| *content != '.') {
                tally.record(&exchange(Verdict::Changed, 1, ""));
                let id = ContentId::of(content.to_string().as_bytes());
                tally.record_state(0, truth::Content { id, edition: None });
            }
            tally.unnumbered().any(Unnumbered::goes_to_and_fro)
        };
        let block = |content: &str| content.repeat(10) + &".".repeat(30);
        assert!(goes(&(block("a") + &block("b")).repeat(3)));
        assert!(goes(&"aaaa..bbbb..".repeat(20)));
        assert!(!goes(&(block("a") + &block("b") + &block("a"))), "a revert");
        assert!(!goes(&(block("a") + "babaabab" + &block("b"))), "polls in flight");
        assert!(!goes(&["a", "b", "c", "d", "e"].map(block).concat()));
    }

    #[test]
    fn contents_of_replicas_take_turns() {
        check(&"abc".repeat(4), 3);
        check(&"ab".repeat(4), 2);
        check("aabacbbcacbbacabcabb", 3);
        // Honest tags: whoever meets the same replica again gets a 304.
        check(&"ab..ba.a..b.".repeat(8), 2);
        // A change that reaches all replicas at once.
        check(&("abc".repeat(10) + &"xyz".repeat(10)), 6);
    }

    #[test]
    fn contents_of_moments_do_not() {
        check("", 0);
        check(&"a".repeat(50), 0);
        check("aaaaaaaaaabbbbbbbbbb", 0);
        check("aaaaaaaaaabbbbbbbbbbaaaaaaaaaa", 0);
        check(&('a'..='z').collect::<String>(), 0);
        check(&('a'..='z').flat_map(|letter| [letter; 10]).collect::<String>(), 0);
    }

    #[test]
    fn a_clock_in_the_content_of_one_replica_takes_turns_with_nothing() {
        // The others agree, so only their content comes back.
        let polls = (0..60).map(|poll| match poll % 3 {
            0 => char::from_u32(0x4e00 + poll).unwrap_or('?'),
            _ => 'a',
        });
        assert_eq!(tally(polls).contents_in_turn(), 0);
    }

    #[test]
    fn contents_that_clients_keep_meeting_take_turns_unless_one_tag_stands_for_both() {
        let confirmed = |tags: [&str; 2]| {
            let mut tally = Tally::default();
            for poll in 0..40 {
                let content = ContentId::of(&[poll % 2]);
                let verdict = if poll < 10 { Verdict::FirstFetch } else { Verdict::Unverifiable };
                let tagged_content = (poll < 10).then_some(content);
                let tag = tags[usize::from(poll % 2)];
                tally.record(&Exchange { tagged_content, ..exchange(verdict, 1, tag) });
                if poll < 10 {
                    tally.record_state(0, truth::Content { id: content, edition: None });
                } else {
                    tally.record_confirmed(0, content);
                }
            }
            let sent = tally.unnumbered().map(|it| it.sent_in_turn(&tally)).max();
            assert_eq!(sent, Some(0));
            tally.contents_in_turn()
        };
        assert_eq!(confirmed(["\"a\"", "\"b\""]), 2);
        assert_eq!(confirmed(["\"a\"", "\"a\""]), 0);
    }

    #[test]
    fn a_rollout_takes_turns_only_for_a_while() {
        check(&("a".repeat(30) + &"ab".repeat(10) + &"b".repeat(30)), 0);
        check(&("ab".repeat(10) + &"b".repeat(30)), 0);
        check(&("a".repeat(30) + &"ab".repeat(10)), 0);
    }

    #[test]
    fn neighbours_that_overtake_each_other_do_not_take_turns() {
        // A content that changes with every fourth request, and eight of them in flight.
        let counted = |poll: u32| char::from_u32(0x4e00 + poll / 8 * 2 + poll % 2).unwrap_or('?');
        assert_eq!(tally((0..400).map(counted)).contents_in_turn(), 0);
    }

    #[test]
    fn octets_are_kept_once_there_are_two_contents_and_of_two_only() {
        let same = tally("aaaa".chars());
        assert!(!same.wants_sample(0) && !same.wants_sample(1));
        let mut several = tally("abab".chars());
        for letter in ["a", "a", "b", "c"] {
            let wanted = several.wants_sample(0);
            assert_eq!(wanted, letter != "c");
            several.keep_sample(0, ContentId::of(letter.as_bytes()), letter.into());
        }
        let kept: Vec<_> = several.unnumbered().flat_map(Unnumbered::samples).collect();
        assert_eq!(kept.len(), 2);
        let mut alone = tally("ab".chars());
        while alone.wants_sample(0) {
            alone.keep_sample(0, ContentId::of(b"b"), b"b".into());
        }
        assert_eq!(alone.unnumbered().flat_map(Unnumbered::samples).count(), 1);
    }

    #[test]
    fn endless_new_contents_do_not_grow_the_tally() {
        let mut tally = Tally::default();
        for n in 0..1_000_u32 {
            tally.record_unnumbered(n % 300, ContentId::of(&n.to_le_bytes()));
            tally.record_unnumbered(0, ContentId::of(&n.to_le_bytes()));
        }
        let resources = &tally.turns.resources;
        assert!(resources.len() == MOST && resources.values().all(|it| it.sent.seen.len() <= MOST));
    }
}
