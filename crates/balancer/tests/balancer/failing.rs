//! Replicas that refuse, die, stall or talk nonsense, and what the client notices of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::support::{Client, FakeReplica, Gateway, nobody};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

async fn healthy() -> FakeReplica {
    FakeReplica::answering(|_| OK.to_owned()).await
}

/// Closes each connection after a request, having sent this.
async fn dying(last_words: &'static str) -> FakeReplica {
    FakeReplica::doing(move |mut peer| async move {
        peer.next_head().await;
        peer.send(last_words).await;
    })
    .await
}

async fn post(client: &mut Client) -> u16 {
    client.send("POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: 2\r\n\r\nhi").await;
    client.response().await.status
}

#[tokio::test]
async fn a_replica_that_dies_mid_exchange_costs_no_client_an_error() {
    for last_words in ["", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\ncontent-le"] {
        let (dying, healthy) = (dying(last_words).await, healthy().await);
        let gateway = Gateway::start(&[dying.address, healthy.address]).await;
        let mut client = gateway.client().await;
        let response = client.get("/").await;
        assert_eq!((response.status, response.field("lab-replica")), (200, Some("2")));
        assert_eq!(gateway.balancer.counts().retries, 1);
        assert_eq!(gateway.balancer.counts().put_aside, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_under_load_is_seen_by_nobody_and_the_replica_comes_back() {
    let (first, second) = (healthy().await, healthy().await);
    let gateway = Gateway::start(&[first.address, second.address]).await;
    let poll = |mut client: Client| async move {
        for _ in 0..100 {
            assert_eq!(client.get("/").await.status, 200);
        }
    };
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..16 {
        clients.spawn(poll(gateway.client().await));
    }
    clients.join_next().await.expect("a client").expect("no errors");
    for _ in 0..16 {
        clients.spawn(poll(gateway.client().await));
    }
    let address = first.kill().await;
    while let Some(polled) = clients.join_next().await {
        polled.expect("no errors");
    }
    assert_eq!(gateway.balancer.counts().bad_gateway, 0);

    // At least one poll finds the replica dead, unless the load was over before it was killed.
    let mut client = gateway.client().await;
    for _ in 0..2 {
        assert_eq!(client.get("/").await.status, 200);
    }
    let listener = TcpListener::bind(address).await.expect("the address is free again");
    let reborn = FakeReplica::on(listener, |mut peer| async move {
        while peer.next_head().await.is_some() {
            peer.send(OK).await;
        }
    });
    gateway.balancer.all_available().await;
    let answered_by: Vec<_> = [client.get("/").await, client.get("/").await]
        .iter()
        .filter_map(|response| response.field("lab-replica").map(str::to_owned))
        .collect();
    assert!(answered_by.contains(&"1".to_owned()), "{answered_by:?}");
    assert!(reborn.accepted() > 0 && gateway.balancer.counts().put_aside > 0);
}

#[tokio::test]
async fn with_nobody_left_the_gateway_says_so_and_still_tries() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let gateway = Gateway::start_with(&[nobody().await, address], "round-robin", |settings| {
        settings.limits.first_probe = Duration::from_secs(3_600);
    })
    .await;
    let mut client = gateway.client().await;
    for count in 1..=2 {
        let response = client.get("/").await;
        assert_eq!(response.status, 502);
        assert_eq!(response.text().as_str(), "no replica can be reached\n");
        assert_eq!((response.field("via"), response.field("etag")), (Some("1.1 etag-lab"), None));
        assert_eq!(gateway.balancer.counts().bad_gateway, count);
    }
    let listener = TcpListener::bind(address).await.expect("the address is free again");
    let _reborn = FakeReplica::on(listener, |mut peer| async move {
        while peer.next_head().await.is_some() {
            peer.send(OK).await;
        }
    });
    assert_eq!(
        client.get("/").await.status,
        200,
        "both are aside, and one is back before its probe"
    );
}

#[tokio::test]
async fn silence_becomes_a_504_and_is_not_repeated() {
    let silent =
        FakeReplica::doing(|mut peer| async move { while peer.next_head().await.is_some() {} })
            .await;
    let healthy = healthy().await;
    let gateway =
        Gateway::start_with(&[silent.address, healthy.address], "round-robin", |settings| {
            settings.limits.response_head = Duration::from_millis(50);
        })
        .await;
    let mut client = gateway.client().await;
    assert_eq!(client.get("/").await.status, 504);
    assert_eq!((gateway.balancer.counts().gateway_timeout, healthy.accepted()), (1, 0));
    assert_eq!(client.get("/").await.status, 200, "the client's connection persists");
    assert_eq!(silent.heads().len(), 1);
}

#[tokio::test]
async fn a_post_is_repeated_only_when_nothing_of_it_was_sent() {
    let healthy = healthy().await;
    let refused = Gateway::start(&[nobody().await, healthy.address]).await;
    assert_eq!(post(&mut refused.client().await).await, 200);

    let dying = dying("").await;
    let died = Gateway::start(&[dying.address, healthy.address]).await;
    assert_eq!(post(&mut died.client().await).await, 502);
    assert_eq!((dying.heads().len(), healthy.heads().len()), (1, 1));
}

#[tokio::test]
async fn small_content_of_an_idempotent_request_is_sent_again() {
    let (dying, healthy) = (dying("").await, healthy().await);
    let gateway = Gateway::start(&[dying.address, healthy.address]).await;
    let mut client = gateway.client().await;
    client.send("PUT / HTTP/1.1\r\nHost: lab\r\nContent-Length: 2\r\n\r\nhi").await;
    assert_eq!(client.response().await.status, 200);
}

#[tokio::test]
async fn a_replica_that_closes_idle_connections_is_asked_on_a_fresh_one() {
    let replica = dying(OK).await;
    let gateway = Gateway::start(&[replica.address]).await;
    let mut client = gateway.client().await;
    for _ in 0..20 {
        assert_eq!(client.get("/").await.text(), "ok");
    }
    assert_eq!(gateway.balancer.counts().put_aside, 0);
}

#[tokio::test]
async fn nonsense_becomes_a_502_and_its_connection_is_dropped() {
    let endless = || format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(1_000));
    let long = || format!("HTTP/1.1 200 OK\r\na: {}", "b".repeat(100_000));
    let interim = || "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1_000);
    for nonsense in [
        "SSH-2.0-OpenSSH\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx".to_owned(),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnonsense".to_owned(),
        "HTTP/1.1 101 Switching Protocols\r\n\r\n".to_owned(),
        endless(),
        long(),
        interim(),
    ] {
        let answer = nonsense.clone();
        let replica = FakeReplica::answering(move |_| answer.clone()).await;
        let gateway = Gateway::start(&[replica.address]).await;
        let mut client = gateway.client().await;
        for count in 1..=2 {
            client.send("GET / HTTP/1.1\r\nHost: lab\r\n\r\n").await;
            let response = loop {
                let response = client.response().await;
                if response.status != 103 {
                    break response;
                }
            };
            assert_eq!((response.status, replica.accepted()), (502, count), "{nonsense:.60?}");
        }
    }
}

#[tokio::test]
async fn the_content_of_a_304_goes_nowhere() {
    let replica = FakeReplica::answering(|_| {
        "HTTP/1.1 304 Not Modified\r\ncontent-length: 6\r\n\r\nhidden".to_owned()
    })
    .await;
    let gateway = Gateway::start(&[replica.address]).await;
    let mut client = gateway.client().await;
    for count in 1..=3 {
        assert_eq!(client.get("/").await.status, 304);
        assert_eq!(replica.accepted(), count);
    }
    client.stream.shutdown().await.expect("an open connection");
    assert_eq!(client.rest().await.as_deref(), Some(&b""[..]));
}

/// End of a response that is not complete.
#[derive(Clone, Copy)]
enum End {
    Close,
    Reset,
    Stall,
    Say(&'static str),
}

/// A client behind the head of a response, with what keeps the others alive.
struct CutOff {
    client: Client,
    gateway: Gateway,
    _replica: FakeReplica,
}

/// Asks a replica that sends `first` and, once the client has its head, ends like this.
async fn cut_off(request: &str, first: &'static str, end: End) -> CutOff {
    let seen = Arc::new(Notify::new());
    let go = Arc::clone(&seen);
    let replica = FakeReplica::doing(move |mut peer| {
        let go = Arc::clone(&go);
        async move {
            peer.next_head().await;
            peer.send(first).await;
            go.notified().await;
            match end {
                End::Close => {}
                End::Reset => peer.stream.set_zero_linger().expect("a socket"),
                End::Stall => drop(peer.rest().await),
                End::Say(more) => {
                    peer.send(more).await;
                    peer.rest().await;
                }
            }
        }
    })
    .await;
    let gateway = Gateway::start_with(&[replica.address], "round-robin", |settings| {
        settings.limits.stalled_content = Duration::from_millis(100);
    })
    .await;
    let mut client = gateway.client().await;
    client.send(request).await;
    client.next_head().await.expect("a head");
    seen.notify_one();
    CutOff { client, gateway, _replica: replica }
}

const GET: &str = "GET / HTTP/1.1\r\nHost: lab\r\n\r\n";
const OLD_GET: &str = "GET / HTTP/1.0\r\n\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n";

#[tokio::test]
async fn content_shorter_than_its_length_is_cut_towards_the_client() {
    let length = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
    for end in [End::Close, End::Reset, End::Stall] {
        let mut cut = cut_off(GET, length, end).await;
        assert_eq!(cut.client.exactly(10).await, None);
        assert_eq!(cut.gateway.balancer.counts().cut, 1);
    }
}

#[tokio::test]
async fn unfinished_or_malformed_chunks_are_cut_towards_the_client() {
    let said = [
        "nonsense",
        "1\r\nxyz",
        "3 4\r\nabc\r\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        "+3\r\nabc\r\n0\r\n\r\n",
        "3 \r\nabc\r\n0\r\n\r\n",
        "3;a=\"\r\nabc\r\n0\r\n\r\n",
        "0\r\nGET /SMUGGLED HTTP/1.1\r\n\r\n",
        "0\r\nno-colon\r\n\r\n",
        "0\r\nName : x\r\n\r\n",
        "0\r\nName: x\r\n folded\r\n\r\n",
    ];
    for end in [End::Close, End::Reset, End::Stall].into_iter().chain(said.map(End::Say)) {
        let mut cut = cut_off(GET, CHUNKED, end).await;
        assert_eq!(cut.client.chunks().await, None);
        assert_eq!(cut.gateway.balancer.counts().cut, 1);
    }
}

/// Without framing to tell by, only a reset tells a cut from the end.
#[tokio::test]
async fn a_cut_without_framing_is_a_reset_and_never_an_end() {
    for end in [End::Close, End::Reset, End::Say("nonsense")] {
        assert_eq!(cut_off(OLD_GET, CHUNKED, end).await.client.rest().await, None);
    }
    let unframed = "HTTP/1.1 200 OK\r\n\r\nhalf";
    for end in [End::Reset, End::Stall] {
        assert_eq!(cut_off(GET, unframed, end).await.client.rest().await, None);
    }
    let mut cut = cut_off(GET, unframed, End::Close).await;
    assert_eq!(cut.client.rest().await.as_deref(), Some(&b"half"[..]));
    assert_eq!(cut.gateway.balancer.counts().cut, 0);
}
