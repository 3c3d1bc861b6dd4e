//! Connections in, answers out, until shutdown.
//!
//! Knows limits and lifetimes; what is answered is the handler's business. Binds nothing: the
//! caller does.

use std::fmt::Display;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Scheme;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use system::Acceptor;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use crate::bell::Belled;
use crate::front::{ConnectionService, Handler};
use crate::lane::{FastLane, LaneEnd};
use crate::progress::Progress;
use crate::takeover::TakenOver;
use crate::tls::ServerTls;

// A thousand long tags fit, as they do not with the 8 KB a line of nginx and Apache; a flood is 431.
const MAX_FIELDS_BYTES: usize = 128 * 1_024;

// A connection on which there is no progress for so long, or for at most twice as long, is closed: no
// request, and none of the bytes of a content in either direction. However long a content takes, it is
// not cut while it moves. hyper's own timeout is for fields only, and sets up and tears down a timer
// for each request.
const IDLE: Duration = Duration::from_secs(60);

// Time for which shutdown waits for responses to be read by their clients.
const GRACE: Duration = Duration::from_secs(1);

const HANDSHAKE: Duration = Duration::from_secs(10);

/// Serves until `shutdown` completes; then closes idle connections, gives busy ones a second to end,
/// and returns when none is left.
///
/// What is no proper request is answered 400, 417, 421 or 501, too long a target 414, too many fields
/// 431; everything else is the handler's.
pub async fn serve<H: Handler>(
    listener: TcpListener,
    handler: Arc<H>,
    shutdown: impl Future<Output = ()>,
) {
    let begun = |stream, stop| begin(stream, Arc::clone(&handler), stop);
    each_connection(listener, shutdown, begun).await;
}

/// The same over TLS. A client that does not complete the handshake in ten seconds is cut.
pub async fn serve_tls<H: Handler>(
    listener: TcpListener,
    tls: Arc<ServerTls>,
    handler: Arc<H>,
    shutdown: impl Future<Output = ()>,
) {
    let begun = |stream, stop| begin_tls(stream, Arc::clone(&tls), Arc::clone(&handler), stop);
    each_connection(listener, shutdown, begun).await;
}

/// Lets each connection begin until `shutdown` completes; then waits for the end of the last one.
async fn each_connection<B: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
    begin: impl Fn(TcpStream, watch::Receiver<()>) -> B,
) {
    let (stopping, stop) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    let mut acceptor = Acceptor::new(listener);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            (stream, _) = acceptor.accept() => drop(connections.spawn(begin(stream, stop.clone()))),
            Some(_) = connections.join_next() => {}
        }
    }
    drop(acceptor);
    drop(stopping);
    while connections.join_next().await.is_some() {}
}

async fn begin<H: Handler>(stream: TcpStream, handler: Arc<H>, stop: watch::Receiver<()>) {
    // Without it, content that follows its fields would wait for the client's acknowledgement.
    match stream.set_nodelay(true) {
        Ok(()) => converse(stream, Scheme::HTTP, handler, stop).await,
        Err(error) => tracing::debug!(%error, "connection was lost before it was served"),
    }
}

async fn begin_tls<H: Handler>(
    stream: TcpStream,
    tls: Arc<ServerTls>,
    handler: Arc<H>,
    mut stop: watch::Receiver<()>,
) {
    let handshake = async {
        stream.set_nodelay(true)?;
        tls.accept(stream).await
    };
    let shaken = tokio::select! {
        shaken = timeout(HANDSHAKE, handshake) => shaken,
        _ = stop.changed() => return,
    };
    match shaken {
        Ok(Ok(stream)) => converse(stream, Scheme::HTTPS, handler, stop).await,
        Ok(Err(error)) => tracing::debug!(%error, "connection ended in its handshake"),
        Err(_) => tracing::debug!("handshake did not end in time"),
    }
}

/// One connection, from its first request to its end: in the fast lane as long as that will do.
async fn converse<S, H>(stream: S, scheme: Scheme, handler: Arc<H>, mut stop: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    H: Handler,
{
    let progress = Arc::new(Progress::default());
    let mut ending = Belled::new(async {
        tokio::select! {
            () = progress.until_idle(IDLE) => {}
            // An error is what closing the channel looks like.
            _ = stop.changed() => {}
        }
    });
    let mut lane = FastLane::new(stream, &*handler, &progress);
    let left = tokio::select! {
        biased;
        left = lane.run() => left,
        () = &mut ending => return log_late(timeout(GRACE, lane.finish()).await),
    };
    match left {
        Ok(LaneEnd::Odd) => {
            let (stream, received) = lane.into_parts();
            let stream = TakenOver::new(stream, received, Arc::clone(&progress));
            let (handler, progress) = (Arc::clone(&handler), Arc::clone(&progress));
            // In a box, because most connections never come here, and it is large.
            Box::pin(by_hyper(stream, ConnectionService { handler, progress, scheme }, ending))
                .await;
        }
        Ok(LaneEnd::Over) => {}
        Err(error) => log_end(Err(error)),
    }
}

async fn by_hyper<S, H>(
    stream: TakenOver<S>,
    front: ConnectionService<H>,
    ending: impl Future<Output = ()>,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    H: Handler,
{
    let mut connection = pin!(
        http1::Builder::new()
            .max_buf_size(MAX_FIELDS_BYTES)
            // Who has said everything still listens: `printf … | nc` does, and many a test.
            .half_close(true)
            .serve_connection(TokioIo::new(stream), front)
    );
    tokio::select! {
        biased;
        ended = connection.as_mut() => return log_end(ended),
        () = ending => {}
    }
    connection.as_mut().graceful_shutdown();
    log_late(timeout(GRACE, connection).await);
}

fn log_late<E: Display>(ended: Result<Result<(), E>, Elapsed>) {
    if let Ok(ended) = ended {
        log_end(ended);
    } else {
        tracing::debug!("connection did not end in time and was cut");
    }
}

fn log_end<E: Display>(ended: Result<(), E>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended with an error");
    }
}

#[cfg(test)]
mod tests;
