//! The login of a user of etcd: name and password for a token, which goes with each request.
//!
//! The password is read for each login, because it may have been replaced, and is held no longer than
//! that. No message quotes it, or the token.

use std::path::PathBuf;

use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::json;
use text::secret::Secret;
use tokio::task::spawn_blocking;
use wire::secret_file::{self, InvalidSecretFile};

use super::EtcdError;

pub(super) const PATH: &str = "/v3/auth/authenticate";

/// A user, and the file whose first line is the password.
#[derive(Clone, Debug)]
pub struct Login {
    /// Name of the user.
    pub user: String,
    /// File of the password; read again for each login.
    pub password_file: PathBuf,
}

/// Reason why a file holds no password.
#[derive(Debug, thiserror::Error)]
#[error("password `{path}`: {1}", path = .0.display())]
pub struct InvalidPassword(PathBuf, InvalidSecretFile);

impl Login {
    /// Returns an error unless the file holds a password. Blocks on it.
    pub fn check(&self) -> Result<(), InvalidPassword> {
        self.password().map(|_| ())
    }

    /// Content of the request by which the user logs in.
    pub(super) async fn question(&self) -> Result<String, InvalidPassword> {
        let login = self.clone();
        let read = spawn_blocking(move || login.password()).await;
        let password = read.expect("reading a file does not panic")?;
        Ok(json!({"name": self.user, "password": password.reveal()}).to_string())
    }

    fn password(&self) -> Result<Secret, InvalidPassword> {
        let path = &self.password_file;
        secret_file::password(path).map_err(|error| InvalidPassword(path.clone(), error))
    }
}

/// The token in the response to a login.
pub(super) fn token(content: &[u8]) -> Option<HeaderValue> {
    #[derive(Deserialize)]
    struct Authenticated {
        token: String,
    }
    let answer: Authenticated = serde_json::from_slice(content).ok()?;
    let mut token = HeaderValue::from_str(&answer.token).ok()?;
    token.set_sensitive(true);
    Some(token)
}

/// Returns true for the refusals of a token that was good once.
pub(super) fn is_over(error: &EtcdError) -> bool {
    match error {
        EtcdError::Refused(_, StatusCode::UNAUTHORIZED, _) => true,
        EtcdError::Refused(_, StatusCode::BAD_REQUEST, why) => why.contains("auth store is old"),
        _ => false,
    }
}
