//! Strings for a terminal: no escape code, no second line, nothing written backwards.

/// The text in one line with every hidden character spelled out.
///
/// For whatever is printed beside a report too: progress, errors, names of files.
pub fn neutralise(text: &str) -> String {
    super::visible(text)
}
