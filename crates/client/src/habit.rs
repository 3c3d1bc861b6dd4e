//! Habits of clients: what they do with what they were given, as values.

/// Way in which clients keep and send back what they were given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Habit {
    /// A cache by the standard: every validator goes back octet by octet.
    #[default]
    Cache,
    /// The same that guesses how long a response is fresh which does not say so (RFC 9111 §4.2.2), as
    /// browsers do.
    Heuristic,
    /// A service worker that answers from its own store first: it asks once, and never again.
    CacheFirst,
    /// A program that stores nothing.
    NoStore,
    /// Developer tools with the cache switched off: nothing is stored, and requests say so.
    CacheOff,
    /// A program that keeps the tag and loses the content: a 304 leaves it with nothing.
    LosesContent,
    /// A parser that takes the quotes off the tag, and the weakness.
    StripsQuotes,
    /// A program that sends the time of its last fetch as `If-Modified-Since`, and no tag.
    InventsDate,
}

impl Habit {
    /// Every choice.
    pub const ALL: [Self; 8] = [
        Self::Cache,
        Self::Heuristic,
        Self::CacheFirst,
        Self::NoStore,
        Self::CacheOff,
        Self::LosesContent,
        Self::StripsQuotes,
        Self::InventsDate,
    ];

    /// As it is written in a scenario and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::Heuristic => "heuristic",
            Self::CacheFirst => "cache-first",
            Self::NoStore => "no-store",
            Self::CacheOff => "cache-off",
            Self::LosesContent => "loses-content",
            Self::StripsQuotes => "strips-quotes",
            Self::InventsDate => "invents-date",
        }
    }

    /// Field lines of each of its requests.
    pub(crate) fn fields(self) -> &'static [u8] {
        match self {
            Self::CacheOff => b"cache-control: no-cache\r\npragma: no-cache\r\n",
            _ => b"",
        }
    }
}
