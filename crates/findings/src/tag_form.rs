//! Reads entity tags: which product's form one has, what its parts mean, and why several tags for
//! one content differ.
//!
//! A part is a size when it equals the number of bytes, a time when it is one (and a modification
//! time when `Last-Modified` agrees), an inode when it stands where one belongs. So forms that
//! nobody listed here are read as well. Pure; never claims more than the parts show.

mod difference;
mod form;
mod lighttpd;
mod mixed;
mod opaque;
mod parts;
mod starlette;
mod suffix;

use semantics::HttpDate;

use crate::evidence::Digests;

pub use difference::{Cause, Difference, compare};
pub use form::form;
pub use suffix::split_suffix;

/// Facts about the response that carried a tag.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// Its content, decoded.
    pub content: Option<Digests>,
    /// The same as it travelled, compressed.
    pub coded: Option<Digests>,
    /// Its `Last-Modified`.
    pub last_modified: Option<HttpDate>,
    /// Its `Server`, in lower case; empty when absent.
    pub server: &'a str,
}

/// A tag's opaque part, and what came with it.
#[derive(Clone, Copy, Debug)]
pub struct Specimen<'a> {
    /// Octets between the quotes.
    pub opaque: &'a [u8],
    /// Facts about the response that carried it.
    pub facts: Facts<'a>,
}

impl<'a> Specimen<'a> {
    /// The tag as text without a coding's suffix; empty when it is not ASCII.
    fn base(&self) -> &'a str {
        let text = str::from_utf8(self.opaque).unwrap_or("");
        split_suffix(text).0
    }
}
