//! Connection to a Redis server whose replies have a limit: the protocol lets a server announce
//! hundreds of megabytes, and the parser keeps what has come until the reply is complete.
//!
//! Knows no replies: whoever receives one says so ([`Unread::reply_came`]).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Most bytes between two complete replies. Replies have some hundred bytes each, and there are as
/// many at once as there are requests.
const LIMIT: usize = 1 << 20;

/// Bytes received since the last complete reply.
#[derive(Clone, Debug, Default)]
pub(super) struct Unread(Arc<AtomicUsize>);

impl Unread {
    /// Notes that a reply was complete, so that what comes next belongs to another one.
    pub(super) fn reply_came(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn received(&self, bytes: usize) -> io::Result<()> {
        let unread = self.0.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if unread <= LIMIT {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "its reply is longer than 1 MiB"))
    }
}

/// Stream that fails when more than [`LIMIT`] bytes are unread.
pub(super) struct Bounded<S> {
    stream: S,
    unread: Unread,
}

impl<S> Bounded<S> {
    pub(super) fn new(stream: S, unread: Unread) -> Self {
        Self { stream, unread }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = room.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, room))?;
        Poll::Ready(self.unread.received(room.filled().len() - before))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Connects to whichever address of a name accepts first: one that swallows everything must not
/// use up the time of the others.
pub(super) async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut attempts = JoinSet::new();
    for address in tokio::net::lookup_host((host, port)).await? {
        attempts.spawn(TcpStream::connect(address));
    }
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    while let Some(Ok(attempt)) = attempts.join_next().await {
        match attempt {
            Ok(stream) => {
                // Without it a command waits for the acknowledgement of the one before.
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared_tags::protocol::HeldTag;
    use crate::shared_tags::stores::open;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_reply_ends_at_the_limit_and_many_short_ones_do_not() -> io::Result<()> {
        let unread = Unread::default();
        let mut short = Bounded::new(tokio::io::repeat(b'x'), unread.clone());
        let mut reply = vec![0; LIMIT / 4];
        for _ in 0..100 {
            short.read_exact(&mut reply).await?;
            unread.reply_came();
        }
        let ended = tokio::io::copy(&mut short, &mut tokio::io::sink()).await;
        assert_eq!(ended.map_err(|error| error.kind()), Err(io::ErrorKind::InvalidData));
        Ok(())
    }

    /// Bytes that a server gets rid of that never ends its reply.
    async fn sent_without_end(server: TcpListener) -> io::Result<usize> {
        let (mut client, _) = server.accept().await?;
        client.write_all(b"$999999999\r\n").await?;
        let (mut sent, piece) = (0, vec![b'x'; LIMIT]);
        while let Ok(bytes) = client.write(&piece).await {
            sent += bytes;
        }
        Ok(sent)
    }

    #[tokio::test]
    async fn a_server_without_an_end_is_left_before_it_fills_the_memory() -> io::Result<()> {
        let server = TcpListener::bind("127.0.0.1:0").await?;
        let name = format!("redis://{}", server.local_addr()?);
        let store = open(&name, None).map_err(io::Error::other)?;
        let (held, sent) = tokio::join!(store.get("key"), sent_without_end(server));
        assert_eq!(held, HeldTag::Down);
        // What the sockets hold comes on top.
        assert!(sent? < 32 * LIMIT);
        Ok(())
    }
}
