//! Every cache there is, in the order in which users see them.
//!
//! One more is an entry here: products differ in few ways.

use std::time::Duration;

/// A cache as users meet it.
#[derive(Debug)]
pub struct CacheEntry {
    /// Name in scenarios and on the command line, in kebab-case, unique.
    pub name: &'static str,
    /// Its behaviour, in one sentence.
    pub summary: &'static str,
    /// Products that do this; each is another name for the cache.
    pub products: &'static [&'static str],
    /// The effect on the origin, in one fragment.
    pub effect: &'static str,
    /// The behaviour itself; `None` for no cache at all.
    pub behaviour: Option<Behaviour>,
}

/// Ways in which shared caches differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// True if a stale response is validated (RFC 9111 §4.3); otherwise it is fetched anew.
    pub revalidates: bool,
    /// Time for which a stale response is answered with while the origin is asked, where the response
    /// does not say so itself (`stale-while-revalidate`, RFC 5861 §3).
    pub grace: Duration,
    /// Number of caches that clients meet in turn before the one that asks the origin; 0 for a
    /// single cache.
    pub points_of_presence: usize,
}

impl Behaviour {
    /// One cache that validates and lets clients wait.
    pub(crate) const PLAIN: Self =
        Self { revalidates: true, grace: Duration::ZERO, points_of_presence: 0 };
}

/// All caches; their names, and those of the products, are unique.
pub static CACHES: &[CacheEntry] = &[
    CacheEntry {
        name: "none",
        summary: "Clients ask the balancer.",
        products: &[],
        effect: "every poll reaches a replica",
        behaviour: None,
    },
    CacheEntry {
        name: "revalidating",
        summary: "Stores responses, and validates stale ones with the stored tag.",
        products: &["nginx-revalidate", "httpd-cache", "squid"],
        effect: "an origin with honest tags sends its content once",
        behaviour: Some(Behaviour::PLAIN),
    },
    CacheEntry {
        name: "refetching",
        summary: "Stores responses, and fetches stale ones anew without a condition.",
        products: &["nginx-cache"],
        effect: "the origin sends its content each time it is stale, whatever its tags",
        behaviour: Some(Behaviour { revalidates: false, ..Behaviour::PLAIN }),
    },
    CacheEntry {
        name: "grace",
        summary: "Answers with a stale response for ten more seconds and validates it meanwhile.",
        products: &["varnish"],
        effect: "no client waits for the origin, and each change arrives one request later",
        behaviour: Some(Behaviour { grace: Duration::from_secs(10), ..Behaviour::PLAIN }),
    },
    CacheEntry {
        name: "shielded",
        summary: "Two points of presence that clients meet in turn, before one cache that asks the \
                  origin.",
        products: &["cdn-shield"],
        effect: "the origin is asked by one cache, clients may meet the tags of two",
        behaviour: Some(Behaviour { points_of_presence: 2, ..Behaviour::PLAIN }),
    },
];

/// The entry of this name, or of a product's.
pub fn find(name: &str) -> Option<&'static CacheEntry> {
    CACHES.iter().find(|entry| entry.name == name || entry.products.contains(&name))
}

/// The entry without a cache.
pub fn no_cache() -> &'static CacheEntry {
    &CACHES[0]
}

// By name alone, as entries are known.
impl PartialEq for CacheEntry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for CacheEntry {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        let mut names: Vec<_> = CACHES.iter().map(|entry| entry.name).collect();
        names.extend(CACHES.iter().flat_map(|entry| entry.products));
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(names.iter().all(|name| find(name).is_some()));
        assert!(find("no-such-cache").is_none() && no_cache().behaviour.is_none());
    }
}
