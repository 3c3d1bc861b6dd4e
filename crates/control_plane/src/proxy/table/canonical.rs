//! One spelling for each JSON value: members sorted by name, no white space, strings escaped in one
//! way.
//!
//! Numbers keep the digits they were written with: read into a machine's number, a long or a
//! fractional one could become another. Of members with the same name the last counts.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

// Each level is read once more for every level above it, so a deep document would cost its square.
const MAX_DEPTH: usize = 64;

/// Members of an object by name, each as it was written.
pub(crate) type Members<'a> = BTreeMap<String, &'a RawValue>;

pub(super) fn write(value: &RawValue, to: &mut Vec<u8>) -> serde_json::Result<()> {
    write_at(value, MAX_DEPTH, to)
}

fn write_at(value: &RawValue, depth: usize, to: &mut Vec<u8>) -> serde_json::Result<()> {
    let text = value.get();
    let deeper = || depth.checked_sub(1).ok_or_else(too_deep);
    match text.as_bytes().first() {
        Some(b'{') => {
            let depth = deeper()?;
            object(&serde_json::from_str(text)?, to, |member, to| write_at(member, depth, to))
        }
        Some(b'[') => array(text, deeper()?, to),
        // Once read, escapes are spelled in one way.
        Some(b'"') => serde_json::to_writer(to, &serde_json::from_str::<String>(text)?),
        _ => {
            to.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }
}

/// Appends an object whose members `write` appends.
pub(super) fn object<'a>(
    members: &Members<'a>,
    to: &mut Vec<u8>,
    mut write: impl FnMut(&'a RawValue, &mut Vec<u8>) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    let mut separator = b'{';
    for (name, member) in members {
        to.push(separator);
        separator = b',';
        serde_json::to_writer(&mut *to, name)?;
        to.push(b':');
        write(member, to)?;
    }
    if separator == b'{' {
        to.push(b'{');
    }
    to.push(b'}');
    Ok(())
}

fn array(text: &str, depth: usize, to: &mut Vec<u8>) -> serde_json::Result<()> {
    // Borrowed, so that nothing is copied on the way down.
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Elements<'a>(#[serde(borrow)] Vec<&'a RawValue>);

    to.push(b'[');
    for (index, element) in serde_json::from_str::<Elements<'_>>(text)?.0.into_iter().enumerate() {
        if index > 0 {
            to.push(b',');
        }
        write_at(element, depth, to)?;
    }
    to.push(b']');
    Ok(())
}

fn too_deep() -> serde_json::Error {
    serde::de::Error::custom(format_args!("values are nested deeper than {MAX_DEPTH} levels"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> serde_json::Result<String> {
        let mut written = Vec::new();
        write(serde_json::from_str(text)?, &mut written)?;
        Ok(String::from_utf8_lossy(&written).into_owned())
    }

    fn check(text: &str, expected: &str) {
        let written = canonical(text).expect("it is JSON");
        assert_eq!(written, expected);
        assert_eq!(canonical(&written).ok().as_deref(), Some(expected), "it is its own form");
    }

    #[test]
    fn members_are_sorted_and_white_space_is_gone() {
        check(
            "{ \"b\" : [ 1 , { \"d\":2, \"c\":{} } ] ,\n\"a\": null }",
            r#"{"a":null,"b":[1,{"c":{},"d":2}]}"#,
        );
        check(" [ ] ", "[]");
    }

    #[test]
    fn numbers_keep_their_digits() {
        check(
            "[1.0, 1, 18446744073709551617, 0.1000000000000000055511151231257827, 1E2, -0]",
            "[1.0,1,18446744073709551617,0.1000000000000000055511151231257827,1E2,-0]",
        );
    }

    #[test]
    fn strings_have_one_spelling() {
        check(r#"{"\u0061\/":"\u00e9\n"}"#, r#"{"a/":"é\n"}"#);
    }

    #[test]
    fn of_equal_names_the_last_counts() {
        check(r#"{"a":1,"a":2,"\u0061":3}"#, r#"{"a":3}"#);
    }

    #[test]
    fn what_is_nested_without_end_is_an_error_and_not_the_end() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(canonical(&nested(MAX_DEPTH)).is_ok());
        let error = canonical(&nested(100_000)).map_err(|error| error.to_string());
        assert_eq!(error, Err("values are nested deeper than 64 levels".to_owned()));
    }
}
