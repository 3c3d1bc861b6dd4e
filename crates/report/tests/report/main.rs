//! The formats from outside: what they print of whole records, and that nothing gets through.
//!
//! `scenes` holds the records, `snapshots/` what became of them.

mod charts;
mod compare;
mod har_1_2;
mod hostile;
mod load;
mod openmetrics;
mod scenes;
mod snapshots;
mod truthful;
mod wire;

use etag_lab_report::catalogue::{FORMATS, find};
use etag_lab_report::{Results, Style};

/// The record in the format of this name.
fn rendered(format: &str, record: &measure::record::RunRecord, style: Style) -> String {
    let entry = find(format).expect("a format of the catalogue");
    (entry.render)(Results::Run(record), style).expect("renders")
}

/// Text without the sequences that colour it.
fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').expect("a colour ends with m").1)
}

/// Fails with the first line that is another one, and not with both texts.
#[track_caller]
fn assert_same_lines(text: &str, expected: &str, case: &str) {
    for (number, (line, expected)) in (1..).zip(text.lines().zip(expected.lines())) {
        assert_eq!(line, expected, "{case}, line {number}");
    }
    assert_eq!(text.len(), expected.len(), "{case}: only the beginning is the same");
}

#[test]
fn every_format_renders_every_scene_and_ends_its_last_line() {
    for entry in FORMATS {
        for (name, record) in scenes::all() {
            let text = rendered(entry.name, &record, Style::default());
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{} {name}", entry.name);
            assert!(text.lines().all(|line| line.trim_end() == line), "{} {name}", entry.name);
        }
    }
}

#[test]
fn rendering_twice_gives_the_same() {
    for entry in FORMATS {
        let [once, again] =
            [(); 2].map(|()| rendered(entry.name, &scenes::two_arms(), Style::default()));
        assert_same_lines(&again, &once, entry.name);
    }
}

#[test]
fn the_formats_for_people_show_the_same_cells() {
    let record = scenes::two_arms();
    let [text, markdown, html] =
        ["text", "markdown", "html"].map(|format| rendered(format, &record, Style::default()));
    let markdown = markdown.replace('\u{a0}', " ");
    for cell in ["98.0 %", "480/490", "4,202,000 B", "−94.3 %", "55.7 × less", "10/10 clients"] {
        assert!([&text, &markdown, &html].iter().all(|page| page.contains(cell)), "{cell}");
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    for (name, record) in scenes::all() {
        for width in [80, 120] {
            let [coloured, plain] =
                [true, false].map(|color| rendered("text", &record, Style { color, width }));
            assert!(coloured.contains('\u{1b}'), "{name}");
            assert_same_lines(&without_colour(&coloured), &plain, name);
        }
    }
}
