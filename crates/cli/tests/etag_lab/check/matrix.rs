//! Every deployment of the list is checked: the expected findings are named, and no others.
//!
//! `ETAG_LAB_MATRIX=FILE` writes the confusion matrix (`scripts/regenerate` does);
//! `ETAG_LAB_MATRIX_OF=WORD` checks those alone whose names hold a word.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use serde_json::Value;

use crate::check::deployments::{Deployment, all};
use crate::support::{etag_lab, json_of, require};

/// Findings at one deployment.
struct Row {
    deployment: Deployment,
    /// Names of findings, each with its severity.
    found: BTreeMap<String, String>,
    cause: Option<String>,
    requests: u64,
}

impl Row {
    /// Expected and not named.
    fn missed(&self) -> Vec<&str> {
        let named = |name: &&&str| !self.found.contains_key(**name);
        self.deployment.expected.iter().filter(named).copied().collect()
    }

    /// Named as bad or as a warning, and not to be expected.
    fn wrong(&self) -> Vec<&str> {
        let serious =
            self.found.iter().filter(|(_, severity)| ["bad", "warn"].contains(&severity.as_str()));
        let known = |name: &&str| {
            self.deployment.expected.contains(name) || self.deployment.true_as_well.contains(name)
        };
        serious.map(|(name, _)| name.as_str()).filter(|name| !known(name)).collect()
    }

    fn is_right(&self) -> bool {
        self.missed().is_empty() && self.wrong().is_empty() && !self.wrong_cause()
    }

    fn wrong_cause(&self) -> bool {
        self.deployment.cause.is_some_and(|cause| self.cause.as_deref() != Some(cause))
    }
}

#[test]
fn expected_findings_are_named_and_no_others() {
    let mut deployments = all();
    let peers: BTreeSet<_> = deployments.iter().flat_map(|one| one.peers).copied().collect();
    let missing: BTreeSet<_> = peers.into_iter().filter(|peer| require(peer).is_none()).collect();
    deployments.retain(|one| !one.peers.iter().any(|peer| missing.contains(peer)));
    if let Ok(word) = std::env::var("ETAG_LAB_MATRIX_OF") {
        deployments.retain(|one| one.name.contains(&word));
        assert!(!deployments.is_empty(), "no deployment is called {word}");
    }
    let rows = checked(&deployments);
    let table = table(&rows);
    if let Some(path) = std::env::var_os("ETAG_LAB_MATRIX") {
        std::fs::write(path, &table).expect("the matrix can be written");
    }
    let wrong: Vec<_> = rows
        .iter()
        .filter(|row| !row.is_right())
        .map(|row| {
            let name = &row.deployment.name;
            let (found, cause) = (&row.found, &row.cause);
            format!(
                "{name}: missed {:?}, wrong {:?}, {found:?}, {cause:?}",
                row.missed(),
                row.wrong()
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}\n\n{table}", wrong.join("\n"));
}

/// Checks several deployments at a time: most of the time is spent starting them.
fn checked(deployments: &[Deployment]) -> Vec<Row> {
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Relaxed);
                    let Some(deployment) = deployments.get(index) else { return };
                    let row = check(deployment);
                    rows.lock().expect("no check panics while it holds this").insert(index, row);
                }
            });
        }
    });
    rows.into_inner().expect("all checks are over").into_values().collect()
}

fn check(deployment: &Deployment) -> Row {
    let stage = (deployment.start)();
    let mut command = etag_lab();
    command.args(["check", &stage.url, "--rate", "0", "--format", "json"]).args(&stage.args);
    let output = command.output().expect("etag-lab starts");
    // The servers have to live until here.
    drop((stage.servers, stage.served));
    let result = json_of(&output);
    let findings = result["findings"].as_array().expect("findings are a list");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = findings.iter().map(|one| (text(&one["name"]), text(&one["severity"]))).collect();
    // That of the finding that is the point.
    let point = deployment.expected.iter().copied().find(|name| *name != "healthy");
    let named = findings.iter().find(|one| point.is_some_and(|name| one["name"] == name));
    let cause = named.and_then(|one| one["cause"].as_str()).map(str::to_owned);
    let requests = result["requests"].as_u64().expect("requests are counted");
    Row { deployment: deployment.clone(), found, cause, requests }
}

fn table(rows: &[Row]) -> String {
    let mut matrix: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut lines = String::new();
    for row in rows {
        let expected = row.deployment.expected;
        for name in expected {
            let hit = usize::from(row.found.contains_key(*name));
            let [hits, misses, _] = matrix.entry(name).or_default();
            (*hits, *misses) = (*hits + hit, *misses + 1 - hit);
        }
        for name in row.wrong() {
            matrix.entry(name).or_default()[2] += 1;
        }
        let cause = row.cause.as_deref().map(|cause| format!(" ({cause})")).unwrap_or_default();
        let found: Vec<_> = row.found.iter().map(|(name, how)| format!("{name}: {how}")).collect();
        let ok = if row.is_right() { "✓" } else { "✗" };
        lines.extend([format!(
            "| {ok} | {} | {}{cause} | {} | {} |\n",
            row.deployment.name,
            expected.join(", "),
            found.join(", "),
            row.requests
        )]);
    }
    let right = rows.iter().filter(|row| row.is_right()).count();
    let sums = matrix
        .into_iter()
        .map(|(name, [hits, misses, wrong])| format!("| {name} | {hits} | {misses} | {wrong} |\n"));
    format!(
        "# `etag-lab check` against real deployments\n\nWritten by a test (`scripts/regenerate`). \
         {right} of {} deployments: every expected finding named, and nothing else called bad or a \
         warning.\n\n## Confusion matrix\n\n| finding | named where expected | missed | named where \
         wrong |\n| --- | ---: | ---: | ---: |\n{}\n## Deployments\n\n| | deployment | expected | \
         found | requests |\n| --- | --- | --- | --- | ---: |\n{lines}",
        rows.len(),
        sums.collect::<String>()
    )
}
