//! Work that takes long or waits for a disk, beside the thread that answers.

use tokio::task::spawn_blocking;

use super::UpstreamError;

/// Does it and waits for it.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, UpstreamError> + Send + 'static,
) -> Result<T, UpstreamError> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(UpstreamError::Malformed(format!("reading ended: {error}"))))
}
