//! The rules of the RFCs: case by case as tables, and against models of them.

mod differential;
mod freshness;
mod preconditions;
mod range;
