use super::*;
use measure::{ExchangeBytes, WireConnection, WireTiming};
use truth::ReplicaId;

fn exchange(number: u32, replica: u32, sent: &str, got: &str, verdict: Verdict) -> WireExchange {
    let sent = if sent.is_empty() { String::new() } else { format!("If-None-Match: {sent}\r\n") };
    WireExchange {
        client: 0,
        number,
        request: format!("GET / HTTP/1.1\r\nHost: h\r\n{sent}\r\n").into_bytes(),
        response_head: format!("HTTP/1.1 200 OK\r\nETag: {got}\r\n\r\n").into_bytes(),
        content: None,
        octets: None,
        tagged_content: None,
        held: None,
        verdict: Some(verdict),
        error: None,
        replica: Some(ReplicaId(replica)),
        bytes: ExchangeBytes { response_content: 8192, ..ExchangeBytes::default() },
        connection: WireConnection::default(),
        timing: WireTiming::default(),
    }
}

fn transcript(exchanges: &[WireExchange]) -> Transcript {
    let started = std::time::SystemTime::UNIX_EPOCH;
    Transcript { started, exchanges: exchanges.to_vec(), left_out: 0, wrong_write: None }
}

#[test]
fn the_first_wrong_exchange_is_told_with_client_replica_and_both_tags() {
    let exchanges = [
        exchange(1, 1, "", "\"18\"", Verdict::FirstFetch),
        exchange(2, 2, "\"18\"", "\"35\"", Verdict::NeedlessTransfer),
        exchange(3, 1, "\"35\"", "\"18\"", Verdict::NeedlessTransfer),
    ];
    let told = story(&transcript(&exchanges), &[Verdict::NeedlessTransfer], &[]);
    let expected = [
        "poll 2 of client 1",
        "sent  If-None-Match: \"18\"   (it came from r1)",
        "got   200 from r2, ETag: \"35\", 8,192 B of content",
        "so    the client had these very bytes: a 304 would have done",
    ];
    assert_eq!(told.expect("one went wrong"), expected);
}

#[test]
fn a_change_that_was_made_is_no_fault_and_one_that_was_not_is() {
    let of = |number| [exchange(number, 1, "\"1\"", "\"2\"", Verdict::Changed)];
    assert!(story(&transcript(&of(11)), &[Verdict::Changed], &[11]).is_none());
    assert!(story(&transcript(&of(12)), &[Verdict::Changed], &[11]).is_some());
}

#[test]
fn the_first_download_of_a_client_is_no_fault_and_a_later_one_is() {
    let of = |number| [exchange(number, 1, "", "\"2\"", Verdict::FirstFetch)];
    assert!(story(&transcript(&of(1)), &[Verdict::FirstFetch], &[]).is_none());
    assert!(story(&transcript(&of(9)), &[Verdict::FirstFetch], &[]).is_some());
}

#[test]
fn a_save_that_was_refused_wrongly_comes_before_every_poll() {
    let polls = [exchange(2, 2, "\"18\"", "\"35\"", Verdict::NeedlessTransfer)];
    let write = WrongWrite {
        writer: 0,
        round: 1,
        verdict: WriteVerdict::RefusedWrongly,
        if_match: Some(b"\"18\"".to_vec()),
        read_from: Some(ReplicaId(1)),
        answered_by: Some(ReplicaId(2)),
        status: 412,
    };
    let both = Transcript { wrong_write: Some(write.clone()), ..transcript(&polls) };
    let expected = [
        "a save of writer 1, after round 2 of the polls",
        "sent  PUT, If-Match: \"18\"   (it came from r1)",
        "got   412 from r2",
        "so    nobody else had saved: it was to be accepted",
    ];
    let told = |transcript| story(&transcript, &[Verdict::NeedlessTransfer], &[]);
    assert_eq!(told(both).expect("one went wrong"), expected);
    let lost = WrongWrite { verdict: WriteVerdict::Lost, if_match: None, status: 204, ..write };
    let lost = Transcript { wrong_write: Some(lost), ..transcript(&polls) };
    let told = told(lost).expect("one went wrong");
    assert_eq!(told[1], "sent  PUT without If-Match, of what r1 had sent");
}

#[test]
fn tags_from_outside_reach_no_terminal_as_they_are() {
    let exchanges = [exchange(2, 1, "\"a\u{1b}[2J\"", "\"\u{202e}b\"", Verdict::NeedlessTransfer)];
    let told =
        story(&transcript(&exchanges), &[Verdict::NeedlessTransfer], &[]).expect("one went wrong");
    assert!(!told.join("").contains(['\u{1b}', '\u{202e}']), "{told:?}");
}
