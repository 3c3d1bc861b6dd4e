//! A control plane as the tier of an arm: a source of routes, and proxies before it.
//!
//! It takes the place of a fleet, so that policies, edges, cadences, kills and reports work alike:
//! clients poll proxies where replicas were, or the source itself.
//!
//! - The lab makes the routes and compiles them with the code of proxy and source, so every content
//!   that a client takes is a known edition, or a fault. The delay of a change is the time from
//!   just before it is written until a client holds it or a later one.
//! - The source counts its requests itself: the stand-in all of them, etcd its `Range` and `Txn`
//!   calls, less those of the lab. A file that proxies read counts nothing, and nothing is reported
//!   of it.
//! - CPU time is that of the source's own processes; etcd reports its own, in steps of 10 ms.
//! - An outage kills etcd if the run started it, else the stand-in; an external etcd is never
//!   killed.
//! - No rate is predicted: it depends on how changes fall between the polls of a proxy in real
//!   time.

mod account;
mod freshness;
mod proxy;
mod routes;
mod source;
mod tier;

pub(crate) use self::tier::ControlPlaneTier;
