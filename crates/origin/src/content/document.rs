//! The configuration itself: features, endpoints and limits of a shop, one line each.
//!
//! What an edition changes has the same width in every edition, so that the size never moves.

const NOUNS: &[&str] = &[
    "checkout", "cart", "search", "catalog", "pricing", "login", "returns", "wishlist", "reviews",
];
const TRAITS: &[&str] =
    &["express", "preview", "fallback", "legacy", "mobile", "personal", "regional", "dark-mode"];
const OWNERS: &[&str] = &["payments", "discovery", "identity", "logistics", "platform"];
const REGIONS: &[&str] = &["eu-central", "eu-north", "us-east", "us-west", "ap-south"];
const UNITS: &[&str] = &["requests_per_second", "connections", "items_per_page", "retries"];

// One feature in so many has another rollout in every edition.
const FEATURES_PER_MOVING_ROLLOUT: u64 = 8;

const BEFORE_PADDING: &str = ",\n  \"padding\": \"";
const AFTER_PADDING: &str = "\"\n}\n";

/// A section's name, how to write its line of some number, and the share of the content's bytes
/// that is used up, in percent, when it ends.
type Section = (&'static str, fn(&mut Draws, usize, u32) -> String, usize);

const SECTIONS: [Section; 3] =
    [("features", feature, 60), ("endpoints", endpoint, 80), ("limits", limit, 100)];

/// A configuration of exactly `size_bytes`; `None` where not even one line finds room.
pub(crate) fn write(size_bytes: usize, seed: u64, edition: u32) -> Option<String> {
    let mut draws = Draws::seeded(seed);
    let mut text = format!("{{\n  \"service\": \"storefront\",\n  \"revision\": \"{edition:08x}\"");
    let for_lines = size_bytes.checked_sub(BEFORE_PADDING.len() + AFTER_PADDING.len())?;
    let head_bytes = text.len();
    for (name, line, until_percent) in SECTIONS {
        let end = for_lines / 100 * until_percent;
        push_section(&mut text, name, end, |number| line(&mut draws, number, edition));
    }
    if text.len() == head_bytes {
        return None;
    }
    let padding_bytes = for_lines.checked_sub(text.len())?;
    text.push_str(BEFORE_PADDING);
    text.extend(std::iter::repeat_n('.', padding_bytes));
    text.push_str(AFTER_PADDING);
    Some(text)
}

/// Appends a section with as many lines as end before `end`; nothing at all if none does.
fn push_section(text: &mut String, name: &str, end: usize, mut line: impl FnMut(usize) -> String) {
    const CLOSING: &str = "\n  }";
    let mut before = format!(",\n  \"{name}\": {{\n    ");
    for number in 1.. {
        let line = line(number);
        let section_end = text.len() + before.len() + line.len() + CLOSING.len();
        if section_end > end {
            if number > 1 {
                text.push_str(CLOSING);
            }
            return;
        }
        text.push_str(&before);
        text.push_str(&line);
        ",\n    ".clone_into(&mut before);
    }
}

fn feature(draws: &mut Draws, number: usize, edition: u32) -> String {
    let (noun, aspect) = (draws.one_of(NOUNS), draws.one_of(TRAITS));
    let (owner, enabled) = (draws.one_of(OWNERS), draws.below(4) > 0);
    let steps = if draws.below(FEATURES_PER_MOVING_ROLLOUT) == 0 { u64::from(edition) } else { 0 };
    // Two digits always.
    let rollout = 10 + (draws.below(90) + 7 * steps) % 90;
    format!(
        r#""{noun}.{aspect}-{number}": {{ "enabled": {enabled}, "rollout_percent": {rollout}, "owner": "{owner}" }}"#
    )
}

fn endpoint(draws: &mut Draws, number: usize, _edition: u32) -> String {
    let (noun, region) = (draws.one_of(NOUNS), draws.one_of(REGIONS));
    let timeout_ms = (1 + draws.below(20)) * 250;
    format!(
        r#""{noun}-{number}": {{ "url": "https://{noun}.{region}.example/v2", "timeout_ms": {timeout_ms} }}"#
    )
}

fn limit(draws: &mut Draws, number: usize, _edition: u32) -> String {
    let (noun, unit) = (draws.one_of(NOUNS), draws.one_of(UNITS));
    let (soft, more) = ((1 + draws.below(40)) * 5, draws.below(20) * 5);
    let hard = soft + more;
    format!(r#""{noun}-{number}": {{ "unit": "{unit}", "soft": {soft}, "hard": {hard} }}"#)
}

/// A stream of seeded draws: `SplitMix64` (Steele, Lea and Flood 2014).
struct Draws(u64);

impl Draws {
    fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        // Good enough to choose words, and never to be changed: samples depend on it.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which must not be 0.
    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len() as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        let mut draws = Draws::seeded(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| draws.next()).collect();
        let published =
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(first, published);
    }
}
