//! The page of `--format html` in a real browser: what it shows there, that it fits a telephone and
//! a projector by day and by night, and that it asks for nothing and complains of nothing.
//! What its source looks like is `report`'s to test.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::chromium::{Browser, url};
use crate::support::{etag_lab, home, run_json};

/// Runs the lab and returns the record and the page that shows it.
fn page(name: &str, args: &[&str]) -> (Value, PathBuf) {
    let record = run_json(&[&["run", "--no-save"], args].concat());
    let page = rendered(name, &record);
    (record, page)
}

fn rendered(name: &str, record: &Value) -> PathBuf {
    let (saved, page) = (home().join(format!("{name}.json")), home().join(format!("{name}.html")));
    std::fs::write(&saved, record.to_string()).expect("written");
    let mut report = etag_lab();
    report.arg("report").arg(&saved).args(["--format", "html", "-o"]).arg(&page);
    assert!(report.status().expect("etag-lab starts").success());
    page
}

/// Opens the page everywhere, with no complaint and no request but for itself.
fn fits_and_is_quiet(browser: &mut Browser, page: &std::path::Path) {
    for (width, scheme) in [(400, "light"), (400, "dark"), (1280, "light"), (1280, "dark")] {
        browser.open(page, width, scheme);
        let widest = browser.evaluate("document.documentElement.scrollWidth");
        let widest = widest.as_u64().expect("a width is a number");
        assert!(widest <= u64::from(width), "{} is {widest} wide", page.display());
        let worst = browser.evaluate(WORST_CONTRAST);
        let ratio = worst["ratio"].as_f64().expect("there is text");
        // WCAG 2.2, success criterion 1.4.3.
        assert!(ratio >= 4.5, "{} in {scheme}: {worst}", page.display());
        let letters = browser.evaluate(SMALLEST_LETTERS).as_f64().expect("there are pictures");
        assert!(letters >= 12.0, "{}: {letters} pixels in {width}", page.display());
        assert_eq!(browser.complaints(), Vec::<&Value>::new());
        assert_eq!(browser.requested(), [url(page)]);
    }
}

/// Height of the smallest letters of all pictures, in pixels; a picture grows from 360 units.
const SMALLEST_LETTERS: &str = "Math.min(...[...document.querySelectorAll('figure > svg text')]
    .map(text => parseFloat(getComputedStyle(text).fontSize)
        * text.ownerSVGElement.getBoundingClientRect().width / 360))";

/// The text with the least contrast to its own background.
const WORST_CONTRAST: &str = "(() => {
    const light = rgb => rgb.map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const parts = color => color.match(/[\\d.]+/g).map(Number);
    const below = e => {
        for (; e; e = e.parentElement) {
            const [r, g, b, a = 1] = parts(getComputedStyle(e).backgroundColor);
            if (a > 0) return [r, g, b];
        }
        return [255, 255, 255];
    };
    const own = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    let worst = { ratio: 21, text: '' };
    for (const e of document.querySelectorAll('main *')) {
        if (!own(e) || ['title', 'desc'].includes(e.tagName)) continue;
        const style = getComputedStyle(e);
        const ink = parts(e instanceof SVGElement ? style.fill : style.color).slice(0, 3);
        const [dark, bright] = [light(ink), light(below(e))].sort((a, b) => a - b);
        const ratio = (bright + 0.05) / (dark + 0.05);
        if (ratio < worst.ratio) worst = { ratio, text: e.textContent.slice(0, 40) };
    }
    return worst;
})()";

/// Text of the page, for comparison with the record.
const SHOWN: &str = "({
    headline: document.querySelector('h1').innerText.replaceAll('\\u00a0', ' '),
    rows: Object.fromEntries([...document.querySelectorAll('.metrics tbody tr')].map(row =>
        [row.cells[0].innerText, [...row.cells].slice(1).map(cell => cell.innerText)])),
    titles: [...document.querySelectorAll('section > h2')].map(title => title.innerText),
    pictures: [...document.querySelectorAll('figure > svg')].map(svg =>
        svg.getAttribute('aria-labelledby').split(' ').map(id =>
            document.getElementById(id).textContent)),
    unnumbered: [...document.querySelectorAll('figure > svg')].filter(svg =>
        !svg.parentElement.querySelector('details table tbody tr')).length,
    tags: [...document.querySelectorAll('.matrix')].map(matrix =>
        [...matrix.querySelectorAll('tbody tr')].map(row =>
            [...row.querySelectorAll('.sent')].length)),
    command: document.querySelector('footer code').innerText,
})";

