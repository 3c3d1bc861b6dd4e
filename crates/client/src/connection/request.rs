//! A request as a connection sends it, and its method.

use crate::resume::WantedPart;

/// A request, and the part of its response that is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) octets: &'a [u8],
    pub(crate) part: &'a WantedPart,
    pub(crate) verb: Verb,
}

/// Method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Head,
    Put,
}

impl Verb {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Put => "PUT",
        }
    }

    /// True if the same request may be sent twice: the first may have been carried out, and a second
    /// write would then be refused for a content that is its own.
    pub(crate) fn may_repeat(self) -> bool {
        self != Self::Put
    }
}
