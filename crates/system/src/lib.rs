//! Refusals, delays and shortages of the operating system, handled once for every server and command:
//!
//! - [`file`]: a file read whole, whatever somebody has put in its place;
//! - [`replace`]: a file replaced whole, whenever the process or the machine stops;
//! - [`accept`]: connections accepted, also when descriptors run out;
//! - [`socket`]: what the other side of a connection has, and how it sees its end.
//!
//! Knows neither HTTP nor the meaning of any content.

pub mod accept;
pub mod file;
mod file_error;
pub mod replace;
pub mod socket;

pub use accept::Acceptor;
pub use file_error::FileError;
