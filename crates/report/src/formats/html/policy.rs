//! Content security policy of the page: it shows itself in our style. Nothing is loaded, run, framed
//! or sent.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use super::markup::Element;

const SHEET: &str = include_str!("style.css");

/// A style sheet is allowed by its hash, so that even a style that slipped in would do nothing.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(Sha256::digest(SHEET));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
});

/// The Content-Security-Policy (W3C CSP Level 3) of the page.
pub(super) fn element() -> Element {
    Element::new("meta").with("http-equiv", "Content-Security-Policy").with("content", &*POLICY)
}

/// The style sheet that the policy allows.
pub(super) fn style() -> Element {
    Element::style(SHEET)
}
