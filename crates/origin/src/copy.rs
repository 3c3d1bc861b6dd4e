//! The file that holds a replica's content: read whole, or put in its place as a deploy does.
//!
//! Does not know what the content means, nor when it is time to look.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use bytes::Bytes;
use strategies::FileMetadata;
use system::{FileError, file};

use crate::databases::StoredContent;

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
        // As much as a PUT may write.
        let (content, metadata) = file::read_with_metadata(path, file::CONTENT)?;
        let file = metadata_of(&metadata);
        Ok(Self { content: content.into(), file, revision: None, tagged: true })
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
    file::check_regular(path, &metadata)?;
    Ok(metadata_of(&metadata))
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
    use std::time::{Duration, UNIX_EPOCH};
    use system::replace::{Replacement, replace};

    type Tested = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn a_copy_is_read_with_the_metadata_that_it_has() -> Tested {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("config.json");
        let time = UNIX_EPOCH + Duration::new(1_767_600_000, 123_456_789);
        for (content, durable) in [("one", false), ("three", true)] {
            let wishes = Replacement { modified: Some(time), durable };
            replace(&path, content.as_bytes(), wishes)?;
            let copy = LocalCopy::read(&path)?;
            assert_eq!(copy.content, content);
            assert_eq!(copy.file.modified_ns, 1_767_600_000_123_456_789);
            assert_eq!((copy.file.size_bytes, stat(&path)?), (content.len() as u64, copy.file));
        }
        Ok(())
    }

    #[test]
    fn an_error_names_the_file_and_the_cause() {
        let error =
            LocalCopy::read(Path::new("absent/config.json")).expect_err("there is no such file");
        assert!(error.to_string().starts_with("cannot read absent/config.json: "), "{error}");
    }
}
