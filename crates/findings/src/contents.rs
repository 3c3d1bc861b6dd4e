//! Relations between contents that differ: the place, whether only the order differs, and whether
//! they belong to replicas or to moments. Pure; shows positions, never the content itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use measure::Unnumbered;
use serde_json::Value;

use crate::evidence::{Fingerprint, opaque};
use crate::explanation::RARE;
use crate::view::{ContentKey, FullResponse, View};

/// Place where two contents differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContentDifference {
    /// The first byte that differs, counted from 0.
    pub(crate) offset: usize,
    /// The first value that differs, when both are JSON: `$.build.host`.
    path: Option<String>,
    /// True if both hold the same things in another order.
    pub(crate) reordered: bool,
}

impl fmt::Display for ContentDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from byte {} on", self.offset)?;
        self.path.iter().try_for_each(|path| write!(f, ", at {path}"))
    }
}

/// Compares two contents, or the same beginnings of two long ones.
pub(crate) fn compare(one: &[u8], two: &[u8]) -> ContentDifference {
    let offset = one.iter().zip(two).position(|(a, b)| a != b).unwrap_or(one.len().min(two.len()));
    let (Ok(a), Ok(b)) = (serde_json::from_slice(one), serde_json::from_slice(two)) else {
        return ContentDifference { offset, path: None, reordered: same_words(one, two) };
    };
    let reordered = sorted(&a) == sorted(&b) && one.len() == two.len();
    ContentDifference { offset, path: first_difference(&a, &b, "$"), reordered }
}

/// Reports whether all contents that were kept are one content in several orders.
pub(crate) fn are_reordered(view: &View<'_>) -> bool {
    let samples = samples(view);
    samples.len() > 1 && samples.iter().skip(1).all(|sample| compare(samples[0], sample).reordered)
}

/// Place where contents of a run without editions differ, as far as two of them were kept.
pub(crate) fn place_in_run(contents: Unnumbered<'_>) -> Option<ContentDifference> {
    let mut samples = contents.samples();
    Some(compare(samples.next()?, samples.next()?))
}

/// Place where the first two contents differ.
pub(crate) fn place(view: &View<'_>) -> Option<ContentDifference> {
    let samples = samples(view);
    Some(compare(samples.first()?, samples.get(1)?))
}

fn samples<'a>(view: &View<'a>) -> Vec<&'a Vec<u8>> {
    view.contents().iter().filter_map(|content| view.evidence.samples.get(content)).collect()
}

/// Owners of several contents; what says most is greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flow {
    /// There is one, or none was seen.
    Steady,
    /// One followed the other.
    Moments,
    /// Each response had its own.
    EveryResponse,
    /// They come back: each replica has its own.
    Replicas,
}

/// Tells replicas from moments: contents of replicas come back, those of moments do not.
pub fn flow(view: &View<'_>) -> Flow {
    let full = || view.full.iter().filter(|seen| !seen.is_copy);
    let content = |seen: &FullResponse<'_>| match seen.key {
        Some(ContentKey::Known(content)) => Some((seen.exchange.lane, content)),
        _ => None,
    };
    let all: Vec<_> = full().filter_map(content).collect();
    // What a cache fetched anew is all that is seen of the server.
    let is_cached = view.full.iter().any(|seen| seen.is_copy);
    let codings: BTreeSet<_> = full().map(|seen| seen.coding.as_str()).collect();
    // Each coding by itself: a cache may hold an older content in one than in the other.
    let of_coding = |coding: &&str| {
        let seen = full().filter(|seen| seen.coding == **coding);
        flow_of(&seen.filter_map(content).collect::<Vec<_>>(), is_cached)
    };
    match codings.iter().map(of_coding).max() {
        Some(Flow::Steady) => match flow_of(&all, is_cached) {
            Flow::Replicas => Flow::Moments,
            flow => flow,
        },
        // All codings, and all replays, show whether one replaced the other.
        Some(Flow::Replicas) if !are_of_replicas(&with_replays(view)) => Flow::Moments,
        flow => flow.unwrap_or(Flow::Steady),
    }
}

