//! What is wrong with the fleet of a seed: drawn, and known to nobody but the seed.

use scenario::Scenario;

use super::Difficulty;
use super::culprits::{CULPRITS, Cover, Culprit, Guise, HEALTHY};
use super::fleet_plan::{FleetPlan, HONEST, NO_EDGE};
use super::load;
use super::lottery::Lottery;
use super::repair::Fix;

/// The whole truth about a mystery.
#[derive(Clone, Debug)]
pub(crate) struct Solution {
    /// What there is to find; the healthy one alone where nothing is wrong.
    pub(crate) culprits: Vec<&'static Culprit>,
    /// How they keep out of sight.
    pub(crate) cover: Cover,
    /// Something unusual that is no fault.
    pub(crate) oddity: Option<&'static Oddity>,
    pub(crate) fleet: FleetPlan,
    /// Words of those who complain.
    pub(crate) users: &'static str,
    /// True where the dashboard's own clients see nothing of it.
    pub(crate) is_dashboard_blind: bool,
}

/// Something unusual that does no harm.
#[derive(Debug)]
pub(crate) struct Oddity {
    pub(crate) says: &'static str,
    /// Behaviour of the balancer that is no fault beside it.
    spares: Option<&'static str>,
    strategy: Option<&'static str>,
    edge: Option<&'static str>,
    cache_control: Option<&'static str>,
}

const NO_ODDITY: Oddity =
    Oddity { says: "", spares: None, strategy: None, edge: None, cache_control: None };

static ODDITIES: &[Oddity] = &[
    Oddity {
        says: "tags are weak, which is all that If-None-Match needs",
        strategy: Some("weak-content-hash"),
        // It takes strong tags away, and no others.
        spares: Some("gzip-strip"),
        ..NO_ODDITY
    },
    Oddity {
        says: "the balancer weakens tags when it compresses, and a weak tag still gets its 304",
        edge: Some("gzip-weaken"),
        ..NO_ODDITY
    },
    Oddity {
        says: "compressed responses have a suffix at their tag, which is understood when it comes back",
        edge: Some("gzip-suffix-understood"),
        ..NO_ODDITY
    },
    Oddity {
        says: "max-age keeps clients from asking for a minute, which is what it is for",
        cache_control: Some("max-age=60"),
        ..NO_ODDITY
    },
];

/// Fleets in which nothing is wrong, of a hundred.
const HEALTHY_SHARE: u64 = 12;
/// The same among those with something unusual.
const ODD_AND_HEALTHY_SHARE: u64 = 40;

impl Solution {
    /// Draws the truth of a seed.
    pub(crate) fn of(seed: u64, difficulty: Difficulty) -> Self {
        let lottery = &mut Lottery::of(seed, difficulty);
        let mut solution = match difficulty {
            Difficulty::Plain => plain(lottery),
            Difficulty::Hidden => hidden(lottery),
            Difficulty::Mixed => mixed(lottery),
        };
        if solution.is_healthy() {
            // People complain all the same, and in the same words.
            solution.users = lottery.one(&[HEALTHY.users, CULPRITS[0].users, CULPRITS[2].users]);
        }
        solution
    }

    pub(crate) fn is_healthy(&self) -> bool {
        self.culprits.iter().any(|culprit| culprit.code == HEALTHY.code)
    }

    /// The load of the clients that its dashboard counts.
    pub(crate) fn dashboard(&self) -> Scenario {
        load::dashboard(&self.fleet, self.is_dashboard_blind, self.is_healthy())
    }

    /// The repair that makes it right; an empty one where nothing is wrong.
    pub(crate) fn fix(&self) -> Fix {
        let fleet = &self.fleet;
        let is_harmless = |what: Option<&str>, own: &str| what == Some(own);
        let oddity = self.oddity.unwrap_or(&NO_ODDITY);
        let tags = fleet.strategy != HONEST && !is_harmless(oddity.strategy, fleet.strategy);
        let edge = fleet.edge != NO_EDGE && !is_harmless(oddity.edge, fleet.edge);
        Fix {
            strategy: tags.then(|| HONEST.to_owned()),
            edge: edge.then(|| NO_EDGE.to_owned()),
            policy: None,
            same_content: fleet.names_node,
        }
    }

    /// Fewest requests that decide it.
    pub(crate) fn par(&self) -> u64 {
        let nodes = self.fleet.nodes() as u64;
        let of = |culprit: &&Culprit| culprit.requests(nodes);
        self.culprits.iter().map(of).sum()
    }

    fn with(fleet: FleetPlan, culprits: Vec<&'static Culprit>, cover: Cover) -> Self {
        let users = culprits[0].users;
        Self { culprits, cover, oddity: None, fleet, users, is_dashboard_blind: false }
    }
}

