//! Temporary folders that do not outlive their owner for long, whatever ended it: what one process
//! could not remove, the next one does.
//!
//! All folders of a user lie on one *shelf*, `etag-lab-UID` in the folder for temporary files. Each
//! is locked by its owner, and the system unlocks what a process leaves behind. The shelf itself is
//! locked while somebody puts a folder there, so that an unlocked folder on it belongs to nobody.

use std::fs::{self, DirBuilder, File, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::files::WriteError;

/// A temporary folder of this process.
#[derive(Debug)]
pub struct Scratch {
    /// `None` only while this is dropped.
    folder: Option<TempDir>,
    /// The shelf, and the folder with its lock; `None` where it is on no shelf.
    owned: Option<(PathBuf, File)>,
}

impl Scratch {
    /// Makes a folder whose name begins with `kind`, and removes those whose owner is gone.
    pub fn new(kind: &str) -> Result<Self, WriteError> {
        let shelf = std::env::temp_dir().join(format!("etag-lab-{}", user()));
        Self::on(&shelf, kind).map_err(WriteError::of(&std::env::temp_dir()))
    }

    fn on(path: &Path, kind: &str) -> io::Result<Self> {
        let Some(shelf) = Shelf::take(path, File::lock)? else {
            // Where nobody can tell whose a folder is, none is removed but by its owner.
            let folder = TempDir::with_prefix(format!("etag-lab-{kind}-"))?;
            return Ok(Self { folder: Some(folder), owned: None });
        };
        shelf.sweep();
        let folder = TempDir::with_prefix_in(format!("{kind}-"), path)?;
        let owned = File::open(folder.path())?;
        owned.try_lock()?;
        Ok(Self { folder: Some(folder), owned: Some((path.to_owned(), owned)) })
    }

    /// Folders of this kind of all processes of this user, also of those that are gone.
    pub fn folders(kind: &str) -> Vec<PathBuf> {
        let temporary = std::env::temp_dir();
        let shelf = temporary.join(format!("etag-lab-{}", user()));
        let named = |folder: PathBuf, prefix: String| {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            entries
                .filter(move |entry| entry.file_name().to_string_lossy().starts_with(&prefix))
                // What others have put there is none of ours.
                .filter(|entry| entry.metadata().is_ok_and(|found| is_ours(&found)))
                .map(|entry| entry.path())
        };
        let on_shelf = named(shelf, format!("{kind}-"));
        on_shelf.chain(named(temporary, format!("etag-lab-{kind}-"))).collect()
    }

    /// Path of the folder.
    pub fn path(&self) -> &Path {
        self.folder.as_ref().expect("it is there until this is dropped").path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.folder.take());
        let Some((path, _owned)) = self.owned.take() else { return };
        // The last one takes the shelf away, unless another one is at it.
        if let Ok(Some(_shelf)) = Shelf::take(&path, try_lock) {
            // An error means that it is not empty.
            let _ = fs::remove_dir(&path);
        }
    }
}

/// The shelf, locked as long as this lives.
struct Shelf<'a> {
    path: &'a Path,
    _locked: File,
}

impl<'a> Shelf<'a> {
    /// Locks the shelf, which is made if need be; `None` where it cannot be ours alone, or `lock`
    /// fails.
    fn take(path: &'a Path, lock: fn(&File) -> io::Result<()>) -> io::Result<Option<Self>> {
        loop {
            match DirBuilder::new().mode(0o700).create(path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            let found = fs::symlink_metadata(path);
            // Links and what others may write to are no place for our files.
            if found.as_ref().is_ok_and(|found| !is_ours(found)) {
                return Ok(None);
            }
            let opened = found.and_then(|_| File::open(path));
            let Some(folder) = unless_gone(opened)? else { continue };
            if lock(&folder).is_err() {
                return Ok(None);
            }
            // Its last user may have taken it away before we had the lock.
            let locked = identity(&folder.metadata()?);
            if fs::symlink_metadata(path).is_ok_and(|there| identity(&there) == locked) {
                return Ok(Some(Self { path, _locked: folder }));
            }
        }
    }

    /// Removes the folders whose owners are gone, as far as that can be done now.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(self.path) else { return };
        let folders = entries.flatten().filter(|it| it.file_type().is_ok_and(|it| it.is_dir()));
        for path in folders.map(|folder| folder.path()) {
            if File::open(&path).is_ok_and(|folder| try_lock(&folder).is_ok()) {
                // A server of the dead may still be writing there: then the next one removes it.
                let _ = fs::remove_dir_all(path);
            }
        }
    }
}

/// `None` where there is nothing any more.
fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

fn identity(found: &Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

fn try_lock(folder: &File) -> io::Result<()> {
    folder.try_lock().map_err(Into::into)
}

/// True for a folder to which nobody else may write.
fn is_ours(found: &Metadata) -> bool {
    found.is_dir() && found.uid() == user() && found.mode() & 0o022 == 0
}

fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn folders_of_the_dead_go_and_nothing_else_does() -> io::Result<()> {
        let home = tempfile::tempdir()?;
        let (shelf, elsewhere) = (home.path().join("shelf"), home.path().join("elsewhere"));
        let living = Scratch::on(&shelf, "run")?;
        fs::create_dir_all(shelf.join("run-dead/redis"))?;
        fs::create_dir(&elsewhere)?;
        fs::write(elsewhere.join("precious"), "")?;
        symlink(&elsewhere, shelf.join("run-link"))?;
        symlink(&elsewhere, shelf.join("run-dead/link"))?;
        let other = Scratch::on(&shelf, "replica")?;
        assert!(!shelf.join("run-dead").exists());
        assert!(living.path().is_dir() && other.path().is_dir());
        assert!(elsewhere.join("precious").exists() && shelf.join("run-link").exists());
        fs::remove_file(shelf.join("run-link"))?;
        drop(living);
        assert!(other.path().is_dir());
        drop(other);
        assert!(!shelf.exists());
        Ok(())
    }

    #[test]
    fn a_shelf_that_others_can_reach_is_not_used() -> io::Result<()> {
        let home = tempfile::tempdir()?;
        let (open, link) = (home.path().join("open"), home.path().join("link"));
        fs::create_dir(&open)?;
        symlink(&open, &link)?;
        let check = |shelf: &Path| {
            let scratch = Scratch::on(shelf, "run")?;
            assert!(!scratch.path().starts_with(home.path()), "{}", scratch.path().display());
            io::Result::Ok(())
        };
        check(&link)?;
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777))?;
        check(&open)?;
        assert!(open.is_dir());
        Ok(())
    }
}
