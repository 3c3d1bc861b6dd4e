//! Status lines, fields and content: what each answer carries and what it does not.

use crate::support::Tested;
use crate::support::fleet::{CONTENT, Served, connected, entry};

#[tokio::test]
async fn a_200_carries_content_and_everything_about_it_and_so_does_head() -> Tested {
    let (served, mut client) = connected("content-hash").await?;
    let get = client.ask("GET", "").await?;
    let head = client.ask("HEAD", "").await?;
    let names = "accept-ranges cache-control content-length content-type date \
                 etag lab-replica last-modified";
    assert_eq!(get.names().join(" "), names);
    assert_eq!(get.field("content-length"), Some("16"));
    assert_eq!(get.field("content-type"), Some("application/json"));
    assert_eq!(get.field("cache-control"), Some("no-cache"));
    assert_eq!((get.content.as_slice(), head.content.len()), (CONTENT, 0));
    let undated = |answer: &crate::support::raw::Answer| {
        let mut fields = answer.fields.clone();
        fields.retain(|(name, _)| name != "date");
        fields
    };
    assert_eq!(undated(&get), undated(&head));
    served.stop().await
}

#[tokio::test]
async fn a_304_carries_what_updates_the_stored_response_and_no_length() -> Tested {
    let (served, mut client) = connected("content-hash").await?;
    let full = client.ask("GET", "").await?;
    for method in ["GET", "HEAD"] {
        let answer = client.ask(method, "if-none-match: *\r\n").await?;
        assert_eq!(answer.status, 304);
        assert_eq!(answer.names(), ["cache-control", "date", "etag", "lab-replica"], "{method}");
        for name in ["cache-control", "etag", "lab-replica"] {
            assert_eq!(answer.field(name), full.field(name));
        }
    }
    served.stop().await
}

#[tokio::test]
async fn a_connection_survives_pipelined_304s_and_heads() -> Tested {
    let (served, mut client) = connected("content-hash").await?;
    let requests = [("GET", "if-none-match: *\r\n", 304), ("HEAD", "", 200), ("GET", "", 200)];
    let mut bytes = String::new();
    for (method, lines, _) in requests {
        let line = format!("{method} /api/config?v=1 HTTP/1.1");
        bytes.extend([&line, "\r\nhost: lab\r\n", lines, "\r\n"]);
    }
    client.send(bytes.as_bytes()).await?;
    for (method, _, status) in requests {
        assert_eq!(client.receive(method).await?.status, status);
    }
    assert_eq!(client.ask("GET", "connection: close\r\n").await?.content, CONTENT);
    assert!(client.is_ended().await?);
    served.stop().await
}

/// A response was lost in some of many runs, and that to a PUT in all, although it was stored.
#[tokio::test]
async fn a_client_that_has_said_everything_is_still_answered() -> Tested {
    let served = Served::with_content(entry("content-hash")).await?;
    let gets = "GET /api/config HTTP/1.1\r\nHost: lab\r\n\r\n".repeat(3);
    let put = "PUT /api/config HTTP/1.1\r\nHost: lab\r\nContent-Length: 1\r\n\r\n7";
    let chunked = put.replace("Content-Length: 1\r\n\r\n7", "Transfer-Encoding: chunked\r\n\r\n");
    let chunked = chunked + "1\r\n8\r\n0\r\n\r\n";
    for (bytes, method, status, answers) in
        [(gets.as_str(), "GET", 200, 3), (put, "PUT", 204, 1), (&chunked, "PUT", 204, 1)]
    {
        let mut client = served.connect().await?;
        client.send(bytes.as_bytes()).await?;
        client.finish().await?;
        for _ in 0..answers {
            assert_eq!(client.receive(method).await?.status, status, "{bytes}");
        }
        assert!(client.is_ended().await?);
    }
    assert_eq!(served.connect().await?.ask("GET", "").await?.content, b"8");
    served.stop().await
}

#[tokio::test]
async fn before_any_content_the_answer_is_503_without_a_tag() -> Tested {
    let served = Served::empty(entry("content-hash"), |_| {}).await?;
    let mut client = served.connect().await?;
    for (method, lines) in [("GET", ""), ("HEAD", ""), ("GET", "if-none-match: *\r\n")] {
        let answer = client.ask(method, lines).await?;
        assert_eq!((answer.status, answer.field("retry-after")), (503, Some("1")));
        assert_eq!((answer.field("etag"), answer.field("lab-replica")), (None, Some("2")));
    }
    served.stop().await
}

