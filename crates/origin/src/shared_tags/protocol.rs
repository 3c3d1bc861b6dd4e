//! In which order readers and writers speak to the store of tags and to the database.
//!
//! Pure: every function takes what the store has said and returns what to do next. No store, no
//! clock, no randomness, no request is touched; candidates for tags come in as arguments, and a
//! tag may be of any type. What the store must do at one blow is told in [`super::slot`].
//!
//! A reader looks the tag up ([`TagProtocol::looked_up`]), perhaps creates one ([`Creation`]), and
//! only then renders: a tag that is older than the content costs one transfer too many, a tag that
//! is younger than the content keeps stale content alive. A writer begins with
//! [`TagProtocol::first_write`] and follows the [`WriteStep`]s.

/// Rules by which tags are given, announced and published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TagProtocol {
    /// GitLab's `EtagCaching`: `touch` after commit, `touch(only_if_missing)` on a miss, whose
    /// loser gives its own tag, a hit answered before anybody has been authorised, and the store's
    /// failure as everybody's.
    AsPublished,
    /// The same with its races closed: a writer announces itself before it commits, the loser of a
    /// creation gives the winner's tag, nobody unauthorised gets a 304, and no failure of the store
    /// fails a request.
    #[default]
    Hardened,
}

/// Result of a look-up: the store's entry for a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeldTag<T> {
    /// The current tag.
    Tag(T),
    /// The mark of a writer whose change may be committed at any moment.
    Announced,
    /// Nothing: never written, expired, or lost by the store.
    Missing,
    /// The store did not answer, or not in time.
    Down,
}

/// Result of putting a candidate where nothing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CreationResult<T> {
    /// The candidate is the current tag now.
    Won,
    /// Somebody was faster; this is the current tag.
    Lost(T),
    /// A writer was faster with its mark.
    Announced,
    /// The store did not answer; the candidate may or may not be there.
    Down,
}

/// Result of a writer's message to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WriteResult {
    /// The store did what a [`super::slot::TagSlot`] does.
    Done,
    /// The store did not answer; it may or may not have done it.
    Down,
}

/// Reason why a request is no hit, in GitLab's words and its order of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Miss {
    /// `header_missing`: the request has no `If-None-Match`.
    HeaderMissing,
    /// `key_not_found`: the store has nothing for the path.
    KeyNotFound,
    /// `resource_changed`: the tag is another one, or a writer is about to make it another one.
    ResourceChanged,
}

/// Next step of a reader after the look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadStep<T> {
    /// Answer 304 with this tag, and ask the database nothing.
    NotModified(T),
    /// Refuse with 401: the tag matches, but nobody without authority may learn even that.
    Unauthorized,
    /// Ask the store to put the candidate where nothing is, then [`Creation::answered`].
    Create(Creation<T>),
    /// Let the application answer.
    Render(Rendering<T>),
    /// Answer 500: the published protocol has no answer without its store.
    Fail,
}

/// State of a reader while the store creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Creation<T> {
    protocol: TagProtocol,
    miss: Miss,
    /// The tag to be put where nothing is: fresh, random, and asked for once. An attempt without an
    /// answer may have succeeded; repeating it could put the tag back after a change.
    pub candidate: T,
}

/// Label of the application's answer, rendered from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rendering<T> {
    /// The tag of a 200; without one the client comes back without a condition.
    pub tag: Option<T>,
    /// Reason why this is no hit; `None` if the store did not answer.
    pub miss: Option<Miss>,
}

/// Next step of a writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WriteStep {
    /// Inside the write transaction, tell the store of it; then [`WriteStep::announced`].
    Announce,
    /// Commit; then [`WriteStep::committed`]. Whoever rolls back goes on in the same way: a new tag for
    /// unchanged content costs a transfer, a mark that nobody takes away costs its whole lease.
    Commit,
    /// Publish a tag that has never been given to the store before, *not even by an earlier attempt
    /// of this writer*; then [`TagProtocol::published`]. An attempt without an answer may have
    /// succeeded, and repeating it later would put back a tag that others have replaced since.
    Publish,
    /// The change is complete.
    Done,
}