/// Reports whether plain responses share one content, before and after compressed ones with another.
pub(crate) fn goes_with_coding(view: &View<'_>) -> bool {
    let (coded, plain) = view.coded_and_plain();
    let contents = |of: &[&FullResponse<'_>]| -> BTreeSet<_> {
        of.iter().filter_map(|seen| Some(seen.digests()?.sha256)).collect()
    };
    let (coded_ones, plain_ones) = (contents(&coded), contents(&plain));
    let places = |of: &[&FullResponse<'_>]| {
        let places = || of.iter().map(|seen| seen.place);
        places().min().zip(places().max())
    };
    let (Some(within), Some(around)) = (places(&coded), places(&plain)) else { return false };
    coded_ones.len() == 1
        && plain_ones.len() == 1
        && coded_ones != plain_ones
        && coded.len() > 1
        && plain.len() > 3
        && around.0 < within.0
        && within.1 < around.1
}

/// Contents in the order of their requests with the lane they came by, those included for which a
/// replay of their tag got a 304.
fn with_replays(view: &View<'_>) -> Vec<(usize, Fingerprint)> {
    let mut tags: BTreeMap<&[u8], BTreeSet<Fingerprint>> = BTreeMap::new();
    let mut met: Vec<(usize, usize, Fingerprint)> = Vec::new();
    for seen in view.full.iter().filter(|seen| !seen.is_copy) {
        let Some(ContentKey::Known(content)) = seen.key else { continue };
        met.push((seen.place, seen.exchange.lane, content));
        if let Some(tag) = seen.tag {
            tags.entry(opaque(tag)).or_default().insert(content);
        }
    }
    let stands_for = |sent: &[u8]| {
        let contents = tags.get(opaque(sent)).filter(|contents| contents.len() == 1)?;
        contents.first().copied()
    };
    for (place, seen, answer) in view.placed() {
        let [sent] = seen.asked.none_match.as_slice() else { continue };
        if let Some(content) = stands_for(sent).filter(|_| answer.status == 304)
            && !view.is_copy(place)
        {
            met.push((place, seen.lane, content));
        }
    }
    met.sort_unstable();
    met.into_iter().map(|(_, lane, content)| (lane, content)).collect()
}

/// The same for contents in the order of their requests, each with the lane it came by.
fn flow_of(sequence: &[(usize, Fingerprint)], is_cached: bool) -> Flow {
    let distinct: BTreeSet<_> = sequence.iter().map(|(_, content)| content).collect();
    if distinct.len() < 2 {
        return Flow::Steady;
    }
    // Fewer responses may each have come from a replica of its own. Padding of random length, or a
    // clock, repeats now and then: so many replicas would have to be there that nobody has them.
    let (different, all) = (distinct.len(), sequence.len());
    let enough = if is_cached { 3 } else { 6 };
    if (different == all && all >= enough) || (different * 3 > all * 2 && all >= 18) {
        return Flow::EveryResponse;
    }
    if are_of_replicas(sequence) { Flow::Replicas } else { Flow::Moments }
}

fn are_of_replicas(sequence: &[(usize, Fingerprint)]) -> bool {
    let contents: Vec<_> = sequence.iter().map(|(_, content)| *content).collect();
    differs_by_lane(sequence) || (comes_back(contents.iter()) && standing(&contents) > 1)
}

