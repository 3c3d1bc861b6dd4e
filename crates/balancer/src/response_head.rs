//! The head of a replica's response, awaited and translated for the client.

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use crate::balancer::Lease;
use crate::failure::Failure;
use crate::running::Running;
use crate::wire::{
    Addressee, Answer, Buffer, InvalidResponse, Method, RequestHead, ResponseHead,
    translate_response,
};

/// Interim responses before the one that counts; more are not believed.
const MAX_INTERIM: usize = 64;

/// To whom the response goes.
pub(crate) fn addressee<'a>(
    request: &RequestHead,
    lease: &Lease<'a>,
    running: &'a Running,
) -> Addressee<'a> {
    Addressee {
        head: request.method == Method::Head,
        minor: request.minor,
        keep_alive: request.keep_alive,
        stopping: &running.stopping,
        declaration: lease.declaration(),
    }
}

/// Reads the head of the response and translates it into `reply`; interim responses go to the
/// client at once.
pub(crate) async fn receive(
    replica: &mut (impl AsyncRead + Unpin),
    client: &mut (impl AsyncWrite + Unpin),
    responses: &mut Buffer,
    reply: &mut Vec<u8>,
    addressee: &Addressee<'_>,
    field_bytes: usize,
) -> Result<ResponseHead, Failure> {
    let mut interim = 0;
    loop {
        let found = translate_response(responses.filled(), addressee, reply)?;
        let length = found.as_ref().map_or(responses.filled().len(), |(length, _)| *length);
        if length > field_bytes || interim > MAX_INTERIM {
            return Err(InvalidResponse("the replica sent too many or too large fields").into());
        }
        match found {
            Some((length, Answer::Final(head))) => {
                responses.consume(length);
                return Ok(head);
            }
            Some((length, Answer::Interim)) => {
                interim += 1;
                responses.consume(length);
                client.write_all(reply).await.map_err(|_| Failure::ClientGone)?;
                reply.clear();
            }
            None => match responses.fill(replica).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => return Err(Failure::Died),
            },
        }
    }
}
