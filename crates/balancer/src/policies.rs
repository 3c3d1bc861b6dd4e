//! Every policy there is, in the order in which users see them.
//!
//! To add one, write its file, and put its module and its entry here: the contract tests find it.

mod least_requests;
mod per_connection;
mod random;
mod round_robin;
mod sticky;

use crate::policy::PolicyEntry;

/// All policies; their names are unique.
pub static POLICIES: &[PolicyEntry] = &[
    round_robin::ENTRY,
    random::ENTRY,
    least_requests::ENTRY,
    sticky::ENTRY,
    per_connection::ENTRY,
];
