//! What people paste: outputs of curl 7.88, `HTTPie` 3.2 and wget 1.21, recorded, with made-up hosts,
//! and as they stand in mails and on issue trackers.

use etag_lab_probe::import::wire;
use findings::Check;
use findings::evidence::{Evidence, ObservedExchange};

/// Each exchange in a line, those with the URL that is judged first, then what was left out.
fn read(paste: &str) -> String {
    let evidence = match wire(paste.as_bytes(), None) {
        Ok(evidence) => evidence,
        Err(error) => return error.to_string(),
    };
    let mut lines: Vec<_> = exchanges(&evidence);
    lines.extend(evidence.others.iter().flat_map(exchanges));
    lines.extend(evidence.notes.into_iter().filter(|note| note.contains("left out")));
    lines.join("\n")
}

fn exchanges(evidence: &Evidence) -> Vec<String> {
    let line = |seen: &ObservedExchange| {
        let answer = seen.outcome.as_ref().expect("a paste holds answers");
        let sent = seen.asked.none_match.first().map(|tag| format!(" {}", text(tag)));
        let tag = answer.tag().map(|tag| format!(" {}", text(tag)));
        let content = answer.content.decoded.map(|it| format!(" | {} bytes", it.bytes));
        format!(
            "{} {}{} -> {}{}{}",
            seen.asked.method.name(),
            evidence.target,
            sent.unwrap_or_default(),
            answer.status,
            tag.unwrap_or_default(),
            content.unwrap_or_default()
        )
    };
    evidence.observations.iter().map(line).collect()
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

#[track_caller]
fn check(name: &str, paste: &str, expected: &str) {
    let lines: Vec<_> = expected.trim().lines().map(str::trim).collect();
    let expected = lines.join("\n").replace("URL", "http://api.example.test/config");
    assert_eq!(read(paste), expected.replace("OLD", "http://api.example.test/old"), "{name}");
}

const BOTH: &str = r#"
    GET URL -> 200 "5f3a-24" | 35 bytes
    GET URL "5f3a-24" -> 304 "5f3a-24"
"#;

#[test]
fn what_curl_prints_is_read() {
    check("curl -v", include_str!("pastes/curl-v.txt"), BOTH);
    // Alone it stands for GET.
    let head = r#"GET URL -> 200 "5f3a-24""#;
    check("curl -v -I", include_str!("pastes/curl-v-head.txt"), head);
    let once = r#"GET URL -> 200 "5f3a-24" | 35 bytes"#;
    check("curl -v -i", include_str!("pastes/curl-v-i.txt"), once);
    let redirected = "
        GET URL -> 200 \"5f3a-24\" | 35 bytes
        GET OLD -> 302";
    check("curl -v -L", include_str!("pastes/curl-v-redirect.txt"), redirected);
    let by_command = r#"
        GET URL -> 200 "5f3a-24" | 35 bytes
        HEAD URL "5f3a-24" -> 304 "5f3a-24"
        GET URL -> 200 "5f3a-24" | 35 bytes
        GET OLD -> 302"#;
    check("curl -i", include_str!("pastes/curl-i.txt"), by_command);
    let beside = format!("{BOTH}1 exchange left out: 1 POST");
    check("curl -v -d", include_str!("pastes/curl-post.txt"), &beside);
}

#[test]
fn answers_to_head_alone_tell_replicas_apart() {
    let paste = "for i in 1 2 3 4; do curl -sI https://www.example.test/ | grep -iE 'HTTP|etag'; done\n\
                 HTTP/2 200\netag: \"one\"\ncontent-length: 9\nHTTP/2 200\netag: \"two\"\ncontent-length: 9\n\
                 HTTP/2 200\netag: \"one\"\ncontent-length: 9\nHTTP/2 200\netag: \"two\"\ncontent-length: 9\n";
    let check = Check::of(&wire(paste.as_bytes(), None).expect("a paste"));
    assert_eq!(check.findings[0].kind.name, "node-local-tag", "{:#?}", check.findings);
    assert!(check.notes.iter().any(|note| note.contains("GETs")), "{:?}", check.notes);
}

#[test]
fn what_httpie_prints_is_read() {
    let expected = r#"
        GET URL -> 200 "5f3a-24" | 35 bytes
        GET URL -> 200 "5f3a-24"
        GET URL -> 200 "5f3a-24" | 35 bytes
        GET OLD -> 302"#;
    check("http -v", include_str!("pastes/httpie-v.txt"), expected);
    let coloured = r#"GET URL "5f3a-24" -> 304 "5f3a-24""#;
    check("http -v, colours", include_str!("pastes/httpie-v-colours.txt"), coloured);
    let by_command = r#"
        GET URL -> 200 "5f3a-24" | 35 bytes
        HEAD URL -> 304 "5f3a-24""#;
    check("http", include_str!("pastes/httpie.txt"), by_command);
}

#[test]
fn what_wget_prints_is_read() {
    let expected = r#"
        GET URL -> 200 "5f3a-24"
        GET URL "5f3a-24" -> 304 "5f3a-24"
        HEAD URL -> 200 "5f3a-24""#;
    check("wget -S", include_str!("pastes/wget-s.txt"), expected);
    let redirected = r#"
        GET URL -> 200 "5f3a-24"
        GET OLD -> 302"#;
    check("wget -S -d", include_str!("pastes/wget-d.txt"), redirected);
}

#[test]
fn wget_asks_with_the_date_of_the_file_that_it_saved() {
    const DATE: &str = "Mon, 02 Nov 2026 10:11:12 GMT";
    let asked = |status: &str| {
        format!(
            "$ wget -S -N http://a.example/\n--2026-11-30 10:00:00--  http://a.example/\n\
             HTTP request sent, awaiting response... \n  HTTP/1.1 {status}\n  Last-Modified: {DATE}\n  \
             Content-Length: 7542\n\n"
        )
    };
    let polled = [asked("200 OK"), asked("304 Not Modified").repeat(2)].concat();
    let evidence = wire(polled.as_bytes(), None).expect("a paste");
    let dates = evidence.observations.iter().map(|seen| seen.asked.modified_since.as_deref());
    assert_eq!(dates.collect::<Vec<_>>(), [None, Some(DATE.as_bytes()), Some(DATE.as_bytes())]);
    assert!(Check::of(&evidence).is_inconclusive(), "three exchanges are few");
    // The file that was there before is not shown.
    let before = [asked("304 Not Modified"), polled].concat();
    let evidence = wire(before.as_bytes(), None).expect("a paste");
    assert_eq!(evidence.observations.len(), 3);
    let left_out = evidence.notes.iter().any(|note| note.contains("1 with a condition that"));
    assert!(left_out, "{:?}", evidence.notes);
}

#[test]
fn answers_without_requests_are_judged_where_there_is_nothing_else() {
    let head = |tag: &str| {
        format!(
            "  HTTP/1.1 200 OK\n  Date: Sun, 29 Nov 2026 10:00:00 GMT\n  ETag: \"{tag}\"\n  \
             Content-Length: 1256\nLength: 1256 (1.2K) [text/html]\nSaving to: ‘index.html’\n\n"
        )
    };
    let heads = ["one", "two"].map(head).concat().repeat(3);
    let check = Check::of(&wire(heads.as_bytes(), None).expect("a paste"));
    assert_eq!(check.findings[0].kind.name, "node-local-tag", "{:#?}", check.findings);
    assert_eq!((check.target.as_str(), check.exchanges), ("(not shown)", 6));
    assert!(
        check.notes.iter().any(|note| note.starts_with("missing: requests")),
        "{:?}",
        check.notes
    );
    let named = wire(heads.as_bytes(), Some("http://a.example/")).expect("a paste");
    assert_eq!(named.target, "http://a.example/");
    // Nothing is known of the conditions of a 304.
    let unmodified = heads.replace("200 OK", "304 Not Modified");
    let said = Check::of(&wire(unmodified.as_bytes(), None).expect("a paste"));
    let said = said.findings[0].evidence.join(" ");
    assert!(said.contains("not the requests that they answer"), "{said}");
    // wget says which URL it asks.
    let asks = "--2026-11-29 10:00:00--  http://a.example/\nReusing existing connection to a.example:80.\n\
                HTTP request sent, awaiting response... \n";
    let polled = ["one", "two"].map(|tag| format!("{asks}{}", head(tag))).concat().repeat(3);
    let check = Check::of(&wire(polled.as_bytes(), None).expect("a paste"));
    assert_eq!(check.target, "http://a.example/");
    assert_eq!(check.findings[0].kind.name, "node-local-tag", "{:#?}", check.findings);
    // Beside exchanges they are left out, as before.
    let beside = format!("{}\n\n{heads}", include_str!("pastes/curl-v.txt"));
    let left_out = format!("{BOTH}6 exchanges left out: 6 without its request");
    self::check("beside", &beside, &left_out);
}

#[test]
fn quotation_fences_indentation_and_prose_are_passed_over() {
    let expected = r#"
        GET URL -> 200 "5f3a-24" | 35 bytes
        GET URL "5f3a-24" -> 304 "5f3a-24"
        GET URL -> 200 "5f3a-24""#;
    check("issue", include_str!("pastes/issue.md"), expected);
    let quoted = |mark: &str| {
        let paste = include_str!("pastes/curl-v.txt").replace("\r\n", "\n");
        paste.lines().flat_map(|line| [mark, line, "\n"]).collect::<String>()
    };
    let without_content = BOTH.replace(" | 35 bytes", "");
    for mark in ["> ", ">> ", "> > ", "    ", "\t", "\u{a0}\u{a0}"] {
        check(mark, &quoted(mark), &without_content);
    }
}
