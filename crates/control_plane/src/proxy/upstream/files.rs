//! Routes in a file, or in the `*.json` files of a folder.
//!
//! A file holds a table, `{"routes":[…]}`, or one route that is named after the file. Content is read
//! when the metadata of a file, or of the folder, has changed; a folder's own modification time is
//! what shows that a file was taken away. Which file it is counts as metadata: Kubernetes swaps a
//! link, and tools that deploy set times back. What changes while it is read is read at the next poll.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use semantics::HttpDate;
use system::{FileError, file};

use super::{Fetched, Modified, UpstreamError, aside};
use crate::proxy::table::{Members, RouteError, Routes};
use text::excerpt;

// A second change within one tick of the file system's clock leaves metadata as it is, so metadata
// younger than this says nothing.
const RACY: Duration = Duration::from_secs(2);

// Begins the tables among the files of a folder.
const TABLE: &[u8] = b"\"routes\"";

/// Metadata, and true if it was old enough, when it was read, to show the next change.
type SettledState = (FilesState, bool);

#[derive(Debug)]
pub(super) struct Files {
    path: PathBuf,
    max_bytes: usize,
    held: Option<SettledState>,
    fetched: Option<SettledState>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct FilesState {
    files: Vec<FileState>,
    folder: Option<SystemTime>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct FileState {
    path: PathBuf,
    modified: SystemTime,
    bytes: u64,
    // Device and inode: a file in the place of another may be as long and as old.
    identity: (u64, u64),
    // Change time of the metadata, in seconds and nanoseconds: no program can set this back.
    changed: (i64, i64),
}

impl Files {
    pub(super) fn new(path: PathBuf, max_bytes: usize) -> Self {
        Self { path, max_bytes, held: None, fetched: None }
    }

    pub(super) async fn fetch(&mut self) -> Result<Fetched, UpstreamError> {
        let (path, held, limit) = (self.path.clone(), self.held.clone(), self.max_bytes);
        let news = aside(move || news(&path, held.as_ref(), limit)).await?;
        Ok(match news {
            None => Fetched::Unchanged,
            Some((state, routes)) => {
                self.fetched = Some(state);
                Fetched::Routes(routes)
            }
        })
    }

    pub(super) fn keep(&mut self) {
        self.held = self.fetched.take().or(self.held.take());
    }

    /// The latest of all modifications. One from before 1970 cannot be said.
    pub(super) fn modified(&self) -> Option<Modified> {
        let (state, _) = self.held.as_ref()?;
        Some(Modified { date: HttpDate::try_from(state.modified()?).ok()?, moves: true })
    }
}

impl FilesState {
    fn modified(&self) -> Option<SystemTime> {
        self.files.iter().map(|file| file.modified).chain(self.folder).max()
    }
}

/// The routes, unless metadata says that they are those that are held.
fn news(
    path: &Path,
    held: Option<&SettledState>,
    max_bytes: usize,
) -> Result<Option<(SettledState, Routes)>, UpstreamError> {
    let looked = SystemTime::now();
    let state = look(path)?;
    if held.is_some_and(|(held, is_settled)| *is_settled && *held == state) {
        return Ok(None);
    }
    let routes = read_all(&state, max_bytes)?;
    check_unchanged(path, &state)?;
    let is_settled = state.modified().is_some_and(|latest| latest + RACY < looked);
    Ok(Some(((state, is_settled), routes)))
}

fn check_unchanged(path: &Path, before: &FilesState) -> Result<(), UpstreamError> {
    if look(path)? == *before {
        return Ok(());
    }
    // Files of which some were read before a change and some after it are nobody's table.
    let name = excerpt(&path.display().to_string());
    Err(UpstreamError::Malformed(format!("`{name}` changed while it was read")))
}

fn read_all(state: &FilesState, max_bytes: usize) -> Result<Routes, UpstreamError> {
    let mut left = max_bytes;
    let mut routes = Routes::default();
    for FileState { path, .. } in &state.files {
        let content = file::read(path, left as u64).map_err(|error| unusable(&error, max_bytes))?;
        left -= content.len();
        parse(path, &content, state.folder.is_some(), &mut routes)?;
    }
    Ok(routes)
}

fn look(path: &Path) -> Result<FilesState, UpstreamError> {
    let metadata = path.metadata().map_err(|error| unreadable(path, &error))?;
    let (paths, folder) = if metadata.is_dir() {
        let paths = json_files(path).map_err(|error| unreadable(path, &error))?;
        (paths, Some(modified(path, &metadata)?))
    } else {
        (vec![path.to_owned()], None)
    };
    let files: Result<Vec<_>, UpstreamError> = paths.into_iter().map(file_state).collect();
    Ok(FilesState { files: files?, folder })
}

fn file_state(path: PathBuf) -> Result<FileState, UpstreamError> {
    let metadata = path.metadata().map_err(|error| unreadable(&path, &error))?;
    file::check_regular(&path, &metadata).map_err(|error| unusable(&error, 0))?;
    let modified = modified(&path, &metadata)?;
    Ok(FileState {
        path,
        modified,
        bytes: metadata.len(),
        identity: (metadata.dev(), metadata.ino()),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    })
}

fn modified(path: &Path, metadata: &Metadata) -> Result<SystemTime, UpstreamError> {
    metadata.modified().map_err(|error| unreadable(path, &error))
}

fn json_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        // Editors and tools that deploy keep work in progress in hidden files.
        let is_hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes()[0] == b'.');
        if !is_hidden && path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

fn parse(
    path: &Path,
    content: &[u8],
    is_one_of_many: bool,
    routes: &mut Routes,
) -> Result<(), UpstreamError> {
    let name = excerpt(&path.display().to_string());
    let malformed =
        |error: RouteError| UpstreamError::Malformed(excerpt(&format!("`{name}`: {error}")));
    // Looked at in a folder only, where it is small: a large document is not read twice.
    let is_table = || {
        serde_json::from_slice::<Members<'_>>(content)
            .is_ok_and(|members| members.contains_key("routes") && !members.contains_key("id"))
    };
    if !is_one_of_many || is_table() {
        let of = if is_one_of_many { format!("`{name}`, ") } else { String::new() };
        return routes.push_all(content, &of).map_err(malformed);
    }
    let stem = path.file_stem().and_then(|name| name.to_str());
    let pushed = routes.push(content, stem);
    // Half of a table that is being written would take its routes from a fleet that works.
    if pushed.is_err() && content.windows(TABLE.len()).any(|part| part == TABLE) {
        return pushed.map_err(malformed);
    }
    routes.or_leave_out(format_args!("`{name}`"), pushed).map_err(malformed)
}

fn unusable(error: &FileError, max_bytes: usize) -> UpstreamError {
    match error {
        FileError::TooLarge(..) => UpstreamError::Oversize(max_bytes),
        FileError::Refused(_, path, cause) => unreadable(path, cause),
        _ => UpstreamError::Malformed(excerpt(&error.to_string())),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> UpstreamError {
    UpstreamError::Unreachable(excerpt(&format!("`{}`: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    const LIMIT: usize = 1_000;

    fn old(path: &Path, seconds: u64) -> io::Result<()> {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        File::options().write(true).open(path)?.set_modified(time)
    }

    fn ids(fetched: &Fetched) -> Option<Vec<&str>> {
        let Fetched::Routes(routes) = fetched else { return None };
        Some(routes.ids().collect())
    }

    #[tokio::test]
    async fn a_file_is_read_again_when_its_metadata_has_changed() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("table.json");
        std::fs::write(&path, r#"{"routes":[{"id":"a"}]}"#)?;
        old(&path, 1_000)?;
        let mut files = Files::new(path.clone(), LIMIT);
        assert_eq!(ids(&files.fetch().await?), Some(vec!["a"]));
        assert_eq!(ids(&files.fetch().await?), Some(vec!["a"]), "it was not held");
        files.keep();
        assert_eq!(ids(&files.fetch().await?), None);
        assert_eq!(files.modified().map(|at| at.date.unix_seconds()), Some(1_000));
        std::fs::write(&path, r#"{"routes":[{"id":"b"}]}"#)?;
        old(&path, 1_001)?;
        assert_eq!(ids(&files.fetch().await?), Some(vec!["b"]));
        assert_eq!(files.modified().map(|at| at.date.unix_seconds()), Some(1_000));
        files.keep();
        assert_eq!(files.modified().map(|at| at.date.unix_seconds()), Some(1_001));
        Ok(())
    }

    #[tokio::test]
    async fn metadata_of_this_very_moment_is_not_trusted() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("table.json");
        std::fs::write(&path, r#"{"routes":[{"id":"a"}]}"#)?;
        let same = path.metadata()?.modified()?;
        let mut files = Files::new(path.clone(), LIMIT);
        files.fetch().await?;
        files.keep();
        std::fs::write(&path, r#"{"routes":[{"id":"b"}]}"#)?;
        File::options().write(true).open(&path)?.set_modified(same)?;
        assert_eq!(ids(&files.fetch().await?), Some(vec!["b"]));
        Ok(())
    }

    #[tokio::test]
    async fn another_file_behind_the_same_link_is_news_though_it_is_as_long_and_as_old() -> Tested {
        let folder = tempfile::tempdir()?;
        let place = |name: &str| folder.path().join(name);
        for id in ["a", "b"] {
            std::fs::create_dir(place(id))?;
            let path = place(id).join("table.json");
            std::fs::write(&path, format!(r#"{{"routes":[{{"id":"{id}"}}]}}"#))?;
            old(&path, 1_000)?;
        }
        // As the kubelet does with what it mounts.
        std::os::unix::fs::symlink("a", place("..data"))?;
        std::os::unix::fs::symlink("..data/table.json", place("table.json"))?;
        let mut files = Files::new(place("table.json"), LIMIT);
        assert_eq!(ids(&files.fetch().await?), Some(vec!["a"]));
        files.keep();
        assert_eq!(ids(&files.fetch().await?), None);
        std::os::unix::fs::symlink("b", place("..data_tmp"))?;
        std::fs::rename(place("..data_tmp"), place("..data"))?;
        assert_eq!(ids(&files.fetch().await?), Some(vec!["b"]));
        Ok(())
    }

    #[test]
    fn files_of_two_states_make_no_table() -> Tested {
        let folder = tempfile::tempdir()?;
        let file = |name: &str| folder.path().join(name);
        std::fs::write(file("a.json"), "{}")?;
        let before = look(folder.path())?;
        check_unchanged(folder.path(), &before)?;
        std::fs::write(file("b.json"), "{}")?;
        let error = check_unchanged(folder.path(), &before).map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.contains("changed while it was read")));
        Ok(())
    }

    #[tokio::test]
    async fn a_folder_is_all_its_json_files_and_a_deletion_moves_its_date() -> Tested {
        let folder = tempfile::tempdir()?;
        let file = |name: &str| folder.path().join(name);
        std::fs::write(file("b.json"), "{}")?;
        std::fs::write(file("a.json"), r#"{"routes":[{"id":"x"},{"id":"y"}]}"#)?;
        std::fs::write(file(".c.json"), "half")?;
        std::fs::write(file("readme.md"), "no route")?;
        let mut files = Files::new(folder.path().to_owned(), LIMIT);
        assert_eq!(ids(&files.fetch().await?), Some(vec!["x", "y", "b"]));
        files.keep();
        std::fs::remove_file(file("a.json"))?;
        old(&file("b.json"), 1_000)?;
        assert_eq!(ids(&files.fetch().await?), Some(vec!["b"]));
        files.keep();
        let modified = folder.path().metadata()?.modified()?;
        assert_eq!(files.modified().map(|at| at.date), HttpDate::try_from(modified).ok());
        Ok(())
    }

    #[tokio::test]
    async fn what_is_no_table_is_an_error_that_names_the_file() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("table.json");
        let mut files = Files::new(path.clone(), LIMIT);
        assert!(matches!(files.fetch().await, Err(UpstreamError::Unreachable(_))));
        std::fs::write(&path, r#"{"routes":[{"id":"a"}"#)?;
        let cut = files.fetch().await;
        assert!(
            matches!(&cut, Err(UpstreamError::Malformed(why)) if why.contains("table.json")),
            "{cut:?}"
        );
        std::fs::write(&path, vec![b' '; LIMIT + 1])?;
        assert!(matches!(files.fetch().await, Err(UpstreamError::Oversize(LIMIT))));
        let mut device = Files::new("/dev/zero".into(), LIMIT);
        assert!(matches!(device.fetch().await, Err(UpstreamError::Malformed(_))));
        Ok(())
    }
}
