//! Strings from outside act in no medium, whatever they hold and wherever they stand.

use etag_lab_report::catalogue::FORMATS;
use etag_lab_report::{Results, Style, chart, chart_names, compare, load};
use measure::record::{
    ErrorRecord, ExpectationRecord, FindingRecord, RunRecord, Severity, SightingRecord,
};

use crate::{rendered, scenes};

const HOSTILE: [&str; 18] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "\u{9b}31mred\u{7f}",
    "\u{202e}gpj.exe\u{2066}\u{200b}\u{2028}",
    "a\nb\r\nc\td\0",
    "=HYPERLINK(\"http://x.example\",\"y\")",
    "@SUM(1;=2)",
    "| --- | `x` ``y`` |",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</title></style></svg></td><script>alert(1)</script><!--",
    "\" onload=\"alert(1)\" x='\"'><svg onload=alert(1)>",
    "'-alert(1)-'",
    "&lt;script&gt; &#60;b&#62; &nbsp",
    "[click](javascript:alert(1)) ![i](http://x.example/i) https://x.example www.x.example",
    "- item\n# heading\n1. one\n> quote\n```\nfence",
    "@everyone &amp; $x^2$ **bold** ~~gone~~ \\",
    "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字",
    "👩\u{200d}👩\u{200d}👧 e\u{301}\u{301}\u{301}",
    "",
];

/// The record with this string in every place that is filled from outside.
fn tainted(mut record: RunRecord, text: &str) -> RunRecord {
    let text = text.to_owned();
    record.command.clone_from(&text);
    record.started.clone_from(&text);
    record.tool.version.clone_from(&text);
    record.machine.os.clone_from(&text);
    let scenario = &mut record.scenario;
    for field in [
        &mut scenario.name,
        &mut scenario.summary,
        &mut scenario.lesson,
        &mut scenario.setup.policy,
        &mut scenario.setup.edge,
        &mut scenario.setup.cadence,
    ] {
        field.clone_from(&text);
    }
    scenario.headline =
        vec![text.clone(), "tables_lost".to_owned(), "not_modified_ratio".to_owned()];
    scenario.cache_control = Some(text.clone());
    scenario.codings = vec![text.clone()];
    scenario.replica_command = Some(text.clone());
    for (index, arm) in record.arms.iter_mut().enumerate() {
        // Arms differ, so that what is shown by arm is shown.
        let own = format!("{text}{}", "x".repeat(index));
        arm.name.clone_from(&own);
        arm.strategy.clone_from(&own);
        arm.setup.policy.clone_from(&own);
        arm.errors = vec![ErrorRecord { reason: text.clone(), count: 1 }];
        for replica in &mut arm.replicas {
            replica.id.clone_from(&text);
            replica.entity_tags = vec![text.clone()];
            replica.sightings = vec![SightingRecord {
                entity_tag: text.clone(),
                content: Some(text.clone()),
                ..Default::default()
            }];
        }
    }
    let finding = |severity| {
        let [code, name, fix, arm, title, evidence] = [(); 6].map(|()| text.clone());
        FindingRecord { code, name, fix, severity, arm: Some(arm), title, evidence }
    };
    record.findings =
        [Severity::Bad, Severity::Warn, Severity::Info, Severity::Ok].map(finding).to_vec();
    record.expectations = vec![ExpectationRecord {
        text: text.clone(),
        passed: false,
        observed: text.clone(),
        concerns_errors: false,
    }];
    record
}

/// Everything a format makes of a tainted run and of a comparison of two.
fn outputs(text: &str, style: Style) -> Vec<(&'static str, String)> {
    let mut outputs = Vec::new();
    for record in [scenes::one_arm(), scenes::troubled(), scenes::five_arms()] {
        let (clean, record) = (record.clone(), tainted(record, text));
        let comparison = compare(&clean, &record, true).expect("as many arms");
        for entry in FORMATS {
            outputs.push((entry.name, rendered(entry.name, &record, style)));
            let both = (entry.render)(Results::Comparison(&comparison), style).expect("renders");
            outputs.push((entry.name, both));
        }
        let charts =
            chart_names().into_iter().filter_map(|(name, _)| chart(Results::Run(&record), name));
        outputs.extend(charts.map(|picture| ("svg", picture)));
    }
    outputs
}

/// Longest lines of all: every hostile string many times over, without a space.
fn endless() -> String {
    HOSTILE.concat().replace(' ', "").repeat(2)
}

#[test]
fn no_format_lets_a_hidden_character_through() {
    let hidden = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    for text in HOSTILE.map(str::to_owned).into_iter().chain([endless()]) {
        for (format, output) in outputs(&text, Style::default()) {
            assert!(!output.contains(hidden), "{format} of {text:?}:\n{output:?}");
        }
    }
}

#[test]
fn text_stays_within_the_width_whatever_it_shows() {
    for text in HOSTILE.map(str::to_owned).into_iter().chain([endless()]) {
        for width in [40, 80, 120] {
            let outputs = outputs(&text, Style { color: false, width });
            for (_, output) in outputs.iter().filter(|(format, _)| *format == "text") {
                let long = output.lines().find(|line| text::width(line) > width);
                assert_eq!(long, None, "in {width} columns, of {text:?}");
            }
        }
    }
}

