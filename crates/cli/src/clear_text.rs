//! Warnings of credentials that anybody on the way can read: those that go to another machine without
//! TLS.

use std::net::IpAddr;

use text::secret::is_secret_name;
use wire::url::{RequestField, Url};

use crate::output;

/// Way out for servers that speak HTTP.
pub(crate) const USE_HTTPS: &str = "use https://";

/// Warns, in one line, if what a flag gives goes over plain HTTP.
pub(crate) fn warn(flag: &str, url: &Url, way_out: &str) {
    if let Some(warning) = warning(flag, &url.host, url.is_tls, way_out) {
        output::note(&warning);
    }
}

/// Warns of the first of these fields that holds a credential.
pub(crate) fn warn_of_fields(fields: &[RequestField], url: &Url, way_out: &str) {
    if let Some((name, _)) = fields.iter().find(|(name, _)| is_secret_name(name.as_str())) {
        warn(&format!("-H '{name}: …'"), url, way_out);
    }
}

/// Warns of the password of a Redis store, which is never encrypted.
pub(crate) fn warn_of_store(store: &str, has_password_file: bool) {
    let Some(rest) = store.strip_prefix("redis://") else { return };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let host = host.trim_matches(['[', ']']);
    let is_given = has_password_file || user.contains(':');
    let way_out = "reach it through a tunnel with TLS";
    if let Some(warning) = warning("the password of the store", host, !is_given, way_out) {
        output::note(&warning);
    }
}

fn warning(what: &str, host: &str, is_hidden: bool, way_out: &str) -> Option<String> {
    let is_name = || host == "localhost" || host.ends_with(".localhost");
    let is_near =
        host.parse::<IpAddr>().map_or_else(|_| is_name(), |address| address.is_loopback());
    let host = text::excerpt(host);
    (!is_hidden && !is_near)
        .then(|| format!("warning: {what} goes to {host} in clear text; {way_out}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leaves_the_machine_without_tls_is_warned_of() {
        for host in ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"] {
            assert_eq!(warning("--user", host, false, USE_HTTPS), None, "{host}");
        }
        let expected = "warning: --user goes to db.example in clear text; use https://";
        assert_eq!(warning("--user", "db.example", false, USE_HTTPS).as_deref(), Some(expected));
        assert_eq!(warning("--user", "db.example", true, USE_HTTPS), None);
    }
}
