//! Options of wget.

use super::{Draft, Word, is_url};

/// Options that take a value in the next word, where it stands there.
const VALUED: [&str; 16] = [
    "-O",
    "--output-document",
    "-o",
    "--output-file",
    "-a",
    "-P",
    "--directory-prefix",
    "-e",
    "-t",
    "--tries",
    "-T",
    "--timeout",
    "-i",
    "--input-file",
    "-Q",
    "-w",
];

/// Options that are read, with the value in the same word or in the next.
const TAKING: [&str; 10] = [
    "--header",
    "--method",
    "--user-agent",
    "--user",
    "--http-user",
    "--post-data",
    "--post-file",
    "--body-data",
    "--referer",
    "-U",
];

pub(super) fn draft(words: &[Word]) -> Option<Draft> {
    let mut draft = Draft { follows: true, ..Draft::default() };
    let mut words = words.iter();
    let mut saves_elsewhere = false;
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        let (name, own) = match text.split_once('=').filter(|_| text.starts_with('-')) {
            Some((name, value)) => (name, Some(Word { text: value.to_owned(), ..*word })),
            None => (text, None),
        };
        if TAKING.contains(&name) {
            let value = own.or_else(|| words.next().cloned())?;
            valued(&mut draft, name, &value);
        } else if VALUED.contains(&name) || is_cluster(text) {
            // With a file of another name -N does nothing.
            saves_elsewhere |= name == "-O" || name == "--output-document" || text.ends_with('O');
            _ = own.or_else(|| words.next().cloned());
        } else if name == "--spider" {
            draft.implied = Some("HEAD");
        } else if name == "-N" || name == "--timestamping" {
            draft.dates_by_file = true;
        } else if name == "-c" || name == "--continue" {
            // It asks for the rest of a file that is not shown.
            draft.is_hidden = true;
        } else if !text.starts_with('-') && is_url(text) {
            draft.urls.push(word.clone());
        }
    }
    draft.dates_by_file &= !saves_elsewhere;
    draft.preset("accept-encoding", "identity");
    (!draft.urls.is_empty()).then_some(draft)
}

fn valued(draft: &mut Draft, name: &str, value: &Word) {
    match name {
        "--header" => draft.line(value),
        "--method" => draft.method = Some(value.text.to_ascii_uppercase()),
        "--user-agent" | "-U" => draft.set("user-agent", &value.text, value.is_hidden),
        "--referer" => draft.set("referer", &value.text, value.is_hidden),
        "--user" | "--http-user" => draft.credentials(value),
        _ => draft.implied = Some("POST"),
    }
}

/// True of letters of which the last takes the next word: `-qSO`.
fn is_cluster(text: &str) -> bool {
    text.len() > 2 && !text.starts_with("--") && text.starts_with('-') && text.ends_with(['O', 'o'])
}
