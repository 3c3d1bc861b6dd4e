//! The rules against models of them: straightforward, slow, and written without a look at the code.
//!
//! What the models read is nearly valid: valid text with a few octets changed, because arbitrary
//! octets are refused at their first one. `scripts/fuzz` runs this with a million cases and more
//! of each test, everything else with a few (`cases`).

mod bytes;
mod cases;
mod codings;
mod dates;
mod lines;
mod near;
mod precedence;
mod ranges;
mod tags;
