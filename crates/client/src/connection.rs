//! One kept-alive connection over which exchanges go, one at a time, with every byte counted.
//!
//! Decides when a connection may be used again; knows nothing of tags or verdicts.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use measure::{ContentCoding, ErrorReason};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use truth::{ContentId, Declaration};

use crate::capture::Tap;
use crate::content::Decoder;
use crate::response::{self, Head, MAX_FIELDS_BYTES};
use crate::resume::{Interrupted, Part};

/// Holds the fields and a content of usual size, so that one read takes in a whole response.
const BUFFER_BYTES: usize = 16 * 1024;
/// Interim responses (1xx) accepted before the final one.
const MAX_INTERIM: usize = 16;

/// A place in the pool: a connection that is opened when first needed and again when lost.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
    filled: usize,
    timer: Pin<Box<Sleep>>,
    timeout: Duration,
    deadline: Instant,
    /// Most octets that one read may take; unlimited unless the client is about to hang up.
    most_per_read: usize,
    written: u64,
    read: u64,
    /// Sees every byte when somebody asked for a log.
    tap: Option<Box<Tap>>,
}

/// A complete response, or as much of it as was wanted; borrows the connection's buffer.
#[derive(Debug)]
pub(crate) struct Received<'a> {
    pub(crate) status: u16,
    /// Status line and field lines as they came.
    pub(crate) head: &'a [u8],
    pub(crate) entity_tag: Option<&'a [u8]>,
    pub(crate) declaration: Option<Declaration>,
    pub(crate) content: ContentId,
    pub(crate) coding: ContentCoding,
    /// Where the client hung up on purpose; `None` for a complete response.
    pub(crate) interrupted: Option<Interrupted>,
    pub(crate) traffic: Traffic,
}

/// Bytes of one exchange on the wire, attempts that failed included.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) written: u64,
    pub(crate) read: u64,
    pub(crate) content: u64,
    pub(crate) instrumentation: u64,
}

impl Traffic {
    /// Adds another exchange of the same poll.
    pub(crate) fn add(&mut self, other: Self) {
        self.written += other.written;
        self.read += other.read;
        self.content += other.content;
        self.instrumentation += other.instrumentation;
    }
}

/// An exchange without a complete response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub(crate) reason: ErrorReason,
    pub(crate) traffic: Traffic,
}

/// How far one attempt got.
enum Broken {
    /// A kept-alive connection ended before a byte of the response: the usual race with a server
    /// that closes idle connections, and safe to repeat for GET (RFC 9112 §9.3.1).
    Stale,
    Final(ErrorReason),
}

impl Connection {
    pub(crate) fn new(timeout: Duration, tap: Option<Tap>) -> Self {
        Self {
            stream: None,
            buffer: vec![0; BUFFER_BYTES],
            filled: 0,
            timer: Box::pin(tokio::time::sleep(timeout)),
            timeout,
            deadline: Instant::now(),
            most_per_read: usize::MAX,
            written: 0,
            read: 0,
            tap: tap.map(Box::new),
        }
    }

    /// What was seen of the latest exchange, if somebody asked for a log.
    pub(crate) fn tap(&self) -> Option<&Tap> {
        self.tap.as_deref()
    }

    /// Hangs up; the next exchange opens a new connection.
    pub(crate) fn close(&mut self) {
        self.stream = None;
    }

