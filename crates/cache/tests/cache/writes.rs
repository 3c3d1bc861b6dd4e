//! Requests that are not answered from what is stored, and HEAD, which is.

use crate::support::{Asked, Stage};

const LIVING: &str =
    "HTTP/1.1 200 OK\r\netag: \"a\"\r\ncache-control: max-age=60\r\ncontent-length: 3\r\n\r\none";
const OTHER: &str =
    "HTTP/1.1 200 OK\r\netag: \"b\"\r\ncache-control: max-age=60\r\ncontent-length: 3\r\n\r\ntwo";
const WRITTEN: &str = "HTTP/1.1 204 No Content\r\netag: \"b\"\r\n\r\n";
const PUT: &str = "content-length: 3\r\nif-match: \"a\"\r\nexpect: 100-continue\r\n";

fn lines(stage: &Stage) -> Vec<String> {
    stage.asked().into_iter().map(|Asked { line, .. }| line).collect()
}

#[tokio::test]
async fn a_head_is_answered_from_a_stored_get_and_asks_by_get() {
    let stage = Stage::start("revalidating", &[LIVING]).await;
    for _ in 0..2 {
        let head = stage.send("HEAD", "").await;
        let length = head.field("content-length");
        assert_eq!((head.status, length, head.content.as_str()), (200, Some("3"), ""));
    }
    assert_eq!(stage.send("HEAD", "if-none-match: \"a\"\r\n").await.status, 304);
    assert_eq!(stage.get("").await.content, "one");
    assert_eq!(lines(&stage), ["GET /config HTTP/1.1"]);
    assert_eq!(stage.cache.counts().hits, 3);
}

#[tokio::test]
async fn a_write_goes_through_with_its_condition_and_the_stored_response_is_forgotten() {
    // Suite: invalidate-PUT and its kin.
    for method in ["PUT", "POST", "DELETE", "PATCH", "M-SEARCH"] {
        let stage = Stage::start("revalidating", &[LIVING, WRITTEN, OTHER]).await;
        stage.get("").await;
        let written = stage.send(method, PUT).await;
        assert_eq!((written.status, written.field("etag")), (204, Some("\"b\"")), "{method}");
        assert_eq!(stage.get("").await.content, "two", "{method}");
        let asked = &stage.asked()[1];
        assert_eq!(asked.line, format!("{method} /config HTTP/1.1"));
        let condition = (asked.field("if-match"), asked.field("expect"), asked.content.as_str());
        assert_eq!(condition, (Some("\"a\""), None, "put"));
        // A write is neither a hit nor a response that was fetched.
        let counts = stage.cache.counts();
        assert_eq!((counts.hits, counts.fetched, counts.revalidated), (0, 2, 0));
    }
}

#[tokio::test]
async fn a_refused_write_and_a_safe_method_forget_nothing() {
    let refused = "HTTP/1.1 412 Precondition Failed\r\ncontent-length: 0\r\n\r\n";
    let failed = "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n";
    let stage = Stage::start("revalidating", &[LIVING, refused, failed, WRITTEN]).await;
    stage.get("").await;
    assert_eq!(stage.send("PUT", PUT).await.status, 412);
    assert_eq!(stage.send("PUT", PUT).await.status, 500);
    assert_eq!(stage.send("OPTIONS", "").await.status, 204);
    assert_eq!(stage.get("").await.content, "one");
}

#[tokio::test]
async fn what_the_answer_to_a_write_names_is_forgotten_too_on_this_host_alone() {
    // Suite: invalidate-POST-location, invalidate-POST-cl.
    for (field, content) in [
        ("location: /config", "two"),
        ("content-location: http://lab/config", "two"),
        ("location: http://elsewhere/config", "one"),
        ("location: :", "one"),
    ] {
        let created = format!("HTTP/1.1 201 Created\r\n{field}\r\ncontent-length: 0\r\n\r\n");
        let stage = Stage::start("revalidating", &[LIVING, &created, OTHER]).await;
        stage.get("").await;
        stage.send_to("POST", "/all", PUT).await;
        assert_eq!(stage.get("").await.content, content, "{field}");
    }
}

#[tokio::test]
async fn a_write_is_known_where_it_passed_and_other_points_of_presence_keep_what_they_have() {
    let stage = Stage::start("shielded", &[LIVING, WRITTEN, OTHER]).await;
    // Points of presence take turns: each has it from the shield.
    assert_eq!([stage.get("").await.content, stage.get("").await.content], ["one", "one"]);
    assert_eq!(stage.send("PUT", PUT).await.status, 204);
    assert_eq!([stage.get("").await.content, stage.get("").await.content], ["one", "two"]);
}

#[tokio::test]
async fn a_condition_for_the_origin_alone_reaches_it() {
    let refused = "HTTP/1.1 412 Precondition Failed\r\ncontent-length: 0\r\n\r\n";
    let stage = Stage::start("revalidating", &[LIVING, refused, LIVING]).await;
    stage.get("").await;
    assert_eq!(stage.get("if-match: \"z\"\r\n").await.status, 412);
    let content = stage.get("content-length: 3\r\n").await.content;
    let asked = &stage.asked()[2];
    assert_eq!((content.as_str(), asked.content.as_str()), ("one", "put"));
}

#[tokio::test]
async fn what_belongs_to_one_hop_ends_there_in_both_directions() {
    // Suite: headers-store-Connection and its kin.
    let answer =
        LIVING.replace("etag", "connection: x-hop\r\nx-hop: 1\r\nkeep-alive: 5\r\nte: x\r\netag");
    let stage = Stage::start("revalidating", &[&answer]).await;
    for _ in 0..2 {
        let got = stage.get("x-own: 1\r\nconnection: x-own\r\nproxy-connection: x\r\n").await;
        let fields = ["x-hop", "keep-alive", "te"].map(|name| got.field(name));
        assert_eq!((fields, got.field("etag")), ([None; 3], Some("\"a\"")));
    }
    let asked = &stage.asked()[0];
    let fields = ["x-own", "connection", "proxy-connection"].map(|name| asked.field(name));
    assert_eq!((fields, asked.field("via")), ([None; 3], Some("1.1 etag-lab-cache")));
}

#[tokio::test]
async fn an_absolute_target_is_the_same_resource() {
    let stage = Stage::start("revalidating", &[LIVING]).await;
    stage.send_to("GET", "http://lab/config", "").await;
    assert_eq!(stage.get("").await.content, "one");
    assert_eq!(lines(&stage), ["GET /config HTTP/1.1"]);
    assert_eq!(stage.asked()[0].field("host"), Some("lab"));
}
