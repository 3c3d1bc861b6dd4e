//! Shares of 304s by host and by hour.

use etag_lab_logs::{Format, Options, Share, Wish, render};

use crate::fleet::judged;

fn line(host: &str, hour: u32, second: u32, status: u16) -> String {
    format!(
        "{{\"time\":\"2026-11-30T{hour:02}:10:{second:02}Z\",\"address\":\"192.0.2.7\",\"host\":\"{host}\",\
         \"request\":\"GET /a HTTP/1.1\",\"status\":\"{status}\",\"bytes\":\"90\"}}\n"
    )
}

fn share(name: &str, polls: u64, not_modified: u64) -> Share {
    Share { name: name.to_owned(), polls, not_modified }
}

#[test]
fn shares_are_told_by_host_and_by_hour() {
    let log = (0..40).map(|second| {
        let is_late = second >= 20;
        let hour = if is_late { 14 } else { 12 };
        line("one.example", hour, second, if is_late { 200 } else { 304 })
            + &if second < 8 { line("two.example", hour, second, 304) } else { String::new() }
    });
    let summary = judged(&log.collect::<String>(), Wish::default());
    assert_eq!(summary.hosts, [share("one.example", 40, 20), share("two.example", 8, 8)]);
    let hours = [share("2026-11-30T12:00:00Z", 28, 28), share("2026-11-30T14:00:00Z", 20, 0)];
    assert_eq!(summary.hours, hours);
    let style = report::Style { color: false, width: 100 };
    let shown = |format| render(&summary, format, style, Options { price: None });
    for sentence in [
        "304s by host: one.example 50 %, two.example 100 %",
        "304s by hour (UTC): 30 12:00 100 %, 30 14:00 0 %",
    ] {
        let text = shown(Format::Text);
        assert!(text.contains(sentence), "{text}");
    }
    let json = shown(Format::Json);
    assert!(json.contains("\"hours\"") && json.contains("\"not_modified_ratio\": 0.5"), "{json}");
}
