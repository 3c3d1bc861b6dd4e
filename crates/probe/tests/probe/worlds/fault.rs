//! Kinds of faults: how each gets into a world, and which findings name it.

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;

use super::deployment::World;
use super::site::Site;

mod conditions;
mod representations;
mod tags;

/// Every kind.
pub(crate) fn kinds() -> impl Iterator<Item = &'static FaultKind> {
    [tags::KINDS, conditions::KINDS, representations::KINDS].into_iter().flatten()
}

/// A kind of fault.
#[derive(Debug)]
pub(crate) struct FaultKind {
    pub(crate) name: &'static str,
    /// What a world must have to have this fault, and may have without it.
    pub(crate) prepare: fn(&mut World, &mut Pcg64Mcg),
    /// Puts the fault in.
    pub(crate) apply: fn(&mut World, &mut Pcg64Mcg),
    /// Gives a sound world a harmless property by which all servers may answer as the faulty one was
    /// seen to.
    pub(crate) disguise: fn(&mut World),
    /// Findings that name it.
    pub(crate) named: &'static [&'static str],
    /// Clients that it harms.
    pub(crate) harms: Harms,
    /// Causes that `node-local-tag` may give.
    pub(crate) causes: &'static [&'static str],
}

/// Clients that a fault harms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Harms {
    /// Those that poll, which shows when they do.
    Polls,
    /// Others, or shared caches: it is wrong wherever it shows at all.
    Others,
    /// Nobody for long; a finding is allowed and none is asked for.
    Nobody,
}

/// Nothing harmless looks like it.
pub(crate) fn undisguised(_: &mut World) {}

/// Changes every server.
pub(crate) fn all(world: &mut World, change: impl Fn(&mut Site)) {
    world.sites.iter_mut().for_each(change);
}

/// Changes one server.
pub(crate) fn one(world: &mut World, random: &mut Pcg64Mcg, change: impl Fn(&mut Site)) {
    let at = random.random_range(0..world.sites.len());
    change(&mut world.sites[at]);
}

/// Changes every server, or now and then one of several.
pub(crate) fn some(world: &mut World, random: &mut Pcg64Mcg, change: impl Fn(&mut Site)) {
    if world.sites.len() > 1 && random.random_range(0..4) == 0 {
        one(world, random, change);
    } else {
        all(world, change);
    }
}
