//! Files replaced whole: a reader finds the old content or the new one, and never half of one.
//!
//! The new content is written into a hidden file beside the old one, under a name that nobody can
//! foresee, and renamed over it. A link stays a link: the file that it leads to is replaced. A process
//! that is killed while it writes leaves the hidden file behind; [`remove_stale`] is for the next one
//! to call. The lock on it says whether its writer lives. Blocks on file I/O.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Read, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::OFlags;
use tempfile::{Builder, NamedTempFile};

use crate::FileError;
use crate::file::check_regular;

const PREFIX: &str = ".etag-lab-";
const SUFFIX: &str = ".new";

/// Mode of a file as any program makes it; the process's mask takes bits away.
const USUAL: u32 = 0o666;
const PRIVATE: u32 = 0o600;

/// Further wishes about a replacement.
#[derive(Clone, Copy, Debug, Default)]
pub struct Replacement {
    /// Modification time; without it, the time of writing.
    pub modified: Option<SystemTime>,
    /// Waits until the disk has it, so that what was promised survives a loss of power.
    pub durable: bool,
}

/// Replaces a file, or makes it. The new one has the permissions of the old one, and another inode.
///
/// Where there is something that is no regular file, it stays, and so does the old content after any
/// other error but that of a folder that cannot be written to disk.
pub fn replace(path: &Path, content: &[u8], wishes: Replacement) -> Result<(), FileError> {
    let target = resolved(path).map_err(FileError::refused("write", path))?;
    let permissions = permissions(&target)?;
    // In the same folder, because only within a file system is a rename atomic.
    let folder = folder(&target);
    let mode = if permissions.is_none() { USUAL } else { PRIVATE };
    let fresh = locked(folder, mode).map_err(FileError::refused("write", path))?;
    let written = write(fresh.as_file(), content, permissions, wishes);
    written.map_err(FileError::refused("write", path))?;
    let renamed = fresh.persist(&target).map_err(|error| error.error);
    let file = renamed.map_err(FileError::refused("replace", path))?;
    // Its lock ends with it; by then it has its new name.
    drop(file);
    if wishes.durable {
        sync(folder).map_err(FileError::refused("save", path))?;
    }
    Ok(())
}

/// Makes a file of the user's alone, which is on the disk when this returns; what is there already is
/// an error of the kind `AlreadyExists`, and stays.
pub fn create_private(path: &Path, content: &mut impl Read) -> io::Result<()> {
    let folder = folder(path);
    let mut fresh = locked(folder, PRIVATE)?;
    io::copy(content, &mut fresh)?;
    fresh.as_file().sync_all()?;
    fresh.persist_noclobber(path).map_err(|error| error.error)?;
    sync(folder)
}

/// Removes what processes that were killed have left beside this file.
pub fn remove_stale(path: &Path) {
    let Ok(target) = resolved(path) else { return };
    let Ok(entries) = folder(&target).read_dir() else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        if name.starts_with(PREFIX.as_bytes()) && name.ends_with(SUFFIX.as_bytes()) {
            // Somebody else's, or gone already: nothing to be done about either.
            let _ = remove_if_abandoned(&entry.path());
        }
    }
}

/// Reports an error if no file can be made in this folder; leaves nothing behind.
pub fn check_folder(folder: &Path) -> io::Result<()> {
    tempfile::tempfile_in(folder).map(drop).map_err(without_path)
}

fn remove_if_abandoned(path: &Path) -> io::Result<()> {
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    // A writer that lives has the lock.
    if file.metadata()?.is_file() && file.try_lock().is_ok() {
        fs::remove_file(path)
    } else {
        Ok(())
    }
}

/// Waits until the names in a folder are on the disk.
fn sync(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some file systems write names by themselves, and have no order for it.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => {
            Ok(())
        }
        synced => synced,
    }
}

/// The place that a path leads to, also where nothing is there yet.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => match fs::read_link(path) {
            // Ends: a loop of links is another error.
            Ok(next) => resolved(&folder(path).join(next)),
            Err(_) => Ok(path.to_owned()),
        },
        resolved => resolved,
    }
}

