//! Files that hold a credential, as orchestrators mount them: small, regular, read whole. No message
//! quotes what such a file holds.

use std::path::Path;

use system::file;
use text::secret::Secret;

/// Reason why a file holds no credential. The caller names the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecretFile {
    /// It cannot be read, is no regular file, or is longer than 64 KiB.
    #[error("{0}")]
    Unusable(String),
    /// Octets that are no text.
    #[error("it is not UTF-8 text")]
    NotText,
    /// Nothing, or an empty first line.
    #[error("its first line is empty")]
    Empty,
    /// A token that no request can carry.
    #[error("its first line is no token")]
    NoToken,
}

/// Reads the whole file.
pub fn read(path: &Path) -> Result<String, InvalidSecretFile> {
    let bytes = file::read(path, file::SMALL);
    let bytes = bytes.map_err(|error| InvalidSecretFile::Unusable(error.reason()))?;
    String::from_utf8(bytes).map_err(|_| InvalidSecretFile::NotText)
}

/// Reads a password: the first line as it is, without its line break.
pub fn password(path: &Path) -> Result<Secret, InvalidSecretFile> {
    let text = read(path)?;
    let line = text.lines().next().filter(|line| !line.is_empty());
    line.map(|line| line.to_owned().into()).ok_or(InvalidSecretFile::Empty)
}

/// Reads a token: the first line without the white space around it.
pub fn token(path: &Path) -> Result<Secret, InvalidSecretFile> {
    let text = read(path)?;
    let token = text.lines().next().unwrap_or_default().trim();
    if token.is_empty() {
        return Err(InvalidSecretFile::Empty);
    }
    let is_token = token.bytes().all(|byte| byte.is_ascii_graphic());
    is_token.then(|| token.to_owned().into()).ok_or(InvalidSecretFile::NoToken)
}
