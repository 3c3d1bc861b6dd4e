//! The diagnosis without a socket: simulated fleets, foreign archives, and its page.

mod archives;
mod documentation;
mod pastes;
mod plan;
mod reports;
mod worlds;
