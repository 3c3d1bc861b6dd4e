//! Files as they come: compressed, rotated, cut, mixed, damaged, growing.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use etag_lab_logs::input::{InputError, Job, Reading, read};
use flate2::write::GzEncoder;

use crate::fleet::{Fleet, Notation, TagOf, write};

fn job(files: &[&Path]) -> Job {
    Job { files: files.iter().map(|path| path.to_path_buf()).collect(), ..Job::default() }
}

fn read_all(files: &[&Path]) -> Reading {
    read(&job(files), &AtomicBool::new(false), &mut |_| {}).expect("a log")
}

fn log() -> String {
    Fleet { notation: Notation::Json, tags: TagOf::Replica, ..Fleet::default() }.log()
}

fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

fn zstd(text: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn compressed_and_rotated_logs_are_read_as_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = log();
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let part = |range: std::ops::Range<usize>| lines[range].concat();
    let place = |name: &str| folder.path().join(name);
    let parts = [place("access.log"), place("access.log.1"), place("access.log.2.gz")];
    write(&parts[0], part(400..600).as_bytes());
    write(&parts[1], &zstd(part(200..400).as_bytes()));
    // Two members, as a rotation that appends makes them.
    let members = [gzipped(part(0..100).as_bytes()), gzipped(part(100..200).as_bytes())].concat();
    write(&parts[2], &members);
    let whole = place("whole.log");
    write(&whole, text.as_bytes());
    let (one, several) = (read_all(&[&whole]), read_all(&[&parts[0], &parts[1], &parts[2]]));
    assert_eq!((one.lines.read, several.lines.read), (600, 600));
    assert_eq!(printed(one), printed(several), "the newest was named first");
}

/// Everything that is printed of a reading.
fn printed(reading: Reading) -> String {
    let Reading { account, layouts, lines, .. } = reading;
    let summary = etag_lab_logs::Summary::of(&account, &layouts, lines);
    etag_lab_logs::render(
        &summary,
        etag_lab_logs::Format::Json,
        report::Style { color: false, width: 80 },
        etag_lab_logs::Options { price: None },
    )
}

#[test]
fn the_number_of_threads_changes_no_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.log");
    let tags = [TagOf::Content, TagOf::Replica, TagOf::Copy, TagOf::Constant];
    let notations = [Notation::Combined, Notation::Json, Notation::JsonAlone];
    for seed in 0..12 {
        let of = |index: u64| (seed / index) as usize;
        let fleet = Fleet {
            seed,
            tags: tags[of(1) % tags.len()],
            notation: notations[of(4) % notations.len()],
            // Some blocks and more.
            polls: 120,
            clients: 12,
            releases: vec![(900, 60, 16), (2_000, 300, 0)],
            has_others: true,
            ..Fleet::default()
        };
        // A line that is none, far behind the first block.
        write(&path, (fleet.log() + "no line\n" + &fleet.log()).as_bytes());
        let read_on = |threads: usize| {
            let job = Job { threads, ..job(&[&path]) };
            printed(read(&job, &AtomicBool::new(false), &mut |_| {}).expect("a log"))
        };
        let one = read_on(1);
        for threads in [2, 3, 7] {
            assert_eq!(read_on(threads), one, "{threads} threads: {fleet:?}");
        }
    }
}

#[test]
fn what_is_cut_is_read_up_to_there_and_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.log.gz");
    let whole = gzipped(log().as_bytes());
    write(&path, &whole[..whole.len() / 2]);
    let reading = read_all(&[&path]);
    assert!(reading.lines.read > 100 && reading.notes.len() == 1, "{:?}", reading.notes);
}

#[test]
fn garbage_and_lines_of_another_form_are_counted_and_covered() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.log");
    let text = log();
    let mut damaged = text.clone().into_bytes();
    damaged.extend([0, 255, b'"', 7, b'\n']);
    damaged.extend("hunter2 ".repeat(200_000).bytes());
    damaged.extend(b"\n\n\r\n");
    damaged.extend(text.lines().next().expect("a line")[..40].bytes());
    write(&path, &damaged);
    let reading = read_all(&[&path]);
    assert_eq!((reading.lines.read, reading.lines.unparsed), (603, 3));
    let (number, shape) = reading.lines.first_unparsed.expect("a line");
    assert_eq!(number, 601);
    assert!(!shape.contains("hunter"), "{shape}");
    write(&path, b"\x7fELF\x02\x01\x01\0\n\0\0");
    let error = read(&job(&[&path]), &AtomicBool::new(false), &mut |_| {}).expect_err("no log");
    assert!(matches!(error, InputError::Format(..)), "{error}");
    write(&path, b"");
    assert_eq!(read_all(&[&path]).lines.read, 0);
}

/// Appends lines as a server does.
fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).expect("a file");
    file.write_all(text.as_bytes()).expect("it takes lines");
}

#[test]
fn a_log_is_followed_across_rotation_and_truncation() {
    let folder = tempfile::tempdir().expect("a folder");
    let path: PathBuf = folder.path().join("access.log");
    let text = log();
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    append(&path, &lines[..100].concat());
    let stop = AtomicBool::new(false);
    let mut turn = 0;
    let job = Job { follow: true, ..job(&[&path]) };
    // Each step waits for the lines of the one before.
    let reading = read(&job, &stop, &mut |reading| match (turn, reading.lines.read) {
        (0, 100) => {
            turn = 1;
            // Half a line now, the rest of it later.
            append(&path, &(lines[100].to_owned() + &lines[101][..30]));
        }
        (1, 101) => {
            turn = 2;
            append(&path, &lines[101][30..]);
            std::fs::rename(&path, folder.path().join("access.log.1")).expect("it is renamed");
            append(&folder.path().join("access.log.1"), lines[102]);
            append(&path, &lines[103..200].concat());
        }
        (2, 200) => {
            turn = 3;
            OpenOptions::new().write(true).truncate(true).open(&path).expect("it is there");
            append(&path, lines[200]);
        }
        (3, 201) => stop.store(true, Ordering::Relaxed),
        _ => {}
    });
    assert_eq!(reading.expect("a log").lines.read, 201);
}