#[tokio::test]
async fn other_methods_are_405_and_other_paths_are_404() -> Tested {
    let (served, mut client) = connected("content-hash").await?;
    for method in ["POST", "DELETE", "PATCH", "TRACE"] {
        let answer = client.ask(method, "content-length: 0\r\n").await?;
        let expected = (405, Some("GET, HEAD, OPTIONS, PUT"));
        assert_eq!((answer.status, answer.field("allow")), expected, "{method}");
    }
    for target in ["/", "/api/config/", "/api/confi", "//api/config", "/api/%63onfig"] {
        for method in ["GET", "HEAD", "POST"] {
            let lines = "if-none-match: *\r\ncontent-length: 0\r\n";
            let answer = client.ask_at(method, target, lines).await?;
            assert_eq!((answer.status, answer.field("etag")), (404, None), "{method} {target}");
        }
    }
    served.stop().await
}

#[tokio::test]
async fn path_type_and_cache_control_are_as_specified_and_the_declaration_is_optional() -> Tested {
    let served = Served::empty(entry("none"), |spec| {
        "/v1/routes.txt".clone_into(&mut spec.path);
        spec.content_type = http::HeaderValue::from_static("text/plain");
        spec.cache_control = Some(http::HeaderValue::from_static("max-age=3"));
        spec.last_modified = false;
        spec.id = None;
    })
    .await?;
    served.replica.deploy(etag_lab_origin::ContentSource::Content(b"x"), None, None)?;
    let mut client = served.connect().await?;
    let answer = client.ask_at("GET", "/v1/routes.txt", "").await?;
    let names = ["accept-ranges", "cache-control", "content-length", "content-type", "date"];
    assert_eq!(answer.names(), names);
    assert_eq!(answer.field("content-type"), Some("text/plain"));
    assert_eq!(answer.field("cache-control"), Some("max-age=3"));
    assert_eq!(client.ask("GET", "").await?.status, 404);
    served.stop().await
}

#[tokio::test]
async fn without_a_cache_control_neither_200_nor_304_carries_one() -> Tested {
    let served = Served::empty(entry("content-hash"), |spec| spec.cache_control = None).await?;
    served.replica.deploy(etag_lab_origin::ContentSource::Content(b"x"), None, None)?;
    let mut client = served.connect().await?;
    for (lines, status) in [("", 200), ("if-none-match: *\r\n", 304)] {
        let answer = client.ask("GET", lines).await?;
        assert_eq!((answer.status, answer.field("cache-control")), (status, None));
    }
    served.stop().await
}

#[tokio::test]
async fn a_flood_of_fields_is_431_and_no_http_at_all_is_400() -> Tested {
    let served = Served::with_content(entry("content-hash")).await?;
    for (bytes, status) in [
        (format!("GET /api/config HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(200 * 1_024)), 431),
        (format!("GET /api/config HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(101)), 431),
        ("GET /api/config HTTP/1.1\r\nif-none-match: \0\r\n\r\n".to_owned(), 400),
        ("no http\r\n\r\n".to_owned(), 400),
    ] {
        let mut client = served.connect().await?;
        // The server may answer and close before it has read everything.
        let _ = client.send(bytes.as_bytes()).await;
        assert_eq!(client.receive("GET").await?.status, status);
    }
    assert_eq!(served.connect().await?.ask("GET", "").await?.status, 200);
    served.stop().await
}

#[tokio::test]
async fn shutdown_ends_idle_and_half_asked_connections() -> Tested {
    let served = Served::with_content(entry("content-hash")).await?;
    let (mut idle, mut half) = (served.connect().await?, served.connect().await?);
    assert_eq!(idle.ask("GET", "").await?.status, 200);
    half.send(b"GET /api/config HT").await?;
    served.stop().await?;
    assert!(idle.is_ended().await?);
    assert!(half.is_ended().await.unwrap_or(true));
    Ok(())
}

#[test]
fn a_path_that_cannot_be_served_is_refused() {
    for path in ["", "api", "/{id}", "/a b", "/a?b", "/ä"] {
        let mut spec = etag_lab_origin::ReplicaSpec::new(entry("none"), "config.json");
        path.clone_into(&mut spec.path);
        let error = etag_lab_origin::Replica::new(spec).expect_err("the path is invalid");
        assert!(error.to_string().contains(path), "{error}");
    }
}
