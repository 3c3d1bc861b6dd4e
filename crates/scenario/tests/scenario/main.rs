//! Descriptions of runs from outside: sound ones, every known mistake, and what is expected of a run.

mod errors;
mod expectation;
mod page;
mod sound;
