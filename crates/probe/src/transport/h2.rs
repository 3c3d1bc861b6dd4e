//! HTTP/2 on the `h2` crate, without the client above it.

use ::h2::client::{SendRequest, handshake};
use bytes::Bytes;

use super::RawResponse;
use super::request::CheckRequest;
use findings::evidence::{ContentSummary, ExchangeFailure, FieldLines, ObservedResponse};
use wire::dial::Stream;

/// A connection; its driving task ends when it is dropped.
pub(crate) struct Http2 {
    requests: SendRequest<Bytes>,
    driver: tokio::task::JoinHandle<()>,
}

impl Http2 {
    pub(crate) async fn new(stream: Box<dyn Stream>) -> Result<Self, ExchangeFailure> {
        let (requests, connection) = handshake(stream).await.map_err(failure)?;
        let driver = tokio::spawn(async move {
            // Its errors reach the caller that waits for a response.
            let _ = connection.await;
        });
        Ok(Self { requests, driver })
    }

    pub(crate) async fn exchange(
        &mut self,
        request: &CheckRequest,
        limit: usize,
    ) -> Result<RawResponse, ExchangeFailure> {
        let message =
            request.message().map_err(|error| ExchangeFailure::Broken(error.to_string()))?;
        let mut requests = self.requests.clone().ready().await.map_err(failure)?;
        let content = request.content();
        let (response, mut sender) =
            requests.send_request(message, content.is_empty()).map_err(failure)?;
        if !content.is_empty() {
            // It waits in the connection until the peer gives credit; its size is limited already.
            sender.send_data(Bytes::copy_from_slice(content), true).map_err(failure)?;
        }
        let (head, mut body) = response.await.map_err(failure)?.into_parts();
        let mut content = Some(Vec::new());
        let mut coded_bytes = 0;
        while let Some(part) = body.data().await {
            let part = part.map_err(failure)?;
            coded_bytes += part.len() as u64;
            // Credit that is not given back stops a sender of endless content by itself.
            let _ = body.flow_control().release_capacity(part.len());
            if coded_bytes > limit as u64 {
                content = None;
                break;
            }
            if let Some(content) = &mut content {
                content.extend_from_slice(&part);
            }
        }
        // Names are in lower case already; frames hide nothing that HTTP/1.1 would show.
        let fields: FieldLines =
            head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let summary = ContentSummary { coded_bytes, ..ContentSummary::default() };
        let (version, status) = ("HTTP/2", head.status.as_u16());
        let response = ObservedResponse { version, status, fields, content: summary };
        Ok(RawResponse { response, is_reusable: content.is_some(), content })
    }
}

impl Drop for Http2 {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn failure(error: ::h2::Error) -> ExchangeFailure {
    ExchangeFailure::Broken(format!("HTTP/2: {error}"))
}
