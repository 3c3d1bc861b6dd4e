//! Responses as they arrive and as they leave.

use super::*;

static STOPPING: AtomicBool = AtomicBool::new(false);

const CLIENT: Addressee<'_> =
    Addressee { head: false, minor: 1, keep_alive: true, stopping: &STOPPING, declaration: None };

fn translate(
    response: &str,
    addressee: Addressee<'_>,
) -> Result<Option<(usize, Answer, String)>, InvalidResponse> {
    let mut out = Vec::new();
    let found = translate_response(response.as_bytes(), &addressee, &mut out)?;
    let text = String::from_utf8(out).expect("text");
    Ok(found.map(|(length, answer)| (length, answer, text)))
}

fn final_head(response: &str, addressee: Addressee<'_>) -> (ResponseHead, String) {
    match translate(response, addressee).expect("valid").expect("complete") {
        (_, Answer::Final(head), text) => (head, text),
        (_, Answer::Interim, _) => panic!("{response:?} is interim"),
    }
}

fn check_forwarded(response: &str, addressee: Addressee<'_>, expected: &str) {
    assert_eq!(final_head(response, addressee).1, expected, "{response:?}");
}

#[test]
fn a_304_passes_with_its_fields_and_without_content() {
    let response = "HTTP/1.1 304 Not Modified\r\nDate: d\r\nETag: W/\"x\"\r\nContent-Length: 8192\r\n\
                    Connection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n\r\n";
    let (head, text) = final_head(response, CLIENT);
    assert!(head.content.is_complete() && head.reusable && head.keep_alive);
    assert_eq!(
        text,
        "HTTP/1.1 304 Not Modified\r\nDate: d\r\nETag: W/\"x\"\r\nContent-Length: 8192\r\nvia: 1.1 etag-lab\r\n\r\n"
    );
}

#[test]
fn a_replica_that_does_not_declare_itself_is_declared() {
    let client = Addressee { declaration: Some(b"lab-replica: 3\r\n"), ..CLIENT };
    check_forwarded(
        "HTTP/1.1 200 OK\r\ndate: d\r\ncontent-length: 0\r\n\r\n",
        client,
        "HTTP/1.1 200 OK\r\ndate: d\r\ncontent-length: 0\r\nvia: 1.1 etag-lab\r\nlab-replica: 3\r\n\r\n",
    );
    check_forwarded(
        "HTTP/1.1 200 OK\r\ndate: d\r\nLab-Replica: 1/x\r\ncontent-length: 0\r\n\r\n",
        client,
        "HTTP/1.1 200 OK\r\ndate: d\r\nLab-Replica: 1/x\r\ncontent-length: 0\r\nvia: 1.1 etag-lab\r\n\r\n",
    );
}

#[test]
fn a_missing_date_is_supplied() {
    let (_, text) = final_head("HTTP/1.1 204 No Content\r\n\r\n", CLIENT);
    assert!(text.contains("\r\ndate: "), "{text}");
}

#[test]
fn framing_decides_over_both_connections() {
    for (fields, reusable, keep_alive) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 3", true, true),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked", true, true),
        ("HTTP/1.1 200 OK", false, false),
        ("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 3", false, true),
        ("HTTP/1.0 200 OK\r\ncontent-length: 3", false, true),
        ("HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 3", true, true),
    ] {
        let (head, text) = final_head(&format!("{fields}\r\n\r\n"), CLIENT);
        assert_eq!((head.reusable, head.keep_alive), (reusable, keep_alive), "{fields:?}");
        assert_eq!(text.contains("connection: close"), !keep_alive, "{fields:?}");
    }
}

#[test]
fn an_old_client_gets_chunks_without_their_framing() {
    let old = Addressee { minor: 0, ..CLIENT };
    let chunked = "HTTP/1.1 200 OK\r\ndate: d\r\ntransfer-encoding: chunked\r\n\r\n";
    let (head, text) = final_head(chunked, old);
    assert!(head.decode && !head.keep_alive && head.reusable);
    assert_eq!(
        text,
        "HTTP/1.1 200 OK\r\ndate: d\r\nvia: 1.1 etag-lab\r\nconnection: close\r\n\r\n"
    );
    check_forwarded(
        "HTTP/1.1 200 OK\r\ndate: d\r\ncontent-length: 0\r\n\r\n",
        old,
        "HTTP/1.1 200 OK\r\ndate: d\r\ncontent-length: 0\r\nvia: 1.1 etag-lab\r\nconnection: keep-alive\r\n\r\n",
    );
}

#[test]
fn interim_answers_pass_to_those_who_can_read_them() {
    let interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    for (minor, expected) in
        [(1, "HTTP/1.1 103 Early Hints\r\nLink: x\r\nvia: 1.1 etag-lab\r\n\r\n"), (0, "")]
    {
        let found =
            translate(interim, Addressee { minor, ..CLIENT }).expect("valid").expect("complete");
        assert!(matches!(found.1, Answer::Interim));
        assert_eq!(found.2, expected);
    }
}

#[test]
fn what_could_be_read_in_two_ways_is_invalid() {
    for response in [
        "garbage\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 099 Low\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n",
        "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\na: b\r\n folded\r\n\r\n",
        "HTTP/1.1 200 OK\r\na : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
        "HTTP/1.1 200 OK\r\na: b\rc: d\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    ] {
        assert!(translate(response, CLIENT).is_err(), "{response:?}");
    }
}
