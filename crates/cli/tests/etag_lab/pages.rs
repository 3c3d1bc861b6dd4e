//! The pages show what the program prints, but for what differs from run to run, and point to files
//! that exist. With `REGENERATE` set, as `scripts/regenerate` does, what they show is written instead.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support;
use crate::support::served::{Served, balancer};

/// A block of output in a page: the first one after a marker.
struct Shown {
    page: &'static str,
    marker: &'static str,
}

impl Shown {
    fn text(&self) -> String {
        read(self.page)[self.span()].to_owned()
    }

    fn span(&self) -> std::ops::Range<usize> {
        let page = read(self.page);
        let after = |start: usize, needle: &str| {
            let found = page[start..].find(needle);
            start + found.unwrap_or_else(|| panic!("{} lacks {needle:?}", self.page))
        };
        let start = after(after(0, self.marker), "```text\n") + "```text\n".len();
        start..after(start, "```\n")
    }

    /// Fails unless what is shown and what is `printed` agree in what `repeats`.
    fn check(&self, printed: &str, repeats: impl Fn(&str) -> Vec<String>) {
        if std::env::var_os("REGENERATE").is_some() {
            let mut page = read(self.page);
            page.replace_range(self.span(), printed);
            std::fs::write(support::workspace().join(self.page), page).expect("it can be written");
        }
        let [shown, printed] = [&self.text(), printed].map(repeats);
        for (number, (shown, printed)) in shown.iter().zip(&printed).enumerate() {
            assert_eq!(shown, printed, "{}, line {} of the block", self.page, number + 1);
        }
        assert_eq!(shown.len(), printed.len(), "lines shown and printed: {}", self.page);
    }
}

fn read(page: &str) -> String {
    std::fs::read_to_string(support::workspace().join(page)).expect(page)
}

fn printed(args: &[&str]) -> String {
    let output = support::etag_lab().args(args).env("COLUMNS", "80").output();
    String::from_utf8(output.expect("etag-lab starts").stdout).expect("it prints UTF-8")
}

