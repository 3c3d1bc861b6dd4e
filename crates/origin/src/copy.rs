//! The file that holds a replica's content: read whole, or put in its place as a deploy does.
//!
//! Does not know what the content means, nor when it is time to look.

use std::fs::{self, File, Permissions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;
use strategies::FileMetadata;

use crate::databases::StoredContent;
use crate::file_error::FileError;

/// Content and its metadata at one moment.
#[derive(Clone, Debug)]
pub(crate) struct LocalCopy {
    pub(crate) content: Bytes,
    pub(crate) file: FileMetadata,
    /// Revision in the database; `None` for a file.
    pub(crate) revision: Option<u64>,
    /// Responses with it may carry an entity tag.
    pub(crate) tagged: bool,
}

impl LocalCopy {
    pub(crate) fn read(path: &Path) -> Result<Self, FileError> {
        let refused = || FileError::refused("read", path);
        let mut file = File::open(path).map_err(refused())?;
        // Content and metadata belong together, so a file that changed meanwhile is no copy.
        let before = metadata_of(&file.metadata().map_err(refused())?);
        let mut content = Vec::with_capacity(before.size_bytes as usize);
        file.read_to_end(&mut content).map_err(refused())?;
        let after = metadata_of(&file.metadata().map_err(refused())?);
        if before != after || content.len() as u64 != after.size_bytes {
            return Err(FileError::ChangedMeanwhile(path.to_owned()));
        }
        Ok(Self { content: content.into(), file: after, revision: None, tagged: true })
    }

    /// Content of the database, with the metadata that a file of it would have.
    pub(crate) fn of_store(stored: StoredContent) -> Self {
        let file = FileMetadata {
            inode: 0,
            size_bytes: stored.content.len() as u64,
            modified_ns: stored.modified_ns.into(),
        };
        let StoredContent { revision, content, tagged, .. } = stored;
        Self { content, file, revision: Some(revision), tagged }
    }
}

pub(crate) fn stat(path: &Path) -> Result<FileMetadata, FileError> {
    let metadata = fs::metadata(path).map_err(FileError::refused("read", path))?;
    Ok(metadata_of(&metadata))
}

/// Writes a new file beside the copy, with its permissions, and renames it over the copy.
pub(crate) fn replace(
    path: &Path,
    content: &[u8],
    modified: Option<SystemTime>,
) -> Result<(), FileError> {
    // So the inode is new, as after a deploy, and no reader ever sees half a content.
    let fresh = beside(path);
    let permissions = fs::metadata(path).ok().map(|metadata| metadata.permissions());
    let written = write_new(&fresh, content, permissions, modified)
        .and_then(|()| fs::rename(&fresh, path).map_err(FileError::refused("replace", path)));
    if written.is_err() {
        // It may not exist, and the first error is the one to tell.
        let _ = fs::remove_file(&fresh);
    }
    written
}

fn write_new(
    path: &Path,
    content: &[u8],
    permissions: Option<Permissions>,
    modified: Option<SystemTime>,
) -> Result<(), FileError> {
    let refused = || FileError::refused("write", path);
    let mut file = File::create(path).map_err(refused())?;
    permissions
        .map_or(Ok(()), |permissions| file.set_permissions(permissions))
        .map_err(refused())?;
    file.write_all(content).map_err(refused())?;
    // Last, because writing sets the time too.
    modified.map_or(Ok(()), |time| file.set_modified(time)).map_err(refused())
}

fn beside(path: &Path) -> PathBuf {
    // In the same directory, because only within a file system is a rename atomic.
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    path.with_file_name(name)
}

fn metadata_of(metadata: &fs::Metadata) -> FileMetadata {
    FileMetadata {
        inode: metadata.ino(),
        size_bytes: metadata.size(),
        modified_ns: i128::from(metadata.mtime()) * 1_000_000_000
            + i128::from(metadata.mtime_nsec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::{Duration, UNIX_EPOCH};

    type Tested = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn a_replacement_has_a_new_inode_and_the_time_it_was_given() -> Tested {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("config.json");
        let time = UNIX_EPOCH + Duration::new(1_767_600_000, 123_456_789);
        replace(&path, b"one", Some(time))?;
        let one = LocalCopy::read(&path)?;
        replace(&path, b"three", Some(time))?;
        let three = LocalCopy::read(&path)?;
        assert_eq!((&one.content[..], &three.content[..]), (&b"one"[..], &b"three"[..]));
        assert_ne!(one.file.inode, three.file.inode);
        assert_eq!(three.file.modified_ns, 1_767_600_000_123_456_789);
        assert_eq!((three.file.size_bytes, stat(&path)?), (5, three.file));
        Ok(())
    }

    #[test]
    fn a_replacement_is_as_private_as_the_copy_was() -> Tested {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("config.json");
        fs::write(&path, "one")?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        replace(&path, b"two", None)?;
        assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
        Ok(())
    }

    #[test]
    fn a_failed_replacement_leaves_the_copy_and_nothing_beside_it() -> Tested {
        let directory = tempfile::tempdir()?;
        let occupied = directory.path().join("directory");
        fs::create_dir_all(occupied.join("within"))?;
        let error = replace(&occupied, b"x", None).expect_err("a directory is in the way");
        assert!(error.to_string().contains("directory"), "{error}");
        assert_eq!(fs::read_dir(directory.path())?.count(), 1);
        Ok(())
    }

    #[test]
    fn an_error_names_the_file_and_the_cause() {
        let error =
            LocalCopy::read(Path::new("absent/config.json")).expect_err("there is no such file");
        assert!(error.to_string().starts_with("cannot read absent/config.json: "), "{error}");
    }
}
