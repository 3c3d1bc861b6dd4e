//! Sources over HTTP: any server with entity tags, and the shape of the Kubernetes API.

use std::process::Command;

use super::source::{Behaviour, Source, response};
use super::{Tested, await_polls, await_table, file, get, holding, polls, start, table};
use crate::support::served::{Served, start_on_a_free_port};
use crate::support::{home, peers, require};

#[test]
fn a_source_with_tags_is_asked_by_them_and_answers_304() -> Tested {
    let (path, name) = table("table.json", r#"{"routes":[{"id":"a"}]}"#);
    let replica = Served::start(&["replica", "--file", &name, "--path", "/table"]);
    let url = format!("http://{}/table", replica.address);
    let proxy = holding(&url, &[]);
    await_polls(proxy.address, "unchanged");
    assert_eq!(polls(proxy.address, "changed"), 1);
    // The date is the source's own.
    let date =
        |address, target| get(address, target, &[]).field("last-modified").map(str::to_owned);
    assert_eq!(date(proxy.address, "/routes"), date(replica.address, "/table"));
    std::fs::write(path, r#"{"routes":[{"id":"b"}]}"#)?;
    await_table(proxy.address, r#""b""#);
    await_polls(proxy.address, "unchanged");
    Ok(())
}

#[test]
fn each_poll_after_the_first_is_conditional_and_carries_the_fields_that_were_asked_for() {
    let fields = "ETag: W/\"x\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    let whole = super::source::with_fields("200 OK", fields, r#"{"routes":[{"id":"a"}]}"#);
    let source = Source::start(whole);
    let token = file("token", "secret\n").display().to_string();
    let url = source.url("http");
    let proxy = holding(&url, &["-H", "X-Key: v", "--token-file", &token]);
    source.become_(Behaviour::Bytes(
        b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_vec(),
    ));
    await_polls(proxy.address, "unchanged");
    let asked = source.asked();
    assert!(!asked[0].contains("if-none-match"), "{asked:?}");
    let last = asked.last().map_or("", String::as_str);
    for line in [
        "GET /table HTTP/1.1\r\n",
        "if-none-match: W/\"x\"\r\n",
        "x-key: v\r\n",
        "authorization: Bearer secret\r\n",
        "accept-encoding: identity\r\n",
    ] {
        assert!(last.contains(line), "{line} {last}");
    }
    assert!(!last.contains("if-modified-since"), "{last}");
    // The token was replaced, and is read again.
    file("token", "newer");
    await_polls(proxy.address, "unchanged");
    assert!(source.asked().pop().is_some_and(|asked| asked.contains("Bearer newer\r\n")));
}

#[test]
fn a_list_of_the_kubernetes_api_is_a_table_whatever_else_is_written_there() {
    let list = |version: u32, status: &str, names: &[&str]| {
        let item = |name: &&str| {
            format!(
                r#"{{"metadata":{{"name":"{name}","namespace":"prod","resourceVersion":"{version}",
                "creationTimestamp":"2026-01-02T03:04:05Z"}},
                "spec":{{"rules":[]}},"status":{{"loadBalancer":"{status}"}}}}"#
            )
        };
        let items = names.iter().map(item).collect::<Vec<_>>().join(",");
        response(
            "200 OK",
            &format!(
                r#"{{"kind":"IngressList","metadata":{{"resourceVersion":"{version}"}},"items":[{items}]}}"#
            ),
        )
    };
    let source = Source::start(list(1, "x", &["shop", "blog"]));
    let proxy = holding(&source.url("k8s+http"), &[]);
    let first = get(proxy.address, "/routes", &[]);
    let expected = r#"{"routes":[{"id":"prod/blog","spec":{"rules":[]}},{"id":"prod/shop","spec":{"rules":[]}}]}"#;
    assert_eq!(String::from_utf8_lossy(&first.content), expected);
    // A status is written: another resourceVersion, the same table.
    source.become_(list(2, "y", &["shop", "blog"]));
    await_polls(proxy.address, "unchanged");
    assert_eq!(polls(proxy.address, "changed"), 1);
    // A deletion leaves every date as it was, so that dates answer no condition.
    source.become_(list(3, "y", &["shop"]));
    let second = await_table(proxy.address, r#"{"routes":[{"id":"prod/shop""#);
    let date = "Fri, 02 Jan 2026 03:04:05 GMT";
    assert_eq!(first.field("last-modified"), Some(date));
    assert_eq!(second.field("last-modified"), Some(date));
    let condition = format!("If-Modified-Since: {date}");
    assert_eq!(get(proxy.address, "/routes", &[&condition]).status, 200);
    let condition = format!("If-None-Match: {}", second.field("etag").unwrap_or_default());
    assert_eq!(get(proxy.address, "/routes", &[&condition]).status, 304);
    source.become_(response(
        "200 OK",
        r#"{"metadata":{"resourceVersion":"4","continue":"x"},"items":[]}"#,
    ));
    await_polls(proxy.address, "malformed");
}

#[test]
fn a_source_over_tls_is_believed_only_with_a_certificate_that_is_trusted() {
    let (Some(nginx), Some(openssl)) = (require("nginx"), require("openssl")) else { return };
    file("table.json", r#"{"routes":[{"id":"a"}]}"#);
    // A self-signed certificate is usually an authority, too: `check --cacert` takes both.
    for (name, is_authority) in [("server", "FALSE"), ("authority", "TRUE")] {
        let place = home();
        let made = Command::new(&openssl)
            .current_dir(&place)
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"])
            .args(["-addext", "subjectAltName=DNS:localhost"])
            .args(["-addext", &format!("basicConstraints=CA:{is_authority}")])
            .args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")])
            .output()
            .expect("openssl starts");
        assert!(made.status.success(), "{made:?}");
        let (_server, address) = start_on_a_free_port(|address| {
            let place = place.display();
            let server = format!(
                "server {{ listen {address} ssl; root {place};
                 ssl_certificate {place}/{name}.pem; ssl_certificate_key {place}/{name}.key; }}"
            );
            peers::nginx(&nginx, &server)
        });
        let url = format!("https://localhost:{}/table.json", address.port());
        let trusted = place.join(format!("{name}.pem")).display().to_string();
        let proxy = holding(&url, &["--cacert", &trusted]);
        await_polls(proxy.address, "unchanged");
        let proxy = start(&url, &[]);
        await_polls(proxy.address, "error");
        assert_eq!(get(proxy.address, "/health", &[]).status, 503);
        assert!(proxy.process.stderr().contains("TLS: "), "{}", proxy.process.stderr());
    }
}
