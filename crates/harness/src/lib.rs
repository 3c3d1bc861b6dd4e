//! Carries out a scenario: processes, load, measurement, record.
//!
//! ```text
//! Scenario ─► run ─► arm ─► tier (fleet or control plane) ─► processes
//!              │      └───► gateway, clients ─► Outcome
//!              └──► RunRecord ─► expectations
//! ```
//!
//! From the bottom up: `scratch` is the folder of a run, gone with it whatever ended it; `process` is
//! one child of the lab, `private_server` a product such as Redis. `fleet` and `control_plane` are the
//! two kinds of `tier`; `tag_store` is what a fleet may share. `arm` lets happen what the timeline holds
//! while clients poll, `run` goes from arm to arm. The crate `model` has the timeline, and plays the same
//! arm in virtual time.
//!
//! `live` is an arm without an end, which is given orders where others have a timeline; `standing` is one
//! without clients, for somebody else's requests.
//!
//! `shard` is the part of one process, `local_shards` starts all parts on this machine.
//!
//! Reads no scenario file and prints nothing.

pub mod ports;

mod arm;
mod control_plane;
mod disclosure;
mod editions;
mod error;
mod files;
mod fleet;
mod gateway;
mod live;
mod local_shards;
mod preflight;
mod private_server;
mod process;
mod remote;
mod run;
mod scratch;
mod serving;
mod shard;
mod stage;
mod standing;
mod tag_store;
mod tier;

pub use disclosure::Disclosure;
pub use error::RunError;
pub use files::{WriteError, check_file, check_folder, keep, write_atomically};
pub use live::{Live, LiveOrder, LiveRequest, at_rate, live};
pub use local_shards::{UndividedError, check_divisible, serve_part};
pub use process::{ProcessError, guard};
pub use remote::{POLL, PollError, Remote, poll};
pub use run::{Finished, Progress, Settings, circumstances, run};
pub use scratch::Scratch;
pub use shard::{BarrierError, LocalShards, Shard, ShardError, Sharding, StartTogether};
pub use standing::{Standing, StandingAt, stand};
