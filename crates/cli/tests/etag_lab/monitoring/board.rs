//! Files that others read: rules, pages of metrics, the route and the board, each by its own reader.

use std::collections::BTreeSet;
use std::fs::File;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{pack, page_of, sources, succeeds};
use crate::support::http::{ask, get};
use crate::support::served::{Served, balancer};
use crate::support::{at_home, ended, home, require, skip, stdout, workspace};

#[test]
fn prometheus_accepts_every_rule_and_every_run() {
    let Some(promtool) = require("promtool") else { return };
    let names = sources().into_iter().map(|name| pack(&format!("sources/{name}.yml")));
    let files = names.chain([pack("revalidation.yml")]);
    succeeds(Command::new(&promtool).args(["check", "rules"]).args(files));
    ended(&["run", "--no-save", "--format", "openmetrics", "-o", "run.om"], 0);
    let create = ["tsdb", "create-blocks-from", "openmetrics", "run.om", "data"];
    let output = succeeds(at_home(&promtool).args(create));
    assert!(stdout(&output).contains("BLOCK ULID"), "{}", stdout(&output));
}

#[test]
fn every_alert_names_its_step_in_the_runbook_and_the_command_that_finds_the_cause() {
    let rules = std::fs::read_to_string(pack("revalidation.yml")).expect("there are rules");
    let runbook = std::fs::read_to_string(workspace().join("scenarios/RUNBOOK.md"));
    let runbook = runbook.expect("there is a runbook");
    for alert in rules.split("- alert: ").skip(1) {
        let named = |key: &str| alert.lines().find_map(|line| line.trim().strip_prefix(key));
        let step = named("runbook: scenarios/RUNBOOK.md, ").unwrap_or_else(|| panic!("{alert}"));
        let sections = step.split("section ").skip(1).map(|rest| &rest[..1]);
        let mut headings = sections.map(|number| format!("\n## {number}. "));
        assert!(headings.all(|heading| runbook.contains(&heading)), "{step}");
        assert!(named("check: ").is_some_and(|it| it.starts_with("etag-lab check ")), "{alert}");
    }
}

#[test]
fn the_pages_of_all_servers_are_as_prometheus_wants_them() {
    let Some(promtool) = require("promtool") else { return };
    let replica = Served::start(&["replica", "--metrics", "127.0.0.1:0"]);
    let gateway = balancer(&[replica.address], &["--metrics", "127.0.0.1:0"]);
    get(gateway.address, &[]).expect("it answers");
    let table = home().join("table.json");
    std::fs::write(&table, r#"{"routes":[{"id":"a"}]}"#).expect("the table can be written");
    let proxy = Served::start(&["coalesce", "--upstream", &table.display().to_string()]);
    for address in [page_of(&replica), page_of(&gateway), proxy.address] {
        let page = ask(address, "GET /metrics", &[]).expect("it answers").content;
        let file = home().join("page.txt");
        std::fs::write(&file, page).expect("the page can be written");
        let page = File::open(file).expect("it is there");
        succeeds(Command::new(&promtool).args(["check", "metrics"]).stdin(page));
    }
}

#[test]
fn alertmanager_accepts_the_route() {
    let Some(amtool) = require("amtool") else { return };
    succeeds(Command::new(amtool).arg("check-config").arg(pack("alertmanager.yml")));
}

/// Names of recorded series and of alerts in a text, such as `service:http_304:ratio_rate5m`.
fn recorded(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_:".contains(c);
    let words = text.split(|c| !is_part(c)).map(|word| word.trim_matches(':'));
    let is_recorded = |word: &&str| word.starts_with("service:") || word.starts_with("node:");
    words.filter(is_recorded).map(str::to_owned).collect()
}

#[test]
fn the_board_shows_what_the_rules_record_of_any_source_of_data() {
    let board = std::fs::read_to_string(pack("board.json")).expect("there is a board");
    let rules = std::fs::read_to_string(pack("revalidation.yml")).expect("there are rules");
    let made: String = rules.lines().filter(|line| line.contains("record: ")).collect();
    let made = recorded(&made);
    let shown = recorded(&board);
    assert!(shown.len() > 5 && shown.is_subset(&made), "{shown:?}\n{made:?}");
    let board: Value = serde_json::from_str(&board).expect("JSON");
    assert_eq!(board["templating"]["list"][0]["type"], "datasource");
    for panel in board["panels"].as_array().expect("panels") {
        for shown in panel["targets"].as_array().expect("targets").iter().chain([panel]) {
            assert_eq!(shown["datasource"]["uid"], "${datasource}", "{panel}");
        }
    }
}

/// Grafana publishes its schema as types of TypeScript. Their enumerations are compared as the texts
/// and numbers that stand in a file.
const TYPES: &str = "import type { Dashboard } from '@grafana/schema';
type InFile<T> = T extends string ? T | `${T}`
  : T extends number | boolean | null | undefined ? T
  : T extends Array<infer I> ? Array<InFile<I>>
  : T extends object ? { [K in keyof T]: InFile<T[K]> } : T;
const board: InFile<Dashboard> =
";

#[test]
fn the_board_is_one_by_the_schema_of_grafana() {
    let modules = workspace().join("target/peers/node_modules");
    let compiler = modules.join("typescript/lib/tsc.js");
    let Some(node) = require("node") else { return };
    if !compiler.is_file() || !modules.join("@grafana/schema").is_dir() {
        return skip("@grafana/schema");
    }
    let board = std::fs::read_to_string(pack("board.json")).expect("there is a board");
    let compile = |name: &str, board: &str| {
        let file = home().join(name);
        std::fs::write(&file, format!("{TYPES}{board};\nexport default board;\n"))
            .expect("written");
        // Modules are looked for beside the file and above.
        let link = home().join("node_modules");
        if !link.exists() {
            std::os::unix::fs::symlink(&modules, link).expect("a link");
        }
        let flags = "--noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler";
        let mut command = Command::new(&node);
        command.arg(&compiler).args(flags.split(' ')).arg(file).stdin(Stdio::null());
        command.output().expect("node starts")
    };
    let output = compile("board.ts", &board);
    assert!(output.status.success(), "{}", stdout(&output));
    let wrong = board.replacen("\"gridPos\"", "\"gridPosition\"", 1);
    assert!(!compile("wrong.ts", &wrong).status.success(), "a wrong board is no board");
}