    /// Sends `request` and reads `part` of its response; `now` starts the time limit.
    pub(crate) async fn exchange(
        &mut self,
        addresses: &[SocketAddr],
        request: &[u8],
        part: &Part,
        now: Instant,
    ) -> Result<Received<'_>, Failure> {
        (self.written, self.read, self.filled) = (0, 0, 0);
        self.deadline = now + self.timeout;
        self.tell(|tap| tap.begin(now));
        let mut content = 0;
        let mut attempt = self.attempt(addresses, request, part, &mut content).await;
        if matches!(attempt, Err(Broken::Stale)) {
            self.stream = None;
            attempt = self.attempt(addresses, request, part, &mut content).await;
        }
        self.tell(Tap::end);
        let traffic =
            Traffic { written: self.written, read: self.read, content, instrumentation: 0 };
        match attempt {
            Ok((head, decoder, content)) => {
                if !head.persistent || !decoder.is_complete() {
                    self.stream = None;
                }
                let instrumentation = head.instrumentation as u64;
                let interrupted = Interrupted::of(&head, decoder);
                Ok(Received {
                    status: head.status,
                    head: &self.buffer[..head.len],
                    entity_tag: head.entity_tag.map(|range| &self.buffer[range]),
                    declaration: head.declaration,
                    content,
                    coding: head.coding,
                    interrupted,
                    traffic: Traffic { instrumentation, ..traffic },
                })
            }
            Err(broken) => {
                self.stream = None;
                let reason = match broken {
                    Broken::Stale => ErrorReason::ClosedWithoutResponse,
                    Broken::Final(reason) => reason,
                };
                Err(Failure { reason, traffic })
            }
        }
    }

    fn tell(&mut self, event: impl FnOnce(&mut Tap)) {
        if let Some(tap) = &mut self.tap {
            event(tap);
        }
    }

    async fn attempt(
        &mut self,
        addresses: &[SocketAddr],
        request: &[u8],
        part: &Part,
        octets: &mut u64,
    ) -> Result<(Head, Decoder, ContentId), Broken> {
        let reused = self.ensure_open(addresses).await.map_err(Broken::Final)?;
        if let Some(tap) = &mut self.tap {
            tap.opened(reused, self.stream.as_ref());
        }
        let stale = |reason| match reason {
            ErrorReason::ClosedWithoutResponse if reused => Broken::Stale,
            reason => Broken::Final(reason),
        };
        self.write_all(request).await.map_err(stale)?;
        self.tell(Tap::sent);
        // Only octet by octet does reading end exactly where the client is to hang up.
        self.most_per_read = if part.may_be_cut() { 1 } else { usize::MAX };
        let head = self.read_head().await.map_err(stale)?;
        self.most_per_read = usize::MAX;
        let behind = self.filled - head.len;
        self.tell(|tap| tap.head_ended(behind, head.framing));
        let decoder = self.read_content(&head, part, octets).await.map_err(Broken::Final)?;
        // What was cut on purpose has no identity yet, and might not even decode.
        let id = if decoder.is_complete() { decoder.id() } else { Ok(ContentId::of(b"")) };
        Ok((head, decoder, id.map_err(Broken::Final)?))
    }

    /// Opens a connection unless a usable one is there; returns whether it was there.
    async fn ensure_open(&mut self, addresses: &[SocketAddr]) -> Result<bool, ErrorReason> {
        if self.stream.is_some() {
            match self.unexpected_input().await {
                None => return Ok(true),
                Some(0) => self.stream = None,
                Some(_) => return Err(ErrorReason::ExcessBytes),
            }
        }
        let mut reason = ErrorReason::ConnectionFailed;
        for &address in addresses {
            match self.within_deadline(TcpStream::connect(address)).await? {
                Ok(stream) => {
                    // Without it a request could wait for the acknowledgement of the last one.
                    stream.set_nodelay(true).map_err(|_| ErrorReason::ConnectionFailed)?;
                    self.stream = Some(stream);
                    return Ok(false);
                }
                Err(error) => reason = connect_error(&error),
            }
        }
        Err(reason)
    }

    /// Bytes that came, or the end (0), while no response was due. No system call when idle.
    async fn unexpected_input(&mut self) -> Option<usize> {
        let stream = self.stream.as_ref()?;
        let ready = poll_fn(|cx| Poll::Ready(stream.poll_read_ready(cx).is_ready())).await;
        if !ready {
            return None;
        }
        match stream.try_read(&mut self.buffer[..]) {
            Ok(n) => {
                self.read += n as u64;
                Some(n)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Err(_) => Some(0),
        }
    }

    async fn write_all(&mut self, mut request: &[u8]) -> Result<(), ErrorReason> {
        while !request.is_empty() {
            let n = poll_fn(|cx| {
                if let Poll::Ready(written) = self.poll_write(cx, request) {
                    return Poll::Ready(written.map_err(|_| ErrorReason::ClosedWithoutResponse));
                }
                ready!(self.poll_deadline(cx));
                Poll::Ready(Err(ErrorReason::TimedOut))
            })
            .await?;
            self.written += n as u64;
            request = &request[n..];
        }
        Ok(())
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Some(stream) => Pin::new(stream).poll_write(cx, bytes),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    /// Reads more bytes behind those already in the buffer; 0 at the end of the connection.
    async fn read_more(&mut self) -> Result<usize, ErrorReason> {
        let n = poll_fn(|cx| {
            let Some(stream) = &mut self.stream else {
                return Poll::Ready(Ok(0));
            };
            let end = self.buffer.len().min(self.filled.saturating_add(self.most_per_read));
            let mut space = ReadBuf::new(&mut self.buffer[self.filled..end]);
            match Pin::new(stream).poll_read(cx, &mut space) {
                Poll::Ready(Ok(())) => return Poll::Ready(Ok(space.filled().len())),
                // A reset is an end as well: what came before it decides.
                Poll::Ready(Err(_)) => return Poll::Ready(Ok(0)),
                Poll::Pending => {}
            }
            ready!(self.poll_deadline(cx));
            Poll::Ready(Err(ErrorReason::TimedOut))
        })
        .await?;
        if let Some(tap) = &mut self.tap {
            tap.received(&self.buffer[self.filled..self.filled + n]);
        }
        self.filled += n;
        self.read += n as u64;
        Ok(n)
    }

    /// Leaves head (and what came with it) at the start of the buffer.
    async fn read_head(&mut self) -> Result<Head, ErrorReason> {
        let mut interim = 0;
        let mut searched = 0;
        loop {
            // Usually the first read has it all. After that, parse again only when an empty line
            // has come: a dripping server must not cost a parse per byte.
            if searched == 0 && self.filled > 0
                || has_empty_line(&self.buffer[..self.filled], searched)
            {
                match response::parse(&self.buffer[..self.filled])? {
                    Some(head) if !matches!(head.status, 100..=199) => return Ok(head),
                    Some(head) if interim < MAX_INTERIM => {
                        interim += 1;
                        searched = 0;
                        self.buffer.copy_within(head.len..self.filled, 0);
                        self.filled -= head.len;
                        continue;
                    }
                    Some(_) => return Err(ErrorReason::Malformed),
                    None => {}
                }
            }
            searched = self.filled;
            self.make_room()?;
            if self.read_more().await? == 0 {
                let nothing_came = self.filled == 0 && interim == 0;
                return Err(if nothing_came {
                    ErrorReason::ClosedWithoutResponse
                } else {
                    ErrorReason::Cut
                });
            }
            if !response::may_become_response(&self.buffer[..self.filled]) {
                return Err(ErrorReason::Malformed);
            }
        }
    }

    fn make_room(&mut self) -> Result<(), ErrorReason> {
        if self.filled >= MAX_FIELDS_BYTES {
            return Err(ErrorReason::FieldsTooLarge);
        }
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        Ok(())
    }

    /// Reads content to its end or to where it is to be cut, keeping the head where it is.
    async fn read_content(
        &mut self,
        head: &Head,
        part: &Part,
        octets: &mut u64,
    ) -> Result<Decoder, ErrorReason> {
        let mut decoder = part.decoder(head)?;
        let cut_after = part.cut_after(head);
        if self.buffer.len() - head.len < BUFFER_BYTES / 2 {
            self.buffer.resize(head.len + BUFFER_BYTES, 0);
        }
        loop {
            let used = decoder.feed(&self.buffer[head.len..self.filled]);
            *octets = decoder.octets();
            let excess = self.filled - head.len - used?;
            if decoder.is_complete() {
                return if excess == 0 { Ok(decoder) } else { Err(ErrorReason::ExcessBytes) };
            }
            if let Some(end) = cut_after {
                let left = end.saturating_sub(decoder.octets());
                if left == 0 {
                    return Ok(decoder);
                }
                self.most_per_read = usize::try_from(left).unwrap_or(usize::MAX);
            }
            self.filled = head.len;
            if self.read_more().await? == 0 {
                decoder.end()?;
                return Ok(decoder);
            }
        }
    }

    async fn within_deadline<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<T, ErrorReason> {
        let mut work = std::pin::pin!(work);
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Ok(done));
            }
            ready!(self.poll_deadline(cx));
            Poll::Ready(Err(ErrorReason::TimedOut))
        })
        .await
    }

    /// Ready when the deadline has passed. The timer is armed anew only when it goes off, not
    /// for every exchange.
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if Instant::now() >= self.deadline {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(self.deadline.into());
        }
    }
}

fn has_empty_line(bytes: &[u8], searched: usize) -> bool {
    let unsearched = &bytes[searched.saturating_sub(3)..];
    unsearched.windows(3).any(|three| three == b"\n\r\n") || unsearched.ends_with(b"\n\n")
}

fn connect_error(error: &io::Error) -> ErrorReason {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ErrorReason::ConnectionRefused,
        io::ErrorKind::TimedOut => ErrorReason::TimedOut,
        _ => ErrorReason::ConnectionFailed,
    }
}
