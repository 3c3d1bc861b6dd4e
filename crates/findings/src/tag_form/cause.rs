//! The state that tags depend on, and the times that lie between them, in words.

/// State that a node-local tag depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Inode,
    Mtime,
    /// State of one process: counter, salt, start time, hash seed.
    Process,
    UnorderedContent,
    /// Place of each replica's own copy.
    Path,
    /// Bytes that compression made, which differ for one content.
    Compressed,
    /// The tags do not show it, or several causes explain what was seen.
    Unknown,
}

impl Cause {
    /// The name in reports, which scripts match.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Inode => "inode",
            Self::Mtime => "mtime",
            Self::Process => "process",
            Self::UnorderedContent => "unordered-content",
            Self::Path => "path",
            Self::Compressed => "compressed",
            Self::Unknown => "unknown",
        }
    }

    /// Sentence for an audit about what such a tag gives away, if anything.
    pub(crate) fn gives_away(self) -> Option<&'static str> {
        match self {
            Self::Inode => Some("for an audit: the tag tells anybody an inode of the file system"),
            Self::Mtime => Some("for an audit: the tag tells anybody when the file was written"),
            Self::Process
            | Self::UnorderedContent
            | Self::Path
            | Self::Compressed
            | Self::Unknown => None,
        }
    }
}

/// Result of comparing tags.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) cause: Cause,
    /// Explanation read in the tags, in one sentence without a full stop.
    pub(crate) explanation: String,
    /// True if the form of the tags was read, so that the cause is no guess.
    pub(crate) is_read: bool,
}

/// Beginning of the explanation of tags that are made of the time of each response.
pub(super) const OF_NOW: &str = "made of the time of the response";

impl Difference {
    pub(crate) fn new(cause: Cause, explanation: impl Into<String>) -> Self {
        Self { cause, explanation: explanation.into(), is_read: true }
    }

    /// Reports whether the tags are made of the time of each response.
    pub(crate) fn is_made_of_now(&self) -> bool {
        self.explanation.starts_with(OF_NOW)
    }

    /// A cause that only the absence of others suggests.
    pub(crate) fn guessed(cause: Cause, explanation: impl Into<String>) -> Self {
        Self { is_read: false, ..Self::new(cause, explanation) }
    }
}

/// Time from the earliest to the latest: `3 h 25 min`, `7 s`, `0.25 s`.
pub(crate) fn span(times: &[f64]) -> String {
    let seconds = length(times);
    if seconds < 0.001 {
        return "less than a millisecond".to_owned();
    }
    if seconds < 10.0 && seconds.fract() > 0.000_5 {
        return format!("{seconds:.3} s");
    }
    let whole = seconds.round() as u64;
    let (days, hours, minutes, rest) =
        (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60, whole % 60);
    let units = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")];
    let shown = units.iter().skip_while(|(number, _)| *number == 0).take(2);
    let shown = shown.filter(|(number, _)| *number > 0);
    shown.map(|(number, unit)| format!("{number} {unit}")).collect::<Vec<_>>().join(" ")
}

pub(super) fn length(times: &[f64]) -> f64 {
    let latest = times.iter().copied().fold(f64::MIN, f64::max);
    latest - times.iter().copied().fold(f64::MAX, f64::min)
}