#[test]
fn markdown_holds_no_markup_from_outside() {
    for text in HOSTILE {
        for (format, output) in outputs(text, Style::default()) {
            if format != "markdown" {
                continue;
            }
            for line in output.lines() {
                // The command stands in a code span, where all of this is inert.
                let prose = line.split("Reproduce: ").next().unwrap_or_default();
                let markup = LIVE.split(' ').find(|markup| !escaped(prose, markup));
                assert_eq!(markup, None, "in {line}");
            }
        }
    }
}

/// Text that would be markup, HTML, a link or a mention, were there no escape before it.
const LIVE: &str = "<script <img [click ![ :// .x.example @everyone **bold ~~gone $x &amp;";

/// True if every occurrence is broken up by an escape inside or before it.
fn escaped(prose: &str, markup: &str) -> bool {
    prose.match_indices(markup).all(|(at, _)| prose[..at].ends_with('\\'))
}

#[test]
fn every_row_of_a_markdown_table_has_as_many_cells_as_its_head() {
    let cells = |line: &str| line.replace("\\\\", "").replace("\\|", "").matches('|').count();
    for text in HOSTILE {
        let outputs = outputs(text, Style::default());
        for (_, output) in outputs.iter().filter(|(format, _)| *format == "markdown") {
            let tables = output.split("\n\n").filter(|block| block.starts_with('|'));
            for table in tables {
                let head = table.lines().next().map(cells);
                assert!(table.lines().all(|line| Some(cells(line)) == head), "{table}");
            }
        }
    }
}

#[test]
fn csv_keeps_its_shape_and_holds_no_formula() {
    for text in HOSTILE {
        for (format, output) in outputs(text, Style::default()) {
            if format != "csv" {
                continue;
            }
            // The reader refuses rows of another length than the head.
            for row in csv::Reader::from_reader(output.as_bytes()).records() {
                for cell in &row.expect("as many cells as the head") {
                    let formula = cell.starts_with(['=', '+', '@', '\t', '\r'])
                        || (cell.starts_with('-') && cell.parse::<f64>().is_err());
                    assert!(!formula || cell == "-", "{cell:?}");
                }
            }
        }
    }
}

/// Start and end tags with the names of their attributes, as a browser would see them.
fn skeleton(html: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, tag)) = rest.split_once('<') {
        let (mut quoted, mut end) = (false, 0);
        let mut outside = String::new();
        for (at, character) in tag.char_indices() {
            match character {
                '"' => quoted = !quoted,
                '>' if !quoted => {
                    end = at;
                    break;
                }
                _ if !quoted => outside.push(character),
                _ => {}
            }
        }
        tags.push(outside);
        rest = &tag[end..];
    }
    tags
}

#[test]
fn html_from_outside_adds_no_element_and_no_attribute() {
    let html = |text: &str| -> Vec<String> {
        let outputs = outputs(text, Style::default()).into_iter();
        outputs.filter(|(format, _)| *format == "html").map(|(_, html)| html).collect()
    };
    let harmless: Vec<_> = html("harmless").iter().map(|html| skeleton(html)).collect();
    for text in HOSTILE.into_iter().filter(|text| !text.is_empty()) {
        for (output, expected) in html(text).iter().zip(&harmless) {
            assert_eq!(&skeleton(output), expected, "{text:?}");
        }
    }
}

#[test]
fn html_loads_nothing_and_runs_nothing() {
    for text in HOSTILE {
        for (_, output) in outputs(text, Style::default()).iter().filter(|(f, _)| *f == "html") {
            assert!(
                output.contains("content=\"default-src &#39;none&#39;; style-src &#39;sha256-")
            );
            for tag in skeleton(output) {
                let mut words = tag.split(' ');
                let name = words.next().unwrap_or_default();
                let loads = ["script", "link", "img", "iframe", "object", "embed", "image", "use"];
                assert!(!loads.contains(&name), "<{tag}>");
                let acts = |word: &str| {
                    ["src=", "href=", "style=", "action="].contains(&word) || word.starts_with("on")
                };
                assert!(!words.any(acts), "<{tag}>");
            }
        }
    }
}

#[test]
fn hostile_strings_survive_saving() {
    for text in HOSTILE {
        let record = tainted(scenes::two_arms(), text);
        assert_eq!(load(&rendered("json", &record, Style::default())).expect(text), record);
    }
}

#[test]
fn numbers_out_of_range_do_not_stop_a_report() {
    let mut record = scenes::two_arms();
    for arm in &mut record.arms {
        arm.polls = 0;
        arm.verdicts.fresh_hit = u64::MAX;
        arm.verdicts.error = u64::MAX;
        arm.bytes.responses = u64::MAX;
        arm.bytes.instrumentation = u64::MAX;
        arm.bytes.per_unchanged_poll = Some(f64::MAX);
        arm.not_modified_ratio = Some(f64::MAX);
        arm.predicted_interval = Some([f64::MIN, f64::MAX]);
        arm.tags_for_same_content = usize::MAX;
        arm.changes_seen = vec![arm.changes_seen[0].clone(); 2];
        arm.changes_seen[0].clients_polled = u64::MAX;
        arm.fleet_size = u32::MAX;
        arm.rounds.width = u32::MAX;
        for bucket in &mut arm.rounds.buckets {
            bucket.polls = 0;
            bucket.verdicts.needless_transfer = u64::MAX;
            bucket.response_bytes = u64::MAX;
        }
    }
    for entry in FORMATS {
        rendered(entry.name, &record, Style::default());
    }
}
