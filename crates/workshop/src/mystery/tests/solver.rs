//! A participant in code: it has the addresses of a ticket, a check, and the order to change the content.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use findings::Check;
use http::HeaderMap;
use probe::run::{BUDGET, Job, collect};
use probe::transport::RequestSettings;
use tokio::sync::watch;
use wire::json::JsonClient;

use super::fleet::LocalFleet;
use crate::mystery::Difficulty;
use crate::mystery::solution::Solution;

/// Mysteries of a level that are solved in any run of the tests.
const FEW: u64 = 25;
/// Share that must be solved.
const SOLVED: f64 = 0.95;

#[test]
fn a_participant_solves_mysteries_of_the_first_two_levels() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let seeds = if std::env::var_os(super::ALL).is_some() { super::SEEDS } else { FEW };
    runtime.expect("a runtime").block_on(async {
        for difficulty in [Difficulty::Plain, Difficulty::Hidden] {
            let mut unsolved = BTreeMap::new();
            for seed in 0..seeds {
                let solution = Solution::of(seed, difficulty);
                let said = solved(&solution).await;
                let [culprit] = solution.culprits.as_slice() else { panic!("there is one") };
                let cause = said.1.as_deref();
                if !culprit.is_named_by(&said.0, cause) {
                    unsolved.insert(seed, (said, culprit.code, solution.fleet));
                }
            }
            let share = 1.0 - unsolved.len() as f64 / seeds as f64;
            assert!(share >= SOLVED, "{difficulty:?}: {unsolved:#?}");
        }
    });
}

/// Code and cause that a participant would answer.
async fn solved(solution: &Solution) -> (String, Option<String>) {
    let mut fleet = LocalFleet::start(solution.dashboard()).await;
    let path = solution.fleet.path;
    let url = format!("http://{}{path}", fleet.balancer);
    let nodes: Vec<_> = fleet.addresses.iter().map(SocketAddr::to_string).collect();
    let through = checked(&url, Vec::new()).await;
    let each = checked(&url, nodes).await;
    // Faults of nodes are seen at the nodes, those of the balancer through it; else only a change tells.
    let worst = [&each, &through].into_iter().find_map(bad);
    if let Some(worst) = worst {
        return worst;
    }
    let size_alone = got_a_false_304(&mut fleet, path).await;
    match size_alone {
        Some(true) => ("ETL002".to_owned(), Some("over-time".to_owned())),
        Some(false) => ("ETL002".to_owned(), Some("size-alone".to_owned())),
        None => ("ETL029".to_owned(), None),
    }
}

fn bad(check: &Check) -> Option<(String, Option<String>)> {
    use measure::record::Severity;
    let worst = check.findings.iter().find(|finding| finding.severity == Severity::Bad)?;
    Some((worst.kind.code.clone(), worst.cause.map(str::to_owned)))
}

/// Changes the content and sends the tag from before: `Some` where that gets a 304, with whether the date
/// stayed as well.
async fn got_a_false_304(fleet: &mut LocalFleet, path: &str) -> Option<bool> {
    let mut node = JsonClient::at(fleet.addresses[0], Duration::from_secs(5));
    let before = node.get(path, HeaderMap::new()).await.expect("it answers");
    let field = |name: &str| before.fields.get(name).cloned();
    let tag = field("etag")?;
    fleet.change();
    let after = node.get(path, HeaderMap::new()).await.expect("it answers");
    let replayed = HeaderMap::from_iter([(http::header::IF_NONE_MATCH, tag)]);
    let replayed = node.get(path, replayed).await.expect("it answers");
    let is_false = replayed.status == 304 && before.content != after.content;
    let stayed = field("last-modified").as_ref() == after.fields.get("last-modified");
    is_false.then_some(stayed)
}

async fn checked(url: &str, backends: Vec<String>) -> Check {
    let job = Job {
        url: url.to_owned(),
        backends,
        all_ips: false,
        resolve: Vec::new(),
        follow: false,
        earlier: None,
        write: false,
        budget: BUDGET,
        rate: 0.0,
        max_time: Duration::from_secs(30),
        settings: RequestSettings::default(),
    };
    let (_never, stop) = watch::channel(false);
    let evidence = collect(&job, &watch::channel(probe::run::Progress::default()).0, &stop).await;
    Check::of(&evidence.expect("the URL is one"))
}
