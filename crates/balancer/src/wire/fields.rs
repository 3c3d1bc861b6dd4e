//! Fields that a gateway keeps, drops or reads (RFC 9110 §7.6.1).
//!
//! Names of end-to-end fields appear here only where forwarding depends on them.

use ::wire::head::decimal;
use httparse::Header;

use super::PSEUDONYM;

/// Meaning of a field to this gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing: passed on.
    EndToEnd,
    /// Meant for the next hop only: dropped.
    HopByHop,
    TransferEncoding,
    ContentLength,
    Host,
    Date,
    MaxForwards,
    LabClient,
    LabReplica,
}

pub(super) fn role(name: &str) -> Role {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    match name.len() {
        2 if is("te") => Role::HopByHop,
        4 if is("host") => Role::Host,
        4 if is("date") => Role::Date,
        7 if is("upgrade") => Role::HopByHop,
        10 if is("connection") || is("keep-alive") => Role::HopByHop,
        10 if is(truth::CLIENT_FIELD) => Role::LabClient,
        11 if is(truth::REPLICA_FIELD) => Role::LabReplica,
        12 if is("max-forwards") => Role::MaxForwards,
        14 if is("content-length") => Role::ContentLength,
        16 if is("proxy-connection") => Role::HopByHop,
        17 if is("transfer-encoding") => Role::TransferEncoding,
        _ => Role::EndToEnd,
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ConnectionOptions {
    pub(super) close: bool,
    pub(super) keep_alive: bool,
    /// True when they name other fields; [`is_named`] finds out which.
    pub(super) names_fields: bool,
}

pub(super) fn connection_options(fields: &[Header<'_>]) -> ConnectionOptions {
    let mut options = ConnectionOptions::default();
    for option in listed_options(fields) {
        if option.eq_ignore_ascii_case(b"close") {
            options.close = true;
        } else if option.eq_ignore_ascii_case(b"keep-alive") {
            options.keep_alive = true;
        } else {
            options.names_fields = true;
        }
    }
    options
}

/// True when a `Connection` field names this one, and may: a message would lose its framing or its
/// target with the fields for which the answer is always no.
pub(super) fn is_named(name: &str, role: Role, fields: &[Header<'_>]) -> bool {
    let essential = matches!(role, Role::ContentLength | Role::TransferEncoding | Role::Host);
    !essential && listed_options(fields).any(|option| option.eq_ignore_ascii_case(name.as_bytes()))
}

fn listed_options<'a>(fields: &'a [Header<'a>]) -> impl Iterator<Item = &'a [u8]> {
    fields
        .iter()
        .filter(|field| field.name.len() == 10 && field.name.eq_ignore_ascii_case("connection"))
        .flat_map(|field| field.value.split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|option| !option.is_empty())
}

/// The value of a `Content-Length` field: digits only, as a list of equal ones at most
/// (RFC 9112 §6.3); `None` for anything else, or when it contradicts an earlier field.
pub(super) fn content_length(earlier: Option<u64>, value: &[u8]) -> Option<u64> {
    let mut length = earlier;
    for item in value.split(|&byte| byte == b',') {
        let item = decimal(item.trim_ascii())?;
        if length.is_some_and(|length| length != item) {
            return None;
        }
        length = Some(item);
    }
    length
}

pub(crate) fn push_field(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// Appends this gateway's own `Via` line, for a message received as HTTP/1.`minor`.
pub(super) fn push_via(out: &mut Vec<u8>, minor: u8) {
    out.extend_from_slice(if minor == 0 { b"via: 1.0 " } else { b"via: 1.1 " });
    out.extend_from_slice(PSEUDONYM.as_bytes());
    out.extend_from_slice(b"\r\n");
}

pub(super) fn push_date(out: &mut Vec<u8>) {
    push_field(out, "date", httpdate::fmt_http_date(std::time::SystemTime::now()).as_bytes());
}

/// The line that declares a replica which does not declare itself.
pub(crate) fn declaration_line(replica: truth::ReplicaId) -> Vec<u8> {
    let declaration = truth::Declaration { replica, content: None };
    let mut line = Vec::new();
    push_field(&mut line, truth::REPLICA_FIELD, declaration.to_string().as_bytes());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_digits_and_agree() {
        for (values, expected) in [
            (vec!["0"], Some(0)),
            (vec!["12", "12"], Some(12)),
            (vec!["5, 5"], Some(5)),
            (vec!["5", "6"], None),
            (vec!["5,6"], None),
            (vec!["+5"], None),
            (vec!["-1"], None),
            (vec![""], None),
            (vec!["5,"], None),
            (vec!["0x5"], None),
            (vec!["99999999999999999999"], None),
        ] {
            let read = |length: Result<Option<u64>, ()>, value: &&str| {
                content_length(length?, value.as_bytes()).map(Some).ok_or(())
            };
            let found = values.iter().fold(Ok(None), read).ok().flatten();
            assert_eq!(found, expected, "{values:?}");
        }
    }

    #[test]
    fn the_connection_field_names_others_but_never_the_framing() {
        let fields = [
            Header { name: "Connection", value: b"close, X-Private,, content-length" },
            Header { name: "connection", value: b"HOST , transfer-encoding" },
        ];
        let options = connection_options(&fields);
        assert!(options.close && options.names_fields && !options.keep_alive);
        let named = |name: &str| is_named(name, role(name), &fields);
        assert!(named("x-private"));
        assert!(!["Content-Length", "Host", "Transfer-Encoding", "x-other"].into_iter().any(named));
    }
}
