//! Polling clients against servers on raw sockets, which keep what they read.

mod capture;
mod head;
mod hostile;
mod poll_interval;
mod resuming;
mod support;
mod tables;
mod validation;
mod writing;
