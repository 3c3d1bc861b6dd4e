//! An origin that answers in turn, a cache before it, and a client.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use etag_lab_cache::{Cache, Clock, Settings, catalogue, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// In the place of an answer: the connection ends when the request has come.
pub(crate) const CUT: &str = "cut";

/// A request as the origin got it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) content: String,
    fields: Vec<(String, String)>,
}

/// A response as a client got it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content: String,
    fields: Vec<(String, String)>,
}

pub(crate) struct Stage {
    pub(crate) cache: Arc<Cache>,
    pub(crate) clock: Clock,
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stage {
    /// The cache of this name before an origin with these answers.
    pub(crate) async fn start(name: &str, answers: &[&str]) -> Self {
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let (listener, origin) = listen().await;
        let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        let answers = Arc::new(Mutex::new(answers));
        tokio::spawn(answer_in_turn(listener, answers, Arc::clone(&asked)));
        let clock = Clock::standing_at(SystemTime::now());
        let entry = catalogue::find(name).expect("a cache of this name");
        let behaviour = entry.behaviour.expect("a behaviour");
        let cache = Arc::new(Cache::new(Settings { origin, behaviour, clock: clock.clone() }));
        let (listener, address) = listen().await;
        tokio::spawn(serve(listener, Arc::clone(&cache), std::future::pending()));
        Self { cache, clock, address, asked }
    }

    pub(crate) async fn get(&self, fields: &str) -> Answer {
        self.send("GET", fields).await
    }

    pub(crate) async fn send(&self, method: &str, fields: &str) -> Answer {
        self.send_to(method, "/config", fields).await
    }

    /// With a content of three octets where `fields` announce them.
    pub(crate) async fn send_to(&self, method: &str, path: &str, fields: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.expect("the cache listens");
        let content = if fields.contains("content-length: 3") { "put" } else { "" };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: lab\r\nconnection: close\r\n{fields}\r\n{content}"
        );
        stream.write_all(request.as_bytes()).await.expect("it reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).await.expect("it answers");
        // It may have been asked for its content.
        let text = text.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(&text);
        let (head, content) = text.split_once("\r\n\r\n").expect("a whole head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let (status, content) = (status.expect("a status"), content.to_owned());
        Answer { status, content, fields: fields_of(head) }
    }

    /// Sets the clock to so many seconds after the start.
    pub(crate) fn passed(&self, seconds: u64) {
        self.clock.set(Duration::from_secs(seconds));
    }

    /// Requests that the origin got.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Asked {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        value(&self.fields, name)
    }
}

impl Answer {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        value(&self.fields, name)
    }
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    (listener, address)
}

type Answers = Arc<Mutex<VecDeque<String>>>;

/// One answer for each request, over as many connections as come; the last one closes.
async fn answer_in_turn(listener: TcpListener, answers: Answers, asked: Arc<Mutex<Vec<Asked>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer_one(stream, Arc::clone(&answers), Arc::clone(&asked)));
    }
}

async fn answer_one(mut stream: TcpStream, answers: Answers, asked: Arc<Mutex<Vec<Asked>>>) {
    let next = || answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let mut received = Vec::new();
    while stream.read_buf(&mut received).await.is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&received).into_owned();
        let Some((head, content)) = text.split_once("\r\n\r\n") else { continue };
        let fields = fields_of(head);
        if value(&fields, "content-length")
            .is_some_and(|length| length != content.len().to_string())
        {
            continue;
        }
        // The origin has thought better of keeping the connection, or has nothing left to say.
        let Some(answer) = next().filter(|answer| answer != CUT) else { return };
        let line = head.lines().next().unwrap_or_default().to_owned();
        let content = content.to_owned();
        asked.lock().unwrap_or_else(PoisonError::into_inner).push(Asked { line, content, fields });
        received.clear();
        stream.write_all(answer.as_bytes()).await.expect("the cache reads");
    }
}

fn fields_of(head: &str) -> Vec<(String, String)> {
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    fields.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect()
}

fn value<'a>(fields: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
}
