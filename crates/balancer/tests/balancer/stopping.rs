//! The end of a gateway: nothing new, a grace for what is under way, no task left behind.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::support::{FakeReplica, Gateway, nobody};

#[tokio::test]
async fn an_exchange_under_way_finishes_and_idle_connections_close() {
    let (asked, was_asked) = oneshot::channel();
    let (release, released) = oneshot::channel::<()>();
    let script = std::sync::Mutex::new(Some((asked, released)));
    let replica = FakeReplica::doing(move |mut peer| {
        let script = script.lock().expect("no panic").take();
        async move {
            let (asked, released) = script.expect("one connection");
            peer.next_head().await;
            asked.send(()).expect("a test");
            released.await.expect("a release");
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone").await;
            peer.next_head().await;
        }
    })
    .await;
    let gateway = Gateway::start_with(&[replica.address], "round-robin", |settings| {
        settings.limits.grace = Duration::from_secs(3_600);
    })
    .await;
    let (address, mut idle, mut busy) =
        (gateway.address, gateway.client().await, gateway.client().await);
    busy.send("GET / HTTP/1.1\r\nHost: lab\r\n\r\n").await;
    was_asked.await.expect("a request");

    let stopped = gateway.stop();
    assert_eq!(idle.rest().await.as_deref(), Some(&b""[..]));
    assert!(TcpStream::connect(address).await.is_err(), "nothing is accepted any more");
    release.send(()).expect("a waiting replica");
    let response = busy.response().await;
    assert_eq!((response.text().as_str(), response.field("connection")), ("done", Some("close")));
    stopped.await.expect("an orderly end");
}

#[tokio::test]
async fn no_task_is_left_behind() {
    let silent = FakeReplica::doing(|mut peer| async move {
        peer.rest().await;
    })
    .await;
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let gateway =
        Gateway::start_with(&[silent.address, nobody().await], "round-robin", |settings| {
            settings.limits.grace = Duration::from_millis(10);
            settings.limits.first_probe = Duration::from_secs(3_600);
        })
        .await;
    let mut clients = Vec::new();
    for _ in 0..4 {
        let mut client = gateway.client().await;
        client.send("GET / HTTP/1.1\r\nHost: lab\r\n\r\n").await;
        clients.push(client);
    }
    while silent.accepted() < 4 {
        tokio::task::yield_now().await;
    }
    assert!(gateway.balancer.counts().put_aside > 0, "a probe is waiting");
    gateway.stop().await.expect("an orderly end");
    for client in &mut clients {
        assert!(client.rest().await.is_none_or(|bytes| bytes.is_empty()));
    }
    drop(clients);
    // The connections of the replica end when those of the gateway have.
    while alive() > before {
        tokio::task::yield_now().await;
    }
}
