//! Reads one response off the socket: interim heads, the final one, and content to where it ends.

use measure::ErrorReason;

use super::{BUFFER_BYTES, PollConnection};
use crate::content::Decoder;
use crate::head::{self, MAX_FIELDS_BYTES, PollHead};
use crate::resume::WantedPart;

/// Interim responses (1xx) accepted before the final one.
const MAX_INTERIM: usize = 16;

impl PollConnection {
    /// Leaves head (and what came with it) at the start of the buffer.
    pub(super) async fn read_head(&mut self) -> Result<PollHead, ErrorReason> {
        let mut interim = 0;
        let mut searched = 0;
        loop {
            // Usually the first read has it all. After that, parse again only when an empty line
            // has come: a dripping server must not cost a parse per byte.
            if searched == 0 && self.filled > 0
                || has_empty_line(&self.buffer[..self.filled], searched)
            {
                match head::parse(&self.buffer[..self.filled])? {
                    Some(head) if !matches!(head.message.status, 100..=199) => return Ok(head),
                    Some(head) if interim < MAX_INTERIM => {
                        interim += 1;
                        searched = 0;
                        // The final head has to begin at the start, where ranges of it point.
                        self.buffer.copy_within(head.message.len..self.filled, 0);
                        self.filled -= head.message.len;
                        continue;
                    }
                    Some(_) => return Err(ErrorReason::Malformed),
                    None => {}
                }
            }
            searched = self.filled;
            if self.filled >= MAX_FIELDS_BYTES {
                return Err(ErrorReason::FieldsTooLarge);
            }
            if self.filled == self.buffer.len() {
                self.buffer.resize(self.buffer.len() * 2, 0);
            }
            if self.read_more().await? == 0 {
                let nothing_came = self.filled == 0 && interim == 0;
                return Err(if nothing_came {
                    ErrorReason::ClosedWithoutResponse
                } else {
                    ErrorReason::Cut
                });
            }
            // A server of another protocol may wait for us: without this the poll would time out.
            if !head::may_become_response(&self.buffer[..self.filled]) {
                return Err(ErrorReason::Malformed);
            }
        }
    }

    /// Reads content to its end or to where it is to be cut, keeping the head where it is.
    pub(super) async fn read_content(
        &mut self,
        head: &PollHead,
        part: &WantedPart,
    ) -> Result<Decoder, ErrorReason> {
        let mut decoder = part.decoder(head)?;
        // Of a rest the beginning is missing, unless the part before it was kept as well.
        if self.wants_sample && !matches!(part, WantedPart::Rest(_)) {
            decoder.keep_sample();
        }
        let (start, cut_after) = (head.message.len, part.cut_after(head));
        // A long head must not leave so little room that content comes in crumbs.
        if self.buffer.len() - start < BUFFER_BYTES / 2 {
            self.buffer.resize(start + BUFFER_BYTES, 0);
        }
        loop {
            let used = decoder.feed(&self.buffer[start..self.filled]);
            self.content = decoder.octets();
            let excess = self.filled - start - used?;
            if decoder.is_complete() {
                return if excess == 0 { Ok(decoder) } else { Err(ErrorReason::ExcessBytes) };
            }
            if let Some(end) = cut_after {
                let left = end.saturating_sub(decoder.octets());
                if left == 0 {
                    return Ok(decoder);
                }
                self.most_per_read = usize::try_from(left).unwrap_or(usize::MAX);
            }
            // Content that was fed is not needed again: its place is used anew, whatever its size.
            self.filled = start;
            if self.read_more().await? == 0 {
                // Content that only the end of the connection ends is cut by an end that nobody
                // vouches for (RFC 9112 §9.8).
                if self.is_cut {
                    return Err(ErrorReason::Cut);
                }
                decoder.end()?;
                return Ok(decoder);
            }
        }
    }
}

fn has_empty_line(bytes: &[u8], searched: usize) -> bool {
    // The empty line may have come in two reads.
    let unsearched = &bytes[searched.saturating_sub(3)..];
    unsearched.windows(3).any(|three| three == b"\n\r\n") || unsearched.ends_with(b"\n\n")
}
