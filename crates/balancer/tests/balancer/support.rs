//! A gateway under test, replicas that do as they are told, and a client that hides nothing.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use etag_lab_balancer::{Balancer, Limits, Replica, Settings, catalogue, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Ends a test that would hang; nothing waits for it otherwise.
const PATIENCE: Duration = Duration::from_secs(20);

/// A gateway that runs until it is dropped or stopped.
pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    pub(crate) balancer: Arc<Balancer>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Gateway {
    pub(crate) async fn start(replicas: &[SocketAddr]) -> Self {
        Self::start_with(replicas, "round-robin", |_| ()).await
    }

    pub(crate) async fn start_with(
        replicas: &[SocketAddr],
        policy: &str,
        adjust: impl FnOnce(&mut Settings),
    ) -> Self {
        let replicas = (1..).zip(replicas).map(|(id, address)| Replica {
            id: truth::ReplicaId(id),
            authority: address.to_string(),
        });
        let policy = (catalogue::find(policy).expect("a policy").make)(1);
        let mut settings = Settings::new(replicas.collect(), policy);
        settings.limits = Limits { first_probe: Duration::from_millis(1), ..settings.limits };
        adjust(&mut settings);
        let balancer = Arc::new(Balancer::new(settings).expect("replicas"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let shutdown = async { drop(stopped.await) };
        let server = tokio::spawn(serve(listener, Arc::clone(&balancer), shutdown));
        Self { address, balancer, stop, server }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// Orders the end, and returns what waits for it.
    pub(crate) fn stop(self) -> JoinHandle<()> {
        self.stop.send(()).expect("a running gateway");
        self.server
    }
}

/// A replica; it closes its socket and all connections when it is dropped.
pub(crate) struct FakeReplica {
    pub(crate) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
    server: JoinHandle<()>,
}

impl FakeReplica {
    /// Answers every request, whose content it ignores, on connections that persist.
    pub(crate) async fn answering(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        Self::on(bind().await, move |mut peer| {
            let answer = Arc::clone(&answer);
            async move {
                while let Some(head) = peer.next_head().await {
                    peer.send(&answer(&head)).await;
                }
            }
        })
    }

    /// Does this with every connection.
    pub(crate) async fn doing<F>(script: impl Fn(Client) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::on(bind().await, script)
    }

    pub(crate) fn on<F>(
        listener: TcpListener,
        script: impl Fn(Client) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let address = listener.local_addr().expect("an address");
        let (accepted, heads) = (Arc::<AtomicUsize>::default(), Arc::<Mutex<Vec<_>>>::default());
        let (counter, record) = (Arc::clone(&accepted), Arc::clone(&heads));
        let server = tokio::spawn(async move {
            // Dropped with this task, and its connections with it.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let mut peer = Client::of(stream);
                peer.record = Some(Arc::clone(&record));
                connections.spawn(script(peer));
            }
        });
        Self { address, accepted, heads, server }
    }

    /// Connections so far, those of probes included.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// The heads of all requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no panic").clone()
    }

    /// Kills it; whoever connects from now on is refused.
    pub(crate) async fn kill(mut self) -> SocketAddr {
        self.server.abort();
        let ended = (&mut self.server).await;
        assert!(ended.is_err_and(|error| error.is_cancelled()));
        self.address
    }
}

impl Drop for FakeReplica {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn bind() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a port")
}

/// An address at which nobody listens.
pub(crate) async fn nobody() -> SocketAddr {
    bind().await.local_addr().expect("an address")
}

/// A connection, seen from either end.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    received: Vec<u8>,
    record: Option<Arc<Mutex<Vec<String>>>>,
}

/// A response as it was received.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) content: Vec<u8>,
}

impl Response {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.content).into_owned()
    }

    /// The value of the only field line of this name.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        field(&self.head, name)
    }
}

/// The value of the only field line of this name in a head.
pub(crate) fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut values = head.lines().filter_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    });
    let value = values.next();
    assert_eq!(values.next(), None, "{name} is repeated in {head}");
    value
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::of(TcpStream::connect(address).await.expect("somebody listens"))
    }

    fn of(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("a socket");
        Self { stream, received: Vec::new(), record: None }
    }

    /// Sends; a peer that is gone is noticed when something is read.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        drop(self.stream.write_all(bytes.as_ref()).await);
    }

    pub(crate) async fn get(&mut self, path: &str) -> Response {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: lab\r\n\r\n")).await;
        self.response().await
    }

    /// The next head, `None` at the end of the connection, however it ends.
    pub(crate) async fn next_head(&mut self) -> Option<String> {
        let end = loop {
            if let Some(end) = self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            if self.receive().await.is_none_or(|count| count == 0) {
                return None;
            }
        };
        let head = String::from_utf8(self.received.drain(..end).collect()).expect("text");
        if let Some(record) = &self.record {
            record.lock().expect("no panic").push(head.clone());
        }
        Some(head)
    }

    /// The next response with its content, as its fields delimit it.
    pub(crate) async fn response(&mut self) -> Response {
        self.response_to(false).await
    }

    pub(crate) async fn response_to(&mut self, is_head: bool) -> Response {
        let head = self.next_head().await.expect("a response");
        let status = head[9..12].parse().expect("a status");
        let empty = is_head || status < 200 || status == 204 || status == 304;
        let content = if empty {
            Vec::new()
        } else if let Some(length) = field(&head, "content-length") {
            self.exactly(length.parse().expect("a length")).await.expect("all content")
        } else if field(&head, "transfer-encoding").is_some() {
            self.chunks().await.expect("all chunks")
        } else {
            self.rest().await.expect("an orderly end")
        };
        Response { status, head, content }
    }

    /// So many bytes; `None` when the connection ends before.
    pub(crate) async fn exactly(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.received.len() < count {
            self.receive().await.filter(|&count| count > 0)?;
        }
        Some(self.received.drain(..count).collect())
    }

    /// Content in chunks; `None` when the connection ends before they do.
    pub(crate) async fn chunks(&mut self) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        loop {
            let mut line = Vec::new();
            while !line.ends_with(b"\r\n") {
                line.extend(self.exactly(1).await?);
            }
            let line = String::from_utf8(line).expect("text");
            let digits = line.split(';').next().unwrap_or_default();
            let size = usize::from_str_radix(digits.trim(), 16).expect("a size");
            content.extend(self.exactly(size).await?);
            self.exactly(2).await?;
            if size == 0 {
                return Some(content);
            }
        }
    }

    /// Drops what was received and not looked at; returns how much that was.
    pub(crate) fn buffered(&mut self) -> usize {
        self.received.drain(..).count()
    }

    /// Everything until the connection is closed; `None` when it is reset.
    pub(crate) async fn rest(&mut self) -> Option<Vec<u8>> {
        while self.receive().await? > 0 {}
        Some(std::mem::take(&mut self.received))
    }

    /// `None` when the connection is reset.
    async fn receive(&mut self) -> Option<usize> {
        let reading = self.stream.read_buf(&mut self.received);
        timeout(PATIENCE, reading).await.expect("something happens").ok()
    }
}
