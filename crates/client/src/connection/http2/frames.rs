//! Octets of frames (RFC 9113 §4.1), counted as they pass: those of messages by stream, all others as
//! framing.
//!
//! Reads frame headers alone, and decides nothing but when a server sends too much that is no response.

mod direction;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use measure::ErrorReason;
use measure::record::FramingBytes;

use direction::{DATA, Direction, Event};

/// What a client sends before its first frame (§3.4).
const PREFACE: u64 = 24;

const SETTINGS: u8 = 4;

/// Frames in a row that carry no message, and that a server may send: more than any has reason to.
const MOST_WITHOUT_MESSAGE: u32 = 10_000;

const OTHER: ErrorReason = ErrorReason::Http2("the server does not speak HTTP/2");
const FLOOD: ErrorReason =
    ErrorReason::Http2("the server sends frames without end that are no response");

/// Counts of all connections of one run.
#[derive(Debug, Default)]
pub(crate) struct FramingMeter {
    connections: AtomicU64,
    written: AtomicU64,
    read: AtomicU64,
    message_frames_written: AtomicU64,
    message_frames_read: AtomicU64,
}

impl FramingMeter {
    pub(super) fn count_connection(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    /// Octets beyond those of HTTP, of which so many were written and read.
    pub(crate) fn overhead(&self, requests: u64, responses: u64) -> FramingBytes {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        FramingBytes {
            connections: of(&self.connections),
            requests: of(&self.written).saturating_sub(requests),
            responses: of(&self.read).saturating_sub(responses),
            request_frames: of(&self.message_frames_written),
            response_frames: of(&self.message_frames_read),
        }
    }
}

/// Octets of the messages on one stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct StreamBytes {
    pub(super) request: u64,
    pub(super) fields: u64,
    pub(super) content: u64,
}

/// The frames of one connection, in both directions.
#[derive(Debug)]
pub(super) struct Frames {
    written: Direction,
    read: Direction,
    streams: HashMap<u32, StreamBytes>,
    without_message: u32,
    is_first: bool,
    /// Reason of the end of the connection, where the crate `h2` would only say that there is one.
    pub(super) reason: Option<ErrorReason>,
}

impl Default for Frames {
    fn default() -> Self {
        let (written, read) = (Direction::after(PREFACE), Direction::default());
        let streams = HashMap::new();
        Self { written, read, streams, without_message: 0, is_first: true, reason: None }
    }
}

impl Frames {
    /// Counts what was written.
    pub(super) fn written(&mut self, octets: &[u8], meter: &FramingMeter) {
        meter.written.fetch_add(octets.len() as u64, Ordering::Relaxed);
        let streams = &mut self.streams;
        self.written.pass(octets, |event| match event {
            Event::Begins(frame) => {
                let is_message = u64::from(frame.is_message());
                meter.message_frames_written.fetch_add(is_message, Ordering::Relaxed);
            }
            // A request begins its stream.
            Event::Carries(frame, count) => {
                streams.entry(frame.stream).or_default().request += count;
            }
        });
    }

    /// Counts what was read; an error where it is not what a server of HTTP/2 sends.
    pub(super) fn read(&mut self, octets: &[u8], meter: &FramingMeter) -> Result<(), ErrorReason> {
        meter.read.fetch_add(octets.len() as u64, Ordering::Relaxed);
        let (streams, without_message) = (&mut self.streams, &mut self.without_message);
        let (is_first, mut is_other) = (&mut self.is_first, false);
        self.read.pass(octets, |event| match event {
            Event::Begins(frame) => {
                // A server begins with its settings (§3.4).
                is_other |= std::mem::take(is_first) && frame.kind != SETTINGS;
                let is_message = frame.is_message();
                *without_message = if is_message { 0 } else { without_message.saturating_add(1) };
                meter.message_frames_read.fetch_add(is_message.into(), Ordering::Relaxed);
            }
            // Frames of a stream that was given up are no part of an exchange.
            Event::Carries(frame, count) => {
                if let Some(stream) = streams.get_mut(&frame.stream) {
                    let sum =
                        if frame.kind == DATA { &mut stream.content } else { &mut stream.fields };
                    *sum += count;
                }
            }
        });
        let is_flood = self.without_message > MOST_WITHOUT_MESSAGE;
        let misdeed = if is_other { Some(OTHER) } else { is_flood.then_some(FLOOD) };
        self.reason = self.reason.or(misdeed);
        misdeed.map_or(Ok(()), Err)
    }

    /// The octets of a stream that has ended.
    pub(super) fn take(&mut self, stream: u32) -> StreamBytes {
        self.streams.remove(&stream).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use direction::{CONTINUATION, HEADERS, PADDED, PRIORITY};

    fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
        let length = u8::try_from(payload.len()).expect("short");
        [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
    }

    #[test]
    fn octets_of_messages_are_told_from_framing_in_pieces_of_every_size() {
        let read = [
            frame(SETTINGS, 0, 0, &[0; 6]),
            frame(HEADERS, 0, 1, b"abc"),
            frame(CONTINUATION, 4, 1, b"de"),
            // Two octets of padding, and five that prioritise.
            frame(
                HEADERS,
                4 | PADDED | PRIORITY,
                3,
                &[&[2, 0, 0, 0, 0, 0][..], b"fgh", &[0, 0]].concat(),
            ),
            frame(6, 0, 0, &[0; 8]),
            frame(DATA, 1 | PADDED, 1, &[&[1][..], b"hello", &[0]].concat()),
            frame(DATA, 1, 5, b"nobody asked"),
        ]
        .concat();
        let written = [
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            frame(HEADERS, 5, 1, b"get!"),
            frame(HEADERS, 5, 3, b"get"),
        ]
        .concat();
        for size in 1..=read.len() {
            let (mut frames, meter) = (Frames::default(), FramingMeter::default());
            written.chunks(size).for_each(|piece| frames.written(piece, &meter));
            read.chunks(size).for_each(|piece| frames.read(piece, &meter).expect("in order"));
            let (one, three) = (frames.take(1), frames.take(3));
            assert_eq!(one, StreamBytes { request: 4, fields: 5, content: 5 });
            assert_eq!(three, StreamBytes { request: 3, fields: 3, content: 0 });
            let overhead = meter.overhead(7, 13);
            assert_eq!((overhead.requests, overhead.request_frames), (24 + 2 * 9, 2));
            assert_eq!(overhead.responses, read.len() as u64 - 13);
            assert_eq!(overhead.response_frames, 5);
        }
    }

    #[test]
    fn what_is_no_http_2_and_floods_are_noticed() {
        let meter = FramingMeter::default();
        let misdeed = |read: &[u8]| Frames::default().read(read, &meter).err();
        assert_eq!(misdeed(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Some(OTHER));
        assert_eq!(misdeed(&frame(SETTINGS, 0, 0, &[])), None);
        let many = |count: usize| frame(SETTINGS, 1, 0, &[]).repeat(count);
        assert_eq!(misdeed(&many(10_000)), None);
        assert_eq!(misdeed(&many(10_001)), Some(FLOOD));
    }
}