#[test]
fn the_page_of_a_run_shows_what_was_measured() {
    let Some(mut browser) = Browser::start() else { return };
    let (record, page) = page("two-arms", &["all-200s"]);
    fits_and_is_quiet(&mut browser, &page);
    let shown = browser.evaluate(SHOWN);
    assert_eq!(shown["headline"], "304 rate 0.0 % → 98.0 %; 94.0 % fewer bytes");
    let row = |label: &str| -> Vec<&str> {
        let cells = shown["rows"][label].as_array().into_iter().flatten();
        cells.filter_map(Value::as_str).collect()
    };
    assert_eq!(row("304 rate (conditional)"), ["0.0 % 0/490", "98.0 % 480/490", ""]);
    assert_eq!(row("needless 200s"), ["480", "0", ""]);
    let bytes = record["arms"][1]["bytes"]["responses"].to_string();
    assert_eq!(row("bytes to clients")[1].replace([',', ' ', 'B'], ""), bytes);
    // Before, a tag of one replica in each row; after, each row is full.
    assert_eq!(shown["tags"], serde_json::json!([[1, 1, 1, 1, 1, 1], [3, 3]]));
    assert_eq!(
        shown["titles"],
        serde_json::json!([
            "What was measured",
            "What it shows",
            "How each round of polls was answered",
            "Which replica sends which tag",
            "Bytes to the clients, summed up",
            "304 rate against replicas",
            "Latency of 200s and 304s",
        ])
    );
    let pictures = shown["pictures"].as_array().expect("a list");
    assert_eq!((pictures.len(), &shown["unnumbered"]), (6, &0.into()));
    let described = |picture: &Value| {
        picture.as_array().is_some_and(|words| {
            words.len() == 2
                && words.iter().all(|words| words.as_str().is_some_and(|w| !w.is_empty()))
        })
    };
    assert!(pictures.iter().all(described), "{pictures:?}");
    assert_eq!(shown["command"], record["command"]);
}

#[test]
fn pages_with_other_numbers_of_arms_fit_too() {
    let Some(mut browser) = Browser::start() else { return };
    let (record, six) = page("six-arms", &["scale-out", "--polls=4"]);
    fits_and_is_quiet(&mut browser, &six);
    let points = browser.evaluate("document.querySelectorAll('.point').length");
    assert_eq!(points, 6);
    let mut one = record;
    one["arms"].as_array_mut().expect("arms are a list").truncate(1);
    one["partial"] = true.into();
    let one = rendered("one-arm", &one);
    fits_and_is_quiet(&mut browser, &one);
    let headline = browser.evaluate("document.querySelector('h1').innerText");
    assert!(headline.as_str().is_some_and(|text| text.starts_with("Interrupted: ")), "{headline}");
}

#[test]
fn text_from_outside_stays_text_in_a_browser() {
    let Some(mut browser) = Browser::start() else { return };
    let (mut record, _) = page("tame", &["all-200s", "--polls=4"]);
    let hostile = "</title><img src=http://127.0.0.1:9/i onerror=alert(1)><script>alert(2)</script>\
                   \" style=\"background:url(http://127.0.0.1:9/s)";
    record["scenario"]["name"] = hostile.into();
    for arm in record["arms"].as_array_mut().expect("arms are a list") {
        arm["name"] = hostile.into();
        arm["replicas"][0]["sightings"][0]["entity_tag"] = hostile.into();
    }
    let page = rendered("hostile", &record);
    fits_and_is_quiet(&mut browser, &page);
    assert_eq!(browser.evaluate("document.images.length + document.scripts.length"), 0);
    let name = browser.evaluate("document.querySelector('figcaption b').textContent");
    assert_eq!(name, hostile);
}

/// That silence in the tests above means something.
#[test]
fn a_page_that_loads_and_throws_would_be_noticed() {
    let Some(mut browser) = Browser::start() else { return };
    let loud = home().join("loud.html");
    let image = "http://127.0.0.1:9/missing.png";
    let source = format!("<!doctype html><img src={image}><script>missing()</script>");
    std::fs::write(&loud, source).expect("written");
    browser.open(&loud, 400, "light");
    assert!(browser.complaints().iter().any(|c| c["exceptionDetails"].is_object()));
    assert!(browser.requested().contains(&image), "{:?}", browser.requested());
}
