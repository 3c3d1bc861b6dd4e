//! The target of a request as the next hop is to see it (RFC 9112 §3.2).

use semantics::host;

use super::reply::Reply;

const MALFORMED: Reply = Reply::new(400, "malformed request target");

/// A target in origin form or asterisk form, and the authority that an absolute one named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target<'a> {
    /// Stands before the path: `/` where an absolute target has a query and no path, else nothing.
    pub(super) prefix: &'static str,
    /// Path and query, or `*`.
    pub(super) path: &'a str,
    /// Replaces the `Host` field (RFC 9112 §3.2.2).
    pub(super) authority: Option<&'a str>,
}

/// The target to forward; the reply to one that has none of the forms that this method may have.
pub(super) fn forwarded_target<'a>(method: &str, target: &'a str) -> Result<Target<'a>, Reply> {
    // A fragment is never sent (RFC 9110 §7.1); whether a cache on the way cuts it off, nobody knows.
    if target.as_bytes().contains(&b'#') {
        return Err(Reply::new(400, "a request target has no fragment"));
    }
    if target.starts_with('/') || (target == "*" && method == "OPTIONS") {
        return Ok(Target { prefix: "", path: target, authority: None });
    }
    // Whoever believes to talk in secret has to be told, as the replica would (RFC 9110 §7.4).
    if after_scheme(target, "https://").is_some() {
        return Err(Reply::new(421, "https is not spoken here"));
    }
    let rest = after_scheme(target, "http://").ok_or(MALFORMED)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    // User information is there to deceive (RFC 9110 §4.2.4): no host has it.
    if authority.is_empty() || !host::is_host(authority.as_bytes()) {
        return Err(MALFORMED);
    }
    let prefix = match path.chars().next() {
        Some('/') => "",
        None if method == "OPTIONS" => "*",
        _ => "/",
    };
    Ok(Target { prefix, path, authority: Some(authority) })
}

fn after_scheme<'a>(target: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = target.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, target: &str, expected: Result<(&str, Option<&str>), u16>) {
        let found = forwarded_target(method, target);
        let found = found.map(|t| (format!("{}{}", t.prefix, t.path), t.authority));
        assert_eq!(
            found.map_err(|reply| reply.status),
            expected.map(|(path, host)| (path.to_owned(), host)),
            "{method} {target}"
        );
    }

    #[test]
    fn absolute_targets_become_origin_form() {
        check("GET", "/a?b", Ok(("/a?b", None)));
        check("GET", "http://host:1/a?b", Ok(("/a?b", Some("host:1"))));
        check("GET", "HTTP://host", Ok(("/", Some("host"))));
        check("GET", "http://host?q", Ok(("/?q", Some("host"))));
        check("OPTIONS", "http://host", Ok(("*", Some("host"))));
        check("OPTIONS", "*", Ok(("*", None)));
    }

    #[test]
    fn other_forms_are_refused() {
        for target in [
            "*",
            "host:80",
            "http:///a",
            "http://user@host/",
            "ftp://host/",
            "a",
            "",
            "/a#b",
            "*#a",
            "http://host#a",
            "http://host/a#b",
            "http://a b/",
            "http://[::1/",
            "http://host:x/",
        ] {
            check("GET", target, Err(400));
        }
        check("GET", "https://host/", Err(421));
        check("GET", "HTTPS://user@host", Err(421));
    }
}
