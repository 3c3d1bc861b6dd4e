//! The shared list of requests, read from `requests.txt`.

use std::sync::LazyLock;

use super::row::Row;

static ROWS: LazyLock<Vec<Row>> =
    LazyLock::new(|| include_str!("requests.txt").lines().filter_map(Row::read).collect());

/// Every row, in the order of the file.
pub(crate) fn all() -> impl Iterator<Item = &'static Row> {
    ROWS.iter()
}

/// Rows that change nothing.
pub(crate) fn reads() -> impl Iterator<Item = &'static Row> {
    all().filter(|row| !row.is_put())
}

/// Rows that may change the resource, and have to find it as it was.
pub(crate) fn puts() -> impl Iterator<Item = &'static Row> {
    all().filter(|row| row.is_put())
}
