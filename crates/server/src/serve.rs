//! Connections in, answers out, until shutdown.
//!
//! Knows limits and lifetimes; what is answered is the handler's business. Binds nothing: the
//! caller does.

use std::fmt::Display;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::error::Elapsed;
use tokio::time::{sleep, timeout};

use crate::bell::Belled;
use crate::front::{ConnectionService, Handler};
use crate::lane::{FastLane, LaneEnd};
use crate::takeover::TakenOver;

// A thousand long tags fit, as they do not with the 8 KB a line of nginx and Apache; a flood is 431.
const MAX_FIELDS_BYTES: usize = 128 * 1_024;

// A connection on which no request begins for so long, or for at most twice as long, is closed. This
// bounds requests sent byte by byte and responses never read, too. hyper's own timeout is for fields
// only, and sets up and tears down a timer for each request.
const IDLE: Duration = Duration::from_secs(60);

// Time for which shutdown waits for responses to be read by their clients.
const GRACE: Duration = Duration::from_secs(1);

// The operating system refuses connections when descriptors run out, and at once would do so again.
const REFUSED_PAUSE: Duration = Duration::from_millis(20);

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
    let (stopping, stop) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, Arc::clone(&handler), stop.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "connection refused by the operating system");
                    sleep(REFUSED_PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    drop(stopping);
    while connections.join_next().await.is_some() {}
}

/// One connection, from its first request to its end: in the fast lane as long as that will do.
async fn converse<H: Handler>(stream: TcpStream, handler: Arc<H>, mut stop: watch::Receiver<()>) {
    // Without it, content that follows its fields would wait for the client's acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "connection was lost before it was served");
        return;
    }
    let requests = Arc::new(AtomicU64::new(0));
    let mut ending = Belled::new(async {
        tokio::select! {
            () = until_idle(&requests, IDLE) => {}
            // An error is what closing the channel looks like.
            _ = stop.changed() => {}
        }
    });
    let mut lane = FastLane::new(stream, &*handler, &requests);
    let left = tokio::select! {
        biased;
        left = lane.run() => left,
        () = &mut ending => return log_late(timeout(GRACE, lane.finish()).await),
    };
    match left {
        Ok(LaneEnd::Odd) => {
            let (stream, received) = lane.into_parts();
            let front = ConnectionService {
                handler: Arc::clone(&handler),
                requests: Arc::clone(&requests),
            };
            // In a box, because most connections never come here, and it is large.
            Box::pin(by_hyper(TakenOver::new(stream, received), front, ending)).await;
        }
        Ok(LaneEnd::Over) => {}
        Err(error) => log_end(Err(error)),
    }
}

async fn by_hyper<H: Handler>(
    stream: TakenOver<TcpStream>,
    front: ConnectionService<H>,
    ending: impl Future<Output = ()>,
) {
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

/// Completes when a whole period passes without a request.
async fn until_idle(requests: &AtomicU64, period: Duration) {
    let mut seen = None;
    loop {
        let now = requests.load(Ordering::Relaxed);
        if seen == Some(now) {
            return;
        }
        seen = Some(now);
        sleep(period).await;
    }
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
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_period_without_a_request_is_idle_and_one_with_a_request_is_not() {
        let requests = AtomicU64::new(0);
        until_idle(&requests, Duration::ZERO).await;
        let busy = async {
            loop {
                requests.fetch_add(1, Ordering::Relaxed);
                if requests.load(Ordering::Relaxed) == 1_000 {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = busy => {}
            () = until_idle(&requests, Duration::from_micros(1)) => panic!("requests came"),
        }
    }
}
