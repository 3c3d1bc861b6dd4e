//! The page on a wall: letters for the last row, contrast by day and by night, and nothing that runs over.

use serde_json::Value;

use super::Room;

/// The smallest letters that are shown, in pixels, and the text.
const SMALLEST: &str = "(() => {
    let worst = [999, ''];
    for (const e of document.querySelectorAll('body *')) {
        const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!own || !e.checkVisibility() || e.classList.contains('unseen')) continue;
        const size = parseFloat(getComputedStyle(e).fontSize);
        if (size < worst[0]) worst = [size, e.textContent.slice(0, 30)];
    }
    return worst;
})()";

/// Elements that reach beyond the window, or whose text does not fit.
const OVER: &str = "(() => {
    const over = [];
    for (const e of document.querySelectorAll('header, main, section, nav, button, select, .node, #number, #three')) {
        if (!e.checkVisibility()) continue;
        const box = e.getBoundingClientRect();
        if (box.right > innerWidth + 1 || box.bottom > innerHeight + 1) over.push(e.id || e.className || e.tagName);
    }
    const number = document.getElementById('number').getBoundingClientRect();
    const score = document.getElementById('score').getBoundingClientRect();
    if (number.right > score.right || number.left < score.left) over.push('number');
    return over;
})()";

/// The text with the least contrast to its own background (WCAG 2.2, success criterion 1.4.3).
const CONTRAST: &str = "(() => {
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
    let worst = [21, ''];
    for (const e of document.querySelectorAll('body *')) {
        const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!own || !e.checkVisibility()) continue;
        const [dark, bright] = [light(parts(getComputedStyle(e).color).slice(0, 3)), light(below(e))].sort((a, b) => a - b);
        const ratio = (bright + 0.05) / (dark + 0.05);
        if (ratio < worst[0]) worst = [ratio, e.textContent.slice(0, 30)];
    }
    return worst;
})()";

fn check(room: &mut Room, size: [u32; 2], scheme: &str, motion: &str) {
    let media = [("prefers-color-scheme", scheme), ("prefers-reduced-motion", motion)];
    room.browser.emulate(size, &media);
    let smallest = room.browser.evaluate(SMALLEST);
    // 28 pixels of 1080, and in proportion.
    let least = 28.0 * f64::from(size[1]) / 1080.0;
    assert!(smallest[0].as_f64() >= Some(least), "{size:?}: {smallest}");
    assert_eq!(room.browser.evaluate(OVER), Value::Array(Vec::new()), "{size:?}");
    let contrast = room.browser.evaluate(CONTRAST);
    assert!(contrast[0].as_f64() >= Some(4.5), "{scheme}: {contrast}");
    let drawn = if motion == "reduce" { "bars" } else { "marks" };
    room.until(
        "how polls are drawn",
        &format!("document.getElementById('lanes').dataset.drawn === '{drawn}'"),
    );
}

#[test]
fn the_page_is_read_from_the_last_row() {
    let Some(mut room) = Room::open(&["--price", "0.09/GB", "--rate", "20"]) else { return };
    for size in [[1920, 1080], [1280, 720]] {
        for scheme in ["light", "dark"] {
            for motion in ["no-preference", "reduce"] {
                check(&mut room, size, scheme, motion);
            }
        }
    }
    room.press("b");
    room.press("m");
    room.until_rate("broken", 0.0, 0.05);
    check(&mut room, [1920, 1080], "light", "no-preference");
    let requested = room.browser.requested().join(" ");
    let own = room.url.clone();
    assert!(requested.split(' ').all(|url| url.starts_with(&own) || url.starts_with("data:")));
    assert_eq!(room.browser.complaints(), Vec::<&Value>::new());
}