fn plain(lottery: &mut Lottery) -> Solution {
    let nodes = 2 + lottery.below(3) as u32;
    let mut fleet = FleetPlan::honest(lottery, nodes);
    fleet.policy = lottery.one(&["round-robin", "random", "least-requests"]);
    if lottery.percent(HEALTHY_SHARE) {
        return Solution::with(fleet, vec![&HEALTHY], Cover::Nothing);
    }
    let (culprit, guise) = drawn(lottery, |guise| guise.cover == Cover::Nothing);
    fleet.take(guise, lottery);
    Solution::with(fleet, vec![culprit], guise.cover)
}

/// One fault that hides: by itself, behind a policy that pins, or from a dashboard that keeps step.
fn hidden(lottery: &mut Lottery) -> Solution {
    let is_healthy = lottery.percent(HEALTHY_SHARE);
    let by_itself = lottery.percent(50);
    let (culprit, guise) = drawn(lottery, |guise| match guise.cover {
        // What is missing everywhere, no policy hides.
        Cover::Nothing => !by_itself && guise.last_modified,
        _ => by_itself,
    });
    let nodes = match guise.cover {
        Cover::OneNode => 5,
        _ => 2 + lottery.below(3) as u32,
    };
    let mut fleet = FleetPlan::honest(lottery, nodes);
    // A balancer without tags hides from nobody, and what hides by itself needs no policy for it.
    let policies: &[&str] = match guise.cover {
        Cover::Nothing => &["sticky", "per-connection", "round-robin"],
        _ => &["round-robin", "random"],
    };
    fleet.policy = lottery.one(policies);
    if is_healthy {
        return Solution::with(fleet, vec![&HEALTHY], Cover::Nothing);
    }
    fleet.take(guise, lottery);
    Solution { is_dashboard_blind: true, ..Solution::with(fleet, vec![culprit], guise.cover) }
}

/// Two faults, or one or none beside something unusual.
fn mixed(lottery: &mut Lottery) -> Solution {
    let nodes = 2 + lottery.below(3) as u32;
    let mut fleet = FleetPlan::honest(lottery, nodes);
    fleet.policy = lottery.one(&["round-robin", "random"]);
    if lottery.percent(50) {
        // Each must be seen beside the other: one of the tags, one of what happens to them.
        let (one, tags) = drawn(lottery, |guise| {
            guise.edge.is_none() && guise.cover == Cover::Nothing && guise.makes_tags()
        });
        let (other, edge) = drawn(lottery, |guise| guise.cover == Cover::Compressed);
        fleet.take(tags, lottery);
        let histories = fleet.histories.clone();
        fleet.take(edge, lottery);
        fleet.histories = histories;
        return Solution::with(fleet, vec![one, other], Cover::Nothing);
    }
    let oddity = &ODDITIES[lottery.below(ODDITIES.len() as u64) as usize];
    fleet.strategy = oddity.strategy.unwrap_or(fleet.strategy);
    fleet.edge = oddity.edge.unwrap_or(fleet.edge);
    fleet.cache_control = oddity.cache_control.unwrap_or(fleet.cache_control);
    let with_oddity = |fleet, culprit, cover| Solution {
        oddity: Some(oddity),
        ..Solution::with(fleet, vec![culprit], cover)
    };
    if lottery.percent(ODD_AND_HEALTHY_SHARE) {
        return with_oddity(fleet, &HEALTHY, Cover::Nothing);
    }
    // Neither takes the place of the other.
    let (culprit, guise) = drawn(lottery, |guise| {
        let is_free = (guise.strategy.is_none() || oddity.strategy.is_none())
            && (guise.edge.is_none() || oddity.edge.is_none());
        let is_apart = guise.edge.is_none() || guise.edge != oddity.spares;
        // A balancer that changes tags needs some.
        let has_tags = guise.makes_tags() || oddity.edge.is_none();
        is_free && is_apart && has_tags && guise.cover != Cover::Change
    });
    fleet.take(guise, lottery);
    with_oddity(fleet, culprit, guise.cover)
}

/// A culprit with a guise that fits: each kind of fault as likely as another.
fn drawn(
    lottery: &mut Lottery,
    fits: impl Fn(&Guise) -> bool,
) -> (&'static Culprit, &'static Guise) {
    let fitting: Vec<_> = CULPRITS
        .iter()
        .map(|culprit| (culprit, culprit.guises.iter().filter(|guise| fits(guise)).collect()))
        .filter(|(_, guises): &(_, Vec<_>)| !guises.is_empty())
        .collect();
    let (culprit, guises) = &fitting[lottery.below(fitting.len() as u64) as usize];
    (culprit, lottery.one(guises))
}
