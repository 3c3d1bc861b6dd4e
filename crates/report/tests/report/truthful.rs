//! Reports say what the case is about, what is so, and no more than was measured.

use etag_lab_report::catalogue::{FORMATS, find};
use etag_lab_report::{Results, Style, compare};
use measure::record::RunRecord;

use crate::{rendered, scenes};

fn text(record: &RunRecord, width: usize) -> String {
    rendered("text", record, Style { color: false, width })
}

#[test]
fn a_summary_that_flags_made_false_is_printed_nowhere() {
    let record = scenes::changed_by_flags();
    for format in FORMATS.iter().filter(|format| format.name != "json") {
        let page = rendered(format.name, &record, Style::default());
        assert!(!page.contains("each with its own counter"), "{page}");
    }
    let caption = "3 replicas; before: mtime-size; after: content-hash";
    for format in ["markdown", "html"] {
        let page = rendered(format, &record, Style::default());
        assert!(page.contains(caption), "{page}");
    }
}

#[test]
fn the_caption_of_one_program_does_not_repeat_its_command() {
    let mut record = scenes::changed_by_flags();
    record.arms.truncate(1);
    "node app.js --key=1".clone_into(&mut record.arms[0].strategy);
    record.scenario.replica_command = Some(record.arms[0].strategy.clone());
    let page = rendered("markdown", &record, Style::default());
    assert!(page.contains("\n3 replicas; a program of your own\n"), "{page}");
}

#[test]
fn the_headline_is_what_the_scenario_is_about_in_every_format_for_people() {
    let record = scenes::last_known_good();
    for format in ["text", "markdown", "html"] {
        let page = rendered(format, &record, Style::default()).replace('\u{a0}', " ");
        let headline = "Stored copies lost 11 → 0; stored copies at the end 9/10 clients → 10/10";
        assert!(page.contains(headline), "{page}");
    }
}

#[test]
fn the_last_line_is_the_lesson_of_the_scenario() {
    let record = scenes::last_known_good();
    let lesson = "A failed poll is no reason to drop what one has.";
    assert_eq!(text(&record, 80).lines().last(), Some(lesson));
    for format in ["markdown", "html"] {
        let page = rendered(format, &record, Style::default());
        assert!(page.contains(lesson) && !page.contains("round trip."), "{page}");
    }
}

#[test]
fn a_change_is_between_two_arms_or_not_stated() {
    for record in [scenes::three_arms(), scenes::shared_store(), scenes::five_arms()] {
        for format in ["text", "markdown", "html"] {
            for width in [80, 120, 200] {
                let page = rendered(format, &record, Style { color: false, width });
                let claims = ["first → last", "| change |", ">change<", "−94.3", "× less"];
                let claim = claims.iter().find(|claim| page.contains(**claim));
                assert!(claim.is_none(), "{claim:?} in {page}");
            }
        }
    }
}

/// The same run once more: what a clock measures is another number, what is counted is not.
fn again(record: &RunRecord) -> RunRecord {
    let mut again = record.clone();
    for arm in &mut again.arms {
        let latencies = [&mut arm.latency_us, &mut arm.latency_200_us, &mut arm.latency_304_us];
        for latency in latencies.into_iter().flatten() {
            (latency.p50, latency.p99) = (latency.p50 * 55 / 100, latency.p99 * 2);
        }
        arm.origin_cpu_us_per_poll = arm.origin_cpu_us_per_poll.map(|us| us * 1.6);
        arm.tables.longest_unconfirmed_us *= 3;
        if let Some(plane) = &mut arm.control_plane {
            plane.source_cpu_s = plane.source_cpu_s.map(|seconds| seconds * 0.7);
            let rates =
                [&mut plane.source_requests_per_s_uncompressed, &mut plane.source_requests_per_s];
            rates.into_iter().flatten().for_each(|rate| *rate *= 1.4);
            plane.client_requests_per_s_uncompressed *= 0.9;
            if let Some(changes) = &mut plane.freshness_us {
                changes.p50 *= 2;
            }
        }
    }
    again
}

