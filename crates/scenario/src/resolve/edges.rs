//! The balancer's edge: by name, by product, and when another one takes its place.

use std::num::NonZeroU32;

use balancer::EdgeEntry;
use balancer::catalogue::{EDGES, find_edge};

use super::{Given, Resolver};
use crate::diagnostic::{Result, shown};
use crate::file::{EventFile, EventKindKey};
use crate::{Arm, EdgeSwitch};
use text::suggestion;

/// Most entries of `accept-encoding`, and most characters of one.
const MOST_ENTRIES: usize = 64;
const LONGEST_ENTRY: usize = 200;

impl Resolver<'_> {
    /// The edge of this name, or of the product of this name.
    pub(super) fn edge(&self, given: &Given<String>) -> Result<&'static EdgeEntry> {
        let name = given.value.as_deref().unwrap_or_default();
        find_edge(name).ok_or_else(|| {
            let products = EDGES.iter().flat_map(|edge| edge.products);
            let known: Vec<_> = EDGES.iter().map(|edge| edge.name).collect();
            let all: Vec<_> = known.iter().chain(products).copied().collect();
            let title = format!("unknown edge `{}`", shown(name));
            let error = self.error(&given.path, title, "not an edge of the lab, nor a product");
            let near = text::nearest(name, &all);
            Box::new(match near {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(suggestion(name, &known)),
            })
        })
    }

    /// Values of `Accept-Encoding` that can stand in a request.
    pub(super) fn accept_encoding(&self, given: &Given<Vec<String>>) -> Result<Vec<String>> {
        let Some(entries) = &given.value else { return Ok(Vec::new()) };
        let allowed = |c: char| c.is_ascii_alphanumeric() || "*-_.;=, ".contains(c);
        let wrong =
            entries.iter().find(|entry| !entry.chars().all(allowed) || entry.len() > LONGEST_ENTRY);
        let label = match wrong {
            Some(entry) => format!("`{}` is not a list of content codings", shown(entry)),
            None if entries.is_empty() => "this list is empty".to_owned(),
            None if entries.len() > MOST_ENTRIES => "these are more than 64".to_owned(),
            None => return Ok(entries.clone()),
        };
        let title = "`accept-encoding` must say what clients accept, in turn";
        let help = "for example accept-encoding = [\"gzip\", \"identity\"]";
        Err(Box::new(self.error(&given.path, title, label).help(help)))
    }

    /// When another edge takes the place of the one before, in order.
    pub(super) fn edge_switches(&mut self, arms: &[Arm]) -> Result<Vec<EdgeSwitch>> {
        let files = self.file.event.clone().unwrap_or_default();
        let mut switches = Vec::new();
        for (index, file) in files.iter().enumerate() {
            if file.kind == Some(EventKindKey::Edge) {
                switches.push(self.edge_switch(index, file, arms)?);
            }
        }
        switches.sort_by_key(|switch: &EdgeSwitch| switch.at_poll);
        Ok(switches)
    }

    fn edge_switch(&mut self, index: usize, file: &EventFile, arms: &[Arm]) -> Result<EdgeSwitch> {
        let at_poll = self.at_poll("event", index, file.at_poll, arms)?;
        let number = index.to_string();
        if file.replica.is_some() {
            let path = ["event", &number, "replica"];
            let error = self.error(&path, "an edge has no replica", "it stands before all of them");
            return Err(Box::new(error.help("leave `replica` out")));
        }
        if file.edge.is_none() {
            let error = self.error(&["event", &number], "this event needs an `edge`", "which one?");
            return Err(Box::new(error.help("edge = \"gzip-suffix\" (`etag-lab list edges`)")));
        }
        let edge = self.edge(&Given::of(file.edge.clone(), &["event", &number, "edge"]))?;
        let arm = self.event_arm(index, file, arms)?;
        Ok(EdgeSwitch { at_poll, edge, arm })
    }
}

/// Gives each arm what happens in it.
pub(super) fn distribute(switches: &[EdgeSwitch], arms: &mut [Arm]) {
    for arm in arms {
        let of_arm = switches
            .iter()
            .filter(|switch| switch.arm.as_ref().is_none_or(|name| *name == arm.name))
            .filter_map(|switch| Some((NonZeroU32::new(switch.at_poll)?, switch.edge)));
        arm.setup.edge_switches = of_arm.collect();
    }
}
