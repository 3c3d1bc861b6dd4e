//! Sources that let nobody in without a certificate or a password: a real etcd, and nginx.

use super::{await_polls, await_table, file, get, holding, start};
use crate::support::certificates::Authority;
use crate::support::etcd::Etcd;
use crate::support::process::PATIENCE;
use crate::support::served::{Served, start_on_a_free_port};
use crate::support::{eventually, home, peers, require};
use control_plane::etcd::Login;

const PASSWORD: &str = "correct horse";

#[test]
fn an_etcd_that_asks_for_a_certificate_is_shown_one() {
    let Some(authority) = Authority::new("authority") else { return };
    let Some(etcd) = Etcd::start_with_tls(&authority) else { return };
    etcd.put("/routes/a", "{}");
    let ca = authority.certificate();
    let [cert, key] = authority.sign("proxy");
    let flags = ["--cacert", &ca, "--cert", &cert, "--key", &key];
    let proxy = holding(&etcd.source(), &flags);
    etcd.put("/routes/b", "{}");
    await_table(proxy.address, r#"{"id":"b"}"#);
    // So does the stand-in for the Kubernetes API.
    etcd.put("/list/a", r#"{"id":"a","zone":"z"}"#);
    let store = etcd.source().replace("/routes", "/list");
    let source = Served::start(&[&["source", "--store", &store], &flags[..]].concat());
    let list = get(source.address, "/apis/networking.k8s.io/v1/ingresses", &[]);
    assert!(list.status == 200 && String::from_utf8_lossy(&list.content).contains(r#""name":"a""#));
    // Without one, and with one of somebody else, the reason is said.
    let Some(stranger) = Authority::new("stranger") else { return };
    let [cert, key] = stranger.sign("strange");
    for flags in [&["--cacert", &ca][..], &["--cacert", &ca, "--cert", &cert, "--key", &key]] {
        let proxy = start(&etcd.source(), flags);
        await_polls(proxy.address, "error");
        let said = proxy.process.stderr();
        assert!(said.contains("client certificate"), "{said}");
    }
}

#[test]
fn a_web_server_that_asks_for_a_certificate_is_shown_one_also_when_it_was_replaced() {
    let (Some(nginx), Some(authority)) = (require("nginx"), Authority::new("authority")) else {
        return;
    };
    let ([server, server_key], ca) = (authority.sign("server"), authority.certificate());
    file("table.json", r#"{"routes":[{"id":"a"}]}"#);
    let (server, address) = start_on_a_free_port(|address| {
        let root = home();
        let server = format!(
            "server {{ listen {address} ssl; root {}; keepalive_timeout 0;
             ssl_certificate {server}; ssl_certificate_key {server_key};
             ssl_client_certificate {ca}; ssl_verify_client on; }}",
            root.display()
        );
        peers::nginx(&nginx, &server)
    });
    let Some(stranger) = Authority::new("stranger") else { return };
    let [cert, key] = stranger.sign("proxy");
    let url = format!("https://localhost:{}/table.json", address.port());
    let proxy = start(&url, &["--cacert", &ca, "--cert", &cert, "--key", &key]);
    await_polls(proxy.address, "error");
    // The same files, now with a certificate that the server accepts.
    assert_eq!(authority.sign("proxy"), [cert, key]);
    await_table(proxy.address, r#""a""#);
    drop(server);
}

/// An etcd with a superuser and a user who may read the routes and nothing else.
fn etcd_with_users() -> Option<Etcd> {
    let mut etcd = Etcd::start()?;
    etcd.put("/routes/a", "{}");
    etcd.post("/v3/auth/user/add", r#"{"name":"root","password":"root"}"#);
    etcd.post("/v3/auth/role/add", r#"{"name":"root"}"#);
    etcd.post("/v3/auth/user/grant", r#"{"user":"root","role":"root"}"#);
    etcd.post("/v3/auth/user/add", &format!(r#"{{"name":"lab","password":"{PASSWORD}"}}"#));
    etcd.post("/v3/auth/role/add", r#"{"name":"reader"}"#);
    // "/routes/" to "/routes0".
    let range = r#""key":"L3JvdXRlcy8=","range_end":"L3JvdXRlczA=","permType":"READ""#;
    let grant = format!(r#"{{"name":"reader","perm":{{{range}}}}}"#);
    etcd.post("/v3/auth/role/grant", &grant);
    etcd.post("/v3/auth/user/grant", r#"{"user":"lab","role":"reader"}"#);
    etcd.post("/v3/auth/enable", "{}");
    let password_file = file("root", "root\n");
    etcd.login = Some(Login { user: "root".to_owned(), password_file });
    Some(etcd)
}

#[test]
fn a_user_of_etcd_logs_in_and_again_when_its_token_is_gone() {
    let Some(mut etcd) = etcd_with_users() else { return };
    let password = file("password", &format!("{PASSWORD}\n")).display().to_string();
    let proxy = holding(&etcd.source(), &["--user", "lab", "--password-file", &password]);
    await_polls(proxy.address, "unchanged");
    // etcd keeps its tokens in memory: after a restart it knows none of them.
    etcd.restart();
    etcd.put("/routes/b", "{}");
    await_table(proxy.address, r#"{"id":"b"}"#);
    let said = proxy.process.stderr();
    assert!(!said.contains(PASSWORD), "{said}");
}

#[test]
fn a_login_that_fails_says_why_and_is_tried_again() {
    let Some(etcd) = etcd_with_users() else { return };
    let password = file("password", "wrong").display().to_string();
    let proxy = start(&etcd.source(), &["--user", "lab", "--password-file", &password]);
    let reason = |reason: &str| {
        let logged = || proxy.process.stderr().contains(reason).then_some(());
        eventually("a line in the log", PATIENCE, logged);
    };
    reason("authentication failed, invalid user ID or password");
    assert_eq!(get(proxy.address, "/health", &[]).status, 503);
    file("password", PASSWORD);
    await_table(proxy.address, r#"{"id":"a"}"#);
    let said = proxy.process.stderr();
    assert!(!said.contains(PASSWORD) && !said.contains("wrong"), "{said}");
    // Without a user, etcd's own words.
    let stranger = start(&etcd.source(), &[]);
    await_polls(stranger.address, "error");
    let said = stranger.process.stderr();
    assert!(said.contains("user name is empty"), "{said}");
}
