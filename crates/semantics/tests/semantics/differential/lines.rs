//! Text that a failure shows as text, and the fields of a request as a list of lines.

use std::fmt;
use std::ops::Deref;

use etag_lab_semantics::{FieldName, RequestFields};

/// Octets of which most are characters.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) Vec<u8>);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

/// Field lines in their order.
#[derive(Clone, Debug)]
pub(crate) struct Lines(pub(crate) Vec<(FieldName, Text)>);

impl Lines {
    /// Lines of one field.
    pub(crate) fn of(name: FieldName, values: &[Text]) -> Self {
        Self(values.iter().map(|value| (name, value.clone())).collect())
    }
}

impl RequestFields for Lines {
    fn lines(&self, name: FieldName) -> impl Iterator<Item = &[u8]> {
        self.0.iter().filter(move |line| line.0 == name).map(|line| &*line.1)
    }
}

/// Without the spaces and tabs around.
pub(crate) fn trimmed(text: &[u8]) -> &[u8] {
    let is_content = |octet: &u8| *octet != b' ' && *octet != b'\t';
    let Some(first) = text.iter().position(is_content) else { return &[] };
    let last = text.iter().rposition(is_content).unwrap_or(first);
    &text[first..=last]
}