/// Permissions of the file that is there.
fn permissions(target: &Path) -> Result<Option<Permissions>, FileError> {
    match fs::metadata(target) {
        Ok(metadata) => {
            check_regular(target, &metadata)?;
            // Without the bits that make a program run as somebody else.
            Ok(Some(Permissions::from_mode(metadata.permissions().mode() & 0o777)))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::refused("write", target)(error)),
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new, empty file with the lock that keeps it from being taken for abandoned.
fn locked(folder: &Path, mode: u32) -> io::Result<NamedTempFile> {
    loop {
        let mut builder = Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX).rand_bytes(16);
        builder.permissions(Permissions::from_mode(mode));
        let fresh = builder.tempfile_in(folder).map_err(without_path)?;
        // Where a file system knows no locks, what is abandoned stays, and nothing else is worse.
        let _ = fresh.as_file().lock();
        // Whoever removes abandoned files may have been faster than the lock.
        if fresh.as_file().metadata()?.nlink() > 0 {
            return Ok(fresh);
        }
    }
}

/// The error itself: `tempfile` adds the name of a file that nobody asked for.
fn without_path(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(std::error::Error::source);
    let code = inner.and_then(|inner| inner.downcast_ref::<io::Error>()?.raw_os_error());
    code.map_or(error, io::Error::from_raw_os_error)
}

fn write(
    mut file: &File,
    content: &[u8],
    permissions: Option<Permissions>,
    wishes: Replacement,
) -> io::Result<()> {
    permissions.map_or(Ok(()), |permissions| file.set_permissions(permissions))?;
    file.write_all(content)?;
    // Last, because writing sets the time too.
    wishes.modified.map_or(Ok(()), |time| file.set_modified(time))?;
    if wishes.durable { file.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::time::{Duration, UNIX_EPOCH};

    type Tested = Result<(), Box<dyn std::error::Error>>;

    const DURABLE: Replacement = Replacement { modified: None, durable: true };

    fn names(folder: &Path) -> Vec<String> {
        let entries = folder.read_dir().expect("a folder").flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_replacement_has_a_new_inode_and_the_time_it_was_given() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("config.json");
        let time = UNIX_EPOCH + Duration::new(1_767_600_000, 123_456_789);
        let dated = Replacement { modified: Some(time), ..DURABLE };
        replace(&path, b"one", dated)?;
        let one = fs::metadata(&path)?;
        replace(&path, b"three", dated)?;
        let three = fs::metadata(&path)?;
        assert_ne!(one.ino(), three.ino());
        assert_eq!((fs::read(&path)?, three.modified()?), (b"three".to_vec(), time));
        assert_eq!(names(folder.path()), ["config.json"]);
        Ok(())
    }

    #[test]
    fn a_replacement_is_as_private_as_the_file_was() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("config.json");
        for mode in [0o600, 0o644, 0o664] {
            fs::write(&path, "one")?;
            fs::set_permissions(&path, Permissions::from_mode(mode))?;
            replace(&path, b"two", DURABLE)?;
            assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, mode);
        }
        Ok(())
    }

    #[test]
    fn a_new_file_is_as_open_as_any_other() -> Tested {
        let folder = tempfile::tempdir()?;
        let (ours, usual) = (folder.path().join("ours"), folder.path().join("usual"));
        replace(&ours, b"one", DURABLE)?;
        fs::write(&usual, "one")?;
        assert_eq!(fs::metadata(ours)?.mode(), fs::metadata(usual)?.mode());
        Ok(())
    }

    #[test]
    fn a_link_stays_and_what_it_leads_to_is_replaced() -> Tested {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("data"))?;
        fs::write(at("data/config.json"), "one")?;
        symlink("data", at("..data"))?;
        symlink("..data/config.json", at("config.json"))?;
        replace(&at("config.json"), b"two", DURABLE)?;
        assert_eq!(fs::read(at("data/config.json"))?, b"two");
        assert!(fs::symlink_metadata(at("config.json"))?.is_symlink());
        assert_eq!(names(&at("data")), ["config.json"]);
        symlink("data/new.json", at("dangling"))?;
        replace(&at("dangling"), b"three", DURABLE)?;
        assert_eq!(fs::read(at("data/new.json"))?, b"three");
        symlink("loop", at("loop"))?;
        assert!(replace(&at("loop"), b"four", DURABLE).is_err());
        Ok(())
    }

    #[test]
    fn a_failed_replacement_leaves_everything_as_it_was() -> Tested {
        let folder = tempfile::tempdir()?;
        let occupied = folder.path().join("occupied");
        fs::create_dir_all(occupied.join("within"))?;
        let error = replace(&occupied, b"x", DURABLE).expect_err("a folder is in the way");
        assert!(error.to_string().ends_with("it is a folder, not a regular file"), "{error}");
        let gone = folder.path().join("gone/config.json");
        let error = replace(&gone, b"x", DURABLE).expect_err("there is no such folder");
        assert!(error.to_string().contains("gone/config.json"), "{error}");
        assert_eq!(names(folder.path()), ["occupied"]);
        Ok(())
    }

    #[test]
    fn a_new_private_file_is_for_its_user_and_in_nobodys_way() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("run.json");
        create_private(&path, &mut &b"one"[..])?;
        assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
        let error = create_private(&path, &mut &b"two"[..]).expect_err("it is there");
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(
            (fs::read(&path)?, names(folder.path())),
            (b"one".to_vec(), vec!["run.json".to_owned()])
        );
        Ok(())
    }

    #[test]
    fn only_what_the_dead_have_left_is_removed() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("config.json");
        fs::write(&path, "one")?;
        fs::write(folder.path().join(".etag-lab-0123456789abcdef.new"), "half")?;
        symlink("config.json", folder.path().join(".etag-lab-link.new"))?;
        let alive = locked(folder.path(), PRIVATE)?;
        remove_stale(&path);
        let kept = alive.path().file_name().expect("a name").to_string_lossy().into_owned();
        let mut expected = [kept, ".etag-lab-link.new".to_owned(), "config.json".to_owned()];
        expected.sort();
        assert_eq!(names(folder.path()), expected);
        drop(alive);
        assert_eq!(names(folder.path()), [".etag-lab-link.new", "config.json"]);
        Ok(())
    }
}
