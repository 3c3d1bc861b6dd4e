//! Logs of fleets that are known by construction, judged from outside.

mod broken;
mod fleet;
mod formats;
mod healthy;
mod inputs;
mod privacy;
mod shares;
