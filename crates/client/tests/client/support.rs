//! A server on a raw socket that answers what it is told to, and keeps the requests that it read.
//!
//! Knows nothing of HTTP but where a request ends.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use etag_lab_client::cadence::{Cadence, Rounds, Share};
use etag_lab_client::{
    Caching, ContentChange, Load, Meter, Milestone, OnError, PollMethod, PollOutcome, PollTarget,
    poll,
};
use measure::Tally;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Requests and results of one run.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) tally: Tally,
    pub(crate) takes: Vec<ContentChange>,
    /// Each request up to its empty line, with the number of its connection, from 0.
    pub(crate) requests: Vec<(usize, String)>,
}

impl Heard {
    /// The lines of request `number` that begin with one of `names`.
    pub(crate) fn lines(&self, number: usize, names: &[&str]) -> Vec<&str> {
        let lines = self.requests[number].1.lines();
        lines.filter(|line| names.iter().any(|name| line.starts_with(name))).collect()
    }
}

/// One client makes as many polls in lock-step, and is answered with one response after the other.
pub(crate) async fn hear(caching: Caching, polls: u64, responses: Vec<String>) -> Heard {
    let reach = async |_| Ok::<_, ()>(Milestone::default());
    hear_with_milestones(caching, polls, responses, &[], reach).await
}

/// The same, with what happens before some rounds.
pub(crate) async fn hear_with_milestones(
    caching: Caching,
    polls: u64,
    responses: Vec<String>,
    milestones: &[u32],
    reach: impl AsyncFnMut(u32) -> Result<Milestone, ()>,
) -> Heard {
    hear_load(&load(caching, polls), responses, milestones, reach).await
}

/// The same for any load over one connection.
pub(crate) async fn hear_load(
    load: &Load,
    responses: Vec<String>,
    milestones: &[u32],
    reach: impl AsyncFnMut(u32) -> Result<Milestone, ()>,
) -> Heard {
    hear_all(load, &[], responses, milestones, reach).await
}

/// The same for clients that take turns in polling these paths as well.
pub(crate) async fn hear_paths(load: &Load, paths: &[&str], responses: Vec<String>) -> Heard {
    hear_all(load, paths, responses, &[], async |_| Ok(Milestone::default())).await
}

async fn hear_all(
    load: &Load,
    paths: &[&str],
    responses: Vec<String>,
    milestones: &[u32],
    reach: impl AsyncFnMut(u32) -> Result<Milestone, ()>,
) -> Heard {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let target = PollTarget::new(listener.local_addr().expect("bound"), "/api/config");
    let target = target.and_paths(paths).expect("paths");
    let requests = Arc::new(Mutex::new(Vec::new()));
    let server = tokio::spawn(serve(listener, responses, Arc::clone(&requests)));
    let meter = Arc::new(Meter::default());
    let stop = std::future::pending();
    let outcome: PollOutcome<()> = poll(&target, load, milestones, reach, &meter, stop).await;
    server.abort();
    assert!(outcome.complete);
    let requests = std::mem::take(&mut *requests.lock().unwrap_or_else(PoisonError::into_inner));
    Heard { tally: outcome.tally, takes: outcome.changes, requests }
}

/// One client on one connection, in lock-step.
pub(crate) fn load(caching: Caching, polls: u64) -> Load {
    Load {
        share: Share::ALL,
        rounds: Rounds { clients: 1, polls },
        cadence: Cadence::Lockstep,
        seed: 1,
        connections: 1,
        timeout: Duration::from_secs(5),
        identify_clients: false,
        capture: None,
        caching,
        on_error: OnError::Keep,
        obey_poll_interval: false,
        writing: None,
        method: PollMethod::Get,
        log_changes: false,
    }
}

/// Polls a server until the load is done, with nothing to reach on the way.
pub(crate) async fn poll_to_the_end(target: &PollTarget, load: &Load) -> PollOutcome<()> {
    let reach = async |_| Ok::<_, ()>(Milestone::default());
    let meter = Arc::new(Meter::default());
    poll(target, load, &[], reach, &meter, std::future::pending()).await
}

/// Each connection gets the next response to each of its requests.
async fn serve(
    listener: TcpListener,
    responses: Vec<String>,
    requests: Arc<Mutex<Vec<(usize, String)>>>,
) {
    let responses = Arc::new(Mutex::new(responses.into_iter()));
    let mut connection = 0;
    while let Ok((mut stream, _)) = listener.accept().await {
        let (responses, requests) = (Arc::clone(&responses), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Some(request) = read_request(&mut stream).await {
                requests.lock().unwrap_or_else(PoisonError::into_inner).push((connection, request));
                let next = responses.lock().unwrap_or_else(PoisonError::into_inner).next();
                let response = next.expect("a response for each request");
                // A client that hangs up does not read to the end.
                let _ = stream.write_all(response.as_bytes()).await;
            }
        });
        connection += 1;
    }
}

/// The next request, to its empty line and with its content; `None` where the client has hung up.
pub(crate) async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&request).into_owned();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    for _ in 0..length.map_or(0, |length| length.parse().expect("a number")) {
        request.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(request).ok()
}
