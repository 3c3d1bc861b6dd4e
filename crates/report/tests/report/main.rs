//! The formats from outside: what they print of whole records, and that nothing gets through.
//!
//! `scenes` holds the records, `snapshots/` what became of them.

mod compare;
mod har_1_2;
mod hostile;
mod load;
mod scenes;
mod snapshots;
mod wire;

use etag_lab_report::catalogue::{FORMATS, find};
use etag_lab_report::{Results, Style};

/// The record in the format of this name.
fn rendered(format: &str, record: &measure::record::RunRecord, style: Style) -> String {
    let entry = find(format).expect("a format of the catalogue");
    (entry.render)(Results::Run(record), style).expect("renders")
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
        let record = scenes::two_arms();
        let once = rendered(entry.name, &record, Style::default());
        assert_eq!(once, rendered(entry.name, &record, Style::default()), "{}", entry.name);
    }
}

#[test]
fn the_formats_for_people_show_the_same_cells() {
    let record = scenes::two_arms();
    let [text, markdown, html] =
        ["text", "markdown", "html"].map(|format| rendered(format, &record, Style::default()));
    for cell in ["98.0 %", "480/490", "4,202,000 B", "−94.3 %", "55.7 × less", "10/10 clients"] {
        assert!([&text, &markdown, &html].iter().all(|page| page.contains(cell)), "{cell}");
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let plain = |coloured: &str| {
        let mut text = String::new();
        let mut rest = coloured;
        while let Some((before, after)) = rest.split_once("\u{1b}[") {
            text.push_str(before);
            rest = after.split_once('m').expect("a colour ends with m").1;
        }
        text + rest
    };
    for (name, record) in scenes::all() {
        for width in [80, 120] {
            let coloured = rendered("text", &record, Style { color: true, width });
            let without = rendered("text", &record, Style { color: false, width });
            assert!(coloured.contains('\u{1b}'), "{name}");
            assert_eq!(plain(&coloured), without, "{name}");
        }
    }
}
