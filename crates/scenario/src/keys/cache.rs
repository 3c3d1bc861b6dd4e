//! Key of `[cache]`, which stands between clients and balancer.

use cache::catalogue::{CACHES, find};

use super::{Catalogue, Kind, Table, field, set};

static CACHE_NAMES: Catalogue = Catalogue {
    what: "cache",
    list: "caches",
    unknown: "not a cache of the lab, nor a product",
    names: || CACHES.iter().map(|cache| cache.name).collect(),
    aliases: || CACHES.iter().flat_map(|cache| cache.products).copied().collect(),
};

pub(super) const TABLE: Table = Table {
    name: "cache",
    is_list: false,
    doc: "A shared cache between clients and balancer (RFC 9111).",
    rivals: None,
    keys: &[field("kind", Kind::Name(&CACHE_NAMES))
        .default("none")
        .doc(
            "Way in which it treats stale responses, or a product that does it (`etag-lab list \
             caches`). In lock-step and shuffled cadences each round of polls is one `interval` by \
             its clock.",
        )
        .flag("cache", "CACHE")
        .per_arm(|given, draft| set(&mut draft.setup.cache, given.entry(find)))],
};
