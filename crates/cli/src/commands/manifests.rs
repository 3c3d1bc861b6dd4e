//! The command lines in `scripts/kubernetes`, understood by the parser of this very program. Nothing of
//! them runs.

use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, FromArgMatches as _};

use super::Arguments;

fn manifests() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/kubernetes");
    let entries = |folder: &Path| {
        let entries = std::fs::read_dir(folder).expect("a folder").map(|it| it.expect("an entry"));
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let folders = entries(&root).into_iter().filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| entries(&folder));
    files.filter(|path| path.extension().is_some_and(|it| it == "yaml")).collect()
}

/// The lists of arguments in a manifest, which are written as JSON.
fn command_lines(manifest: &str) -> Vec<Vec<String>> {
    let lists = manifest.split("args: ").skip(1);
    lists
        .map(|text| {
            let mut lists = serde_json::Deserializer::from_str(text).into_iter();
            lists.next().expect("a list").expect("a list of texts")
        })
        .collect()
}

fn parsed(words: &[String]) -> Result<Arguments, String> {
    let program = crate::help::tuned(Arguments::command());
    let words = std::iter::once("etag-lab").chain(words.iter().map(String::as_str));
    let matches = program.try_get_matches_from(words).map_err(|error| error.to_string())?;
    Arguments::from_arg_matches(&matches).map_err(|error| error.to_string())
}

#[test]
fn every_command_line_in_a_manifest_is_one_of_this_program() {
    let (mut lines, mut containers) = (0, 0);
    for path in manifests() {
        let text = std::fs::read_to_string(&path).expect("a manifest");
        containers += text.matches("image: etag-lab").count();
        for words in command_lines(&text) {
            lines += 1;
            assert_eq!(parsed(&words).err(), None, "{}: {words:?}", path.display());
            // The parser is no formality.
            let wrong = [&words[..], &["--no-such-flag".to_owned()]].concat();
            assert!(parsed(&wrong).is_err());
        }
    }
    // One of them replaces that of another overlay.
    assert_eq!((lines, containers), (6, 5));
}
