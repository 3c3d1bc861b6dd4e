//! An arm whose rate is to be predicted, and the prediction.

use scenario::{Arm, Resource, Scenario, Setup};

use crate::editions::Editions;
use crate::timeline::{FleetStep, Timeline};

/// Virtual runs that show, if they all agree, that chance plays no part.
pub(super) const ENOUGH: usize = 20;

/// The expected share of conditional requests answered 304.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Prediction {
    /// In `0.0..=1.0`.
    pub(crate) ratio: f64,
    /// The range of 99.9 of 100 runs; `None` where chance plays no part.
    pub(crate) interval: Option<[f64; 2]>,
}

/// An arm with replicas of the lab.
pub(super) struct Case<'a> {
    pub(super) strategy: &'static strategies::Entry,
    pub(super) scenario: &'a Scenario,
    pub(super) setup: &'a Setup,
    pub(super) editions: &'a Editions,
    pub(super) timeline: Timeline<FleetStep>,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        strategy: &'static strategies::Entry,
        scenario: &'a Scenario,
        arm: &'a Arm,
        editions: &'a Editions,
    ) -> Self {
        let timeline = Timeline::of_fleet(scenario, arm);
        Self { strategy, scenario, setup: &arm.setup, editions, timeline }
    }

    pub(super) fn resource(&self) -> &'a Resource {
        &self.scenario.resource
    }
}
