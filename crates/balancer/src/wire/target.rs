//! The target of a request as the next hop is to see it (RFC 9112 §3.2).

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

/// The target to forward; `None` when it has none of the forms that this method may have.
pub(super) fn forwarded_target<'a>(method: &str, target: &'a str) -> Option<Target<'a>> {
    if target.starts_with('/') || (target == "*" && method == "OPTIONS") {
        return Some(Target { prefix: "", path: target, authority: None });
    }
    let rest = strip_scheme(target)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.is_empty() || authority.contains('@') {
        return None;
    }
    let prefix = match path.chars().next() {
        Some('/') => "",
        None if method == "OPTIONS" => "*",
        _ => "/",
    };
    Some(Target { prefix, path, authority: Some(authority) })
}

fn strip_scheme(target: &str) -> Option<&str> {
    ["http://", "https://"].into_iter().find_map(|scheme| {
        let start = target.get(..scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then(|| &target[scheme.len()..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, target: &str, expected: Option<(&str, Option<&str>)>) {
        let found = forwarded_target(method, target);
        let found = found.map(|t| (format!("{}{}", t.prefix, t.path), t.authority));
        assert_eq!(
            found,
            expected.map(|(path, host)| (path.to_owned(), host)),
            "{method} {target}"
        );
    }

    #[test]
    fn absolute_targets_become_origin_form() {
        check("GET", "/a?b", Some(("/a?b", None)));
        check("GET", "http://host:1/a?b", Some(("/a?b", Some("host:1"))));
        check("GET", "HTTPS://host", Some(("/", Some("host"))));
        check("GET", "http://host?q", Some(("/?q", Some("host"))));
        check("OPTIONS", "http://host", Some(("*", Some("host"))));
        check("OPTIONS", "*", Some(("*", None)));
    }

    #[test]
    fn other_forms_are_refused() {
        for target in ["*", "host:80", "http:///a", "http://user@host/", "ftp://host/", "a", ""] {
            check("GET", target, None);
        }
    }
}
