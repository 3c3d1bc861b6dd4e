//! The contents that clients can see of each edition of the routes, path by path.
//!
//! The table is compiled by the code that a proxy runs, so that its bytes are known here and a
//! client that took them can be recognised.

use control_plane::proxy::table::{Route, RouteError, Table, TableError};
use control_plane::source::{self, LIST_PATH, NotARoute, RouteList};
use serde_json::Value;
use thiserror::Error;
use truth::ContentId;

use super::freshness::Contents;
use super::routes::{Routes, zone_name};
use scenario::{Change, ControlPlane, Granularity};

/// An edition of the lab's routes that cannot be served: always a fault of the lab.
#[derive(Debug, Error)]
pub enum EditionError {
    /// A route is malformed.
    #[error("a route of the lab is malformed: {0}")]
    Route(#[from] RouteError),
    /// The routes make no table.
    #[error("the routes of the lab make no table: {0}")]
    Table(#[from] TableError),
    /// The routes make no list.
    #[error("the routes of the lab make no list: {0}")]
    List(#[from] NotARoute),
}

/// The editions of one arm, and the contents of those that the source has had.
#[derive(Debug)]
pub(super) struct RouteEditions {
    routes: Routes,
    contents: Contents,
    paths: Vec<String>,
    is_direct: bool,
    granularity: Granularity,
    visible_zone: Option<String>,
}

impl RouteEditions {
    pub(super) fn of(plane: &ControlPlane, changes: &[Change], seed: u64) -> Self {
        let routes = Routes::of(plane, changes, seed);
        let visible_zone = plane.only_zone.map(zone_name);
        let mut editions = Self {
            routes,
            contents: Contents::default(),
            paths: Vec::new(),
            is_direct: plane.is_direct(),
            granularity: plane.granularity,
            visible_zone,
        };
        editions.paths = editions.paths_of(&editions.routes(0));
        editions
    }

    /// Paths that clients poll, each one of these in turn; at least one.
    pub(super) fn paths(&self) -> &[String] {
        &self.paths
    }

    /// The only zone that proxies see, where they are set up wrongly.
    pub(super) fn visible_zone(&self) -> Option<&str> {
        self.visible_zone.as_deref()
    }

    /// The routes of an edition, counted from 0.
    pub(super) fn routes(&self, edition: u32) -> Vec<Value> {
        self.routes.edition(edition)
    }

    /// The contents of the editions so far.
    pub(super) fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Notes the next edition as the source has it.
    pub(super) fn push(&mut self, snapshot: &RouteList) -> Result<(), EditionError> {
        let contents = if self.is_direct {
            vec![ContentId::of(&source::list(snapshot, None)?)]
        } else {
            self.compiled(&snapshot.routes)?
        };
        self.contents.push(contents);
        Ok(())
    }

    fn compiled(&self, routes: &[Value]) -> Result<Vec<ContentId>, EditionError> {
        let routes =
            self.visible(routes).map(|route| Route::parse(route.to_string().as_bytes(), None));
        let routes = routes.collect::<Result<Vec<_>, _>>()?;
        Ok(match self.granularity {
            Granularity::Table => vec![ContentId::of(Table::compile(routes)?.content())],
            Granularity::Route => {
                routes.iter().map(|route| ContentId::of(route.content())).collect()
            }
        })
    }

    fn paths_of(&self, routes: &[Value]) -> Vec<String> {
        let text = |route: &Value, name: &str| route[name].as_str().unwrap_or_default().to_owned();
        match (self.is_direct, self.granularity) {
            (true, _) => vec![LIST_PATH.to_owned()],
            (false, Granularity::Table) => vec!["/routes".to_owned()],
            (false, Granularity::Route) => self
                .visible(routes)
                .map(|route| {
                    // A slash within a segment is not one between segments.
                    let id = text(route, "id").replace('/', "%2F");
                    format!("/routes/{}/{id}", text(route, "zone"))
                })
                .collect(),
        }
    }

    fn visible<'a>(&self, routes: &'a [Value]) -> impl Iterator<Item = &'a Value> {
        let zone = self.visible_zone.clone();
        routes.iter().filter(move |route| zone.as_ref().is_none_or(|zone| route["zone"] == *zone))
    }
}
