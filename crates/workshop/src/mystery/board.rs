//! Results in files, and the table of several of them: without any server.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use text::{count, shorten, visible};

use super::score::MysteryResult;

/// Longest file of results that is read.
const MOST_BYTES: u64 = 1 << 20;
/// Files of one name that are tried.
const MOST_FILES: u32 = 100;
/// Columns of a team's name.
const TEAM: usize = 24;

/// Writes a result to a file of its own in this folder, and takes the place of none.
pub(super) fn keep(folder: &Path, result: &MysteryResult) -> std::io::Result<PathBuf> {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let team: String = result.team.chars().map(plain).take(40).collect();
    let team = if team.is_empty() { team } else { format!("-{team}") };
    let stem = format!("mystery-{}-{}{team}", result.seed, result.level);
    let names = (1..=MOST_FILES).map(|number| match number {
        1 => format!("{stem}.json"),
        _ => format!("{stem}-{number}.json"),
    });
    let mut error = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
    for path in names.map(|name| folder.join(name)) {
        match std::fs::File::create_new(&path) {
            Ok(mut file) => return file.write_all(result.line().as_bytes()).map(|()| path),
            Err(refused) if refused.kind() == std::io::ErrorKind::AlreadyExists => error = refused,
            Err(refused) => return Err(refused),
        }
    }
    Err(error)
}

/// Reads the results in a file; an error says which line is none.
pub fn read(path: &Path) -> Result<Vec<MysteryResult>, String> {
    let help = "give files that `etag-lab mystery` has written at the end of a mystery";
    let text = system::file::read(path, MOST_BYTES);
    let text = text.map_err(|error| format!("{error}\n  = help: {help}"))?;
    let text = String::from_utf8_lossy(&text);
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let read = lines.map(|(number, line)| {
        let result = serde_json::from_str(line);
        result.map_err(|error: serde_json::Error| {
            let path = path.display();
            format!("`{path}` holds no result in line {number}: {error}\n  = help: {help}")
        })
    });
    read.collect()
}

/// The table of several results, best first. One that was changed after it was signed stands below.
pub fn board(mut results: Vec<MysteryResult>) -> String {
    results.sort_by(|one, other| {
        let rank = |result: &MysteryResult| (!result.is_genuine(), -result.points);
        let by_time = one.minutes.total_cmp(&other.minutes);
        rank(one).cmp(&rank(other)).then(by_time).then_with(|| one.team.cmp(&other.team))
    });
    let head = format!(
        "{:<4} {:<TEAM$} {:>6} {:>7}  {:>9} {:>5} {:>5}  {}\n",
        "", "team", "points", "minutes", "requests", "hints", "wrong", "seed"
    );
    let rows = (1..).zip(&results).map(|(place, result)| row(place, result));
    std::iter::once(head).chain(rows).collect()
}

fn row(place: u32, result: &MysteryResult) -> String {
    let MysteryResult { points, minutes, hints, wrong, seed, level, .. } = result;
    let team = if result.team.is_empty() { "-" } else { &result.team };
    let team = shorten(&visible(team), TEAM);
    let (place, changed) = if result.is_genuine() {
        (format!("{place}."), "")
    } else {
        ("-".to_owned(), ", changed since it was signed")
    };
    let requests = format!("{}/{}", count(result.requests), result.par);
    // By hand, because wide characters count as two columns.
    let pad = " ".repeat(TEAM.saturating_sub(text::width(&team)));
    format!(
        "{place:<4} {team}{pad} {points:>6} {minutes:>7.1}  {requests:>9} {hints:>5} {wrong:>5}  {seed} \
         level {level}{changed}\n"
    )
}
