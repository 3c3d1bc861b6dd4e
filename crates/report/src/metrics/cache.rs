//! The rows of a shared cache: what it answered by itself, and what it asked the origin for.

use super::{Metric, measured, number, row, size};
use crate::change::Change;

pub(super) static ROWS: &[Metric] = &[
    row("answered by the cache", ["answered", "by the cache"], "cache_hits", number)
        .when(measured)
        .begins_block(),
    row("revalidated at the origin", ["revali-", "dated"], "cache_revalidated", number)
        .when(measured),
    row("fetched from the origin", ["fetched", "from origin"], "cache_fetched", number)
        .when(measured),
    row("bytes from the origin", ["bytes from", "the origin"], "cache_bytes_from_origin", size)
        .when(measured)
        .headline(Change::Percent),
];
