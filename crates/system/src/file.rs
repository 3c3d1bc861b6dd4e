//! Files read whole, whatever somebody has put in their place.
//!
//! A path may lead to a pipe that nobody writes to, to a device without an end, to a folder, or to a
//! file that claims more than there is memory. Each is an error that names the path, at once: nothing
//! here waits for anybody but the disk, or takes more memory than its caller allows. Links are
//! followed. Blocks, so that callers in a runtime read on a thread that may.

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

use crate::FileError;

/// Most bytes of a file that is small by nature: a token, fields of a request.
pub const SMALL: u64 = 64 << 10;

/// Most bytes of a file of certificates; that of a system holds some 200 KiB.
pub const CERTIFICATES: u64 = 16 << 20;

/// Most bytes of a content or of a table.
pub const CONTENT: u64 = 64 << 20;

/// Reads a regular file of at most `limit` bytes.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    read_with_metadata(path, limit).map(|(content, _)| content)
}

/// Reads a regular file of at most `limit` bytes, with the metadata that belongs to this content: a
/// file that changes while it is read is an error.
pub fn read_with_metadata(path: &Path, limit: u64) -> Result<(Vec<u8>, Metadata), FileError> {
    let refused = || FileError::refused("read", path);
    let file = open(path)?;
    let before = file.metadata().map_err(refused())?;
    let length = before.len();
    if length > limit {
        return Err(FileError::TooLarge(path.to_owned(), limit));
    }
    let content = read_up_to(&file, length + 1).map_err(refused())?;
    let after = file.metadata().map_err(refused())?;
    if state(&before) != state(&after) || content.len() as u64 != length {
        return Err(FileError::ChangedMeanwhile(path.to_owned()));
    }
    Ok((content, after))
}

/// Returns an error unless this is the metadata of a regular file.
pub fn check_regular(path: &Path, metadata: &Metadata) -> Result<(), FileError> {
    if metadata.is_file() {
        return Ok(());
    }
    Err(FileError::NotRegular(path.to_owned(), kind(metadata.file_type())))
}

fn open(path: &Path) -> Result<File, FileError> {
    let refused = || FileError::refused("read", path);
    // Before it is opened, because to open a device may be to operate it.
    check_regular(path, &fs::metadata(path).map_err(refused())?)?;
    // Something else may be there since. To open a pipe without this flag is to wait for its writer.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(flags).open(path).map_err(refused())?;
    check_regular(path, &file.metadata().map_err(refused())?)?;
    Ok(file)
}

fn read_up_to(file: &File, bytes: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    // A failed allocation would end the process.
    content.try_reserve_exact(bytes as usize)?;
    file.take(bytes).read_to_end(&mut content)?;
    Ok(content)
}

fn state(metadata: &Metadata) -> (u64, u64, u64, i64, i64) {
    let modified = (metadata.mtime(), metadata.mtime_nsec());
    (metadata.dev(), metadata.ino(), metadata.len(), modified.0, modified.1)
}

fn kind(is: FileType) -> &'static str {
    match is {
        _ if is.is_dir() => "folder",
        _ if is.is_fifo() => "pipe",
        _ if is.is_socket() => "socket",
        _ => "device",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::path::PathBuf;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    #[expect(clippy::needless_pass_by_value, reason = "a call reads better without a reference")]
    fn check(path: PathBuf, expected: &str) {
        let error = read(&path, 10).expect_err("it is no file of at most ten bytes").to_string();
        assert!(error.contains(expected), "{error}");
        assert!(error.contains(&path.display().to_string()), "{error}");
    }

    fn make_pipe(path: &Path) {
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        let pipe = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, path, pipe, mode, 0).expect("a pipe");
    }

    #[test]
    fn what_is_no_file_is_refused_at_once_and_named() -> Tested {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        make_pipe(&at("pipe"));
        symlink("pipe", at("link to a pipe"))?;
        symlink("loop", at("loop"))?;
        symlink("nowhere", at("dangling"))?;
        let _listener = UnixListener::bind(at("socket"))?;
        check(at("pipe"), "it is a pipe, not a regular file");
        check(at("link to a pipe"), "it is a pipe, not a regular file");
        check(at("socket"), "it is a socket, not a regular file");
        check(folder.path().to_owned(), "it is a folder, not a regular file");
        check("/dev/zero".into(), "it is a device, not a regular file");
        check(at("loop"), "cannot read");
        check(at("dangling"), "No such file");
        Ok(())
    }

    #[test]
    fn a_file_is_read_up_to_its_limit_and_through_links() -> Tested {
        let folder = tempfile::tempdir()?;
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "0123456789")?;
        symlink("file", &link)?;
        assert_eq!(read(&link, 10)?, b"0123456789");
        fs::write(&file, "0123456789.")?;
        check(file, "it is larger than 10 bytes");
        Ok(())
    }

    #[test]
    fn a_claim_of_terabytes_takes_no_memory() -> Tested {
        let folder = tempfile::tempdir()?;
        let sparse = folder.path().join("sparse");
        File::create(&sparse)?.set_len(15 << 40)?;
        let error = read(&sparse, CONTENT).expect_err("it is too large").to_string();
        assert!(error.ends_with("it is larger than 64 MiB"), "{error}");
        Ok(())
    }

    #[test]
    fn the_metadata_is_that_of_the_content() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("file");
        fs::write(&path, "")?;
        let (content, metadata) = read_with_metadata(&path, 0)?;
        assert_eq!((content.len(), metadata.ino()), (0, fs::metadata(&path)?.ino()));
        Ok(())
    }

    #[test]
    fn what_grows_while_it_is_read_is_no_content() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("file");
        fs::write(&path, "0123456789")?;
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut writer = File::options().append(true).open(&path).expect("it is there");
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    io::Write::write_all(&mut writer, b"0123456789").expect("room");
                    if writer.metadata().expect("it is open").len() > 1 << 20 {
                        writer.set_len(0).expect("it is ours");
                    }
                }
            });
            // Some reads meet a change, and none returns a part of one.
            let mut met = 0;
            while met < 10 {
                match read(&path, CONTENT) {
                    Ok(content) => assert_eq!(content.len() % 10, 0),
                    Err(FileError::ChangedMeanwhile(_)) => met += 1,
                    Err(error) => panic!("{error}"),
                }
            }
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        Ok(())
    }
}
