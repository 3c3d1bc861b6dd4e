//! `Accept-Encoding` (RFC 9110 §12.5.3, §12.4.2).
//!
//! The model makes a list of everything that could be sent, and sorts it.

use std::cmp::Reverse;

use etag_lab_semantics::Coding;
use etag_lab_semantics::coding::preferred;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::cases::config;
use super::lines::{Text, trimmed};
use super::near::near;

fn model(lines: &[Text], offer: &[Coding]) -> Option<Coding> {
    let members: Vec<_> =
        lines.iter().flat_map(|line| line.split(|octet| *octet == b',')).collect();
    let members: Vec<_> = members.into_iter().map(member).collect();
    let said = |names: &[&str]| {
        let is_named = |(name, _): &&(String, u16)| names.contains(&name.as_str());
        members.iter().filter(is_named).map(|(_, quality)| *quality).min()
    };
    let quality = |names: &[&str]| said(names).or(said(&["*"])).unwrap_or(0);
    let names = |coding: &Coding| match coding {
        Coding::Gzip => &["gzip", "x-gzip"][..],
        Coding::Br => &["br"],
        Coding::Zstd => &["zstd"],
    };
    let coded = offer.iter().map(|coding| (quality(names(coding)), Some(*coding)));
    let mut sendable: Vec<_> = coded.chain([(quality(&["identity"]), None)]).collect();
    // Stable, so that what is first on offer stays first, and identity last.
    sendable.sort_by_key(|(quality, _)| Reverse(*quality));
    let (quality, coding) = sendable[0];
    if quality == 0 { None } else { coding }
}

/// The name in lower case, and the quality in thousandths.
fn member(text: &[u8]) -> (String, u16) {
    let (name, weight) = match text.iter().position(|octet| *octet == b';') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let name = trimmed(name).escape_ascii().to_string().to_ascii_lowercase();
    (name, weight.map_or(1_000, |weight| quality(trimmed(weight))))
}

/// By looking for the one quality that is written like this; what is not written is a refusal.
fn quality(weight: &[u8]) -> u16 {
    let Some((b"q=" | b"Q=", value)) = weight.split_at_checked(2) else { return 0 };
    let is_written = |thousandths: &u16| {
        let full = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
        let is_a_beginning = full.as_bytes().starts_with(value) && !value.is_empty();
        is_a_beginning && full.as_bytes()[value.len()..].iter().all(|octet| b".0".contains(octet))
    };
    (0..=1_000).rev().find(is_written).unwrap_or(0)
}

const NAMES: &[&str] =
    &["gzip", "gzip", "x-gzip", "br", "br", "zstd", "identity", "*", "deflate", "GZIP"];
const WEIGHTS: &[&str] = &[
    "",
    "",
    "",
    ";q=0",
    ";q=1",
    ";q=0.5",
    ";q=0.499",
    "; q=0.5",
    " ;Q=0.9",
    ";q=0.000",
    ";q=0.5000",
];

fn lines() -> impl Strategy<Value = Vec<Text>> {
    let member =
        (select(NAMES), select(WEIGHTS)).prop_map(|(name, weight)| format!("{name}{weight}"));
    let separator = select(&[",", ", ", " ,\t", ",,"][..]);
    let valid = (vec(member, 0..5), separator)
        .prop_map(|(members, separator)| members.join(separator).into());
    prop_oneof![
        6 => vec(near(valid, b"qQ=;;,.019 \tgzipbr*-"), 1..2),
        1 => Just(Vec::new()),
        2 => vec("(gzip|br|zstd)(;q=[01](\\.[0-9]{0,3})?)?".prop_map(Text::from), 2..4),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_preferred_coding_is_the_models(
        lines in lines(),
        offer in subsequence(Coding::ALL.to_vec(), 0..=3).prop_shuffle(),
    ) {
        let chosen = preferred(lines.iter().map(|line| &**line), offer.iter().copied());
        prop_assert_eq!(chosen, model(&lines, &offer));
    }
}
