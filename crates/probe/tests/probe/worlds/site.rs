//! Description of one server: each way in which servers make and treat validators, as a value.
//! Answers nothing: see `server`.

/// Everything that decides what a server answers, but for what belongs to its process and its copy.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property that some servers have")]
pub(crate) struct Site {
    pub(crate) tag: TagForm,
    pub(crate) is_weak: bool,
    pub(crate) codings: &'static [&'static str],
    pub(crate) coded_tag: CodedTag,
    pub(crate) times: Times,
    /// True if `Last-Modified` is sent.
    pub(crate) is_dated: bool,
    pub(crate) by_tag: ByTag,
    pub(crate) by_date: ByDate,
    pub(crate) both: Both,
    pub(crate) on_match: OnMatch,
    pub(crate) not_modified: NotModified,
    /// True if a list of tags is taken apart.
    pub(crate) reads_lists: bool,
    /// True if `*` matches.
    pub(crate) reads_star: bool,
    pub(crate) vary: Vary,
    pub(crate) cache_control: Option<&'static str>,
    /// True if `Access-Control-Allow-Origin` is sent.
    pub(crate) has_cors: bool,
    pub(crate) content: ContentForm,
    pub(crate) follows: Option<Follows>,
    pub(crate) warm_up: WarmUp,
    pub(crate) head: Head,
    pub(crate) ranges: Ranges,
    pub(crate) failure: Failure,
    /// Value of `Server`.
    pub(crate) product: Option<&'static str>,
}

/// Ways to make a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TagForm {
    None,
    Md5,
    Sha1,
    Sha256Cut,
    /// Express: length and SHA-1 of the content.
    ExpressBody,
    /// `v7`; one that is frozen does not notice changes.
    Version {
        is_frozen: bool,
    },
    /// nginx: seconds and size, in hexadecimal.
    Nginx,
    /// Express: size and milliseconds, in hexadecimal.
    ExpressFile,
    /// httpd: size and microseconds, in hexadecimal, perhaps behind the inode.
    Httpd {
        has_inode: bool,
    },
    /// MD5 of modification time and content length, in a form that nobody knows.
    HashOfTime,
    Size,
    /// A hash of the content and a salt of each process.
    Salted,
    /// A number of changes that each process counts.
    Counter,
    /// The start of the process.
    Started(Unit),
    /// Version and name of the host.
    Host,
    /// A UUID of each process.
    Uuid,
    /// New in each response.
    PerResponse(Fresh),
    /// New after so many milliseconds, everywhere.
    Expiring {
        milliseconds: u64,
    },
}

/// Units of a time that is written as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Millis,
    HexNanos,
}

/// Sources of a tag that is new in each response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fresh {
    Random,
    Clock,
    Requests,
}

/// Tag of a compressed response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodedTag {
    /// The plain one, as it is.
    Kept,
    Weakened,
    Stripped,
    /// A tag of its own, which the server knows.
    Own,
    /// `-gzip` inside the quotes.
    Suffixed {
        is_understood: bool,
    },
}

/// Modification times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    /// Those of the deployment, everywhere the same.
    Shared,
    /// Those of each copy, so many seconds apart at most.
    PerCopy { seconds: u64 },
    /// The clock.
    Now,
    /// The start of each process.
    Started,
    /// A constant of a build.
    Constant(u64),
    /// A time to come.
    Future,
}

/// Treatment of a tag in `If-None-Match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByTag {
    Compared,
    Ignored,
    IgnoredWhenCoded,
    /// Strong comparison: weak tags never match.
    Strongly,
    /// Any tag at all matches.
    AnyTag,
    /// A tag matches that holds the own one.
    Holding,
}

/// Treatment of `If-Modified-Since`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByDate {
    Compared,
    /// Only the very date matches.
    Exact,
    Ignored,
}

/// Treatment of tag and date together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Both {
    TagDecides,
    DateDecides,
    /// Either suffices.
    Either,
    /// Both have to match.
    Each,
    /// Never a 304.
    Full,
}

/// Answer to a condition that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnMatch {
    NotModified,
    /// 200 without content.
    Empty,
    Status(u16),
}

/// Form of a 304.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotModified {
    Right,
    LacksTag,
    /// Another tag than the 200 has.
    OtherTag,
    /// Content follows the head.
    HasContent,
    LacksCors,
    /// To requests without a condition, too.
    Unasked,
}

/// `Vary`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vary {
    Right,
    Missing,
    Star,
}

/// What a content is made of, beside the edition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a part that some contents have")]
pub(crate) struct ContentForm {
    /// Name of the host.
    pub(crate) has_host: bool,
    /// A value of each response.
    pub(crate) has_nonce: bool,
    /// The second of the response.
    pub(crate) has_clock: bool,
    /// Data in an order of each process.
    pub(crate) is_unordered: bool,
    /// Bytes of filling.
    pub(crate) filling: usize,
    /// True if each edition is longer than the one before.
    pub(crate) grows: bool,
}

/// Dependence on a field of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Follows {
    /// In lower case.
    pub(crate) field: &'static str,
    /// True if the content follows, else the tag alone.
    pub(crate) is_of_content: bool,
    /// True if `Vary` names it.
    pub(crate) is_in_vary: bool,
}

/// First answers of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WarmUp {
    None,
    /// So many without a tag.
    Untagged(u32),
    /// The first with another tag.
    OtherTag,
}

/// Answer to `HEAD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    Right,
    Untagged,
    OtherTag,
    NotAllowed,
}

/// Treatment of `Range`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ranges {
    Ignored,
    Right,
    /// A part, whatever `If-Range` says.
    Blind,
}

/// Requests that get nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    None,
    /// Always this status.
    Status(u16),
    /// 502 to each of so many.
    Between {
        requests: u32,
    },
    /// Always cut.
    Cut,
    /// Always late.
    Slow,
}

impl Site {
    /// A server without any fault.
    pub(crate) fn sound() -> Self {
        Self {
            tag: TagForm::Sha1,
            is_weak: false,
            codings: &[],
            coded_tag: CodedTag::Weakened,
            times: Times::Shared,
            is_dated: false,
            by_tag: ByTag::Compared,
            by_date: ByDate::Compared,
            both: Both::TagDecides,
            on_match: OnMatch::NotModified,
            not_modified: NotModified::Right,
            reads_lists: true,
            reads_star: true,
            vary: Vary::Right,
            cache_control: Some("no-cache"),
            has_cors: false,
            content: ContentForm::default(),
            follows: None,
            warm_up: WarmUp::None,
            head: Head::Right,
            ranges: Ranges::Ignored,
            failure: Failure::None,
            product: None,
        }
    }
}
