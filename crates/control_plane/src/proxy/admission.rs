//! Admission of clients by bearer tokens (RFC 6750), of which only digests are held.
//!
//! Each line of the file is a token, so that an old and a new one are good at the same time while they
//! are replaced. A file that is no good any more leaves the tokens that were read before.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use semantics::{FieldName, RequestFields};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};
use tokio::task::spawn_blocking;
use wire::secret_file;

type TokenDigest = [u8; 32];

/// Tokens of which a client has to send one.
#[derive(Debug)]
pub struct ClientTokens {
    path: PathBuf,
    digests: RwLock<Vec<TokenDigest>>,
    /// The file could not be used when it was read last, which the log knows of.
    is_failing: AtomicBool,
}

/// Reason why a file holds no tokens.
#[derive(Debug, thiserror::Error)]
#[error("tokens `{path}`: {1}", path = .0.display())]
pub struct InvalidTokens(PathBuf, String);

impl ClientTokens {
    /// Reads the tokens of a file. Blocks on it.
    pub fn read(path: &Path) -> Result<Self, InvalidTokens> {
        let digests = RwLock::new(digests(path)?);
        Ok(Self { path: path.to_owned(), digests, is_failing: AtomicBool::new(false) })
    }

    /// Reads them again.
    pub(crate) async fn renew(self: &Arc<Self>) {
        let path = self.path.clone();
        let read = spawn_blocking(move || digests(&path)).await;
        let read = read.expect("reading a file does not panic");
        let was_failing = self.is_failing.swap(read.is_err(), Ordering::Relaxed);
        match read {
            Ok(digests) => {
                *self.digests.write().unwrap_or_else(PoisonError::into_inner) = digests;
            }
            Err(error) if !was_failing => {
                tracing::warn!(%error, "the tokens of clients are kept");
            }
            Err(_) => {}
        }
    }

    /// Returns true if a request with these fields carries one of the tokens.
    pub(crate) fn admit(&self, fields: &impl RequestFields) -> bool {
        let mut lines = fields.lines(FieldName::Authorization);
        // Of two, nobody knows which is meant.
        let (Some(line), None) = (lines.next(), lines.next()) else { return false };
        let Some(token) = bearer(line) else { return false };
        // Digests, so that neither the length nor the beginning of a token can be found out by time;
        // and all of them, so that nothing says which one it was.
        let sent: TokenDigest = Sha256::digest(token).into();
        let digests = self.digests.read().unwrap_or_else(PoisonError::into_inner);
        let found = digests.iter().fold(Choice::from(0), |found, known| found | known.ct_eq(&sent));
        found.into()
    }
}

/// The token in a value of `Authorization`, whose scheme is written in any case.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(b"Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token.trim_ascii())
}

fn digests(path: &Path) -> Result<Vec<TokenDigest>, InvalidTokens> {
    let invalid = |why: String| InvalidTokens(path.to_owned(), why);
    let text = secret_file::read(path).map_err(|error| invalid(error.to_string()))?;
    let tokens: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if tokens.is_empty() {
        return Err(invalid("it holds no token".to_owned()));
    }
    if !tokens.iter().all(|token| token.bytes().all(|octet| octet.is_ascii_graphic())) {
        return Err(invalid("one of its lines is no token".to_owned()));
    }
    Ok(tokens.into_iter().map(|token| Sha256::digest(token).into()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::AUTHORIZATION;
    use http::{HeaderMap, HeaderValue};
    use server::fields::HeaderFields;

    fn admitted(tokens: &ClientTokens, values: &[&'static str]) -> bool {
        let values = values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_static(value)));
        tokens.admit(&HeaderFields(&values.collect::<HeaderMap>()))
    }

    #[tokio::test]
    async fn each_line_of_the_file_is_a_token_until_it_is_gone() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("tokens");
        std::fs::write(&path, "old\n\n new \r\n")?;
        let tokens = Arc::new(ClientTokens::read(&path).expect("two tokens"));
        assert!(admitted(&tokens, &["Bearer old"]) && admitted(&tokens, &["bearer  new"]));
        for refused in [&[][..], &["Bearer"], &["Bearer "], &["Bearer ol"], &["Basic old"]] {
            assert!(!admitted(&tokens, refused), "{refused:?}");
        }
        assert!(!admitted(&tokens, &["Bearer old", "Bearer old"]));
        std::fs::write(&path, "new")?;
        tokens.renew().await;
        assert!(!admitted(&tokens, &["Bearer old"]) && admitted(&tokens, &["Bearer new"]));
        std::fs::write(&path, "\n")?;
        tokens.renew().await;
        assert!(admitted(&tokens, &["Bearer new"]), "the last good ones are kept");
        Ok(())
    }
}
