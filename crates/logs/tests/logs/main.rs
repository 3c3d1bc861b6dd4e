//! Logs of fleets that are known by construction, judged from outside.

mod broken;
mod fleet;
mod healthy;
