//! Requests and responses that arrive at the other side when nothing goes wrong.

use crate::support::{Client, FakeReplica, Gateway, field};

const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn hop_by_hop_fields_stay_on_their_hop_in_both_directions() {
    let replica = FakeReplica::answering(|_| {
        "HTTP/1.1 200 OK\r\nConnection: x-secret, keep-alive\r\nX-Secret: 1\r\nKeep-Alive: 5\r\n\
         Upgrade: h2c\r\nProxy-Connection: x\r\nETag: \"a\"\r\ncontent-length: 2\r\n\r\nhi"
            .to_owned()
    })
    .await;
    let gateway = Gateway::start(&[replica.address]).await;
    let mut client = gateway.client().await;
    client
        .send(
            "GET /a?b HTTP/1.1\r\nHost: lab\r\nConnection: x-mine, content-length\r\nX-Mine: 1\r\n\
             TE: trailers\r\nUpgrade: websocket\r\nlab-client: 3\r\nIf-None-Match: \"a\"\r\n\r\n",
        )
        .await;
    let response = client.response().await;

    let head = replica.heads().pop().expect("a request");
    assert_eq!(
        head,
        "GET /a?b HTTP/1.1\r\nHost: lab\r\nIf-None-Match: \"a\"\r\nvia: 1.1 etag-lab\r\n\r\n"
    );
    for name in ["connection", "x-secret", "keep-alive", "upgrade", "proxy-connection"] {
        assert_eq!(response.field(name), None, "{name}");
    }
    assert_eq!(response.field("etag"), Some("\"a\""));
    assert_eq!(response.field("via"), Some("1.1 etag-lab"));
    assert_eq!(response.field("lab-replica"), Some("1"));
    assert_eq!(response.text(), "hi");
}

#[tokio::test]
async fn a_declaration_of_the_replica_itself_is_left_alone() {
    let replica = FakeReplica::answering(|_| {
        "HTTP/1.1 204 No Content\r\nlab-replica: 9/8qLdT1xA\r\n\r\n".to_owned()
    })
    .await;
    let gateway = Gateway::start(&[replica.address]).await;
    assert_eq!(gateway.client().await.get("/").await.field("lab-replica"), Some("9/8qLdT1xA"));

    let silent = |settings: &mut etag_lab_balancer::Settings| settings.declare_replica = false;
    let plain = FakeReplica::answering(|_| EMPTY.to_owned()).await;
    let gateway = Gateway::start_with(&[plain.address], "round-robin", silent).await;
    assert_eq!(gateway.client().await.get("/").await.field("lab-replica"), None);
}

/// One connection of a client and one to the replica carry everything.
#[tokio::test]
async fn connections_persist_through_every_kind_of_response() {
    let replica = FakeReplica::answering(|head| {
        let path = head.split(' ').nth(1).expect("a path");
        match path {
            "/304" => "HTTP/1.1 304 Not Modified\r\netag: \"x\"\r\ncontent-length: 99\r\n\r\n",
            "/204" => "HTTP/1.1 204 No Content\r\n\r\n",
            "/head" => "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n",
            "/head-chunked" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "/chunked" => {
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n"
            }
            "/empty" => EMPTY,
            _ => "HTTP/1.1 404 Not Found\r\ncontent-length: 3\r\n\r\nabc",
        }
        .to_owned()
    })
    .await;
    let gateway = Gateway::start(&[replica.address]).await;
    let mut client = gateway.client().await;
    for round in 0..3 {
        for (path, status) in [("/304", 304), ("/204", 204), ("/empty", 200), ("/x", 404)] {
            assert_eq!(client.get(path).await.status, status, "round {round}");
        }
        for path in ["/head", "/head-chunked"] {
            client.send(format!("HEAD {path} HTTP/1.1\r\nHost: lab\r\n\r\n")).await;
            assert_eq!(client.response_to(true).await.status, 200);
        }
        client.send("GET /chunked HTTP/1.1\r\nHost: lab\r\n\r\n").await;
        let head = client.next_head().await.expect("a response");
        assert_eq!(field(&head, "transfer-encoding"), Some("chunked"));
        let coded = b"3\r\nabc\r\n0\r\nT: x\r\n\r\n";
        assert_eq!(client.exactly(coded.len()).await.as_deref(), Some(&coded[..]));
    }
    assert_eq!(replica.accepted(), 1);
    assert_eq!(gateway.balancer.counts().connections, 1);
    assert_eq!(gateway.balancer.counts().exchanges, 21);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    let replica = FakeReplica::answering(|head| {
        let path = head.split(' ').nth(1).expect("a path");
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{path}", path.len())
    })
    .await;
    let gateway = Gateway::start(&[replica.address]).await;
    let mut client = gateway.client().await;
    let requests: Vec<_> =
        (0..100).map(|n| format!("GET /{n} HTTP/1.1\r\nHost: lab\r\n\r\n")).collect();
    client.send(requests.concat()).await;
    for n in 0..100 {
        assert_eq!(client.response().await.text(), format!("/{n}"));
    }
}

