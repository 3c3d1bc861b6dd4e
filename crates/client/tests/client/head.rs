//! Polls by HEAD: what they ask, and what follows a 200. Every request is one that a server read from its
//! socket.

use etag_lab_client::{Caching, Load, Milestone, PollMethod};
use measure::Verdict;

use crate::support::{Heard, hear_load, load};

const HEAD: &str = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 5\r\n\r\n";
const NOT_MODIFIED: &str = "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n";

async fn hear(polls: u64, responses: &[&str]) -> Heard {
    let load = Load { method: PollMethod::Head, ..load(Caching::default(), polls) };
    let responses = responses.iter().map(|response| (*response).to_owned()).collect();
    hear_load(&load, responses, &[], async |_| Ok(Milestone::default())).await
}

#[tokio::test]
async fn a_get_follows_a_200_and_nothing_follows_a_304() {
    let get = format!("{HEAD}hello");
    let heard = hear(3, &[HEAD, &get, NOT_MODIFIED, HEAD, &get]).await;
    let asked: Vec<_> = heard.requests.iter().map(|(_, it)| &it[..4]).collect();
    assert_eq!(asked, ["HEAD", "GET ", "HEAD", "HEAD", "GET "]);
    let conditions: Vec<_> = (0..5).map(|number| heard.lines(number, &["if-"]).len()).collect();
    assert_eq!(conditions, [0, 0, 1, 1, 0]);
    let of = |verdict| heard.tally.verdicts.of(verdict);
    let verdicts = [Verdict::FirstFetch, Verdict::Unverifiable, Verdict::NeedlessTransfer];
    assert_eq!(verdicts.map(of), [1, 1, 1]);
    assert_eq!(heard.tally.second_gets, 2);
    // One connection carried all of them: a HEAD has no content, whatever length it announces.
    assert!(heard.requests.iter().all(|(connection, _)| *connection == 0));
}

#[tokio::test]
async fn a_head_that_fails_is_a_poll_that_failed() {
    let heard = hear(1, &["HTTP/1.1 405 No\r\nContent-Length: 9\r\n\r\n"]).await;
    assert_eq!((heard.requests.len(), heard.tally.verdicts.of(Verdict::Error)), (1, 1));
}
