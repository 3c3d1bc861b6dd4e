//! Nearly valid text: something valid, and a few octets of it changed.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::lines::Text;

/// One change of a text.
#[derive(Clone, Debug)]
enum Edit {
    Delete(Index),
    Insert(Index, u8),
    Replace(Index, u8),
    FlipCase(Index),
    Swap(Index),
    /// The octets from one place on once more, at the end.
    Repeat(Index),
}

/// `valid` as it is, or after up to three changes with octets of `alphabet`.
pub(crate) fn near(
    valid: impl Strategy<Value = Text>,
    alphabet: &'static [u8],
) -> impl Strategy<Value = Text> {
    (valid, vec(edit(alphabet), 0..4))
        .prop_map(|(text, edits)| Text(edits.iter().fold(text.0, edited)))
}

fn edit(alphabet: &'static [u8]) -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    let octet = || prop_oneof![9 => select(alphabet), 1 => any::<u8>()];
    prop_oneof![
        at().prop_map(Edit::Delete),
        (at(), octet()).prop_map(|(at, octet)| Edit::Insert(at, octet)),
        (at(), octet()).prop_map(|(at, octet)| Edit::Replace(at, octet)),
        at().prop_map(Edit::FlipCase),
        at().prop_map(Edit::Swap),
        at().prop_map(Edit::Repeat),
    ]
}

fn edited(mut text: Vec<u8>, edit: &Edit) -> Vec<u8> {
    let length = text.len();
    match edit {
        Edit::Insert(at, octet) => text.insert(at.index(length + 1), *octet),
        _ if length == 0 => {}
        Edit::Delete(at) => drop(text.remove(at.index(length))),
        Edit::Replace(at, octet) => text[at.index(length)] = *octet,
        Edit::FlipCase(at) => text[at.index(length)] ^= 0x20,
        Edit::Swap(at) => text.swap(at.index(length), (at.index(length) + 1) % length),
        Edit::Repeat(at) => text.extend_from_within(at.index(length)..),
    }
    text
}
