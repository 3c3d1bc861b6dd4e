//! The truth about a world, from the world alone: nothing here knows the findings.

use std::collections::BTreeSet;

use findings::evidence::{FieldLines, Method, ObservedRequest};

use super::clients::{self, Felt};
use super::deployment::World;
use super::draw::Drawn;
use super::examined::{Examined, looks_like};
use super::fault::Harms;
use super::server::answer;
use super::site::WarmUp;
use super::tag::Process;

/// The truth, as far as a check can see it.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact by itself")]
pub(crate) struct Truth {
    /// True if some replica answers otherwise than another, to the same request at the same moment.
    pub(crate) replicas_differ: bool,
    /// Harm to clients of the replicas that the check met.
    pub(crate) felt: Felt,
    /// True if a world without the faults would have answered otherwise.
    pub(crate) is_visible: bool,
    /// True if a finding has to say something.
    pub(crate) is_faulty: bool,
    /// True if no finding may say that anything is wrong.
    pub(crate) is_sound: bool,
}

/// The truth about a world and a check of it.
pub(crate) fn of(drawn: &Drawn, examined: &Examined) -> Truth {
    let felt = clients::feel(&drawn.world, examined.ended.max(2_850_000), &examined.met);
    // What no answer shows cannot be known: the constant tag of a content that did not change, or
    // a replica that treats conditions wrongly and was asked without one.
    let mut disguised = drawn.sound.clone();
    drawn.faults.iter().for_each(|fault| (fault.disguise)(&mut disguised));
    let is_visible = !drawn.faults.is_empty()
        && !looks_like(examined, &drawn.sound)
        && (disguised == drawn.sound || !looks_like(examined, &disguised));
    let all: Vec<_> = (0..drawn.world.sites.len()).collect();
    let met_differ = replicas_differ(&drawn.world, examined, &examined.met);
    let harms_others = drawn.faults.iter().any(|fault| match fault.harms {
        Harms::Others => true,
        Harms::Polls | Harms::Nobody => false,
    });
    Truth {
        replicas_differ: met_differ || replicas_differ(&drawn.world, examined, &all),
        felt,
        is_visible,
        is_faulty: is_visible && (felt.is_harm() || harms_others),
        is_sound: drawn.faults.is_empty(),
    }
}

/// Reports whether any two processes answer otherwise, at any moment of the check.
fn replicas_differ(world: &World, examined: &Examined, replicas: &[usize]) -> bool {
    if replicas.len() == 1 && world.restart.is_none() {
        return false;
    }
    // Of processes that start anew meanwhile each is at its own first answer, and later ones have
    // left theirs behind: at one moment they answer otherwise.
    let warms_up = world.sites.iter().any(|site| site.warm_up != WarmUp::None);
    if warms_up && replicas.len() > 1 && world.restart.is_some_and(|at| at < examined.ended) {
        return true;
    }
    let requests = requests(world);
    let moments: BTreeSet<u64> = [0, examined.ended / 2, examined.ended].into();
    let changes = world.changes.iter().flat_map(|change| {
        (0..world.sites.len() as u64).map(|replica| change.at + change.stagger * replica)
    });
    let moments: Vec<_> =
        moments.into_iter().chain(changes.filter(|at| *at <= examined.ended)).collect();
    requests.iter().any(|asked| {
        moments.iter().any(|at| {
            let mut answers = processes(world, examined, replicas).map(|(replica, process)| {
                let moment = world.moment(replica, *at, SERVED, 7);
                let outcome = answer(&world.sites[replica], &process, &moment, asked);
                outcome
                    .map(|response| (response.status, lasting(&response.fields), response.content))
            });
            let first = answers.next();
            answers.any(|other| Some(other) != first)
        })
    })
}

/// Responses of a process that is neither at its first nor at one that fails between.
const SERVED: u32 = 96;

/// Every process of the check: a restart makes new ones.
fn processes<'w>(
    world: &'w World,
    examined: &Examined,
    replicas: &'w [usize],
) -> impl Iterator<Item = (usize, Process)> + use<'w> {
    let times = world.restart.filter(|restart| *restart < examined.ended).map(|_| examined.ended);
    replicas.iter().flat_map(move |&replica| {
        [Some(0), times].into_iter().flatten().map(move |at| (replica, world.process(replica, at)))
    })
}

fn lasting(fields: &FieldLines) -> Vec<(String, Vec<u8>)> {
    let kept = fields.iter().filter(|(name, _)| *name != "server");
    kept.map(|(name, value)| (name.to_owned(), value.to_vec())).collect()
}

/// Requests of every kind, with the validators of the first replica.
fn requests(world: &World) -> Vec<ObservedRequest> {
    let coding = |coding: &str| ObservedRequest {
        accept_encoding: Some(coding.to_owned()),
        ..ObservedRequest::default()
    };
    let mut all = vec![coding("identity"), coding("gzip, br")];
    for plain in all.clone() {
        let moment = world.moment(0, 0, SERVED, 7);
        let Ok(first) = answer(&world.sites[0], &world.process(0, 0), &moment, &plain) else {
            continue;
        };
        let tag = first.fields.get("etag").map(<[u8]>::to_vec);
        let date = first.fields.get("last-modified").map(<[u8]>::to_vec);
        let tags: Vec<_> = tag.into_iter().collect();
        let by_tag = ObservedRequest { none_match: tags.clone(), ..plain.clone() };
        all.push(ObservedRequest { modified_since: date.clone(), ..by_tag.clone() });
        all.push(ObservedRequest {
            none_match: [tags, vec![b"\"x\"".to_vec()]].concat(),
            ..by_tag.clone()
        });
        all.push(by_tag);
        all.push(ObservedRequest { modified_since: date, ..plain.clone() });
        all.push(ObservedRequest { none_match: vec![b"\"x\"".to_vec()], ..plain.clone() });
        all.push(ObservedRequest { method: Method::Head, ..plain });
    }
    all
}