impl TagProtocol {
    /// The step that follows the look-up of a path's tag.
    ///
    /// `matches` is `None` without an `If-None-Match`, and otherwise whether one of its tags is
    /// this one. `authorised` is whether the request may see the resource. `candidate` is used
    /// only if the store turns out to hold nothing.
    pub fn looked_up<T>(
        self,
        held: HeldTag<T>,
        matches: Option<impl FnOnce(&T) -> bool>,
        authorised: bool,
        candidate: impl FnOnce() -> T,
    ) -> ReadStep<T> {
        let miss = |reason| if matches.is_some() { reason } else { Miss::HeaderMissing };
        match held {
            HeldTag::Missing => ReadStep::Create(Creation {
                protocol: self,
                miss: miss(Miss::KeyNotFound),
                candidate: candidate(),
            }),
            HeldTag::Announced => Rendering::untagged(Some(miss(Miss::ResourceChanged))),
            HeldTag::Down => self.without_store(None),
            HeldTag::Tag(tag) => {
                let miss = miss(Miss::ResourceChanged);
                match self {
                    _ if !matches.is_some_and(|matches| matches(&tag)) => {
                        Rendering::tagged(tag, miss)
                    }
                    Self::Hardened if !authorised => ReadStep::Unauthorized,
                    _ => ReadStep::NotModified(tag),
                }
            }
        }
    }

    /// The first thing that a change does.
    pub fn first_write(self) -> WriteStep {
        match self {
            Self::AsPublished => WriteStep::Commit,
            Self::Hardened => WriteStep::Announce,
        }
    }

    /// The step that follows an attempt to publish.
    ///
    /// Ours owes the store a tag until the store has taken one; how long to wait between two
    /// attempts is the caller's. The published one has lost the invalidation.
    pub fn published(self, written: WriteResult) -> WriteStep {
        match (self, written) {
            (Self::Hardened, WriteResult::Down) => WriteStep::Publish,
            _ => WriteStep::Done,
        }
    }

    fn without_store<T>(self, miss: Option<Miss>) -> ReadStep<T> {
        match self {
            Self::AsPublished => ReadStep::Fail,
            Self::Hardened => Rendering::untagged(miss),
        }
    }
}

impl<T> Creation<T> {
    /// The step that follows the attempt to create.
    pub fn answered(self, created: CreationResult<T>) -> ReadStep<T> {
        match (self.protocol, created) {
            (protocol, CreationResult::Down) => protocol.without_store(Some(self.miss)),
            (TagProtocol::AsPublished, _) | (_, CreationResult::Won) => {
                Rendering::tagged(self.candidate, self.miss)
            }
            (TagProtocol::Hardened, CreationResult::Lost(winner)) => {
                Rendering::tagged(winner, self.miss)
            }
            (TagProtocol::Hardened, CreationResult::Announced) => {
                Rendering::untagged(Some(self.miss))
            }
        }
    }
}

impl<T> Rendering<T> {
    fn tagged(tag: T, miss: Miss) -> ReadStep<T> {
        ReadStep::Render(Self { tag: Some(tag), miss: Some(miss) })
    }

    fn untagged(miss: Option<Miss>) -> ReadStep<T> {
        ReadStep::Render(Self { tag: None, miss })
    }
}

impl WriteStep {
    /// The step that follows the announcement: the commit, whether the store has heard of it or
    /// not.
    ///
    /// A store that is down must not stop changes. That is safe if the store has really stopped,
    /// since it comes back empty; if only this writer cannot reach it, or it comes back with all
    /// that it held, readers get the old tag until the writer's publication arrives. Whoever would
    /// rather refuse the change rolls back when the store was [`WriteResult::Down`].
    #[must_use]
    pub fn announced(_: WriteResult) -> Self {
        Self::Commit
    }

    /// The step that follows the commit, or a rollback.
    #[must_use]
    pub fn committed() -> Self {
        Self::Publish
    }
}

#[cfg(test)]
mod tests {
    use TagProtocol::{AsPublished, Hardened};

    use super::*;

    const CURRENT: &str = "current";
    const CANDIDATE: &str = "candidate";