/// Number of labels that neither vanished nor appeared meanwhile: those of a rollout do, and those of
/// replicas are met to the end.
pub(crate) fn standing<T: Copy + Ord>(sequence: &[T]) -> usize {
    let mut spans: BTreeMap<T, (usize, usize, i32)> = BTreeMap::new();
    for (place, label) in sequence.iter().enumerate() {
        let (_, last, count) = spans.entry(*label).or_insert((place, place, 0));
        (*last, *count) = (place, *count + 1);
    }
    let stands = |&(first, last, count): &(usize, usize, i32)| {
        let share = f64::from(count) / (last - first + 2) as f64;
        // What has others on both sides neither began nor ended a rollout: the shorter one counts.
        let silent = match (first, sequence.len() - 1 - last) {
            (0, silent) | (silent, 0) => silent,
            (before, after) => before.min(after),
        };
        // Were it one that is still there, it would have been met as often as before.
        (1.0 - share).powi(i32::try_from(silent).unwrap_or(i32::MAX)) >= RARE
    };
    spans.values().filter(|span| stands(span)).count()
}

/// Reports whether a few tags of one content were met one after the other, so that only further looks
/// tell workers that take connections in clumps from moments.
pub fn may_tags_return(view: &View<'_>) -> bool {
    /// So many are new with time: seconds, or a count.
    const FEW: std::ops::RangeInclusive<usize> = 2..=6;
    let plain = view.full.iter().filter(|seen| !seen.is_coded() && !seen.is_copy);
    let tags: Vec<_> = plain.filter_map(|seen| seen.tag).map(opaque).collect();
    let distinct = tags.iter().collect::<BTreeSet<_>>().len();
    // One that comes back has to stay for a while, to be none of a deployment.
    let last = tags.chunk_by(|one, next| one == next).last().map_or(0, <[_]>::len);
    let known = if last < LONG_RUN { tags.len() - last } else { tags.len() };
    FEW.contains(&distinct) && flow(view) == Flow::Steady && !comes_back(tags[..known].iter())
}

/// Responses in a row by which workers that take connections in clumps are known.
pub(crate) const LONG_RUN: usize = 4;

/// Reports whether each lane keeps to one content, asked more than once; there are several.
fn differs_by_lane(sequence: &[(usize, Fingerprint)]) -> bool {
    let mut lanes: BTreeMap<usize, Vec<Fingerprint>> = BTreeMap::new();
    for (lane, content) in sequence {
        lanes.entry(*lane).or_default().push(*content);
    }
    lanes.values().all(|contents| {
        contents.len() > 1 && contents.iter().all(|content| *content == contents[0])
    })
}

/// Reports whether something was met again after something else.
pub(crate) fn comes_back<T: Copy + Ord>(sequence: impl IntoIterator<Item = T>) -> bool {
    let (mut last, mut left) = (None, BTreeSet::new());
    sequence.into_iter().any(|met| {
        if last != Some(met) {
            left.extend(last.replace(met));
        }
        left.contains(&met)
    })
}

fn first_difference(one: &Value, two: &Value, path: &str) -> Option<String> {
    match (one, two) {
        (Value::Object(one), Value::Object(two)) => {
            let names: BTreeSet<_> = one.keys().chain(two.keys()).collect();
            names.into_iter().find_map(|name| {
                let path = format!("{path}.{name}");
                match (one.get(name), two.get(name)) {
                    (Some(one), Some(two)) => first_difference(one, two, &path),
                    _ => Some(path),
                }
            })
        }
        (Value::Array(one), Value::Array(two)) => {
            let longer = one.len().max(two.len());
            (0..longer).find_map(|index| {
                let path = format!("{path}[{index}]");
                match (one.get(index), two.get(index)) {
                    (Some(one), Some(two)) => first_difference(one, two, &path),
                    _ => Some(path),
                }
            })
        }
        _ => (one != two).then(|| path.to_owned()),
    }
}

/// The value with its lists and objects in one order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(members) => {
            let mut members: Vec<_> = members.iter().map(sorted).collect();
            members.sort_by_cached_key(ToString::to_string);
            Value::Array(members)
        }
        Value::Object(members) => {
            let mut pairs: Vec<_> = members.iter().map(|(k, v)| (k.clone(), sorted(v))).collect();
            pairs.sort_by(|one, two| one.0.cmp(&two.0));
            Value::Object(pairs.into_iter().collect())
        }
        plain => plain.clone(),
    }
}

