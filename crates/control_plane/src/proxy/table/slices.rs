//! Many short texts in one buffer: four bytes for each beside its own, and no allocation.
//!
//! A table of a million routes is a few of these, where a string for each would cost more than the
//! routes themselves.

use super::RouteError;

/// Texts one behind the other, each known by its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Slices {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Slices {
    /// Room for so many bytes, of which none is used before it is written.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve(bytes);
    }

    pub(super) fn push(&mut self, text: &[u8]) -> Result<(), RouteError> {
        self.write(|bytes| {
            bytes.extend_from_slice(text);
            Ok(())
        })
    }

    /// Adds what `write` appends; nothing where it fails.
    pub(super) fn write(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), RouteError>,
    ) -> Result<(), RouteError> {
        let before = self.bytes.len();
        let written = write(&mut self.bytes)
            .and_then(|()| u32::try_from(self.bytes.len()).map_err(|_| RouteError::TooLarge));
        let end = written.inspect_err(|_| self.bytes.truncate(before))?;
        self.ends.push(end);
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, number: usize) -> &[u8] {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start as usize..self.ends[number] as usize]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|number| self.get(number))
    }

    /// These of them, in this order.
    pub(super) fn picked(&self, numbers: impl Iterator<Item = usize>) -> Self {
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut ends = Vec::with_capacity(self.len());
        for number in numbers {
            bytes.extend_from_slice(self.get(number));
            ends.push(u32::try_from(bytes.len()).expect("they are no more than these"));
        }
        Self { bytes, ends }
    }

    /// The number of a text among texts in order.
    pub(super) fn find(&self, text: &[u8]) -> Option<usize> {
        let at = partition(self.len(), |number| self.get(number) < text);
        (at < self.len() && self.get(at) == text).then_some(at)
    }

    /// Length of what all texts have in common.
    pub(super) fn shared_prefix(&self) -> usize {
        let mut all = self.iter();
        let first = all.next().unwrap_or_default();
        let shared = |shared: usize, text: &[u8]| {
            let both = first[..shared].iter().zip(text);
            both.take_while(|(one, other)| one == other).count()
        };
        all.fold(first.len(), shared)
    }
}

/// The first of `0..end` for which `is_before`, true of a beginning of them, is false.
pub(super) fn partition(end: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = low.midpoint(high);
        if is_before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slices(texts: &[&str]) -> Slices {
        let mut slices = Slices::default();
        for text in texts {
            slices.push(text.as_bytes()).expect("they are small");
        }
        slices
    }

    #[test]
    fn texts_are_found_by_number_and_in_order_by_themselves() {
        let texts = slices(&["", "a", "ab", "b"]);
        assert_eq!(texts.iter().collect::<Vec<_>>(), [&b""[..], b"a", b"ab", b"b"]);
        for number in 0..4 {
            assert_eq!(texts.find(texts.get(number)), Some(number));
        }
        assert_eq!(
            (texts.find(b"aa"), texts.find(b"c"), Slices::default().find(b"")),
            (None, None, None)
        );
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let mut texts = slices(&["a"]);
        let failed = texts.write(|bytes| {
            bytes.push(b'x');
            Err(RouteError::Unnamed)
        });
        assert!(failed.is_err());
        texts.push(b"b").expect("it is small");
        assert_eq!(texts.iter().collect::<Vec<_>>(), [b"a", b"b"]);
    }

    #[test]
    fn the_shared_prefix_is_that_of_all() {
        for (texts, expected) in
            [(&[][..], 0), (&["abc"], 3), (&["route-1", "route-22", "route-"], 6), (&["a", ""], 0)]
        {
            assert_eq!(slices(texts).shared_prefix(), expected, "{texts:?}");
        }
    }
}
