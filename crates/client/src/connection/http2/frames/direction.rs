//! One direction of a connection, cut into frames.

/// Octets in front of each frame.
const HEADER: usize = 9;

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const CONTINUATION: u8 = 9;
pub(super) const PADDED: u8 = 0x8;
pub(super) const PRIORITY: u8 = 0x20;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) stream: u32,
}

impl Frame {
    pub(super) fn is_message(self) -> bool {
        matches!(self.kind, DATA | HEADERS | CONTINUATION)
    }
}

pub(super) enum Event {
    Begins(Frame),
    /// So many octets of a message.
    Carries(Frame, u64),
}

/// Octets of the present frame that are still to come, in this order.
#[derive(Clone, Copy, Debug, Default)]
struct Left {
    /// 1 where the length of the padding comes first.
    padding_length: u64,
    /// Octets that prioritise.
    priority: u64,
    message: u64,
    /// Padding, or the whole of a frame that carries no message.
    rest: u64,
}

/// Frames in one direction, as far as they have come.
#[derive(Debug, Default)]
pub(super) struct Direction {
    header: [u8; HEADER],
    known: usize,
    frame: Frame,
    left: Left,
}

impl Direction {
    /// A direction in which so many octets come before the first frame.
    pub(super) fn after(rest: u64) -> Self {
        Self { left: Left { rest, ..Left::default() }, ..Self::default() }
    }

    /// Takes octets as they come, and tells of what they are part of.
    pub(super) fn pass(&mut self, mut octets: &[u8], mut on: impl FnMut(Event)) {
        while !octets.is_empty() {
            let left = &mut self.left;
            if left.padding_length > 0 {
                let padding = u64::from(octets[0]).min(left.message);
                (left.padding_length, left.message, left.rest) =
                    (0, left.message - padding, padding);
                octets = &octets[1..];
            } else if left.priority > 0 {
                skip(&mut octets, &mut left.priority);
            } else if left.message > 0 {
                let count = skip(&mut octets, &mut left.message);
                on(Event::Carries(self.frame, count));
            } else if left.rest > 0 {
                skip(&mut octets, &mut left.rest);
            } else {
                // A header may come in pieces, as any octets do.
                let count = octets.len().min(HEADER - self.known);
                self.header[self.known..self.known + count].copy_from_slice(&octets[..count]);
                (self.known, octets) = (self.known + count, &octets[count..]);
                if self.known == HEADER {
                    self.begin();
                    on(Event::Begins(self.frame));
                }
            }
        }
    }

    fn begin(&mut self) {
        let number = |octets: &[u8]| {
            octets.iter().fold(0, |number: u32, octet| number << 8 | u32::from(*octet))
        };
        let (length, kind, flags) = (number(&self.header[..3]), self.header[3], self.header[4]);
        // The first bit of the number of a stream is reserved.
        self.frame = Frame { kind, stream: number(&self.header[5..]) & 0x7fff_ffff };
        (self.known, self.left) = (0, Left::default());
        let length = u64::from(length);
        if !self.frame.is_message() {
            self.left.rest = length;
            return;
        }
        let is_padded = flags & PADDED != 0 && kind != CONTINUATION;
        let padding_length = u64::from(is_padded).min(length);
        let has_priority = flags & PRIORITY != 0 && kind == HEADERS;
        let priority = if has_priority { 5.min(length - padding_length) } else { 0 };
        let message = length - padding_length - priority;
        self.left = Left { padding_length, priority, message, rest: 0 };
    }
}

/// Takes as many octets as are left; returns their number.
fn skip(octets: &mut &[u8], left: &mut u64) -> u64 {
    let count = (octets.len() as u64).min(*left);
    *octets = &octets[count as usize..];
    *left -= count;
    count
}