#[tokio::test]
async fn an_http_1_0_client_gets_content_without_chunks_and_an_end() {
    let replica = FakeReplica::answering(|_| {
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
            .to_owned()
    })
    .await;
    let gateway = Gateway::start(&[replica.address]).await;
    let mut client = gateway.client().await;
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").await;
    let response = client.response().await;
    assert_eq!((response.text().as_str(), response.field("connection")), ("abc", Some("close")));
    assert_eq!(field(&replica.heads()[0], "via"), Some("1.0 etag-lab"));
    assert_eq!(gateway.client().await.get("/").await.text(), "abc");
    assert_eq!(replica.accepted(), 1, "the replica's connection persists");
}

#[tokio::test]
async fn a_replica_without_framing_ends_its_content_by_closing() {
    let replica = FakeReplica::doing(|mut peer| async move {
        peer.next_head().await.expect("a request");
        peer.send("HTTP/1.0 200 OK\r\n\r\nall there is").await;
    })
    .await;
    let gateway = Gateway::start(&[replica.address]).await;
    let response = gateway.client().await.get("/").await;
    assert_eq!(response.text().as_str(), "all there is");
    assert_eq!(response.field("connection"), Some("close"));
    assert_eq!(response.field("via"), Some("1.0 etag-lab"));
}

#[tokio::test]
async fn interim_responses_pass_before_the_final_one() {
    let replica = FakeReplica::doing(|mut peer| async move {
        let head = peer.next_head().await.expect("a request");
        assert_eq!(field(&head, "expect"), Some("100-continue"));
        peer.send("HTTP/1.1 100 Continue\r\n\r\n").await;
        let content = peer.exactly(5).await.expect("content");
        assert_eq!(content, b"hello");
        peer.send("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n").await;
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    })
    .await;
    let gateway = Gateway::start(&[replica.address]).await;
    let mut client = gateway.client().await;
    client
        .send("POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        .await;
    assert_eq!(client.response().await.status, 100);
    client.send("hello").await;
    assert_eq!(client.response().await.status, 103);
    assert_eq!(client.response().await.status, 200);
}

async fn fleet() -> Vec<FakeReplica> {
    let mut fleet = Vec::new();
    for _ in 0..3 {
        fleet.push(FakeReplica::answering(|_| EMPTY.to_owned()).await);
    }
    fleet
}

async fn who_answers(client: &mut Client, fields: &str) -> String {
    client.send(format!("GET / HTTP/1.1\r\nHost: lab\r\n{fields}\r\n")).await;
    client.response().await.field("lab-replica").expect("declared").to_owned()
}

#[tokio::test]
async fn policies_see_the_client_and_the_connection() {
    let fleet = fleet().await;
    let addresses: Vec<_> = fleet.iter().map(|replica| replica.address).collect();

    let sticky = Gateway::start_with(&addresses, "sticky", |_| ()).await;
    let (mut one, mut other) = (sticky.client().await, sticky.client().await);
    for (name, expected) in [("0", "1"), ("1", "2"), ("2", "3"), ("5", "3")] {
        let fields = format!("lab-client: {name}\r\n");
        assert_eq!(who_answers(&mut one, &fields).await, expected);
        assert_eq!(who_answers(&mut other, &fields).await, expected);
    }
    assert_eq!(who_answers(&mut one, "").await, who_answers(&mut other, "").await);

    let pinned = Gateway::start_with(&addresses, "per-connection", |_| ()).await;
    for expected in ["1", "2", "3", "1"] {
        let mut client = pinned.client().await;
        assert_eq!(who_answers(&mut client, "").await, expected);
        assert_eq!(who_answers(&mut client, "lab-client: 7\r\n").await, expected);
    }

    let turns = Gateway::start(&addresses).await;
    let mut client = turns.client().await;
    for expected in ["1", "2", "3", "1"] {
        assert_eq!(who_answers(&mut client, "").await, expected);
    }
}
