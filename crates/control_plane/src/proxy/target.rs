//! The path of a request, parsed.
//!
//! Zones and ids may hold any text: they are percent-encoded in a path (RFC 3986 §2.1), and what
//! does not decode to UTF-8 names nothing. A query means nothing.

use std::borrow::Cow;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestTarget<'a> {
    /// `/routes`: the whole table.
    Table,
    /// `/routes/ZONE`: the table of a zone.
    Zone(Cow<'a, str>),
    /// `/routes/ZONE/ID`: one route. Slashes in the id may be encoded or not: proxies decode them.
    Route(Cow<'a, str>, Cow<'a, str>),
    Health,
    Metrics,
    Diff,
    /// `*`: the server itself.
    Server,
    Unknown,
}

impl<'a> RequestTarget<'a> {
    pub(crate) fn of(path: &'a str) -> Self {
        match path {
            "/routes" => Self::Table,
            "/health" => Self::Health,
            "/metrics" => Self::Metrics,
            "/diff" => Self::Diff,
            "*" => Self::Server,
            _ => path.strip_prefix("/routes/").and_then(Self::below).unwrap_or(Self::Unknown),
        }
    }

    fn below(rest: &'a str) -> Option<Self> {
        let (zone, id) = match rest.split_once('/') {
            Some((zone, id)) => (zone, Some(id)),
            None => (rest, None),
        };
        let zone = decoded(zone).filter(|zone| !zone.is_empty())?;
        let Some(id) = id else { return Some(Self::Zone(zone)) };
        Some(Self::Route(zone, decoded(id).filter(|id| !id.is_empty())?))
    }
}

/// `None` for what is no percent-encoded UTF-8.
pub(crate) fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'%' {
            octets.push(first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        octets.push(hex(digits[0])? << 4 | hex(digits[1])?);
        rest = after;
    }
    String::from_utf8(octets).ok().map(Cow::Owned)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &RequestTarget<'_>) {
        assert_eq!(&RequestTarget::of(path), expected, "{path}");
    }

    fn route<'a>(zone: &'a str, id: &'a str) -> RequestTarget<'a> {
        RequestTarget::Route(zone.into(), id.into())
    }

    #[test]
    fn paths_name_tables_zones_and_routes() {
        check("/routes", &RequestTarget::Table);
        check("/routes/eu", &RequestTarget::Zone("eu".into()));
        check("/routes/eu/a", &route("eu", "a"));
        check("/routes/-/prod/shop", &route("-", "prod/shop"));
        check("/routes/-/prod%2Fshop", &route("-", "prod/shop"));
        check("/routes/a%2fb/%C3%BC%25", &route("a/b", "ü%"));
    }

    #[test]
    fn anything_else_names_nothing() {
        for path in [
            "/",
            "/routes/",
            "/routes//a",
            "/routes/a/",
            "/Routes",
            "/routesx",
            "/health/",
            "/routes/%",
            "/routes/%4",
            "/routes/%zz",
            "/routes/%ff",
            "/routes/a/%c3",
        ] {
            check(path, &RequestTarget::Unknown);
        }
    }
}