/// Latencies differ from run to run, everything else is counted and repeats.
fn without_latencies(text: &str) -> Vec<String> {
    let timed = |line: &&str| !["µs", " ms"].iter().any(|unit| line.contains(unit));
    text.lines().filter(timed).map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn the_readme_shows_the_real_output_of_its_one_command() {
    let shown = Shown { page: "README.md", marker: "# etag-lab" };
    shown.check(&printed(&["run", "--no-save"]), without_latencies);
    assert!(shown.text().contains("µs"), "the README shows latencies too");
}

#[test]
fn the_manual_shows_the_real_output_of_a_run_with_a_shared_store() {
    let shown = Shown { page: "scenarios/SHARED-STORE.md", marker: "<!-- shared-store -->" };
    shown.check(&printed(&["run", "shared-store", "--no-save"]), counted);
}

/// Words that repeat of a run with a shared tag, which is drawn anew in each run; column widths depend on
/// latencies.
fn counted(text: &str) -> Vec<String> {
    let words = |line: String| {
        let words = line.split_whitespace();
        let words = words.map(|word| if word.starts_with("W/\"") { "[tag]" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    without_latencies(text).into_iter().map(words).collect()
}

#[test]
fn the_manual_shows_exchanges_that_take_place() {
    let shown = Shown { page: "crates/report/README.md", marker: "<!-- wire -->" };
    shown.check(&excerpt(&printed(&["wire"])), without_places_and_dates);
}

/// The first exchange and the verdict of each arm, with an ellipsis for the others.
fn excerpt(log: &str) -> String {
    let mut excerpt = Vec::new();
    let mut is_first = false;
    for paragraph in log.split("\n\n") {
        match paragraph.chars().next() {
            Some('a') => is_first = true,
            Some('*') if is_first => {
                is_first = false;
                excerpt.extend([paragraph, "…"]);
                continue;
            }
            Some('✗' | '✓') => {}
            _ => continue,
        }
        excerpt.push(paragraph);
    }
    excerpt.join("\n\n").trim_end().to_owned() + "\n"
}

/// Ports and dates by placeholders.
fn without_places_and_dates(text: &str) -> Vec<String> {
    let line = |line: &str| {
        if line.starts_with("< date: ") {
            return "< date: […]".to_owned();
        }
        let words = line.split(' ').map(|word| match word.split_once(':') {
            Some(("127.0.0.1", _)) => "127.0.0.1:[port]",
            _ if word.len() == 5 && word.bytes().all(|byte| byte.is_ascii_digit()) => "[port]",
            _ => word,
        });
        words.collect::<Vec<_>>().join(" ")
    };
    text.lines().map(line).collect()
}

#[test]
fn the_readme_shows_the_check_of_a_broken_fleet() {
    let replica = |seen| {
        let seen = format!("--changes-seen={seen}");
        let strategy = "--strategy=per-process-counter";
        Served::start(&["replica", strategy, "--no-last-modified", &seen])
    };
    let replicas = [41, 18, 2].map(replica);
    let front = balancer(&replicas.each_ref().map(|replica| replica.address), &[]);
    // On the port that the page names, as a reader would start it.
    let text = printed(&["check", &front.url(), "--rate=0"])
        .replace(&front.address.to_string(), "127.0.0.1:9000");
    let shell = format!("$ etag-lab check http://127.0.0.1:9000/api/config\n{text}");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    Shown { page: "README.md", marker: "<!-- check -->" }.check(&shell, lines);
}

/// Every page of the project.
fn pages() -> Vec<PathBuf> {
    let mut list = Command::new("git");
    list.args(["ls-files", "*.md"]).current_dir(support::workspace());
    let output = list.output().expect("git lists the files");
    let names = String::from_utf8(output.stdout).expect("names are UTF-8");
    names.lines().map(PathBuf::from).collect()
}

#[test]
fn every_file_that_a_page_points_to_exists() {
    let pages = pages();
    assert!(pages.len() > 10, "{pages:?}");
    for page in pages {
        let text = read(&page.to_string_lossy());
        let folder = support::workspace().join(&page);
        let folder = folder.parent().unwrap_or(Path::new("."));
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let file = link.split('#').next().unwrap_or(link);
            assert!(folder.join(file).exists(), "{} points to {link}", page.display());
        }
    }
}

/// A page that is to be read at one sitting.
#[test]
fn the_two_first_pages_stay_short() {
    for (page, most) in [("README.md", 9_000), ("crates/README.md", 12_000)] {
        let bytes = read(page).len();
        assert!(bytes <= most, "{page} has {bytes} bytes, at most {most} are wanted");
    }
}

/// Each row of the architecture page's table of crates: name, and the crates it depends on.
fn rows_of_crates() -> Vec<(String, Vec<String>)> {
    let page = read("crates/README.md");
    let (_, table) = page.split_once("| crate | purpose").expect("the page has the table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let needs = cells[3].split(", ").filter(|name| *name != "–").map(str::to_owned);
        (cells[1].trim_matches('`').to_owned(), needs.collect())
    };
    rows.map(row).collect()
}

#[test]
fn the_table_of_crates_is_what_their_manifests_say() {
    let rows = rows_of_crates();
    let position = |name: &str| rows.iter().position(|(row, _)| row == name);
    for (index, (name, needs)) in rows.iter().enumerate() {
        let manifest = read(&format!("crates/{name}/Cargo.toml"));
        let (_, section) = manifest.split_once("[dependencies]\n").unwrap_or(("", ""));
        let lines = section.lines().take_while(|line| !line.starts_with('['));
        let names = lines.filter_map(|line| line.split(['.', ' ']).next());
        let mut used: Vec<_> = names.filter(|name| position(name).is_some()).collect();
        let mut listed: Vec<_> = needs.iter().map(String::as_str).collect();
        used.sort_unstable();
        listed.sort_unstable();
        assert_eq!(listed, used, "the row of {name}");
        for need in listed {
            assert!(position(need) < Some(index), "{name} stands above {need}");
        }
    }
    let folders = std::fs::read_dir(support::workspace().join("crates")).expect("it is a folder");
    let is_crate = |path: &PathBuf| path.join("Cargo.toml").exists();
    let crates = folders.filter_map(Result::ok).map(|entry| entry.path()).filter(is_crate);
    assert_eq!(rows.len(), crates.count(), "crates in the table");
}
