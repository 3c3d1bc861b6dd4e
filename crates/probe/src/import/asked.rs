//! A request of a capture as the findings read it.

use findings::evidence::{FieldLines, Method, ObservedRequest};

/// Names that have a place of their own in a request.
const READ: [&str; 6] =
    ["accept-encoding", "if-none-match", "if-match", "if-modified-since", "range", "if-range"];

/// Method that can be judged in a capture; `None` of any other.
pub(super) fn method(name: &str) -> Option<Method> {
    [Method::Get, Method::Head].into_iter().find(|method| method.name() == name)
}

/// The fields of a request, those that its answer depends on first of all.
pub(super) fn asked(method: Method, fields: &FieldLines) -> ObservedRequest {
    let tags = fields.get("if-none-match").unwrap_or_default();
    let any = tags == b"*";
    let value = |name: &str| fields.get(name).map(<[u8]>::to_vec);
    ObservedRequest {
        method,
        accept_encoding: fields.text("accept-encoding"),
        none_match: if any { Vec::new() } else { members(tags) },
        any,
        modified_since: value("if-modified-since"),
        matching: members(fields.get("if-match").unwrap_or_default()),
        range: value("range"),
        if_range: value("if-range"),
        fields: fields.iter().filter(|(name, _)| !READ.contains(name)).collect(),
    }
}

/// The members of a list of tags; commas between quotes belong to a tag.
fn members(list: &[u8]) -> Vec<Vec<u8>> {
    let mut quoted = false;
    let members = list.split(|&byte| {
        quoted ^= byte == b'"';
        byte == b',' && !quoted
    });
    members.map(<[u8]>::trim_ascii).filter(|one| !one.is_empty()).map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_taken_apart_outside_quotes() {
        assert_eq!(members(b"\"a,b\", W/\"c\""), [b"\"a,b\"".to_vec(), b"W/\"c\"".to_vec()]);
        assert!(members(b"").is_empty());
    }
}