/// Reports whether two texts consist of the same words.
fn same_words(one: &[u8], two: &[u8]) -> bool {
    let words = |text: &[u8]| {
        let mut words: Vec<Vec<u8>> = text
            .split(|byte| byte.is_ascii_whitespace() || b",;&{}<>[]()".contains(byte))
            .filter(|word| !word.is_empty())
            .map(<[u8]>::to_vec)
            .collect();
        words.sort();
        words
    };
    one.len() == two.len() && {
        let words_of_one = words(one);
        // One word or two are a value, not data without an order.
        words_of_one.len() > 2 && words_of_one == words(two)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::evidence;

    fn check(one: &str, two: &str, offset: usize, path: Option<&str>, reordered: bool) {
        let path = path.map(str::to_owned);
        let place = ContentDifference { offset, path, reordered };
        assert_eq!(compare(one.as_bytes(), two.as_bytes()), place, "{one} {two}");
    }

    /// Contents as letters; lanes in turns.
    fn check_flow(contents: &str, lanes: usize, expected: Flow) {
        let sequence: Vec<_> =
            contents.bytes().enumerate().map(|(at, letter)| (at % lanes, [letter; 32])).collect();
        assert_eq!(flow_of(&sequence, false), expected, "{contents} by {lanes} lanes");
    }

    #[test]
    fn contents_of_replicas_come_back_and_those_of_moments_do_not() {
        check_flow("", 1, Flow::Steady);
        check_flow("aaaaaaaa", 1, Flow::Steady);
        check_flow("abababab", 1, Flow::Replicas);
        check_flow("aabacbbcac", 1, Flow::Replicas);
        check_flow("aaaaabbbbb", 1, Flow::Moments);
        check_flow("aaaabaabbbbb", 1, Flow::Moments);
        // A rollout that was quick, one under way, and a replica that is seldom met.
        check_flow("aaaaabaababbbbbbbbbbbbbbbbbbbbbbbb", 1, Flow::Moments);
        check_flow("aaaaaaaaaaaaaaaaabab", 1, Flow::Moments);
        check_flow("aaaabaaaaaaaabaaaaaaaa", 1, Flow::Replicas);
        check_flow("aabbccddee", 1, Flow::Moments);
        check_flow("abcdefgh", 1, Flow::EveryResponse);
        // Padding repeats by chance; 18 replicas in turn do so in order.
        check_flow("abcdefghijaklmnobpqrstc", 1, Flow::EveryResponse);
        check_flow("abcdefabcdefabcdefabcd", 1, Flow::Replicas);
        check_flow("abab", 2, Flow::Replicas);
        check_flow("aabb", 2, Flow::Moments);
    }

    #[test]
    fn tags_that_followed_one_another_may_return() {
        let met = |tags: &str| {
            let line = |tag| format!("-> 200; ETag: \"{tag}\" | hello\n");
            let evidence = evidence(&tags.chars().map(line).collect::<String>());
            may_tags_return(&View::of(&evidence))
        };
        assert!(met("aaaaaaaabbbbbbbbbcccc"));
        assert!(met("aaaaaaaabbbbbbbbbccccaa"));
        for told in ["aaaaaaaa", "aaaabbbbaaaa", "abcdefghijk"] {
            assert!(!met(told), "{told}");
        }
    }

    #[test]
    fn a_difference_is_located() {
        check(r#"{"a":1,"b":{"c":2}}"#, r#"{"a":1,"b":{"c":3}}"#, 16, Some("$.b.c"), false);
        check("[1,2]", "[1,2,3]", 4, Some("$[2]"), false);
        check("hello one", "hello two", 6, None, false);
        check("short", "shorter", 5, None, false);
    }

    #[test]
    fn another_order_is_told_from_other_content() {
        check(r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#, 2, None, true);
        check("[1,2,3]", "[3,1,2]", 1, Some("$[0]"), true);
        check("a -> b;\nc -> d;\n", "c -> d;\na -> b;\n", 0, None, true);
    }
}
