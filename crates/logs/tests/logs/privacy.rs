//! Nothing personal is printed: canaries are planted wherever a log has something personal, and looked
//! for in every format.

use etag_lab_logs::{Format, Options, Price, Summary, Wish, render};
use report::Style;

use crate::fleet::{BEGIN, judged};

const CANARIES: [&str; 8] = [
    "203.0.113.77",
    "2001:db8::beef",
    "s3cr3t-t0ken",
    "carol@example.com",
    "user-frank",
    "PrivateAgent",
    "10.9.8.7",
    "Referrer-Canary",
];

fn log() -> String {
    let mut log = String::new();
    for poll in 0..200_i64 {
        let time = jiff::Timestamp::from_second(BEGIN + poll * 30).expect("a moment").to_string();
        let (day, clock) = (&time[8..10], &time[11..19]);
        let address = if poll % 2 == 0 { "203.0.113.77" } else { "2001:db8::beef" };
        let status = if poll % 3 == 0 { "304 0" } else { "200 512" };
        log.extend([format!(
            "{address} - user-frank [{day}/Nov/2026:{clock} +0000] \"GET /a?token=s3cr3t-t0ken&mail=carol@example.com \
             HTTP/1.1\" {status} \"https://x/Referrer-Canary\" \"PrivateAgent/1\" up=10.9.8.7:80\n"
        )]);
    }
    log += "203.0.113.77 carol@example.com s3cr3t-t0ken PrivateAgent no form\n";
    log
}

fn outputs(summary: &Summary) -> Vec<String> {
    let options = Options { price: Some(Price { per_gigabyte: 0.09 }) };
    let formats = [Format::Text, Format::Markdown, Format::Csv, Format::Json, Format::Html];
    let style = Style { color: false, width: 100 };
    formats.iter().map(|format| render(summary, *format, style, options)).collect()
}

#[test]
fn no_format_prints_anything_personal() {
    let template = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \
                    \"$http_referer\" \"$http_user_agent\" up=$upstream_addr";
    for format in [None, Some(template.to_owned())] {
        let summary = judged(&log(), Wish { format, ..Wish::default() });
        assert_eq!(summary.lines.unparsed, 1);
        for output in outputs(&summary) {
            assert!(output.contains("/a"), "{output}");
            for canary in CANARIES {
                assert!(!output.contains(canary), "{canary}: {output}");
            }
        }
    }
}