    fn looked_up(
        protocol: TagProtocol,
        held: HeldTag<&'static str>,
        sent: Option<&'static str>,
    ) -> ReadStep<&'static str> {
        let matches = sent.map(|sent| move |tag: &&str| *tag == sent);
        protocol.looked_up(held, matches, true, || CANDIDATE)
    }

    fn render(tag: Option<&'static str>, miss: Option<Miss>) -> ReadStep<&'static str> {
        ReadStep::Render(Rendering { tag, miss })
    }

    #[test]
    fn a_tag_that_matches_is_a_hit_and_one_that_does_not_is_the_one_to_give() {
        for protocol in [AsPublished, Hardened] {
            let with = |sent| looked_up(protocol, HeldTag::Tag(CURRENT), sent);
            assert_eq!(with(Some(CURRENT)), ReadStep::NotModified(CURRENT));
            assert_eq!(with(Some("old")), render(Some(CURRENT), Some(Miss::ResourceChanged)));
            assert_eq!(with(None), render(Some(CURRENT), Some(Miss::HeaderMissing)));
        }
    }

    #[test]
    fn only_the_published_protocol_tells_everybody_that_nothing_has_changed() {
        let stranger = |protocol: TagProtocol, sent: &'static str| {
            let matches = Some(|tag: &&str| *tag == sent);
            protocol.looked_up(HeldTag::Tag(CURRENT), matches, false, || CANDIDATE)
        };
        assert_eq!(stranger(AsPublished, CURRENT), ReadStep::NotModified(CURRENT));
        assert_eq!(stranger(Hardened, CURRENT), ReadStep::Unauthorized);
        // A miss is the application's to refuse, as it refuses without any middleware.
        let miss = Some(Miss::ResourceChanged);
        assert_eq!(stranger(Hardened, "old"), render(Some(CURRENT), miss));
    }

    #[test]
    fn a_missing_header_is_the_first_reason_for_a_miss() {
        for (sent, miss) in [(None, Miss::HeaderMissing), (Some("old"), Miss::KeyNotFound)] {
            match looked_up(Hardened, HeldTag::Missing, sent) {
                ReadStep::Create(creation) => assert_eq!(creation.miss, miss),
                other => panic!("nothing is there to be given: {other:?}"),
            }
        }
        let announced = |sent| looked_up(Hardened, HeldTag::Announced, sent);
        assert_eq!(announced(None), render(None, Some(Miss::HeaderMissing)));
        assert_eq!(announced(Some("old")), render(None, Some(Miss::ResourceChanged)));
    }

    fn check(
        created: CreationResult<&'static str>,
        published: ReadStep<&'static str>,
        hardened: ReadStep<&'static str>,
    ) {
        for (protocol, expected) in [(AsPublished, published), (Hardened, hardened)] {
            let read = match looked_up(protocol, HeldTag::Missing, Some("old")) {
                ReadStep::Create(creation) => creation.answered(created),
                other => panic!("nothing is there to be given: {other:?}"),
            };
            assert_eq!(read, expected, "{protocol:?} {created:?}");
        }
    }

    #[test]
    fn the_loser_of_a_creation_gives_its_own_tag_as_published_and_the_winners_tag_here() {
        let miss = Some(Miss::KeyNotFound);
        let own = render(Some(CANDIDATE), miss);
        check(CreationResult::Won, own, own);
        check(CreationResult::Lost("winner"), own, render(Some("winner"), miss));
        check(CreationResult::Announced, own, render(None, miss));
    }

    #[test]
    fn without_a_store_the_published_protocol_fails_and_ours_renders() {
        check(CreationResult::Down, ReadStep::Fail, render(None, Some(Miss::KeyNotFound)));
        for sent in [None, Some(CURRENT)] {
            assert_eq!(looked_up(AsPublished, HeldTag::Down, sent), ReadStep::Fail);
            assert_eq!(looked_up(Hardened, HeldTag::Down, sent), render(None, None));
        }
    }

    #[test]
    fn a_hardened_writer_announces_first_and_owes_its_tag_until_the_store_has_it() {
        assert_eq!(Hardened.first_write(), WriteStep::Announce);
        for written in [WriteResult::Done, WriteResult::Down] {
            assert_eq!(WriteStep::announced(written), WriteStep::Commit);
        }
        assert_eq!(WriteStep::committed(), WriteStep::Publish);
        assert_eq!(Hardened.published(WriteResult::Down), WriteStep::Publish);
        assert_eq!(Hardened.published(WriteResult::Done), WriteStep::Done);
    }

    #[test]
    fn a_published_writer_commits_first_and_tries_to_publish_once() {
        assert_eq!(AsPublished.first_write(), WriteStep::Commit);
        for written in [WriteResult::Done, WriteResult::Down] {
            assert_eq!(AsPublished.published(written), WriteStep::Done);
        }
    }
}
