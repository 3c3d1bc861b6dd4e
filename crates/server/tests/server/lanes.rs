//! Connections in the fast lane and after it, byte by byte: nobody can tell the two apart.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use etag_lab_server::{Answering, Handler, Plain, Prepared, serve};
use http::header::{CONTENT_LENGTH, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use semantics::{FieldName, RequestFields as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const POLL: &str = "GET /quick HTTP/1.1\r\nHost: lab\r\nIf-None-Match: \"x\"\r\n\r\n";
const KEPT: &str = "GET /quick?v=1 HTTP/1.1\r\nhost: lab\r\nconnection: Keep-Alive\r\nif-none-match: \"x\"\r\n\r\n";
const FETCH: &str = "GET /quick HTTP/1.1\r\nHost: lab\r\n\r\n";
const HEAD: &str = "HEAD /quick HTTP/1.1\r\nHost: lab\r\n\r\n";

/// Hyper's, because it speaks of the connection.
const ODD: &str = "GET /quick HTTP/1.1\r\nHost: lab\r\nConnection: x\r\n\r\n";

/// Answers 304 to whoever names any tag, and content to everybody else, in both lanes alike.
struct Twofold {
    content: Bytes,
    quick: AtomicUsize,
    by_hyper: AtomicUsize,
}

impl Twofold {
    fn fields(&self, is_known: bool) -> HeaderMap {
        let mut fields = HeaderMap::new();
        fields.insert(ETAG, HeaderValue::from_static("\"x\""));
        if !is_known {
            fields.insert(CONTENT_LENGTH, self.content.len().into());
        }
        fields
    }
}

impl Handler for Twofold {
    type Content = Full<Bytes>;

    fn quick(&self, request: &Plain<'_>) -> Option<Prepared> {
        let is_known = request.lines(FieldName::IfNoneMatch).next().is_some();
        let fields = self.fields(is_known);
        let is_head = request.method == semantics::Method::Head;
        let content = if is_head { Bytes::new() } else { self.content.clone() };
        let answer = match (request.path, is_known) {
            ("/quick", true) => Prepared::not_modified(&fields),
            ("/quick", false) => Prepared::ok(&fields, content),
            _ => None,
        };
        self.quick.fetch_add(usize::from(answer.is_some()), Ordering::Relaxed);
        answer
    }

    fn answer(self: &Arc<Self>, request: Request<Incoming>) -> Answering<Self::Content> {
        self.by_hyper.fetch_add(1, Ordering::Relaxed);
        let is_known = request.headers().contains_key(IF_NONE_MATCH);
        let is_empty = is_known || *request.method() == Method::HEAD;
        let content = if is_empty { Bytes::new() } else { self.content.clone() };
        let mut response = Response::new(Full::new(content));
        *response.headers_mut() = self.fields(is_known);
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        Answering::done(response)
    }
}

struct Served {
    address: SocketAddr,
    handler: Arc<Twofold>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Served {
    async fn with(content: Vec<u8>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (quick, by_hyper) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let handler = Arc::new(Twofold { content: content.into(), quick, by_hyper });
        let (stop, stopped) = oneshot::channel();
        let serving = serve(listener, Arc::clone(&handler), async {
            // Either is the end.
            let _ = stopped.await;
        });
        Ok(Self { address, handler, stop, task: tokio::spawn(serving) })
    }

    /// All that is answered to these octets, sent in this many writes, with its dates blotted out.
    async fn answers(&self, requests: &str, writes: usize) -> io::Result<String> {
        let mut client = TcpStream::connect(self.address).await?;
        client.set_nodelay(true)?;
        for piece in requests.as_bytes().chunks(requests.len().div_ceil(writes)) {
            client.write_all(piece).await?;
            tokio::task::yield_now().await;
        }
        client.shutdown().await?;
        let mut answers = String::new();
        client.read_to_string(&mut answers).await?;
        let undated = |line: &str| {
            if line.starts_with("date: ") { "date: \r\n".into() } else { line.to_owned() }
        };
        Ok(answers.split_inclusive('\n').map(undated).collect())
    }

    /// Number of answers that were prepared, and of those that hyper wrote.
    fn counted(&self) -> (usize, usize) {
        let read = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        (read(&self.handler.quick), read(&self.handler.by_hyper))
    }
}

#[tokio::test]
async fn both_lanes_write_the_same_octets() -> io::Result<()> {
    let served = Served::with(b"content\n".to_vec()).await?;
    let odd = served.answers(ODD, 1).await?;
    for requests in [POLL, KEPT, FETCH, HEAD, &[POLL, FETCH, HEAD, POLL].concat()] {
        let quick = served.answers(requests, 1).await?;
        let by_hyper = served.answers(&[ODD, requests].concat(), 1).await?;
        assert_eq!([odd.as_str(), &quick].concat(), by_hyper, "{requests}");
    }
    assert_eq!(served.counted(), (8, 14));
    Ok(())
}

#[tokio::test]
async fn many_requests_are_answered_in_order_wherever_they_are_cut() -> io::Result<()> {
    let served = Served::with(b"content\n".to_vec()).await?;
    let requests = [POLL, FETCH, HEAD, POLL, POLL, ODD, FETCH, POLL].concat();
    let whole = served.answers(&requests, 1).await?;
    assert_eq!(served.counted(), (5, 3));
    for writes in 2..50 {
        assert_eq!(served.answers(&requests, writes).await?, whole, "{writes}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_plain_is_hypers_and_so_is_what_follows() -> io::Result<()> {
    let fields = |lines: &str| format!("GET /quick HTTP/1.1\r\nHost: lab\r\n{lines}\r\n\r\n");
    for odd in [
        fields("Connection: close"),
        fields("Content-Length: 0"),
        fields("Transfer-Encoding: chunked") + "0\r\n\r\n",
        fields("Expect: x"),
        fields("TE: trailers"),
        fields("Upgrade: x"),
        fields(&["X: y"; 40].join("\r\n")),
        fields(&format!("X: {}", "y".repeat(20_000))),
        "GET /elsewhere HTTP/1.1\r\nHost: lab\r\n\r\n".to_owned(),
        "GET http://lab/quick HTTP/1.1\r\nHost: lab\r\n\r\n".to_owned(),
        "GET /quick HTTP/1.0\r\n\r\n".to_owned(),
        "GET /quick|x HTTP/1.1\r\nHost: lab\r\n\r\n".to_owned(),
        "POST /quick HTTP/1.1\r\nHost: lab\r\n\r\n".to_owned(),
    ] {
        let served = Served::with(b"content\n".to_vec()).await?;
        served.answers(&[POLL, &odd, POLL].concat(), 1).await?;
        let (quick, by_hyper) = served.counted();
        assert!(quick == 1 && by_hyper >= 1, "{odd}: {quick}, {by_hyper}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_no_proper_request_is_refused_behind_the_lane_as_before_it() -> io::Result<()> {
    let served = Served::with(b"content\n".to_vec()).await?;
    let poll = served.answers(POLL, 1).await?;
    for (improper, status) in [
        ("GET /quick HTTP/1.1\r\n\r\n", "400"),
        ("GET /quick HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400"),
        ("GET /quick HTTP/1.1\r\nHost:\r\n\r\n", "400"),
        ("GET /quick HTTP/1.1\r\nHost: a b\r\n\r\n", "400"),
        ("GET /quick HTTP/1.1\r\nHost : lab\r\n\r\n", "400"),
        ("GET /quick HTTP/1.1\r\nHost: lab\r\nX: a\r\n b\r\n\r\n", "400"),
    ] {
        let answer = served.answers(improper, 1).await?;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{improper}: {answer}");
        let behind = served.answers(&[POLL, improper].concat(), 1).await?;
        assert_eq!(behind, [poll.as_str(), &answer].concat(), "{improper}");
    }
    assert_eq!(served.counted(), (7, 0));
    Ok(())
}

#[tokio::test]
async fn content_that_is_taken_late_is_whole_and_in_order() -> io::Result<()> {
    let content = vec![b'x'; 8 << 20];
    let served = Served::with(content.clone()).await?;
    let answers = served.answers(&[FETCH, POLL, FETCH, POLL].concat(), 1).await?;
    let lengths: Vec<_> = answers.split("HTTP/1.1 ").map(str::len).collect();
    assert_eq!(lengths.len(), 5);
    assert!(lengths[1] > content.len() && lengths[3] > content.len(), "{lengths:?}");
    assert!(lengths[2] < 100 && lengths[4] < 100, "{lengths:?}");
    assert_eq!(served.counted(), (4, 0));
    Ok(())
}

#[tokio::test]
async fn shutdown_ends_what_rests_and_lets_answers_be_taken() -> io::Result<()> {
    let content = vec![b'x'; 8 << 20];
    let served = Served::with(content.clone()).await?;
    let mut resting = TcpStream::connect(served.address).await?;
    resting.write_all(POLL.as_bytes()).await?;
    let mut first = [0];
    resting.read_exact(&mut first).await?;
    let mut taking = TcpStream::connect(served.address).await?;
    taking.write_all(FETCH.as_bytes()).await?;
    taking.read_exact(&mut first).await?;
    served.stop.send(()).expect("it still serves");
    let (mut rest, mut taken) = (Vec::new(), Vec::new());
    resting.read_to_end(&mut rest).await?;
    taking.read_to_end(&mut taken).await?;
    assert!(rest.ends_with(b"\r\n\r\n") && taken.ends_with(&content[..]));
    served.task.await.map_err(io::Error::other)
}
