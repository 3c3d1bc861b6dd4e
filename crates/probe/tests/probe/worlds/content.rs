//! Contents of simulated servers.

use std::fmt::Write as _;

use std::cell::RefCell;
use std::collections::HashMap;

use findings::evidence::{Digests, ObservedRequest};

use super::site::Site;
use super::tag::{EPOCH, Moment, Process};

/// Content for a request, decoded.
pub(crate) fn of(
    site: &Site,
    process: &Process,
    moment: &Moment,
    asked: &ObservedRequest,
) -> Vec<u8> {
    let form = site.content;
    let mut text = format!("{{\"edition\":{}", moment.edition);
    let order: [&str; 3] = if form.is_unordered && process.id % 2 == 1 {
        ["gamma", "alpha", "beta"]
    } else {
        ["alpha", "beta", "gamma"]
    };
    let mut push = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            write!(text, ",\"{name}\":\"{value}\"").expect("a string takes all");
        }
    };
    push("host", form.has_host.then(|| format!("web-{}", process.id + 1)));
    push("token", form.has_nonce.then(|| format!("{:016x}", moment.nonce)));
    push("now", form.has_clock.then(|| (EPOCH + moment.at / 1_000).to_string()));
    let follows = site.follows.filter(|it| it.is_of_content);
    let value = follows.map(|it| asked.fields.text(it.field).unwrap_or_default());
    push("for", value);
    let grown = if form.grows { moment.edition as usize } else { 0 };
    push("filling", Some("x".repeat(form.filling + grown)));
    write!(text, ",\"items\":[\"{}\"]}}", order.join("\",\"")).expect("a string takes all");
    text.into_bytes()
}

thread_local! {
    static KNOWN: RefCell<HashMap<Vec<u8>, Digests>> = RefCell::default();
}

/// Hashes of a content: most are met again and again, and hashing is what costs most here.
pub(crate) fn digests(content: &[u8]) -> Digests {
    const MOST: usize = 256;
    KNOWN.with_borrow_mut(|known| {
        if let Some(digests) = known.get(content) {
            return *digests;
        }
        if known.len() >= MOST {
            known.clear();
        }
        *known.entry(content.to_vec()).or_insert_with(|| Digests::of(content))
    })
}
