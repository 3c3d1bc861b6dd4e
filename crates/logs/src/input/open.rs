//! Files and standard input, decompressed by what they begin with.

use std::io::{self, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

/// Octets that are asked for at once.
const AT_ONCE: usize = 1 << 20;

/// Opens a log.
#[expect(clippy::disallowed_types, reason = "this is the part that reads files")]
pub(super) fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    if path.as_os_str() == "-" {
        return decompressed(io::stdin());
    }
    let file = std::fs::File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    decompressed(file)
}

fn decompressed(mut source: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let mut magic = Vec::new();
    source.by_ref().take(4).read_to_end(&mut magic)?;
    let kind = magic.clone();
    let whole = io::Cursor::new(magic).chain(source);
    Ok(match kind[..] {
        [0x1f, 0x8b, ..] => {
            let buffered = io::BufReader::with_capacity(AT_ONCE, whole);
            Box::new(MultiGzDecoder::new(buffered))
        }
        [0x28, 0xb5, 0x2f, 0xfd] => Box::new(Frames {
            source: Some(io::BufReader::with_capacity(AT_ONCE, whole)),
            frame: None,
        }),
        _ => Box::new(whole),
    })
}

/// Every frame of a zstd file: rotated logs are often appended to one another.
struct Frames<R: Read> {
    source: Option<io::BufReader<R>>,
    frame: Option<Box<Frame<R>>>,
}

type Frame<R> = StreamingDecoder<io::BufReader<R>, ruzstd::decoding::FrameDecoder>;

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use io::BufRead as _;
        loop {
            if let Some(frame) = &mut self.frame {
                let read = frame.read(buffer)?;
                if read > 0 || buffer.is_empty() {
                    return Ok(read);
                }
            }
            if let Some(frame) = self.frame.take() {
                self.source = Some(frame.into_inner());
            }
            let Some(mut source) = self.source.take() else { return Ok(0) };
            if source.fill_buf()?.is_empty() {
                return Ok(0);
            }
            let frame = StreamingDecoder::new(source).map_err(io::Error::other)?;
            self.frame = Some(Box::new(frame));
        }
    }
}
