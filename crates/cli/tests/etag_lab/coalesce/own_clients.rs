//! The proxy's own clients: over TLS, and with tokens.

use std::path::Path;
use std::process::Command;

use super::{PATIENCE, Tested, await_polls, file, get, holding, start, table};
use crate::support::certificates::Authority;
use crate::support::served::Served;
use crate::support::{eventually, home, require, stdout};

/// Output of curl for requests for the table, with a certificate to trust.
fn curl(proxy: &Served, ca: &str, flags: &[&str]) -> std::io::Result<String> {
    let mut command = Command::new(require("curl").expect("it was asked for"));
    command.current_dir(home()).args(["-s", "-w", "%{http_code}\n", "--cacert", ca]).args(flags);
    let url = format!("https://localhost:{}/routes", proxy.address.port());
    Ok(stdout(&command.arg(url).output()?).to_owned())
}

/// A proxy that serves this table over TLS once it holds it.
fn encrypted(content: &str, files: &[String; 2], ca: &str) -> Served {
    let (_, source) = table("table.json", content);
    let proxy = start(&source, &["--tls-cert", &files[0], "--tls-key", &files[1]]);
    eventually("a table", PATIENCE, || {
        let status = curl(&proxy, ca, &["-o", "first"]).expect("curl starts");
        (status == "200\n").then_some(())
    });
    proxy
}

#[test]
fn tables_large_and_unchanged_go_through_tls_as_they_are() -> Tested {
    let (Some(_), Some(authority)) = (require("curl"), Authority::new("authority")) else {
        return Ok(());
    };
    let (files, ca) = (authority.sign("proxy"), authority.certificate());
    let routes = (0..40_000).map(|n| format!(r#"{{"id":"{n:06}","to":"http://10.0.0.1:{n}"}}"#));
    let content = format!(r#"{{"routes":[{}]}}"#, routes.collect::<Vec<_>>().join(","));
    let proxy = encrypted(&content, &files, &ca);
    assert_eq!(std::fs::read_to_string(home().join("first"))?, content);
    let tag = ["--etag-save", "tag", "--etag-compare", "tag", "-o", "copy"];
    assert_eq!([curl(&proxy, &ca, &tag)?, curl(&proxy, &ca, &tag)?], ["200\n", "304\n"]);
    assert_eq!(std::fs::read_to_string(home().join("copy"))?, content);
    // Many on one connection: the plain ones, and one that is not.
    let url = format!("https://localhost:{}/routes", proxy.address.port());
    let tag = std::fs::read_to_string(home().join("tag"))?;
    let condition = format!("If-None-Match: {}", tag.trim());
    let many = ["-w", "%{http_code} %{num_connects}\n", "-H", &condition, &url, &url];
    assert_eq!(curl(&proxy, &ca, &many)?, "304 1\n304 0\n304 0\n");
    assert_eq!(curl(&proxy, &ca, &["-X", "DELETE"])?, "405\n");
    // The target of a request that goes through a proxy names the scheme of the connection.
    let target = |scheme: &str| format!("{scheme}://localhost/routes");
    let asked = |scheme| curl(&proxy, &ca, &["-o", "x", "--request-target", &target(scheme)]);
    assert_eq!([asked("https")?, asked("http")?], ["200\n", "421\n"]);
    Ok(())
}

#[test]
fn a_certificate_that_is_replaced_is_shown_to_the_next_client() -> Tested {
    let (Some(_), Some(authority)) = (require("curl"), Authority::new("authority")) else {
        return Ok(());
    };
    let other = Authority::new("other").ok_or("openssl was there")?;
    let files = authority.sign("proxy");
    let (ca, other_ca) = (authority.certificate(), other.certificate());
    let mut proxy = encrypted(r#"{"routes":[{"id":"a"}]}"#, &files, &ca);
    let asked = |proxy: &Served, ca: &str| curl(proxy, ca, &["-o", "x"]);
    assert_eq!(asked(&proxy, &other_ca)?, "000\n");
    // Half of the pair, and nothing at all: the one before is shown, which is logged once for each.
    let next = other.sign("next");
    std::fs::copy(&next[1], &files[1])?;
    for _ in 0..2 {
        assert_eq!(asked(&proxy, &ca)?, "200\n");
    }
    std::fs::remove_file(&files[0])?;
    assert_eq!(asked(&proxy, &ca)?, "200\n");
    assert_eq!(proxy.process.stderr().matches("the certificate is kept").count(), 2);
    std::fs::copy(&next[0], &files[0])?;
    assert_eq!([asked(&proxy, &ca)?, asked(&proxy, &other_ca)?], ["000\n", "200\n"]);
    proxy.process.signal(rustix::process::Signal::TERM);
    assert_eq!(proxy.process.wait().code(), Some(0));
    Ok(())
}

#[test]
fn without_a_token_there_is_nothing_but_health_and_metrics() {
    let tokens = file("tokens", "first\nsecond\n").display().to_string();
    let (_, source) = table("table.json", r#"{"routes":[{"id":"a","zone":"z"}]}"#);
    let proxy = holding(&source, &["--client-token-file", &tokens]);
    for target in ["/routes", "/routes/z", "/routes/none", "/diff", "/nothing"] {
        for field in ["X: y", "Authorization: Bearer other", "Authorization: Basic first"] {
            let refused = get(proxy.address, target, &[field]);
            let challenge = refused.field("www-authenticate");
            assert_eq!((refused.status, challenge), (401, Some("Bearer realm=\"etag-lab\"")));
            assert!(refused.field("etag").is_none() && refused.content.is_empty());
        }
    }
    for (target, status) in [("/health", 204), ("/metrics", 200)] {
        assert_eq!(get(proxy.address, target, &[]).status, status);
    }
    let status = |token: &str, fields: &[&str]| {
        let bearer = format!("Authorization: Bearer {token}");
        get(proxy.address, "/routes", &[&[bearer.as_str()], fields].concat())
    };
    let first = status("first", &[]);
    let condition = format!("If-None-Match: {}", first.field("etag").unwrap_or_default());
    assert_eq!((first.status, status("second", &[&condition]).status), (200, 304));
    // Replaced while it runs.
    file("tokens", "third");
    await_polls(proxy.address, "unchanged");
    assert_eq!((status("first", &[]).status, status("third", &[]).status), (401, 200));
    assert!(!proxy.process.stderr().contains("third") && Path::new(&tokens).is_file());
}
