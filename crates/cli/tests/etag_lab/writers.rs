//! Writers to a replica: nobody, unless it was started so, and then no page of another site.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use crate::support::http::Answer;
use crate::support::process::PATIENCE;
use crate::support::served::{Served, balancer};
use crate::support::{Tested, ended, home, stderr};

fn put(address: SocketAddr, host: &str, lines: &str) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "PUT /api/config HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lines}\
         Content-Length: 3\r\n\r\nput"
    )?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Ok(Answer::read(&bytes).expect("it answers"))
}

fn file() -> std::io::Result<String> {
    let file = home().join("f.json");
    std::fs::write(&file, "one")?;
    Ok(file.display().to_string())
}

#[test]
fn a_replica_by_hand_is_read_only_unless_it_is_writable() -> Tested {
    let file = file()?;
    for args in [&[][..], &["--read-only"]] {
        let replica = Served::start(&[&["replica", "--file", &file], args].concat());
        let answer = put(replica.address, "localhost", "")?;
        assert_eq!((answer.status, answer.field("allow")), (405, Some("GET, HEAD, OPTIONS")));
    }
    assert_eq!(std::fs::read(&file)?, b"one");
    let replica = Served::start(&["replica", "--file", &file, "--writable"]);
    assert_eq!(put(replica.address, "localhost", "")?.status, 204);
    assert_eq!(std::fs::read(&file)?, b"put");
    for args in [&["--read-only", "--writable"][..], &["--require-if-match"], &["--host", "lab"]] {
        let said = stderr(&ended(&[&["replica", "--file", &file], args].concat(), 2)).to_owned();
        assert!(said.contains("--writable"), "{said}");
    }
    Ok(())
}

#[test]
fn a_page_of_another_site_may_not_write_whatever_it_has_named_this_machine() -> Tested {
    let file = file()?;
    let args = ["replica", "--writable", "--host", "lab", "--file", &file];
    let replica = Served::start(&args);
    let address = replica.address;
    let check = |host: &str, lines: &str, status: u16| -> Tested {
        let answer = put(address, host, lines)?;
        assert_eq!(answer.status, status, "{host} {lines}");
        let is_written = std::fs::read(&file)? == b"put";
        assert_eq!(is_written, status == 204, "{host} {lines}");
        let text = String::from_utf8(answer.content)?;
        assert_eq!(text.starts_with("no writes "), status != 204, "{text}");
        Ok(std::fs::write(&file, "one")?)
    };
    let own = address.to_string();
    check("evil.example", "", 421)?;
    check(&format!("evil.example:{}", address.port()), "", 421)?;
    check(&own, "Origin: http://evil.example\r\n", 403)?;
    check(&own, "Origin: null\r\n", 403)?;
    check(&own, "Sec-Fetch-Site: cross-site\r\n", 403)?;
    check(&own, &format!("Origin: http://{own}\r\nSec-Fetch-Site: same-origin\r\n"), 204)?;
    check(&own, "", 204)?;
    check("lab", "", 204)?;
    check("LOCALHOST:1", "", 204)?;
    check("[::1]:9001", "", 204)?;
    Ok(())
}

#[test]
fn a_put_goes_through_a_balancer_and_so_does_its_refusal() -> Tested {
    let replica = Served::start(&["replica", "--writable", "--file", &file()?]);
    let balancer = balancer(&[replica.address], &[]);
    let own = balancer.address.to_string();
    assert_eq!(put(balancer.address, &own, &format!("Origin: http://{own}\r\n"))?.status, 204);
    assert_eq!(put(balancer.address, "evil.example", "")?.status, 421);
    assert_eq!(put(balancer.address, &own, "Origin: http://evil.example\r\n")?.status, 403);
    Ok(())
}

#[test]
fn a_replica_that_anybody_can_write_to_says_so() {
    let said = |listen: &str, args: &[&str]| {
        let mut command = crate::support::etag_lab();
        let replica = Served::started_by(command.args(["replica", "--listen", listen]).args(args));
        replica.process.stderr()
    };
    let start =
        |listen: &str, args: &[&str]| said(listen, args).contains("can replace the content");
    assert!(start("0.0.0.0:0", &["--writable"]));
    assert!(!start("0.0.0.0:0", &[]));
    assert!(!start("127.0.0.1:0", &["--writable"]));
    let guarded = said("0.0.0.0:0", &["--writable", "--token", "t"]);
    assert!(guarded.contains("and knows the token can replace the content"), "{guarded}");
}
