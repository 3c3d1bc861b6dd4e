//! A reason why a replica does otherwise than nginx or Apache httpd, with all that it explains.

/// One of the two servers that the lab is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Nginx,
    Apache,
}

impl Peer {
    /// As its project writes it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "Apache",
        }
    }

    /// The beginning of the version that the list was made with, as the program tells it.
    pub(crate) const fn version(self) -> &'static str {
        match self {
            Self::Nginx => "nginx/1.22.",
            Self::Apache => "Apache/2.4.",
        }
    }
}

/// Reasons that have to do with one another.
pub(crate) struct Subject {
    pub(crate) title: &'static str,
    pub(crate) reasons: &'static [Reason],
}

/// Why some answers differ.
pub(crate) struct Reason {
    /// What a replica does, as a sentence.
    pub(crate) title: &'static str,
    /// Where RFC 9110 (or another RFC, then with its number) speaks of it.
    pub(crate) sections: &'static str,
    /// Why that is right, in prose.
    pub(crate) why: &'static str,
    pub(crate) differences: &'static [Difference],
}

/// The same difference from one server, in one or more requests.
pub(crate) struct Difference {
    pub(crate) peer: Peer,
    /// What a replica does.
    pub(crate) ours: &'static str,
    /// What the other server does instead.
    pub(crate) theirs: &'static str,
    pub(crate) rows: Rows,
}

/// Which requests show a difference.
pub(crate) enum Rows {
    /// These.
    Named(&'static [&'static str]),
    /// So many, because the difference has nothing to do with what they ask; and which they are.
    Many(usize, &'static str),
}

pub(crate) const fn nginx(
    ours: &'static str,
    theirs: &'static str,
    rows: &'static [&'static str],
) -> Difference {
    Difference { peer: Peer::Nginx, ours, theirs, rows: Rows::Named(rows) }
}

pub(crate) const fn apache(
    ours: &'static str,
    theirs: &'static str,
    rows: &'static [&'static str],
) -> Difference {
    Difference { peer: Peer::Apache, ours, theirs, rows: Rows::Named(rows) }
}

/// A difference in all `count` requests `which` do something, whatever they ask.
pub(crate) const fn everywhere(
    peer: Peer,
    ours: &'static str,
    theirs: &'static str,
    count: usize,
    which: &'static str,
) -> Difference {
    Difference { peer, ours, theirs, rows: Rows::Many(count, which) }
}