#[test]
fn two_runs_of_one_command_show_no_change() {
    for (name, record) in scenes::all() {
        let again = again(&record);
        let both = compare(&record, &again, false).expect("they are alike");
        let markdown = find("markdown").expect("a format");
        let page = (markdown.render)(Results::Comparison(&both), Style::default());
        let page = page.expect("it renders");
        let rows = page.lines().filter(|line| line.starts_with("| ")).filter_map(|line| {
            line.trim_end_matches(" |").rsplit_once("| ").map(|(_, change)| change.trim())
        });
        for change in rows.filter(|change| !["change", "---:"].contains(change)) {
            assert!(
                ["", "unchanged", "within\u{a0}noise", "within noise"].contains(&change),
                "{name}: {change}"
            );
        }
        assert!(page.contains("within noise: two runs of one command"), "{name}: {page}");
    }
}

#[test]
fn numbers_stay_with_their_units_in_markdown() {
    for (name, record) in scenes::all() {
        let page = rendered("markdown", &record, Style::default());
        for line in page.lines().filter(|line| line.starts_with("| ") && !line.contains("| arm |"))
        {
            for unit in [" B ", " % ", " µs ", " ms ", " × ", " / "] {
                let cells = line.split('|').skip(2).any(|cell| cell.contains(unit));
                assert!(!cells, "{name}: {unit:?} in {line}");
            }
        }
    }
}

#[test]
fn details_name_what_they_are_details_of_where_nothing_is_indented() {
    let page = rendered("markdown", &scenes::control_plane(), Style::default());
    for label in ["304 rate: predicted", "latency: p50 of 200s", "source requests/s: with time"] {
        assert!(page.contains(&format!("| {label}")), "{label} in {page}");
    }
}

#[test]
fn every_run_has_the_same_columns() {
    let head = |record: &RunRecord| {
        let csv = rendered("csv", record, Style::default());
        csv.lines().next().unwrap_or_default().to_owned()
    };
    let usual = head(&scenes::two_arms());
    for column in ["started", "version", "cadence", "edge", "codings", "content_bytes", "proxies"] {
        assert!(usual.split(',').any(|name| name == column), "{column}");
    }
    for (name, record) in scenes::all() {
        assert_eq!(head(&record), usual, "{name}");
    }
}

#[test]
fn what_means_nothing_is_an_empty_cell() {
    let csv = rendered("csv", &scenes::two_arms(), Style::default());
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let head = reader.headers().expect("a head").clone();
    for row in reader.records().map(|row| row.expect("a row")) {
        for (name, value) in head.iter().zip(row.iter()) {
            let means_nothing = ["tables_", "resumes_", "source_", "freshness_", "store_"];
            if means_nothing.iter().any(|prefix| name.starts_with(prefix)) {
                assert_eq!(value, "", "{name}");
            }
        }
    }
}

#[test]
fn no_line_breaks_inside_a_word_in_fifty_columns() {
    let table = text(&scenes::two_arms(), 50);
    for word in ["process-", "counter", "content-", "4,202,000", "(conditional)"] {
        let is_whole = |line: &str| line.split_whitespace().any(|part| part == word);
        assert!(table.lines().any(is_whole), "{word} in\n{table}");
    }
    assert!(table.lines().all(|line| text::width(line) <= 50), "{table}");
}

#[test]
fn six_arms_of_six_sizes_fit_120_columns_in_one_table() {
    let mut record = scenes::five_arms();
    let mut repaired = record.arms[4].clone();
    "8-repaired".clone_into(&mut repaired.name);
    "content-hash".clone_into(&mut repaired.strategy);
    record.arms.push(repaired);
    for arm in &mut record.arms {
        arm.name = arm.name.replace("replicas-", "replicas");
        arm.bytes.responses /= 5;
    }
    let table = text(&record, 120);
    let heads = table.lines().filter(|line| line.starts_with("arm ")).count();
    assert_eq!(heads, 1, "{table}");
    assert!(table.contains("in every arm: false 304s 0, round trips 5,000"), "{table}");
}
